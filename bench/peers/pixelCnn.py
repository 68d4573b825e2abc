"""The peer in training: the plain PixelCNN of src/models/pixelCnn.ts in PyTorch, on the CPU. Started by bench/train.ts.

    python3 bench/peers/pixelCnn.py '{"config": {...}, "batch": 16, "time": 784}'

What one would write first: convolutions of full size whose weights are multiplied by a mask. Images are noise. How it is asked:
peer.py.
"""

import peer
import torch
import torch.nn.functional as F
from torch import nn


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
    task = peer.read_task()
    config, batch = task["config"], task["batch"]
    if config["block"] != "plain" or config["channels"] != 1 or config["outputSize"] != 0:
        raise SystemExit("pixelCnn.py: expected a plain grey model without a hidden output layer")
    model = model_of(config)
    convs = [layer for layer in model if isinstance(layer, MaskedConv2d)]
    optimizer = peer.adamw([conv.weight for conv in convs], [conv.bias for conv in convs])
    parameters = list(model.parameters())
    images = torch.randint(config["levels"], (batch, config["height"], config["width"]))
    inputs = images.unsqueeze(1) * 2.0 / (config["levels"] - 1) - 1

    def loss():
        return F.cross_entropy(model(inputs), images)

    num_parameters = sum(conv.num_parameters() for conv in convs)
    peer.answer_requests(num_parameters, lambda _: peer.take_step(loss, parameters, [optimizer]))


if __name__ == "__main__":
    main()
