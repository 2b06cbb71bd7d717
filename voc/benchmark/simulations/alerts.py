"""Alerts: how often a theme or a workspace that does not change raises one, and how soon a planted rise does."""

from __future__ import annotations

import numpy as np

from voc.benchmark.drawn import Ints
from voc.benchmark.simulations.figures import Figure, Tally, figure
from voc.insights.alerts import WORKSPACE_RATE
from voc.insights.cusum import Watch, watch
from voc.insights.limits import HORIZON

#: Shares of the themes of a workspace: many rare ones, few common ones.
SHARES = (0.002, 0.07)
#: Themes of a workspace, and the rate at which each may raise a false alert for the workspace to keep its own.
THEMES = 150
RATE = 1 - (1 - WORKSPACE_RATE) ** (1 / THEMES)
#: Weeks of the year after which a planted rise begins.
_CALM = 10


def simulate_false_alarms(
    *,
    runs: int,
    history: int,
    reviews: float,
    rate: float = RATE,
    themes: int = THEMES,
    bursts: float = 0.0,
    seed: int = 0,
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
    tally = Tally()
    for _ in range(runs):
        totals = _volumes(rng, reviews, history + HORIZON)
        p = np.broadcast_to(share, (len(totals), themes))
        if bursts:
            p = (p * rng.gamma(bursts**-2, bursts**2, p.shape)).clip(max=1)
        counts = rng.binomial(totals[:, None], p)
        fired = _watched(counts, totals, history, rate).alarms > 0
        tally.add("theme", fired)
        tally.add("workspace", fired.any())
    family = 1 - (1 - rate) ** themes
    return [
        tally.figure("theme", "false alarm of a theme in a year", nominal=rate, asked="at most"),
        tally.figure("workspace", f"any false alarm of {themes} themes in a year", nominal=family, asked="at most"),
    ]


def simulate_detection(
    *, runs: int, history: int, reviews: float, share: float, times: float, rate: float = RATE, seed: int = 0
) -> list[Figure]:
    """Return how often, how late and how exactly dated a planted rise is reported; it starts in the 11th week of 52.

    The runs share the numbers of reviews of each week.
    """
    rng = np.random.default_rng(seed)
    totals = _volumes(rng, reviews, history + HORIZON)
    p = np.where(np.arange(len(totals)) < history + _CALM, share, times * share)
    counts = rng.binomial(totals[:, None], p[:, None], (len(totals), runs))
    seen = _watched(counts, totals, history, rate)
    found = seen.fired >= _CALM
    delay = float(np.median(np.where(found, seen.fired - _CALM + 1.0, np.inf)))
    off = float(np.median(np.abs(seen.since - _CALM)[found])) if found.any() else None
    tally = Tally()
    for hit in found:
        tally.add("found", hit)
    return [
        tally.figure("found", f"reported within {HORIZON - _CALM} weeks"),
        figure("median weeks until reported", delay if np.isfinite(delay) else None, None, runs=runs, unit="weeks"),
        figure("median weeks that its date is off", off, None, runs=int(found.sum()), unit="weeks"),
    ]


def _volumes(rng: np.random.Generator, reviews: float, weeks: int) -> Ints:
    return np.asarray(rng.poisson(reviews * rng.gamma(9.0, 1 / 9, weeks)), np.int64)


def _watched(counts: Ints, totals: Ints, history: int, rate: float) -> Watch:
    return watch(counts[history:], totals[history:], rate, history=(counts[:history], totals[:history]))
