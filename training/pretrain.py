"""Pretrains the GPT of src/models/gpt.ts on packed symbols: one large GPU (bfloat16, compiled), or a CPU for rehearsals (float32).

  python3 training/pretrain.py train    --pack PACK --run RUN --out OUT --minutes 18 --stop-after 540
  python3 training/pretrain.py evaluate --pack PACK --run RUN
  python3 training/pretrain.py sweep    --pack PACK --rates 0.002,0.004,0.008 --minutes 1
  python3 training/pretrain.py join     --out OUT --to weights.safetensors

Resumable at any moment: RUN keeps the checkpoint with the optimizer's state, and the same command goes on from it; where RUN is lost,
--begin-from goes on from the parameters alone. OUT gets the parameters in half precision, with Hugging Face's Llama names, as one
safetensors file cut into pieces of at most 15.9 MiB. The learning rate warms up, stays, and falls to nothing by the clock: --minutes
are minutes of training, over all calls together.
"""

import argparse
import contextlib
import json
import math
import os
import signal
import sys
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rows as training_rows
import weights

CONFIG = {
    "hiddenSize": 512,
    "numLayers": 10,
    "numHeads": 8,
    "numKeyValueHeads": 4,
    "intermediateSize": 1280,
    "contextLength": 2048,
    "rotaryBase": 10000,
    "normEpsilon": 1e-5,
}
STARTED = time.monotonic()
MUON_RATE_RATIO = 5
MUON_MOMENTUM = 0.95
NEWTON_SCHULZ = (3.4445, -4.775, 2.0315)
LAST_RATE = 0.02
LOG_SECONDS = 10
# The first steps compile and fill queues: the clock of the schedule begins after them.
UNTIMED_STEPS = 3


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        hidden, self.heads = config["hiddenSize"], config["numHeads"]
        self.key_heads, self.head_dim = config["numKeyValueHeads"], hidden // config["numHeads"]
        narrow = self.key_heads * self.head_dim
        self.q_proj = nn.Linear(hidden, hidden, bias=False)
        self.k_proj = nn.Linear(hidden, narrow, bias=False)
        self.v_proj = nn.Linear(hidden, narrow, bias=False)
        self.o_proj = nn.Linear(hidden, hidden, bias=False)

    def forward(self, x, cos, sin):
        B, T, C = x.shape
        # One product for the three: narrow matrices use a GPU badly.
        joined = F.linear(x, torch.cat([self.q_proj.weight, self.k_proj.weight, self.v_proj.weight]))
        q, k, v = joined.view(B, T, -1, self.head_dim).split([self.heads, self.key_heads, self.key_heads], dim=2)
        group = self.heads // self.key_heads
        q, k = rotate(q, cos, sin).transpose(1, 2), rotate(k, cos, sin).transpose(1, 2)  # [B, heads, T, D]
        k, v = k.repeat_interleave(group, 1), v.transpose(1, 2).repeat_interleave(group, 1)
        return self.o_proj(causal_attention(q, k, v).transpose(1, 2).reshape(B, T, C))


def rotate(x, cos, sin):  # x [B, T, heads, D], cos and sin [T, 1, D/2]
    first, second = x.chunk(2, -1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1).to(x.dtype)


def causal_attention(q, k, v):
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    time = q.shape[-2]
    future = torch.ones(time, time, dtype=torch.bool, device=q.device).triu(1)
    products = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).masked_fill(future, -math.inf)
    return products.softmax(-1) @ v


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        hidden, wide = config["hiddenSize"], config["intermediateSize"]
        self.gate_proj = nn.Linear(hidden, wide, bias=False)
        self.up_proj = nn.Linear(hidden, wide, bias=False)
        self.down_proj = nn.Linear(wide, hidden, bias=False)

    def forward(self, x):
        gate, up = F.linear(x, torch.cat([self.gate_proj.weight, self.up_proj.weight])).chunk(2, -1)
        return self.down_proj(F.silu(gate) * up)


class RmsNorm(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.weight, self.epsilon = nn.Parameter(torch.ones(config["hiddenSize"])), config["normEpsilon"]

    def forward(self, x):
        wide = x.float()
        return (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight).to(x.dtype)


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.input_layernorm, self.self_attn = RmsNorm(config), Attention(config)
        self.post_attention_layernorm, self.mlp = RmsNorm(config), FeedForward(config)

    def forward(self, x, cos, sin):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class Gpt(nn.Module):
    """Names of parameters are Hugging Face's; the output matrix is the embedding table."""

    def __init__(self, config, vocabulary_size, narrow=None):
        super().__init__()
        self.narrow = narrow
        self.model = nn.Module()
        self.model.embed_tokens = nn.Embedding(vocabulary_size, config["hiddenSize"])
        self.model.layers = nn.ModuleList(Layer(config) for _ in range(config["numLayers"]))
        self.model.norm = RmsNorm(config)
        half = config["hiddenSize"] // config["numHeads"] // 2
        frequencies = config["rotaryBase"] ** (-torch.arange(half, dtype=torch.float64) / half)
        angles = torch.outer(torch.arange(config["contextLength"], dtype=torch.float64), frequencies)[:, None]
        self.register_buffer("cos", angles.cos().float(), persistent=False)  # [context, 1, D/2]
        self.register_buffer("sin", angles.sin().float(), persistent=False)
        for name, weight in self.named_parameters():
            if "embed_tokens" in name:
                # Logits of size one at first; 0.1 at width 512 began at 11.9 nats.
                nn.init.normal_(weight, std=config["hiddenSize"] ** -0.5)
            elif weight.dim() == 2:
                residual = 1 / math.sqrt(2 * config["numLayers"]) if "o_proj" in name or "down_proj" in name else 1
                nn.init.normal_(weight, std=residual / math.sqrt(weight.shape[1]))

    def forward(self, symbols, targets=None):
        """Logits [B, T, vocab]; with targets the loss of each, in nats, [B, T]."""
        T = symbols.shape[1]
        x = self.model.embed_tokens(symbols)
        if self.narrow is not None:
            x = x.to(self.narrow)
        for layer in self.model.layers:
            x = layer(x, self.cos[:T], self.sin[:T])
        logits = F.linear(self.model.norm(x), self.model.embed_tokens.weight)
        if targets is None:
            return logits
        return F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), reduction="none").view(targets.shape)


class Muon:
    """Momentum, then the nearest orthogonal matrix, for the hidden matrices (Jordan et al. 2024), as src/train/muon.ts. Matrices of one
    shape are treated together."""

    def __init__(self, weights, weight_decay):
        self.weights, self.weight_decay = weights, weight_decay
        self.momentum = [torch.zeros_like(w) for w in weights]
        self.groups = {}
        for index, weight in enumerate(weights):
            self.groups.setdefault(tuple(weight.shape), []).append(index)

    @torch.no_grad()
    def step(self, rate):
        for (height, width), indices in self.groups.items():
            for i in indices:
                self.momentum[i].lerp_(self.weights[i].grad, 1 - MUON_MOMENTUM)
            x = torch.stack([self.weights[i].grad.lerp(self.momentum[i], MUON_MOMENTUM) for i in indices])
            size = MUON_RATE_RATIO * rate * math.sqrt(max(1, height / width))
            for i, direction in zip(indices, orthogonalized(x)):
                self.weights[i].mul_(1 - rate * self.weight_decay).add_(direction.to(self.weights[i].dtype), alpha=-size)


def orthogonalized(x):
    a, b, c = NEWTON_SCHULZ
    tall = x.shape[1] > x.shape[2]
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    x = x.bfloat16() if x.is_cuda else x
    x = x.transpose(1, 2) if tall else x
    for _ in range(5):
        gram = x @ x.transpose(1, 2)
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.transpose(1, 2) if tall else x


class Run:
    """Model, optimizers and counters: all that a checkpoint keeps."""

    def __init__(self, options, config, vocabulary_size, device):
        torch.manual_seed(options.seed)
        self.seed, self.config, self.device = options.seed, {**config, "vocabularySize": vocabulary_size}, device
        on_gpu = device == "cuda"
        self.model = Gpt(config, vocabulary_size, torch.bfloat16 if on_gpu else None).to(device)
        self.forward = torch.compile(self.model, dynamic=False) if on_gpu and not options.no_compile else self.model
        named = list(self.model.named_parameters())
        self.matrices = [w for name, w in named if w.dim() == 2 and "embed_tokens" not in name]
        others = [w for name, w in named if w.dim() != 2 or "embed_tokens" in name]
        self.muon = Muon(self.matrices, options.weight_decay)
        self.adamw = torch.optim.AdamW(others, lr=1.0, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0)
        self.counters = {"step": 0, "batch": 0, "symbols": 0, "seconds": 0.0, "decayStart": None, "warmFrom": 0}

    def losses(self, batch, forward):
        """batch: [rows, time + 1] of 16-bit symbols -> nats for each target [rows, time]. `forward`: compiled for training; for a few
        rows, and without gradients, which would be compiled once more, the model itself."""
        symbols = torch.from_numpy(batch.astype(np.int32))
        if self.device == "cuda":
            # From pinned memory a copy does not wait for what the GPU has yet to do.
            symbols = symbols.pin_memory().to(self.device, non_blocking=True)
        symbols = symbols.long()
        with torch.autocast("cuda", torch.bfloat16) if self.device == "cuda" else contextlib.nullcontext():
            return forward(symbols[:, :-1].contiguous(), symbols[:, 1:].contiguous())

    def update(self, rate, clip_norm):
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), clip_norm)
        for group in self.adamw.param_groups:
            group["lr"] = rate
        self.adamw.step()
        self.muon.step(rate)
        self.model.zero_grad(set_to_none=True)
        return norm

    def save(self, folder):
        os.makedirs(folder, exist_ok=True)
        state = {"parameters": self.model.state_dict(), "momentum": self.muon.momentum, "adamw": self.adamw.state_dict()}
        unfinished = os.path.join(folder, "checkpoint.part")
        torch.save({**state, "counters": self.counters, "config": self.config}, unfinished)
        os.replace(unfinished, os.path.join(folder, "checkpoint.pt"))

    def restore(self, folder):
        path = os.path.join(folder, "checkpoint.pt")
        if not os.path.exists(path):
            return False
        state = torch.load(path, map_location=self.device)
        if {**state["config"], "contextLength": 0} != {**self.config, "contextLength": 0}:
            raise ValueError(f"{path}: expected the configuration {self.config}, got {state['config']}; use another --run")
        self.model.load_state_dict(state["parameters"])
        self.muon.momentum = state["momentum"]
        self.adamw.load_state_dict(state["adamw"])
        self.counters = state["counters"]
        return True


    def begin_from(self, path):
        """Parameters and counters of a joined file, where the checkpoint is lost: the optimizers begin afresh, and warm up."""
        tensors, training = weights.read_tensors(path)
        self.model.load_state_dict({name: torch.from_numpy(value.astype(np.float32)) for name, value in tensors.items()})
        self.counters = {name: training.get(name, value) for name, value in self.counters.items()}
        self.counters["warmFrom"] = self.counters["step"]


def parse_accumulation(text):
    """'1@0,2@0.3': one batch for each step at first, two from three tenths of the time on."""
    pairs = [item.split("@") for item in text.split(",")]
    return [(float(begin), int(count)) for count, begin in pairs]


def learning_rate(options, step, progress):
    warmth = min(1, (step + 1) / max(1, options.warmup))
    falling = 1.0 if progress < 1 - options.decay else max(LAST_RATE, (1 - progress) / options.decay)
    return options.learning_rate * min(warmth, falling)


def train(options, run, batches, held_out, log):
    """Until the time is up; returns the last validation. `--stop-after` ends the call earlier, to be gone on with."""
    called = time.monotonic()
    counters, budget = run.counters, options.minutes * 60
    accumulation = parse_accumulation(options.accumulate)
    batches.begin(counters["batch"])
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append("stopped"))
    spent = counters["seconds"]
    began, since = None, {"time": time.monotonic(), "symbols": counters["symbols"], "loss": [], "saved": time.monotonic()}
    first_step = counters["step"]
    try:
        while True:
            progress = counters["seconds"] / budget
            if options.steps and counters["step"] - first_step >= options.steps:
                stopping.append("as many steps as asked for")
            if time.monotonic() - STARTED > options.stop_after:
                stopping.append("--stop-after")
            if progress >= 1 or stopping:
                break
            count = [n for begin, n in accumulation if begin <= progress][-1]
            for _ in range(count):
                loss = run.losses(batches.next(), run.forward).mean()
                (loss / count).backward()
            rate = learning_rate(options, counters["step"] - counters["warmFrom"], progress)
            norm = run.update(rate, options.clip_norm)
            counters["step"] += 1
            counters["batch"] += count
            counters["symbols"] += count * options.batch * options.time
            if counters["decayStart"] is None and progress >= 1 - options.decay:
                counters["decayStart"] = counters["step"]
            since["loss"].append(loss.detach())
            if counters["step"] - first_step == UNTIMED_STEPS:
                loss.item()  # Waits for the device.
                began = time.monotonic()
                log({"compiledSeconds": round(began - called, 1)})
                since.update(time=began, symbols=counters["symbols"], loss=[])
            now = time.monotonic()
            if began is not None:
                counters["seconds"] = spent + now - began
            if began is not None and now - since["time"] > options.log_seconds:
                mean = torch.stack(since["loss"]).mean().item()
                now = time.monotonic()
                pace = (counters["symbols"] - since["symbols"]) / (now - since["time"])
                row = {"step": counters["step"], "symbols": counters["symbols"], "lossNats": round(mean, 4)}
                row.update(norm=round(float(norm), 3), rate=round(rate, 6), minutes=round(counters["seconds"] / 60, 2))
                log({**row, "symbolsPerSecond": round(pace)})
                if not math.isfinite(mean):
                    raise FloatingPointError("the loss is not finite; lower --learning-rate")
                since.update(time=now, symbols=counters["symbols"], loss=[])
            if now - since["saved"] > options.save_seconds:
                since["saved"] = now
                keep(options, run, log, held_out)
    finally:
        batches.close()
    log({"stopped": stopping[0] if stopping else "the time is up", **counters})
    return keep(options, run, log, held_out, full=not stopping and options.command == "train")


def keep(options, run, log, held_out, full=False):
    """Checkpoint, weights and validation, in this order: what is lost last matters most."""
    if options.run:
        run.save(options.run)
    if options.out:
        write_weights(options.out, run)
    return validate(options, run, held_out, log, full) if held_out else None


def validate(options, run, held_out, log, full):
    part = held_out if full else held_out[:: max(1, len(held_out) // options.validation_windows)]
    nats, by_extension = evaluate_windows(run, part, options.batch)
    result = summary(by_extension)
    log({"validation": "all" if full else "some", "bitsPerByte": result["total"], **middle_loss(options, run)})
    if full:
        log({"bitsPerByteByExtension": result})
    return result["total"]


@torch.no_grad()
def evaluate_windows(run, windows, rows_at_once):
    """Sums of nats and bytes by extension over windows of rows.whole_text_windows, made ready by `held_out_windows`."""
    total, by_extension = 0.0, {}
    for first in range(0, len(windows), rows_at_once):
        some = windows[first : first + rows_at_once]
        batch = np.stack([row for row, *_ in some] + [some[0][0]] * (rows_at_once - len(some)))
        losses = run.losses(batch, run.model).double().cpu().numpy()
        for loss, (_, counted, to, extension, num_bytes) in zip(losses, some):
            nats = float(loss[counted:to].sum())
            total += nats
            sums = by_extension.setdefault(extension, [0.0, 0])
            sums[0] += nats
            sums[1] += num_bytes
    return total, by_extension


def held_out_windows(pack, context, documents=None):
    windows = []
    chosen = range(len(pack)) if documents is None else documents
    for row, counted, to, document in training_rows.whole_text_windows(pack, chosen, context):
        num_bytes = int(pack.symbol_bytes[row[1 + counted : 1 + to]].sum())
        windows.append((row, counted, to, pack.extensions[document], num_bytes))
    return windows


def summary(by_extension):
    ratio = lambda nats, num_bytes: round(nats / math.log(2) / num_bytes, 5) if num_bytes else None
    totals = [sum(sums[i] for sums in by_extension.values()) for i in (0, 1)]
    ordered = sorted(by_extension, key=lambda e: -by_extension[e][1])
    return {"total": ratio(*totals), **{e: ratio(*by_extension[e]) for e in ordered if by_extension[e][1] >= 2000}}


@torch.no_grad()
def middle_loss(options, run):
    """Nats for each symbol of held-out middles: whether holes are learnt, which the loss of all symbols hides."""
    if not options.middles:
        return {}
    losses = run.losses(options.middles[0], run.model)
    mask = torch.from_numpy(options.middles[1]).to(losses.device)
    return {"middleNats": round(float((losses * mask).sum() / mask.sum()), 4)}


def held_out_middles(pack, options):
    sampler = training_rows.RowSampler(pack, options.time, {**training_rows.MIX, "infill": 1.0, "neighbors": 0.0}, 1)
    batch = sampler.batch(0, options.batch)
    middle, ends = pack.specials["middle"], (pack.specials["end"], pack.specials["start"])
    mask = np.zeros((len(batch), options.time), np.float32)
    for row, marks in zip(batch, mask):
        inside = False
        for at in range(options.time):
            inside = row[at] == middle or (inside and row[at] not in ends)
            marks[at] = inside
    return batch, mask


def write_weights(folder, run):
    tensors = {name: w.detach().to("cpu", torch.float16).contiguous().numpy() for name, w in run.model.named_parameters()}
    weights.write_pieces(folder, tensors, {**run.counters, "seed": run.seed, "config": run.config})


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("train", "evaluate", "sweep", "join"))
    add = parser.add_argument
    add("--pack", help="folder of corpus/pack.mjs")
    add("--run", help="folder of the checkpoint; it stays on the machine")
    add("--out", help="folder of the weights' pieces and the log")
    add("--to", help="join: the file to write")
    add("--begin-from", help="train: a joined file to go on from where RUN has no checkpoint")
    add("--config", default="{}", help="JSON, over the defaults")
    add("--minutes", type=float, default=18.0, help="of training, over all calls; sweep: for each rate")
    add("--stop-after", type=float, default=math.inf, help="seconds after which this call saves and ends")
    add("--steps", type=int, default=0, help="at most so many in this call")
    add("--time", type=int, default=0, help="symbols in a row; the context's length by default")
    add("--batch", type=int, default=64, help="rows at once")
    add("--accumulate", default="1@0,2@0.3", help="batches for each step, from which share of the time on")
    add("--learning-rate", type=float, default=0.004)
    add("--rates", default="0.002,0.004,0.008", help="sweep: learning rates")
    add("--warmup", type=int, default=100, help="steps")
    add("--decay", type=float, default=0.3, help="share of the time, at its end, in which the rate falls")
    add("--weight-decay", type=float, default=0.1)
    add("--clip-norm", type=float, default=1.0)
    add("--mix", default="{}", help="JSON, over the defaults of rows.py")
    add("--validation-windows", type=int, default=256, help="of the held-out texts, during the run")
    add("--save-seconds", type=float, default=120.0)
    add("--log-seconds", type=float, default=LOG_SECONDS)
    add("--workers", type=int, default=8, help="processes that draw rows; 0: none")
    add("--threads", type=int, default=0)
    add("--seed", type=int, default=1)
    add("--no-compile", action="store_true")
    return parser.parse_args()


def main():
    options = arguments()
    if options.command == "join":
        return weights.join(options.out, options.to)
    if options.threads:
        torch.set_num_threads(options.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda":
        torch.set_float32_matmul_precision("high")
    config = {**CONFIG, **json.loads(options.config)}
    options.time = options.time or config["contextLength"]
    held_out_pack = training_rows.Pack(options.pack, "heldout")
    vocabulary_size = held_out_pack.meta["vocabularySize"]
    held_out = held_out_windows(held_out_pack, config["contextLength"])
    options.middles = held_out_middles(held_out_pack, options)
    log_file = None
    if options.out:
        os.makedirs(options.out, exist_ok=True)
        log_file = open(os.path.join(options.out, "log.jsonl"), "a", encoding="utf-8")

    def log(row):
        text = json.dumps(row)
        print(text, flush=True)
        if log_file:
            print(text, file=log_file, flush=True)

    if options.command == "evaluate":
        run = Run(options, config, vocabulary_size, device)
        if not run.restore(options.run):
            raise FileNotFoundError(f"evaluate: expected a checkpoint in {options.run}, got none")
        return validate(options, run, held_out, log, full=True)

    pack = training_rows.Pack(options.pack, "train")
    sampler = training_rows.RowSampler(pack, options.time, {**training_rows.MIX, **json.loads(options.mix)}, options.seed)
    log({"device": device, "torch": torch.__version__, "config": config})
    log({"documents": len(pack), "symbols": len(pack.symbols), "missingShards": pack.missing})
    rates = options.rates.split(",") if options.command == "sweep" else [options.learning_rate]
    # Their processes are made before a GPU is touched, which does not survive a fork.
    feeds = [training_rows.Batches(sampler, options.batch, options.workers) for _ in rates]
    if options.command == "sweep":
        options.run = options.out = None
        results = {}
        for rate, batches in zip(rates, feeds):
            options.learning_rate = float(rate)
            log({"learningRate": options.learning_rate})
            results[rate] = train(options, Run(options, config, vocabulary_size, device), batches, held_out, log)
        return log({"sweep": results})
    run = Run(options, config, vocabulary_size, device)
    resumed = run.restore(options.run)
    if not resumed and options.begin_from:
        run.begin_from(options.begin_from)
    log({"resumed": resumed, "parameters": sum(w.numel() for w in run.model.parameters()), **run.counters})
    return train(options, run, feeds[0], held_out, log)


if __name__ == "__main__":
    main()
