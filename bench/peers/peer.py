"""What the peers in training share: how they are started and asked, how a step is taken, and its constants.

A peer is started with its task as one argument, {"config": {...}, "batch": 32, "time": 128}. It prints one line of JSON about
itself, then answers every line {"optimizer": "adamw", "threads": 1, "steps": 1} on stdin with {"seconds": ...}.
"""

import json
import sys
import time

import torch

LEARNING_RATE, BETAS, EPSILON, WEIGHT_DECAY, CLIP_NORM = 0.002, (0.9, 0.95), 1e-8, 0.1, 1.0


def read_task():
    """From here on random numbers are the same in every run."""
    torch.manual_seed(1)
    return json.loads(sys.argv[1])


def adamw(decayed, others, weight_decay=WEIGHT_DECAY):
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=LEARNING_RATE, betas=BETAS, eps=EPSILON)


def take_step(loss, parameters, optimizers, clip_norm=CLIP_NORM):
    """A step is what ours is: loss (a function), gradients, clipping by their norm, update."""
    for parameter in parameters:
        parameter.grad = None
    loss().backward()
    torch.nn.utils.clip_grad_norm_(parameters, clip_norm)
    for optimizer in optimizers:
        optimizer.step()


def answer_requests(num_parameters, step):
    """`step` takes the name of the optimizer and does one step."""
    reply(version=torch.__version__, parameters=num_parameters)
    for line in sys.stdin:
        request = json.loads(line)
        torch.set_num_threads(request["threads"])
        started = time.perf_counter()
        for _ in range(request["steps"]):
            step(request["optimizer"])
        reply(seconds=time.perf_counter() - started)


def reply(**values):
    print(json.dumps(values), flush=True)
