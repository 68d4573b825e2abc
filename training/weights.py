"""Parameters on their way from pretrain.py: one safetensors file in half precision, cut into pieces of at most 15.9 MiB, and joined."""

import glob
import json
import os
import struct

import numpy as np

PIECE_BYTES = int(15.9 * 2**20)
ALIGNMENT = 64


def write_pieces(folder, tensors, training):
    """tensors: name -> array. FOLDER/weights.00, .01, ...; `training` is told in the metadata."""
    os.makedirs(folder, exist_ok=True)
    content = safetensors_bytes(tensors, {"format": "pt", "training": json.dumps(training)})
    for index, begin in enumerate(range(0, len(content), PIECE_BYTES)):
        with open(os.path.join(folder, f"weights.{index:02d}"), "wb") as file:
            file.write(content[begin : begin + PIECE_BYTES])


def safetensors_bytes(tensors, metadata):
    header, end = {"__metadata__": metadata}, 0
    for name, value in tensors.items():
        header[name] = {"dtype": {"float16": "F16", "float32": "F32"}[str(value.dtype)], "shape": list(value.shape)}
        header[name]["data_offsets"] = [end, end + value.nbytes]
        end += value.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % ALIGNMENT)
    return struct.pack("<Q", len(text)) + text + b"".join(value.tobytes() for value in tensors.values())


def read_tensors(path):
    """name -> array, and what was told of the training."""
    content = read(path)
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    training = json.loads(header.pop("__metadata__")["training"])
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        dtype = {"F16": "<f2", "F32": "<f4"}[entry["dtype"]]
        tensors[name] = np.frombuffer(content[8 + length + begin : 8 + length + end], dtype).reshape(entry["shape"])
    return tensors, training


def join(folder, to):
    pieces = sorted(glob.glob(os.path.join(folder, "weights.[0-9][0-9]")))
    content = b"".join(read(piece) for piece in pieces)
    if len(content) < 8:
        raise FileNotFoundError(f"join: expected weights.00 and further pieces in {folder}, got none")
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    expected = 8 + length + max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
    if expected != len(content):
        raise ValueError(f"join: expected {expected} bytes, got {len(content)} in {len(pieces)} pieces; a piece is missing or old")
    with open(to, "wb") as file:
        file.write(content)
    print(json.dumps({"file": to, "bytes": len(content), "training": json.loads(header["__metadata__"]["training"])}))


def read(path):
    with open(path, "rb") as file:
        return file.read()
