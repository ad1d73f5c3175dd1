"""What users write around a text: instructions, quotes, system prompts, and shapes in words instead of a schema."""

from __future__ import annotations

import json

from compose import blurred

VERBS = ("Extract", "Extract", "Extract", "Get", "Pull", "Find", "Identify", "Read", "Parse", "Collect", "Return", "Give me", "List", "Capture", "Take", "Determine", "Gather", "Retrieve", "Output", "Fill in")
OBJECTS = ("the data", "the information", "all details", "the details", "the fields", "the {noun}", "the {noun} data", "the {noun} information", "{noun} details", "the facts", "structured data",
           "the key facts", "the {noun} info", "the relevant information", "the {noun} record", "everything", "the values", "the entities", "a {noun} object", "the {noun}'s details", "the requested fields", "{keys}", "{keys}", "the {keys}")
SOURCES = ("from the following text", "from this text", "from the text", "from the text below", "from this message", "from the following {kind}", "from this {kind}", "from the {kind} below", "out of the following {kind}",
           "mentioned in this {kind}", "contained in the text", "from the {kind}", "from", "in this {kind}", "as described below", "from the input", "from the passage", "from the sentence", "from this snippet")
KINDS = ("text", "message", "email", "note", "sentence", "paragraph", "document", "description", "report", "snippet", "statement", "transcript", "article", "chat", "letter", "page", "entry", "log")
SHORT = ("Extract", "Extract", "Extract", "Parse", "Text", "Input", "Extract this", "Extract data", "Parse this", "Convert to JSON", "To JSON", "JSON please", "Extract as JSON", "Extract info", "Data", "Extract from", "Extract the data",
         "Turn this into JSON", "Structure this", "Make JSON from this", "Read this", "Fill the schema", "Extract fields", "Message", "Here is the text", "Here's the text", "Analyze", "Document", "Content", "Please extract", "Process", "Sentence")
QUESTIONS = ("What does this {kind} say about the {noun}?", "Who or what is described here?", "What are the {keys}?", "Can you extract {keys} from this?", "Could you pull the {noun} data out of this {kind}?", "Please read this and fill in the {noun}.",
             "I need the {noun} as JSON.", "I need {keys} from the text.", "Tell me the {keys}.", "Please give me the {noun} in JSON.", "Which {noun} is meant here?", "Convert this {kind} to JSON.", "Turn the {kind} into a {noun} object.",
             "Summarize the {noun} as JSON.", "Please fill the schema from this {kind}.", "Create a {noun} from this {kind}.", "Here is a {kind} about a {noun}.", "Parse the {noun}.", "Transform this {kind} into structured data.", "Create JSON for this {noun}.")
AFTER = ("Extract the data.", "Extract the {noun}.", "Return JSON.", "Please extract the {noun} from the text above.", "Give me the {noun} as JSON.", "Answer in JSON.", "What are the {keys}?", "Extract {keys}.", "Extract the above as JSON.",
         "Now fill in the schema.", "Respond with JSON only.", "Output JSON.", "Parse this, please.", "Put this into the schema.", "Extract the information above.", "Thanks for extracting {keys}!")
SYSTEMS = ("You are a helpful assistant.", "You extract structured data from text.", "Extract the {noun} information.", "You are a data extraction assistant.", "Extract the requested fields from the user's text.", "Answer with JSON only.",
           "You are an expert at structured data extraction. You will be given unstructured text and should convert it into the given structure.", "Return only valid JSON.", "You read a {kind} and return its data.", "Extract {keys}.",
           "You are an information extraction engine. Respond in JSON that follows the schema.", "You are a precise parser.", "Extract data.", "Extract the {noun} details from the {kind}.", "You turn text into JSON.", "Be brief.",
           "You are an assistant for a shop. Extract what the user says.", "You are a strict JSON generator.", "Your job is to fill in the schema with what the user says.", "Parse the user's message into JSON. Do not add anything.",
           "You will receive a {kind}. Extract {keys}.", "Extract entities from the text.", "You are an API that returns structured data.", "Follow the JSON schema exactly.", "Given a {kind}, output the {noun}.", "")
QUOTES = (("'", "'"), ("'", "'"), ('"', '"'), ('"', '"'), ("“", "”"), ("```\n", "\n```"), ('"""', '"""'), ("«", "»"), ("`", "`"), ("<text>", "</text>"), ("<<<", ">>>"), ("---\n", "\n---"), ("[", "]"), ("(", ")"), ("‘", "’"), ('"""\n', '\n"""'), ("<document>\n", "\n</document>"))
EXTRAS = (" Use the schema.", " Return JSON.", " Answer in JSON.", " Please.", " Thanks!", " Do not make anything up.", " Only return the JSON.", " Follow the schema.", " Be exact.", " Leave out everything else.", " If something is missing, use null.")


def words(key: str) -> str:
    """A key as people say it."""
    out = "".join(f" {c.lower()}" if c.isupper() and i and key[i - 1].islower() else c for i, c in enumerate(key))
    return out.replace("_", " ").replace("-", " ").lower().strip()


class Wrapper:
    def __init__(self, rng, verbs=VERBS, objects=OBJECTS, sources=SOURCES, short=SHORT, questions=QUESTIONS, after=AFTER, systems=SYSTEMS, quotes=QUOTES, blur: float = 0.0) -> None:
        self.rng, self.blur = rng, blur
        self.verbs, self.objects, self.sources, self.short = verbs, objects, sources, short
        self.questions, self.after, self.systems, self.quotes = questions, after, systems, quotes

    def fill(self, text: str, noun: str, keys: list[str]) -> str:
        rng = self.rng
        if self.blur and rng.random() < self.blur:
            text = blurred(text, rng, 0.5)
        if "{keys}" in text:
            shown = [words(k) for k in keys[:6]] if rng.random() < 0.7 else list(keys[:6])
            last = rng.choice((" and ", ", ", " and "))
            joined = shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + last + shown[-1]
            text = text.replace("{keys}", joined).replace("the the ", "the ")
        return text.replace("{noun}", noun).replace("{kind}", rng.choice(KINDS))

    def instruction(self, noun: str, keys: list[str]) -> str:
        rng = self.rng
        r = rng.random()
        if r < 0.3:
            return self.fill(rng.choice(self.questions), noun, keys)
        text = f"{rng.choice(self.verbs)} {rng.choice(self.objects)} {rng.choice(self.sources)}"
        text = self.fill(text, noun, keys)
        if rng.random() < 0.15:
            text = rng.choice(("Please ", "please ", "Could you ", "I want you to ", "Your task: ", "Task: ")) + text[0].lower() + text[1:]
        return text + (self.extra(rng) if rng.random() < 0.12 else "")

    def extra(self, rng) -> str:
        return "." + rng.choice(EXTRAS)

    def quote(self, text: str, share: float) -> str:
        if self.rng.random() < share:
            left, right = self.rng.choice(self.quotes)
            return left + text + right
        return text

    def messages(self, text: str, noun: str, keys: list[str]) -> list[dict]:
        rng, messages = self.rng, []
        r = rng.random()
        if rng.random() < 0.22:
            system = self.fill(rng.choice(self.systems), noun, keys)
            messages.append({"role": "system", "content": system})
        if r < 0.2:
            user = text if rng.random() < 0.85 else self.quote(text, 1)
        elif r < 0.45:
            word = self.fill(rng.choice(self.short), noun, keys) if self.blur else rng.choice(self.short)
            word = word if rng.random() < 0.85 else word.lower() if rng.random() < 0.5 else word.upper()
            user = word + rng.choice((": ", ": ", ": ", ":", ":\n", ":\n\n", " - ", " ")) + self.quote(text, 0.55)
        elif r < 0.85:
            lead = self.instruction(noun, keys)
            end = rng.choice((": ", ": ", ":\n", ":\n\n", ":\n\n", "\n\n", ".\n\n", ". ", "\n", " - "))
            end = end[1:] if lead.endswith((".", "?", "!")) and end[0] in ":." else end
            user = lead + (end or " ") + self.quote(text, 0.35)
        else:
            user = self.quote(text, 0.4) + rng.choice(("\n\n", "\n", " ", "\n\n---\n")) + self.fill(rng.choice(self.after), noun, keys)
        messages.append({"role": "user", "content": user})
        return messages

    def described(self, messages: list[dict], schema: dict, shape: str, expected_keys: list[str], noun: str) -> list[dict] | None:
        """The shape in the user's words, for requests without a schema."""
        rng, keys = self.rng, expected_keys
        r = rng.random()
        if r < 0.35:
            joined = ", ".join(keys[:-1]) + rng.choice((" and ", ", and ", ", ")) + keys[-1] if len(keys) > 1 else keys[0]
            quoted = ", ".join(rng.choice((f'"{k}"', f"`{k}`")) for k in keys) if rng.random() < 0.3 else joined
            how = rng.choice(("Return JSON with keys {k}.", "Return JSON with the keys {k}.", "Answer as JSON with the fields {k}.", "Give me a JSON object with {k}.", "Output JSON with {k}.", "Return a JSON object with keys {k}.",
                              "Use the JSON keys {k}.", "JSON keys: {k}.", "Fields: {k}.", "Respond in JSON with the fields {k}.", "as JSON with {k}", "The JSON must have the keys {k}.", "Write it as JSON ({k}).",
                              "Produce a JSON object containing {k}.", "Reply with JSON: {k}.", "I want JSON with these keys: {k}")).format(k=quoted)
        elif r < 0.55:
            how = rng.choice(("as JSON: {", "JSON: {", "Return {", "Format: {", "in the form {", "Output: {", "Schema: {", "Answer as {")) + ", ".join(keys) + "}"
        elif r < 0.7:
            how = rng.choice(("Return JSON: ", "Shape: ", "Schema: ", "Use this type: ", "Answer with ", "Return JSON of this shape: ", "as JSON ")) + shape
        elif r < 0.85:
            example = {k: {"string": "string", "integer": 0, "number": 0.0, "boolean": False}.get(v.get("type") if isinstance(v.get("type"), str) else "string", "...") if v.get("type") != "array" else [] for k, v in schema["properties"].items()}
            style = rng.random()
            if style < 0.4:
                example = {k: "..." for k in example}
            elif style < 0.6:
                example = {k: v.get("type") if isinstance(v.get("type"), str) else "string" for k, v in schema["properties"].items()}
            how = rng.choice(("Return JSON like ", "Use this format: ", "Output format:\n", "Respond like this: ", "Template: ", "Answer in this JSON format: ", "Fill in: ")) + json.dumps(example, ensure_ascii=False, indent=rng.choice((None, None, 2)))
        else:
            types = [v.get("type") if isinstance(v.get("type"), str) else "string" for v in schema["properties"].values()]
            how = rng.choice(("Return JSON with these fields:\n", "Fields:\n", "Extract these fields as JSON:\n", "I need as JSON:\n")) + "\n".join(f"- {k}" + (f": {t}" if rng.random() < 0.5 else f" ({t})" if rng.random() < 0.5 else "") for k, t in zip(keys, types))
        user = messages[-1]["content"]
        r = rng.random()
        if r < 0.15:
            return [{"role": "system", "content": how}] + messages[-1:]
        joined = f"{how}\n\n{user}" if r < 0.45 else f"{user}\n\n{how}" if r < 0.7 else f"{user} {how}" if r < 0.85 else f"{how} {user}"
        return messages[:-1] + [{"role": "user", "content": joined}]
