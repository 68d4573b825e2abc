"""The peer in training: the CharRNN of src/models/charRnn.ts in PyTorch, on the CPU. Started by bench/train.ts.

    python3 bench/peers/charRnn.py '{"config": {...}, "batch": 32, "time": 128}'

Prints one line of JSON about itself, then answers every line {"optimizer": "adamw", "threads": 1, "steps": 1} on stdin with
{"seconds": ...}. What one would write first: nn.Embedding, nn.GRU, nn.Linear, the state carried from step to step. A step is
what ours is: loss, gradients, clipping by their norm, update. Symbols are random.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

LEARNING_RATE, BETAS, EPSILON, WEIGHT_DECAY, CLIP_NORM = 0.002, (0.9, 0.95), 1e-8, 0.1, 1.0


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
    task = json.loads(sys.argv[1])
    config, batch, length = task["config"], task["batch"], task["time"]
    torch.manual_seed(1)
    model = CharRnn(config)
    parameters = list(model.parameters())
    decayed = [p for name, p in model.named_parameters() if "rnn.weight" in name]
    others = [p for name, p in model.named_parameters() if "rnn.weight" not in name]
    groups = [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=BETAS, eps=EPSILON)
    symbols, targets = (torch.randint(config["vocabularySize"], (batch, length)) for _ in range(2))
    hidden = None

    def reply(**values):
        print(json.dumps(values), flush=True)

    reply(version=torch.__version__, parameters=sum(p.numel() for p in parameters))
    for line in sys.stdin:
        request = json.loads(line)
        torch.set_num_threads(request["threads"])
        started = time.perf_counter()
        for _ in range(request["steps"]):
            optimizer.zero_grad(set_to_none=True)
            logits, state = model(symbols, hidden)
            hidden = state.detach()
            F.cross_entropy(logits.flatten(0, 1), targets.flatten()).backward()
            torch.nn.utils.clip_grad_norm_(parameters, CLIP_NORM)
            optimizer.step()
        reply(seconds=time.perf_counter() - started)


if __name__ == "__main__":
    main()
