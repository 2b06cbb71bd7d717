"""Draws the tables of a large workspace, with every column that an insight reads, for timings."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from voc import tables
from voc.benchmark.drawn import NOW, as_facts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voc.insights import Facts

_START = np.datetime64("2021-01-01")
_DAYS = 1096
_WORDS = np.array(
    """
    cable broke after weeks left side died battery drains plug loose hiss button sticks case hinge cracked sound low mic
    muffled app crashes pairing drops charger hot smell light flickers strap tore screen scratched slow never worked
    """.split()
)
_PARTS = 40
_PRODUCTS = 60
_BRANDS = ("Tidewatt", "Voltane", "Corvia", "Lumeno", "Northcell", "Arbor")
#: What a mention is, and how often: kind, specificity, share.
_KINDS = (
    ("pain", "trouble", 0.33),
    ("pain", "judgement", 0.14),
    ("pain", "verdict", 0.08),
    ("praise", "judgement", 0.42),
    ("wish", "trouble", 0.02),
    ("neutral", "judgement", 0.01),
)


def drawn_workspace(reviews: int, mentions: int, *, themes: int = 150, seed: int = 7) -> Facts:
    """Return facts with so many reviews, mentions and themes.

    Shares of themes fall like one over the root of their number, ratings fall with every trouble, three years of dates
    carry two versions a product, and a tenth of the products are competitors'.
    """
    from voc.config import PhaseConfig
    from voc.insights import resolve_phases

    rng = np.random.default_rng(seed)
    product = rng.zipf(1.3, reviews) % _PRODUCTS
    day = np.sort(rng.integers(0, _DAYS, reviews))
    review_ids = np.char.add("r", np.char.zfill(np.arange(reviews).astype(str), 8))
    row = np.sort(rng.integers(0, reviews, mentions))
    kind = rng.choice(len(_KINDS), mentions, p=[share for *_, share in _KINDS])
    weight = 1 / np.sqrt(np.arange(1, themes + 1))
    theme = np.where(kind == 0, rng.choice(themes, mentions, p=weight / weight.sum()), -1)
    troubles = np.bincount(row[kind == 0], minlength=reviews)
    stars = np.clip(np.round(4.6 - 1.1 * troubles + rng.normal(0, 0.8, reviews)), 1, 5)
    clauses = [" ".join(said) for said in rng.choice(_WORDS, (4096, 7))]
    picked = rng.integers(0, len(clauses), mentions)
    texts, start, end = _texts(reviews, row, picked, clauses)
    parts = [f"part {i}" for i in range(_PARTS)]
    from voc.themes.areas import area_id

    areas = np.array([area_id(part) for part in parts])
    ids = np.char.add("m", np.arange(mentions).astype(str))
    days_in_use = rng.choice([0, 1, 7, 14, 30, 60, 90, 180, 365], mentions)
    stated = rng.random(mentions) < 0.1
    failed = stated & (kind == 0) & (rng.random(mentions) < 0.5)
    said = np.where(failed, "failed_after", "works_after")
    written = (_START + day.astype("timedelta64[D]")).astype("datetime64[us]")
    drawn = {
        "review_id": review_ids,
        "channel": rng.choice(["review", "return", "survey"], reviews, p=[0.9, 0.05, 0.05]),
        "market": rng.choice(["US", "DE", "UK", "IN"], reviews, p=[0.5, 0.2, 0.2, 0.1]),
        "language": ["en"] * reviews,
        "product_id": np.char.add("p", product.astype(str)),
        "brand": np.array(_BRANDS)[product % len(_BRANDS)],
        "variant": rng.choice(["black", "white", "blue"], reviews),
        "version": np.where(day > _DAYS // 2 + product * 5, "V2", "V1"),
        "rating": pa.array(stars, mask=rng.random(reviews) < 0.02),
        "text": texts,
        "written_at": pa.array(written).cast(tables.TIMESTAMP),
        "verified": rng.random(reviews) < 0.8,
        "incentivised": rng.random(reviews) < 0.03,
    }
    found = {
        "mention_id": ids,
        "review_id": review_ids[row],
        "kind": np.array([one[0] for one in _KINDS])[kind],
        "specificity": np.array([one[1] for one in _KINDS])[kind],
        "clause_start": start,
        "clause_end": end,
        "polarity": np.where(kind == 3, 0.8, -0.8),
        "confidence": rng.uniform(0.5, 1, mentions).round(3),
        "severity": rng.uniform(0, 1, mentions).round(3),
        "hazard": (kind == 0) & (rng.random(mentions) < 0.002),
        "days_in_use": pa.array(days_in_use, mask=~stated),
        "time_event": pa.array(said, mask=~stated),
        "area_id": areas[np.where(theme >= 0, theme % _PARTS, rng.integers(0, _PARTS, mentions))],
        "theme_id": pa.array(np.char.add("t", np.char.zfill(theme.astype(str), 4)), mask=theme < 0),
    }
    guess = np.clip(stars + rng.normal(0, 0.5, reviews), 1, 5)
    phases = [
        PhaseConfig(name=str(year), start=dt.date(year, 1, 1), end=dt.date(year + 1, 1, 1))
        for year in (2021, 2022, 2023)
    ]
    facts = as_facts(
        drawn,
        found,
        themes=[_theme(i, areas) for i in range(themes)],
        readings={"predicted_rating": guess},
        areas=tables.from_rows(
            "areas", [{"area_id": key, "name": part, "synonyms": []} for key, part in zip(areas, parts, strict=True)]
        ),
        products=tables.from_rows("products", [_product(i, rng) for i in range(_PRODUCTS)]),
        wishes=_wishes(ids[kind == 4].tolist(), areas, rng),
    )
    return replace(facts, phases=resolve_phases(phases, facts.reviews, None))


def _texts(
    reviews: int, row: NDArray[np.int64], picked: NDArray[np.int64], clauses: list[str]
) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """Return texts made of the clauses of each review's mentions, and where each mention's clause stands."""
    length = np.array([len(clause) + 2 for clause in clauses])[picked]
    first = np.searchsorted(row, row)
    total = np.concatenate([[0], np.cumsum(length)])
    start = total[:-1] - total[first]
    said: list[list[str]] = [[] for _ in range(reviews)]
    for place, clause in zip(row.tolist(), picked.tolist(), strict=True):
        said[place].append(clauses[clause])
    return [". ".join(one) + "." for one in said], start, start + length - 2


def _theme(number: int, areas: NDArray[np.str_]) -> dict[str, Any]:
    return {
        "theme_id": f"t{number:04d}",
        "name": f"part {number % _PARTS}: {_WORDS[number % len(_WORDS)]} {number}",
        "area_id": areas[number % _PARTS],
    }


def _product(number: int, rng: np.random.Generator) -> dict[str, Any]:
    return {
        "product_id": f"p{number}",
        "product": f"Product {number}",
        "brand": _BRANDS[number % len(_BRANDS)],
        "own": number % len(_BRANDS) == 0,
        "category": "cables",
        "price": float(rng.integers(8, 60)),
        "currency": "USD",
        "units_sold": int(rng.integers(1000, 90_000)),
    }


def _wishes(mention_ids: list[str], areas: NDArray[np.str_], rng: np.random.Generator) -> pa.Table:
    needs = rng.zipf(1.5, len(mention_ids)) % 300
    rows = [
        {
            "mention_id": mention,
            "wanted": f"wish {need}",
            "depth": ("variant", "idea", "personal")[need % 3],
            "area_id": areas[need % _PARTS],
            "need_id": f"n{need}",
            "need": f"wish {need}",
            "need_area_id": areas[need % _PARTS],
            "first_run": NOW,
        }
        for mention, need in zip(mention_ids, needs.tolist(), strict=True)
    ]
    return tables.from_rows("wishes", rows)
