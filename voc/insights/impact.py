"""Star impact: the stars that go with a theme, and how sure that figure is.

The star impact of a theme is the scope's mean rating without the reviews that mention the theme, minus its mean rating
with them. With p the share of rated reviews that mention it, this equals p times (mean without - mean with): the
"leave-theme-out" or "key driver" impact of several review tools. It says how many stars go with the theme, not how
many would be gained if it were fixed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voc.insights.arrays import Floats, Ints
from voc.insights.sample import PRODUCTS_TO_DRAW, Cells, Sample, effective_products

#: So many floats a step of a bootstrap holds at once (about 64 MB).
FLOATS_AT_ONCE = 8_000_000


@dataclass(frozen=True)
class Impact:
    """Star impact of each group and its parts, each of shape (size,)."""

    impact: Floats
    rated: Ints  # rated reviews that mention the group
    mean_with: Floats  # NaN without such reviews
    mean_without: Floats  # NaN where all rated reviews mention the group


@dataclass(frozen=True)
class Draws:
    """Bootstrap replicates of the star impacts."""

    values: Floats  # (replicates, size)
    skew: Floats  # (size,), the acceleration of the BCa interval
    by_product: bool  # whole products were drawn

    @property
    def standard_error(self) -> Floats:
        """The bootstrap standard errors, shape (size,)."""
        return np.asarray(self.values.std(axis=0, ddof=1))


def star_impact(sample: Sample) -> Impact:
    """Return each group's star impact.

    It is 0 where it cannot be told: no rated review mentions the group, or all of them do, so that there is no mean
    without it. One more one-star review that mentions a group never lowers the group's star impact: the mean without
    is the same, and the mean of all can only fall, as no rating is below one.
    """
    n, total = len(sample.stars), sample.stars.sum()
    count = np.bincount(sample.group, minlength=sample.size)
    stars = np.asarray(np.bincount(sample.group, weights=sample.stars[sample.row], minlength=sample.size), np.float64)
    nan = np.full(sample.size, np.nan)
    return Impact(
        impact=np.nan_to_num(_impact(count, stars, np.float64(n), total), nan=0.0),
        rated=count,
        mean_with=np.divide(stars, count, out=nan.copy(), where=count > 0),
        mean_without=np.divide(total - stars, n - count, out=nan.copy(), where=count < n),
    )


def _impact(count: NDArray[np.number], stars: Floats, n: Floats | np.float64, total: Floats | np.float64) -> Floats:
    """Return mean without minus mean of all; 0 for groups nobody mentions, NaN where no review is left without."""
    left = n - count
    without = np.divide(total - stars, left, out=np.full(np.shape(stars), np.nan), where=left > 0)
    mean = np.divide(total, n, out=np.full(np.shape(n), np.nan), where=np.asarray(n) > 0)
    return np.asarray(np.where(count > 0, without - mean, 0.0))


def bootstrap(sample: Sample, *, replicates: int, seed: int) -> Draws:
    """Return bootstrap replicates of each group's star impact; the same for any order of the reviews.

    Where the reviews spread over at least `PRODUCTS_TO_DRAW` products (effective number), whole products are drawn
    with replacement and keep all their reviews, so that the spread between products is in the interval; of G products
    G - 1 are drawn, which makes the variance unbiased (Rao and Wu 1988, Resampling inference with complex survey
    data). With fewer products there is too little to draw from: reviews are drawn, and the interval speaks of these
    products only. A second draw of reviews within the drawn products would count their chance twice (Davison and
    Hinkley 1997, Bootstrap Methods and their Application, on hierarchical data).

    A replicate in which every review mentions a group says nothing of that group and is replaced by one that does.

    Args:
        sample: the rated reviews.
        replicates: how many to draw.
        seed: of the random numbers.
    """
    by_product = effective_products(sample.product) >= PRODUCTS_TO_DRAW
    if not len(sample.stars) or not sample.size:
        return Draws(np.zeros((replicates, sample.size)), np.zeros(sample.size), by_product)
    cells = Cells.of(sample)
    rng = np.random.default_rng(seed)
    starts = cells.product_starts if by_product else None
    values = (_draw_products if by_product else _draw_reviews)(cells, replicates, rng)
    fill_undefined(values)
    return Draws(values, _skew(cells, starts), by_product)


def _draw_reviews(cells: Cells, replicates: int, rng: np.random.Generator) -> Floats:
    n = int(cells.count.sum())
    mentioned, stars = cells.groups.T, (cells.groups * cells.stars[:, None]).T
    out = np.empty((replicates, mentioned.shape[0]))
    step = max(1, FLOATS_AT_ONCE // len(cells.count))
    for start in range(0, replicates, step):
        block = out[start : start + step]
        weights = rng.multinomial(n, cells.count / n, size=len(block)).astype(float)
        total = (weights @ cells.stars)[:, None]
        block[:] = _impact((mentioned @ weights.T).T, (stars @ weights.T).T, np.full_like(total, n), total)
    return out


def _draw_products(cells: Cells, replicates: int, rng: np.random.Generator) -> Floats:
    adding = cells.adding_products()
    products = adding.shape[0]
    mentioned = (adding @ cells.groups).toarray()
    stars = (adding @ (cells.groups * cells.stars[:, None])).toarray()
    n, total = adding.sum(axis=1), adding @ cells.stars
    out = np.empty((replicates, mentioned.shape[1]))
    step = max(1, FLOATS_AT_ONCE // products)
    for start in range(0, replicates, step):
        block = out[start : start + step]
        equal = np.full(products, 1 / products)
        weights = rng.multinomial(products - 1, equal, size=len(block)).astype(float)
        block[:] = _impact(weights @ mentioned, weights @ stars, (weights @ n)[:, None], (weights @ total)[:, None])
    return out


def _skew(cells: Cells, starts: Ints | None) -> Floats:
    """Return the acceleration of each group's star impact, shape (size,); `starts` as in `acceleration`."""
    n = cells.count.sum()
    weighted = cells.count * cells.stars
    mean = weighted.sum() / n
    size = cells.groups.shape[1]
    skew = np.zeros(size)
    step = max(1, FLOATS_AT_ONCE // 4 // len(cells.count))
    for start in range(0, size, step):
        others = 1 - cells.groups[:, start : start + step].toarray()
        left = cells.count @ others
        without = np.divide(weighted @ others, left, out=np.zeros(len(left)), where=left > 0)
        influence = others * (cells.stars[:, None] - without) * (n / np.maximum(left, 1))
        influence -= (cells.stars - mean)[:, None]
        skew[start : start + step] = acceleration(influence, cells.count, starts)
    return skew


def acceleration(influence: Floats, count: Ints, starts: Ints | None) -> Floats:
    """Return the acceleration of the BCa interval (Efron 1987), shape (k,).

    It is a sixth of the skewness of the empirical influence: each drawn unit's first-order effect on a figure.

    Args:
        influence: of a review of each cell on each of k figures, shape (cells, k).
        count: reviews in each cell, shape (cells,).
        starts: the first cell of each product where whole products are drawn; None where reviews are.
    """
    if starts is None:
        squares, cubes = count @ influence**2, count @ influence**3
    else:
        added = np.add.reduceat(influence * count[:, None], starts, axis=0)
        squares, cubes = (added**2).sum(axis=0), (added**3).sum(axis=0)
    return np.divide(cubes, 6 * squares**1.5, out=np.zeros(len(squares)), where=squares > 1e-12)


def fill_undefined(values: Floats) -> None:
    """Fill replicates that are NaN, in place, with the defined ones of the same group, in turn (0 where there is none).

    A replicate whose reviews all mention a group says nothing of it, and `bca_interval` needs a number of each.

    Args:
        values: shape (replicates, size).
    """
    bad = np.isnan(values)
    for g in np.flatnonzero(bad.any(axis=0)):
        defined = values[~bad[:, g], g]
        values[bad[:, g], g] = np.resize(defined, int(bad[:, g].sum())) if len(defined) else 0.0


def bca_interval(estimate: Floats, draws: Draws, confidence: float) -> tuple[Floats, Floats]:
    """Return bias-corrected and accelerated bootstrap intervals (Efron 1987), shape (size,).

    They hold their level for rare themes, whose impact has a skewed distribution, where plain percentiles do not.
    Each interval contains its estimate.
    """
    from scipy.special import ndtr, ndtri

    ordered = np.sort(draws.values, axis=0)
    count = len(ordered)
    tolerance = 1e-12
    below = (draws.values < estimate - tolerance).mean(axis=0)
    level = below + (np.abs(draws.values - estimate) <= tolerance).mean(axis=0) / 2
    shift = ndtri(np.clip(level, 1 / (2 * count), 1 - 1 / (2 * count)))
    bounds = []
    for tail in ((1 - confidence) / 2, (1 + confidence) / 2):
        z = shift + ndtri(tail)
        at = ndtr(shift + z / np.maximum(1 - draws.skew * z, 0.05)) * (count - 1)
        lower = np.floor(at).astype(np.int64)
        upper = np.minimum(lower + 1, count - 1)
        columns = np.arange(len(estimate))
        step = ordered[upper, columns] - ordered[lower, columns]
        bounds.append(ordered[lower, columns] + (at - lower) * step)
    return np.minimum(bounds[0], estimate), np.maximum(bounds[1], estimate)
