"""The peer in training: the GPT of src/models/gpt.ts in PyTorch, eager, on the CPU. Started by bench/train.ts.

    python3 bench/peers/gpt.py '{"config": {...}, "batch": 4, "time": 512}'

Takes its steps by "adamw" or "muon". Symbols are random. How it is asked: peer.py.
"""

import math

import peer
import torch
import torch.nn.functional as F

MOMENTUM, RATE_RATIO, NEWTON_SCHULZ = 0.95, 5.0, (3.4445, -4.775, 2.0315)


class Gpt:
    def __init__(self, config, time):
        self.config = config
        hidden, wide, layers = config["hiddenSize"], config["intermediateSize"], config["numLayers"]
        self.head_dim = hidden // config["numHeads"]
        narrow = config["numKeyValueHeads"] * self.head_dim
        self.embedding = normal(config["vocabularySize"], hidden)
        self.norm = torch.ones(hidden, requires_grad=True)
        # Query, key and value are one product, as gate and up are: what one would write for speed.
        self.layers = [
            {
                "attention_norm": torch.ones(hidden, requires_grad=True),
                "qkv": normal(hidden + 2 * narrow, hidden),
                "out": normal(hidden, hidden),
                "mlp_norm": torch.ones(hidden, requires_grad=True),
                "gate_up": normal(2 * wide, hidden),
                "down": normal(hidden, wide),
            }
            for _ in range(layers)
        ]
        exponents = torch.arange(0, self.head_dim, 2) / self.head_dim
        angles = torch.outer(torch.arange(time), config["rotaryBase"] ** -exponents)  # [time, D / 2]
        self.cos, self.sin = angles.cos(), angles.sin()
        self.future = torch.ones(time, time, dtype=torch.bool).triu(1)

    def matrices(self):
        return [value for layer in self.layers for value in layer.values() if value.dim() == 2]

    def others(self):
        norms = [value for layer in self.layers for value in layer.values() if value.dim() == 1]
        return [self.embedding, self.norm, *norms]

    def loss(self, symbols, targets):
        x = F.embedding(symbols, self.embedding)  # [batch, time, hidden]
        for layer in self.layers:
            x = x + self.attention(self.rms_norm(x, layer["attention_norm"]), layer)
            gate, up = F.linear(self.rms_norm(x, layer["mlp_norm"]), layer["gate_up"]).chunk(2, -1)
            x = x + F.linear(F.silu(gate) * up, layer["down"])
        logits = F.linear(self.rms_norm(x, self.norm), self.embedding)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())

    def rms_norm(self, x, weight):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.config["normEpsilon"]) * weight

    def attention(self, x, layer):
        batch, time, hidden = x.shape
        heads, kv_heads, head_dim = self.config["numHeads"], self.config["numKeyValueHeads"], self.head_dim
        parts = F.linear(x, layer["qkv"]).split([hidden, kv_heads * head_dim, kv_heads * head_dim], -1)
        q, k, v = (part.view(batch, time, -1, head_dim).transpose(1, 2) for part in parts)  # [batch, heads, time, D]
        q, k = self.rotate(q), self.rotate(k)
        k, v = (part.repeat_interleave(heads // kv_heads, 1) for part in (k, v))
        if hasattr(F, "scaled_dot_product_attention"):  # PyTorch 2
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            products = q @ k.transpose(-1, -2) / math.sqrt(head_dim)
            mixed = products.masked_fill(self.future, -math.inf).softmax(-1) @ v
        return F.linear(mixed.transpose(1, 2).reshape(batch, time, hidden), layer["out"])

    def rotate(self, x):
        left, right = x.chunk(2, -1)
        return torch.cat((left * self.cos - right * self.sin, right * self.cos + left * self.sin), -1)


def normal(rows, columns):
    return (torch.randn(rows, columns) / math.sqrt(columns)).requires_grad_()


class Muon(torch.optim.Optimizer):
    """As src/train/muon.ts: momentum with Nesterov's look-ahead, made orthogonal by five Newton-Schulz steps."""

    def __init__(self, matrices):
        super().__init__(matrices, {})

    @torch.no_grad()
    def step(self):
        a, b, c = NEWTON_SCHULZ
        for matrix in self.param_groups[0]["params"]:
            state = self.state[matrix]
            momentum = state.setdefault("momentum", torch.zeros_like(matrix)).lerp_(matrix.grad, 1 - MOMENTUM)
            x = matrix.grad.lerp(momentum, MOMENTUM)
            tall = x.shape[0] > x.shape[1]
            x = x.T if tall else x
            x = x / (x.norm() + 1e-7)
            for _ in range(5):
                gram = x @ x.T
                x = a * x + (b * gram + c * gram @ gram) @ x
            matrix.mul_(1 - peer.LEARNING_RATE * peer.WEIGHT_DECAY)
            scale = math.sqrt(max(1.0, matrix.shape[0] / matrix.shape[1]))
            matrix.sub_(x.T if tall else x, alpha=peer.LEARNING_RATE * RATE_RATIO * scale)


def optimizers_of(model, name):
    if name == "adamw":
        return [peer.adamw(model.matrices(), model.others())]
    return [Muon(model.matrices()), peer.adamw([], model.others())]


def main():
    task = peer.read_task()
    config, batch, length = task["config"], task["batch"], task["time"]
    model = Gpt(config, length)
    parameters = [*model.matrices(), *model.others()]
    optimizers = {name: optimizers_of(model, name) for name in ("adamw", "muon")}
    symbols, targets = (torch.randint(config["vocabularySize"], (batch, length)) for _ in range(2))

    def loss():
        return model.loss(symbols, targets)

    num_parameters = sum(p.numel() for p in parameters)
    peer.answer_requests(num_parameters, lambda name: peer.take_step(loss, parameters, optimizers[name]))


if __name__ == "__main__":
    main()
