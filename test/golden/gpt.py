"""Writes gpt.json: what PyTorch computes for one small GPT. Run: python3 test/golden/gpt.py (PyTorch 1.13 or later).

Parameters, symbols, targets, logits, loss, every gradient, and the losses of ten AdamW steps. Tensors are little-endian
float32 in base64. The model is written out here from the papers, with Hugging Face's names and half-split rotary form;
the repository's own code is not used.
"""

import base64
import json
import math
import pathlib

import torch
import torch.nn.functional as F

FORMAT_VERSION = 1
CONFIG = {
    "vocabularySize": 61,
    "hiddenSize": 32,
    "numLayers": 2,
    "numHeads": 4,
    "numKeyValueHeads": 2,
    "intermediateSize": 48,
    "contextLength": 16,
    "rotaryBase": 10000,
    "normEpsilon": 1e-5,
}
BATCH, TIME = 2, 12
ADAMW = {
    "steps": 10,
    "learningRate": 0.003,
    "beta1": 0.9,
    "beta2": 0.95,
    "epsilon": 1e-8,
    "weightDecay": 0.1,
    "clipNorm": 0.5,
}


def parameter_shapes():
    hidden, wide = CONFIG["hiddenSize"], CONFIG["intermediateSize"]
    narrow = CONFIG["numKeyValueHeads"] * hidden // CONFIG["numHeads"]
    shapes = {"model.embed_tokens.weight": (CONFIG["vocabularySize"], hidden)}
    for layer in range(CONFIG["numLayers"]):
        at = f"model.layers.{layer}"
        shapes[f"{at}.input_layernorm.weight"] = (hidden,)
        shapes[f"{at}.self_attn.q_proj.weight"] = (hidden, hidden)
        shapes[f"{at}.self_attn.k_proj.weight"] = (narrow, hidden)
        shapes[f"{at}.self_attn.v_proj.weight"] = (narrow, hidden)
        shapes[f"{at}.self_attn.o_proj.weight"] = (hidden, hidden)
        shapes[f"{at}.post_attention_layernorm.weight"] = (hidden,)
        shapes[f"{at}.mlp.gate_proj.weight"] = (wide, hidden)
        shapes[f"{at}.mlp.up_proj.weight"] = (wide, hidden)
        shapes[f"{at}.mlp.down_proj.weight"] = (hidden, wide)
    shapes["model.norm.weight"] = (hidden,)
    return shapes


def rms_norm(x, weight):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + CONFIG["normEpsilon"]) * weight


def rotate(x):  # [batch, heads, time, D]
    head_dim, time = x.shape[-1], x.shape[-2]
    frequencies = CONFIG["rotaryBase"] ** (-torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim)
    angles = torch.outer(torch.arange(time, dtype=torch.float64), frequencies)
    angles = torch.cat([angles, angles], dim=-1)
    first, second = x.chunk(2, dim=-1)
    turned = torch.cat([-second, first], dim=-1)
    return x * angles.cos().to(x.dtype) + turned * angles.sin().to(x.dtype)


def attention(x, parameters, at):
    batch, time, hidden = x.shape
    heads, groups = CONFIG["numHeads"], CONFIG["numHeads"] // CONFIG["numKeyValueHeads"]

    def split(name, count):
        return (x @ parameters[f"{at}.{name}.weight"].T).view(batch, time, count, hidden // heads).transpose(1, 2)

    q = rotate(split("q_proj", heads))
    k = rotate(split("k_proj", heads // groups)).repeat_interleave(groups, dim=1)
    v = split("v_proj", heads // groups).repeat_interleave(groups, dim=1)
    products = q @ k.transpose(-1, -2) / math.sqrt(hidden // heads)
    future = torch.ones(time, time, dtype=torch.bool).triu(1)
    mixed = products.masked_fill(future, -math.inf).softmax(-1) @ v  # [batch, heads, time, D]
    return mixed.transpose(1, 2).reshape(batch, time, hidden) @ parameters[f"{at}.o_proj.weight"].T


def feed_forward(x, parameters, at):
    gate = F.silu(x @ parameters[f"{at}.gate_proj.weight"].T)
    return (gate * (x @ parameters[f"{at}.up_proj.weight"].T)) @ parameters[f"{at}.down_proj.weight"].T


def logits_of(parameters, symbols):
    x = parameters["model.embed_tokens.weight"][symbols]
    for layer in range(CONFIG["numLayers"]):
        at = f"model.layers.{layer}"
        x = x + attention(rms_norm(x, parameters[f"{at}.input_layernorm.weight"]), parameters, f"{at}.self_attn")
        x = x + feed_forward(rms_norm(x, parameters[f"{at}.post_attention_layernorm.weight"]), parameters, f"{at}.mlp")
    return rms_norm(x, parameters["model.norm.weight"]) @ parameters["model.embed_tokens.weight"].T


def loss_of(parameters, symbols, targets):
    logits = logits_of(parameters, symbols)
    return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def encoded(tensor):
    return base64.b64encode(tensor.detach().contiguous().numpy().astype("<f4").tobytes()).decode("ascii")


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    parameters = {}
    for name, shape in parameter_shapes().items():
        noise = torch.randn(shape)
        value = 1 + 0.1 * noise if len(shape) == 1 else noise * (0.3 if "embed" in name else shape[1] ** -0.5)
        parameters[name] = value.requires_grad_()
    symbols = torch.randint(CONFIG["vocabularySize"], (BATCH, TIME))
    targets = torch.randint(CONFIG["vocabularySize"], (BATCH, TIME))
    logits, loss = loss_of(parameters, symbols, targets)
    loss.backward()
    golden = {
        "formatVersion": FORMAT_VERSION,
        "script": "test/golden/gpt.py",
        "torch": torch.__version__,
        "config": CONFIG,
        "batch": BATCH,
        "time": TIME,
        "symbols": symbols.flatten().tolist(),
        "targets": targets.flatten().tolist(),
        "parameters": {name: encoded(value) for name, value in parameters.items()},
        "logits": encoded(logits),
        "lossNats": loss.item(),
        "gradients": {name: encoded(value.grad) for name, value in parameters.items()},
    }

    decayed = [v for name, v in parameters.items() if v.dim() == 2 and "embed" not in name]
    others = [v for name, v in parameters.items() if v.dim() != 2 or "embed" in name]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": ADAMW["weightDecay"]}, {"params": others, "weight_decay": 0.0}],
        lr=ADAMW["learningRate"],
        betas=(ADAMW["beta1"], ADAMW["beta2"]),
        eps=ADAMW["epsilon"],
    )
    losses, norms = [], []
    for _ in range(ADAMW["steps"]):
        optimizer.zero_grad()
        _, loss = loss_of(parameters, symbols, targets)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(list(parameters.values()), ADAMW["clipNorm"]).item())
        optimizer.step()
        losses.append(loss.item())
    golden["adamw"] = ADAMW
    golden["adamwLosses"] = losses
    golden["adamwGradientNorms"] = norms

    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden, indent=1) + "\n")
    print(path, path.stat().st_size, "bytes; losses", losses, "norms", norms)


if __name__ == "__main__":
    main()
