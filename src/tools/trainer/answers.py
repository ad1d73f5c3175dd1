"""A small typed tree of schema and answer together, so that both are always written alike.

A Node knows its JSON Schema and the pieces of its answer text; pieces marked as a decision (which value, which key, null or not, one
more or the end) weigh more in the loss. All outcomes of one decision are marked: else the heavier one would be preferred. Objects are written in schema order, compact, without absent optional keys.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field as dataclass_field

Pieces = list  # of (text, is_a_decision)


@dataclass
class Leaf:
    schema: dict
    raw: str

    def pieces(self) -> Pieces:
        return [('"', True), (self.raw[1:], True)] if self.raw.startswith('"') else [(self.raw, True)]


@dataclass
class ObjectNode:
    entries: list = dataclass_field(default_factory=list)  # (key, node or None if left out, required)
    extra: dict = dataclass_field(default_factory=dict)

    @property
    def schema(self) -> dict:
        schema = {"type": "object", "properties": {k: n.schema for k, n, _, in ((k, s or n, r) for k, n, r, s in self.rows())},
                  "required": [k for k, _, required, _ in self.rows() if required], "additionalProperties": False}
        return {**schema, **self.extra}

    def rows(self):
        for entry in self.entries:
            key, node, required = entry[:3]
            yield key, node, required, entry[3] if len(entry) > 3 else None

    def pieces(self) -> Pieces:
        out, first = [], True
        for key, node, _, absent in self.rows():
            if absent is not None:
                continue
            out += [("{" if first else ",", True), ('"', False), (json.dumps(key, ensure_ascii=False)[1:], True), (":", False)]
            out += node.pieces()
            first = False
        out += [("{", True)] * first + [("}", True)]
        return out


@dataclass
class ArrayNode:
    nodes: list
    item_schema: dict
    extra: dict = dataclass_field(default_factory=dict)

    @property
    def schema(self) -> dict:
        return {"type": "array", "items": self.item_schema, **self.extra}

    def pieces(self) -> Pieces:
        out: Pieces = [("[", True)]
        for index, node in enumerate(self.nodes):
            if index:
                out.append((",", True))
            out += node.pieces()
        out.append(("]", True))
        return out


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def string(text: str, **schema) -> Leaf:
    return Leaf({"type": "string", **schema}, quoted(text))


def text_of(node) -> str:
    return "".join(text for text, _ in node.pieces())
