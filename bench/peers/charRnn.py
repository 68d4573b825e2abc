"""The peer in training: the CharRNN of src/models/charRnn.ts in PyTorch, on the CPU. Started by bench/train.ts.

    python3 bench/peers/charRnn.py '{"config": {...}, "batch": 32, "time": 128}'

What one would write first: nn.Embedding, nn.GRU, nn.Linear, the state carried from step to step. Symbols are random. How it is
asked: peer.py.
"""

import peer
import torch
import torch.nn.functional as F
from torch import nn


class CharRnn(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.embedding = nn.Embedding(config["vocabularySize"], config["embeddingSize"])
        self.rnn = nn.GRU(config["embeddingSize"], config["hiddenSize"], config["numLayers"], batch_first=True)
        self.linear = nn.Linear(config["hiddenSize"], config["vocabularySize"])

    def forward(self, symbols, hidden):
        states, hidden = self.rnn(self.embedding(symbols), hidden)
        return self.linear(states), hidden


def main():
    task = peer.read_task()
    config, batch, length = task["config"], task["batch"], task["time"]
    model = CharRnn(config)
    parameters = list(model.parameters())
    decayed = [p for name, p in model.named_parameters() if "rnn.weight" in name]
    others = [p for name, p in model.named_parameters() if "rnn.weight" not in name]
    optimizer = peer.adamw(decayed, others)
    symbols, targets = (torch.randint(config["vocabularySize"], (batch, length)) for _ in range(2))
    hidden = None

    def loss():
        nonlocal hidden
        logits, state = model(symbols, hidden)
        hidden = state.detach()
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())

    peer.answer_requests(sum(p.numel() for p in parameters), lambda _: peer.take_step(loss, parameters, [optimizer]))


if __name__ == "__main__":
    main()
