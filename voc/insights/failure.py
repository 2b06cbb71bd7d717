"""Time to failure: what customers say about when it broke, with rounding to weeks and months taken into account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights.facts import Facts
from voc.insights.impact import PRODUCTS_TO_DRAW, effective_products
from voc.insights.index import Floats, Index, Ints, Mask
from voc.insights.intervals import wilson
from voc.insights.ranking import number
from voc.insights.scope import Scope, population, select
from voc.insights.time_in_use import in_order
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

#: The estimate is iterated until no mass moves by more, or so often.
_PRECISION, _STEPS = 1e-7, 20_000

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
    table = in_order(facts, ["days_in_use", "time_event", "target"])
    days = table.column("days_in_use").to_numpy().astype(float)
    event = np.array(table.column("time_event").to_pylist(), dtype=object)
    if theme_id is None:
        about = m.is_kind("pain") & (np.array(table.column("target").to_pylist(), dtype=object) == "product")
    else:
        numbers = [i for i, t in enumerate(index.themes) if t.id == theme_id]
        if not numbers:
            raise VocError(f"there is no active pain theme {theme_id!r}; list them with `voc opportunities`.")
        about = m.theme == numbers[0]
    timed = base[m.row] & (days >= 0)
    plausible = days <= MAX_DAYS
    failed, works = timed & (event == "failed_after"), timed & (event == "works_after")
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
    times = None if reason else _Times.of(when, nobody, product[rows], config)
    survival = SURVIVAL.empty_table()
    if survival_reason is None:
        curve = _Times.of(when, works_when, product[np.append(rows, works_rows)], config)
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


def rounded(days: Floats) -> tuple[Floats, Floats]:
    """Return the times [from, to) that people round to each stated number of days.

    Half a unit to both sides: of a year where it is a number of years (365), of half a year at halves of them (182,
    548), of a month at 30s, of a week at 7s; beyond a week, 5 days at 10, 15, 20 and 25; else of a day. Day 0 ("out
    of the box") is the first day. A number that several units fit (210 days) is taken in the largest.
    """
    half = np.full(len(days), 0.5)
    half[np.isin(days, (10, 15, 20, 25))] = 2.5
    positive = days > 0
    half[positive & (days % 7 == 0)] = 3.5
    half[positive & (days % 30 == 0)] = 15.0
    half[positive & (np.abs(days % 365 - 182.5) <= 0.5)] = 91.25
    half[positive & (days % 365 == 0)] = 182.5
    low = np.maximum(days - half, 0.0)
    return np.where(positive, low, 0.0), np.where(positive, days + half, 1.0)


def turnbull(low: Floats, high: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the cells that the distribution of interval-censored times lives on, and the mass of each.

    Args:
        low: shape (k,), times lie in [low, high).
        high: shape (k,), above `low`; infinite for "later than".
        weight: shape (k,), how often each interval counts.

    Returns:
        The cells' beginnings, ends and masses, shape (cells,).
    """
    edges = np.unique(np.append(low, high))
    inner = np.isin(edges[:-1], low) & np.isin(edges[1:], high)
    start, end = edges[:-1][inner], edges[1:][inner]
    holds = ((low[:, None] <= start) & (end <= high[:, None])).astype(float)  # (k, cells)
    mass = np.full(len(start), 1 / len(start))
    for _ in range(_STEPS):
        new = mass * ((weight / (holds @ mass)) @ holds) / weight.sum()
        moved = np.abs(new - mass).max()
        mass = new
        if moved < _PRECISION:
            break
    return start, end, mass


@dataclass(frozen=True)
class _Times:
    """Stated times: one entry per interval, and how often each counts in the data and in each bootstrap replicate."""

    low: Floats  # (k,)
    high: Floats  # (k,), for times of use the latest moment that the statement was true of
    failed: Mask  # (k,), else it still worked
    weight: Floats  # (k,)
    draws: Floats  # (replicates, k)
    estimate: tuple[Floats, Floats, Floats]  # `turnbull`

    @classmethod
    def of(cls, failed: Floats, works: Floats, product: Ints, config: InsightsConfig) -> _Times:
        """Count the stated days of each review, in any order; `product` of all of them, the failed first."""
        low, high = rounded(np.append(failed, works))
        spans = np.stack([low, high, np.arange(len(low)) < len(failed), np.append(failed, works)], axis=1)
        spans, which = np.unique(spans, axis=0, return_inverse=True)
        which, size = which.ravel(), len(spans)
        weight = np.bincount(which, minlength=size).astype(float)
        rng = np.random.default_rng(config.seed)
        if effective_products(product) >= PRODUCTS_TO_DRAW:
            codes, place = np.unique(product, return_inverse=True)
            n = len(codes)
            table = np.bincount(place.ravel() * size + which, minlength=n * size).reshape(n, size).astype(float)
            draws = rng.multinomial(n - 1, np.full(n, 1 / n), size=config.bootstrap).astype(float) @ table
        else:
            draws = rng.multinomial(len(which), weight / weight.sum(), size=config.bootstrap).astype(float)
        event = spans[:, 2] > 0
        known = turnbull(np.where(event, spans[:, 0], spans[:, 3]), np.where(event, spans[:, 1], np.inf), weight)
        return cls(spans[:, 0], spans[:, 1], event, weight, draws, known)

    def share_by(self, day: float) -> float:
        """Return the estimated share of times below this day."""
        start, end, mass = self.estimate
        width = np.where(np.isfinite(end), end - start, np.inf)
        return float(np.clip(mass @ np.clip((day - start) / width, 0, 1), 0, 1))

    def surviving(self, days: Floats, *, late: bool) -> Floats:
        """Return Kaplan and Meier's (1958) estimate of each replicate, shape (replicates, days).

        All times are taken at the earliest moment, or the latest, that is rounded to what was stated.
        """
        time = self.high if late else self.low
        order = np.lexsort((~self.failed, time))
        count = self.draws[:, order]
        at_risk = np.maximum(np.cumsum(count[:, ::-1], axis=1)[:, ::-1], 1e-12)
        kept = np.cumprod(np.where(self.failed[order], np.maximum(1 - count / at_risk, 0), 1), axis=1)
        kept = np.concatenate([np.ones((len(kept), 1)), kept], axis=1)
        # A time lies in [low, high): at the latest it has passed by its end, at the earliest not yet at its beginning.
        return np.asarray(kept[:, np.searchsorted(time[order], days, side="right" if late else "left")])

    def bounds(self, days: Floats, confidence: float) -> tuple[Floats, Floats]:
        """Return the interval of the share below each day, shape (days,)."""
        low = 1 - np.quantile(self.surviving(days, late=True), (1 + confidence) / 2, axis=0)
        high = 1 - np.quantile(self.surviving(days, late=False), (1 - confidence) / 2, axis=0)
        # A bootstrap knows no chance where nobody, or everybody, has failed by then; Wilson's interval does.
        surely = self.weight @ (self.failed[:, None] & (self.high[:, None] <= days))
        maybe = self.weight @ (self.failed[:, None] & (self.low[:, None] < days))
        in_sight = self.weight @ (self.failed[:, None] | (self.low[:, None] >= days))
        low = np.minimum(low, wilson(surely, self.weight.sum(), confidence)[1])
        alone = self.failed.all() | (maybe == 0)  # beside working ones the plain share is too high
        return low, np.where(alone, np.fmax(high, wilson(maybe, in_sight, confidence)[2]), high)

    def quantile(self, probability: float, confidence: float) -> tuple[float, float, float]:
        """Return the time by which this share has failed, with its interval; only where nothing still works."""
        start, end, mass = self.estimate
        i = int(np.argmax(np.cumsum(mass) >= probability - 1e-9))
        inside = np.clip((probability - float(mass[:i].sum())) / max(float(mass[i]), 1e-12), 0, 1)
        value = float(start[i] + inside * (end[i] - start[i]))
        ends = []
        for time in (self.low, self.high):
            order = np.argsort(time, kind="stable")
            share = np.cumsum(self.draws[:, order], axis=1) / np.maximum(self.draws.sum(axis=1, keepdims=True), 1)
            ends.append(time[order][np.argmax(share >= probability - 1e-9, axis=1)])
        low = np.quantile(ends[0], (1 - confidence) / 2, method="lower")
        high = np.quantile(ends[1], (1 + confidence) / 2, method="higher")
        return value, min(float(low), value), max(float(high), value)


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


def _within(when: Floats, times: _Times | None, confidence: float) -> pa.Table:
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


def _quantiles(times: _Times, confidence: float) -> pa.Table:
    rows = [(p, *times.quantile(p, confidence)) for p in PROBABILITIES]
    return pa.Table.from_pylist([dict(zip(QUANTILES.names, row, strict=True)) for row in rows], schema=QUANTILES)


def _survival(times: _Times, last: float, confidence: float) -> pa.Table:
    days = np.array([d for d in CURVE_DAYS if d <= last], float)
    low, high = times.bounds(days, confidence)
    rows = []
    for i, day in enumerate(days.tolist()):
        share = times.share_by(day)
        values = (int(day), 1 - share, 1 - max(float(high[i]), share), 1 - min(float(low[i]), share))
        rows.append(dict(zip(SURVIVAL.names, values, strict=True)))
    return pa.Table.from_pylist(rows, schema=SURVIVAL)
