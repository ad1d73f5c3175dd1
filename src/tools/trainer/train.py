"""Trains the model on shards that generate.py writes next to it, by the wall clock.

    python3 train.py --run /tmp/run --minutes 60 [--resume CHECKPOINT] [--seed 1]

The rate is constant and falls linearly to a tenth over the last 40 % of the minutes. Checkpoints are written
every few minutes; a run that was cut can be resumed with fewer minutes and a decay of its own (--decay 1).
Touch RUN/decay to begin the decay early: the file holds the minutes it shall take.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import pathlib
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
import torch.multiprocessing as mp

from evaluate import evaluate
from export import export
from model import Decoder, ModelConfig
from tokenizer import Tokenizer
from workers import Shared, Worker, is_matrix, serve

WORKERS = 2
MUON_RATE, ADAM_RATE, WARMUP_STEPS = 0.02, 0.004, 80
AVERAGE_KEEP = 0.997


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--resume")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--decay", type=float, default=0.4)
    parser.add_argument("--peak", type=float, default=1.0)
    parser.add_argument("--step-tokens", type=int, default=9216)
    parser.add_argument("--micro-tokens", type=int, default=576)
    parser.add_argument("--eval-minutes", type=float, default=6)
    parser.add_argument("--eval-sets", default="")
    return parser.parse_args()


class Schedule:
    """Share of the peak rate at a moment of the wall clock."""

    def __init__(self, minutes: float, decay: float, run: pathlib.Path) -> None:
        self.start = time.time()
        self.end = self.start + 60 * minutes
        self.decay_from = self.end - decay * 60 * minutes
        self.trigger = run / "decay"

    def share(self) -> float | None:
        now = time.time()
        if self.trigger.exists():
            self.decay_from, self.end = now, now + 60 * float(self.trigger.read_text())
            self.trigger.unlink()
        if now >= self.end:
            return None
        return 1.0 if now < self.decay_from else 0.05 + 0.95 * (self.end - now) / (self.end - self.decay_from)


class Average:
    """A running mean of the weights: what is scored and shipped, much better than the weights of one moment."""

    def __init__(self, model: Decoder) -> None:
        self.model, self.steps = copy.deepcopy(model), 0

    @torch.no_grad()
    def update(self, model: Decoder) -> None:
        self.steps += 1
        keep = min(AVERAGE_KEEP, self.steps / (self.steps + 20))
        for mine, theirs in zip(self.model.parameters(), model.parameters()):
            mine.lerp_(theirs, 1 - keep)


def save(model: Decoder, average: Average, shared: Shared, adam, path: pathlib.Path) -> None:
    """The averaged weights under `model`, the ones to go on from under `raw`."""
    temporary = path.with_suffix(".new")
    torch.save({"config": model.config.to_dict(), "model": average.model.state_dict(), "raw": model.state_dict(),
                "momenta": shared.momenta, "adam": adam.state_dict()}, temporary)
    temporary.rename(path)


def main() -> None:
    args = arguments()
    run = pathlib.Path(args.run)
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    tokenizer = Tokenizer()
    checkpoint = torch.load(args.resume, map_location="cpu") if args.resume else None
    config = ModelConfig(**checkpoint["config"]) if checkpoint else ModelConfig(vocabulary=len(tokenizer))
    model = Decoder(config)
    if checkpoint:
        model.load_state_dict(checkpoint["raw"])
    shared = Shared(model, WORKERS)
    plan = (run, args.seed, args.micro_tokens, args.step_tokens)
    helpers = [mp.Process(target=serve, args=(rank, shared, config, *plan), daemon=True) for rank in range(1, WORKERS)]
    for helper in helpers:
        helper.start()
    worker = Worker(0, shared, model, *plan)
    others = [p for n, p in model.named_parameters() if not is_matrix(n, p)]
    adam = torch.optim.Adam(others, lr=ADAM_RATE, betas=(0.9, 0.97))
    average = Average(model)
    if checkpoint:
        if "adam" in checkpoint:  # not in one that restore.py made
            shared.momenta.copy_(checkpoint["momenta"])
            adam.load_state_dict(checkpoint["adam"])
        average.model.load_state_dict(checkpoint["model"])
        average.steps = 10_000 if "adam" in checkpoint else 0
    schedule = Schedule(args.minutes, args.decay, run)
    log = (run / "log.jsonl").open("a")
    step, tokens, losses = 0, 0, []
    last_report = last_eval = time.time()
    while (share := schedule.share()) is not None:
        step += 1
        rate = share * args.peak * min(1.0, step / WARMUP_STEPS)
        shared.rate.fill_(MUON_RATE * rate)
        total, weight, count = worker.gradient()
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        for group in adam.param_groups:
            group["lr"] = ADAM_RATE * rate
        adam.step()
        worker.update()
        average.update(model)
        losses.append(total / weight)
        tokens += count
        if time.time() - last_report > 30:
            seconds, last_report = time.time() - schedule.start, time.time()
            row = {"step": step, "seconds": round(seconds), "mtokens": round(tokens / 1e6, 2), "rate": round(rate, 3),
                   "loss": round(float(np.mean(losses)), 4), "shards": len(worker.feed.used)}
            losses = []
            print(json.dumps(row), file=log, flush=True)
        if time.time() - last_eval > 60 * args.eval_minutes:
            checkpoint_and_evaluate(model, average, shared, adam, run, args, tokenizer, log, 120)
            last_eval = time.time()
    shared.stop.set()
    for helper in helpers:
        helper.terminate()
    checkpoint_and_evaluate(model, average, shared, adam, run, args, tokenizer, log, 500)
    (run / "done").write_text(str(step))


def checkpoint_and_evaluate(model, average, shared, adam, run, args, tokenizer, log, count: int) -> None:
    save(model, average, shared, adam, run / "last.pt")
    export(average.model, run / "hf.new")
    os.system(f"rm -rf {run}/hf.old; mv {run}/hf {run}/hf.old 2>/dev/null; mv {run}/hf.new {run}/hf")
    for path in filter(os.path.exists, args.eval_sets.split(",")):
        score = evaluate(average.model, tokenizer, path, count)
        print(json.dumps({"set": pathlib.Path(path).stem, **score}), file=log, flush=True)


if __name__ == "__main__":
    main()
