"""Typed values and the ways a text writes them.

A Value has the text that is put into the prompt, and what the answer says for each schema type: `string` (as
written), `number` (digits), and an ISO form for dates and times.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lexicon import invented, known
from lexicon import ADJECTIVES, NOUNS, TITLE_WORDS

MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen").split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
CURRENCIES = {"USD": ("$", "dollars"), "EUR": ("€", "euros"), "GBP": ("£", "pounds"), "JPY": ("¥", "yen"), "CHF": ("", "francs")}


@dataclass
class Value:
    text: str
    string: str | None = None
    number: str | None = None
    iso: str | None = None
    parts: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.string is None:
            self.string = self.text


class Values:
    """All value makers. `held` switches to the word lists kept for evaluation."""

    def __init__(self, rng, held: bool = False) -> None:
        self.rng, self.held = rng, held

    def make(self, kind: str) -> Value:
        """`kind` is a maker's name with optional arguments, as in `int:1:20`."""
        name, *arguments = kind.split(":")
        result = getattr(self, name)(*arguments)
        return result if isinstance(result, Value) else Value(result)

    def listed(self, name: str) -> str:
        return self.rng.choice(known(name, self.held))

    def pick(self, *choices: str) -> str:
        return self.rng.choice(":".join(choices).split("|"))

    # Names of things

    def word(self) -> str:
        return invented(self.rng)

    def Word(self) -> str:
        return invented(self.rng).capitalize()

    def first(self) -> str:
        return self.listed("FIRST") if self.rng.random() < 0.6 else self.Word()

    def last(self) -> str:
        r = self.rng.random()
        if r < 0.6:
            return self.listed("LAST")
        if r < 0.66:
            return self.rng.choice(("O'", "D'", "Mc", "Mac", "Al-", "El-", "St. ")) + self.Word()
        return self.Word() if r < 0.95 else f"{self.Word()}-{self.Word()}"

    def person(self) -> Value:
        rng, first, last = self.rng, self.first(), self.last()
        parts = {"first": Value(first), "last": Value(last)}
        r = rng.random()
        if r < 0.78:
            return Value(f"{first} {last}", parts=parts)
        if r < 0.83:
            return Value(f"{first} {rng.choice('ABCDEFGHJKLMNPRST')}. {last}", parts=parts)
        if r < 0.87:
            return Value(f"{first} {self.first()} {last}", parts=parts)
        if r < 0.91:
            last = f"{rng.choice(('van', 'de', 'von', 'da', 'van der', 'del', 'bin', 'la'))} {last}"
            return Value(f"{first} {last}", parts={"first": Value(first), "last": Value(last)})
        if r < 0.95:
            title = rng.choice(("Dr.", "Mr.", "Ms.", "Mrs.", "Prof.", "Dr", "Mr"))
            return Value(f"{title} {first} {last}", string=f"{title} {first} {last}", parts=parts)
        return Value(first, parts={"first": Value(first)})

    def city(self) -> str:
        rng, r = self.rng, self.rng.random()
        if r < 0.5:
            return self.listed("CITIES")
        base = self.Word()
        if r < 0.8:
            return base
        return rng.choice((f"New {base}", f"San {base}", f"{base} Falls", f"{base}-sur-{self.Word()}", f"Port {base}", f"St. {base}",
                           f"{base} City", f"Bad {base}", f"{base} {self.Word()}", f"{base}'s Creek", f"Lake {base}", f"{base}ville",
                           f"{base}burg", f"{base}ton", f"{base}stadt", f"El {base}", f"La {base}", f"Upper {base}"))

    def country(self) -> Value:
        name = self.listed("COUNTRIES") if self.rng.random() < 0.7 else self.Word() + self.rng.choice(("ia", "land", "stan"))
        return Value(name, string=name.removeprefix("the "))

    def company(self) -> str:
        rng, r = self.rng, self.rng.random()
        if r < 0.3:
            return self.Word()
        if r < 0.5:
            return f"{self.last()} {self.listed('COMPANY_ENDS')}"
        if r < 0.6:
            return f"{self.last()} & {self.last()}"
        if r < 0.7:
            return rng.choice(ADJECTIVES).capitalize() + rng.choice(NOUNS).capitalize()
        if r < 0.78:
            return f"{rng.choice(ADJECTIVES).capitalize()} {rng.choice(NOUNS).capitalize()} {self.listed('COMPANY_ENDS')}"
        return f"{self.Word()} {self.listed('COMPANY_ENDS')}"

    def school(self) -> str:
        return self.rng.choice(("University of {}", "{} University", "{} College", "{} Institute of Technology", "{} High School",
                                "TU {}", "{} Academy")).format(self.city())

    def job(self) -> str:
        prefix = self.rng.choice(("", "", "", "", "senior ", "junior ", "freelance ", "lead ", "assistant "))
        return prefix + self.listed("JOBS")

    def product(self) -> str:
        rng, r = self.rng, self.rng.random()
        if r < 0.45:
            return self.listed("PRODUCTS")
        if r < 0.6:
            return f"{self.listed('COLORS')} {self.listed('PRODUCTS')}"
        if r < 0.75:
            return f"{self.Word()} {self.listed('PRODUCTS')}"
        if r < 0.9:
            return f"{self.Word()} {rng.choice(('Pro', 'X', 'Mini', 'Max', 'Plus', '2', 'SE', '3000', 'X1', 'Air'))}"
        return f"{rng.choice(ADJECTIVES)} {rng.choice(NOUNS)}"

    def things(self) -> str:
        word = self.rng.choice((self.listed("PRODUCTS"), self.rng.choice(NOUNS), f"{self.listed('COLORS')} {self.rng.choice(NOUNS)}"))
        return word if word.endswith("s") else word + "s"

    def food(self) -> str:
        return self.listed("FOODS") if self.rng.random() < 0.8 else invented(self.rng)

    def color(self) -> str:
        return self.listed("COLORS")

    def hobby(self) -> str:
        return self.listed("HOBBIES")

    def skill(self) -> str:
        return self.listed("SKILLS") if self.rng.random() < 0.8 else self.Word()

    def language(self) -> str:
        return self.listed("LANGUAGES")

    def animal(self) -> str:
        return self.listed("ANIMALS")

    def car(self) -> str:
        return self.listed("CARS") if self.rng.random() < 0.75 else self.Word()

    def model(self) -> str:
        rng = self.rng
        return rng.choice((self.Word(), f"{rng.choice('ABCDEGMRSTX')}{rng.randint(1, 900)}", f"Model {rng.choice('XYZS3')}",
                           f"{self.Word()} {rng.randint(1, 9)}", f"{self.Word()}-{rng.randint(10, 999)}"))

    def title(self) -> str:
        rng = self.rng
        a, b, c = (rng.choice(TITLE_WORDS).capitalize() for _ in range(3))
        return rng.choice((f"The {a} {b}", f"{a} of {b}", f"{a} {b}", f"The {a}", f"A {a} {b}", f"{a} and {b}", f"The {a} of the {b}",
                           f"{self.Word()}", f"{self.Word()}'s {a}", f"{a}", f"Beyond the {b}", f"The {b} {c}: {self.Word()}", f"When {a} {b}"))

    def street(self) -> str:
        rng, base = self.rng, self.rng.choice((self.Word(), self.last(), self.rng.choice(NOUNS).capitalize()))
        number = rng.randint(1, 399)
        return rng.choice((f"{number} {base} Street", f"{number} {base} Ave", f"{number} {base} Road", f"{number} {base} Lane",
                           f"{base}straße {number}", f"{number} rue {base}", f"Via {base} {number}", f"{base}weg {number}a",
                           f"{number} {base} Blvd.", f"{number} Old {base} Road", f"Calle {base} {number}"))

    def venue(self) -> Value:
        base = self.rng.choice((self.Word(), self.last(), self.city()))
        name = self.rng.choice(("{} Hall", "the {} Center", "Hotel {}", "{} Arena", "Café {}", "{} Park", "the {} Museum", "{} Stadium",
                                "Room {}", "the {} Theatre", "{} Library", "Restaurant {}", "{} Inn", "{}'s Diner")).format(base)
        return Value(name, string=name.removeprefix("the "))

    def event(self) -> str:
        rng = self.rng
        kind = rng.choice(("conference", "workshop", "science fair", "concert", "summit", "birthday party", "team meeting", "wedding",
                           "book launch", "marathon", "hackathon", "sprint review", "webinar", "picnic", "board meeting", "art exhibition",
                           "charity gala", "music festival", "training session", "farewell dinner", "product demo", "job fair", "reunion"))
        r = rng.random()
        if r < 0.35:
            return kind
        if r < 0.5:
            return kind.title()
        return f"{self.Word()} {kind.title()}" if r < 0.8 else f"{self.Word()}{rng.choice(('Con', 'Fest', ' Days', ' Summit', ' Expo'))}"

    def issue(self) -> str:
        rng, thing = self.rng, self.rng.choice((self.listed("PRODUCTS"), self.rng.choice(NOUNS), "app", "login page", "invoice", "screen"))
        return rng.choice((f"the {thing} does not turn on", f"the {thing} crashes on start", f"missing {thing}", f"broken {thing}", f"cannot open the {thing}",
                           f"{thing} is too slow", f"wrong {thing} delivered", f"{thing} error {rng.randint(100, 599)}", f"the {thing} keeps beeping"))

    def tag(self) -> str:
        return self.rng.choice((self.rng.choice(NOUNS), self.rng.choice(ADJECTIVES), invented(self.rng), self.listed("HOBBIES")))

    def phrase(self) -> str:
        rng = self.rng
        words = [rng.choice((invented(rng), rng.choice(NOUNS), rng.choice(ADJECTIVES))) for _ in range(rng.randint(1, 4))]
        text = " ".join(words)
        return rng.choice((text, text, text.title(), text.capitalize(), text.upper()))

    # Codes and addresses

    def ident(self) -> str:
        rng = self.rng
        letters = "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(rng.randint(1, 4)))
        number = rng.randint(10, 999999)
        return rng.choice((f"{letters}-{number}", f"#{number}", f"{letters}{number}", f"{number}", f"{letters}-{rng.randint(2019, 2027)}-{number % 9999:04d}",
                           f"{number:06d}", f"{letters}/{number}", f"{letters.lower()}_{number}"))

    def zip(self) -> str:
        rng = self.rng
        return rng.choice((f"{rng.randint(1000, 99999):05d}", f"{rng.randint(1000, 9999)}", f"{rng.choice('ABCENRSW')}{rng.randint(1, 20)} {rng.randint(1, 9)}{rng.choice('ABDEFG')}{rng.choice('HJLNPQ')}"))

    def phone(self) -> str:
        rng = self.rng
        d = lambda n: "".join(rng.choice("0123456789") for _ in range(n))
        return rng.choice((f"+{rng.randint(1, 99)} {d(3)} {d(7)}", f"({d(3)}) {d(3)}-{d(4)}", f"{d(3)}-{d(3)}-{d(4)}", f"0{d(3)} {d(6)}", f"555-{d(4)}",
                           f"+{rng.randint(1, 99)}-{d(2)}-{d(4)}-{d(4)}", f"+{d(11)}", f"{d(3)}.{d(3)}.{d(4)}"))

    def domain(self) -> str:
        rng = self.rng
        base = rng.choice((invented(rng, accents=False), "example", rng.choice(NOUNS), rng.choice(ADJECTIVES) + rng.choice(NOUNS), "mail"))
        return base + rng.choice((".com", ".org", ".net", ".de", ".io", ".co.uk", ".fr", ".dev"))

    def email(self) -> str:
        rng = self.rng
        a, b = invented(rng, 1 + (rng.random() < 0.5), False), invented(rng, 2, False)
        user = rng.choice((a, f"{a}.{b}", f"{a[0]}.{b}", f"{a}_{b}", f"{a}{rng.randint(1, 99)}", f"{a}+{b}", "info", f"{a}-{b}"))
        return f"{user}@{self.domain()}"

    def url(self) -> str:
        rng = self.rng
        tail = rng.choice(("", "", f"/{invented(rng, accents=False)}", f"/{rng.choice(NOUNS)}/{rng.randint(1, 999)}", f"?id={rng.randint(1, 999)}"))
        return rng.choice(("https://", "https://www.", "http://", "https://")) + self.domain() + tail

    def username(self) -> str:
        rng = self.rng
        return rng.choice((f"{invented(rng, 2, False)}{rng.randint(1, 99)}", f"{rng.choice(ADJECTIVES)}_{rng.choice(NOUNS)}", invented(rng, 3, False)))

    def uuid(self) -> str:
        digits = "".join(self.rng.choice("0123456789abcdef") for _ in range(32))
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    # Numbers, dates, times

    def int(self, low: str = "1", high: str = "99") -> Value:
        rng, value = self.rng, self.rng.randint(int(low), int(high))
        if 0 <= value <= 99 and rng.random() < 0.15:
            return Value(number_words(value), string=number_words(value), number=str(value))
        if value > 999 and rng.random() < 0.6:
            return Value(f"{value:,}", number=str(value))
        return Value(str(value))

    def digits(self, low: str = "1", high: str = "99") -> Value:
        return Value(str(self.rng.randint(int(low), int(high))))

    def decimal(self, low: str = "0", high: str = "100", places: str = "1") -> Value:
        rng = self.rng
        whole = rng.randint(int(low), int(high))
        if rng.random() < 0.25:
            return Value(str(whole))
        fraction = "".join(rng.choice("0123456789") for _ in range(int(places)))
        sign = "-" if whole < 0 else ""
        whole = abs(whole)
        if whole > 999 and rng.random() < 0.6:
            return Value(f"{sign}{whole:,}.{fraction}", number=f"{sign}{whole}.{fraction}")
        return Value(f"{sign}{whole}.{fraction}")

    def money(self, low: str = "1", high: str = "2000") -> Value:
        rng = self.rng
        whole = rng.randint(int(low), int(high)) if rng.random() < 0.8 else rng.randint(1, 90)
        cents = "" if rng.random() < 0.4 else f".{rng.choice((0, 5, 10, 20, 25, 49, 50, 75, 90, 95, 99, rng.randint(0, 99))):02d}"
        shown = f"{whole:,}{cents}" if whole > 999 and rng.random() < 0.7 else f"{whole}{cents}"
        code = rng.choice(("USD", "USD", "EUR", "EUR", "GBP", "JPY", "CHF"))
        symbol, noun = CURRENCIES[code]
        forms = [f"{shown} {noun}", f"{shown} {code}", f"{code} {shown}"] + ([f"{symbol}{shown}"] * 5 + [f"{shown} {symbol}"] if symbol else [])
        return Value(rng.choice(forms), number=f"{whole}{cents}", parts={"currency": Value(code)})

    def percent(self) -> Value:
        value = self.rng.choice((str(self.rng.randint(1, 100)), f"{self.rng.randint(1, 99)}.{self.rng.randint(1, 9)}"))
        return Value(value + self.rng.choice(("%", " %", " percent")), number=value)

    def year(self) -> Value:
        return Value(str(self.rng.randint(1900, 2029)))

    def date(self, low: str = "2018", high: str = "2029") -> Value:
        rng = self.rng
        year, month, day = rng.randint(int(low), int(high)), rng.randint(1, 12), rng.randint(1, 28 + (rng.random() < 0.1) * 2)
        day = min(day, 28) if month == 2 else day
        name, iso = MONTHS[month - 1], f"{year}-{month:02d}-{day:02d}"
        ending = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
        text = rng.choice((iso, iso, iso, f"{name} {day}, {year}", f"{name} {day}, {year}", f"{day} {name} {year}", f"{day} {name} {year}",
                           f"{name} {day}{ending}, {year}", f"{day}{ending} of {name} {year}", f"{day:02d}.{month:02d}.{year}",
                           f"{name[:3]} {day}, {year}", f"{day} {name[:3]} {year}", f"{year}/{month:02d}/{day:02d}", f"{day}. {name} {year}"))
        return Value(text, iso=iso, parts={"year": Value(str(year))})

    def birthdate(self) -> Value:
        return self.date("1935", "2010")

    def weekday(self) -> Value:
        return Value(self.rng.choice(WEEKDAYS))

    def when(self) -> Value:
        """A date that a plain string repeats as it stands."""
        rng, r = self.rng, self.rng.random()
        if r < 0.4:
            return Value(rng.choice(WEEKDAYS))
        if r < 0.6:
            return Value(rng.choice(("next ", "this ")) + rng.choice(WEEKDAYS))
        if r < 0.8:
            return Value(f"{rng.choice(MONTHS)} {rng.randint(1, 28)}")
        return Value(rng.choice(("tomorrow", "tonight", "today", "next week", "next month", "this weekend")))

    def time(self) -> Value:
        rng = self.rng
        hour, minute = rng.randint(0, 23), rng.choice((0, 0, 0, 15, 30, 45, rng.randint(0, 59)))
        iso = f"{hour:02d}:{minute:02d}:00Z"
        half, twelve = ("am", "pm")[hour >= 12], (hour - 1) % 12 + 1
        plain = f"{hour:02d}:{minute:02d}"
        short = f"{twelve}{half}" if minute == 0 else f"{twelve}:{minute:02d}{half}"
        spaced = f"{twelve} {half.upper()}" if minute == 0 else f"{twelve}:{minute:02d} {half}"
        return Value(rng.choice((plain, plain, plain, short, spaced, f"{hour}:{minute:02d}")), iso=iso, parts={"clock": Value(plain)})

    def datetime(self) -> Value:
        rng, day, hour, minute, second = self.rng, self.date(), self.rng.randint(0, 23), self.rng.randint(0, 59), self.rng.randint(0, 59)
        r = rng.random()
        if r < 0.5:
            iso = f"{day.iso}T{hour:02d}:{minute:02d}:{second:02d}Z"
            return Value(iso, iso=iso)
        iso = f"{day.iso}T{hour:02d}:{minute:02d}:00Z"
        return Value(rng.choice((f"{day.iso} {hour:02d}:{minute:02d}", f"{day.text} at {hour:02d}:{minute:02d}", f"{day.text}, {hour:02d}:{minute:02d}")), iso=iso)

    def duration(self) -> Value:
        rng = self.rng
        return Value(rng.choice((f"{rng.choice((5, 10, 15, 20, 25, 30, 45, 50, 60, 90, 120))} minutes", f"{rng.randint(2, 12)} hours",
                                 f"{rng.randint(2, 30)} days", f"{rng.randint(2, 8)} weeks", f"{number_words(rng.randint(2, 12))} hours")))


def number_words(value: int) -> str:
    if value < 20:
        return ONES[value]
    tens, ones = TENS[value // 10 - 2], value % 10
    return tens if ones == 0 else f"{tens}-{ONES[ones]}"
