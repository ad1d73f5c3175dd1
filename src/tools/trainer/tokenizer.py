"""The tokenizer: 256 bytes plus whole words, written as a standard tokenizer.json (byte-level BPE without merges).

`ignore_merges` makes a pre-token that is in the vocabulary one token; with no merges at all, every other
pre-token falls apart to its bytes. Punctuation and digits are therefore always single bytes: whatever a token
mask forces has one spelling, and the model has seen that one in training.
"""

from __future__ import annotations

import functools
import json
import pathlib
import re
import sys
import unicodedata

VOCABULARY = pathlib.Path(__file__).parent / "vocabulary.txt"  # one per line, `_` for the space

SPECIAL = ("<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|schema|>")
PAD, END, SYSTEM, USER, ASSISTANT, SCHEMA = range(len(SPECIAL))

# Words after an optional space, camelCase taken apart; runs of everything else; single spaces.
PATTERN = r" ?\p{Lu}?\p{Ll}+| ?\p{Lu}+(?!\p{Ll})| ?\p{L}|[^\p{L} ]+| "

CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'system' or message['role'] == 'developer' -%}<|system|>"
    "{%- elif message['role'] == 'assistant' -%}<|assistant|>"
    "{%- else -%}<|user|>{%- endif -%}"
    "{{- message['content'] -}}"
    "{%- if message['role'] == 'assistant' -%}<|end|>{%- endif -%}"
    "{%- endfor -%}"
    "{%- if schema_shape -%}<|schema|>{{- schema_shape -}}{%- endif -%}"
    "{%- if add_generation_prompt -%}<|assistant|>{%- endif -%}"
)


def byte_symbols() -> list[str]:
    """GPT-2's printable stand-in for each byte, the convention of every byte-level tokenizer."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    symbols, spare = [""] * 256, 256
    for byte in range(256):
        if byte in printable:
            symbols[byte] = chr(byte)
        else:
            symbols[byte] = chr(spare)
            spare += 1
    return symbols


def char_class(*categories: str) -> str:
    """A regex class with every character of the given Unicode categories (`re` has no \\p)."""
    ranges, start, previous = [], None, None
    for point in range(sys.maxunicode + 1):
        if unicodedata.category(chr(point)) in categories:
            if previous != point - 1:
                if start is not None:
                    ranges.append((start, previous))
                start = point
            previous = point
    ranges.append((start, previous))
    return "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in ranges)


class Tokenizer:
    def __init__(self, spellings: list[str] | None = None) -> None:
        """`spellings` are the whole words, by default those of vocabulary.txt."""
        if spellings is None:
            spellings = [line.replace("_", " ") for line in VOCABULARY.read_text(encoding="utf-8").split()]
        symbols = byte_symbols()
        self.pieces: list[bytes] = [b""] * len(SPECIAL) + [bytes([b]) for b in range(256)]
        self.first_byte = len(SPECIAL)
        self.words = {}
        for word in spellings:
            self.words[word] = len(self.pieces)
            self.pieces.append(word.encode())
        self.symbols = symbols
        upper, lower = char_class("Lu"), char_class("Ll")
        letter = char_class("Lu", "Ll", "Lt", "Lm", "Lo")
        self.regex = re.compile(
            f" ?[{upper}]?[{lower}]+| ?[{upper}]+(?![{lower}])| ?[{letter}]|[^{letter} ]+| ")
        self.encode_piece = functools.lru_cache(maxsize=200_000)(self._encode_piece)

    def __len__(self) -> int:
        return len(self.pieces)

    def _encode_piece(self, piece: str) -> tuple[int, ...]:
        word = self.words.get(piece)
        return (word,) if word is not None else tuple(b + self.first_byte for b in piece.encode())

    def encode(self, text: str) -> list[int]:
        ids: list[int] = []
        for piece in self.regex.findall(text):
            ids += self.encode_piece(piece)
        return ids

    def encode_noisy(self, text: str, rng, share: float) -> list[int]:
        """As `encode`, but a share of the whole words is spelled in bytes, so the model learns spellings."""
        ids: list[int] = []
        for piece in self.regex.findall(text):
            if share and piece in self.words and rng.random() < share:
                ids += [b + self.first_byte for b in piece.encode()]
            else:
                ids += self.encode_piece(piece)
        return ids

    def decode(self, ids) -> str:
        return b"".join(self.pieces[i] for i in ids).decode("utf-8", "replace")

    def prompt(self, messages: list[dict], shape: str | None, rng=None, share: float = 0.0) -> list[int]:
        """The chat template in code: what the server builds from tokenizer_config.json."""
        roles = {"system": SYSTEM, "developer": SYSTEM, "assistant": ASSISTANT}
        ids: list[int] = []
        for message in messages:
            role = roles.get(message["role"], USER)
            ids.append(role)
            ids += self.encode_noisy(message["content"], rng, share)
            if role == ASSISTANT:
                ids.append(END)
        if shape:
            ids.append(SCHEMA)
            ids += self.encode(shape)
        ids.append(ASSISTANT)
        return ids

    def to_json(self) -> dict:
        """tokenizer.json."""
        vocabulary = {name: i for i, name in enumerate(SPECIAL)}
        for i in range(len(SPECIAL), len(self.pieces)):
            piece = self.pieces[i]
            vocabulary["".join(self.symbols[b] for b in piece)] = i
        added = [{"id": i, "content": name, "single_word": False, "lstrip": False, "rstrip": False,
                  "normalized": False, "special": True} for i, name in enumerate(SPECIAL)]
        return {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]},
            "post_processor": None,
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                      "ignore_merges": True, "vocab": vocabulary, "merges": []}}


def config_json(context: int) -> dict:
    """tokenizer_config.json."""
    return {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": context,
            "pad_token": SPECIAL[PAD], "eos_token": SPECIAL[END], "bos_token": None, "unk_token": None,
            "add_bos_token": False, "clean_up_tokenization_spaces": False, "chat_template": CHAT_TEMPLATE}


def write(folder, context: int) -> None:
    tokenizer = Tokenizer()
    text = json.dumps(tokenizer.to_json(), ensure_ascii=False, indent=1)
    (folder / "tokenizer.json").write_text(text + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(config_json(context), indent=2) + "\n", encoding="utf-8")
