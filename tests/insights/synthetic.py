"""Draws review tables of any size with known shares and ratings, for simulations and timings."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from voc.insights import Facts, resolve_phases
from voc.tables import conform, empty, from_rows

from .build import NOW, theme

WORDS = ["cable", "broke", "after", "weeks", "left", "side", "died", "battery", "drains", "plug", "loose", "hiss"]


def synthetic_facts(reviews: int, themes: int, products: int, *, seed: int = 0) -> Facts:
    """Return facts with Zipf-like theme shares, a rating that falls with each trouble, dates and versions."""
    rng = np.random.default_rng(seed)
    share = 0.08 / np.arange(1, themes + 1) ** 0.7
    has = rng.random((reviews, themes)) < share
    stars = np.clip(np.round(4.6 - 1.4 * has.sum(axis=1) + rng.normal(0, 0.8, reviews)), 1, 5)
    ids = [f"r{i:07d}" for i in range(reviews)]
    days = rng.integers(0, 2000, reviews)
    start = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)
    row, column = np.nonzero(has)
    texts: list[list[str]] = [[] for _ in range(reviews)]
    spans = []
    for r in row.tolist():
        clause = " ".join(rng.choice(WORDS, size=int(rng.integers(4, 20))))
        at = sum(len(c) + 2 for c in texts[r])
        texts[r].append(clause)
        spans.append((at, at + len(clause)))
    n = len(row)
    table = pa.table(
        {
            "review_id": ids,
            "channel": ["review"] * reviews,
            "source": ["test"] * reviews,
            "product_id": [f"p{i:03d}" for i in rng.integers(0, products, reviews)],
            "brand": [f"b{i}" for i in rng.integers(0, 5, reviews)],
            "version": [f"V{1 + i // 1000}" for i in days],
            "rating": stars,
            "text": [". ".join(t) + "." for t in texts],
            "written_at": [start + dt.timedelta(days=int(d)) for d in days],
            "ingested_at": [NOW] * reviews,
            "import_id": ["i"] * reviews,
        }
    )
    mentions = pa.table(
        {
            "mention_id": [f"m{i}" for i in range(n)],
            "review_id": [ids[r] for r in row],
            "kind": ["pain"] * n,
            "specificity": ["trouble"] * n,
            "target": ["product"] * n,
            "clause_start": [a for a, _ in spans],
            "clause_end": [b for _, b in spans],
            "polarity": np.full(n, -0.8),
            "confidence": rng.uniform(0.5, 1, n),
            "severity": rng.uniform(0, 1, n),
            "hazard": rng.random(n) < 0.001,
            "theme_id": [f"t{c:03d}" for c in column],
            "model_version": ["test"] * n,
        }
    )
    readings = pa.table(
        {
            "review_id": ids,
            "analysed": [True] * reviews,
            "truncated": [False] * reviews,
            "model_version": ["test"] * reviews,
        }
    )
    conformed = conform("reviews", table)
    return Facts(
        reviews=conformed,
        readings=conform("readings", readings),
        mentions=conform("mentions", mentions),
        themes=from_rows("themes", [theme(f"t{i:03d}") for i in range(themes)]),
        areas=empty("areas"),
        phases=resolve_phases([], conformed, None),
    )
