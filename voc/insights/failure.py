"""Time to failure: what customers say about when it broke, with rounding to weeks and months taken into account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights.facts import Facts
from voc.insights.index import Floats, Index, Ints, Mask
from voc.insights.intervals import wilson
from voc.insights.ranking import number
from voc.insights.scope import Scope, population, select
from voc.insights.stated_times import StatedTimes, rounded
from voc.tables.use import WITHIN

#: Quantiles are given from this many stated failure times on, a survival curve from as many and `MIN_WORKS` statements
#: that it still works.
MIN_STATED, MIN_WORKS = 10, 20
#: Longer times are slips of reading ("a 75 year old").
MAX_DAYS = 20 * 365
HORIZONS = (7, 30, 90, 180, 365)
PROBABILITIES = (0.1, 0.25, 0.5, 0.75, 0.9)
CURVE_DAYS = (7, 14, 30, 60, 90, 180, 365, 730, 1095)
CAVEAT = (
    "Reviewers are not buyers: who is disappointed writes more often and sooner, and hardly anybody comes back to "
    "write of a late failure. Times are of those who state one."
)

#: What was said: one row per stated time.
STATED = pa.schema(
    [
        pa.field("days", pa.int64(), nullable=False),  # as stated, a month as 30 days
        pa.field("days_from", pa.float64(), nullable=False),  # the times that are rounded to it
        pa.field("days_to", pa.float64(), nullable=False),
        pa.field("reviews", pa.int64(), nullable=False),
    ]
)
#: One row per probability: the days by which this share of those who state a failure had it.
QUANTILES = pa.schema(
    [
        pa.field("probability", pa.float64(), nullable=False),
        pa.field("days", pa.float64(), nullable=False),
        pa.field("days_low", pa.float64(), nullable=False),
        pa.field("days_high", pa.float64(), nullable=False),
    ]
)
#: One row per day of the survival curve, as far as failures are stated.
SURVIVAL = pa.schema(
    [
        pa.field("days", pa.int64(), nullable=False),
        pa.field("surviving", pa.float64(), nullable=False),  # of those who state a failure or that it still works
        pa.field("surviving_low", pa.float64(), nullable=False),
        pa.field("surviving_high", pa.float64(), nullable=False),
    ]
)


@dataclass(frozen=True)
class Failure:
    """When a trouble comes, as far as customers say."""

    theme_id: str | None  # None: all pains with the product
    reviews: int  # counted reviews that state a failure time
    works: int  # counted reviews that state how long it has worked, and no failure
    implausible: int  # left out: longer than `MAX_DAYS`
    stated: pa.Table  # STATED, by days
    within: pa.Table  # WITHIN
    quantiles: pa.Table  # QUANTILES, empty where `reason` is set
    survival: pa.Table  # SURVIVAL, empty where `survival_reason` is set
    reason: str | None
    survival_reason: str | None
    caveat: str


def time_to_failure(facts: Facts, scope: Scope, theme_id: str | None = None, *, config: InsightsConfig) -> Failure:
    """Return the distribution of the failure times that customers state, and a survival curve where data allows one.

    A review counts once, with the earliest failure that it states. People round: "two weeks" is said of 10 to 17
    days, so each stated time stands for the interval that is rounded to it (`rounded`). The distribution is Turnbull's
    (1976) nonparametric maximum likelihood estimate for such intervals, by his self-consistency (EM) steps; within a
    cell that the statements cannot divide, days are spread evenly. It takes the choice of unit to say nothing more of
    the time (coarsening at random, Heitjan and Rubin 1991), which need not be so. The intervals do without that: they
    run from the bootstrap percentile (or Wilson's bound, if wider) with every time at the earliest moment that is
    rounded to it to the one with every time at the latest (the worst cases of Manski 2003, Partial Identification of
    Probability Distributions). So they hold chance and rounding together, and cover at least as often as they say.
    Products are drawn where there are ten or more, as in `impact.bootstrap`, else reviews.

    The survival curve takes statements that it still works ("going strong after a year") as failures later than that.
    Reviews that report another failure say nothing of this one and are left out of it, and so are, for a theme,
    products that nobody mentions it of.

    Args:
        facts: the tables.
        scope: the reviews under view.
        theme_id: an active pain theme; None for all pains with the product itself.
        config: confidence level, bootstrap replicates, seed.

    Raises:
        VocError: the scope or the theme is unknown.
    """
    index, m = facts.index, facts.index.mentions
    base = population(index, select(facts, scope))
    days = m.days_in_use
    if theme_id is None:
        about = m.is_kind("pain") & m.target.equals("product")
    else:
        numbers = [i for i, t in enumerate(index.themes) if t.id == theme_id]
        if not numbers:
            raise VocError(f"there is no active pain theme {theme_id!r}; list them with `voc opportunities`.")
        about = m.theme == numbers[0]
    timed = base[m.row] & (days >= 0)
    plausible = days <= MAX_DAYS
    failed, works = timed & m.time_event.equals("failed_after"), timed & m.time_event.equals("works_after")
    rows, when = _per_review(index, m.row, days, failed & about & plausible, np.fmin)
    free = works & plausible & ~np.isin(m.row, m.row[failed])
    if theme_id is not None:  # a pair of earbuds that still works says nothing of a cable that frays
        free &= np.isin(index.product.codes, np.unique(index.product.codes[m.row[about & base[m.row]]]))[m.row]
    works_rows, works_when = _per_review(index, m.row, days, free, np.fmax)

    n, w = len(rows), len(works_rows)
    reason = survival_reason = None
    if n < MIN_STATED:
        reason = f"{n} reviews state when it failed; at least {MIN_STATED} are needed."
        survival_reason = reason
    elif w < MIN_WORKS:
        survival_reason = f"{w} reviews state how long it has worked; a curve needs at least {MIN_WORKS}."
    product = index.product.codes
    nobody = np.zeros(0)
    times = None if reason else StatedTimes.of(when, nobody, product[rows], config)
    survival = SURVIVAL.empty_table()
    if survival_reason is None:
        curve = StatedTimes.of(when, works_when, product[np.append(rows, works_rows)], config)
        survival = _survival(curve, float(when.max()), config.confidence)
    return Failure(
        theme_id,
        n,
        w,
        len(np.unique(m.row[((failed & about) | works) & ~plausible])),
        _stated(when),
        _within(when, times, config.confidence),
        QUANTILES.empty_table() if times is None else _quantiles(times, config.confidence),
        survival,
        reason,
        survival_reason,
        CAVEAT,
    )


def _per_review(index: Index, row: Ints, days: Floats, use: Mask, choose: np.ufunc) -> tuple[Ints, Floats]:
    """Return the reviews with such a statement and the days of each, the earliest or the latest by `choose`."""
    value = np.full(index.size, np.nan)
    choose.at(value, row[use], days[use])
    rows = np.flatnonzero(~np.isnan(value))
    return rows, value[rows]


def _stated(when: Floats) -> pa.Table:
    days, count = np.unique(when, return_counts=True)
    low, high = rounded(days)
    return pa.Table.from_arrays(
        [pa.array(v, f.type) for v, f in zip((days.astype(int), low, high, count), STATED, strict=True)], schema=STATED
    )


def _within(when: Floats, times: StatedTimes | None, confidence: float) -> pa.Table:
    rows = []
    days = np.array(HORIZONS, float)
    low, high = (days, days) if times is None else times.bounds(days, confidence)
    for i, day in enumerate(HORIZONS):
        said = int((when <= day).sum())
        row: dict[str, float | int | None] = {"days": day, "said_reviews": said}
        said_share = wilson(said, len(when), confidence)
        row |= dict(zip(("said_share", "said_low", "said_high"), (number(v[0]) for v in said_share), strict=True))
        if times is not None:
            share = times.share_by(day)
            row |= {"share": share, "share_low": min(float(low[i]), share), "share_high": max(float(high[i]), share)}
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=WITHIN)


def _quantiles(times: StatedTimes, confidence: float) -> pa.Table:
    rows = [(p, *times.quantile(p, confidence)) for p in PROBABILITIES]
    return pa.Table.from_pylist([dict(zip(QUANTILES.names, row, strict=True)) for row in rows], schema=QUANTILES)


def _survival(times: StatedTimes, last: float, confidence: float) -> pa.Table:
    days = np.array([d for d in CURVE_DAYS if d <= last], float)
    low, high = times.bounds(days, confidence)
    rows = []
    for i, day in enumerate(days.tolist()):
        share = times.share_by(day)
        values = (int(day), 1 - share, 1 - max(float(high[i]), share), 1 - min(float(low[i]), share))
        rows.append(dict(zip(SURVIVAL.names, values, strict=True)))
    return pa.Table.from_pylist(rows, schema=SURVIVAL)
