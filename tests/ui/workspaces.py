"""Writes a workspace of synthetic reviews: two brands, three products, three phases, twelve themes, one hazard."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from pathlib import Path

from voc import insights, tables
from voc.config import Config, PhaseConfig
from voc.store import Workspace

HOSTILE = (
    "<script>window.hacked = true</script> ![x](https://example.org/pixel.png) $\\frac{1}{2}$ **bold** "
    '<img src=x onerror="window.hacked=true"> :red[red]'
)

CONFIG = Config(
    phases=[
        PhaseConfig(name="Start", start=dt.date(2011, 1, 1), end=dt.date(2013, 1, 1)),
        PhaseConfig(name="Growth", start=dt.date(2013, 1, 1), end=dt.date(2016, 1, 1)),
        PhaseConfig(name="Expansion", start=dt.date(2016, 1, 1), end=dt.date(2022, 1, 1)),
    ]
)

PRODUCTS = [
    ("cable", "Bolt charging cable 1.8 m", "Northwind", True),
    ("bank", "Harbour power bank 20000", "Northwind", True),
    ("rival", "Kestrel braided cable", "Kestrel", False),
]


@dataclass(frozen=True)
class Trouble:
    """A planted theme: its part, its clauses with the aspect in braces and the phrase in brackets, how often when."""

    theme_id: str
    name: str
    area: str
    clauses: tuple[str, ...]
    shares: tuple[float, float, float]
    stars: tuple[int, ...]
    products: tuple[str, ...]
    severity: float = 0.5
    hazard: bool = False


BOTH = ("cable", "bank", "rival")
TROUBLES = [
    Trouble(
        "th-fray",
        "cable: frays near the connector",
        "cable",
        (
            "the {cable} [started to fray near the connector] after two months",
            "after six weeks the {sheath} [split right at the plug]",
            "the {wire} [came apart at the connector end] within weeks",
        ),
        (0.26, 0.1, 0.04),
        (1, 1, 2),
        ("cable", "rival"),
        0.7,
    ),
    Trouble(
        "th-big",
        "size: too big for a small bag",
        "size",
        ("it is [way too bulky] for my {handbag}", "the {size} [is too big to carry around]"),
        (0.2, 0.18, 0.17),
        (3, 3, 2, 4),
        ("bank",),
        0.25,
    ),
    Trouble(
        "th-hot",
        "power bank: gets hot and smells of burning",
        "safety",
        ("the {power bank} [got so hot it burned my hand]", "I [saw smoke coming out] of the {case} while charging"),
        (0.01, 0.03, 0.06),
        (1,),
        ("bank",),
        0.98,
        True,
    ),
    Trouble(
        "th-slow",
        "charging: slower than promised",
        "charging",
        (
            "{charging} [takes forever], slower than my old one",
            "the {charge speed} [is nowhere near what they promise]",
        ),
        (0.08, 0.1, 0.15),
        (2, 3, 3),
        BOTH,
        0.45,
    ),
    Trouble(
        "th-dead",
        "battery: stops holding a charge",
        "battery",
        ("the {battery} [stopped holding a charge] after a month", "now the {battery} [drains overnight]"),
        (0.1, 0.08, 0.08),
        (1, 2),
        ("bank",),
        0.8,
    ),
    Trouble(
        "th-loose",
        "plug: sits loose in the port",
        "plug",
        ("the {plug} [sits loose and falls out]", "the {connector} [wobbles in my phone]"),
        (0.07, 0.09, 0.07),
        (2, 3),
        ("cable", "rival"),
        0.5,
    ),
    Trouble(
        "th-short",
        "cable: shorter than described",
        "cable",
        ("the {cable} [is shorter than described]", "[not the length] shown for this {cable}"),
        (0.05, 0.05, 0.05),
        (3, 2),
        ("cable", "rival"),
        0.3,
    ),
    Trouble(
        "th-led",
        "light: too bright at night",
        "light",
        ("the {LED} [lights up the whole bedroom]", "the blue {light} [is far too bright at night]"),
        (0.03, 0.04, 0.04),
        (4, 3),
        ("bank",),
        0.15,
    ),
    Trouble(
        "th-packaging",
        "packaging: arrives damaged",
        "packaging",
        ("the {box} [arrived crushed]", "the {packaging} [was torn open]"),
        (0.04, 0.04, 0.03),
        (3, 2, 4),
        BOTH,
        0.3,
    ),
    Trouble(
        "th-recognise",
        "phone: does not recognise the cable",
        "compatibility",
        ("my {phone} [says accessory not supported]", "the {phone} [does not recognise it any more]"),
        (0.03, 0.05, 0.11),
        (1, 2),
        ("cable", "rival"),
        0.65,
    ),
    Trouble(
        "th-button",
        "button: gets stuck",
        "button",
        ("the power {button} [gets stuck]", "the {button} [jammed after a week]"),
        (0.04, 0.03, 0.02),
        (2, 3),
        ("bank",),
        0.5,
    ),
    Trouble(
        "th-manual",
        "manual: cannot be understood",
        "manual",
        ("the {manual} [makes no sense]", "the {instructions} [cannot be understood]"),
        (0.02, 0.02, 0.02),
        (4, 3),
        BOTH,
        0.1,
    ),
]
OPENINGS = [
    "Bought this for travelling.",
    "Used it every day on the train.",
    "My second one.",
    "A gift for my son.",
    "",
]
PRAISE = [
    "Charges my phone quickly.",
    "Feels solid and looks nice.",
    "Great value for the money.",
    "Works as it should.",
]


def parsed(clause: str) -> tuple[str, tuple[int, int], tuple[int, int]]:
    """Return the clause without its marks, the span of {aspect} and the span of [phrase]."""
    text, spans, opened = "", {}, 0
    for character in clause:
        if character in "{[":
            opened = len(text)
        elif character in "}]":
            spans[character] = (opened, len(text))
        else:
            text += character
    return text, spans["}"], spans["]"]


def build(
    path: Path, reviews: int = 900, seed: int = 3, hostile: bool = True, dates: bool = True, config: Config = CONFIG
) -> Workspace:
    """Write the workspace and return it."""
    rng = random.Random(seed)
    now = dt.datetime(2022, 1, 3, 9, 30, tzinfo=dt.UTC)
    rows, readings, mentions = [], [], []
    for number in range(reviews):
        product_id, product, brand, _ = rng.choices(PRODUCTS, [5, 4, 3])[0]
        written = dt.datetime(2011, 1, 5, tzinfo=dt.UTC) + dt.timedelta(days=int(4010 * rng.random() ** 0.7))
        phase = 0 if written.year < 2013 else 1 if written.year < 2016 else 2
        found = [t for t in TROUBLES if product_id in t.products and rng.random() < t.shares[phase]][:2]
        text = rng.choice(OPENINGS)
        review_id = f"r{number:04d}"
        stars = min(rng.choice(t.stars) for t in found) if found else rng.choices((5, 4, 3), (7, 3, 1))[0]
        for trouble in found:
            clause, aspect, phrase = parsed(rng.choice(trouble.clauses))
            text = f"{text} " if text else ""
            start = len(text)
            text += clause[:1].upper() + clause[1:] + "."
            mentions.append(mention(review_id, text, start, start + len(clause), aspect, phrase, trouble))
        if not found or rng.random() < 0.3:
            text = f"{text} {rng.choice(PRAISE)}".strip()
        german = not found and rng.random() < 0.04
        rows.append(
            review(
                review_id,
                product_id,
                product,
                brand,
                now,
                text="Lädt schnell und sieht gut aus." if german else text,
                language="de" if german else "en",
                market=rng.choices(("US", "GB", "IN"), (6, 2, 2))[0],
                version=f"v{phase + 1}" if product_id == "cable" else None,
                rating=None if rng.random() < 0.05 else float(stars),
                written_at=None if not dates or rng.random() < 0.03 else written,
            )
        )
        readings.append(reading(review_id, analysed=not german, rating=float(stars)))
    if hostile:
        row = review(
            "hostile",
            "cable",
            PRODUCTS[0][1],
            "Northwind",
            now,
            text=f"{HOSTILE} The plug broke.",
            language="en",
            market="US",
            version="v3",
            rating=1.0,
            written_at=dt.datetime(2020, 5, 1, tzinfo=dt.UTC) if dates else None,
        )
        rows.append(row)
        readings.append(reading("hostile", analysed=True, rating=1.0))
        end = len(HOSTILE)
        mentions.append(mention("hostile", row["text"], 0, end, (0, 8), (8, end), TROUBLES[0]))
    return write(path, rows, readings, mentions, config)


def review(review_id, product_id, product, brand, now, **columns):
    return {
        "review_id": review_id,
        "channel": "review",
        "source": "generic",
        "product_id": product_id,
        "product": product,
        "brand": brand,
        "body": columns["text"],
        "ingested_at": now,
        "import_id": "import-1",
        **columns,
    }


def reading(review_id, *, analysed, rating):
    return {
        "review_id": review_id,
        "analysed": analysed,
        "predicted_rating": rating,
        "truncated": False,
        "model_version": "m1",
    }


def mention(review_id, text, start, end, aspect, phrase, trouble):
    a, p = (start + aspect[0], start + aspect[1]), (start + phrase[0], start + phrase[1])
    return {
        "mention_id": f"{review_id}:{start}",
        "review_id": review_id,
        "kind": "pain",
        "specificity": "trouble",
        "target": "product",
        "aspect": text[a[0] : a[1]],
        "aspect_start": a[0],
        "aspect_end": a[1],
        "phrase": text[p[0] : p[1]],
        "phrase_start": p[0],
        "phrase_end": p[1],
        "clause_start": start,
        "clause_end": end,
        "polarity": -0.8,
        "confidence": 0.9,
        "severity": trouble.severity,
        "hazard": trouble.hazard,
        "area_id": f"ar-{trouble.area}",
        "theme_id": trouble.theme_id,
        "model_version": "m1",
    }


def write(path, rows, readings, mentions, config=CONFIG):
    now = dt.datetime(2022, 1, 3, 9, 30, tzinfo=dt.UTC)
    sizes = {t.theme_id: sum(m["theme_id"] == t.theme_id for m in mentions) for t in TROUBLES}
    facts = {
        "reviews": tables.from_rows("reviews", rows),
        "readings": tables.from_rows("readings", readings),
        "mentions": tables.from_rows("mentions", mentions),
        "areas": tables.from_rows(
            "areas", [{"area_id": f"ar-{a}", "name": a, "synonyms": [a]} for a in sorted({t.area for t in TROUBLES})]
        ),
        "themes": tables.from_rows(
            "themes",
            [
                {
                    "theme_id": t.theme_id,
                    "kind": "pain",
                    "name": t.name,
                    "area_id": f"ar-{t.area}",
                    "keywords": [],
                    "size": sizes[t.theme_id],
                    "stability": 0.9,
                    "state": "active",
                    "first_run": now,
                    "renamed_by_user": False,
                }
                for t in TROUBLES
            ],
        ),
        "products": tables.from_rows(
            "products", [{"product_id": i, "product": p, "brand": b, "own": o} for i, p, b, o in PRODUCTS]
        ),
    }
    phases = insights.resolve_phases(config.phases, facts["reviews"], None)
    held = insights.Facts(**facts, phases=phases)
    derived = {
        "phases": phases,
        "opportunities": insights.all_opportunities(held, config=config.insights),
        "trends": insights.phase_trends(held, config=config.insights),
        "imports": tables.from_rows(
            "imports",
            [
                {
                    "import_id": "import-1",
                    "file": "reviews.csv",
                    "format": "generic",
                    "mapping": "{}",
                    "encoding": "utf-8",
                    "rows_read": len(rows) + 5,
                    "accepted": len(rows),
                    "duplicates": 3,
                    "rejected": 2,
                    "imported_at": now,
                }
            ],
        ),
    }
    workspace = Workspace(path)
    with workspace.writing() as writer:
        writer.commit(replace=facts | derived, info={"config": config.model_dump(mode="json")})
    return workspace
