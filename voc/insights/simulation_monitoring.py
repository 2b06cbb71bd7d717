"""Checks alerts, segments and the parting of a change by segments on drawn reviews whose truth is known."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from voc.config import InsightsConfig, PhaseConfig
from voc.insights.cusum import Watch, watch
from voc.insights.facts import Facts
from voc.insights.index import Floats, Ints
from voc.insights.limits import HORIZON
from voc.insights.mix import decompose_mix
from voc.insights.phases import resolve_phases
from voc.insights.scope import Scope
from voc.insights.segments import segments
from voc.insights.simulation_phases import drawn_facts
from voc.tables import with_column

Figure = dict[str, Any]
#: Shares of the themes of a workspace: many rare ones, few common ones.
SHARES = (0.002, 0.07)
_STARS = np.arange(1.0, 6.0)
_MARKETS = np.array(["DE", "UK", "US"])


def simulate_false_alarms(
    *, runs: int, history: int, reviews: float, rate: float, themes: int = 150, bursts: float = 0.0, seed: int = 0
) -> list[Figure]:
    """Return how often themes that do not change raise an alarm within 52 weeks.

    Args:
        runs: workspaces drawn.
        history: weeks before the 52.
        reviews: per week on average; they vary by a third from week to week.
        rate: the rate set for each theme.
        themes: in each workspace, with shares spread evenly on a log scale over `SHARES`.
        bursts: standard deviation of a theme's weekly share over its mean share, beyond chance; 0 for none.
        seed: of the random numbers.
    """
    rng = np.random.default_rng(seed)
    share = np.geomspace(*SHARES, themes)
    fired = []
    for _ in range(runs):
        totals = _volumes(rng, reviews, history + HORIZON)
        p = np.broadcast_to(share, (len(totals), themes))
        if bursts:
            p = (p * rng.gamma(bursts**-2, bursts**2, p.shape)).clip(max=1)
        counts = rng.binomial(totals[:, None], p)
        fired.append(_watched(counts, totals, history, rate).alarms > 0)
    alarms = np.array(fired)
    where = f"{history} weeks of history, {reviews:g} reviews a week" + f", bursts of {bursts:.0%}" * bool(bursts)
    family = 1 - (1 - rate) ** themes
    return [
        _figure(f"false alarm of a theme in a year, {where}", rate, alarms.mean(), alarms.size),
        _figure(f"false alarm of a workspace in a year, {where}", family, alarms.any(axis=1).mean(), runs),
    ]


def simulate_detection(
    *, runs: int, history: int, reviews: float, share: float, times: float, rate: float, seed: int = 0
) -> list[Figure]:
    """Return how often, how late and how exactly dated a planted rise is reported; it starts in the 11th week of 52."""
    rng = np.random.default_rng(seed)
    totals = _volumes(rng, reviews, history + HORIZON)
    p = np.where(np.arange(len(totals)) < history + 10, share, times * share)
    counts = rng.binomial(totals[:, None], p[:, None], (len(totals), runs))
    seen = _watched(counts, totals, history, rate)
    found = seen.fired >= 10
    delay = np.where(found, seen.fired - 9.0, np.inf)
    what = f"share of {share:.1%} times {times:g}, {history} weeks of history, {reviews:g} reviews a week"
    middle = float(np.median(delay))
    return [
        _figure(f"reported within 42 weeks, {what}", None, found.mean(), runs),
        _figure(f"median weeks until reported, {what}", None, middle if np.isfinite(middle) else None, runs),
        _figure(
            f"median weeks the date is off, {what}",
            None,
            np.median(np.abs(seen.since - 10)[found]) if found.any() else None,
            int(found.sum()),
        ),
    ]


def simulate_segments(*, runs: int, reviews: int, seed: int = 0, config: InsightsConfig | None = None) -> list[Figure]:
    """Return the coverage of segment differences, and how often any is called where there is none."""
    config = config or InsightsConfig()
    rng = np.random.default_rng(seed)
    weight = np.array([0.15, 0.25, 0.6])
    reach = np.array([[0.08, 0.05, 0.02, 0.10], [0.04, 0.05, 0.02, 0.05], [0.02, 0.05, 0.02, 0.10]])
    level = np.array([[0.2, 0.1, 0.1, 0.2, 0.4], [0.1, 0.1, 0.1, 0.2, 0.5], [0.05, 0.05, 0.1, 0.2, 0.6]])
    hits: dict[str, list[bool]] = {"reach": [], "rating": []}
    called = []
    for _ in range(runs):
        for null in (False, True):
            r = np.broadcast_to(reach[1], reach.shape) if null else reach
            s = np.broadcast_to(level[1], level.shape) if null else level
            market = rng.choice(3, reviews, p=weight)
            facts = _drawn(rng, np.zeros(reviews, np.int64), market, r, s)
            rows = segments(facts, Scope(), by="market", config=config).to_pylist()
            if null:
                called.append(any((row["q_value"] or 1) < 1 - config.confidence for row in rows if row["theme_id"]))
                continue
            for row in rows:
                of = int(np.flatnonzero(row["segment"] == _MARKETS)[0])
                value = s @ _STARS if row["theme_id"] is None else r[:, int(row["theme_id"][1:])]
                others = np.delete(np.arange(3), of)
                truth = value[of] - np.average(value[others], weights=weight[others])
                hit = row["difference_low"] <= truth <= row["difference_high"]
                hits["rating" if row["theme_id"] is None else "reach"].append(bool(hit))
    nominal, where = config.confidence, f"{reviews} reviews"
    return [
        *(
            _figure(f"coverage, difference of {k} to the rest, {where}", nominal, np.mean(h), runs)
            for k, h in hits.items()
        ),
        _figure(f"any difference called where there is none, {where}", 1 - nominal, np.mean(called), runs),
    ]


def simulate_mix(*, runs: int, reviews: int, seed: int = 0, config: InsightsConfig | None = None) -> list[Figure]:
    """Return the coverage of both parts of a change, and how often the conclusion is the right one.

    Of four themes one changes within segments, one by the mix, one by both and one not at all; the mix and the stars
    within segments change too.
    """
    config = config or InsightsConfig()
    rng = np.random.default_rng(seed)
    weight = np.array([[0.2, 0.3, 0.5], [0.6, 0.2, 0.2]])
    first = np.array([[0.05, 0.10, 0.10, 0.05], [0.05, 0.04, 0.03, 0.05], [0.05, 0.02, 0.03, 0.05]])
    reach = np.array([first, first + np.array([0.05, 0, 0.03, 0])])
    level = np.array([[[0.2, 0.1, 0.1, 0.2, 0.4], [0.1, 0.1, 0.1, 0.2, 0.5], [0.05, 0.05, 0.1, 0.2, 0.6]]] * 2)
    level[1, 1] = [0.3, 0.1, 0.1, 0.1, 0.4]
    truth = [_truth(weight, reach[:, :, t]) for t in range(4)]
    stars = _truth(weight, level @ _STARS)
    right = ["within segments", "mostly the mix", None, "cannot be told"]
    names = ("change", "within", "mix")
    hits: dict[str, list[bool]] = {f"{name} of {of}": [] for of in ("reach", "rating") for name in names}
    correct, wrong = [], []
    for _ in range(runs):
        day = np.repeat([0, 400], reviews)
        market = np.concatenate([rng.choice(3, reviews, p=w) for w in weight])
        facts = _drawn(rng, day, market, reach, level)
        rows = decompose_mix(facts, "before", "after", Scope(), by="market", config=config).to_pylist()
        for row in rows:
            theme = None if row["theme_id"] is None else int(row["theme_id"][1:])
            for name, value in zip(names, stars if theme is None else truth[theme], strict=True):
                key = f"{name} of {'rating' if theme is None else 'reach'}"
                hits[key].append(bool(row[f"{name}_low"] <= value <= row[f"{name}_high"]))
            if theme in (0, 1):
                correct.append(row["conclusion"] == right[theme])
                wrong.append(row["conclusion"] in ("within segments", "mostly the mix") and not correct[-1])
            elif theme == 3:
                wrong.append(row["conclusion"] != "cannot be told")
    where = f"{reviews} reviews in each phase"
    return [
        *(_figure(f"coverage, {key}, {where}", config.confidence, np.mean(h), runs) for key, h in hits.items()),
        _figure(f"right conclusion where one part alone changes, {where}", None, np.mean(correct), runs),
        _figure(f"wrong conclusion, {where}", None, np.mean(wrong), runs),
    ]


def _truth(weight: Floats, value: Floats) -> tuple[float, float, float]:
    within = float((weight.mean(axis=0) * (value[1] - value[0])).sum())
    mix = float(((weight[1] - weight[0]) * value.mean(axis=0)).sum())
    return within + mix, within, mix


def _drawn(rng: np.random.Generator, day: Ints, market: Ints, reach: Floats, level: Floats) -> Facts:
    """Return facts whose themes and stars depend on the market, and on the phase where there are two."""
    phase = (day > 0).astype(np.int64)
    of = (phase, market) if reach.ndim == 3 else (market,)
    mentions = rng.random((len(day), reach.shape[-1])) < reach[of]
    stars = 1.0 + (rng.random(len(day))[:, None] > np.cumsum(level[of], axis=1)[:, :-1]).sum(axis=1)
    facts = drawn_facts(day, stars, mentions)
    reviews = with_column("reviews", facts.reviews, "market", _MARKETS[market].tolist())
    phases = [
        PhaseConfig(name="before", start=dt.date(2020, 1, 1), end=dt.date(2020, 6, 1)),
        PhaseConfig(name="after", start=dt.date(2020, 6, 1)),
    ]
    return Facts(**{**vars(facts), "reviews": reviews, "phases": resolve_phases(phases, reviews, None)})


def _volumes(rng: np.random.Generator, reviews: float, weeks: int) -> Ints:
    return np.asarray(rng.poisson(reviews * rng.gamma(9.0, 1 / 9, weeks)), np.int64)


def _watched(counts: Ints, totals: Ints, history: int, rate: float) -> Watch:
    return watch(counts[history:], totals[history:], rate, history=(counts[:history], totals[:history]))


def _figure(name: str, nominal: float | None, measured: Any, runs: int) -> Figure:
    return {"name": name, "nominal": nominal, "measured": None if measured is None else float(measured), "runs": runs}
