"""Times as people state them, rounded to weeks and months: their distribution, by day and by share, with bounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voc.config import InsightsConfig
from voc.insights.arrays import Floats, Ints, Mask
from voc.insights.intervals import wilson
from voc.insights.sample import PRODUCTS_TO_DRAW, effective_products

#: The estimate is iterated until no mass moves by more, or so often.
_PRECISION, _STEPS = 1e-7, 20_000


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
class StatedTimes:
    """Stated times: one entry per interval, and how often each counts in the data and in each bootstrap replicate."""

    low: Floats  # (k,)
    high: Floats  # (k,), for times of use the latest moment that the statement was true of
    failed: Mask  # (k,), else it still worked
    weight: Floats  # (k,)
    draws: Floats  # (replicates, k)
    estimate: tuple[Floats, Floats, Floats]  # `turnbull`

    @classmethod
    def of(cls, failed: Floats, works: Floats, product: Ints, config: InsightsConfig) -> StatedTimes:
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
