"""Sentences, wrappers and frames kept for evaluation, written apart from the training families.

Slots are as in scenes.SCENES. Nothing here may be imported by the training generator.
"""

PEOPLE = {"name": ("person", "name;full name;person", "string"), "city": ("city", "city;town;location;residence", "string"), "age": ("int:1:99", "age;age years;years", "integer")}
JOBS = {"name": ("person", "name;full name", "string"), "job": ("job", "job;occupation;role;position", "string"), "company": ("company", "company;employer;firm", "string"), "city": ("city", "city;location", "string")}
SALES = {"name": ("person", "customer;name;buyer", "string"), "count": ("digits:2:40", "quantity;count", "integer"), "thing": ("things", "product;item", "string"), "price": ("money", "price;total;amount", "number")}

SCENES = (
    (("Last summer I ran into {name} in {city}; can you believe {name} is {age} already?", "If you ever visit {city}, look up {name}, {age}, a dear friend of mine.", "Residents of {city} were surprised when {name} ({age}) won the lottery.",
      "{city} resident {name} is celebrating birthday number {age}.", "The jury consists of one member only: {name}, {age}, who flew in from {city}.", "At the tender age of {age}, {name} packed a suitcase and left for {city}.",
      "Police in {city} are looking for {name}, {age}, last seen on Monday.", "Not many people aged {age} run marathons, but {name} from {city} does.", "{name} entered the world {age} years ago and has never left {city}.",
      "We interviewed {name}, a {age} year old who calls {city} home.", "{city} - that's where you'll find {name}. Age? {age}.", "Who would have thought that {name}, at {age}, would open a shop in {city}?",
      "One of our oldest members, {name}, is now {age} and still cycles through {city} every day.", "{name}'s passport says {age} years, residence {city}.", "Say hello to {name}! Having turned {age}, {name} now explores {city}."), PEOPLE),
    (("{company} is happy to announce that {name} takes over as {job} in {city}.", "After years at {x:company}, {name} switched to {company} in {city}, where a {job} was needed.", "{name} splits the week between home and the {city} office of {company}, being their {job}.",
      "Ask {name}, the {job} over at {company} in {city}.", "A {job} named {name} was seen leaving the {city} branch of {company}.", "The {city}-based firm {company} owes its success to {name}, its {job}.", "{name} got promoted: {job} at {company}, {city}.",
      "Do you need a {job}? {name} of {company} in {city} can help.", "{company}'s {job} in {city} goes by the name of {name}.", "Business card: {name} / {job} / {company} / {city}"), JOBS),
    (("{name} walked out of the shop with {count} {thing}, {price} lighter.", "Handing over {price}, {name} took {count} {thing} home.", "{count} {thing}? That will be {price}, {name}!", "The receipt reads: {count} {thing}, {price}, sold to {name}.", "We shipped {count} {thing} to {name}, who transferred {price}.",
      "{name} could not resist: {count} {thing} at a total of {price}.", "To {name}: your {count} {thing} are ready, please bring {price}.", "Sold! {count} {thing} to {name}; {price} in the till.", "{price} left the account of {name} in exchange for {count} {thing}.", "It took {price} to get {name} the {count} {thing}."), SALES),
    (("Is everybody ready for {event}? {people} will see each other there on {day}.", "{day} is the day: {event}! {people} can hardly wait.", "{people} agreed to go to {event} together, which is on {day}.", "Reminder for {people}: {event} on {day}.", "We are meeting {people} at {event}, {day}.", "Tickets for {event} ({day}) have been reserved for {people}.",
      "Guess who is coming to {event} on {day}: {people}.", "{event} is happening on {day} and {people} have RSVPed.", "{people} booked their seats for {event}; it starts on {day}."),
     {"people": ("first*", "participants;attendees;people", "list"), "event": ("event", "name;event;title", "a"), "day": ("weekday", "date;day", "string")}),
    (("{name} boards in {a} on {date} and gets off in {b}.", "The journey of {name} begins on {date} in {a} and ends in {b}.", "Leaving {a} behind, {name} is off to {b} on {date}.", "{b} is where {name} wants to be after setting off from {a} on {date}.", "One ticket, {a} to {b}, valid {date}, issued to {name}.", "{name} will swap {a} for {b} on {date}."),
     {"name": ("person", "passenger;name;traveler", "string"), "a": ("city", "origin;departure city;from", "string"), "b": ("city", "destination;arrival city;to", "string"), "date": ("date", "date;travel date", "date")}),
    (("Every reader should own {title}; {author} finished it in {year}.", "In {year} critics went wild about {title}, the debut of {author}.", "{author} became famous overnight when {title} hit the shops in {year}.", "I have a signed copy of {title} ({year}), with a note from {author}.", "Have you read {title}? {author} typed it in one go in {year}.", "The year was {year}, the author {author}, the masterpiece {title}."),
     {"author": ("person", "author;writer;written by", "string"), "title": ("title", "title;book;book title", "string"), "year": ("year", "year;published;publication year", "integer")}),
    (("Anyone can reach out to {name}: mail goes to {email}, calls to {phone}.", "{name} asked me to pass on {email} and {phone}.", "New number for {name}: {phone}. The mail stays {email}.", "To get hold of {name}, try {phone} first, then {email}.", "If {phone} is busy, {name} also reads {email}.", "Signed, {name}\n{phone}\n{email}"),
     {"name": ("person", "name;contact;full name", "string"), "phone": ("phone", "phone;phone number;telephone", "string"), "email": ("email", "email;email address", "email")}),
    (("Someone left a note: {thing} for sale, {price} or nearest offer, {kg} kg.", "Would you pay {price} for a {thing} that weighs in at {kg} kg?", "At {kg} kg the {thing} is no featherweight, and {price} is no small change.", "They let the {thing} go for {price}; all {kg} kg of it.", "{thing} - all of {kg} kg - reduced to {price}!"),
     {"thing": ("product", "name;product;item", "string"), "price": ("money", "price;cost", "number"), "kg": ("decimal:1:30:1", "weight;weight kg", "number")}),
    (("Right now {city} enjoys {t} degrees while humidity sits at {h}%.", "Thermometers across {city} showed {t} °C; hygrometers said {h}%.", "Good evening from {city}: {t} degrees outside, {h} percent humidity.", "With {t} degrees and {h}% moisture in the air, {city} feels like a sauna."),
     {"city": ("city", "city;location;place", "string"), "t": ("decimal:-20:40:1", "temperature;temp", "number"), "h": ("digits:1:99", "humidity;humidity percent", "integer")}),
    (("What a game! {a} {g1}, {b} {g2}. {city} will remember this night.", "The scoreboard in {city} read {a} {g1}, {b} {g2}.", "It ended {g1} to {g2} between {a} and {b}.", "{a} put {g1} past {b}, who answered with {g2}."),
     {"a": ("Word", "home team;team 1;team a", "string"), "b": ("Word", "away team;team 2;team b", "string"), "g1": ("digits:0:9", "home score;score 1;home goals", "integer"), "g2": ("digits:0:9", "away score;score 2;away goals", "integer"), "city": ("city", "city;location", "string")}),
    (("Mark this: on {date} at {time} {doctor} expects {name}.", "{name} has to show up at {time} on {date}; {doctor} hates waiting.", "{doctor} wrote {name} into the calendar for {date}, {time}.", "The slot {date} {time} with {doctor} now belongs to {name}."),
     {"name": ("person", "patient;name;client", "string"), "doctor": ("person", "doctor;physician", "string"), "date": ("date", "date;appointment date", "date"), "time": ("time", "time;start time", "time")}),
)

VERBS = ("Scan", "Harvest", "Work out", "Deliver", "Write down", "Note down", "Put together", "Dig out", "Distill")
OBJECTS = ("whatever the schema asks for", "what matters", "all that the schema wants", "the {noun} facts", "the {noun} in question", "the asked values", "what we know of the {noun}")
SOURCES = ("from what follows", "out of these lines", "from my words", "using the lines underneath", "as found here", "hidden in this {kind}", "from what I tell you next", "given in the quote")
SHORT = ("Source", "Snippet", "Raw text", "User says", "Please structure", "Your input", "Read", "Job", "Look at this", "Note", "Passage", "Original", "Record this", "Convert", "Transcribe")
QUESTIONS = ("May I have the {noun} in a structured form?", "Would you kindly break this {kind} down into fields?", "I'd love to see {keys} in JSON.", "Somebody sent me this {kind}; store the {noun}.", "We received this {kind}. Put it in our database format.", "Help me to structure this {kind}.", "JSON for the {kind} underneath, please.")
AFTER = ("That's the {kind}. Go!", "Can you make a {noun} of this?", "Please put that into JSON.", "Now structure it.", "Store it as a {noun}.", "Break it down into {keys}.", "I'm waiting for your JSON.")
SYSTEMS = ("Act as a data entry clerk.", "You fill forms from free text.", "Whatever the user writes, answer with the structured {noun}.", "You are part of a pipeline that reads {kind}s and stores each {noun}.", "Extraction bot v2. Output: JSON.", "Reply with a single JSON object and nothing else.")
QUOTES = (("'", "'"), ('"', '"'), ("„", "“"), ("~~~\n", "\n~~~"), ("<input>", "</input>"), ("{", "}"), ("* ", ""), ("> ", ""))
FRAMES = ("Word on the street is that {}.", "My boss said that {}.", "If I remember correctly, {}.", "Rumor has it that {}.", "You may want to know that {}.", "Just so you know, {}.", "Believe it or not, {}.")
INTROS = ("Let us turn to {}.", "Ever heard of {}?", "All eyes on {}.", "Now for {}.", "May I present {}?", "Next up: {}.", "Concerning {}:")
DISTRACTORS = ("The bus was full, so we walked.", "Someone forgot to close the window.", "That reminds me of {x:first}.", "I had {x:int:2:9} cups of tea today.", "Lunch is at the usual place.", "Let's keep this short.", "The lights went out twice.", "You know how it is.",
               "Somebody from {x:city} phoned twice.", "My printer ran out of ink.", "Fingers crossed!", "There is a queue of {x:int:2:30} people outside.", "Enough said.", "The cat says hi.")
