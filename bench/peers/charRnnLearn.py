"""The peer in learning: the CharRNN of charRnn.py, trained on a text for so many minutes. Started by bench/learn/text.ts.

    python3 bench/peers/charRnnLearn.py '{"train": FILE, "valid": FILE, "config": {...}, "minutes": 10, ...}'

What one would write first, with our rates: AdamW, clipping, the rate warmed up, held, and brought to zero in the last part of the
time; each row of the batch walks its own part of the text, its state carried along. Prints a line of JSON for each validation,
{"kind": "validation", "minutes", "step", "nats"} for each character, and one at the end.
"""

import time

import peer
import torch
import torch.nn.functional as F
from charRnn import CharRnn

VALIDATE_EVERY = 250


def read_symbols(file, numbers):
    with open(file, encoding="utf-8", newline="") as f:
        return torch.tensor([numbers[c] for c in f.read()])


def rows_of(symbols, batch, length):
    """Endlessly (inputs, targets, whether the state goes on), each [batch, length]."""
    part = len(symbols) // batch
    while True:
        turned = torch.roll(symbols, int(torch.randint(len(symbols), ())))
        parts = turned[: part * batch].view(batch, part)
        for at in range(0, part - length - 1, length):
            yield parts[:, at : at + length], parts[:, at + 1 : at + length + 1], at > 0


@torch.no_grad()
def nats_per_character(model, symbols, length=4096):
    hidden, total = None, 0.0
    for at in range(0, len(symbols) - 1, length):
        inputs = symbols[at : at + length][: len(symbols) - 1 - at]
        targets = symbols[at + 1 : at + 1 + length]
        logits, hidden = model(inputs.unsqueeze(0), hidden)
        total += float(F.cross_entropy(logits[0], targets, reduction="sum"))
    return total / (len(symbols) - 1)


def main():
    task = peer.read_task()
    torch.set_num_threads(task["threads"])
    with open(task["train"], encoding="utf-8", newline="") as f:
        train_text = f.read()
    with open(task["valid"], encoding="utf-8", newline="") as f:
        characters = sorted(set(train_text) | set(f.read()))
    numbers = {c: i for i, c in enumerate(characters)}
    train, valid = read_symbols(task["train"], numbers), read_symbols(task["valid"], numbers)
    model = CharRnn({**task["config"], "vocabularySize": len(characters)})
    parameters = list(model.parameters())
    decayed = [p for name, p in model.named_parameters() if "rnn.weight" in name]
    others = [p for name, p in model.named_parameters() if "rnn.weight" not in name]
    optimizer = peer.adamw(decayed, others, task["weightDecay"])
    hidden, step, started = None, 0, time.perf_counter()
    budget = task["minutes"] * 60
    decay_at = budget * (1 - task["decayFraction"])

    def loss():
        nonlocal hidden
        logits, state = model(inputs, hidden)
        hidden = state.detach()
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())

    def validate():
        minutes = (time.perf_counter() - started) / 60
        peer.reply(kind="validation", minutes=minutes, step=step, nats=nats_per_character(model, valid))

    for inputs, targets, continues in rows_of(train, task["batch"], task["time"]):
        elapsed = time.perf_counter() - started
        if elapsed >= budget:
            break
        if not continues:
            hidden = None
        left = min(1.0, (budget - elapsed) / (budget - decay_at))
        step += 1
        for group in optimizer.param_groups:
            group["lr"] = task["learningRate"] * min(step / task["warmupSteps"], 1.0, left)
        peer.take_step(loss, parameters, [optimizer], task["clipNorm"])
        if step % VALIDATE_EVERY == 0:
            validate()
    validate()
    peer.reply(kind="done", version=torch.__version__, step=step, symbols=step * task["batch"] * task["time"])


if __name__ == "__main__":
    main()
