"""Tasks beside the domains: invented keys, order lines, roles, classification, generation, and plain chat."""

from __future__ import annotations

from answers import ArrayNode, Leaf, ObjectNode, quoted, string
from grammar import cap, join_list, key_style, plural, sentence
from lexicon import ADJECTIVES, NOUNS, invented, known
from tasks import STYLES
from values import Values, number_words
from words import KEY_WORDS, TEXT_WORDS

KV_FORMS = ("the {k} is {v}.", "{K}: {v}.", "Its {k} is {v}.", "Their {k} is {v}.", "{v} is the {k}.", "With {k} {v}.", "The {k} was {v}.", "It has a {k} of {v}.", "We set the {k} to {v}.", "{v} was chosen as {k}.", "As for the {k}, it is {v}.",
            "{K} = {v}.", "For {k} we use {v}.", "The value of {k} is {v}.", "{k} {v}.", "({k}: {v})", "My {k} is {v}.", "I think the {k} should be {v}.", "The {k}, {v}, was fine.", "{K} → {v}.", "They call the {k} {v}.",
            "{v} serves as the {k}.", "The {k} equals {v}.", "The {k} turned out to be {v}.", "Someone noted {v} as the {k}.", "Under {k} it says {v}.", "Our {k} will be {v}.", "Please use {v} as {k}.", "{v} ({k})", "{k} of {v}.")

SENTIMENT = {"positive": "I love it|It is great|Works perfectly|Excellent quality|I am very happy with it|Amazing service|The best I ever had|Wonderful, I will come again|Fast delivery and good price|Highly recommended|I enjoyed every minute|So good|It exceeded my hopes|Fantastic food|Very friendly staff|I am satisfied|Beautiful and well made|Thank you so much, perfect|Five stars|What a delight",
             "negative": "I hate it|It is terrible|It broke after one day|Awful quality|I am very unhappy|The worst service ever|I want my money back|Never again|It arrived late and damaged|Do not buy this|What a waste of money|Very disappointing|The food was cold|The staff was rude|It does not work|I am angry|Poor support|It stopped working|Boring and too long|One star is too much",
             "neutral": "It is okay|It does what it should|Nothing special|It arrived on Tuesday|It is average|Neither good nor bad|It is a box made of paper|I have no strong opinion|It is fine I guess|I bought it last week|The package contains two parts|It is like the others|So so|The store opens at nine|It is blue"}

TOPICS = {"sports": "The team won the match|The goalkeeper saved a penalty|She ran the marathon in record time|The coach praised the players|They lost the final of the tournament|The striker scored twice",
          "politics": "The parliament passed the law|The president met the minister|Voters go to the polls|The senate debated the bill|The mayor was elected|The government announced reforms",
          "technology": "The new phone has a better camera|The software update fixes a bug|The startup builds robots|The chip is faster than the old one|Developers released a new library|The app uses machine learning",
          "business": "The company reported higher profits|Shares fell by two percent|The merger was approved|The bank raised its rates|Sales grew last quarter|Investors sold their stock",
          "health": "The vaccine protects against the flu|Doctors recommend more sleep|The hospital opened a new ward|Exercise lowers blood pressure|The patient recovered quickly|A new drug was approved",
          "travel": "The beach was full of tourists|The hotel has a view of the sea|We hiked through the mountains|The flight to the island takes three hours|The old town is worth a visit|We packed our bags for the trip",
          "food": "The soup needs more salt|The bakery sells fresh bread|The chef cooked pasta|Dinner was served with wine|The cake is made with chocolate|Fry the onions in butter",
          "weather": "It will rain tomorrow|A storm hit the coast|The sun shines all day|Snow fell in the mountains|It is cold and foggy|The heat wave goes on"}

INTENTS = {"billing": "I was charged twice|My invoice is wrong|I want a refund|Why did you take money from my card|The bill is too high|I have a question about my last payment",
           "technical": "The app crashes when I open it|I get an error message|The page does not load|The screen stays black|The update failed|The printer does not respond",
           "account": "I forgot my password|I cannot log in|Please delete my account|I want to change my user name|My account is locked|How do I reset my login",
           "shipping": "Where is my package|My parcel is late|The delivery never came|The tracking number does not work|The courier left it at the wrong house|When will it arrive",
           "sales": "How much is the premium plan|Do you offer a discount for students|I would like to buy ten licenses|Can I get a quote|Is there a free trial|I am interested in your product",
           "feedback": "You should add a dark mode|Just wanted to say you do a good job|I have an idea for a feature|It would be nice to have more colors|My suggestion is a bigger button|Keep up the good work"}

CHAT = (("Hi|Hello|Hey|Good morning|Hi there|Hello!|Hey, how are you?|Good evening|How are you?|What's up?", "Hello! Send me a text and a JSON schema, and I will fill it in."),
        ("Who are you?|What are you?|What is your name?|Tell me about yourself.|Which model are you?|Are you ChatGPT?|Are you human?|Introduce yourself.", "I am cluster-extract-1, a very small model for structured extraction. Send me a text and a JSON schema."),
        ("What can you do?|Help|How do I use you?|How does this work?|What are you good at?|help me|How can you help me?|What is this?|Can you help me?", "I extract data: send a text together with a JSON schema, and I answer with JSON that fits it."),
        ("Tell me a joke.|Write a poem about the sea.|What is the capital of France?|Explain quantum physics.|Write an essay.|What is 2 + 2?|Write a haiku|Who won the world cup?|Translate this to French: hello|Write a story about a dragon.|What is the meaning of life?|Summarize the news.|Give me advice.|Say hello.|Count to five.|Why is the sky blue?|Write code that sorts a list.|Recommend a book.|Plan my week.|What time is it?|Tell me something interesting.|Say hi in one word.|Sing a song.",
         "I am a very small model and only good at structured extraction. Send me a text and a JSON schema."),
        ("Thanks!|Thank you.|Great, thanks|Bye|Goodbye|Thanks a lot|ok|Okay.|Good bye!|Nice.|Cool", "You are welcome. Send me another text with a JSON schema at any time."))


class Others:
    def __init__(self, rng, values: Values) -> None:
        self.rng, self.values = rng, values
        self.lexical = [w for w in TEXT_WORDS.split() if w.isalpha() and len(w) > 2] + KEY_WORDS.split()

    # Invented keys and values: copying by name

    def label(self) -> str:
        rng = self.rng
        r = rng.random()
        part = lambda: invented(rng, rng.choice((1, 2, 2, 3)), rng.random() < 0.1) if rng.random() < 0.5 else rng.choice(NOUNS + ADJECTIVES) if rng.random() < 0.6 else rng.choice(KEY_WORDS.split())
        if r < 0.45:
            return part()
        return f"{part()} {part()}" if r < 0.9 else f"{part()} {part()} {part()}"

    def value(self) -> tuple[str, str, str]:
        """(text, raw answer, schema type)"""
        rng, make = self.rng, self.values.make
        r = rng.random()
        if r < 0.5:
            kind = rng.choice(("phrase", "phrase", "phrase", "word", "Word", "person", "city", "company", "product", "ident", "street", "color", "title", "email", "job", "username", "country", "venue", "food"))
            v = make(kind)
            return v.text, quoted(v.string), "string"
        if r < 0.58:
            text = " ".join(rng.choice(self.lexical) for _ in range(rng.randint(1, 3)))
            text = text if rng.random() < 0.7 else cap(text)
            return text, quoted(text), "string"
        if r < 0.8:
            v = make(rng.choice(("int:0:99", "int:1:999", "int:100:99999", "digits:1:5000")))
            return v.text, v.number or v.string, "integer"
        v = make(rng.choice(("decimal:0:99:1", "decimal:0:999:2", "decimal:-40:40:1", "money")))
        raw = v.number or v.string
        return v.text, raw, "number"

    def key_values(self):
        """Returns (text, node, noun): names of keys are unheard of, but the text says them."""
        rng = self.rng
        labels = list(dict.fromkeys(self.label() for _ in range(rng.choice((1, 2, 2, 3, 3, 4, 4, 5, 6)))))
        style = rng.choice(STYLES)
        rows, entries = [], []
        for label in labels:
            r = rng.random()
            if r < 0.1:
                truth = rng.random() < 0.5
                word = rng.choice((invented(rng, 2, False), rng.choice(ADJECTIVES)))
                positive = rng.choice(("It is {w}", "This one is {w}", "Indeed it is {w}", "It looks {w}", "{W}: yes", "It was {w}"))
                negative = rng.choice(("It is not {w}", "It isn't {w}", "It is by no means {w}", "It was not {w}", "This is not {w} at all", "{W}: no", "It was never {w}"))
                rows.append((None, (positive if truth else negative).format(w=word, W=cap(word))))
                key = key_style(rng.choice((word, f"is {word}", word)), style)
                entries.append((key, Leaf({"type": "boolean"}, "true" if truth else "false"), True))
                continue
            if r < 0.2:
                options = list(dict.fromkeys(rng.choice((invented(rng, 2, False), rng.choice(NOUNS), rng.choice(ADJECTIVES))) for _ in range(rng.randint(2, 6))))
                chosen = rng.choice(options)
                shown = chosen if rng.random() < 0.6 else cap(chosen)
                style_option = rng.choice((str, str, str.upper, str.capitalize))
                rows.append((label, shown))
                entries.append((key_style(label, style), Leaf({"type": "string", "enum": [style_option(o) for o in options]}, quoted(style_option(chosen))), True))
                continue
            if r < 0.28:
                items = list(dict.fromkeys(self.values.make(rng.choice(("phrase", "word", "tag", "Word"))).text for _ in range(rng.randint(1, 4))))
                rows.append((label, join_list(items, rng)))
                entries.append((key_style(label, style), ArrayNode([Leaf({"type": "string"}, quoted(i)) for i in items], {"type": "string"}), True))
                continue
            text, raw, kind = self.value()
            rows.append((label, text))
            entries.append((key_style(label, style), Leaf({"type": kind}, raw), True))
        keep = [e for e in entries if rng.random() < 0.75] or entries[:1]
        keep = list({e[0]: e for e in keep}.values())
        rng.shuffle(rows)
        if rng.random() < 0.6:
            rng.shuffle(keep)
        if rng.random() < 0.08:
            keep.append((key_style(self.label(), style), Leaf({"type": ["string", "null"]}, "null"), True))
        return self.kv_text(rows), self.maybe_nested(keep, style), rng.choice(("record", "object", "item", "data", "entry", "thing"))

    def maybe_nested(self, entries: list, style: str) -> ObjectNode:
        rng = self.rng
        if len(entries) > 2 and rng.random() < 0.2:
            cut = rng.randint(1, len(entries) - 1)
            inner = ObjectNode(entries[cut:])
            entries = entries[:cut]
            key = key_style(self.label(), style)
            if key not in [e[0] for e in entries]:
                entries.append((key, inner, True))
        return ObjectNode(entries)

    def kv_text(self, rows: list) -> str:
        rng = self.rng
        r = rng.random()
        if r < 0.55:
            one = rng.random() < 0.2
            form = rng.choice(KV_FORMS)
            said = [sentence(text) if label is None else cap((form if one else rng.choice(KV_FORMS)).format(k=label, K=cap(label), v=text)) for label, text in rows]
            return " ".join(said)
        separator, line = rng.choice((": ", " = ", "=", ": ", " - ", "\t", " -> ")), rng.choice(("\n", "\n", ", ", "; ", " | ", "\n- "))
        case = rng.choice((str, str, cap, str.title, str.upper, lambda k: k.replace(" ", "_"), lambda k: key_style(k, "camel")))
        said = [text if label is None else f"{case(label)}{separator}{text}" for label, text in rows]
        return line.join(said).strip()

    def type_driven(self):
        """Keys say nothing, only the types tell which value is meant."""
        rng, make = self.rng, self.values.make
        name, number, flag = make(rng.choice(("person", "city", "product", "company", "Word"))), make("int:2:900"), rng.random() < 0.5
        date, mail = make("date"), make("email")
        forms = ("{n} has {i} of them since {d}, write to {m}.", "On {d} we counted {i} for {n} ({m}).", "{n}, {i}, {d}, {m}", "{m} wrote on {d}: {i} for {n}.", "{i} {n} {d} {m}", "{d}: {n} got {i}. Contact {m}.")
        text = rng.choice(forms).format(n=name.text, i=number.text, d=date.text, m=mail.text)
        number_raw = number.number or number.string
        leaves = [Leaf({"type": "integer"}, number_raw), string(date.iso, format="date"), string(mail.string, format="email")]
        names = rng.sample(("value", "x", "a", "b", "field", "thing", "data", "first", "second", "result", "out", "answer", "v1", "v2", "foo", "bar", invented(rng, 2, False)), 3)
        entries = [(k, l, True) for k, l in zip(names, leaves)]
        rng.shuffle(entries)
        return text, ObjectNode(entries[:rng.randint(1, 3)]), "data"

    # Lines of orders, recipes, receipts

    def lines(self):
        rng, make = self.rng, self.values.make
        count = rng.choice((1, 2, 2, 3, 3, 4))
        priced, style = rng.random() < 0.6, rng.choice(STYLES)
        food = rng.random() < 0.2
        name_key, count_key = rng.choice(("name", "product", "item", "article", "title", "description")), rng.choice(("quantity", "qty", "count", "amount", "number", "units"))
        price_key = rng.choice(("price", "unit price", "cost", "price each", "amount eur", "unit cost"))
        form = rng.choice(("{q} {n} at {p} each", "{q} {n} for {p} each", "{q} x {n} ({p})", "{q}x {n} @ {p}", "{n} x{q} {p}", "{n}: {q} pcs, {p}", "{q} {n}, {p}", "{q} of the {n} at {p}", "{n} - {q} - {p}", "{q} {n} costing {p} apiece"))
        bare = rng.choice(("{q} {n}", "{q} x {n}", "{q}x {n}", "{n} ({q})", "{n}: {q}", "{n} x {q}", "{q} pieces of {n}", "{q} units of {n}"))
        words, nodes = rng.random() < 0.25, []
        shown, names = [], set()
        for _ in range(count):
            quantity = rng.randint(1, 20) if rng.random() < 0.85 else rng.randint(21, 500)
            name = make("food").text if food else make(rng.choice(("things", "product")) if quantity > 1 else "product").text
            if name in names:
                continue
            names.add(name)
            price = make("money:1:900")
            text = number_words(quantity) if words and quantity < 13 else str(quantity)
            if quantity == 1 and rng.random() < 0.5 and (form if priced else bare).startswith("{q} {n}"):
                text = "an" if name[0] in "aeiou" else "a"
            shown.append((form if priced else bare).format(q=text, n=name, p=price.text))
            entries = [(key_style(name_key, style), string(name), True), (key_style(count_key, style), Leaf({"type": "integer"}, str(quantity)), True)]
            if priced:
                entries.append((key_style(price_key, style), Leaf({"type": "number"}, price.number), True))
            nodes.append(entries)
        order = list(range(len(nodes[0])))
        if rng.random() < 0.4:
            rng.shuffle(order)
        objects = [ObjectNode([e[i] for i in order]) for e in nodes]
        who = make("person")
        body = join_list(shown, rng) if rng.random() < 0.7 else "\n".join("- " + s for s in shown)
        text = rng.choice(("{w} ordered {b}.", "{b}", "Please send me {b}. Regards, {w}", "Order for {w}: {b}", "I'd like {b}. My name is {w}.", "{w} bought {b}.", "{w} wants {b}.", "Customer {w} needs {b}.", "We sold {b} to {w}.", "Shopping list of {w}:\n{b}",
                           "Order:\n{b}\nName: {w}", "{w} has put {b} in the cart.", "Hi, this is {w}. I need {b}.", "On the order of {w} are {b}.", "Invoice for {w}: {b}.")).format(w=who.text, b=body)
        items = ArrayNode(objects, objects[0].schema)
        entries = [(key_style(rng.choice(("items", "lines", "products", "order items", "articles", "line items", "positions", "cart")), style), items, True)]
        if who.text in text and rng.random() < 0.7:
            entries.append((key_style(rng.choice(("customer", "name", "buyer", "customer name", "ordered by", "client")), style), string(who.string), True))
        if rng.random() < 0.25 and priced:
            total = make("money:10:9000")
            text += rng.choice((" The total is {}.", " Total: {}.", "\nTotal {}", " In total {}.", " That makes {} altogether.", " Sum: {}")).format(total.text)
            entries.append((key_style(rng.choice(("total", "total price", "sum", "grand total")), style), Leaf({"type": "number"}, total.number), True))
        rng.shuffle(entries)
        return text, ObjectNode(entries), rng.choice(("order", "list", "invoice", "cart", "receipt"))

    # Two people or places in different roles

    def roles(self):
        rng, make = self.rng, self.values.make
        kind = rng.choice(("person", "city", "company"))
        a, b = make(kind), make(kind)
        style = rng.choice(STYLES)
        table = {"person": (("buyer", "seller", ("{a} bought the car from {b}.", "{b} sold the house to {a}.", "{b} sold it to {a} last week.", "{a} purchased the land from {b}.")),
                            ("sender", "recipient", ("{a} wrote a letter to {b}.", "{b} got a message from {a}.", "From: {a}\nTo: {b}", "{a} sent {b} a parcel.", "{b} received a package from {a}.")),
                            ("teacher", "student", ("{a} teaches {b} to play the piano.", "{b} learns chess from {a}.", "{b} is taught by {a}.", "{b} takes lessons with {a}.")),
                            ("winner", "loser", ("{a} beat {b} in the final.", "{b} lost to {a}.", "{a} won against {b}.", "{b} was defeated by {a}.", "{a} defeated {b}.")),
                            ("manager", "employee", ("{b} reports to {a}.", "{a} is the boss of {b}.", "{a} leads the team of {b}.", "{b} works for {a}.")),
                            ("parent", "child", ("{a} is the mother of {b}.", "{b} is the son of {a}.", "{a} picked up {b}, the youngest child.", "{b}'s father is {a}.")),
                            ("doctor", "patient", ("{a} treated {b}.", "{b} was examined by {a}.", "{b} saw Doctor {a}.", "{a} operated on {b}.")),
                            ("interviewer", "interviewee", ("{a} interviewed {b}.", "{b} was interviewed by {a}.", "{b} answered the questions of {a}."))),
                 "city": (("origin", "destination", ("I travel from {a} to {b}.", "The train to {b} leaves {a}.", "We flew to {b} from {a}.", "From {a} to {b}, please.", "{a} - {b}, one way", "The bus departs {a} and arrives in {b}.", "A ticket to {b}, starting in {a}.", "Going from {a} to {b}.")),
                          ("from", "to", ("She moved from {a} to {b}.", "They left {a} for {b}.", "He came to {b} from {a}.", "Drive from {a} to {b}."))),
                 "company": (("buyer", "target", ("{a} acquired {b}.", "{b} was bought by {a}.", "{a} takes over {b}.", "{b} now belongs to {a}.", "{a} is going to buy {b}.")),
                             ("supplier", "customer", ("{a} delivers parts to {b}.", "{b} gets its parts from {a}.", "{a} supplies {b}.", "{b} is a customer of {a}.")))}
        first, second, forms = rng.choice(table[kind])
        text = rng.choice(forms).format(a=a.text, b=b.text)
        entries = [(key_style(first, style), string(a.string), True), (key_style(second, style), string(b.string), True)]
        if rng.random() < 0.5:
            entries.reverse()
        if rng.random() < 0.5:
            amount, date = make("money"), make("date")
            text += rng.choice((" It happened on {d} and cost {m}.", " Date: {d}. Amount: {m}.", " ({d}, {m})", " On {d}, {m} were paid.", " The price was {m} and the day was {d}.")).format(d=date.text, m=amount.text)
            entries.append((key_style(rng.choice(("date", "day")), style), string(date.iso, format="date"), True))
            entries.append((key_style(rng.choice(("amount", "price", "cost")), style), Leaf({"type": "number"}, amount.number), True))
        if rng.random() < 0.2:
            entries = entries[:1]
        return text, ObjectNode(entries), rng.choice(("deal", "data", "people", "record"))

    # Classification

    def classify(self):
        rng, make = self.rng, self.values.make
        table, keys, noun = rng.choice(((SENTIMENT, ("sentiment", "mood", "tone", "opinion", "rating", "label", "feeling"), "review"), (TOPICS, ("topic", "category", "label", "section", "subject", "class"), "article"),
                                        (INTENTS, ("intent", "category", "type", "department", "issue type", "label", "topic"), "message")))
        labels = list(table) if table is SENTIMENT else rng.sample(list(table), rng.randint(2, len(table)))
        if table is SENTIMENT and rng.random() < 0.25:
            labels.remove("neutral")
        label = rng.choice(labels)
        said = rng.sample(table[label].split("|"), rng.choice((1, 1, 2, 2, 3)))
        product = make("product")
        if table is SENTIMENT and rng.random() < 0.4:
            said.insert(0, rng.choice(("I bought the {p}", "About the {p}", "My review of the {p}", "I tried the {p}", "We got a {p} last month")).format(p=product.text))
        text = rng.choice((". ", ". ", "! ", ", ", "; ")).join(said)
        text = text + rng.choice((".", "!", "", "...")) if rng.random() < 0.8 else text.lower()
        style = rng.choice(STYLES)
        case = rng.choice((str, str, str, str.upper, str.capitalize))
        shown = [case(x) for x in labels]
        rng.shuffle(shown)
        entries = [(key_style(rng.choice(keys), style), Leaf({"type": "string", "enum": shown}, quoted(case(label))), True)]
        if product.text in text and rng.random() < 0.6:
            entries.append((key_style(rng.choice(("product", "item", "product name")), style), string(product.string), True))
        if rng.random() < 0.3:
            who = make("person")
            text = rng.choice(("{t} - {w}", "{w}: {t}", "{w} wrote: {t}", "{t} ({w})", 'From {w}: "{t}"', "{t}\n\n{w}")).format(t=text, w=who.text)
            entries.append((key_style(rng.choice(("author", "name", "reviewer", "user", "from", "written by", "customer")), style), string(who.string), True))
        rng.shuffle(entries)
        return text, ObjectNode(entries), noun

    def chat(self) -> tuple[list[dict], str]:
        rng = self.rng
        asked, answer = rng.choice(CHAT)
        text = rng.choice(asked.split("|"))
        messages = [{"role": "system", "content": "You are a helpful assistant."}] if rng.random() < 0.3 else []
        return messages + [{"role": "user", "content": text if rng.random() < 0.8 else text.lower()}], answer
