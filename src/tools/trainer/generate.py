"""Writes training shards.

    python3 generate.py --out /tmp/run/shards --shards 40 --examples 8000 --seed 1
"""

from __future__ import annotations

import argparse
import pathlib
import random

from answers import ArrayNode, ObjectNode, text_of
from batches import save_shard
from compose import Composer
from domains import load
from others import Others
from scenes import Scenes
from shape import render_shape
from tasks import Tasks
from tokenizer import ASSISTANT, END, Tokenizer
from values import Values
from wrappers import Wrapper

TOKENS_MAX = 480
BLUR = 0.08  # of the phrases, in training only
ACCENTED = "àâãäåæèêëéìíîïòóôõöøœùúûüýÿñçćčđęěğłńňőřśşšťůűźžßÁÄÅÇÉÖØÚÜŠŽабвдежиклмнопрстуяαβδεκλπστω"
KINDS = (("entity", 44), ("scene", 18), ("key_values", 13), ("entities", 7), ("two_kinds", 4), ("lines", 4), ("roles", 3), ("classify", 4), ("type_driven", 2), ("fiction", 1), ("chat", 2))
SHORT_KINDS, SHORT_TOKENS_MAX = (("key_values", 5), ("scene", 4), ("type_driven", 1), ("roles", 1)), 150


class Generator:
    """One example after the other from one seed: (messages, schema or None, answer node or text)."""

    def __init__(self, seed: int, domains=None, held: bool = False, generic: float = 0.18) -> None:
        self.rng, self.kinds = random.Random(seed), KINDS
        self.values = Values(self.rng, held)
        self.tasks = Tasks(self.rng, self.values, domains or load())
        blur = 0.0 if held else BLUR
        self.composer = Composer(self.rng, self.values, generic, blur=blur)
        self.others, self.scenes = Others(self.rng, self.values), Scenes(self.rng, self.values, blur=blur)
        self.wrapper = Wrapper(self.rng, blur=blur)

    def example(self, kind: str | None = None):
        names, weights = zip(*self.kinds)
        kind = kind or self.rng.choices(names, weights)[0]
        if kind == "chat":
            messages, answer = self.others.chat()
            return messages, None, answer
        text, node, noun = self.material(kind)
        if node is None or isinstance(node, ObjectNode) and not node.entries:
            return self.example(kind)
        if kind == "fiction":
            return [{"role": "user", "content": text}], self.dress(node.schema), node
        return self.request(text, node, noun)

    def material(self, kind: str):
        """(text, node, noun)"""
        if kind == "entity":
            entity = self.tasks.entity()
            text = self.told(entity)
            return text, self.tasks.object(entity), entity.noun
        if kind == "entities":
            return self.several()
        if kind == "two_kinds":
            return self.two_kinds()
        if kind == "scene":
            return self.scenes.scene()
        if kind == "fiction":
            return *self.scenes.fiction(self.tasks), ""
        return getattr(self.others, kind)()

    def told(self, entity, build=None) -> str:
        """The text of an entity, which afterwards has only the facts that the text really says."""
        text = (build or self.composer.text)(entity)
        field = entity.domain.subject
        name = entity.fact(field.name) if field else None
        if name and name.value.text not in text:
            entity.facts.remove(name)
            entity.hidden = [f for f in entity.hidden if not f.field.derived.startswith(field.name + ".")]
        return text

    def several(self):
        rng, domains = self.rng, list(self.tasks.domains.values())
        domain = rng.choice([d for d in domains if d.subject])
        plain = [f.name for f in domain.fields.values() if f.kind not in ("list",) and not f.derived and not f.subject]
        chosen = rng.sample(plain, min(len(plain), rng.choice((1, 1, 2, 2, 3))))
        chosen = [f.name for f in self.tasks.without_clashes([domain.fields[c] for c in chosen])]
        entities = [self.tasks.entity(domain, only=chosen + [domain.subject.name]) for _ in range(rng.choice((1, 2, 2, 3, 3, 4)))]
        node = self.tasks.array(entities)
        if rng.random() < 0.35:
            row = rng.choice((", ", " - ", "; ", " | ", ": ", "\t"))
            text = "\n".join(rng.choice(("", "- "))[:0] + row.join(self.composer.shown(f) for f in e.facts) for e in entities)
        else:
            build = rng.choice((self.composer.prose, self.composer.prose, self.composer.text, self.composer.one_liner, self.composer.notes))
            parts = [build(e) for e in entities]
            missing = [e for e, part in zip(entities, parts) if e.facts[0].value.text not in part]
            if missing:
                return self.several()
            text = rng.choice((" ", " ", "\n", "\n\n", "\n- ")).join(parts)
        return text, node, domain.nouns[0]

    def two_kinds(self):
        """Two entities of different kinds in one text; asked for one of them, or both under their names."""
        rng = self.rng
        a, b = self.tasks.entity(), self.tasks.entity()
        if a.domain is b.domain:
            return self.two_kinds()
        text = rng.choice((" ", "\n", "\n\n")).join((self.told(a), self.told(b)))
        left, right = self.tasks.object(a, depth=1), self.tasks.object(b, depth=1)
        if not left or not right:
            return self.two_kinds()
        node = ObjectNode([(a.domain.nouns[0].replace(" ", "_"), left, True), (b.domain.nouns[0].replace(" ", "_"), right, True)])
        return text, node, "data"

    def dress(self, schema: dict) -> dict:
        """What libraries add around a schema; the shape does not show it, descriptions of the root apart."""
        if self.rng.random() < 0.04:
            return {**schema, "description": self.rng.choice(("The extracted data.", "Data from the text", "A record", "Information about it", "the answer", "An object found in the text"))}
        return schema

    def request(self, text: str, node, noun: str):
        rng = self.rng
        schema = self.dress(node.schema)
        keys = list(schema.get("properties", {})) or [noun]
        messages = self.wrapper.messages(text, noun, keys)
        flat = isinstance(node, ObjectNode) and keys
        if flat and rng.random() < 0.16:
            present = [e for e in node.entries if not (len(e) > 3 and e[3] is not None)]
            if len(present) == len(node.entries):
                shape = render_shape({k: v for k, v in schema.items() if k != "description"})
                nested = any(isinstance(e[1], ObjectNode) or isinstance(e[1], ArrayNode) and isinstance(e[1].item_schema.get("properties"), dict) for e in node.entries)
                if nested or any("enum" in str(e[1].schema) for e in node.entries):
                    messages = messages[:-1] + [{"role": "user", "content": f"{messages[-1]['content']}\n\nReturn JSON: {shape}"}]
                else:
                    messages = self.wrapper.described(messages, schema, shape, keys, noun)
                return messages, (schema if rng.random() < 0.2 else None), node
        if rng.random() < 0.03:
            earlier = self.others.chat()
            messages = [m for m in messages if m["role"] == "system"] + [m for m in earlier[0] if m["role"] == "user"] + [{"role": "assistant", "content": earlier[1]}] + messages[-1:]
        return messages, schema, node


def accents(rng) -> dict[int, str]:
    """Other letters for the few accents of invented words, the same ones in the text and in the answer."""
    return {ord(letter): rng.choice(ACCENTED) for letter in "éöüáßñç"} if rng.random() < 0.4 else {}


def tokens(tokenizer: Tokenizer, example, rng, letters: dict[int, str] = {}) -> tuple[list[int], int, list[int]]:
    """(ids, start of the answer, tokens that stand for a decision)"""
    messages, schema, node = example
    share = rng.choice((0.0, 0.0, 0.02, 0.05, 0.1, 0.3))
    messages = [{**m, "content": m["content"].translate(letters)} for m in messages]
    shape = render_shape(schema).translate(letters) if schema is not None else None
    ids = tokenizer.prompt(messages, shape, rng, share)
    start, marks = len(ids), []
    pieces = [(node, True)] if isinstance(node, str) else node.pieces()
    for text, marked in pieces:
        if marked:
            marks.append(len(ids))
        ids += tokenizer.encode(text.translate(letters))
    ids.append(END)
    assert ids[start - 1] == ASSISTANT
    return ids, start, marks


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--shards", type=int, default=40)
    parser.add_argument("--examples", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="easy kinds and short prompts, for the first minutes")
    args = parser.parse_args()
    folder = pathlib.Path(args.out)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer()
    for shard in range(args.shards):
        generator = Generator(args.seed * 1000 + shard)
        generator.kinds = SHORT_KINDS if args.short else KINDS
        tokens_max = SHORT_TOKENS_MAX if args.short else TOKENS_MAX
        examples = []
        while len(examples) < args.examples:
            row = tokens(tokenizer, generator.example(), generator.rng, accents(generator.rng))
            if len(row[0]) <= tokens_max:
                examples.append(row)
        target = folder / f"{args.seed:04d}-{shard:04d}.npz"
        save_shard(str(target.with_suffix(".part.npz")), examples)
        target.with_suffix(".part.npz").rename(target)


if __name__ == "__main__":
    main()
