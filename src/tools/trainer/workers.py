"""Two processes with one thread each compute gradients side by side over shared memory.

On a busy machine this is several times faster than two threads in one process: threads wait for each other after
every matrix product, processes once a step, and whoever gets more of the processor takes more batches.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.multiprocessing as mp
import torch.nn.functional as F

from feed import Feed
from model import Decoder

BYTES_END, OTHERS = 262, 300


def flatten(model: Decoder, weights: torch.Tensor, gradients: torch.Tensor) -> None:
    """Makes all parameters, and their gradients, views into two flat shared tensors."""
    offset = 0
    for parameter in model.parameters():
        size = parameter.numel()
        parameter.data = weights[offset:offset + size].view_as(parameter)
        parameter.grad = gradients[offset:offset + size].view_as(parameter)
        offset += size


def candidates(ids: torch.Tensor, targets: torch.Tensor, vocabulary: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The classes that a batch decides between: all bytes, all its own tokens, some others; and the targets in them.

    A full vocabulary costs a sixth of the time, and most of its words are never near in a given batch.
    """
    wanted = torch.zeros(vocabulary, dtype=torch.bool)
    wanted[:BYTES_END] = True
    wanted[ids.flatten()] = True
    wanted[targets] = True
    wanted[torch.randint(0, vocabulary, (OTHERS,))] = True
    classes = wanted.nonzero().flatten()
    place = torch.zeros(vocabulary, dtype=torch.long)
    place[classes] = torch.arange(len(classes))
    return classes, place[targets]


def loss_of(model: Decoder, batch) -> tuple[torch.Tensor, float, int]:
    ids, positions, bias, tail, targets, weights = batch
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model(ids, positions, bias.bfloat16(), tail=tail)
        keep = weights > 0
        classes, wanted = candidates(ids, targets[keep], model.config.vocabulary)
        logits = F.linear(hidden[keep], model.embedding.weight[classes]).float()
    loss = F.cross_entropy(logits, wanted, reduction="none")
    return (loss * weights[keep]).sum(), float(weights.sum()), ids.numel()


class Shared:
    """What the processes share: weights, a gradient buffer each, the counters of a step, two barriers."""

    def __init__(self, model: Decoder, count: int) -> None:
        size = sum(p.numel() for p in model.parameters())
        self.count = count
        self.weights = torch.cat([p.detach().flatten() for p in model.parameters()]).share_memory_()
        self.gradients = [torch.zeros(size).share_memory_() for _ in range(count)]
        self.totals = torch.zeros(count, 3, dtype=torch.float64).share_memory_()  # loss, weight, tokens
        self.begin, self.finish = mp.Barrier(count), mp.Barrier(count)
        self.stop = mp.Event()


class Worker:
    def __init__(self, rank: int, shared: Shared, model: Decoder, run, seed: int, micro_tokens: int, step_tokens: int) -> None:
        self.rank, self.shared, self.model, self.step_tokens = rank, shared, model, step_tokens
        flatten(model, shared.weights, shared.gradients[rank])
        feed = Feed(run, seed * 100 + rank, rank, shared.count)
        self.feed, self.stream = feed, feed.micro_batches(micro_tokens, model.config.context)

    def gradient(self) -> None:
        """Takes batches until the processes together have seen the tokens of a step."""
        shared = self.shared
        shared.gradients[self.rank].zero_()
        mine = shared.totals[self.rank]
        shared.begin.wait()
        while float(shared.totals[:, 2].sum()) < self.step_tokens:
            loss, weight, count = loss_of(self.model, next(self.stream))
            loss.backward()
            mine += torch.tensor([float(loss.detach()), weight, count], dtype=torch.float64)
        shared.finish.wait()


def serve(rank: int, shared: Shared, config, run, seed: int, micro_tokens: int, step_tokens: int) -> None:
    """The life of every process but the first."""
    torch.set_num_threads(1)
    worker = Worker(rank, shared, Decoder(config), run, seed, micro_tokens, step_tokens)
    while not shared.stop.is_set():
        worker.gradient()
        shared.begin.wait()


def collect(shared: Shared) -> tuple[float, float, int]:
    """Sums the gradients into the first buffer, divides by the weight, and clears the counters."""
    loss, weight, count = shared.totals.sum(0).tolist()
    for other in shared.gradients[1:]:
        shared.gradients[0].add_(other)
    shared.gradients[0].div_(weight)
    shared.totals.zero_()
    return loss, weight, int(count)
