"""Turns the facts of an entity into a text: prose of many builds, notes, one-liners, tables, letters."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field as dataclass_field

from domains import Domain, Field
from grammar import POSSESSIVE, cap, conjugate, join_list, key_style, sentence, title
from lexicon import invented
from values import Value, Values
from words import KEY_WORDS, TEXT_WORDS

FRAMES = ("I heard that {}.", "Did you know that {}?", "According to our records, {}.", "As far as we know, {}.", "The report says that {}.", "We can confirm that {}.",
          "It is known that {}.", "Please note that {}.", "By the way, {}.", "Note: {}.", "Yes, {}.", "So {}.", "As of today, {}.", "In short, {}.", "I can tell you that {}.",
          "For the record: {}.", "They told me that {}.", "Our notes say that {}.", "Fun fact: {}.", "FYI, {}.", "Also, {}.", "In addition, {}.", "And {}.", "It turns out that {}.")

INTROS = ("Meet {}.", "This is {}.", "Here is {}.", "Let me introduce {}.", "This is about {}.", "We talked about {}.", "Today's topic: {}.", "Have you met {}?",
          "Let's talk about {}.", "Here are some facts about {}.", "I am writing about {}.", "A few words about {}.", "Some notes on {}:", "{}:", "Introducing {}!", "There is {}.")

DISTRACTORS = ("The weather was nice.", "Thanks for your help.", "See you soon.", "That is all for now.", "Please let me know if you have questions.", "The coffee was cold.",
               "Have a nice day!", "More details will follow.", "We had a good talk.", "It was a long day.", "Everything else stays the same.", "I will call you later.",
               "The meeting before took {x:int:2:50} minutes.", "We waited for {x:int:2:50} minutes.", "There were {x:int:2:40} other messages.", "Page {x:int:1:90} of the report.",
               "My dog barked all night.", "As always, no promises.", "This message was sent from my phone.", "The elevator was broken again.", "It rained a lot in {x:city} this week.",
               "Say hello to {x:first} from me.", "{x:first} sends greetings.", "We have {x:int:2:30} chairs in the hall.", "The train had {x:int:3:60} minutes of delay.",
               "Ticket prices went up by {x:int:2:20} percent.", "I lost my {x:product} yesterday.", "Nobody was surprised.", "What a week!", "Sorry for the late reply.",
               "The file is attached.", "This is not the first time.", "We will see.", "The rest is history.", "Our office is closed on Sundays.", "No further comment was given.",
               "All rights reserved.", "Best wishes from the whole team.", "The {x:product} was on the table.", "They stopped for lunch near {x:city}.", "He read {x:int:2:40} pages on the way.")

WORDS = [w for w in TEXT_WORDS.split() + KEY_WORDS.split() if w.isalpha()]
OPENERS = ("Hi,", "Hello,", "Dear team,", "Hey,", "Good morning,", "Dear all,", "Hi there,", "Dear Sir or Madam,", "Hello everyone,", "Hi {x:first},", "Dear {x:person},")
CLOSERS = ("Best regards", "Thanks", "Cheers", "Kind regards", "Best", "Sincerely", "Thank you", "Yours", "See you", "Regards")


@dataclass
class Fact:
    """One field of one entity with its value: a Value, a list of Values, a bool, or an enum literal."""

    field: Field
    value: object
    label: str = ""


@dataclass
class Entity:
    domain: Domain
    facts: list[Fact]
    pronoun: str = "it"
    noun: str = ""
    hidden: list[Fact] = dataclass_field(default_factory=list)

    def fact(self, name: str) -> Fact | None:
        return next((f for f in self.facts if f.field.name == name), None)


def blurred(phrase: str, rng, share: float) -> str:
    """A share of the words, slots apart, are replaced by known or invented ones without sense."""
    def other(word: str) -> str:
        if "{" in word or "}" in word or rng.random() >= share:
            return word
        return rng.choice(WORDS) if rng.random() < 0.7 else invented(rng, None, False)
    return " ".join(map(other, phrase.split(" ")))


class Composer:
    def __init__(self, rng, values: Values, generic: float = 0.18, frames=FRAMES, intros=INTROS, distractors=DISTRACTORS, blur: float = 0.0) -> None:
        self.rng, self.values, self.generic, self.blur = rng, values, generic, blur
        self.frames, self.intros, self.distractors = frames, intros, distractors

    def text(self, entity: Entity) -> str:
        r = self.rng.random()
        if r < 0.60:
            return self.prose(entity)
        if r < 0.74:
            return self.notes(entity)
        if r < 0.80:
            return self.one_liner(entity)
        if r < 0.86:
            return self.data(entity)
        if r < 0.93:
            return self.mixed(entity)
        return self.letter(entity)

    # Pieces

    def pick(self, choices) -> str:
        """One of the phrases; some are blurred, as if said in words that nobody ever heard: then only the looks of the
        value, and what the other phrases leave over, tell which field it belongs to."""
        phrase = self.rng.choice(choices)
        return blurred(phrase, self.rng, 0.5) if self.blur and self.rng.random() < self.blur else phrase

    def fill(self, phrase: str, value: str, entity: Entity, pronoun: str) -> str:
        """Puts the value and pronouns into a phrase; `{x:kind}` is some other value that nobody asks for."""
        name = entity.fact(entity.domain.subject.name) if entity.domain.subject else None
        shown = name.value.text if name and self.rng.random() < 0.7 else f"the {entity.noun}"
        if pronoun in ("I", "we"):
            shown = {"I": "me", "we": "us"}[pronoun]
        possessive = POSSESSIVE[pronoun]
        if value and value[0] in "aeiouAEIOU" and " a {v}" in phrase:
            phrase = phrase.replace(" a {v}", " an {v}")
        if value.startswith(("a ", "the ")):
            phrase = phrase.replace(" a {v}", " {v}").replace(" the {v}", " {v}")
        for slot, put in (("{s}", pronoun), ("{S}", cap(pronoun)), ("{p}", possessive), ("{P}", cap(possessive)), ("{n}", shown)):
            phrase = phrase.replace(slot, put)
        return self.extra(phrase).replace("{v}", value)

    def extra(self, phrase: str) -> str:
        return re.sub(r"\{x:([^}]*)\}", lambda m: self.values.make(m.group(1)).text, phrase)

    def shown(self, fact: Fact) -> str:
        value = fact.value
        if isinstance(value, list):
            return join_list([v.text for v in value], self.rng) if value else "nothing"
        if isinstance(value, bool):
            return self.rng.choice(("yes", "true", "Yes") if value else ("no", "false", "No"))
        return value.text if isinstance(value, Value) else value

    def label(self, fact: Fact) -> str:
        return self.rng.choice(fact.field.keys)

    def verb_phrase(self, fact: Fact, entity: Entity, pronoun: str) -> str | None:
        field, rng = fact.field, self.rng
        if field.kind == "bool":
            return rng.choice(field.phrases["yes" if fact.value else "no"])
        if field.kind == "enum":
            return rng.choice(field.phrases["vp"]).replace("{v}", rng.choice(field.choices[fact.value]))
        choices = field.phrases.get("vp")
        if not choices or rng.random() < self.generic * 0.3:
            return self.rng.choice(("has the {l} {v}", "has {l} {v}", "is listed with {l} {v}")).format(l=self.label(fact), v=self.shown(fact)) if not choices and rng.random() < 0.3 else None
        return self.fill(self.pick(choices), self.shown(fact), entity, pronoun)

    def own_sentence(self, fact: Fact, entity: Entity, pronoun: str) -> str:
        field, rng = fact.field, self.rng
        choices = field.phrases.get("s")
        if choices and rng.random() > self.generic:
            return self.fill(self.pick(choices), self.shown(fact), entity, pronoun)
        if field.kind in ("bool", "enum"):
            phrase = self.verb_phrase(fact, entity, pronoun)
            return f"{cap(pronoun)} {conjugate(phrase, pronoun)}."
        template = rng.choice(("{P} {l} is {v}.", "The {l} is {v}.", "{L}: {v}.", "As {l} we have {v}.", "{v} is {p} {l}.", "The {l} of the {N} is {v}.", "{L} is {v}.",
                               "For {l} put {v}.", "We noted {v} as {p} {l}.", "{v} is the {l}.", "The {l}, by the way, is {v}.", "{L} = {v}.", "With {l} {v}."))
        label = self.label(fact)
        return self.fill(template.replace("{l}", label).replace("{L}", cap(label)).replace("{N}", entity.noun), self.shown(fact), entity, pronoun)

    def subject(self, entity: Entity) -> str:
        """How the entity is first called."""
        rng, field = self.rng, entity.domain.subject
        fact = entity.fact(field.name) if field else None
        noun = entity.noun
        if fact is None:
            return rng.choice((f"the {noun}", f"this {noun}", f"our {noun}", f"a {noun}", f"the {noun}"))
        text = fact.value.text
        if entity.domain.pronouns[0] == "he":
            prefix = rng.choice(("", "", "", "", "", "", f"the {noun} ", f"my {noun} ", f"our {noun} ", f"{noun} "))
            return prefix + text
        if field.maker in ("ident",):
            return rng.choice((f"{noun} {text}", f"the {noun} {text}", f"{noun} no. {text}", f"{noun} number {text}", f"the {noun} with the number {text}", text, f"{text}"))
        if field.maker in ("title",):
            quote = rng.choice(('"{}"', "“{}”", "{}", "{}", "{}", "‘{}’", "*{}*"))
            return rng.choice(("", "", f"the {noun} ", f"my favorite {noun} ")) + quote.format(text)
        if field.maker in ("product", "event", "issue") or field.maker.startswith("pick"):
            text = text if text[0].isupper() and rng.random() < 0.4 else f"{rng.choice(('the', 'the', 'this', 'our'))} {text}"
            return text + (f" {noun}" if field.maker.startswith("pick") and rng.random() < 0.5 else "")
        return rng.choice((text, text, text, f"the {noun} {text}", f"{text}"))

    # Builds

    def clause_groups(self, facts: list[Fact]) -> list[list[Fact]]:
        groups, rest = [], list(facts)
        while rest:
            size = min(len(rest), self.rng.choice((1, 1, 1, 2, 2, 2, 3)))
            groups.append([rest.pop(0) for _ in range(size)])
        return groups

    def clauses(self, subject: str, group: list[Fact], entity: Entity, pronoun: str, past: bool, owner: str) -> str:
        """One sentence that says all facts of the group about the subject; what has no verb phrase follows."""
        rng, phrases, tail = self.rng, [], []
        modifiers = []
        for fact in group:
            field = fact.field
            if modifiers == [] and "pp" in field.phrases and rng.random() < 0.3 and field.kind not in ("bool", "enum"):
                modifiers.append(self.fill(self.pick(field.phrases["pp"]), self.shown(fact), entity, owner))
                continue
            if "adj" in field.phrases and rng.random() < 0.25:
                phrases.append(f"is a {self.fill(self.pick(field.phrases['adj']), self.shown(fact), entity, owner)} {entity.noun}")
                continue
            phrase = self.verb_phrase(fact, entity, owner) if rng.random() < 0.85 else None
            if phrase:
                phrases.append(phrase)
            else:
                tail.append(self.own_sentence(fact, entity, owner))
        text = ""
        if phrases:
            told = [conjugate(p, pronoun, past) for p in phrases]
            body = subject
            if modifiers:
                body += rng.choice((" {}", ", {},", " ({})")).format(modifiers[0]) if not modifiers[0].startswith(("(", "<")) else f" {modifiers[0]}"
            if rng.random() < 0.12 and len(told) > 1 and pronoun in ("he", "she", "it"):
                body += f", {'which' if pronoun == 'it' else 'who'} {told.pop(0)},"
            joiner = rng.choice((" and ", " and ", " and ", ", and ", " but ", f" and {pronoun} ", f"; {pronoun} ", f", while {pronoun} ", f" — {pronoun} ", f", and {pronoun} ", " and also "))
            text = f"{body} {told[0]}" if len(told) == 1 else f"{body} {', '.join(told[:-1])}{joiner}{told[-1]}"
            text = rng.choice(self.frames).format(text) if rng.random() < 0.1 else sentence(text)
        elif modifiers:
            text = sentence(rng.choice((f"{subject} is {modifiers[0]}", f"{subject}, {modifiers[0]}", f"here is {subject} {modifiers[0]}", f"we have {subject} {modifiers[0]}", f"{modifiers[0]}: {subject}")))
        return " ".join([text] * bool(text) + tail)

    def prose(self, entity: Entity, facts: list[Fact] | None = None) -> str:
        rng = self.rng
        facts = [f for f in entity.facts if not f.field.subject] if facts is None else facts
        rng.shuffle(facts)
        pronoun = entity.pronoun
        past = rng.random() < 0.08
        subject = self.subject(entity)
        if not facts:
            return sentence(rng.choice(self.intros).format(subject))
        parts, first = [], True
        if pronoun == "it" and facts and facts[0].field.phrases.get("pp") is None and rng.random() < 0.1:
            subject = cap(subject)
        if rng.random() < 0.12:
            parts.append(cap(rng.choice(self.intros).format(subject)))
            first = False
        if first and rng.random() < 0.1 and facts[0].field.phrases.get("pp") and len(facts) > 1:
            fact = facts.pop(0)
            lead = self.fill(rng.choice(fact.field.phrases["pp"]), self.shown(fact), entity, pronoun).strip("()<>")
            lead = rng.choice(("", "a {} ".format(entity.noun), "")) + lead
            subject = f"{lead}, {subject}"
        for group in self.clause_groups(facts):
            if first:
                who, conj = subject, pronoun if pronoun != "they" else "it"
            else:
                who = rng.choice((pronoun, pronoun, pronoun, f"the {entity.noun}", self.subject(entity)))
                conj = pronoun if who == pronoun else ("it" if pronoun == "they" else pronoun)
            parts.append(self.clauses(who, group, entity, conj, past, pronoun))
            first = False
        return self.with_distractors([p for p in parts if p])

    def first_person(self, entity: Entity) -> str:
        rng = self.rng
        name = entity.fact(entity.domain.subject.name)
        facts = [f for f in entity.facts if not f.field.subject]
        rng.shuffle(facts)
        parts = []
        if name:
            text = name.value.text
            parts.append(rng.choice(("My name is {}.", "I am {}.", "I'm {}.", "Hi, I'm {}!", "{} here.", "This is {} speaking.", "Hello, my name is {}.", "You can call me {}.",
                                     "They call me {}.", "Name's {}.")).format(text))
        for group in self.clause_groups(facts):
            parts.append(self.clauses("I", group, entity, "I", False, "I").replace("I am ", rng.choice(("I am ", "I'm "))))
        if rng.random() < 0.25 and len(parts) > 1:
            parts.append(parts.pop(0))
        return self.with_distractors(parts)

    def with_distractors(self, parts: list[str]) -> str:
        rng = self.rng
        if rng.random() < 0.22:
            for _ in range(rng.choice((1, 1, 2, 3))):
                parts.insert(rng.randint(0, len(parts)), self.chatter() if rng.random() < 0.25 else self.extra(rng.choice(self.distractors)))
        return rng.choice((" ", " ", " ", " ", "\n", "  ")).join(parts)

    def chatter(self) -> str:
        """Words without sense, so that every word of the vocabulary is met as something to pass over."""
        rng = self.rng
        return sentence(" ".join(rng.choice(WORDS) for _ in range(rng.randint(3, 12))))

    def notes(self, entity: Entity) -> str:
        """`label: value` lines in many layouts."""
        rng = self.rng
        facts = list(entity.facts)
        if rng.random() < 0.7:
            rng.shuffle(facts)
        separator = rng.choice((": ", ": ", ": ", ": ", " = ", "=", " - ", " – ", ":\t", ":", " -> ", " : ", " .... "))
        line = rng.choice(("\n", "\n", "\n", ", ", "; ", " | ", "\n- ", "\n* ", "\n• ", ". ", "\n\n", " / "))
        case = rng.random()
        rows = []
        for fact in facts:
            label = self.label(fact)
            label = cap(label) if case < 0.5 else label if case < 0.75 else label.title() if case < 0.9 else label.upper()
            rows.append(f"{label}{separator}{self.shown(fact)}")
        head = rng.choice(("", "", "", f"{cap(entity.noun)}\n", f"{cap(entity.noun)} details:\n", f"New {entity.noun}\n", f"{entity.noun.upper()}\n", "Notes:\n", "---\n"))
        body = (line.lstrip("\n") if line.startswith("\n") and len(line) > 1 and line != "\n\n" else "") + line.join(rows)
        return (head if "\n" in line else "") + body

    def one_liner(self, entity: Entity) -> str:
        """Values with little or nothing said about them: only their type and looks tell the fields apart."""
        rng = self.rng
        facts = [f for f in entity.facts if f.field.kind not in ("bool", "list")]
        parts = []
        for fact in facts:
            text = self.shown(fact)
            if fact.field.kind == "enum":
                text = rng.choice(fact.field.choices[fact.value])
            elif not fact.field.subject and (fact.field.kind in ("integer", "number") or rng.random() < 0.3):
                choices = fact.field.phrases.get("pp")
                text = self.fill(rng.choice(choices), text, entity, entity.pronoun) if choices else f"{self.label(fact)} {text}"
            parts.append(text)
        if not facts:
            return self.prose(entity)
        for fact in entity.facts:
            if fact not in facts:
                parts.append(f"{self.label(fact)}: {self.shown(fact)}")
        if rng.random() < 0.5 and not facts[0].field.subject:
            rng.shuffle(parts)
        return rng.choice((", ", ", ", ", ", " - ", "; ", " | ", " / ", "\n")).join(parts)

    def data(self, entity: Entity) -> str:
        """Other machine formats: JSON, query strings, XML, log lines, tables."""
        rng = self.rng
        style = rng.choice(("snake", "camel", "kebab", "pascal", "upper", "title"))
        pairs = [(key_style(self.label(f), style), self.shown(f)) for f in entity.facts]
        if rng.random() < 0.5:
            rng.shuffle(pairs)
        kind = rng.choice(("json", "xml", "log", "csv", "table", "logfmt", "yaml"))
        if kind == "json":
            return json.dumps(dict(pairs), ensure_ascii=False, indent=rng.choice((None, None, 2)))
        if kind == "xml":
            return "".join(f"<{k}>{v}</{k}>" for k, v in ((k.replace(" ", "_"), v) for k, v in pairs))
        if kind == "log":
            level = rng.choice(("INFO", "WARN", "DEBUG", "ERROR"))
            return f"{self.values.make('datetime').iso} [{level}] {entity.noun}: " + " ".join(f"{k.replace(' ', '_')}={v}" for k, v in pairs)
        if kind == "logfmt":
            return " ".join(f'{k.replace(" ", "_")}="{v}"' for k, v in pairs)
        if kind == "yaml":
            return "\n".join(f"{k}: {v}" for k, v in pairs)
        if kind == "csv":
            separator = rng.choice((";", ",", "\t", "|"))
            return separator.join(k for k, _ in pairs) + "\n" + separator.join(v for _, v in pairs)
        return "\n".join(f"| {k} | {v} |" for k, v in pairs)

    def mixed(self, entity: Entity) -> str:
        facts = [f for f in entity.facts if not f.field.subject]
        self.rng.shuffle(facts)
        cut = self.rng.randint(0, len(facts))
        rows = [f"{title(self.label(f), self.rng)}: {self.shown(f)}" for f in facts[cut:]]
        text = self.prose(entity, facts[:cut])
        return self.rng.choice(("{a}\n{b}", "{a}\n\n{b}", "{a} ({c})", "{a} {c}.", "{b}\n\n{a}")).format(a=text, b="\n".join(rows), c=", ".join(rows)).replace(" ()", "")

    def letter(self, entity: Entity) -> str:
        rng = self.rng
        human = entity.domain.pronouns[0] == "he"
        name = entity.fact(entity.domain.subject.name) if entity.domain.subject else None
        if human and rng.random() < 0.6:
            return self.first_person(entity)
        opener, closer = self.extra(rng.choice(OPENERS)), rng.choice(CLOSERS)
        signed = "" if human else f"\n{self.values.make('first').text}"
        if human and name and rng.random() < 0.5:
            facts = [f for f in entity.facts if not f.field.subject]
            rng.shuffle(facts)
            body = " ".join(self.clauses("I", g, entity, "I", False, "I") for g in self.clause_groups(facts))
            return f"{opener}\n\n{body}\n\n{closer},\n{name.value.text}"
        return f"{opener}\n\n{self.prose(entity)}\n\n{closer}{rng.choice((',', ''))}{signed}"
