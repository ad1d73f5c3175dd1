"""The whole words of the vocabulary. Everything else is spelled in bytes, so values are always copied exactly.

KEY_WORDS name things (they occur as schema keys, labels and nouns) and get four spellings each: bare, after a
space, and both again capitalised. TEXT_WORDS carry relations between values and get the lower-case two;
STARTERS of them begin sentences and get all four.
"""

from __future__ import annotations

KEY_WORDS = """
name names first last middle full given family surname nickname title age years old year month day days date dates birth
birthday born gender city town village place location country state region province nationality address street road
avenue lane house number postal post zip code codes phone mobile telephone cell contact email mail website url link web site
page job role position occupation profession work employer company organization organisation business firm
brand maker manufacturer vendor supplier seller buyer customer client user username account owner holder member
person people employee manager director boss department team group office salary wage pay income currency price prices
cost costs amount total subtotal sum tax discount fee rate balance payment paid method card bank invoice order orders item items
product products article service quantity qty count units unit size length width height weight depth volume color
colour material model type types kind category categories genre topic subject tag tags label labels status
priority level severity score rating stars grade rank result winner loser points goals home away match game sport league
tournament stadium venue event meeting conference session agenda attendee attendees participant participants guest guests
speaker host organizer organiser start end begin finish time times duration minutes hours hour minute seconds deadline due
departure arrival origin destination from to flight train airline gate seat passenger passengers ticket tickets booking
reservation confirmation reference check in out nights night room rooms hotel restaurant table party book author authors writer
publisher pages isbn language languages chapter edition film movie song album artist band director cast recipe ingredient
ingredients servings serves steps step cook prep temperature humidity pressure sensor reading readings value values
device battery voltage speed distance timestamp vehicle car truck bike make engine fuel mileage license plate
driver color doors pet dog cat animal breed species patient doctor hospital symptom symptoms diagnosis medication dose
dosage allergy allergies student students teacher school university college course class major degree skill skills experience
education hobby hobbies interest interests favorite favourite food drink sentiment summary description note notes message
comment comments text content issue problem error bug feature version release software system server
log id identifier key reason cause action request response feedback review reviews reviewer rated opinion question answer
active available verified enabled urgent remote married vegetarian stock shipped delivered cancelled completed
required included refundable is has are can needs shipping delivery tracking carrier warehouse property bedrooms bathrooms area
rent deposit floor weather wind rain forecast latitude longitude altitude population capital
spouse wife husband child children parent parents mother father brother sister son daughter friend friends colleague
partner sender recipient receiver cc body signature expiry expires expiration issued created updated modified
founded founder ceo headquarters industry revenue employees profit share shares stock symbol quarter project task tasks
assignee reporter sprint milestone goal objective budget contract file path format details info information data entry list
object record profile entity primary secondary other second third main current previous next new max min average minimum
maximum net gross percent percentage low medium high yes no true false null string integer boolean any array json
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october
november december today tomorrow yesterday
positive negative neutral mixed open closed pending approved rejected failed done progress blocked
"""

TEXT_WORDS = """
a an the this that these those there here it its he him his she her hers they them their theirs we us our ours you your yours i me my
and or but nor so yet because since while when where who whom whose which what why how if then than as though although
of on at by for with without into onto over under between among about after before during until till around near
through across along against within up down off per via plus minus not never none nothing nobody neither either both
each every all some many much more most few less least several only just also too very quite really rather
almost nearly exactly about approximately roughly now currently already still again ever once twice soon later
earlier ago recently originally formerly lately usually often always sometimes
be am was were been being have had having do does did done doing will would shall should could might must cannot
isn wasn aren weren doesn didn don hasn haven hadn won wouldn couldn ll ve re
live lives lived living reside resides resided residing resident based located situated stay stays stayed staying settle
settled move moved moving relocated relocate come comes came coming hail hails native grew raised grow
call calls called calling known goes go went going named introduce say says said saying tell tells told speak
speaks spoke meet meets met join joins joined joining attend attends attended attending
working works worked employed employs hire hired hires serve served serving lead leads led leading
run runs ran running own owns owned belongs belong belonging manage manages managed study studies studied studying
teach teaches taught graduate graduated turn turns turned turning aged aging
cost costing charge charged charges priced sell sells sold selling buy buys bought buying purchase purchased
purchases ordered ordering orders paying pays spend spent receive received receives get gets got
send sends sent sending ship ships deliver delivers arrive arrives arrived arriving leave leaves left leaving depart departs
departed fly flies flew flying travel travels traveled travelled drive drives drove return returns returned
begins began beginning starts started starting ends ended ending lasts last lasted lasting take takes took taken held hold holds
holding happen happens happened schedule scheduled set planned plan plans book booked reserve reserved host hosted hosts
organized organised arranged expected expect beat beats defeated defeat won lost lose loses drew against scored scores
write writes wrote written published publish publishes read reads reading weigh weighs weighed weighing measure
measures measured measuring stand stands tall long wide heavy high big small large little
contain contains contained include includes including consist consists made make makes built build use uses used using
need want wants wanted like likes loves loved love enjoy enjoys enjoyed hate hates hated prefer prefers preferred
reach reached reachable contacted dial write ring visit visits visited see seen saw look looks looking find found
give gives gave give bring brings brought keep keeps kept put puts let lets show shows showed shown record recorded
report reports reported log logged register registers registered sign signed confirm confirmed confirms cancel
assign assigned assigns mark marked set fixed fix broken works crash crashes crashed fail fails
extract return output produce create generate fill provide answer reply respond parse convert turn identify
classify pull following given below above text sentence paragraph snippet passage document according
schema fields field keys containing only valid please help thanks thank hello hi dear regards best sincerely hey
good great nice bad terrible awful excellent poor amazing wonderful disappointing okay fine fast slow cheap expensive happy unhappy
satisfied angry sad perfect worst better worse broken easy difficult
one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half dozen pair couple single double
zero first fourth fifth
euros euro dollars dollar pounds pound yen francs usd eur gbp cents bucks grams gram kilograms kilogram kilos
kilo meters metres meter metre kilometers kilometres centimeters centimetres inches feet miles liters litres percent degrees celsius
fahrenheit bar volts watts weeks week months am pm noon midnight morning afternoon evening tonight
mr mrs ms dr prof sir madam st inc ltd llc gmbh corp co
man woman guy lady gentleman boy girl someone somebody everyone anyone none
currently working worth copies copy piece pieces bottle bottles box boxes pack packs bag bags cup cups tablespoons
tablespoon teaspoon teaspoons tbsp tsp g kg ml cm mm km
new used brand year-old per night
anything else instead otherwise however meanwhile besides additionally furthermore moreover therefore thus
mentioned applicable unknown missing unspecified optional empty
behind ahead next opposite inside outside
"""

STARTERS = """
a an the this that these those there here it its he his she her they their we our you your i my and or but so when where who what how if
in on at by for with after before during until around from to of no not all both each now currently originally please
extract return output produce create generate fill provide answer parse convert identify classify pull given
dear hello hi hey thanks thank regards best mr mrs ms dr prof sir
aged born based located living working employed known meet got just call called ordered bought sold scheduled
one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty
starts ends reach contact located inc ltd gmbh use using read find get let was is are will does do did
"""


def spellings() -> list[str]:
    """All whole-word tokens, in a stable order, without duplicates."""
    key_words = KEY_WORDS.split()
    text_words = [w for w in TEXT_WORDS.split() if w.isalpha()]
    starters = set(STARTERS.split()) | set(key_words)
    tokens: dict[str, None] = {}
    for word in dict.fromkeys(key_words + text_words):
        forms = [word, word.capitalize()] if word in starters else [word]
        for form in forms:
            if len(form) > 1:
                tokens[form] = None
            tokens[" " + form] = None
    return list(tokens)
