"""Word lists for values, all written for this project, and syllables for what no list holds.

`pick_known` splits every list by a stable hash: one word in seven is kept for the evaluation and never trained on.
"""

from __future__ import annotations

import functools
import zlib

FIRST = """Jane John Anna Peter Maria Thomas Laura Michael Sofia David Emma Daniel Olivia James Lena Lukas Mia Noah Liam Ava Ethan
Isabella Lucas Amelia Henry Charlotte Oscar Clara Felix Nora Hugo Ines Mateo Lucía Diego Carmen Javier Pablo Elena Marco Giulia Luca
Chiara Paolo Francesca Pierre Camille Antoine Élodie Renée François Zoë Chloë Björn Åsa Søren Ingrid Lars Astrid Freya Erik Kirsten
Jürgen Käthe Günther Heike Uwe Sabine Wolfgang Zofia Jakub Agnieszka Paweł Łukasz Dmitri Olga Yuri Svetlana Natasha Ivan Anya Boris
Ahmed Fatima Omar Layla Hassan Aisha Yusuf Zainab Karim Samira Ravi Priya Arjun Ananya Vikram Deepa Sanjay Meera Rohan Kavya Wei Li
Mei Jun Xiu Hiroshi Yuki Kenji Sakura Haruto Aiko Min-jun Ji-woo Seo-yeon Hyun Nguyen Linh Tuan Kwame Amara Chidi Ngozi Tunde Zola
Thabo Lerato Kofi Abena Siobhán Niamh Cormac Aoife Rhys Gwen Ewan Isla Fergus Moira Tariq Leila Darius Shirin Ezra Miriam Levi
Naomi Caleb Ruth Samuel Esther Jack Grace Oliver Ruby Harry Alice Bob Carol Dave Eve Frank Heidi Ivy Judy Ken Mallory Nick Oscar Peggy
Quinn Rosa Steve Trudy Ursula Victor Wendy Xavier Yvonne Zach Tom Tim Sam Max Ben Kate Lucy Emily Sophie Hannah Sarah Rachel Rebecca
Jessica Ashley Brandon Tyler Kevin Brian Jason Eric Adam Mark Paul George Robert William Richard Charles Joseph Linda Barbara Susan
Margaret Dorothy Helen Karen Nancy Betty Sandra Donna Sharon Mary-Ann Jean-Luc Anne-Marie Hans-Peter Ana-Sofía""".split()

LAST = """Doe Smith Miller Brown Jones Garcia Davis Wilson Martin Anderson Taylor Moore Jackson Lee Thompson White Harris Clark Lewis
Robinson Walker Hall Allen Young King Wright Scott Green Baker Adams Nelson Hill Campbell Mitchell Roberts Carter Phillips Evans Turner
Parker Collins Edwards Stewart Morris Rogers Reed Cook Morgan Bell Murphy Bailey Cooper Richardson Cox Howard Ward Peterson Gray
O'Brien O'Connor O'Neil O'Sullivan D'Angelo D'Souza McDonald McGregor MacLeod Müller Schmidt Schneider Fischer Weber Becker Hoffmann Schäfer
Köhler Bauer Vogel Krüger Jäger Groß Weiß Dubois Lefèvre Moreau Girard Bonnet Rousseau Fournier Rossi Ferrari Esposito Bianchi Romano
Colombo Ricci Marino Greco Fernández González Rodríguez López Pérez Sánchez Ramírez Torres Flores Núñez Ortega Silva Santos Oliveira
Souza Pereira Costa Ferreira Almeida Carvalho Jensen Nielsen Hansen Andersen Larsen Svensson Johansson Lindqvist Bergström Åkesson
Virtanen Korhonen Nieminen Kowalski Nowak Wiśniewski Wójcik Novák Dvořák Horváth Nagy Szabó Popescu Ionescu Petrov Ivanova Volkov Sokolova
Kuznetsov Papadopoulos Nikolaidis Yılmaz Kaya Demir Öztürk Haddad Nasser Khalil Al-Farsi Ben-David Cohen Levy Friedman Patel Sharma
Singh Gupta Kumar Reddy Iyer Banerjee Chatterjee Khan Hussain Chowdhury Perera Tanaka Suzuki Takahashi Watanabe Yamamoto Nakamura
Kobayashi Kim Park Choi Jung Chen Wang Zhang Liu Yang Huang Zhao Wu Zhou Tran Pham Hoang Santos-Cruz Okafor Adeyemi Mensah Diallo Traoré
Ndiaye Mwangi Otieno Dlamini Nkosi Van-Dyk Smith-Jones Garcia-Lopez Taylor-Reed""".split()

CITIES = """Berlin|Paris|London|Madrid|Rome|Vienna|Prague|Warsaw|Lisbon|Dublin|Oslo|Stockholm|Helsinki|Copenhagen|Amsterdam|Brussels|
Zurich|Geneva|Munich|Hamburg|Cologne|Frankfurt|Stuttgart|Leipzig|Dresden|Düsseldorf|Nürnberg|Lyon|Marseille|Toulouse|Nice|Bordeaux|
Barcelona|Valencia|Seville|Málaga|Porto|Milan|Naples|Turin|Florence|Venice|Bologna|Athens|Budapest|Bucharest|Sofia|Belgrade|Zagreb|
Kraków|Gdańsk|Łódź|Kyiv|Lviv|Riga|Vilnius|Tallinn|Reykjavík|Edinburgh|Glasgow|Manchester|Liverpool|Leeds|Bristol|Cardiff|Belfast|Cork|
New York|Los Angeles|Chicago|Houston|Phoenix|San Diego|Dallas|Austin|Boston|Seattle|Denver|Portland|Atlanta|Miami|Detroit|Baltimore|
San Francisco|Salt Lake City|New Orleans|Las Vegas|St. Louis|Toronto|Montréal|Vancouver|Ottawa|Calgary|Québec|Mexico City|Guadalajara|
Bogotá|Medellín|Lima|Quito|Santiago|Buenos Aires|Montevideo|São Paulo|Rio de Janeiro|Brasília|Havana|Cairo|Casablanca|Tunis|Lagos|
Accra|Nairobi|Kampala|Addis Ababa|Dar es Salaam|Johannesburg|Cape Town|Durban|Istanbul|Ankara|Tel Aviv|Beirut|Amman|Baghdad|Tehran|
Dubai|Doha|Riyadh|Karachi|Lahore|Delhi|Mumbai|Bangalore|Chennai|Kolkata|Pune|Dhaka|Colombo|Kathmandu|Bangkok|Hanoi|Ho Chi Minh City|
Singapore|Kuala Lumpur|Jakarta|Manila|Hong Kong|Taipei|Shanghai|Beijing|Shenzhen|Seoul|Busan|Tokyo|Osaka|Kyoto|Sapporo|Sydney|
Melbourne|Brisbane|Perth|Adelaide|Auckland|Wellington|Stratford-upon-Avon|Frankfurt am Main|King's Lynn|Aix-en-Provence|Springfield"""

COUNTRIES = """Germany|France|Spain|Italy|Portugal|Austria|Switzerland|Poland|Czechia|Hungary|Greece|Ireland|Norway|Sweden|Finland|Denmark|
Iceland|Belgium|the Netherlands|Luxembourg|Croatia|Serbia|Romania|Bulgaria|Ukraine|Turkey|Egypt|Morocco|Nigeria|Ghana|Kenya|Ethiopia|
South Africa|Israel|Lebanon|Jordan|Iran|India|Pakistan|Nepal|Sri Lanka|Thailand|Vietnam|Singapore|Malaysia|Indonesia|the Philippines|
China|Japan|South Korea|Australia|New Zealand|Canada|Mexico|Brazil|Argentina|Chile|Peru|Colombia|Ecuador|Cuba|the United States|USA|UK|
the United Kingdom|Scotland|Wales"""

JOBS = """engineer|software engineer|data scientist|nurse|teacher|carpenter|baker|lawyer|architect|accountant|plumber|electrician|chef|pilot|
journalist|photographer|graphic designer|product manager|sales manager|project lead|dentist|surgeon|pharmacist|librarian|farmer|florist|
mechanic|translator|painter|sculptor|cellist|violinist|barber|biologist|chemist|geologist|astronomer|historian|economist|firefighter|
police officer|social worker|truck driver|bus driver|tailor|web developer|game designer|UX researcher|HR specialist|marketing director|
chief executive|vice president|intern|consultant|research assistant|postdoc|professor|midwife|veterinarian|welder|bricklayer|gardener|
beekeeper|sommelier|bartender|tour guide|flight attendant|security guard|data analyst|machine learning engineer|tax adviser|notary"""

COMPANY_ENDS = """Inc.|Ltd.|GmbH|AG|LLC|Corp.|& Sons|Group|Labs|Systems|Industries|Logistics|Foods|Bank|Media|Partners|Software|Motors|
Airlines|Energy|Pharma|Robotics|Studios|Consulting|Holdings|Brothers|Technologies|Solutions|Works|Networks|Analytics|Clinic"""

PRODUCTS = """laptop|keyboard|mouse|monitor|desk lamp|office chair|standing desk|headphones|water bottle|coffee mug|backpack|notebook|pen|
stapler|printer|router|webcam|microphone|speaker|phone case|charger|USB cable|power bank|tablet|camera|tripod|drone|smart watch|bicycle|
helmet|tent|sleeping bag|hiking boots|rain jacket|wool sweater|T-shirt|jeans|sneakers|sunglasses|umbrella|blender|toaster|kettle|
frying pan|chef's knife|cutting board|vacuum cleaner|washing machine|sofa|bookshelf|pillow|mattress|blanket|candle|picture frame|guitar|
violin|piano|board game|puzzle|toy train|teddy bear|garden hose|lawn mower|drill|hammer|screwdriver set|paint roller|ladder|shampoo|
toothbrush|sunscreen|dog leash|cat tree|fish tank|yoga mat|dumbbell|tennis racket|soccer ball|skateboard|surfboard|air fryer|lamp"""

FOODS = """flour|sugar|salt|butter|eggs|milk|yeast|olive oil|garlic|onions|tomatoes|basil|parsley|rice|pasta|lentils|chickpeas|chicken|
beef|salmon|shrimp|tofu|cheese|cream|yoghurt|honey|cinnamon|vanilla|chocolate|apples|bananas|lemons|oranges|carrots|potatoes|spinach|
mushrooms|peppers|cucumber|avocado|almonds|walnuts|oats|bread|soy sauce|ginger|cumin|paprika|coconut milk|black beans|bread crumbs"""

COLORS = """red|blue|green|yellow|black|white|grey|silver|orange|purple|pink|brown|navy|turquoise|beige|maroon|dark green|light blue|gold|
teal|crimson|ivory"""

HOBBIES = """chess|painting|hiking|cycling|swimming|reading|knitting|gardening|photography|cooking|baking|sailing|climbing|yoga|running|
fishing|surfing|dancing|singing|pottery|origami|astronomy|bird watching|board games|football|tennis|skiing|camping|archery|karate|
calligraphy|the guitar|woodworking|travelling|video games|fencing|rowing|judo"""

SKILLS = """Python|Java|C#|C++|Go|Rust|SQL|JavaScript|TypeScript|Kotlin|Docker|Kubernetes|Terraform|AWS|Azure|React|Excel|Photoshop|
negotiation|public speaking|accounting|welding|copywriting|data analysis|machine learning|project management|Linux|Git|CAD|Swift"""

LANGUAGES = """English|German|French|Spanish|Italian|Portuguese|Polish|Czech|Russian|Ukrainian|Turkish|Arabic|Hebrew|Hindi|Bengali|Thai|
Vietnamese|Mandarin|Cantonese|Japanese|Korean|Swedish|Norwegian|Danish|Finnish|Dutch|Greek|Hungarian|Swahili|Welsh"""

ANIMALS = """dog|cat|rabbit|hamster|parrot|horse|goat|turtle|ferret|canary|labrador|beagle|poodle|Siamese cat|border collie|tabby|iguana|
golden retriever|guinea pig|cockatiel|dachshund|pony"""

CARS = """Toyota|Ford|Honda|BMW|Audi|Volkswagen|Mercedes|Fiat|Renault|Peugeot|Volvo|Mazda|Nissan|Hyundai|Kia|Tesla|Skoda|Subaru|Opel|Seat"""

TITLE_WORDS = """silent river winter garden broken mirror last train hidden valley golden city lost island paper moon iron crown stone bridge
glass house burning field summer storm night ocean secret letters northern light shadow wolf forest empty road blue lantern salt wind
distant shore red door forgotten song black sea falling star quiet harbor wild honey copper kingdom fire snow""".split()

NOUNS = """tower window engine ladder basket candle anchor marble pepper ticket rocket bucket saddle mirror pencil hammer cactus button
blanket pocket tunnel meadow pigeon walnut cotton barrel dragon feather magnet muffin napkin oyster paddle quiver ribbon sandal turnip
vessel wagon zipper almond beacon cobweb dagger ember fossil gravel hollow jacket kettle lagoon mitten nugget orchid pebble raven
signal thimble velvet whistle acorn bamboo cradle dome elbow flute glove harp ink jade kite lemon maple nest opal plum quartz reef
sail thorn urn vine wax yarn""".split()

ADJECTIVES = """bright calm eager fancy gentle happy jolly kind lively merry noble odd plain proud quick rusty shiny tender vivid warm young
bold crisp dusty early faint giant harsh icy jagged loyal misty narrow oval pale rapid sharp tiny upper vast wooden zesty amber brief
clever damp exact frozen grand hollow""".split()

ONSETS = "b br c ch d dr f fl g gr h j k kl l m n p pr qu r s sh sk st t th tr v w y z".split()
VOWELS = "a e i o u ai ea ee ie oo ou y é ö ü á".split()
PLAIN_VOWELS = "a e i o u a e i o u ai ea ee io ou".split()
CODAS = ["", "", "", "n", "r", "l", "s", "t", "m", "k", "nd", "rt", "st", "ck", "x", "ng"]


@functools.lru_cache(maxsize=None)
def known(name: str, held_out: bool) -> tuple[str, ...]:
    """The training or the held-out part of a list, by name."""
    raw = globals()[name]
    items = raw if isinstance(raw, list) else [x.strip() for x in raw.replace("\n", "").split("|")]
    keep = [x for x in dict.fromkeys(items) if (zlib.crc32((name + x).encode()) % 7 == 0) == held_out]
    return tuple(keep)


def invented(rng, syllables: int | None = None, accents: bool = True) -> str:
    """A word that no list holds, in lower case."""
    vowels = VOWELS if accents and rng.random() < 0.25 else PLAIN_VOWELS
    count = syllables or rng.choice((1, 2, 2, 2, 3, 3))
    word = "".join(rng.choice(ONSETS) + rng.choice(vowels) + rng.choice(CODAS) for _ in range(count))
    return word if len(word) > 2 else word + rng.choice("nrlst") + rng.choice("aeiou")
