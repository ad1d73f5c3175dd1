"""Scores a checkpoint on evaluation files by plain greedy decoding, without token masks.

    python3 evaluate.py CHECKPOINT FILE.jsonl... [--count 500] [--show 20]

A row is right only if the whole document is equal. The server's masks can only help; its scores are final.
"""

from __future__ import annotations

import argparse
import json

import torch

from shape import render_shape
from tokenizer import END, PAD, Tokenizer

NEW_TOKENS_MAX = 320


@torch.no_grad()
def generate(model, prompts: list[list[int]], limit: int = NEW_TOKENS_MAX) -> list[list[int]]:
    """Greedy continuation of a batch of prompts, padded on the left; each without its END."""
    width = max(map(len, prompts))
    lengths = torch.tensor([len(p) for p in prompts])
    ids = torch.tensor([[PAD] * (width - len(p)) + p for p in prompts])
    at = torch.arange(width)
    positions = (at[None] - (width - lengths)[:, None]).clamp(min=0)
    real = at[None] >= (width - lengths)[:, None]
    causal = at[None, :] <= at[:, None]
    allowed = (causal[None] & real[:, None]) | torch.eye(width, dtype=torch.bool)[None]
    bias = torch.where(allowed, 0.0, -1e9)[:, None]
    past = [[None, None] for _ in model.blocks]
    hidden = model(ids, positions, bias, past, tail=1)
    outputs: list[list[int]] = [[] for _ in prompts]
    open_rows = torch.ones(len(prompts), dtype=torch.bool)
    for step in range(limit):
        token = model.logits(hidden[:, -1]).argmax(-1)
        open_rows &= token != END
        for row in torch.nonzero(open_rows).flatten().tolist():
            outputs[row].append(int(token[row]))
        if not open_rows.any():
            break
        real = torch.cat([real, torch.ones(len(prompts), 1, dtype=torch.bool)], 1)
        bias = torch.where(real, 0.0, -1e9)[:, None, None]
        hidden = model(token[:, None], (lengths + step)[:, None], bias, past)
    return outputs


def answers(model, tokenizer: Tokenizer, rows: list[dict], batch: int = 40) -> list[str]:
    prompts = [tokenizer.prompt(r["messages"], render_shape(r["schema"]) if r.get("schema") is not None else None)
               for r in rows]
    order = sorted(range(len(rows)), key=lambda i: len(prompts[i]))
    texts = [""] * len(rows)
    for start in range(0, len(order), batch):
        group = order[start:start + batch]
        for index, ids in zip(group, generate(model, [prompts[i] for i in group])):
            texts[index] = tokenizer.decode(ids)
    return texts


def same(text: str, expected: object) -> bool:
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return json.dumps(value, sort_keys=True) == json.dumps(expected, sort_keys=True)


def field_score(text: str, expected: object) -> float:
    try:
        value = json.loads(text)
    except ValueError:
        return 0.0
    if not isinstance(value, dict) or not isinstance(expected, dict) or not expected:
        return float(value == expected)
    return sum(key in value and value[key] == expected[key] for key in expected) / len(expected)


def read(path: str, count: int) -> list[dict]:
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file][:count]


def evaluate(model, tokenizer: Tokenizer, path: str, count: int, show: int = 0) -> dict:
    model.eval()
    rows = read(path, count)
    texts = answers(model, tokenizer, rows)
    wrong = [(r, t) for r, t in zip(rows, texts) if not same(t, r["expected"])]
    for row, text in wrong[:show]:
        print("-", " / ".join(m["content"] for m in row["messages"])[:600], "\n    shape", render_shape(row["schema"]),
              "\n    want ", json.dumps(row["expected"], ensure_ascii=False), "\n    got  ", text)
    model.train()
    fields = sum(field_score(t, r["expected"]) for r, t in zip(rows, texts)) / len(rows)
    return {"exact": round(1 - len(wrong) / len(rows), 4), "fields": round(fields, 4), "rows": len(rows)}


def main() -> None:
    from export import load
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--show", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = load(args.checkpoint), Tokenizer()
    for path in args.files:
        print(path, evaluate(model, tokenizer, path, args.count, args.show))


if __name__ == "__main__":
    main()
