"""The decoder: Llama blocks (RMSNorm, rotary grouped-query attention, SwiGLU) with tied embeddings."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class ModelConfig:
    vocabulary: int
    hidden: int = 192
    layers: int = 8
    heads: int = 8
    kv_heads: int = 4
    head_size: int = 32
    feed_forward: int = 576
    context: int = 2048
    rope_theta: float = 10000.0
    norm_epsilon: float = 1e-5

    def to_dict(self) -> dict:
        return asdict(self)


class RMSNorm(nn.Module):
    def __init__(self, size: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.float()
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


def rope_tables(config: ModelConfig, positions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """cos and sin of shape [batch, 1, length, head_size], for Hugging Face's rotate_half."""
    half = config.head_size // 2
    inverse = config.rope_theta ** (-torch.arange(0, half).float() / half)
    angles = positions[:, None, :, None].float() * inverse
    cos, sin = angles.cos(), angles.sin()
    return torch.cat([cos, cos], dim=-1), torch.cat([-sin, sin], dim=-1)


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """The sign of rotate_half is in `sin` already, so a roll does what slices and a copy would."""
    return x * cos + x.roll(x.shape[-1] // 2, -1) * sin


class Block(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        c = config
        self.config = c
        self.input_norm = RMSNorm(c.hidden, c.norm_epsilon)
        self.post_norm = RMSNorm(c.hidden, c.norm_epsilon)
        self.q = nn.Linear(c.hidden, c.heads * c.head_size, bias=False)
        self.k = nn.Linear(c.hidden, c.kv_heads * c.head_size, bias=False)
        self.v = nn.Linear(c.hidden, c.kv_heads * c.head_size, bias=False)
        self.o = nn.Linear(c.heads * c.head_size, c.hidden, bias=False)
        self.gate = nn.Linear(c.hidden, c.feed_forward, bias=False)
        self.up = nn.Linear(c.hidden, c.feed_forward, bias=False)
        self.down = nn.Linear(c.feed_forward, c.hidden, bias=False)

    def forward(self, x, cos, sin, bias, past=None, tail: int | None = None):
        """`tail`: only the last so many positions are wanted (the last layer needs only the answer)."""
        c, batch = self.config, x.shape[0]
        groups = c.heads // c.kv_heads
        x_in = self.input_norm(x)
        k = self.k(x_in).view(batch, -1, c.kv_heads, c.head_size).transpose(1, 2)
        v = self.v(x_in).view(batch, -1, c.kv_heads, c.head_size).transpose(1, 2)
        k = rotate(k.float(), cos, sin).to(v.dtype)
        if tail is not None:
            x, x_in = x[:, -tail:], x_in[:, -tail:]
            cos, sin, bias = cos[:, :, -tail:], sin[:, :, -tail:], bias[:, :, -tail:]
        length = x.shape[1]
        q = self.q(x_in).view(batch, length, c.heads, c.head_size).transpose(1, 2)
        q = (rotate(q.float(), cos, sin) * (1 / math.sqrt(c.head_size))).to(v.dtype)
        if past is not None:
            if past[0] is not None:
                k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
            past[:] = [k, v]
        # Heads of one group share k and v: fold the group into the query length.
        q = q.reshape(batch * c.kv_heads, groups * length, c.head_size)
        k, v = (t.reshape(batch * c.kv_heads, -1, c.head_size) for t in (k, v))
        scores = torch.bmm(q, k.transpose(1, 2)).view(batch, c.heads, length, -1)
        weights = torch.softmax(scores + bias.to(scores.dtype), dim=-1).to(v.dtype)
        out = torch.bmm(weights.view(batch * c.kv_heads, groups * length, -1), v)
        out = out.view(batch, c.heads, length, c.head_size).transpose(1, 2).reshape(batch, length, -1)
        x = x + self.o(out)
        h = self.post_norm(x)
        gate = F.silu(self.gate(h).float()).to(v.dtype)  # in bf16 this is six times slower
        return x + self.down(gate * self.up(h))


class Decoder(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.hidden)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = RMSNorm(config.hidden, config.norm_epsilon)
        nn.init.normal_(self.embedding.weight, std=0.02)
        for block in self.blocks:
            for layer in (block.q, block.k, block.v, block.gate, block.up):
                nn.init.normal_(layer.weight, std=config.hidden ** -0.5)
            for layer in (block.o, block.down):
                nn.init.normal_(layer.weight, std=0.5 * (2 * config.layers * layer.in_features) ** -0.5)

    def forward(self, ids, positions, bias, past=None, tail: int | None = None) -> torch.Tensor:
        """Final hidden states; `bias` is 0 where a query may look at a key and very negative elsewhere."""
        x = self.embedding(ids)
        cos, sin = rope_tables(self.config, positions)
        for index, block in enumerate(self.blocks):
            last = index == len(self.blocks) - 1
            x = block(x, cos, sin, bias, None if past is None else past[index], tail if last else None)
        return self.norm(x)

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        return F.linear(hidden, self.embedding.weight)


def left_padded_bias(lengths: torch.Tensor, width: int) -> torch.Tensor:
    """Causal bias [batch, 1, width, width] for rows whose tokens stand at the right end."""
    at = torch.arange(width)
    causal = at[None, :] <= at[:, None]
    real = at[None, :] >= (width - lengths)[:, None]
    allowed = causal[None] & real[:, None, :]
    allowed |= torch.eye(width, dtype=torch.bool)[None]
    return torch.where(allowed, 0.0, -1e9)[:, None]
