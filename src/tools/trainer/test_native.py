"""Checks the native gradients against PyTorch's, in fp32, parameter by parameter; exits with 1 if one is wrong.

    python3 test_native.py

Products in bf16 keep eight bits, so the gradients differ; how much is right is what PyTorch's own bf16 differs by. A wrong
formula is off by far more. The orthogonal matrices of the optimizer are checked too.
"""

from __future__ import annotations

import sys

import numpy as np
import torch
import torch.nn.functional as F

import batches as B
import muon
import native
from model import Decoder, ModelConfig
from workers import flatten

TOLERANCE = 1.3  # times the error of PyTorch's bf16


def examples(rng: np.random.Generator, vocabulary: int) -> list:
    """Rows of every kind of length: shorter than a block, odd, across several panels, with an answer of one token."""
    shapes = ((5, 3), (24, 10), (25, 24), (63, 2), (64, 40), (131, 77), (200, 150), (301, 300), (7, 1))
    return [(rng.integers(0, vocabulary, n).astype(np.uint16), answer, (rng.random(n) < 0.3).astype(np.uint8)) for n, answer in shapes]


def reference(model: Decoder, rows: B.Packed, order: np.ndarray) -> float:
    """The same loss row by row, without batching, padding or candidates of its own."""
    total, at, tail = 0.0, 0, 0
    for length, answer in zip(rows.lengths.tolist(), rows.answers.tolist()):
        ids, positions = (torch.from_numpy(x[at:at + length].astype(np.int64))[None] for x in (rows.ids, rows.positions))
        bias = torch.full((length, length), -1e9).triu(1)[None, None]
        count = length - answer + 1
        logits = F.linear(model(ids, positions, bias, tail=count)[0], model.embedding.weight[torch.from_numpy(order).long()])
        targets = np.searchsorted(order, rows.targets[tail:tail + count])
        loss = F.cross_entropy(logits, torch.from_numpy(targets), reduction="none")
        loss = (loss * torch.from_numpy(rows.weights[tail:tail + count])).sum()
        loss.backward()
        total, at, tail = total + float(loss.detach()), at + length, tail + count
    return total


def check(lib, config: ModelConfig, seed: int) -> bool:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    model = Decoder(config)
    for parameter in model.parameters():
        with torch.no_grad():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    size = sum(p.numel() for p in model.parameters())
    weights = torch.cat([p.detach().flatten() for p in model.parameters()])
    right, rounded, ours = torch.zeros(3, size)
    data = examples(rng, config.vocabulary)
    rows = B.pack(data, list(range(len(data))), config.context, rng)
    order = np.unique(np.concatenate([rows.targets, rng.integers(0, config.vocabulary, 50)])).astype(np.int32)
    flatten(model, weights, right)
    expected = reference(model, rows, order)
    flatten(model, weights, rounded)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        reference(model, rows, order)
    decoder = native.NativeDecoder(lib, config)
    decoder.pack(weights)
    for _ in range(2):  # the second time on memory that the first has left
        ours.zero_()
        loss = decoder.gradient(rows, order, np.searchsorted(order, rows.targets).astype(np.int32), ours)
    good, offset = abs(loss - expected) < 0.005 * expected, 0
    print(f"loss {loss:.3f}, expected {expected:.3f}")
    for name, parameter in model.named_parameters():
        place = slice(offset, offset + parameter.numel())
        offset = place.stop
        error, usual = (float((x[place] - right[place]).norm() / right[place].norm()) for x in (ours, rounded))
        if not error < TOLERANCE * usual:
            print(f"WRONG {name}: relative error {error:.4f}, of PyTorch's bf16 {usual:.4f}")
            good = False
    print(f"relative error of all: {float((ours - right).norm() / right.norm()):.4f}, of PyTorch's bf16 {float((rounded - right).norm() / right.norm()):.4f}")
    return good


def check_orthogonal(lib, rows: int, columns: int) -> bool:
    """Against PyTorch, and that Newton-Schulz with these factors leaves singular values between 0.6 and 1.3."""
    stack = torch.randn(2, rows, columns)
    made, expected = muon.orthogonalize_natively(lib, stack), muon.orthogonalize(stack)
    values, error = torch.linalg.svdvals(made), float((made - expected).norm() / expected.norm())
    print(f"{rows} x {columns}: relative error {error:.3f}, singular values {float(values.min()):.2f} to {float(values.max()):.2f}")
    return error < 0.1 and bool((values.min() > 0.6 or rows == columns) and values.max() < 1.3)  # a square one may have any


def main() -> None:
    lib = native.load()
    if lib is None:
        print("skipped")
        return
    torch.set_num_threads(1)
    sizes = ({}, {"hidden": 192, "heads": 6, "kv_heads": 2, "feed_forward": 512, "layers": 3}, {"layers": 1})
    results = [check(lib, ModelConfig(vocabulary=500, **size), seed) for seed, size in enumerate(sizes)]
    results += [check_orthogonal(lib, *shape) for shape in ((64, 128), (128, 128), (384, 128), (128, 384))]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
