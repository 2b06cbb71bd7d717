"""What is planted in the reviews: each pain, praise and wish with its share of each product's reviews."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

OWN = ("TW-C1", "TW-W1", "TW-D1", "TW-P1", "TW-Q1", "TW-E1")
RIVAL = ("JK-C1", "JK-P1", "JK-W1")
EVERY = OWN + RIVAL


@dataclass(frozen=True)
class Plant:
    """One thing that customers say, how often, and what it does to their stars.

    `shares` is looked up by "product:version", then "product:phase number", then "product".
    """

    id: str
    name: str
    kind: str  # pain, praise, wish
    area: str
    keywords: tuple[str, ...]
    shares: Mapping[str, float]
    stars: tuple[float, ...] = ()  # weight of one to five stars where this leads; pains only
    specificity: str = "trouble"
    target: str = "product"
    hazard: bool = False
    severe: bool = False  # leaves no room for praise in the present tense
    clashes: tuple[str, ...] = field(default=())  # what the same review cannot say as well

    def share(self, product_id: str, version: str, phase: int) -> float:
        """Return the planned share of the reviews of a version of a product in a phase (0, 1, 2)."""
        for key in (f"{product_id}:{version}", f"{product_id}:{phase + 1}", product_id):
            if key in self.shares:
                return self.shares[key]
        return 0.0


def _all(share: float, products: tuple[str, ...] = EVERY) -> dict[str, float]:
    return dict.fromkeys(products, share)


_BAD = (0.52, 0.28, 0.14, 0.05, 0.01)
_MIDDLING = (0.16, 0.30, 0.34, 0.17, 0.03)
_MILD = (0.05, 0.17, 0.40, 0.32, 0.06)

PAINS = (
    Plant(
        "frays",
        "cable frays near the connector",
        "pain",
        "cable",
        ("fray", "frayed", "split", "wires", "insulation", "connector"),
        {"TW-C1:V1": 0.23, "TW-C1:V2": 0.025, "TW-C1:V3": 0.02, "JK-C1": 0.14},
        (0.60, 0.26, 0.10, 0.03, 0.01),
        severe=True,
        clashes=("loose", "dead"),
    ),
    Plant(
        "loose",
        "cable has a loose connector and stops charging",
        "pain",
        "connector",
        ("loose", "wiggle", "connection", "stops charging", "plug"),
        {"TW-C1": 0.08, "TW-C1:3": 0.06, "JK-C1": 0.05},
        _BAD,
        severe=True,
        clashes=("frays", "dead"),
    ),
    Plant(
        "hazard",
        "wall charger gets burning hot, smokes or sparks",
        "pain",
        "safety",
        ("hot", "smoke", "sparks", "burning", "melted", "overheats", "shock"),
        {"TW-W1": 0.03, "TW-W1:1": 0.045},
        (0.86, 0.10, 0.03, 0.01, 0.0),
        hazard=True,
        severe=True,
        clashes=("slow", "plug_loose", "buzz", "dead"),
    ),
    Plant(
        "slow",
        "wall charger charges slowly or does not fast charge newer phones",
        "pain",
        "charging speed",
        ("slow", "slowly", "fast charge", "hours"),
        {"TW-W1:1": 0.03, "TW-W1:2": 0.06, "TW-W1:3": 0.17},
        (0.16, 0.31, 0.34, 0.16, 0.03),
        clashes=("hazard", "praise_fast", "dead"),
    ),
    Plant(
        "too_big",
        "power bank is too big and heavy for small bags",
        "pain",
        "size",
        ("big", "heavy", "bulky", "brick", "purse", "bag"),
        {"TW-P1:V1": 0.17, "TW-P1:V2": 0.15, "TW-P1:V3": 0.05},
        _MILD,
        clashes=("praise_small",),
    ),
    Plant(
        "car_contact",
        "car charger loses contact in the socket",
        "pain",
        "fit",
        ("contact", "socket", "lighter", "falls out", "bump"),
        _all(0.11, ("TW-D1",)),
        (0.30, 0.34, 0.24, 0.10, 0.02),
        clashes=("praise_small@car", "dead"),
    ),
    Plant(
        "pad_stops",
        "wireless pad stops charging overnight and blinks",
        "pain",
        "charging",
        ("overnight", "stops", "blinks", "blinking", "dead phone"),
        {"TW-Q1:V1": 0.02, "TW-Q1:V2": 0.28, "TW-Q1:V3": 0.04},
        (0.42, 0.33, 0.18, 0.06, 0.01),
        severe=True,
        clashes=("dead",),
    ),
    Plant(
        "plug_loose",
        "wall charger falls out of the outlet",
        "pain",
        "plug",
        ("outlet", "falls out", "prongs", "blocks"),
        _all(0.045, ("TW-W1",)),
        _MIDDLING,
        clashes=("praise_small",),
    ),
    Plant(
        "buzz",
        "wall charger makes a whining noise",
        "pain",
        "noise",
        ("buzz", "whine", "noise", "hum"),
        _all(0.022, ("TW-W1",)),
        _MIDDLING,
    ),
    Plant(
        "car_light",
        "car charger's light is too bright",
        "pain",
        "light",
        ("light", "led", "bright", "blinding"),
        _all(0.05, ("TW-D1",)),
        _MILD,
    ),
    Plant(
        "recharge",
        "power bank takes long to recharge itself",
        "pain",
        "recharging",
        ("recharge", "refill", "hours", "forever"),
        _all(0.05, ("TW-P1",)),
        _MIDDLING,
        clashes=("praise_fast",),
    ),
    Plant(
        "fades",
        "power bank loses capacity",
        "pain",
        "capacity",
        ("capacity", "charge", "hold", "empty"),
        _all(0.055, ("TW-P1",)),
        _BAD,
        severe=True,
        clashes=("dead", "praise_capacity"),
    ),
    Plant(
        "pad_align",
        "wireless pad is picky about position and cases",
        "pain",
        "positioning",
        ("position", "case", "spot", "place"),
        _all(0.09, ("TW-Q1",)),
        _MIDDLING,
        clashes=("praise_convenient",),
    ),
    Plant(
        "one_side",
        "one earbud goes dead",
        "pain",
        "earbud",
        ("left", "right", "side", "one", "dead"),
        _all(0.11, ("TW-E1",)),
        _BAD,
        severe=True,
        clashes=("dead",),
    ),
    Plant(
        "fall_out",
        "earbuds fall out of the ear",
        "pain",
        "fit",
        ("fall out", "ears", "slip", "stay"),
        _all(0.08, ("TW-E1",)),
        _MIDDLING,
        clashes=("praise_comfort",),
    ),
    Plant(
        "dead",
        "stops working altogether",
        "pain",
        "durability",
        ("stopped working", "died", "dead", "lasted"),
        {**_all(0.035, OWN), **_all(0.05, RIVAL)},
        (0.64, 0.25, 0.08, 0.02, 0.01),
        severe=True,
    ),
    Plant(
        "jk_wont_on",
        "competitor's power bank does not turn on",
        "pain",
        "power button",
        ("turn on", "switch on", "button", "dead on arrival"),
        _all(0.12, ("JK-P1",)),
        _BAD,
        severe=True,
        clashes=("dead",),
    ),
    Plant(
        "jk_prongs",
        "competitor's wall charger has prongs that bend or break",
        "pain",
        "plug",
        ("prong", "prongs", "pins", "bent", "broke"),
        _all(0.10, ("JK-W1",)),
        _BAD,
        severe=True,
        clashes=("dead",),
    ),
)

_SHOP_STARS = (0.16, 0.22, 0.28, 0.22, 0.12)
SHOP = (
    Plant(
        "late", "late delivery", "pain", "delivery", ("late", "delivery", "weeks"),
        _all(0.028), _SHOP_STARS, target="delivery",
    ),
    Plant(
        "wrong_item", "wrong item sent", "pain", "delivery", ("wrong", "ordered", "sent"),
        _all(0.012), _SHOP_STARS, target="seller",
    ),
    Plant(
        "crushed", "box crushed or damaged", "pain", "packaging", ("box", "crushed", "packaging"),
        _all(0.014), _SHOP_STARS, target="delivery",
    ),
    Plant(
        "seller_bad", "seller or support does not help", "pain", "service", ("seller", "refund", "support"),
        _all(0.014), (0.55, 0.28, 0.14, 0.03, 0.0), target="seller",
    ),
)  # fmt: skip

#: Reviews that say only that the whole is bad, or that a part is, without any trouble.
ALONE = (
    Plant(
        "verdict_bad", "verdict only: bad", "pain", "(whole product)", ("worst", "waste", "do not buy"),
        {**_all(0.034, OWN), **_all(0.05, RIVAL)}, (0.88, 0.12, 0.0, 0.0, 0.0), specificity="verdict",
    ),
    Plant(
        "judgement", "judgement without a trouble", "pain", "quality", ("quality", "cheap", "poor"),
        {**_all(0.03, OWN), **_all(0.05, RIVAL)}, (0.24, 0.42, 0.30, 0.04, 0.0), specificity="judgement",
    ),
)  # fmt: skip

_FAST = ("TW-C1", "TW-W1", "TW-D1", "TW-P1", "JK-C1", "JK-W1")
PRAISES = (
    Plant("praise_braided", "sturdy braided cable", "praise", "cable", ("braided", "sturdy", "durable"),
          {"TW-C1:V1": 0.0, "TW-C1": 0.33}, clashes=("frays",)),
    Plant("praise_fast", "charges fast", "praise", "charging speed", ("fast", "quick"),
          {**_all(0.22, _FAST), "TW-W1:3": 0.18, **_all(0.12, RIVAL[:1] + RIVAL[2:])}, clashes=("slow", "recharge")),
    Plant("praise_small", "small size", "praise", "size", ("small", "compact", "tiny", "slim"),
          {"TW-W1": 0.24, "TW-D1": 0.2, "TW-P1:V3": 0.16}, clashes=("too_big", "plug_loose", "car_contact")),
    Plant("praise_price", "good price", "praise", "price", ("price", "value", "worth"),
          {**_all(0.16), **_all(0.2, RIVAL)}),
    Plant("praise_capacity", "lots of capacity", "praise", "capacity", ("charges", "lasts", "power"),
          {"TW-P1": 0.36, "JK-P1": 0.2}, clashes=("fades", "jk_wont_on")),
    Plant("praise_convenient", "convenient", "praise", "convenience", ("convenient", "easy", "drop"),
          {"TW-Q1": 0.42}, clashes=("pad_align",)),
    Plant("praise_sound", "great sound", "praise", "sound quality", ("sound", "bass"), {"TW-E1": 0.42}),
    Plant("praise_comfort", "comfortable", "praise", "comfort", ("comfortable", "fit", "comfy"),
          {"TW-E1": 0.28}, clashes=("fall_out",)),
    Plant("praise_ports", "two ports", "praise", "ports", ("ports", "two"), {"TW-D1": 0.16}),
    Plant("praise_service", "helpful support", "praise", "service", ("support", "replacement", "service"),
          _all(0.028, OWN), target="service", clashes=("seller_bad",)),
    Plant("praise_delivery", "fast delivery", "praise", "delivery", ("delivery", "shipping", "arrived"),
          _all(0.05), target="delivery", clashes=("late", "wrong_item", "crushed")),
)  # fmt: skip

WISHES = (
    Plant("wish_longer", "a longer cable", "wish", "length", ("longer", "length"), _all(0.06, ("TW-C1", "JK-C1"))),
    Plant("wish_red", "other colours", "wish", "color", ("red", "color", "colors"),
          _all(0.025, ("TW-C1", "TW-D1", "TW-P1", "TW-E1"))),
    Plant("wish_ports", "more ports", "wish", "ports", ("port", "ports"), _all(0.045, ("TW-W1", "JK-W1"))),
    Plant("wish_indicator", "a battery indicator", "wish", "display", ("indicator", "display", "percentage"),
          {"TW-P1:V1": 0.08, "TW-P1:V2": 0.08, "TW-P1:V3": 0.04, "JK-P1": 0.04}),
    Plant("wish_pouch", "a carrying pouch", "wish", "accessories", ("pouch", "bag", "case"), _all(0.02, ("TW-P1",))),
)  # fmt: skip

#: Pains with the rival's products that our customers tell of: they cost us no stars.
HEARSAY = (
    Plant("rival_worse", "the competitor's product broke", "pain", "(competitor)", ("Jolteko", "frayed", "prongs"),
          {"TW-C1:V2": 0.03, "TW-C1:V3": 0.03, "TW-P1": 0.02, "TW-W1:V2": 0.02, "TW-W1:V3": 0.02}, target="competitor"),
)  # fmt: skip

WORKS_AFTER = Plant(
    "works_after", "still works after long use", "praise", "durability", ("still", "works", "after"), _all(0.09)
)

PLANTS = {p.id: p for p in (*PAINS, *SHOP, *ALONE, *PRAISES, *WISHES, *HEARSAY, WORKS_AFTER)}
