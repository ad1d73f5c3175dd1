"""Renders a JSON Schema as the short "shape" that the embedded model was trained on.

SHAPE.md is the specification; this file is its reference implementation. It is pure and total: any
JSON value gives a shape, and nothing is ever refused here (refusing is the grammar engine's work).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

SHAPE_CHARS_MAX = 1500
DESCRIPTION_CHARS_MAX = 80

FORMAT_NAMES = {
    "date": "date",
    "date-time": "datetime",
    "time": "time",
    "email": "email",
    "uri": "url",
    "uuid": "uuid",
}

PLAIN_TYPES = ("string", "integer", "number", "boolean", "null")


@dataclass(frozen=True)
class Level:
    """How much is said. Levels are tried in order until the text is short enough."""

    depth_max: int
    descriptions: bool
    enum_values_max: int


LEVELS = (
    Level(depth_max=8, descriptions=True, enum_values_max=256),
    Level(depth_max=8, descriptions=False, enum_values_max=64),
    Level(depth_max=4, descriptions=False, enum_values_max=16),
    Level(depth_max=2, descriptions=False, enum_values_max=8),
)


def render_shape(schema: object) -> str:
    """The shape of a schema; at the last level it is cut at SHAPE_CHARS_MAX characters."""
    text = ""
    for level in LEVELS:
        text = _Renderer(schema, level).render(schema, depth=0, refs=())
        if len(text) <= SHAPE_CHARS_MAX:
            return text
    return text[:SHAPE_CHARS_MAX]


class _Renderer:
    def __init__(self, root: object, level: Level) -> None:
        self.root = root
        self.level = level

    def render(self, schema: object, depth: int, refs: tuple[str, ...]) -> str:
        """Type text, then the description in round brackets, if one is wanted."""
        if not isinstance(schema, dict):
            return "any"
        text = self.type_text(schema, depth, refs)
        description = schema.get("description")
        if self.level.descriptions and isinstance(description, str):
            short = shorten(description)
            if short:
                text += f" ({short})"
        return text

    def type_text(self, schema: dict, depth: int, refs: tuple[str, ...]) -> str:
        """The rules of SHAPE.md, section 2, in their order: the first that applies wins."""
        if "$ref" in schema:
            return self.reference(schema["$ref"], depth, refs)
        if "const" in schema:
            return literal(schema["const"])
        if isinstance(schema.get("enum"), list) and schema["enum"]:
            return self.enumeration(schema["enum"])
        for keyword in ("anyOf", "oneOf"):
            if isinstance(schema.get(keyword), list) and schema[keyword]:
                return self.union([self.render(s, depth, refs) for s in schema[keyword]])
        if isinstance(schema.get("allOf"), list) and schema["allOf"]:
            return self.type_text(self.merge(schema), depth, refs)
        types = schema.get("type")
        if isinstance(types, list):
            return self.union([self.single(schema, t, depth, refs) for t in types])
        return self.single(schema, types, depth, refs)

    def single(self, schema: dict, type_name: object, depth: int, refs: tuple[str, ...]) -> str:
        if type_name is None:
            type_name = implied_type(schema)
        if type_name == "object":
            return self.object(schema, depth, refs)
        if type_name == "array":
            return self.array(schema, depth, refs)
        if type_name == "string":
            name = schema.get("format")
            return FORMAT_NAMES.get(name, "string") if isinstance(name, str) else "string"
        return type_name if type_name in PLAIN_TYPES else "any"

    def object(self, schema: dict, depth: int, refs: tuple[str, ...]) -> str:
        properties = schema.get("properties")
        if not isinstance(properties, dict) or not properties:
            values = schema.get("additionalProperties")
            if isinstance(values, dict) and values and depth < self.level.depth_max:
                return "{[key]: " + self.render(values, depth + 1, refs) + "}"
            return "object"
        if depth >= self.level.depth_max:
            return "object"
        required = schema.get("required")
        required = required if isinstance(required, list) else []
        parts = []
        for key, value in properties.items():
            mark = "" if key in required else "?"
            parts.append(f"{key_text(key)}{mark}: {self.render(value, depth + 1, refs)}")
        return "{" + ", ".join(parts) + "}"

    def array(self, schema: dict, depth: int, refs: tuple[str, ...]) -> str:
        prefix = schema.get("prefixItems")
        if isinstance(prefix, list) and prefix:
            return "[" + ", ".join(self.render(s, depth + 1, refs) for s in prefix) + "]"
        items = schema.get("items")
        if not isinstance(items, dict):
            return "any[]"
        if depth >= self.level.depth_max:
            return "any[]"
        text = self.render(items, depth + 1, refs)
        return f"({text})[]" if text.endswith(")") or has_union(text) else f"{text}[]"

    def enumeration(self, values: list) -> str:
        shown = [literal(v) for v in values[: self.level.enum_values_max]]
        if len(values) > len(shown):
            shown.append("...")
        return " | ".join(shown)

    def union(self, parts: list[str]) -> str:
        """Equal alternatives are said once; `null` goes last, as people write it."""
        unique = list(dict.fromkeys(parts))
        if "null" in unique and len(unique) > 1:
            unique.remove("null")
            unique.append("null")
        return " | ".join(unique)

    def reference(self, pointer: object, depth: int, refs: tuple[str, ...]) -> str:
        if not isinstance(pointer, str) or pointer in refs:
            return "any"
        target = resolve(self.root, pointer)
        if not isinstance(target, dict):
            return "any"
        return self.type_text(target, depth, refs + (pointer,))

    def merge(self, schema: dict) -> dict:
        """allOf: properties and required of all parts together; other keywords, the first wins."""
        merged = {k: v for k, v in schema.items() if k != "allOf"}
        properties = dict(as_dict(schema.get("properties")))
        required = list(as_list(schema.get("required")))
        for part in schema["allOf"]:
            part = as_dict(part)
            if isinstance(part.get("$ref"), str):
                part = as_dict(resolve(self.root, part["$ref"]))
            properties.update((k, v) for k, v in as_dict(part.get("properties")).items() if k not in properties)
            required += as_list(part.get("required"))
            for key, value in part.items():
                if key not in ("properties", "required", "allOf", "$ref", "description"):
                    merged.setdefault(key, value)
        if properties:
            merged["properties"] = properties
            merged["required"] = required
        return merged


def implied_type(schema: dict) -> str | None:
    """A schema without `type` still says what it is by the keywords it uses."""
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema:
        return "array"
    if "format" in schema or "pattern" in schema or "minLength" in schema or "maxLength" in schema:
        return "string"
    if "minimum" in schema or "maximum" in schema or "multipleOf" in schema:
        return "number"
    return None


def resolve(root: object, pointer: str) -> object:
    """A local JSON Pointer (`#` or `#/...`); anything else gives None."""
    if pointer == "#":
        return root
    if not pointer.startswith("#/"):
        return None
    node = root
    for part in pointer[2:].split("/"):
        part = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or part not in node:
            return None
        node = node[part]
    return node


def key_text(key: str) -> str:
    """Keys made of ASCII letters, digits, `_`, `-` and `$` stand bare; others as JSON strings."""
    plain = bool(key) and all(c.isascii() and (c.isalnum() or c in "_-$") for c in key)
    return key if plain else json.dumps(key, ensure_ascii=False)


def has_union(text: str) -> bool:
    """Is there a ` | ` outside all brackets and quotes?"""
    depth, quoted, at = 0, False, 0
    while at < len(text):
        char = text[at]
        if quoted:
            at += char == "\\"
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char in "{[(":
            depth += 1
        elif char in "}])":
            depth -= 1
        elif depth == 0 and text.startswith(" | ", at):
            return True
        at += 1
    return False


def literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def shorten(description: str) -> str:
    """White space runs become one space; past 80 characters it is cut at the last space."""
    text = " ".join(description.split())
    if len(text) <= DESCRIPTION_CHARS_MAX:
        return text
    cut = text.rfind(" ", 0, DESCRIPTION_CHARS_MAX + 1)
    return text[: cut if cut > 0 else DESCRIPTION_CHARS_MAX]


def as_dict(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list:
    return value if isinstance(value, list) else []
