"""Two processes with one thread each compute gradients side by side over shared memory.

On a busy machine this is several times faster than two threads in one process: threads wait for each other after
every matrix product, processes once a step, and whoever gets more of the processor takes more batches. The matrices are
updated side by side too, each by one of the processes.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.multiprocessing as mp
import torch.nn.functional as F

import batches as B
import native
from feed import Feed
from model import Decoder
from muon import Muon

BYTES_END, OTHERS = 262, 300


def flatten(model: Decoder, weights: torch.Tensor, gradients: torch.Tensor) -> None:
    """Makes all parameters, and their gradients, views into two flat shared tensors."""
    offset = 0
    for parameter in model.parameters():
        size = parameter.numel()
        parameter.data = weights[offset:offset + size].view_as(parameter)
        parameter.grad = gradients[offset:offset + size].view_as(parameter)
        offset += size


def candidates(ids: np.ndarray, targets: np.ndarray, vocabulary: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The classes that a batch decides between: all bytes, all its own tokens, some others; and the targets in them.

    A full vocabulary costs a sixth of the time, and most of its words are never near in a given batch.
    """
    wanted = np.zeros(vocabulary, bool)
    wanted[:BYTES_END] = True
    wanted[ids] = True
    wanted[targets] = True
    wanted[rng.integers(0, vocabulary, OTHERS)] = True
    classes = np.flatnonzero(wanted).astype(np.int32)
    return classes, np.searchsorted(classes, targets).astype(np.int32)


class TorchGradients:
    """Gradients by PyTorch, on padded batches."""

    collate = staticmethod(B.collate)

    def __init__(self, model: Decoder, rng: np.random.Generator) -> None:
        self.model, self.rng = model, rng

    def begin(self) -> None:
        pass

    def add(self, batch) -> tuple[float, float, int]:
        """(loss, weight, tokens)"""
        ids, positions, bias, tail, targets, weights = batch
        model = self.model
        with torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = model(ids, positions, bias.bfloat16(), tail=tail)
            keep = weights > 0
            classes, wanted = candidates(ids.numpy(), targets[keep].numpy(), model.config.vocabulary, self.rng)
            logits = F.linear(hidden[keep], model.embedding.weight[torch.from_numpy(classes).long()]).float()
        loss = F.cross_entropy(logits, torch.from_numpy(wanted).long(), reduction="none")
        loss = (loss * weights[keep]).sum()
        loss.backward()
        return float(loss.detach()), float(weights.sum()), ids.numel()


class NativeGradients:
    """The same by native/, on packed batches."""

    collate = staticmethod(B.pack)

    def __init__(self, lib, model: Decoder, weights: torch.Tensor, gradients: torch.Tensor, rng: np.random.Generator) -> None:
        self.decoder, self.vocabulary, self.rng = native.NativeDecoder(lib, model.config), model.config.vocabulary, rng
        self.weights, self.gradients = weights, gradients

    def begin(self) -> None:
        self.decoder.pack(self.weights)

    def add(self, batch: B.Packed) -> tuple[float, float, int]:
        classes, wanted = candidates(batch.ids, batch.targets, self.vocabulary, self.rng)
        loss = self.decoder.gradient(batch, classes, wanted, self.gradients)
        return loss, float(batch.weights.sum()), len(batch.ids)


class Shared:
    """What the processes share: weights, momenta, a gradient buffer each, the counters of a step, two barriers."""

    def __init__(self, model: Decoder, count: int) -> None:
        size = sum(p.numel() for p in model.parameters())
        self.count = count
        self.weights = torch.cat([p.detach().flatten() for p in model.parameters()]).share_memory_()
        self.momenta = torch.zeros(size).share_memory_()
        self.gradients = [torch.zeros(size).share_memory_() for _ in range(count)]
        self.totals = torch.zeros(count, 3, dtype=torch.float64).share_memory_()  # loss, weight, tokens
        self.rate = torch.zeros(1).share_memory_()
        self.begin, self.finish = mp.Barrier(count), mp.Barrier(count)
        self.stop = mp.Event()


class Worker:
    def __init__(self, rank: int, shared: Shared, model: Decoder, run, seed: int, micro_tokens: int, step_tokens: int) -> None:
        self.rank, self.shared, self.model, self.step_tokens = rank, shared, model, step_tokens
        flatten(model, shared.weights, shared.gradients[rank])
        rng, lib = np.random.default_rng([seed, rank]), native.load()
        if lib:
            self.gradients = NativeGradients(lib, model, shared.weights, shared.gradients[rank], rng)
        else:
            self.gradients = TorchGradients(model, rng)
        self.feed = Feed(run, seed * 100 + rank, rank, shared.count)
        self.stream = self.feed.micro_batches(micro_tokens, model.config.context, self.gradients.collate)
        self.muon = self.share_of_matrices(lib)

    def share_of_matrices(self, lib) -> Muon:
        """Every n-th matrix is updated by this process. Gradients of others are added to its own first, in `sum_up`."""
        self.mine, offset, parameters, momenta, index = [], 0, [], [], 0
        for name, parameter in self.model.named_parameters():
            place = slice(offset, offset + parameter.numel())
            offset = place.stop
            if is_matrix(name, parameter):
                index += 1
                if index % self.shared.count == self.rank:
                    self.mine.append(place)
                    parameters.append(parameter)
                    momenta.append(self.shared.momenta[place].view_as(parameter))
            elif self.rank == 0:
                self.mine.append(place)
        return Muon(parameters, momenta, lib)

    def gradient(self) -> tuple[float, float, int]:
        """Takes batches until the processes together have seen the tokens of a step; returns their loss, weight and tokens."""
        shared = self.shared
        shared.gradients[self.rank].zero_()
        mine = shared.totals[self.rank]
        mine.zero_()
        shared.begin.wait()
        self.gradients.begin()
        while float(shared.totals[:, 2].sum()) < self.step_tokens:
            mine += torch.tensor(self.gradients.add(next(self.stream)), dtype=torch.float64)
        shared.finish.wait()
        loss, weight, count = shared.totals.sum(0).tolist()
        self.sum_up(weight)
        return loss, weight, int(count)

    def sum_up(self, weight: float) -> None:
        """The mean gradient of all processes, for the parameters that this one updates."""
        own = self.shared.gradients[self.rank]
        for place in self.mine:
            for rank, other in enumerate(self.shared.gradients):
                if rank != self.rank:
                    own[place] += other[place]
            own[place] /= weight

    def update(self) -> None:
        """Its share of the matrices; the others must not begin to zero their gradients before all are done."""
        self.muon.step(float(self.shared.rate))
        self.shared.begin.wait()


def is_matrix(name: str, parameter: torch.Tensor) -> bool:
    return parameter.ndim == 2 and not name.startswith("embedding")


def serve(rank: int, shared: Shared, config, run, seed: int, micro_tokens: int, step_tokens: int) -> None:
    """The life of every process but the first."""
    torch.set_num_threads(1)
    worker = Worker(rank, shared, Decoder(config), run, seed, micro_tokens, step_tokens)
    while not shared.stop.is_set():
        worker.gradient()
        worker.update()
