"""Writes charRnn.json: what PyTorch computes for one small CharRNN. Run: python3 test/golden/charRnn.py (PyTorch 1.13 or later).

nn.Embedding, nn.GRU and nn.Linear, and a stream of symbols in which the start symbol comes now and then. Parameters, logits
and loss of the first rows, every gradient, and the losses of ten steps of Adam along the stream, the state carried from row
to row and not differentiated through. Tensors are little-endian float32 in base64. The repository's own code is not used.
"""

import base64
import json
import pathlib

import torch
import torch.nn.functional as F
from torch import nn

FORMAT_VERSION = 1
START = 0
CONFIG = {"vocabularySize": 31, "startSymbol": START, "embeddingSize": 8, "hiddenSize": 12, "numLayers": 2}
BATCH, TIME = 3, 10
ADAM = {
    "steps": 10,
    "learningRate": 0.01,
    "beta1": 0.9,
    "beta2": 0.99,
    "epsilon": 1e-8,
    "weightDecay": 0.0,
    "clipNorm": 0.25,
}


class CharRnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(CONFIG["vocabularySize"], CONFIG["embeddingSize"])
        self.rnn = nn.GRU(CONFIG["embeddingSize"], CONFIG["hiddenSize"], CONFIG["numLayers"], batch_first=True)
        self.linear = nn.Linear(CONFIG["hiddenSize"], CONFIG["vocabularySize"])

    def forward(self, symbols, hidden):
        states = []
        for t in range(symbols.shape[1]):
            # nn.GRU knows no reset, so it is run symbol by symbol.
            hidden = hidden * (symbols[:, t] != START).float()[None, :, None]
            state, hidden = self.rnn(self.embedding(symbols[:, t : t + 1]), hidden)
            states.append(state)
        return self.linear(torch.cat(states, dim=1)), hidden


def loss_of(model, rows, hidden):
    logits, hidden = model(rows[:, :-1], hidden)
    return logits, F.cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten()), hidden.detach()


def encoded(tensor):
    return base64.b64encode(tensor.detach().contiguous().numpy().astype("<f4").tobytes()).decode("ascii")


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    model = CharRnn()
    stream = torch.randint(1, CONFIG["vocabularySize"], (BATCH, ADAM["steps"] * TIME + 1))
    stream[torch.rand(stream.shape) < 0.1] = START
    stream[0, : TIME + 1] = torch.arange(1, TIME + 2)  # One row without a start.
    no_state = torch.zeros(CONFIG["numLayers"], BATCH, CONFIG["hiddenSize"])
    logits, loss, _ = loss_of(model, stream[:, : TIME + 1], no_state)
    loss.backward()
    golden = {
        "formatVersion": FORMAT_VERSION,
        "script": "test/golden/charRnn.py",
        "torch": torch.__version__,
        "config": CONFIG,
        "batch": BATCH,
        "time": TIME,
        "stream": stream.tolist(),
        "parameters": {name: encoded(value) for name, value in model.named_parameters()},
        "logits": encoded(logits),
        "lossNats": loss.item(),
        "gradients": {name: encoded(value.grad) for name, value in model.named_parameters()},
    }

    optimizer = torch.optim.Adam(
        model.parameters(), lr=ADAM["learningRate"], betas=(ADAM["beta1"], ADAM["beta2"]), eps=ADAM["epsilon"]
    )
    losses, norms, hidden = [], [], no_state
    for step in range(ADAM["steps"]):
        optimizer.zero_grad()
        _, loss, hidden = loss_of(model, stream[:, step * TIME : (step + 1) * TIME + 1], hidden)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(list(model.parameters()), ADAM["clipNorm"]).item())
        optimizer.step()
        losses.append(loss.item())
    golden["adam"] = ADAM
    golden["adamLosses"] = losses
    golden["adamGradientNorms"] = norms
    golden["lastState"] = encoded(hidden)

    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size, "bytes; losses", losses, "norms", norms)


if __name__ == "__main__":
    main()
