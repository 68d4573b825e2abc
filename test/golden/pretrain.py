"""Writes pretrain.safetensors and pretrain.json: the logits of training/pretrain.py's own model for one small GPT with random parameters.

Run: python3 test/golden/pretrain.py (PyTorch 1.13 or later). The parameters are written as pretrain.py writes them; gpt.py, beside this, is
the reference that shares no code with anything.
"""

import base64
import json
import pathlib
import sys

import torch

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent.parent / "training"))
import pretrain
import weights

FORMAT_VERSION = 1
# The codec of bytes: 256 bytes and six marks.
VOCABULARY, START = 262, 256
CONFIG = {
    "vocabularySize": VOCABULARY,
    "hiddenSize": 16,
    "numLayers": 3,
    "numHeads": 4,
    "numKeyValueHeads": 2,
    "intermediateSize": 24,
    "contextLength": 48,
    "rotaryBase": 10000,
    "normEpsilon": 1e-5,
}


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    model = pretrain.Gpt(CONFIG, CONFIG["vocabularySize"])
    for weight in model.parameters():
        # Away from where training begins, and exact in half precision, so that the file is small and nothing is lost.
        weight.data = (weight.data + 0.2 * torch.randn_like(weight)).half().float()
    symbols = torch.randint(256, (1, CONFIG["contextLength"]))
    symbols[0, 0] = START
    with torch.no_grad():
        logits = model(symbols)[0]
    tensors = {name: w.detach().half().numpy() for name, w in model.named_parameters()}
    training = {"step": 3, "symbols": 6144, "seed": 1, "config": CONFIG}
    content = weights.safetensors_bytes(tensors, {"format": "pt", "training": json.dumps(training)})
    (here / "pretrain.safetensors").write_bytes(content)
    golden = {
        "formatVersion": FORMAT_VERSION,
        "script": "test/golden/pretrain.py",
        "torch": torch.__version__,
        "symbols": symbols[0].tolist(),
        "logits": base64.b64encode(logits.numpy().astype("<f4").tobytes()).decode("ascii"),
    }
    (here / "pretrain.json").write_text(json.dumps(golden, indent=1) + "\n")
    print(len(content), "bytes; logits up to", float(logits.abs().max()))


if __name__ == "__main__":
    main()
