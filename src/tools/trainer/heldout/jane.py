"""The request of the README, and relatives of it that a user would try next."""

from __future__ import annotations

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
PERSON = {"type": "object", "properties": {"name": STRING, "city": STRING, "age": INTEGER}, "required": ["name", "city", "age"], "additionalProperties": False}
ZOD = {"$schema": "http://json-schema.org/draft-07/schema#", **PERSON, "properties": {"name": STRING, "city": STRING, "age": {"type": "integer", "minimum": -9007199254740991, "maximum": 9007199254740991}}}
PYDANTIC = {"title": "Person", **PERSON, "properties": {"name": {"title": "Name", **STRING}, "city": {"title": "City", **STRING}, "age": {"title": "Age", **INTEGER}}}
DESCRIBED = {**PERSON, "description": "A person", "properties": {"name": {**STRING, "description": "The person's full name"}, "city": {**STRING, "description": "City of residence"}, "age": {**INTEGER, "description": "Age in years", "minimum": 0}}}
REORDERED = {"type": "object", "properties": {"age": INTEGER, "name": STRING, "city": STRING}, "required": ["age", "name", "city"], "additionalProperties": False}
SCHEMAS = (PERSON, ZOD, PYDANTIC, DESCRIBED, REORDERED)

PEOPLE = (("Jane Doe", "Berlin", 34), ("John Smith", "Paris", 52), ("Maria Garcia", "Madrid", 8), ("Siobhán O'Neil", "Cork", 71), ("Kwame Mensah", "Accra", 29), ("Li Wei", "Hong Kong", 45),
          ("Zoë Brontë-Hall", "St. Ives", 19), ("Bob", "Rio de Janeiro", 63))
TEXTS = ("Extract: '{n} lives in {c} and is {a} years old.'", "Extract: '{n} is {a} years old and lives in {c}.'", 'Extract: "{n}, {a}, lives in {c}."', "{n} lives in {c} and is {a} years old.",
         "Extract the person from the following text: {n} is a {a}-year-old from {c}.", "My name is {n}, I live in {c} and I am {a}.")


def rows():
    for i, (name, city, age) in enumerate(PEOPLE):
        for j, text in enumerate(TEXTS):
            for schema in SCHEMAS if (i + j) % 3 == 0 else (SCHEMAS[(i + j) % len(SCHEMAS)],):
                values = {"name": name, "city": city, "age": age}
                yield {"set": "jane", "messages": [{"role": "user", "content": text.format(n=name, c=city, a=age)}], "schema": schema,
                       "expected": {key: values[key] for key in schema["properties"]}}
