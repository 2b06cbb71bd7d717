"""Change points and life-cycle phases: false alarms on flat reviews, and a planted fall found and dated."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from voc.benchmark.drawn import Floats, Ints, drawn_facts
from voc.benchmark.simulations.figures import Figure, Tally
from voc.benchmark.simulations.phases import CUT
from voc.benchmark.simulations.stars import SHAPE, STARS
from voc.config import InsightsConfig
from voc.insights.detected import change_points, detected_phases
from voc.insights.scope import Scope

_DAYS = 730  # from 2020-01-01 to the end of 2021-12-30
_MONTHS = 24
_FALL = 366  # days until `CUT`


def simulate_change_points(
    *, runs: int, reviews: int, drop: float, spread: float = 0.0, growth: float = 1.0, seed: int = 0
) -> list[Figure]:
    """Draw two years of reviews whose mean rating falls by `drop` stars on 2021-01-01, and search them.

    Args:
        runs: how often.
        reviews: drawn in each run.
        drop: 0 draws flat data, and the false alarms are counted.
        spread: standard deviation of a level that all reviews of a month share.
        growth: how many times as many reviews the last day has as the first; other than 1, the volume is not flat.
        seed: of the random numbers.

    Returns:
        On flat data the share of runs with a suggested change of the rating, of the volume, and with any detected
        phase; else the share in which a change is suggested within two months of the truth, a further one beside it,
        and the coverage of the means before and after.
    """
    config = InsightsConfig(bootstrap=200)
    tally = Tally()
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        day = np.floor(_drawn_days(rng, reviews, growth)).astype(np.int64)
        data = drawn_facts(_drawn_stars(rng, day, drop, spread), day=day)
        found = change_points(data, Scope(), config=config)
        calls = [r for r in found.table.to_pylist() if r["suggested"]]
        for measure in ("rating", "volume"):
            tally.add(measure, any(r["measure"] == measure for r in calls))
        if drop:
            _note_fall(tally, [r for r in calls if r["measure"] == "rating"], drop)
        elif growth == 1:
            tally.add("phases", detected_phases(data, Scope(), config=config).table.num_rows > 0)
    level = 1 - config.confidence
    if not drop:
        names = {"rating": "change of a flat rating called"}
        if growth == 1:
            names |= {"volume": "change of a flat number of reviews called", "phases": "any phase detected"}
        return [tally.figure(key, name, nominal=level, asked="at most") for key, name in names.items()]
    return [
        tally.figure("near", f"a fall by {drop} stars found within two months"),
        tally.figure("further", "a further change called beside it", nominal=level, asked="at most"),
        tally.figure("covers", "interval of a mean before or after covers", nominal=config.confidence, asked="near"),
    ]


def _note_fall(tally: Tally, calls: list[dict[str, Any]], drop: float) -> None:
    hits = [r for r in calls if abs(r["at"] - CUT) <= dt.timedelta(days=62)]
    tally.add("near", bool(hits))
    tally.add("further", len(calls) > len(hits[:1]))
    if len(calls) == len(hits) == 1:
        mean = float(SHAPE @ STARS)
        truths = (("before", mean), ("after", mean - drop))
        tally.add("covers", [hits[0][f"{side}_low"] <= truth <= hits[0][f"{side}_high"] for side, truth in truths])


def _drawn_stars(rng: np.random.Generator, day: Ints, drop: float, spread: float) -> Floats:
    """Return stars of reviews of these days; a share of them loses or gains: the shape stays a marketplace's."""
    n = len(day)
    month = rng.normal(0, 1, _MONTHS)[np.minimum(day * _MONTHS // _DAYS, _MONTHS - 1)] * spread
    stars = STARS[np.searchsorted(np.cumsum(SHAPE), rng.random(n))]
    shift = month - drop * (day >= _FALL)
    low, high = stars - 1, 5 - stars
    share = np.where(shift < 0, -shift / (SHAPE @ (STARS - 1)), shift / (SHAPE @ (5 - STARS)))
    return np.where(rng.random(n) < share, np.where(shift < 0, stars - low, stars + high), stars)


def _drawn_days(rng: np.random.Generator, size: int, growth: float) -> Floats:
    """Return times whose density grows in a straight line, by inverting its distribution function."""
    u = rng.random(size)
    slope = growth - 1
    share = u if slope == 0 else (np.sqrt(1 + u * (growth**2 - 1)) - 1) / slope
    return share * _DAYS
