"""Writes tests/Evaluation/shape-goldens.json: schema and shape pairs for ports of shape.py."""

from __future__ import annotations

import json
import pathlib
import sys

from shape import render_shape

STRING = {"type": "string"}
INTEGER = {"type": "integer"}


def person(**more: object) -> dict:
    return {"type": "object", "properties": {"name": STRING, "city": STRING, "age": INTEGER},
            "required": ["name", "city", "age"], "additionalProperties": False, **more}


def one(schema: object) -> dict:
    return {"type": "object", "properties": {"x": schema}, "required": ["x"]}


def nested(depth: int) -> dict:
    return STRING if depth == 0 else {"type": "object", "properties": {"a": nested(depth - 1)}, "required": ["a"]}


CASES: list[tuple[str, object]] = [
    ("person", person()),
    ("zod: $schema, bounds", person(**{"$schema": "https://json-schema.org/draft/2020-12/schema"}, properties={
        "name": STRING, "city": STRING,
        "age": {"type": "integer", "minimum": -9007199254740991, "maximum": 9007199254740991}})),
    ("pydantic: titles are not shown", person(title="Person", properties={
        "name": {"title": "Name", **STRING}, "city": {"title": "City", **STRING}, "age": {"title": "Age", **INTEGER}})),
    ("optional keys", {"type": "object", "properties": {"name": STRING, "nickname": STRING}, "required": ["name"]}),
    ("no required at all", {"type": "object", "properties": {"name": STRING}}),
    ("all plain types", {"type": "object", "properties": {
        "s": STRING, "i": INTEGER, "n": {"type": "number"}, "b": {"type": "boolean"}, "z": {"type": "null"}},
        "required": ["s", "i", "n", "b", "z"]}),
    ("formats", {"type": "object", "properties": {f.replace("-", ""): {"type": "string", "format": f} for f in (
        "date", "date-time", "time", "email", "uri", "uuid", "ipv4", "duration")}, "required": ["date", "datetime"]}),
    ("array of strings", one({"type": "array", "items": STRING})),
    ("array of arrays", one({"type": "array", "items": {"type": "array", "items": INTEGER}})),
    ("array of objects", one({"type": "array", "items": person()})),
    ("array of nullable", one({"type": "array", "items": {"type": ["string", "null"]}})),
    ("array of enum", one({"type": "array", "items": {"enum": ["a", "b"]}})),
    ("array of one-valued enum", one({"type": "array", "items": {"enum": ["a | b"]}})),
    ("array, items described", one({"type": "array", "description": "all of them", "items": {
        "type": "string", "description": "a label"}})),
    ("array without items", one({"type": "array"})),
    ("array, items true", one({"type": "array", "items": True})),
    ("prefixItems", one({"type": "array", "prefixItems": [STRING, INTEGER], "items": False})),
    ("enum", one({"type": "string", "enum": ["open", "in progress", "closed"]})),
    ("enum of mixed values", one({"enum": ["a\"b", 1, 2.5, True, None, "é"]})),
    ("const", one({"const": "v1"})),
    ("nullable by type list", one({"type": ["null", "string"]})),
    ("nullable by anyOf", one({"anyOf": [{"type": "null"}, {"type": "string", "format": "date"}]})),
    ("nullable date with anyOf and description, as pydantic writes it", one({
        "anyOf": [STRING, {"type": "null"}], "default": None, "title": "X", "description": "home town"})),
    ("oneOf of objects", one({"oneOf": [one(STRING), one(INTEGER)]})),
    ("array of union of objects", one({"type": "array", "items": {"anyOf": [one(STRING), one(INTEGER)]}})),
    ("equal alternatives are said once", one({"anyOf": [STRING, {"type": "string", "minLength": 3}]})),
    ("descriptions", person(description="A person.", properties={
        "name": {**STRING, "description": "Full name"}, "city": {**STRING, "description": "  where\n they   live "},
        "age": {**INTEGER, "description": ""}})),
    ("a long description is cut at a space", one({**STRING, "description": "word " * 30})),
    ("a long description without spaces", one({**STRING, "description": "x" * 100})),
    ("$ref", {"type": "object", "properties": {"home": {"$ref": "#/$defs/Place"}, "work": {
        "$ref": "#/$defs/Place", "description": "the office"}}, "required": ["home", "work"], "$defs": {
        "Place": {"title": "Place", "description": "not shown", **one(STRING)}}}),
    ("$ref root", {"$ref": "#/definitions/P", "definitions": {"P": person()}}),
    ("recursive $ref", {"type": "object", "properties": {"v": STRING, "next": {"anyOf": [{"$ref": "#"}, {
        "type": "null"}]}}, "required": ["v", "next"]}),
    ("$ref to nowhere", one({"$ref": "#/$defs/none"})),
    ("allOf merges", {"allOf": [{"$ref": "#/$defs/A"}, {"properties": {"b": INTEGER}, "required": ["b"]}],
                      "$defs": {"A": {"type": "object", "properties": {"a": STRING}}}}),
    ("map", one({"type": "object", "additionalProperties": {"type": "number"}})),
    ("object without properties", one({"type": "object"})),
    ("keys that need quotes", {"type": "object", "properties": {
        "first name": STRING, "a.b": STRING, "größe": STRING, "ok-key_1$": STRING, "": STRING}}),
    ("types implied by keywords", {"properties": {"a": {"items": STRING}, "b": {"pattern": "^x"}, "c": {
        "minimum": 0}, "d": {}, "e": True}}),
    ("root array", {"type": "array", "items": person()}),
    ("root enum", {"enum": ["yes", "no"]}),
    ("boolean schema", True),
    ("deep nesting", nested(12)),
    ("long: descriptions go first", {"type": "object", "properties": {
        f"key_{i}": {**STRING, "description": "some words about it"} for i in range(60)}}),
    ("long: then enum values and depth", {"type": "object", "properties": {
        f"key_{i}": {"enum": [f"value {i} {j}" for j in range(30)]} for i in range(6)}}),
    ("long: at last it is cut", {"type": "object", "properties": {f"property_number_{i}": STRING for i in range(120)}}),
]


def main() -> None:
    path = pathlib.Path(sys.argv[1])
    rows = [{"name": name, "schema": schema, "shape": render_shape(schema)} for name, schema in CASES]
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
