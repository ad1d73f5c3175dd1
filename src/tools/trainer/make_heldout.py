"""Makes the held-out evaluation files.

    python3 heldout.py FOLDER

values.jsonl     known phrasings and keys, but names and places from the parts of the lists that training never uses
phrasings.jsonl  only phrasings, scenes, wrappers and frames of heldout/, which training never shows
keys.jsonl       known phrasings, but keys that training never shows
jane.jsonl       the person request of the README and its near relatives
Each line is {"set", "messages", "schema", "expected"}.
"""

from __future__ import annotations

import json
import pathlib
import random
import sys

from answers import ArrayNode, ObjectNode, text_of
from compose import Composer
from domains import EVALUATED, load, load_held_out
from generate import TOKENS_MAX, Generator, tokens
from heldout import jane, scenes as held_scenes
from scenes import SCENES, Scenes
from scenes_more import MORE_SCENES
from shape import render_shape
from tokenizer import Tokenizer
from wrappers import Wrapper

FOLDER = pathlib.Path(__file__).parent / "heldout"
COUNT = 500


class HeldGenerator(Generator):
    """The generator with held-out word lists, and on wish with held-out phrases, scenes, wrappers or keys."""

    def __init__(self, seed: int, phrasings: bool = False, keys: bool = False) -> None:
        domains, self.allowed = load(EVALUATED), None
        if phrasings:
            domains, self.allowed = load_held_out(FOLDER / "phrases.txt")
        if keys:
            domains, self.allowed = load_held_out(FOLDER / "keys.txt")
        super().__init__(seed, domains, held=True)
        self.phrasings, self.keys = phrasings, keys
        self.scenes = Scenes(self.rng, self.values, SCENES + MORE_SCENES)
        if phrasings:
            h = held_scenes
            self.composer = Composer(self.rng, self.values, 0.0, h.FRAMES, h.INTROS, h.DISTRACTORS)
            self.wrapper = Wrapper(self.rng, h.VERBS, h.OBJECTS, h.SOURCES, h.SHORT, h.QUESTIONS, h.AFTER, h.SYSTEMS, h.QUOTES)
            self.scenes = Scenes(self.rng, self.values, h.SCENES)

    def only_allowed(self):
        """An entity of which every fact but the subject has held-out phrases (or keys)."""
        rng = self.rng
        names = sorted({d for d, _ in self.allowed})
        domain = self.tasks.domains[rng.choice(names)]
        fields = [f for d, f in sorted(self.allowed) if d == domain.name and not domain.fields[f].subject]
        chosen = rng.sample(fields, min(len(fields), rng.choice((1, 2, 2, 3, 3, 4, 5))))
        chosen = [f.name for f in self.tasks.without_clashes([domain.fields[c] for c in chosen])]
        subject = [domain.subject.name] if domain.subject and rng.random() < 0.9 else []
        return self.tasks.entity(domain, only=chosen + subject)

    def material(self, kind: str):
        if kind == "entity" and self.allowed:
            entity = self.only_allowed()
            if self.keys and not {f.field.name for f in entity.facts} <= {f for d, f in self.allowed if d == entity.domain.name}:
                return self.material(kind)
            if self.phrasings:
                human = entity.domain.pronouns[0] == "he"
                first_person = human and self.rng.random() < 0.2
                text = self.told(entity, self.composer.first_person if first_person else self.composer.prose)
                return text, self.tasks.object(entity), entity.noun
            known, held = load(EVALUATED)[entity.domain.name], self.tasks.domains[entity.domain.name]
            for fact in entity.facts:
                fact.field = known.fields[fact.field.name]
            text = self.told(entity)
            for fact in entity.facts:
                fact.field = held.fields[fact.field.name]
            return text, self.tasks.object(entity), entity.noun
        return super().material(kind)


def rows(generator: HeldGenerator, name: str, kinds: list[tuple[str, int]], count: int):
    tokenizer, rng = Tokenizer(), random.Random(3)
    labels, weights = zip(*kinds)
    made = 0
    while made < count:
        messages, schema, node = generator.example(rng.choices(labels, weights)[0])
        if schema is None or len(tokens(tokenizer, (messages, schema, node), rng)[0]) > TOKENS_MAX:
            continue
        made += 1
        yield {"set": name, "messages": messages, "schema": schema, "expected": json.loads(text_of(node))}


def write(path: pathlib.Path, made) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in made:
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def check_disjoint() -> None:
    """No held-out phrase or key may be known to training."""
    known = load()
    phrases = {p for d in known.values() for f in d.fields.values() for ps in f.phrases.values() for p in ps}
    keys = {(d.name, f.name, k) for d in known.values() for f in d.fields.values() for k in f.keys}
    for file, kind in (("phrases.txt", "phrases"), ("keys.txt", "keys")):
        held, fields = load_held_out(FOLDER / file)
        for domain, name in fields:
            field = held[domain].fields[name]
            mine = {p for ps in field.phrases.values() for p in ps} & phrases if kind == "phrases" else {k for k in field.keys if (domain, name, k) in keys}
            if mine:
                raise SystemExit(f"{file}: {domain}.{name} is known to training: {sorted(mine)}")


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    check_disjoint()
    everything = [("entity", 50), ("scene", 14), ("key_values", 10), ("entities", 8), ("two_kinds", 4), ("lines", 5), ("roles", 4), ("classify", 3), ("type_driven", 2)]
    write(folder / "values.jsonl", rows(HeldGenerator(9001), "values", everything, COUNT))
    write(folder / "phrasings.jsonl", rows(HeldGenerator(9002, phrasings=True), "phrasings", [("entity", 55), ("scene", 45)], COUNT))
    write(folder / "keys.jsonl", rows(HeldGenerator(9003, keys=True), "keys", [("entity", 75), ("key_values", 25)], COUNT))
    write(folder / "jane.jsonl", jane.rows())


if __name__ == "__main__":
    main()
