"""Makes a larger model of a trained one, so that training goes on with more capacity instead of beginning anew.

    python3 grow.py CHECKPOINT LARGER

The larger shape is ModelConfig's. What is new reads at random and writes only to what is new, and a new layer writes nothing at
first: the larger model answers as the smaller one does, but for the little that the residual stream's new columns add to its norm.
"""

from __future__ import annotations

import sys

import torch

from export import load
from model import Decoder, ModelConfig

LAYERS = (0, 1, 2, None, 3, 4, None, 5)  # where each layer comes from; None is a new one
SPREAD = 0.3  # of the embedding's new columns, against that of its old ones


def widen(large: torch.nn.Linear, small: torch.nn.Linear) -> None:
    """The small matrix in the corner of the large one, and no way from new inputs to old outputs."""
    rows, columns = small.weight.shape
    large.weight[:rows, :columns] = small.weight
    large.weight[:rows, columns:] = 0


@torch.no_grad()
def grow(small: Decoder, large: Decoder) -> None:
    was, now = small.config.hidden, large.config.hidden
    share = (was / now) ** 0.5  # a norm over more columns, most of them small, divides by less

    def norm(target, source) -> None:
        target.weight.fill_(share)
        target.weight[:was] = source.weight * share

    large.embedding.weight.normal_(std=SPREAD * float(small.embedding.weight.std()))
    large.embedding.weight[:, :was] = small.embedding.weight
    norm(large.norm, small.norm)
    for block, index in zip(large.blocks, LAYERS):
        if index is None:
            for layer in (block.input_norm, block.post_norm):
                layer.weight.fill_(share)
            for layer in (block.o, block.down):
                layer.weight.zero_()
            continue
        source = small.blocks[index]
        norm(block.input_norm, source.input_norm)
        norm(block.post_norm, source.post_norm)
        for name in ("q", "k", "v", "o", "gate", "up", "down"):
            widen(getattr(block, name), getattr(source, name))


def main() -> None:
    torch.manual_seed(5)
    small = load(sys.argv[1])
    large = Decoder(ModelConfig(vocabulary=small.config.vocabulary))
    grow(small, large)
    weights = large.state_dict()
    torch.save({"config": large.config.to_dict(), "model": weights, "raw": weights}, sys.argv[2])


if __name__ == "__main__":
    main()
