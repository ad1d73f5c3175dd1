"""Muon for the matrices, Adam for embeddings and norms. Matrices of one shape are orthogonalised together."""

from __future__ import annotations

import torch


def orthogonalize(stack: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """Newton-Schulz towards the nearest orthogonal matrix, for a stack [n, rows, columns]."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = stack.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.transpose(1, 2)
    x = x / (x.float().flatten(1).norm(dim=1)[:, None, None].bfloat16() + 1e-7)
    for _ in range(steps):
        gram = torch.bmm(x, x.transpose(1, 2))
        x = a * x + torch.bmm(b * gram + c * torch.bmm(gram, gram), x)
    return (x.transpose(1, 2) if tall else x).float()


class Muon:
    def __init__(self, parameters, momentum: float = 0.95) -> None:
        shapes: dict[tuple, list] = {}
        for parameter in parameters:
            shapes.setdefault(tuple(parameter.shape), []).append(parameter)
        self.groups = list(shapes.values())
        self.momentum = momentum
        self.buffers = [torch.zeros(len(g), *g[0].shape) for g in self.groups]

    @torch.no_grad()
    def step(self, rate: float, decay: float = 0.01) -> None:
        for group, buffer in zip(self.groups, self.buffers):
            gradient = torch.stack([p.grad for p in group])
            buffer.mul_(self.momentum).add_(gradient)
            update = orthogonalize(gradient + self.momentum * buffer)
            scale = max(1.0, group[0].shape[0] / group[0].shape[1]) ** 0.5
            for parameter, change in zip(group, update):
                parameter.mul_(1 - rate * decay).add_(change, alpha=-rate * scale)

    def state(self) -> list[torch.Tensor]:
        return self.buffers

    def load(self, buffers: list[torch.Tensor]) -> None:
        for mine, theirs in zip(self.buffers, buffers):
            mine.copy_(theirs)
