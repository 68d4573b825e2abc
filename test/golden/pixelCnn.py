"""Writes pixelCnn.json: what PyTorch computes for three small PixelCNNs. Run: python3 test/golden/pixelCnn.py (PyTorch 1.13 or later).

Plain masked convolutions as they are commonly written: kernels of full size whose weights are multiplied by a mask. A grey model
of plain layers, an RGB one of residual blocks and a gated one. Of a kernel the file has what its mask lets through, place by
place. Parameters, logits, loss, every gradient, and the losses of ten AdamW steps; tensors are little-endian float32 in
base64. The repository's own code is not used.
"""

import base64
import json
import pathlib

import torch
import torch.nn.functional as F
from torch import nn

FORMAT_VERSION = 1
BATCH = 3
COLORS = ("red", "green", "blue")
CONFIGS = [
    {"width": 6, "height": 5, "channels": 1, "levels": 9, "block": "plain", "hiddenSize": 16, "numLayers": 2,
     "firstKernel": 7, "kernel": 3, "outputSize": 0},
    {"width": 4, "height": 4, "channels": 3, "levels": 5, "block": "residual", "hiddenSize": 12, "numLayers": 1,
     "firstKernel": 5, "kernel": 3, "outputSize": 6},
    {"width": 6, "height": 5, "channels": 1, "levels": 4, "block": "gated", "hiddenSize": 5, "numLayers": 2,
     "firstKernel": 5, "kernel": 3, "outputSize": 4},
]
ADAMW = {
    "steps": 10,
    "learningRate": 0.003,
    "beta1": 0.9,
    "beta2": 0.95,
    "epsilon": 1e-8,
    "weightDecay": 0.1,
    "clipNorm": 0.5,
}


class MaskedConv2d(nn.Conv2d):
    """Rows below and pixels to the right are masked; at the center, groups of channels that come later, with A the own one, too."""

    def __init__(self, name, kind, channels, inputs, outputs, kernel):
        super().__init__(inputs, outputs, kernel, padding=tuple(size // 2 for size in kernel))
        self.name, self.kind, self.channels = name, kind, channels
        height, width = kernel
        mask = torch.ones_like(self.weight)
        mask[:, :, height // 2 + 1 :, :] = 0
        if kind != "vertical":
            mask[:, :, height // 2, width // 2 + 1 :] = 0
            for group in range(channels):
                for other in range(channels):
                    if other > group or (kind == "A" and other == group):
                        mask[self.outputs_of(group), self.inputs_of(other), height // 2, width // 2] = 0
        self.register_buffer("mask", mask)

    def outputs_of(self, group):
        size = self.out_channels // self.channels
        return slice(group * size, (group + 1) * size)

    def inputs_of(self, group):
        size = self.in_channels // self.channels
        return slice(group * size, (group + 1) * size)

    def forward(self, x):
        return F.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding)

    def unmasked(self, values):
        """By name, the values where the mask is one: a row for each output, place after place, of each the inputs."""
        by_place = lambda x: x.permute(0, 2, 3, 1).flatten(1)  # [out, places * in]
        kept, seen = by_place(values), by_place(self.mask).bool()
        groups = 1 if self.kind == "vertical" else self.channels
        parts = {}
        for group in range(groups):
            rows = slice(None) if groups == 1 else self.outputs_of(group)
            columns = seen[rows][0]
            color = "" if groups == 1 else f".{COLORS[group]}"
            parts[f"{self.name}{color}.weight"] = kept[rows][:, columns]
        return parts


class PixelCnn(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.convs = nn.ModuleList()
        channels, hidden = config["channels"], config["hiddenSize"]
        first, square = (config["firstKernel"],) * 2, (config["kernel"],) * 2
        count, block = config["numLayers"], config["block"]
        if block == "gated":
            for layer in range(count + 1):
                inputs, size = (channels, first[0]) if layer == 0 else (hidden, square[0])
                name = f"layers.{layer}"
                self.add(f"{name}.vertical", "vertical", inputs, 2 * hidden, (size, size))
                self.add(f"{name}.link", "vertical", 2 * hidden, 2 * hidden, (1, 1))
                self.add(f"{name}.horizontal", "A" if layer == 0 else "B", inputs, 2 * hidden, (1, size))
                self.add(f"{name}.output", "B", hidden, hidden, (1, 1))
        else:
            self.add("input", "A", channels, hidden, first)
            for layer in range(count):
                name = f"layers.{layer}"
                if block == "plain":
                    self.add(name, "B", hidden, hidden, square)
                else:
                    self.add(f"{name}.narrow", "B", hidden, hidden // 2, (1, 1))
                    self.add(f"{name}.convolution", "B", hidden // 2, hidden // 2, square)
                    self.add(f"{name}.widen", "B", hidden // 2, hidden, (1, 1))
        size = config["outputSize"]
        if size > 0:
            self.add("output.hidden", "B", hidden, size, (1, 1))
        self.add("output.logits", "B", size or hidden, config["levels"] * channels, (1, 1))

    def add(self, name, kind, inputs, outputs, kernel):
        self.convs.append(MaskedConv2d(name, kind, self.config["channels"], inputs, outputs, kernel))

    def conv(self, name, x):
        return next(conv for conv in self.convs if conv.name == name)(x)

    def forward(self, image):  # [batch, channels, height, width], whole numbers
        config = self.config
        x = image * 2.0 / (config["levels"] - 1) - 1
        layers = [f"layers.{layer}" for layer in range(config["numLayers"])]
        if config["block"] == "gated":
            hidden = self.gated(x)
        else:
            hidden = self.conv("input", x)
            for name in layers:
                if config["block"] == "plain":
                    hidden = self.conv(name, F.relu(hidden))
                else:
                    inner = F.relu(self.conv(f"{name}.narrow", F.relu(hidden)))
                    inner = F.relu(self.conv(f"{name}.convolution", inner))
                    hidden = hidden + self.conv(f"{name}.widen", inner)
        hidden = F.relu(hidden)
        if config["outputSize"] > 0:
            hidden = F.relu(self.conv("output.hidden", hidden))
        batch, channels, height, width = image.shape
        logits = self.conv("output.logits", hidden).view(batch, channels, config["levels"], height, width)
        return logits.permute(0, 3, 4, 1, 2).flatten(1, 3)  # [batch, time, levels]

    def gated(self, x):
        channels = self.config["channels"]
        vertical, horizontal = x, x
        for layer in range(self.config["numLayers"] + 1):
            name = f"layers.{layer}"
            seen = self.conv(f"{name}.vertical", vertical)
            handed = F.pad(self.conv(f"{name}.link", seen), (0, 0, 1, 0))[:, :, :-1]
            mixed = self.conv(f"{name}.horizontal", horizontal) + handed
            batch, features, height, width = mixed.shape
            f, g = mixed.view(batch, channels, 2, features // channels // 2, height, width).unbind(2)
            output = self.conv(f"{name}.output", (f.tanh() * g.sigmoid()).flatten(1, 2))
            horizontal = output if layer == 0 else output + horizontal
            f, g = seen.chunk(2, 1)
            vertical = f.tanh() * g.sigmoid()
        return horizontal


def loss_of(model, image):
    logits = model(image)
    targets = image.permute(0, 2, 3, 1).flatten(1)  # [batch, time]
    return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def encoded(tensor):
    return base64.b64encode(tensor.detach().contiguous().numpy().astype("<f4").tobytes()).decode("ascii")


def tensors_of(model, of):
    named = {}
    for conv in model.convs:
        for name, value in {**conv.unmasked(of(conv.weight)), f"{conv.name}.bias": of(conv.bias)}.items():
            named[name] = encoded(value)
    return named


def golden_of(config):
    model = PixelCnn(config)
    for conv in model.convs:
        nn.init.normal_(conv.weight, std=(1.5 / conv.mask[0].sum().item()) ** 0.5)
        nn.init.normal_(conv.bias, std=0.1)
    image = torch.randint(config["levels"], (BATCH, config["channels"], config["height"], config["width"]))
    logits, loss = loss_of(model, image)
    loss.backward()
    golden = {
        "config": config,
        "batch": BATCH,
        "targets": image.permute(0, 2, 3, 1).flatten().tolist(),
        "parameters": tensors_of(model, lambda value: value),
        "logits": encoded(logits),
        "lossNats": loss.item(),
        "gradients": tensors_of(model, lambda value: value.grad),
    }
    weights = [conv.weight for conv in model.convs]
    biases = [conv.bias for conv in model.convs]
    optimizer = torch.optim.AdamW(
        [{"params": weights, "weight_decay": ADAMW["weightDecay"]}, {"params": biases, "weight_decay": 0.0}],
        lr=ADAMW["learningRate"],
        betas=(ADAMW["beta1"], ADAMW["beta2"]),
        eps=ADAMW["epsilon"],
    )
    losses, norms = [], []
    for _ in range(ADAMW["steps"]):
        optimizer.zero_grad()
        _, loss = loss_of(model, image)
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_(weights + biases, ADAMW["clipNorm"]).item())
        optimizer.step()
        losses.append(loss.item())
    return {**golden, "adamwLosses": losses, "adamwGradientNorms": norms}


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    golden = {
        "formatVersion": FORMAT_VERSION,
        "script": "test/golden/pixelCnn.py",
        "torch": torch.__version__,
        "adamw": ADAMW,
        "models": [golden_of(config) for config in CONFIGS],
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden, indent=1) + "\n")
    print(path, path.stat().st_size, "bytes; losses", [model["adamwLosses"] for model in golden["models"]])


if __name__ == "__main__":
    main()
