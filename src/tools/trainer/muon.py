"""Muon for the matrices, Adam for embeddings and norms. Matrices of one shape are orthogonalised together, or one by one natively."""

from __future__ import annotations

import torch

from native import address

STEPS = 5


def orthogonalize(stack: torch.Tensor) -> torch.Tensor:
    """Newton-Schulz towards the nearest orthogonal matrix, for a stack [n, rows, columns]."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = stack.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.transpose(1, 2)
    x = x / (x.float().flatten(1).norm(dim=1)[:, None, None].bfloat16() + 1e-7)
    for _ in range(STEPS):
        gram = torch.bmm(x, x.transpose(1, 2))
        x = a * x + torch.bmm(b * gram + c * torch.bmm(gram, gram), x)
    return (x.transpose(1, 2) if tall else x).float()


def orthogonalize_natively(lib, stack: torch.Tensor) -> torch.Tensor:
    out = torch.empty_like(stack)
    for source, target in zip(stack, out):
        lib.muon_orthogonalize(address(source), *source.shape, STEPS, address(target))
    return out


class Muon:
    """`parameters` with their gradients, and a momentum of the same shape for each, which may be shared memory."""

    def __init__(self, parameters: list, momenta: list[torch.Tensor], lib=None, momentum: float = 0.95) -> None:
        shapes: dict[tuple, list] = {}
        for parameter, buffer in zip(parameters, momenta):
            shapes.setdefault(tuple(parameter.shape), []).append((parameter, buffer))
        self.groups, self.momentum = list(shapes.values()), momentum
        self.orthogonalize = (lambda stack: orthogonalize_natively(lib, stack)) if lib else orthogonalize

    @torch.no_grad()
    def step(self, rate: float, decay: float = 0.01) -> None:
        for group in self.groups:
            gradients = [parameter.grad for parameter, _ in group]
            for gradient, (_, buffer) in zip(gradients, group):
                buffer.mul_(self.momentum).add_(gradient)
            update = self.orthogonalize(torch.stack([g + self.momentum * buffer for g, (_, buffer) in zip(gradients, group)]))
            rows, columns = group[0][0].shape
            scale = max(1.0, rows / columns) ** 0.5
            for (parameter, _), change in zip(group, update):
                parameter.mul_(1 - rate * decay).add_(change, alpha=-rate * scale)
