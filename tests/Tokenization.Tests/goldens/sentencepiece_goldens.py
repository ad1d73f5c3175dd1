#!/usr/bin/env python3
"""Writes ids that the sentencepiece library gives for seeded strings: sentencepiece_goldens.py MODEL COUNT OUT. Needs the Python package sentencepiece."""
import json
import random
import sys

import sentencepiece

WORDS = ["the", "Hello", "WORLD", "it's", "naïve", "Straße", "ÜBER", "быстрая", "Лиса", "αλεπού", "世界", "こんにちは", "サーバー", "안녕하세요", "السريع",
         "tokenization", "HTTPServer2", "3.14159", "e\u0301", "\ufb01ne", "①②③", "½", "𝔘𝔫𝔦", "𠮷野家", "🏳️\u200d🌈", "👩\u200d👩\u200d👧", "🇩🇪", "❤️", "<s>", "</s>", "<unk>",
         "<0x0A>", "<start_of_turn>", "\u2581", "{\"name\": \"Ada\"}", "return x ** 2;\n", "https://example.org/?q=1", "!!!???", "C:\\dir", "ｆｕｌｌ", "Å", "\u1100\u1161\u11A8"]
SPACES = [" ", " ", " ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", "\u00a0", "\u3000", "\u2003", "\u2028", "\u200b", "\ufeff", "\x0b", "\x00", "\x85"]


def text(pick):
    parts = []
    for _ in range(pick.randrange(0, 40 if pick.randrange(4) == 0 else 8)):
        kind = pick.randrange(10)
        if kind < 4:
            parts.append(pick.choice(WORDS))
        elif kind < 8:
            parts.append(pick.choice(SPACES) * (pick.randrange(1, 5) if kind == 7 else 1))
        else:
            start = pick.choice([0, 0x80, 0x300, 0x400, 0x1100, 0x2000, 0x3000, 0x4E00, 0xAC00, 0xF900, 0xFB00, 0xFF00, 0x1D400, 0x1F300, 0x20000, 0xE0000])
            parts.append("".join(chr(start + pick.randrange(256)) for _ in range(pick.randrange(1, 6))))
    return "".join(parts)


def main():
    model, count, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    reader = sentencepiece.SentencePieceProcessor(model_file=model)
    pick = random.Random(7)
    with open(out, "w", encoding="utf-8") as file:
        for _ in range(count):
            string = text(pick)
            file.write(json.dumps({"text": string, "ids": reader.encode(string)}, separators=(",", ":")) + "\n")


main()
