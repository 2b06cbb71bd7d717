"""Segments against the rest, and the change between phases parted into pain within them and their mix."""

from __future__ import annotations

import numpy as np

from voc.benchmark.drawn import Floats, Ints, drawn_facts
from voc.benchmark.simulations.figures import Figure, Tally
from voc.benchmark.simulations.phases import AFTER, BEFORE, days, in_phases
from voc.benchmark.simulations.stars import STARS
from voc.config import InsightsConfig
from voc.insights.facts import Facts
from voc.insights.mix import decompose_mix
from voc.insights.scope import Scope
from voc.insights.segments import segments

#: What the parts of a change are called.
_PARTS = {"change": "the change", "within": "the part within segments", "mix": "the part of the mix"}
_MARKETS = np.array(["DE", "UK", "US"])
#: Shares of the stars 1 to 5 in each market.
_LEVEL = np.array([[0.2, 0.1, 0.1, 0.2, 0.4], [0.1, 0.1, 0.1, 0.2, 0.5], [0.05, 0.05, 0.1, 0.2, 0.6]])


def simulate_segments(*, runs: int, reviews: int, seed: int = 0, config: InsightsConfig | None = None) -> list[Figure]:
    """Return the coverage of segment differences, and how often any is called where there is none."""
    config = config or InsightsConfig()
    rng = np.random.default_rng(seed)
    weight = np.array([0.15, 0.25, 0.6])
    reach = np.array([[0.08, 0.05, 0.02, 0.10], [0.04, 0.05, 0.02, 0.05], [0.02, 0.05, 0.02, 0.10]])
    tally = Tally()
    for _ in range(runs):
        for null in (False, True):
            r = np.broadcast_to(reach[1], reach.shape) if null else reach
            s = np.broadcast_to(_LEVEL[1], _LEVEL.shape) if null else _LEVEL
            market = rng.choice(3, reviews, p=weight)
            facts = _drawn(rng, np.zeros(reviews, np.int64), market, r, s)
            rows = segments(facts, Scope(), by="market", config=config).to_pylist()
            if null:
                called = any((row["q_value"] or 1) < 1 - config.confidence for row in rows if row["theme_id"])
                tally.add("called", called)
                continue
            hits: dict[str, list[bool]] = {"reach": [], "rating": []}
            for row in rows:
                of = int(np.flatnonzero(row["segment"] == _MARKETS)[0])
                value = s @ STARS if row["theme_id"] is None else r[:, int(row["theme_id"][1:])]
                others = np.delete(np.arange(3), of)
                truth = value[of] - np.average(value[others], weights=weight[others])
                hit = row["difference_low"] <= truth <= row["difference_high"]
                hits["rating" if row["theme_id"] is None else "reach"].append(bool(hit))
            for kind, some in hits.items():
                tally.add(kind, some)
    nominal = config.confidence
    return [
        tally.figure("reach", "interval of a difference of reach to the rest covers", nominal=nominal, asked="near"),
        tally.figure("rating", "interval of a difference of the rating covers", nominal=nominal, asked="near"),
        tally.figure("called", "any difference called where there is none", nominal=1 - nominal, asked="at most"),
    ]


def simulate_mix(*, runs: int, reviews: int, seed: int = 0, config: InsightsConfig | None = None) -> list[Figure]:
    """Return the coverage of both parts of a change, and how often the conclusion is the right one.

    Of four themes one changes within segments, one by the mix, one by both and one not at all; the mix and the stars
    within segments change too. `reviews` are those of each phase.
    """
    config = config or InsightsConfig()
    rng = np.random.default_rng(seed)
    weight = np.array([[0.2, 0.3, 0.5], [0.6, 0.2, 0.2]])
    first = np.array([[0.05, 0.10, 0.10, 0.05], [0.05, 0.04, 0.03, 0.05], [0.05, 0.02, 0.03, 0.05]])
    reach = np.array([first, first + np.array([0.05, 0, 0.03, 0])])
    level = np.array([_LEVEL, _LEVEL])
    level[1, 1] = [0.3, 0.1, 0.1, 0.1, 0.4]
    truth = [_truth(weight, reach[:, :, t]) for t in range(4)]
    stars = _truth(weight, level @ STARS)
    right = ["within segments", "mostly the mix", None, "cannot be told"]
    names = {
        (part, of): f"interval of {said} of the {of} covers"
        for of in ("reach", "rating")
        for part, said in _PARTS.items()
    }
    tally = Tally()
    for _ in range(runs):
        market = np.concatenate([rng.choice(3, reviews, p=w) for w in weight])
        facts = in_phases(_drawn(rng, days(reviews), market, reach, level))
        rows = decompose_mix(facts, BEFORE, AFTER, Scope(), by="market", config=config).to_pylist()
        hits: dict[tuple[str, str], list[bool]] = {key: [] for key in names}
        correct, wrong = [], []
        for row in rows:
            theme = None if row["theme_id"] is None else int(row["theme_id"][1:])
            of = "rating" if theme is None else "reach"
            for part, value in zip(_PARTS, stars if theme is None else truth[theme], strict=True):
                hits[part, of].append(bool(row[f"{part}_low"] <= value <= row[f"{part}_high"]))
            if theme in (0, 1):
                correct.append(row["conclusion"] == right[theme])
                wrong.append(row["conclusion"] in ("within segments", "mostly the mix") and not correct[-1])
            elif theme == 3:
                wrong.append(row["conclusion"] != "cannot be told")
        for key, some in hits.items():
            tally.add(names[key], some)
        tally.add("right", correct)
        tally.add("wrong", wrong)
    return [
        *(tally.figure(name, name, nominal=config.confidence, asked="near") for name in names.values()),
        tally.figure("right", "right conclusion where one part alone changes"),
        tally.figure("wrong", "wrong conclusion", nominal=1 - config.confidence, asked="at most"),
    ]


def _truth(weight: Floats, value: Floats) -> tuple[float, float, float]:
    within = float((weight.mean(axis=0) * (value[1] - value[0])).sum())
    mix = float(((weight[1] - weight[0]) * value.mean(axis=0)).sum())
    return within + mix, within, mix


def _drawn(rng: np.random.Generator, day: Ints, market: Ints, reach: Floats, level: Floats) -> Facts:
    """Return facts whose themes and stars depend on the market, and on the phase where there are two."""
    phase = (day > day.min()).astype(np.int64)
    of = (phase, market) if reach.ndim == 3 else (market,)
    mentions = rng.random((len(day), reach.shape[-1])) < reach[of]
    stars = 1.0 + (rng.random(len(day))[:, None] > np.cumsum(level[of], axis=1)[:, :-1]).sum(axis=1)
    return drawn_facts(stars, day=day, pain=mentions, columns={"market": _MARKETS[market]})
