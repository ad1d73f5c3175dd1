"""From an entity to an extraction task: which keys are asked for, under which names and types, and the answer."""

from __future__ import annotations

from answers import ArrayNode, Leaf, ObjectNode, quoted
from compose import Entity, Fact
from domains import Domain, Field
from grammar import key_style, plural
from lexicon import invented
from values import Value, Values

FORMATS = {"date": "date", "time": "time", "datetime": "date-time", "email": "email", "url": "uri"}
STYLES = ["snake"] * 50 + ["camel"] * 26 + ["pascal"] * 5 + ["kebab"] * 4 + ["space"] * 4 + ["upper"] * 4 + ["flat"] * 3 + ["title"] * 4
GROUP_KEYS = "details info data meta other attributes basics section extra more main record block content values fields".split()
MISSING = {"string": '""', "integer": "0", "number": "0", "boolean": "false"}


class Tasks:
    def __init__(self, rng, values: Values, domains: dict[str, Domain]) -> None:
        self.rng, self.values, self.domains = rng, values, domains

    # Entities

    def entity(self, domain: Domain | None = None, only: list[str] | None = None, low: int = 1) -> Entity:
        rng = self.rng
        domain = domain or rng.choice(self.weighted())
        nouns = domain.nouns
        entity = Entity(domain, [], rng.choice(domain.pronouns), nouns[0] if rng.random() < 0.5 else rng.choice(nouns))
        subject = domain.subject
        if subject and (only is None or subject.name in only) and (only is not None or rng.random() < 0.88):
            entity.facts.append(self.fact(subject))
        others = [f for f in domain.fields.values() if not f.subject and not f.derived and (only is None or f.name in only)]
        if only is None:
            count = min(len(others), max(low, rng.choice((1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6))))
            others = rng.sample(others, count)
            others = self.without_clashes(others)
        entity.facts += [self.fact(f) for f in others]
        entity.hidden = [Fact(f, value) for f in domain.fields.values() if f.derived and (value := self.derived(f, entity)) is not None]
        if rng.random() < 0.04:
            for fact in entity.facts:
                self.lower(fact, rng.random() < 0.8)
        return entity

    def weighted(self) -> list[Domain]:
        return [d for d in self.domains.values() for _ in range({"person": 8, "order": 3, "product": 3, "event": 3, "company": 2, "book": 2}.get(d.name, 2))]

    def without_clashes(self, fields: list[Field]) -> list[Field]:
        """`date` and `day` of one event, say, share too many names to be in one text."""
        kept: list[Field] = []
        for field in fields:
            if not any(len(set(field.keys) & set(k.keys)) > 2 for k in kept):
                kept.append(field)
        return kept

    def fact(self, field: Field) -> Fact:
        rng = self.rng
        if field.kind == "bool":
            return Fact(field, rng.random() < 0.5)
        if field.kind == "enum":
            return Fact(field, rng.choice(list(field.choices)))
        if field.kind == "list":
            count = rng.choice((1, 2, 2, 3, 3, 3, 4, 5))
            items = {v.string: v for v in (self.values.make(field.maker) for _ in range(count))}
            return Fact(field, list(items.values()))
        return Fact(field, self.values.make(field.maker))

    def derived(self, field: Field, entity: Entity) -> Value | None:
        source, _, part = field.derived.partition(".")
        fact = entity.fact(source)
        return fact.value.parts.get(part) if fact else None

    def lower(self, fact: Fact, down: bool) -> None:
        for value in fact.value if isinstance(fact.value, list) else [fact.value]:
            if isinstance(value, Value) and value.string == value.text and value.iso is None and value.number is None:
                value.text = value.string = value.text.lower() if down else value.text.upper()

    # Requests

    def object(self, entity: Entity, depth: int = 0, fixed: list | None = None) -> ObjectNode | None:
        """An object node that asks for some of the facts; `fixed` repeats the choices of an earlier one."""
        rng = self.rng
        style = rng.choice(STYLES)
        told = [f for f in entity.facts if f.value != []]
        asked = list(told) if rng.random() < 0.6 else rng.sample(told, rng.randint(1, len(told)))
        asked += [f for f in entity.hidden if rng.random() < 0.35]
        entries = []
        described = rng.random() < 0.14
        prefix = f"{entity.domain.nouns[0]} " if rng.random() < 0.06 else ""
        used: set[str] = set()
        for fact in asked:
            label = self.free_label(fact.field, told, used)
            if label is None:
                continue
            used.add(label)
            shown = prefix + label
            description = rng.choice(fact.field.desc) if fact.field.desc and (described and rng.random() < 0.8 or rng.random() < 0.03) else None
            if description and rng.random() < 0.12:
                shown = rng.choice((invented(rng, 2, False), f"field {rng.randint(1, 9)}", rng.choice("abcdefxyz"), f"value{rng.randint(1, 20)}"))
            key = key_style(shown, style)
            node = self.leaf(fact, description)
            entries.append((key, node, True, None, fact.field.name))
        entries += self.absent(entity, style, used)
        entries = list({e[0]: e for e in entries}.values())
        if not entries:
            return None
        if rng.random() < 0.6:
            rng.shuffle(entries)
        entries = self.loosen(entries)
        if depth == 0 and len(entries) > 2 and rng.random() < 0.22:
            entries = self.nest(entries, entity.domain, style)
        return ObjectNode([e[:4] for e in entries])

    def free_label(self, field: Field, told: list[Fact], used: set[str]) -> str | None:
        """A name for the key that no other fact of the text could mean as well."""
        taken = set(used)
        for other in told:
            if other.field is not field:
                taken |= set(other.field.keys)
        free = [k for k in field.keys if k not in taken]
        if not free:
            return None
        return free[0] if self.rng.random() < 0.25 else self.rng.choice(free)

    def leaf(self, fact: Fact, description: str | None = None) -> Leaf | ArrayNode:
        field, value, rng = fact.field, fact.value, self.rng
        extra = {"description": description} if description else {}
        if field.kind == "bool":
            return Leaf({"type": "boolean", **extra}, "true" if value else "false")
        if field.kind == "enum":
            return self.enum_leaf(list(field.choices), value, extra)
        if field.kind == "list":
            return ArrayNode([Leaf({"type": "string"}, quoted(v.string)) for v in value], {"type": "string"}, extra)
        kind = rng.choice(field.types)
        if kind in ("integer", "number"):
            raw = value.number or value.string
            raw = raw.lstrip("0") if raw.lstrip("0") and raw[0] == "0" and not raw.startswith("0.") else raw
            if "." in raw:
                kind = "number"
            if rng.random() < 0.02 and not value.string.isalpha():
                return Leaf({"type": "string", **extra}, quoted(value.string))
            bounds = {"minimum": 0} if rng.random() < 0.1 and not raw.startswith("-") else {}
            return Leaf({"type": kind, **bounds, **extra}, raw)
        if kind in FORMATS and kind not in ("email", "url"):
            return Leaf({"type": "string", "format": FORMATS[kind], **extra}, quoted(value.iso))
        if kind in ("email", "url") and rng.random() < 0.5:
            extra = {"format": FORMATS[kind], **extra}
        if "date" in field.types and rng.random() < 0.3:
            extra["description"] = rng.choice(("YYYY-MM-DD", "date as YYYY-MM-DD", "ISO date", "ISO 8601 date", "in the format YYYY-MM-DD", (description or "date") + ", YYYY-MM-DD"))
            return Leaf({"type": "string", **extra}, quoted(value.iso))
        return Leaf({"type": "string", **extra}, quoted(value.string))

    def enum_leaf(self, literals: list[str], value: str, extra: dict) -> Leaf:
        rng = self.rng
        style = rng.choice((lambda s: s, lambda s: s, lambda s: s.upper(), lambda s: s.replace("_", " "), lambda s: s.replace("_", "-"), lambda s: s.title().replace("_", " "), lambda s: s.capitalize()))
        shown = [style(x) for x in literals]
        if rng.random() < 0.5:
            rng.shuffle(shown)
        if rng.random() < 0.15:
            shown.append(rng.choice(("unknown", "other", "none", "n/a")))
        return Leaf({"type": "string", "enum": shown, **extra}, quoted(style(value)))

    def absent(self, entity: Entity, style: str, used: set[str]) -> list:
        """Keys for things that the text does not say."""
        rng = self.rng
        if rng.random() > 0.16:
            return []
        told = {f.field.name for f in entity.facts}
        heard = {k for f in entity.facts for k in f.field.keys} | used
        others = [f for f in entity.domain.fields.values() if f.name not in told and not f.derived and not heard & set(f.keys)]
        entries = []
        for field in rng.sample(others, min(len(others), rng.choice((1, 1, 2)))):
            kind = {"bool": "boolean", "enum": "string", "list": "array", "integer": "integer", "number": "number"}.get(field.kind, "string")
            key = key_style(rng.choice(field.keys), style)
            schema = {"type": kind} if kind != "array" else {"type": "array", "items": {"type": "string"}}
            if field.kind == "enum":
                schema["enum"] = list(field.choices)
            r = rng.random()
            if r < 0.55:
                entries.append((key, Leaf(self.nullable(schema), "null"), True, None, field.name))
            elif r < 0.85 or field.kind == "enum":
                entries.append((key, Leaf(schema, '""'), False, Leaf(schema, '""'), field.name))
            else:
                entries.append((key, Leaf(schema, MISSING.get(kind, "[]")), True, None, field.name))
        return entries

    def nullable(self, schema: dict) -> dict:
        description = {k: v for k, v in schema.items() if k == "description"}
        schema = {k: v for k, v in schema.items() if k != "description"}
        if self.rng.random() < 0.5 and isinstance(schema.get("type"), str) and "enum" not in schema:
            return {**schema, "type": [schema["type"], "null"], **description}
        return {"anyOf": [schema, {"type": "null"}], **description}

    def loosen(self, entries: list) -> list:
        """Some keys are optional or nullable although the text names them."""
        rng, share, out = self.rng, self.rng.choice((0, 0, 0, 0.2, 0.5, 1)), []
        for key, node, required, absent, name in entries:
            if absent is None and isinstance(node, Leaf) and node.raw != "null" and rng.random() < share:
                if rng.random() < 0.5:
                    required = False
                else:
                    node = Leaf(self.nullable(node.schema), node.raw)
            out.append((key, node, required, absent, name))
        return out

    def nest(self, entries: list, domain: Domain, style: str) -> list:
        rng = self.rng
        groups = [(keys, [e for e in entries if e[4] in names]) for keys, names in domain.groups]
        groups = [(keys, members) for keys, members in groups if 2 <= len(members) < len(entries)]
        if groups and rng.random() < 0.8:
            keys, members = rng.choice(groups)
            name = rng.choice(keys)
        else:
            members = rng.sample(entries, rng.randint(1, len(entries) - 1))
            members = [e for e in entries if e in members]
            name = rng.choice(GROUP_KEYS + [domain.nouns[0]])
        inner = (key_style(name, style), ObjectNode([e[:4] for e in members]), True, None, "")
        rest = [e for e in entries if e not in members and e[0] != inner[0]]
        rest.insert(rng.randint(0, len(rest)), inner)
        return rest

    def array(self, entities: list[Entity]) -> ObjectNode | ArrayNode:
        """All entities as one array; they have the same fields, so one choice of keys serves all."""
        rng, first = self.rng, entities[0]
        style = rng.choice(STYLES)
        names = [f.field for f in first.facts]
        asked = names if rng.random() < 0.6 else rng.sample(names, rng.randint(1, len(names)))
        used: set[str] = set()
        chosen = []
        for field in asked:
            label = self.free_label(field, first.facts, used)
            if label:
                used.add(label)
                chosen.append((field, label))
        noun = plural(first.domain.nouns[0] if rng.random() < 0.6 else rng.choice(first.domain.nouns))
        if len(chosen) == 1 and first.fact(chosen[0][0].name).field.kind == "string" and rng.random() < 0.7:
            values = [e.fact(chosen[0][0].name).value.string for e in entities]
            node = ArrayNode([Leaf({"type": "string"}, quoted(v)) for v in values], {"type": "string"})
            label = chosen[0][1]
            label = label if " " in label else plural(label)
            return ObjectNode([(key_style(label, style), node, True)])
        state = rng.getstate()
        seed = rng.random()
        nodes = []
        for entity in entities:
            rng.seed(seed)
            nodes.append(ObjectNode([(key_style(label, style), self.leaf(entity.fact(field.name)), True) for field, label in chosen]))
        rng.setstate(state)
        rng.random()
        node = ArrayNode(nodes, self.common(nodes))
        key = key_style(rng.choice((noun, noun, noun, "items", "entries", "results", "list", "records", "data")), style)
        return node if rng.random() < 0.06 else ObjectNode([(key, node, True)])

    def common(self, nodes: list[ObjectNode]) -> dict:
        """One item schema for all: `number` wins over `integer` where some value has a fraction."""
        schema = nodes[0].schema
        for node in nodes[1:]:
            for key, value in node.schema["properties"].items():
                if value.get("type") == "number" and schema["properties"][key].get("type") == "integer":
                    schema["properties"][key] = value
                if "minimum" in schema["properties"][key]:
                    schema["properties"][key].pop("minimum")
        return schema
