"""Writes vocabulary.txt: the spellings of words.py that the generator really uses.

    python3 vocabulary.py

A word that training never shows would be a token without meaning; left out, it is read as bytes like any unknown
word. Run it once before the first training; the file is committed, because the token ids follow from it.
"""

from __future__ import annotations

import pathlib
from collections import Counter

from generate import Generator, tokens
from tokenizer import Tokenizer
from words import spellings

EXAMPLES, COUNT_MIN = 40_000, 8
PATH = pathlib.Path(__file__).parent / "vocabulary.txt"


def main() -> None:
    tokenizer, generator, seen = Tokenizer(spellings()), Generator(7), Counter()
    for _ in range(EXAMPLES):
        seen.update(tokens(tokenizer, generator.example(), generator.rng)[0])
    kept = [word for word, token in tokenizer.words.items() if seen[token] >= COUNT_MIN]
    PATH.write_text("".join(word.replace(" ", "_") + "\n" for word in kept), encoding="utf-8")
    print(len(tokenizer.words), "->", len(kept))


if __name__ == "__main__":
    main()
