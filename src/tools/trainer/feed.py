"""Feeds shards to a worker as they appear on disk."""

from __future__ import annotations

import glob
import pathlib
import time

import numpy as np

import batches as B


class Feed:
    """Each worker takes every n-th shard, fresh ones first; when none is fresh, one of the newest again."""

    def __init__(self, run: pathlib.Path, seed: int, rank: int, count: int) -> None:
        self.run, self.rng, self.rank, self.count = run, np.random.default_rng(seed), rank, count
        self.used: list[str] = []

    def next_shard(self) -> list:
        while True:
            paths = sorted(glob.glob(str(self.run / "shards/[0-9]*-[0-9][0-9][0-9][0-9].npz")))
            mine = [p for p in paths if int(pathlib.Path(p).stem[-4:]) % self.count == self.rank]
            fresh = [p for p in mine if p not in self.used]
            if fresh:
                self.used.append(fresh[0])
                return B.load_shard(fresh[0])
            self.used = [p for p in self.used if p in mine]
            if self.used:
                return B.load_shard(self.used[int(self.rng.integers(len(self.used) * 2 // 3, len(self.used)))])
            time.sleep(2)

    def micro_batches(self, tokens_max: int, context: int, collate):
        while True:
            examples = self.next_shard()
            for group in B.batches(examples, tokens_max, self.rng):
                yield collate(examples, group, context, self.rng)
