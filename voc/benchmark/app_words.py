"""What the drawn reviews of `voc benchmark app` are written with: parts, what goes wrong with them, praise, wishes."""

from __future__ import annotations

#: Part -> three troubles with it: what the theme is called, how it shows, and how severe it is.
TROUBLES: dict[str, tuple[tuple[str, tuple[str, ...], float], ...]] = {
    "cable": (
        ("frays near the connector", ("frays right at the connector", "came apart at the plug end"), 0.7),
        ("shorter than described", ("is shorter than described", "does not reach from the socket to my desk"), 0.3),
        ("tangles", ("tangles all the time", "twists into knots in every bag"), 0.2),
    ),
    "plug": (
        ("sits loose in the port", ("sits loose and falls out of the socket", "wobbles in the port"), 0.5),
        ("pins bend", ("bent at the pins when I pulled it out", "has pins that bend far too easily"), 0.6),
        ("gets hot", ("gets so hot that it burned my hand", "melted and smelled of burning"), 0.97),
    ),
    "battery": (
        ("stops holding a charge", ("stopped holding a charge", "drains overnight without being used"), 0.8),
        ("shorter than promised", ("lasts half as long as promised", "is empty after three hours"), 0.5),
        ("swells", ("swelled until the case split open", "has swollen and smoke came out"), 0.98),
    ),
    "charging": (
        (
            "slower than promised",
            ("takes forever compared with my old one", "is nowhere near that speed"),
            0.45,
        ),
        ("stops half way", ("stops at eighty per cent for no reason", "cuts out again and again"), 0.6),
        ("only from one side", ("only works when the lead is turned over", "depends on how the lead lies"), 0.5),
    ),
    "sound": (
        ("low volume", ("is far too quiet outdoors", "stays low even at full volume"), 0.4),
        ("crackles", ("crackles as soon as it gets loud", "is distorted above half volume"), 0.5),
        ("bass is weak", ("has hardly any bass", "is thin and tinny"), 0.3),
    ),
    "left earbud": (
        ("goes dead", ("went dead without warning", "gives no sound any more"), 0.85),
        ("falls out", ("falls out of my ear when I run", "never stays where it should"), 0.35),
        ("quieter than the right", ("is much quieter than the right one", "fades after some minutes"), 0.5),
    ),
    "microphone": (
        ("callers hear nothing", ("is so bad that nobody hears me on calls", "picks up everything but my voice"), 0.6),
        ("muffled", ("makes me sound as if under water", "is muffled and distant"), 0.4),
        ("cuts out", ("cuts out in the middle of calls", "works only every second time"), 0.55),
    ),
    "Bluetooth": (
        ("drops the connection", ("drops the connection every few minutes", "loses my phone one room away"), 0.55),
        ("pairing fails", ("refuses to pair with my laptop", "has to be paired anew every morning"), 0.5),
        ("lags behind the picture", ("lags behind the picture in films", "is half a second late"), 0.35),
    ),
    "app": (
        ("crashes", ("crashes when I open the settings", "closes itself on my phone"), 0.45),
        ("demands an account", ("demands an account before it does anything", "wants my address for a lamp"), 0.3),
        ("update breaks it", ("stopped working since the last update", "does not find the device after updating"), 0.6),
    ),
    "case": (
        ("hinge breaks", ("broke at the hinge", "has a hinge that snapped off"), 0.6),
        ("scratches", ("is scratched after one week in my pocket", "shows every fingerprint and scratch"), 0.2),
        ("lid stays open", ("does not stay shut", "opens by itself in my bag"), 0.35),
    ),
    "button": (
        ("sticks", ("gets stuck when pressed", "jammed and stayed in"), 0.5),
        ("too sensitive", ("reacts to the slightest touch", "pauses the music whenever I adjust my hat"), 0.25),
        ("falls off", ("fell off completely", "came loose and is lost"), 0.6),
    ),
    "screen": (
        ("flickers", ("flickers at low brightness", "goes black for seconds"), 0.5),
        ("hard to read outdoors", ("cannot be read in the sun", "is too dim outdoors"), 0.3),
        ("cracks", ("cracked without a fall", "has a crack from corner to corner"), 0.7),
    ),
    "strap": (
        ("tears", ("tore where it is sewn on", "ripped at the first holiday"), 0.6),
        ("irritates the skin", ("gave me a rash", "makes my skin red and sore"), 0.55),
        ("too short", ("is too short for my wrist", "does not close around a winter coat"), 0.3),
    ),
    "size": (
        ("too big for a small bag", ("is way too bulky for my handbag", "takes up half of my rucksack"), 0.25),
        ("heavier than expected", ("is heavier than I expected", "weighs as much as a brick"), 0.2),
        ("does not fit the shelf", ("does not fit where the old one stood", "is wider than the description says"), 0.3),
    ),
    "light": (
        ("too bright at night", ("lights up the whole bedroom", "is far too bright at night"), 0.15),
        ("goes out", ("went out and never came back", "works only when shaken"), 0.6),
        ("wrong colour", ("is blue and not warm white", "has another colour than in the picture"), 0.3),
    ),
    "manual": (
        ("cannot be understood", ("cannot be understood", "makes no sense at all"), 0.1),
        ("is missing", ("was not in the box", "is nowhere to be found"), 0.15),
        ("tiny print", ("is printed so small that I need a lens", "has letters smaller than ants"), 0.1),
    ),
    "packaging": (
        ("arrives damaged", ("arrived crushed", "was torn open"), 0.3),
        ("used goods inside", ("held a used device with scratches", "had been opened before"), 0.45),
        ("wasteful", ("is three boxes within boxes", "is far too much plastic"), 0.1),
    ),
    "noise cancelling": (
        ("hardly works", ("hardly does anything on the train", "lets every voice through"), 0.4),
        ("hisses", ("hisses when nothing plays", "adds a hum of its own"), 0.35),
        ("presses on the ears", ("gives me a headache", "feels like diving"), 0.4),
    ),
    "warranty": (
        ("refused", ("was refused without a reason", "ends before it begins, they say"), 0.5),
        ("no answer", ("means writing mails that nobody answers", "is a promise on paper only"), 0.45),
        ("shipping at own cost", ("makes me pay for sending it back", "costs more than a new one"), 0.35),
    ),
    "remote control": (
        ("needs many tries", ("needs five presses for one step", "must be pointed at it exactly"), 0.3),
        ("eats batteries", ("eats batteries in a month", "is empty whenever I need it"), 0.3),
        ("buttons wear off", ("has buttons whose letters wore off", "cannot be read in the dark"), 0.2),
    ),
}
PRAISES = (
    "works perfectly",
    "is better than that of my old one",
    "feels solid and well made",
    "is exactly as described",
    "is a joy to use every day",
    "deserves five stars",
)
BLAMES = ("is not good", "is disappointing", "feels cheap", "could be better")
VERDICTS = ("Worst purchase this year", "Do not buy this", "Waste of money", "I am sending it back")
WISHES = (
    "I wish the {} came in another colour",
    "It would be great if the {} could be replaced",
    "Please make the {} a little longer",
    "I would like an app that shows how the {} is doing",
    "If only the {} were lighter",
    "They should offer the {} on its own",
)
OPENINGS = (
    "Bought this for travelling and used it every day on the train.",
    "My second one from this brand, the first still runs.",
    "A gift for my son, who wanted nothing else for his birthday.",
    "Ordered on Monday and here on Wednesday, as promised.",
    "I compared a dozen of these before I chose this one.",
    "We have had it in the kitchen for a while now.",
    "",
)
CLOSINGS = (
    "All in all I know what I got for the price.",
    "My wife says the same about hers.",
    "I will write again when I have used it for longer.",
    "The seller was friendly on the phone.",
    "",
)
#: What is said of the time in use: words, days, what it states.
TIMES = (
    ("", None, None),
    (" after two weeks", 14, "failed_after"),
    (" after two months", 60, "failed_after"),
    (" on the first day", 1, "failed_after"),
    (" after half a year", 182, "failed_after"),
    (" after a year", 365, "failed_after"),
)
#: What nearly every clause ends with, so that hardly any two are alike.
DOING = (
    "while I was cooking",
    "when my daughter used it",
    "although I handled it with care",
    "during a video call",
    "on the way to work",
    "when we had guests",
    "while it was raining",
    "after a short walk",
    "at the gym",
    "when I moved house",
    "before the holidays",
    "while travelling through Spain",
    "on a long flight",
    "in my old car",
    "next to the washing machine",
    "when the neighbours came by",
    "while reading in bed",
    "at the office",
    "when I needed it most",
    "just before my exam",
    "on the first evening",
    "while playing with the dog",
    "when it was freezing",
    "in the middle of summer",
)
SAID = (
    "",
    ", which annoys me",
    ", and not for the first time",
    ", as others have written too",
    ", so I asked the seller",
    ", my husband noticed it first",
    ", believe it or not",
    ", to my surprise",
    ", which I did not expect for {} euros",
    ", and that was on day {}",
    ", at least with my model {}",
    ", I counted it {} times",
    ", for the {}th time",
)
BRANDS = ("Tidewatt", "Voltane", "Corvia", "Lumeno", "Northcell", "Arbor")
GOODS = ("charging cable", "power bank", "earbuds", "speaker", "desk lamp", "smart watch", "headphones", "hub")
MARKETS = ("US", "DE", "GB", "IN", "CA")
