"""Reviews and stars of a scope counted by week, month or quarter, and the level of a stretch of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from voc.insights.index import Floats, Ints

#: A series shorter than this says nothing about change.
MIN_BUCKETS = 8
_WEEKLY_UP_TO = 366  # days; a longer span is looked at by month
_MOST_BUCKETS = 120
_PER_BUCKET = 5  # reviews; sparser buckets are made longer
_MIN_VARIANCE = 0.05  # of stars: equal stars in every month still do not make months exactly known
_UNITS = ("week", "month", "quarter")


@dataclass(frozen=True)
class Timeline:
    """Reviews and stars by week, month or quarter; the arrays have shape (n,), but `edges` (n + 1,)."""

    unit: str
    edges: Ints  # first days, as days since 1970-01-01; buckets are [edge, next edge)
    days: Floats  # of the bucket between the first and the last review
    reviews: Ints
    rated: Ints
    stars: Floats  # sum
    squares: Floats  # sum of squared stars

    def day(self, i: int) -> dt.date:
        """Return the first day of bucket `i`."""
        return dt.date(1970, 1, 1) + dt.timedelta(days=int(self.edges[i]))

    @property
    def least(self) -> int:
        """Buckets that a level lasts at least."""
        return 4 if self.unit == "week" else 2


def timeline(day: Ints, stars: Floats) -> Timeline:
    """Count reviews by the finest unit of time that is not too fine.

    Args:
        day: days since 1970-01-01, shape (k,), at least one.
        stars: ratings, shape (k,), NaN where there is none.
    """
    first, last = int(day.min()), int(day.max())
    fine = 0 if last - first < _WEEKLY_UP_TO else 1
    unit, edges = _UNITS[fine], _edges(_UNITS[fine], first, last)
    for coarser in _UNITS[fine + 1 :]:
        size = len(edges) - 1
        wider = _edges(coarser, first, last)
        if (size <= _MOST_BUCKETS and len(day) >= _PER_BUCKET * size) or len(wider) - 1 < MIN_BUCKETS:
            break
        unit, edges = coarser, wider
    size = len(edges) - 1
    bucket = np.searchsorted(edges, day, side="right") - 1
    rated = ~np.isnan(stars)
    inside = np.clip(edges, first, last + 1)
    return Timeline(
        unit=unit,
        edges=edges,
        days=np.diff(inside).astype(float),
        reviews=np.bincount(bucket, minlength=size),
        rated=np.bincount(bucket[rated], minlength=size),
        stars=np.bincount(bucket[rated], weights=stars[rated], minlength=size).astype(float),
        squares=np.bincount(bucket[rated], weights=stars[rated] ** 2, minlength=size).astype(float),
    )


def _edges(unit: str, first: int, last: int) -> Ints:
    """Return the first days of the weeks (from Monday), months or quarters from day `first` on, and the end."""
    if unit == "week":
        monday = first - (first + 3) % 7  # day 0 was a Thursday
        return np.arange(monday, last + 8, 7)
    step = 3 if unit == "quarter" else 1
    months = np.array([first, last]).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    begin = months[0] - months[0] % step
    edges = np.arange(begin, months[1] + step + 1, step)
    edges = edges[: int(np.searchsorted(edges, months[1], side="right")) + 1]
    return np.asarray(edges.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def mean_stars(time: Timeline) -> tuple[Floats, Floats]:
    """Return mean stars by bucket and their variance of sampling, pooled within buckets; infinite without stars."""
    some = time.rated > 0
    mean = np.divide(time.stars, time.rated, out=np.zeros(len(some)), where=some)
    within = float((time.squares - time.stars * mean).sum()) / max(int(time.rated.sum() - some.sum()), 1)
    variance = np.full(len(some), np.inf)
    variance[some] = max(within, _MIN_VARIANCE) / time.rated[some]
    return mean, variance


def root_volume(time: Timeline) -> tuple[Floats, Floats]:
    """Return the roots of the reviews in 30 days, by bucket, and their variance for Poisson counts."""
    return np.sqrt((time.reviews + 3 / 8) * 30 / time.days), 0.25 * 30 / time.days


def star_levels(time: Timeline, edges: Ints, spread: float, confidence: float) -> tuple[Ints, Floats, Floats, Floats]:
    """Return for each stretch the rated reviews, their mean and its t interval with the spread between buckets."""
    from scipy.stats import t

    n, total, squares, uneven = (
        np.add.reduceat(x, edges[:-1]).astype(float) for x in (time.rated, time.stars, time.squares, time.rated**2)
    )
    mean, variance = np.full((2, len(n)), np.nan)
    np.divide(total, n, out=mean, where=n > 0)
    np.divide(np.maximum(squares - total * mean, 0), n * (n - 1), out=variance, where=n > 1)
    half = t.ppf((1 + confidence) / 2, np.maximum(n - 1, 1)) * np.sqrt(
        variance + spread * uneven / np.maximum(n, 1) ** 2
    )
    low, high = np.maximum(mean - half, 1.0), np.minimum(mean + half, 5.0)
    return n.astype(np.int64), mean, np.minimum(low, mean), np.maximum(high, mean)


def volume_levels(time: Timeline, edges: Ints, spread: float, confidence: float) -> tuple[Ints, Floats, Floats, Floats]:
    """Return for each stretch the reviews and the reviews in 30 days with interval, on the square-root scale."""
    from scipy.stats import norm

    n = np.add.reduceat(time.reviews, edges[:-1])
    days = np.add.reduceat(time.days, edges[:-1])
    rate = n * 30 / days
    uneven = np.add.reduceat(time.days**2, edges[:-1]) / days**2
    half = norm.ppf((1 + confidence) / 2) * np.sqrt(0.25 * 30 / days + spread * uneven)
    root = np.sqrt((n + 3 / 8) * 30 / days)
    low, high = np.maximum(root - half, 0) ** 2, (root + half) ** 2
    return n, rate, np.minimum(low, rate), np.maximum(high, rate)
