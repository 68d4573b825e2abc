"""The peer in training: the plain PixelCNN of src/models/pixelCnn.ts in PyTorch, on the CPU. Started by bench/train.ts.

    python3 bench/peers/pixelCnn.py '{"config": {...}, "batch": 16, "time": 784}'

Prints one line of JSON about itself, then answers every line {"optimizer": "adamw", "threads": 1, "steps": 1} on stdin with
{"seconds": ...}. What one would write first: convolutions of full size whose weights are multiplied by a mask. A step is what
ours is: loss, gradients, clipping by their norm, update. Images are noise.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

LEARNING_RATE, BETAS, EPSILON, WEIGHT_DECAY, CLIP_NORM = 0.002, (0.9, 0.95), 1e-8, 0.1, 1.0


class MaskedConv2d(nn.Conv2d):
    def __init__(self, kind, inputs, outputs, kernel):
        super().__init__(inputs, outputs, kernel, padding=kernel // 2)
        mask = torch.ones(kernel, kernel)
        mask[kernel // 2, kernel // 2 + (kind == "B") :] = 0
        mask[kernel // 2 + 1 :] = 0
        self.register_buffer("mask", mask)

    def forward(self, x):
        return F.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding)

    def num_parameters(self):
        """Those that the mask lets through."""
        return int(self.mask.sum()) * self.in_channels * self.out_channels + self.out_channels


def model_of(config):
    hidden = config["hiddenSize"]
    layers = [MaskedConv2d("A", 1, hidden, config["firstKernel"]), nn.ReLU()]
    for _ in range(config["numLayers"]):
        layers += [MaskedConv2d("B", hidden, hidden, config["kernel"]), nn.ReLU()]
    return nn.Sequential(*layers, MaskedConv2d("B", hidden, config["levels"], 1))


def main():
    task = json.loads(sys.argv[1])
    config, batch = task["config"], task["batch"]
    if config["block"] != "plain" or config["channels"] != 1 or config["outputSize"] != 0:
        raise SystemExit("pixelCnn.py: expected a plain grey model without a hidden output layer")
    torch.manual_seed(1)
    model = model_of(config)
    convs = [layer for layer in model if isinstance(layer, MaskedConv2d)]
    groups = [
        {"params": [conv.weight for conv in convs], "weight_decay": WEIGHT_DECAY},
        {"params": [conv.bias for conv in convs], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=BETAS, eps=EPSILON)
    parameters = list(model.parameters())
    images = torch.randint(config["levels"], (batch, config["height"], config["width"]))
    inputs = images.unsqueeze(1) * 2.0 / (config["levels"] - 1) - 1

    def reply(**values):
        print(json.dumps(values), flush=True)

    reply(version=torch.__version__, parameters=sum(conv.num_parameters() for conv in convs))
    for line in sys.stdin:
        request = json.loads(line)
        torch.set_num_threads(request["threads"])
        started = time.perf_counter()
        for _ in range(request["steps"]):
            optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(model(inputs), images).backward()
            torch.nn.utils.clip_grad_norm_(parameters, CLIP_NORM)
            optimizer.step()
        reply(seconds=time.perf_counter() - started)


if __name__ == "__main__":
    main()
