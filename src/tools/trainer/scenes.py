"""Whole sentences in which several fields stand in one clause, as people write about plans, sales and trips."""

from __future__ import annotations

from answers import ArrayNode, Leaf, ObjectNode, quoted, string
from compose import blurred
from grammar import cap, join_list, key_style
from scenes_more import LATER_SCENES, MORE_SCENES
from tasks import STYLES

# Each scene: sentences with {slots}, then per slot: maker, key labels, type.
SCENES = (
    (("{people} are going to {event} on {day}.", "{people} will meet at {event} {day}.", "{people} plan to visit {event} this {day}.", "On {day}, {people} are going to {event}.", "{people} signed up for {event} on {day}.", "{event} on {day} with {people}.",
      "This {day} there is {event}; {people} will come.", "{people} were invited to {event} on {day}.", "Don't forget {event} on {day}! {people} will be there.", "{event} takes place on {day}, {people} take part."),
     {"people": ("first*", "participants;attendees;people;guests;names;who;visitors", "list"), "event": ("event", "name;event;title;event name;what", "a"), "day": ("weekday", "date;day;when;weekday", "string")}),
    (("{name} bought {count} {thing} for {price} in {city}.", "In {city}, {name} paid {price} for {count} {thing}.", "{name} from {city} ordered {count} {thing} and paid {price}.", "{count} {thing} went to {name} in {city} for {price}.",
      "For {price}, {name} got {count} {thing} at a shop in {city}.", "{price} is what {name} spent on {count} {thing} in {city}.", "{name} ({city}) needs {count} {thing}, budget {price}."),
     {"name": ("person", "name;customer;buyer;person;who;client", "string"), "count": ("int:2:90", "quantity;count;amount;number;how many;qty", "integer"), "thing": ("things", "product;item;things;article;goods;what", "string"),
      "price": ("money", "price;total;cost;amount;paid;sum", "number"), "city": ("city", "city;place;location;town;where", "string")}),
    (("{name} lives in {city} and is {age} years old.", "{name}, {age}, lives in {city}.", "{name} is {age} and lives in {city}.", "{age}-year-old {name} lives in {city}.", "{name} is a {age}-year-old from {city}.", "At {age}, {name} lives in {city}.",
      "{name} from {city} is {age} years old.", "In {city} lives {name}, who is {age} years old.", "{name} is {age} years old and comes from {city}.", "{name} ({age}) from {city}", "{name} turned {age} in {city}.", "{city} is home to {name}, aged {age}.",
      "{name} was born {age} years ago and lives in {city}.", "My friend {name} ({age}) moved to {city}.", "{name}, aged {age}, resides in {city}.", "I am {name}, {age} years old, from {city}.", "I'm {name} and I live in {city}. I am {age}.",
      "My name is {name}. I'm {age} and live in {city}.", "{name} has lived in {city} for all {age} years of life.", "{name} has been living in {city} since birth, {age} years ago.", "{age} years old, {city}-based: {name}.", "Born in {city}, {name} is now {age}.", "This is {name}. Age {age}. City {city}.",
      "{name} and {city} belong together; {age} years old now.", "The {age}-year-old {name} resides in {city}.", "{name} of {city} just turned {age}."),
     {"name": ("person", "name;full name;person;person name;who", "string"), "city": ("city", "city;town;location;residence;lives in;place;home;hometown", "string"), "age": ("int:1:99", "age;years;age years;years old;how old", "integer")}),
    (("{name} works as a {job} at {company} and earns {pay} a year.", "{company} hired {name} as a {job} for {pay} a year.", "{name}, {job} at {company}, makes {pay} per year.", "As a {job} at {company}, {name} gets {pay}.", "{name} left {x:company} to become a {job} at {company}, with a salary of {pay}.",
      "The new {job} of {company} is {name} and gets {pay}.", "{company} pays its {job} {name} {pay}.", "{name} has joined {company} as {job}; salary {pay}."),
     {"name": ("person", "name;employee;full name;who;person", "string"), "job": ("job", "job;title;position;role;occupation;job title;profession", "string"), "company": ("company", "company;employer;organization;firm;workplace", "string"), "pay": ("money:20000:180000", "salary;pay;income;wage;annual salary", "number")}),
    (("{name} flies from {a} to {b} on {date} at {time}.", "On {date}, {name} travels from {a} to {b}, leaving at {time}.", "{name} takes the {time} train from {a} to {b} on {date}.", "Ticket for {name}: {a} to {b}, {date}, {time}.", "{name} leaves {a} at {time} on {date} and goes to {b}.",
      "The trip to {b} starts in {a} on {date} at {time}; passenger {name}.", "{name} has a seat on the {time} bus to {b} from {a}, {date}."),
     {"name": ("person", "name;passenger;traveler;who;passenger name", "string"), "a": ("city", "origin;from;departure city;start", "string"), "b": ("city", "destination;to;arrival city;goal", "string"), "date": ("date", "date;day;travel date;departure date", "date"), "time": ("time", "time;departure time;departs at;leaves at", "time")}),
    (("{name} rated {thing} {stars} out of 5.", "{name} gave {thing} {stars} stars.", "{stars} stars for {thing}, says {name}.", "{thing}: {stars}/5 by {name}", "Review by {name}: {thing} gets {stars} stars."),
     {"name": ("person", "reviewer;name;author;user;by;customer", "string"), "thing": ("title", "title;product;item;name;reviewed item", "string"), "stars": ("digits:1:5", "rating;stars;score;points", "integer")}),
    (("{name} has an appointment with {doctor} on {date} at {time}.", "{doctor} will see {name} on {date} at {time}.", "Appointment: {name} with {doctor}, {date}, {time}.", "On {date} at {time}, {name} meets {doctor}.", "Please move the appointment of {name} with {doctor} to {date}, {time}."),
     {"name": ("person", "name;patient;client;who;patient name", "string"), "doctor": ("person", "doctor;with;physician;expert", "string"), "date": ("date", "date;day;appointment date", "date"), "time": ("time", "time;start time;at", "time")}),
    (("{a} {x} {b} {g1}-{g2} in {city}.", "{a} vs {b}: {g1}:{g2} ({city})", "{a} - {b} {g1}:{g2}", "{g1}-{g2} was the score when {a} played {b} in {city}.", "{a} {g1}, {b} {g2}", "Final score: {a} {g1} - {b} {g2}.", "In {city}, {a} and {b} ended {g1} to {g2}."),
     {"a": ("Word", "home team;home;team 1;first team;team a", "string"), "b": ("Word", "away team;away;team 2;second team;team b;visitors", "string"), "g1": ("digits:0:9", "home score;home goals;score 1;goals a;team 1 score", "integer"), "g2": ("digits:0:9", "away score;away goals;score 2;goals b;team 2 score", "integer"),
      "city": ("city", "city;place;location;venue;where", "string")}),
    (("The temperature in {city} is {t} degrees with {h}% humidity.", "{city}: {t}°C, {h}% humidity", "It is {t} °C in {city}, humidity {h} percent.", "In {city} the thermometer shows {t} degrees and the humidity is {h}%.", "{t} degrees and {h}% humidity were measured in {city}.", "Sensor {city}: temp {t} hum {h}"),
     {"city": ("city", "city;location;place;station;where", "string"), "t": ("decimal:-20:40:1", "temperature;temp;degrees;celsius;temperature c", "number"), "h": ("digits:1:99", "humidity;humidity percent;relative humidity;moisture", "integer")}),
    (("{author} wrote {title} in {year}.", "{title} by {author} ({year})", "{title} was written by {author} in {year}.", "In {year}, {author} published {title}.", "{author}: {title}, {year}", "{title}, {author}'s novel from {year}, is a classic.", "{year} saw the release of {title} by {author}.", "I just finished {title} by {author}, published in {year}."),
     {"author": ("person", "author;writer;written by;name;creator;by", "string"), "title": ("title", "title;book;name;work;book title", "string"), "year": ("year", "year;published;publication year;release year;written in", "integer")}),
    (("Call {name} at {phone} or write to {email}.", "{name}: {phone}, {email}", "You can reach {name} under {phone} and {email}.", "{name} <{email}>, tel. {phone}", "Contact {name} by phone ({phone}) or by mail ({email}).", "{name} can be reached at {email} or {phone}.", "{email} is the address of {name}, {phone} the number.", "My name is {name}, my email is {email} and my phone number is {phone}."),
     {"name": ("person", "name;contact;full name;person;who", "string"), "phone": ("phone", "phone;phone number;telephone;tel;mobile;number", "string"), "email": ("email", "email;email address;mail;contact email", "email")}),
    (("The {thing} costs {price} and weighs {kg} kg.", "{thing}, {kg} kg, {price}", "For {price} you get the {thing}, which weighs {kg} kg.", "Weighing {kg} kg, the {thing} sells for {price}.", "{price} for a {thing} of {kg} kg!", "The {thing} ({kg} kg) is priced at {price}.", "We sell the {thing}: only {kg} kg, only {price}."),
     {"thing": ("product", "name;product;item;article;product name", "string"), "price": ("money", "price;cost;amount;sale price", "number"), "kg": ("decimal:1:30:1", "weight;weight kg;kg;mass", "number")}),
    (("{name} owes {other} {price} for {thing}.", "{name} borrowed {price} from {other} for {thing}.", "{other} lent {name} {price} for {thing}."),
     {"name": ("person", "debtor;borrower;owes", "string"), "other": ("person", "creditor;lender;lent by", "string"), "price": ("money", "amount;sum;debt;money", "number"), "thing": ("product", "for;purpose;reason;item", "string")}),
)
MATCH_VERBS = ("beat", "played", "drew with", "lost to", "met", "faced", "defeated")
FICTION = ("Make up a {n}.", "Generate a fictional {n}.", "Give me a random {n}.", "Invent a {n} as JSON.", "Create an example {n}.", "Write sample data for a {n}.", "Create a {n} for a test.", "Generate a {n}.", "Give me an example of a {n}.")


class Scenes:
    def __init__(self, rng, values, scenes=SCENES + MORE_SCENES + LATER_SCENES, blur: float = 0.0) -> None:
        self.rng, self.values, self.scenes, self.blur = rng, values, scenes, blur

    def scene(self):
        rng, make = self.rng, self.values.make
        index = 2 if rng.random() < 0.15 else rng.randrange(len(self.scenes))
        sentences, slots = self.scenes[index]
        text, style, entries = rng.choice(sentences), rng.choice(STYLES), []
        text = text.replace("{x}", rng.choice(MATCH_VERBS))
        if self.blur and rng.random() < self.blur:
            text = blurred(text, rng, 0.3)
        while "{x:" in text:
            start = text.index("{x:")
            end = text.index("}", start)
            text = text[:start] + make(text[start + 3:end]).text + text[end + 1:]
        filled = {}
        for slot, (maker, labels, kind) in slots.items():
            if "{" + slot + "}" not in text:
                continue
            label = labels.split(";")[0] if rng.random() < 0.35 else rng.choice(labels.split(";"))
            key = key_style(label, style)
            if kind == "list":
                items = list(dict.fromkeys(make(maker.rstrip("*")).text for _ in range(rng.choice((2, 2, 3, 4)))))
                filled[slot] = join_list(items, rng)
                entries.append((key, ArrayNode([Leaf({"type": "string"}, quoted(i)) for i in items], {"type": "string"}), True))
                continue
            value = make(maker)
            filled[slot] = value.text
            if kind == "a":
                article = "an" if value.text[0] in "aeiouAEIOU" else "a"
                filled[slot] = f"{rng.choice((article, 'the', article))} {value.text}" if not text.startswith("{" + slot) else cap(value.text)
                entries.append((key, string(value.text if value.text in filled[slot] else cap(value.text)), True))
            elif kind in ("integer", "number"):
                raw = value.number or value.string
                entries.append((key, Leaf({"type": "number" if "." in raw else kind}, raw), True))
            elif kind in ("date", "time") and rng.random() < 0.5:
                entries.append((key, string(value.iso, format=kind), True))
            elif kind == "email":
                entries.append((key, string(value.string, **({"format": "email"} if rng.random() < 0.4 else {})), True))
            else:
                entries.append((key, string(value.string), True))
        text = text.format(**filled)
        text = text if rng.random() < 0.85 else text.rstrip(".")
        entries = list({e[0]: e for e in entries}.values())
        if index != 2 or rng.random() < 0.6:
            rng.shuffle(entries)
        if rng.random() < 0.3:
            entries = entries[: rng.randint(1, len(entries))]
        return text, ObjectNode(entries), rng.choice(("data", "record", "event", "info")) if index != 2 else rng.choice(("person", "person", "user", "customer"))

    def fiction(self, tasks):
        """No text at all: something plausible for every key is the best there is."""
        rng = self.rng
        entity = tasks.entity()
        node = tasks.object(entity)
        return rng.choice(FICTION).format(n=entity.domain.nouns[0]), node
