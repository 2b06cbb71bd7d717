"""Draws the reviews of `voc benchmark app`, and what was read in them, as the tables that a run works with."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voc import tables
from voc.benchmark.app_clauses import CLAUSES, KINDS
from voc.benchmark.app_words import (
    BRANDS,
    CLOSINGS,
    DOING,
    GOODS,
    MARKETS,
    OPENINGS,
    SAID,
    TIMES,
    TROUBLES,
)
from voc.benchmark.drawn import as_facts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voc.insights import Facts

    Ints = NDArray[np.int64]

#: First day, and how many days the reviews spread over.
START, DAYS = np.datetime64("2019-01-01"), 1826
#: When the newest export was analysed.
NOW = dt.datetime(2024, 1, 2, 8, tzinfo=dt.UTC)
_PRODUCTS = 40
#: Share of the reviews that came with the newest export.
_NEWEST = 0.02


@dataclass(frozen=True)
class Drawn:
    """Drawn reviews, and for each row of their `mentions` the number of the clause (in `CLAUSES`) that it says."""

    facts: Facts
    said: Ints


def draw(reviews: int, mentions: int, version: str, *, seed: int = 7, came: dt.datetime | None = None) -> Drawn:
    """Return so many reviews and (but for those in a language that is not read) mentions.

    Reviews come in the order of their dates; shares of themes fall like one over the root of their number and rise or
    fall over the years, and ratings fall with every trouble. A share of them came with a second export.

    Args:
        reviews: how many.
        mentions: how many, over all reviews.
        version: of the model that is said to have read them.
        seed: another one draws others.
        came: when all of them came in, for one more export.
    """
    rng = np.random.default_rng(seed)
    product = np.minimum(rng.geometric(0.08, reviews) - 1, _PRODUCTS - 1)
    day = np.sort(rng.integers(0, DAYS, reviews)) if came is None else np.full(reviews, DAYS - 1)
    row = np.sort(rng.integers(0, reviews, mentions))
    kind = rng.choice(len(KINDS), mentions, p=[share for *_, share in KINDS])
    said = _said(rng, kind, day[row] / DAYS)
    troubles, praises = (np.bincount(row[kind == one], minlength=reviews) for one in (0, 3))
    stars = np.clip(np.round(4.3 - 1.0 * troubles + 0.2 * praises + rng.normal(0, 0.7, reviews)), 1, 5)
    texts, start, end = _texts(rng, reviews, row, said)
    ids = np.array([hashlib.blake2b(f"{seed}:{n}".encode(), digest_size=8).hexdigest() for n in range(reviews)])
    written = pa.array((START + day.astype("timedelta64[D]")).astype("datetime64[us]")).cast(tables.TIMESTAMP)
    newest = np.arange(reviews) >= int(reviews * (1 - _NEWEST))
    times = [NOW - dt.timedelta(days=1), NOW] if came is None else [came, came]
    names = [f"export-{time:%Y%m%d%H%M%S}" for time in times]
    language = np.where(rng.random(reviews) < 0.02, "de", "en")
    drawn = {
        "review_id": ids,
        "channel": rng.choice(["review", "return", "survey"], reviews, p=[0.9, 0.05, 0.05]),
        "market": rng.choice(MARKETS, reviews, p=[0.4, 0.2, 0.2, 0.1, 0.1]),
        "language": language,
        "product_id": np.char.add("B", np.char.zfill(product.astype(str), 4)),
        "product": np.array([_name(number) for number in range(_PRODUCTS)])[product],
        "brand": np.array(BRANDS)[product % len(BRANDS)],
        "variant": rng.choice(["black", "white", "blue"], reviews),
        "version": np.char.add("V", (1 + (day * 3 + product * 40) // DAYS).clip(1, 3).astype(str)),
        "rating": pa.array(stars, mask=rng.random(reviews) < 0.02),
        "body": texts,
        "text": texts,
        "written_at": written,
        "verified": rng.random(reviews) < 0.8,
        "incentivised": rng.random(reviews) < 0.03,
        "helpful_votes": rng.poisson(0.6, reviews).astype(np.int32),
        "ingested_at": pa.array(times, tables.TIMESTAMP).take(pa.array(newest.astype(int))),
        "import_id": np.array(names)[newest.astype(int)],
    }
    readings = {
        "predicted_rating": np.clip(stars + rng.normal(0, 0.5, reviews), 1, 5),
        "analysed": language == "en",
        "model_version": [version] * reviews,
    }
    found = _mentions(rng, ids, row, kind, said, start, end) | {"model_version": [version] * mentions}
    # What is written in a language that the model does not read holds no opinions.
    read = (language == "en")[row]
    facts = _facts(drawn, found, readings)
    kept = facts.mentions.filter(pa.array(read))
    return Drawn(replace(facts, mentions=kept, themes=_themes(kept), wishes=_wishes(kept)), said[read])


def _said(rng: np.random.Generator, kind: Ints, when: NDArray[np.float64]) -> Ints:
    """Choose a clause for each mention; `when` runs from 0 to 1 over the time of the reviews."""
    kinds = np.array([clause.kind for clause in CLAUSES])
    said = np.empty(len(kind), np.int64)
    for number in range(1, len(KINDS)):
        chosen = np.flatnonzero(kind == number)
        said[chosen] = rng.choice(np.flatnonzero(kinds == number), len(chosen))
    themes = np.array([clause.theme for clause in CLAUSES])
    size = themes.max() + 1
    weight, slope = 1 / np.sqrt(1 + rng.permutation(size)), rng.normal(0, 0.8, size)
    chosen = np.flatnonzero(kind == 0)
    chance = np.cumsum(weight * np.exp(np.outer(when[chosen] - 0.5, slope)), axis=1)
    theme = (chance < rng.random(len(chosen))[:, None] * chance[:, -1:]).sum(axis=1)
    positions = np.flatnonzero(kinds == 0)
    first = np.searchsorted(themes[positions], np.arange(size))
    each = len(positions) // size
    # One in three says when it failed.
    time = np.where(rng.random(len(chosen)) < 0.33, rng.integers(1, len(TIMES), len(chosen)), 0)
    phrase = rng.integers(0, each // len(TIMES), len(chosen))
    said[chosen] = positions[first[theme] + phrase * len(TIMES) + time]
    return said


def _texts(rng: np.random.Generator, reviews: int, row: Ints, said: Ints) -> tuple[list[str], Ints, Ints]:
    """Return the reviews' texts, and where in them each mention's clause begins and ends."""
    opening = [f"{text} " if text else "" for text in OPENINGS]
    opened = rng.integers(0, len(opening), reviews)
    tails = [f" {doing}{more.format(n)}" for doing in DOING for more in SAID for n in range(2, 30)]
    ending = rng.integers(0, len(tails), len(row))
    sizes = np.array([len(clause.text) for clause in CLAUSES])[said] + np.array([len(tail) for tail in tails])[ending]
    total = np.concatenate([[0], np.cumsum(sizes + 2)])[:-1]
    start = total - total[np.searchsorted(row, row)] + np.array([len(text) for text in opening])[opened[row]]
    written = [f"{clause.text[0].upper()}{clause.text[1:]}" for clause in CLAUSES]
    parts = [[opening[number]] for number in opened.tolist()]
    for place, clause, tail in zip(row.tolist(), said.tolist(), ending.tolist(), strict=True):
        parts[place].append(f"{written[clause]}{tails[tail]}. ")
    closed = rng.integers(0, len(CLOSINGS), reviews).tolist()
    texts = ["".join((*one, CLOSINGS[n])).strip() or "Good." for one, n in zip(parts, closed, strict=True)]
    return texts, start, start + sizes


def _mentions(
    rng: np.random.Generator, ids: NDArray[np.str_], row: Ints, kind: Ints, said: Ints, start: Ints, end: Ints
) -> dict[str, Any]:
    """Return the columns of `mentions`."""
    known = {name: np.array([getattr(c, name) for c in CLAUSES]) for name in ("part", "theme", "severity")}
    aspect = np.array([clause.aspect or (-1, -1) for clause in CLAUSES])[said]
    phrase = np.array([clause.phrase for clause in CLAUSES])[said]
    named = aspect[:, 0] >= 0
    word = pa.array([c.text[c.aspect[0] : c.aspect[1]] if c.aspect else None for c in CLAUSES])
    opinion = pa.array([c.text[c.phrase[0] : c.phrase[1]] for c in CLAUSES])
    days = pa.array([clause.days for clause in CLAUSES], pa.int32())
    events = pa.array([clause.event for clause in CLAUSES], pa.string())
    severity = (known["severity"][said] + rng.normal(0, 0.03, len(row))).clip(0, 1)
    # A share of the troubles is in no theme, as after a real run.
    theme = np.where(rng.random(len(row)) < 0.08, -1, known["theme"][said])
    return {
        "mention_id": pa.array([f"{r}:{s}" for r, s in zip(ids[row].tolist(), start.tolist(), strict=True)]),
        "review_id": ids[row],
        "kind": np.array([one[0] for one in KINDS])[kind],
        "specificity": np.array([one[1] for one in KINDS])[kind],
        "aspect": word.take(pa.array(said)),
        "aspect_start": pa.array(start + aspect[:, 0], pa.int32(), mask=~named),
        "aspect_end": pa.array(start + aspect[:, 1], pa.int32(), mask=~named),
        "phrase": opinion.take(pa.array(said)),
        "phrase_start": start + phrase[:, 0],
        "phrase_end": start + phrase[:, 1],
        "clause_start": start,
        "clause_end": end,
        "polarity": np.where(kind == 3, 0.8, -0.8),
        "confidence": rng.uniform(0.5, 1, len(row)).round(3),
        "severity": severity.round(3),
        "hazard": (known["severity"][said] > 0.9) & (kind == 0),
        "days_in_use": days.take(pa.array(said)),
        "time_event": events.take(pa.array(said)),
        "area_id": _area_ids().take(pa.array(known["part"][said], mask=known["part"][said] < 0)),
        "theme_id": _theme_ids().take(pa.array(theme, mask=theme < 0)),
    }


def _area_ids() -> pa.Array:
    from voc.themes.areas import area_id

    return pa.array([area_id(part) for part in TROUBLES])


def _theme_ids() -> pa.Array:
    names = [f"{part}: {name}" for part, troubles in TROUBLES.items() for name, *_ in troubles]
    return pa.array([f"th-{hashlib.blake2b(name.encode(), digest_size=6).hexdigest()}" for name in names])


def _facts(drawn: Mapping[str, Any], found: Mapping[str, Any], readings: Mapping[str, Any]) -> Facts:
    """Return drawn columns as tables, with parts and products."""
    areas = [
        {"area_id": key, "name": part, "synonyms": [f"{part}s"], "implied_by": []}
        for key, part in zip(_area_ids().to_pylist(), TROUBLES, strict=True)
    ]
    return as_facts(
        drawn,
        found,
        themes=[],
        readings=readings,
        areas=tables.from_rows("areas", areas),
        products=tables.from_rows("products", [_product(number) for number in range(_PRODUCTS)]),
    )


def _themes(mentions: pa.Table) -> pa.Table:
    counted = {row["values"]: row["counts"] for row in mentions["theme_id"].value_counts().to_pylist()}
    named = [(place, f"{part}: {name}") for place, (part, group) in enumerate(TROUBLES.items()) for name, *_ in group]
    areas = _area_ids().to_pylist()
    rows = [
        {
            "theme_id": key,
            "kind": "pain",
            "name": name,
            "area_id": areas[place],
            "keywords": name.replace(":", "").split(),
            "size": counted.get(key, 0),
            "stability": 0.8,
            "state": "active",
            "first_run": NOW - dt.timedelta(days=1),
            "renamed_by_user": False,
        }
        for key, (place, name) in zip(_theme_ids().to_pylist(), named, strict=True)
    ]
    return tables.from_rows("themes", rows)


def _name(product: int) -> str:
    return f"{BRANDS[product % len(BRANDS)]} {GOODS[product % len(GOODS)]} {product // len(GOODS) + 1}"


def _product(number: int) -> dict[str, Any]:
    return {
        "product_id": f"B{number:04d}",
        "product": _name(number),
        "brand": BRANDS[number % len(BRANDS)],
        "own": number % len(BRANDS) == 0,
        "category": GOODS[number % len(GOODS)],
        "price": 9.9 + 3 * (number * 7 % 20),
        "currency": "USD",
        "units_sold": 1000 + 977 * (number * 13 % 40),
    }


def _wishes(mentions: pa.Table) -> pa.Table:
    """Return the table `wishes`: each part has one need for each way of wishing."""
    wished = mentions.filter(pc.equal(mentions["kind"], "wish")).select(["mention_id", "aspect", "phrase", "area_id"])
    depths = ("variant", "idea", "personal")
    rows = [
        {
            "mention_id": row["mention_id"],
            "wanted": row["phrase"],
            "depth": depths[len(row["phrase"]) % 3],
            "area_id": row["area_id"],
            "need_id": f"ne-{hashlib.blake2b(row['phrase'].encode(), digest_size=6).hexdigest()}",
            "need": row["phrase"],
            "need_area_id": row["area_id"],
            "first_run": NOW,
        }
        for row in wished.to_pylist()
    ]
    return tables.from_rows("wishes", rows)
