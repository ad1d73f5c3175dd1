"""Examples on disk and in batches.

A shard is an .npz with all token ids in one row, where each example ends (`ends`), where its answer begins
(`answers`) and which tokens begin a value (`marks`). Batches hold examples of similar length, padded on the
left, so that all answers end in the same column and the last layer and the vocabulary see only the tail.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from model import left_padded_bias
from tokenizer import PAD

FIRST_WEIGHT = 4.0
STRETCHED_SHARE = 0.15


def save_shard(path: str, examples: list[tuple[list[int], int, list[int]]]) -> None:
    """Each example is (ids, index of the first answer token, indices of tokens that begin a value)."""
    ends = np.cumsum([len(ids) for ids, _, _ in examples]).astype(np.int64)
    flat = np.concatenate([np.asarray(ids, np.uint16) for ids, _, _ in examples])
    marks = np.zeros(len(flat), np.uint8)
    for (ids, _, first), end in zip(examples, ends):
        for index in first:
            marks[end - len(ids) + index] = 1
    answers = np.asarray([answer for _, answer, _ in examples], np.int32)
    np.savez(path, flat=flat, ends=ends, answers=answers, marks=marks)


def load_shard(path: str) -> list[tuple[np.ndarray, int, np.ndarray]]:
    with np.load(path) as data:
        flat, ends, answers, marks = (data[k] for k in ("flat", "ends", "answers", "marks"))
    starts = np.concatenate([[0], ends[:-1]])
    return [(flat[a:b], int(c), marks[a:b]) for a, b, c in zip(starts, ends, answers)]


def batches(examples, tokens_max: int, rng: np.random.Generator):
    """Index lists of about tokens_max tokens each, in random order."""
    lengths = np.asarray([len(e[0]) for e in examples]) + rng.uniform(0, 6, len(examples))
    order, groups, group = np.argsort(lengths), [], []
    for index in order:
        if group and (len(group) + 1) * len(examples[index][0]) > tokens_max:
            groups.append(group)
            group = []
        group.append(int(index))
    if group:
        groups.append(group)
    rng.shuffle(groups)
    return groups


def stretch(positions: np.ndarray, answer: int, context: int, rng: np.random.Generator) -> None:
    """Opens gaps in the positions of a prompt, so that far distances are trained at the price of near ones."""
    room = context - len(positions) - 1
    for _ in range(int(rng.integers(1, 4))):
        gap = int(rng.integers(0, max(1, room // 3)))
        positions[int(rng.integers(1, answer)):] += gap


@dataclass
class Packed:
    """Rows one after the other, without padding and without their last token, which predicts nothing."""

    ids: np.ndarray  # [tokens]
    positions: np.ndarray  # [tokens]
    lengths: np.ndarray  # [rows]
    answers: np.ndarray  # [rows]: index of the first answer token
    targets: np.ndarray  # [predicting tokens]: from answer - 1 to the end of each row
    weights: np.ndarray  # [predicting tokens]


def pack(examples, group: list[int], context: int, rng: np.random.Generator) -> Packed:
    rows = [examples[i] for i in group]
    positions = []
    for row, answer, _ in rows:
        at = np.arange(len(row))
        if rng.random() < STRETCHED_SHARE:
            stretch(at, answer, context, rng)
        positions.append(at[:-1])
    join = lambda parts, kind: np.concatenate(parts).astype(kind)
    return Packed(join([r[:-1] for r, _, _ in rows], np.int32), join(positions, np.int32), np.asarray([len(r) - 1 for r, _, _ in rows], np.int32),
                  np.asarray([a for _, a, _ in rows], np.int32), join([r[a:] for r, a, _ in rows], np.int32),
                  join([1.0 + (FIRST_WEIGHT - 1.0) * m[a:] for _, a, m in rows], np.float32))


def collate(examples, group: list[int], context: int, rng: np.random.Generator):
    """ids, positions, attention bias, tail, and per tail position its target and weight."""
    rows = [examples[i] for i in group]
    width = max(len(r[0]) for r in rows)
    tail = max(len(r[0]) - r[1] for r in rows) + 1
    ids = np.full((len(rows), width), PAD, np.int64)
    positions = np.zeros((len(rows), width), np.int64)
    weights = np.zeros((len(rows), width), np.float32)
    for i, (row, answer, marks) in enumerate(rows):
        n = len(row)
        ids[i, width - n:] = row
        at = np.arange(n)
        if rng.random() < STRETCHED_SHARE:
            stretch(at, answer, context, rng)
        positions[i, width - n:] = at
        weights[i, width - n + answer:] = 1.0 + (FIRST_WEIGHT - 1.0) * marks[answer:]
    lengths = torch.tensor([len(r[0]) for r in rows])
    targets = np.concatenate([ids[:, 1:], np.full((len(rows), 1), PAD)], 1)[:, -tail:]
    weights = np.concatenate([weights[:, 1:], np.zeros((len(rows), 1), np.float32)], 1)[:, -tail:]
    return (torch.from_numpy(ids), torch.from_numpy(positions), left_padded_bias(lengths, width), tail,
            torch.from_numpy(np.ascontiguousarray(targets)), torch.from_numpy(np.ascontiguousarray(weights)))
