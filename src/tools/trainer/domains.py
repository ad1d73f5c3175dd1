"""Reads domains/*.txt: kinds of things, their fields, and the phrases that a text uses for each field.

The file format is described at the top of domains/people.txt. Held-out phrases and keys have the same format and
are read only by the makers of evaluation data (`load_held_out`).
"""

from __future__ import annotations

import functools
import pathlib
from dataclasses import dataclass, field as dataclass_field

FOLDER = pathlib.Path(__file__).parent / "domains"
# What the held-out files were made from: phrases of later files would make them others.
EVALUATED = ("commerce", "nature", "people", "things", "work", "world", "variety")


def files(names: tuple[str, ...] = ()) -> list[pathlib.Path]:
    """The named files, or all; variety*.txt add to what the others define, so they come last."""
    return [FOLDER / f"{name}.txt" for name in names] or sorted(FOLDER.glob("*.txt"), key=lambda path: (path.stem.startswith("variety"), path.name))


@dataclass
class Field:
    name: str
    types: list[str]
    maker: str = ""
    subject: bool = False
    derived: str = ""
    choices: dict = dataclass_field(default_factory=dict)
    keys: list[str] = dataclass_field(default_factory=list)
    desc: list[str] = dataclass_field(default_factory=list)
    phrases: dict = dataclass_field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.types[0]


@dataclass
class Domain:
    name: str
    nouns: list[str]
    pronouns: list[str]
    groups: list[tuple[list[str], list[str]]] = dataclass_field(default_factory=list)
    fields: dict = dataclass_field(default_factory=dict)

    @property
    def subject(self) -> Field | None:
        return next((f for f in self.fields.values() if f.subject), None)


def parse_field(text: str) -> Field:
    name, _, rest = text.partition(":")
    kind, _, maker = rest.strip().partition(" ")
    if kind == "derived":
        return Field(name, ["string"], derived=maker)
    if kind == "enum":
        choices = {}
        for part in maker.split("|"):
            literal, _, phrases = part.partition("=")
            choices[literal] = phrases.split(",")
        return Field(name, ["enum"], choices=choices)
    subject = maker.endswith(" subject")
    maker = maker.removesuffix(" subject")
    result = Field(name, kind.split(","), maker, subject)
    if maker.count(".") == 1 and ":" not in maker:
        result.derived, result.maker = "name." + maker.split(".")[1], ""
    return result


def split(text: str) -> list[str]:
    return [x.strip() for x in text.split(";") if x.strip()]


def parse(path: pathlib.Path, domains: dict[str, Domain]) -> None:
    """Adds what the file says; a domain or field that is there already gets more phrases and keys."""
    domain = field = None
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, rest = line.strip().partition(" ")
        if not word or word == "#":
            continue
        if word == "domain":
            parts = [p.strip() for p in rest.split("|")]
            domain = domains.get(parts[0])
            if domain is None:
                domain = domains[parts[0]] = Domain(parts[0], [n.strip() for n in parts[1].split(",")], parts[2].split())
        elif word == "group":
            keys, _, names = rest.partition("=")
            domain.groups.append(([k.strip() for k in keys.split(",")], names.split()))
        elif word == "field":
            name = rest.partition(":")[0]
            field = domain.fields.get(name)
            if field is None:
                field = domain.fields[name] = parse_field(rest)
            elif "=" in rest:
                for literal, phrases in parse_field(rest).choices.items():
                    field.choices[literal] += phrases
        elif word == "keys:":
            field.keys += split(rest)
        elif word == "desc:":
            field.desc += split(rest)
        else:
            field.phrases.setdefault(word.rstrip(":"), []).extend(split(rest))


@functools.lru_cache(maxsize=None)
def load(names: tuple[str, ...] = ()) -> dict[str, Domain]:
    domains: dict[str, Domain] = {}
    for path in files(names):
        parse(path, domains)
    return domains


def load_held_out(path: pathlib.Path) -> dict[str, Domain]:
    """The same domains with only the held-out phrases and keys in the fields that the file names."""
    domains: dict[str, Domain] = {}
    for known in files(EVALUATED):
        parse(known, domains)
    held: dict[str, Domain] = {}
    parse(path, held)
    for name, domain in held.items():
        for field_name, field in domain.fields.items():
            target = domains[name].fields[field_name]
            if field.phrases:
                target.phrases = field.phrases
            if field.keys:
                target.keys = field.keys
    return domains, {(d, f) for d, domain in held.items() for f in domain.fields}
