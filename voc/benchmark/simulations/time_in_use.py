"""Time in use: what is stated of themes that come early, late or at any time, and of failures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from voc.benchmark.drawn import Floats, drawn_facts
from voc.benchmark.simulations.figures import Figure, Tally
from voc.config import InsightsConfig
from voc.insights.failure import HORIZONS, time_to_failure
from voc.insights.scope import Scope
from voc.insights.time_in_use import time_in_use
from voc.tables import with_column

if TYPE_CHECKING:
    from voc.insights import Facts

#: Days that people state, few numbers many times; late themes have the upper half of them.
HEAPED = np.array([0, 1, 3, 7, 14, 21, 30, 60, 90, 180, 365])
#: Median days until failure, and the standard deviation of their logarithm.
_MIDDLE, _SPREAD = 45.0, 1.3
_QUARTERS = (0.25, 0.5, 0.75)


def simulate_time_in_use(*, runs: int, themes: int, stated_each: float, late: int = 0, seed: int = 4) -> list[Figure]:
    """Draw stated days of all themes from one heaped distribution; of the first `late` ones from its upper half."""
    config = InsightsConfig()
    rng = np.random.default_rng(seed)
    tally = Tally()
    for _ in range(runs):
        days = [rng.choice(HEAPED[5:] if g < late else HEAPED, rng.poisson(stated_each)) for g in range(themes)]
        pain = np.repeat(np.eye(themes, dtype=bool), [len(some) for some in days], axis=0)
        facts = _stating(drawn_facts(np.full(len(pain), 2.0), pain=pain), np.concatenate(days))
        found = {
            int(row["theme_id"][1:]): row["timing"] for row in time_in_use(facts, Scope(), config=config).to_pylist()
        }
        # Beside late themes the rest are indeed a little earlier than "all others"; they are not called late.
        wrong = ("late",) if late else ("early", "late")
        tally.add("false", any(found.get(g) in wrong for g in range(late, themes)))
        tally.add("found", [found.get(g) == "late" for g in range(late)])
    name = f"any of {themes - late} themes called {'late' if late else 'early or late'} that is like the others"
    figures = [tally.figure("false", name, nominal=round(1 - config.confidence, 6), asked="at most")]
    return [*figures, tally.figure("found", "late themes called late")] if late else figures


def simulate_failure(*, runs: int, stated: int, works: int = 0, bootstraps: int = 200, seed: int = 7) -> list[Figure]:
    """Draw log-normal failure times, rounded as people do; coverage of quantiles and shares, and of the curve.

    Args:
        runs: how often.
        stated: reviews that state when it failed; with `works`, those of them that fail before they are written.
        works: more products, with times in use at writing that censor them.
        bootstraps: replicates of the intervals.
        seed: of the draws.
    """
    rng = np.random.default_rng(seed)
    middle = np.log(_MIDDLE)
    config = InsightsConfig(bootstrap=bootstraps)
    quantile = dict(zip(_QUARTERS, np.exp(middle + _SPREAD * norm.ppf(_QUARTERS)), strict=True))
    shares = norm.cdf((np.log(HORIZONS) - middle) / _SPREAD)
    tally = Tally()
    for _ in range(runs):
        times = np.exp(rng.normal(middle, _SPREAD, stated + works))
        failed, still = times, np.array([])
        if works:
            written = np.exp(rng.normal(np.log(60), 1.2, len(times)))
            failed, still = times[times <= written], written[times > written]
        result = time_to_failure(failures(said(failed, rng), said(still, rng)), Scope(), config=config)
        rows = [row for row in result.quantiles.to_pylist() if row["probability"] in quantile]
        tally.add("quantiles", [r["days_low"] <= quantile[r["probability"]] <= r["days_high"] for r in rows])
        within = zip(result.within.to_pylist(), shares, strict=True)
        tally.add("shares", [r["share_low"] <= s <= r["share_high"] for r, s in within if r["share_low"] is not None])
        curve = result.survival.to_pylist()
        true = norm.sf((np.log([row["days"] for row in curve]) - middle) / _SPREAD)
        tally.add("curve", [r["surviving_low"] <= s <= r["surviving_high"] for r, s in zip(curve, true, strict=True)])
    names = {"curve": "interval of the survival curve covers"} if works else {
        "quantiles": "interval of a quartile of the days covers",
        "shares": "interval of the share failed by a day covers",
    }  # fmt: skip
    return [tally.figure(key, name, nominal=config.confidence, asked="near") for key, name in names.items()]


def failures(failed: ArrayLike, works: ArrayLike = ()) -> Facts:
    """Return facts in which one review each states so many days until failure, or of working."""
    days = np.concatenate([np.asarray(failed, float), np.asarray(works, float)])
    broke = np.arange(len(days)) < len(np.asarray(failed))
    facts = drawn_facts(np.full(len(days), 2.0), pain=broke[:, None], areas=("it",), praised=~broke[:, None])
    facts = _stating(facts, days)
    events = np.where(broke, "failed_after", "works_after").tolist()
    return replace(facts, mentions=with_column("mentions", facts.mentions, "time_event", events))


def said(days: Floats, rng: np.random.Generator) -> Floats:
    """Return the number of days that people say: days, then weeks, months and years, some of each near the bounds."""
    told = np.where(days < 1, 0, np.round(days))
    weeks = days > rng.uniform(6, 12, len(days))
    told = np.where(weeks, 7 * np.maximum(np.round(days / 7), 1), told)
    months = days > rng.uniform(24, 70, len(days))
    told = np.where(months, 30 * np.maximum(np.round(days / 30), 1), told)
    years = days > rng.uniform(300, 500, len(days))
    return np.where(years, 365 * np.maximum(np.round(days / 365), 1), told)


def _stating(facts: Facts, days: ArrayLike) -> Facts:
    """Return the facts with days in use for each mention, in the order of the mentions."""
    said = np.asarray(days).astype(np.int64).tolist()
    return replace(facts, mentions=with_column("mentions", facts.mentions, "days_in_use", said))
