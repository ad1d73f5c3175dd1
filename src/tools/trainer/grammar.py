"""Small English grammar helpers: persons, tenses, lists, casing."""

from __future__ import annotations

IRREGULAR = {"is": ("am", "are", "was"), "was": ("was", "were", "was"), "has": ("have", "have", "had"), "does": ("do", "do", "did"),
             "goes": ("go", "go", "went"), "doesn't": ("don't", "don't", "didn't"), "isn't": ("am not", "aren't", "wasn't"),
             "teaches": ("teach", "teach", "taught"), "studies": ("study", "study", "studied"), "carries": ("carry", "carry", "carried"),
             "makes": ("make", "make", "made"), "comes": ("come", "come", "came"), "takes": ("take", "take", "took"),
             "pays": ("pay", "pay", "paid"), "can't": ("can't", "can't", "couldn't"), "wasn't": ("wasn't", "weren't", "wasn't"),
             "gets": ("get", "get", "got"), "knows": ("know", "know", "knew"), "costs": ("cost", "cost", "cost"),
             "begins": ("begin", "begin", "began"), "leaves": ("leave", "leave", "left"), "speaks": ("speak", "speak", "spoke"),
             "attaches": ("attach", "attach", "attached"), "reaches": ("reach", "reach", "reached"), "becomes": ("become", "become", "became"),
             "bears": ("bear", "bear", "bore"), "builds": ("build", "build", "built"), "deals": ("deal", "deal", "dealt"),
             "draws": ("draw", "draw", "drew"), "drinks": ("drink", "drink", "drank"), "drives": ("drive", "drive", "drove"),
             "falls": ("fall", "fall", "fell"), "feels": ("feel", "feel", "felt"), "finds": ("find", "find", "found"),
             "hangs": ("hang", "hang", "hung"), "keeps": ("keep", "keep", "kept"), "lets": ("let", "let", "let"),
             "puts": ("put", "put", "put"), "sees": ("see", "see", "saw"), "sends": ("send", "send", "sent"),
             "tells": ("tell", "tell", "told"), "understands": ("understand", "understand", "understood"), "wears": ("wear", "wear", "wore"),
             "tips": ("tip", "tip", "tipped"), "plans": ("plan", "plan", "planned"), "logs": ("log", "log", "logged")}
FIXED = {"will", "can", "must", "should", "just", "recently", "currently", "now", "never", "only", "grew", "became", "would", "went", "already"}
POSSESSIVE = {"he": "his", "she": "her", "it": "its", "they": "their", "I": "my", "you": "your", "we": "our"}
CONSONANTS = "bcdfghjklmnpqrstvwxz"


def conjugate(phrase: str, pronoun: str, past: bool = False) -> str:
    """A verb phrase in the third person singular, for another subject or in the past tense."""
    verb, space, rest = phrase.partition(" ")
    if verb in FIXED:
        following = rest.partition(" ")[0]
        if verb in ("just", "recently", "currently", "now", "never", "only", "already") and following.endswith("s"):
            return f"{verb} {conjugate(rest, pronoun, past)}"
        return phrase
    if verb in IRREGULAR:
        first, plural, old = IRREGULAR[verb]
        if past:
            verb = {"was": "were"}.get(old, old) if pronoun in ("they", "we", "you") else old
        elif pronoun == "I":
            verb = first
        elif pronoun in ("they", "we", "you"):
            verb = plural
    elif verb.endswith("s") and not verb.endswith("ss"):
        base = verb[:-1]
        if verb.endswith("ies"):
            base = verb[:-3] + "y"
        elif verb.endswith(("shes", "ches", "sses", "xes")):
            base = verb[:-2]
        if past:
            verb = base + ("d" if base.endswith("e") else "ed") if not base.endswith("y") or base[-2] not in CONSONANTS else base[:-1] + "ied"
        elif pronoun in ("I", "they", "we", "you"):
            verb = base
    return verb + space + rest


def join_list(items: list[str], rng, style: str | None = None) -> str:
    if len(items) == 1:
        return items[0]
    style = style or rng.choice(("and", "and", "and", "oxford", "comma", "amp", "aswell", "and"))
    head = ", ".join(items[:-1])
    last = items[-1]
    return {"and": f"{head} and {last}", "oxford": f"{head}{',' if len(items) > 2 else ''} and {last}", "comma": f"{head}, {last}",
            "amp": f"{head} & {last}", "aswell": f"{head} as well as {last}"}[style]


def cap(text: str) -> str:
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Capital at the front and a full stop at the end, unless there is some stop already."""
    text = cap(text.strip())
    return text if text.endswith((".", "!", "?", ":")) else text + "."


def title(label: str, rng) -> str:
    style = rng.random()
    if style < 0.4:
        return cap(label)
    if style < 0.6:
        return label
    if style < 0.85:
        return label.title()
    return label.upper()


def key_style(label: str, style: str) -> str:
    words = label.replace("-", " ").split()
    if style == "camel":
        return words[0] + "".join(w.capitalize() for w in words[1:])
    if style == "pascal":
        return "".join(w.capitalize() for w in words)
    separator = {"snake": "_", "kebab": "-", "space": " ", "upper": "_", "flat": "", "title": " "}[style]
    text = separator.join(words)
    return text.upper() if style == "upper" else text.title() if style == "title" else text


def plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2] in CONSONANTS:
        return noun[:-1] + "ies"
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    return {"person": "people", "man": "men", "woman": "women"}.get(noun, noun + "s")
