"""Star impact: the stars that go with a theme, and how sure that figure is.

The star impact of a theme is the scope's mean rating without the reviews that mention the theme, minus its mean rating
with them. With p the share of rated reviews that mention it, this equals p times (mean without - mean with): the
"leave-theme-out" or "key driver" impact of several review tools. It says how many stars go with the theme, not how
many would be gained if it were fixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: From this effective number of products on, the bootstrap draws products instead of single reviews.
PRODUCTS_TO_DRAW = 10.0
#: Floats held at once by a step of the bootstrap (about 64 MB).
_BLOCK = 8_000_000


@dataclass(frozen=True)
class Sample:
    """Rated reviews and the groups they mention.

    `stars` and `product` have shape (n,); `row` (a position in `stars`) and `group` have shape (k,), one entry per
    review and group. `size` is the number of groups. A product of -1 is one more product, the unknown one.
    """

    stars: Floats
    product: Ints
    row: Ints
    group: Ints
    size: int


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


@dataclass(frozen=True)
class _Cells:
    """Reviews that are alike (product, stars, groups) counted together: the bootstrap need not tell them apart."""

    product: Ints  # (cells,), sorted
    stars: Floats
    count: Ints
    groups: Any  # csc_array of shape (cells, size), 1 where the cell mentions the group

    @classmethod
    def of(cls, sample: Sample) -> _Cells:
        from scipy.sparse import csc_array

        n = len(sample.stars)
        # A random 64-bit number per group; the sum over a review's groups names its set of groups.
        names = np.random.default_rng(0).integers(0, 2**63, size=sample.size, dtype=np.uint64)
        pattern = np.zeros(n, np.uint64)
        np.add.at(pattern, sample.row, names[sample.group])
        order = np.lexsort((pattern, sample.stars, sample.product))
        product, stars, pattern = sample.product[order], sample.stars[order], pattern[order]
        new = np.ones(n, bool)
        new[1:] = (np.diff(product) != 0) | (np.diff(stars) != 0) | (pattern[1:] != pattern[:-1])
        first = np.flatnonzero(new)
        cell = np.empty(n, np.int64)
        cell[order] = np.cumsum(new) - 1
        key = np.unique(cell[sample.row] * sample.size + sample.group)
        entries = (np.ones(len(key)), np.divmod(key, sample.size))
        groups = csc_array(entries, shape=(len(first), sample.size))
        return cls(product[first], stars[first], np.diff(np.append(first, n)), groups)


def effective_products(product: Ints) -> float:
    """Return how many products of equal size would weigh like these (Kish 1965): (sum n)^2 / sum n^2; 0 for none."""
    if not len(product):
        return 0.0
    sizes = np.unique(product, return_counts=True)[1].astype(float)
    return float(sizes.sum() ** 2 / (sizes**2).sum())


def bootstrap(sample: Sample, *, replicates: int, seed: int) -> Draws:
    """Return bootstrap replicates of each group's star impact; the same for any order of the reviews.

    Where the reviews spread over at least `PRODUCTS_TO_DRAW` products (effective number), whole products are drawn
    with replacement and keep all their reviews, so that the spread between products is in the interval; of G products
    G - 1 are drawn, which makes the variance unbiased (Rao and Wu 1988, Resampling inference with complex survey
    data). With fewer products there is too little to draw from: reviews are drawn, and the interval speaks of these
    products only. A second draw of reviews within the drawn products would count their chance twice (Davison and
    Hinkley 1997, section 3.8).

    A replicate in which every review mentions a group says nothing of that group and is replaced by one that does.

    Args:
        sample: the rated reviews.
        replicates: how many to draw.
        seed: of the random numbers.
    """
    by_product = effective_products(sample.product) >= PRODUCTS_TO_DRAW
    if not len(sample.stars) or not sample.size:
        return Draws(np.zeros((replicates, sample.size)), np.zeros(sample.size), by_product)
    cells = _Cells.of(sample)
    rng = np.random.default_rng(seed)
    first = np.flatnonzero(np.append(True, np.diff(cells.product) != 0)) if by_product else None
    values = _draw_reviews(cells, replicates, rng) if first is None else _draw_products(cells, first, replicates, rng)
    _replace_undefined(values)
    return Draws(values, _acceleration(cells, first), by_product)


def _draw_reviews(cells: _Cells, replicates: int, rng: np.random.Generator) -> Floats:
    n = int(cells.count.sum())
    mentioned, stars = cells.groups.T, (cells.groups * cells.stars[:, None]).T
    out = np.empty((replicates, mentioned.shape[0]))
    step = max(1, _BLOCK // len(cells.count))
    for start in range(0, replicates, step):
        block = out[start : start + step]
        weights = rng.multinomial(n, cells.count / n, size=len(block)).astype(float)
        total = (weights @ cells.stars)[:, None]
        block[:] = _impact((mentioned @ weights.T).T, (stars @ weights.T).T, np.full_like(total, n), total)
    return out


def _draw_products(cells: _Cells, first: Ints, replicates: int, rng: np.random.Generator) -> Floats:
    from scipy.sparse import csr_array

    # Adds up the reviews of each product: shape (products, cells).
    ends = np.append(first, len(cells.count))
    adding = csr_array((cells.count.astype(float), np.arange(len(cells.count)), ends), shape=(len(first), ends[-1]))
    mentioned = (adding @ cells.groups).toarray()
    stars = (adding @ (cells.groups * cells.stars[:, None])).toarray()
    n, total = adding.sum(axis=1), adding @ cells.stars
    out = np.empty((replicates, mentioned.shape[1]))
    step = max(1, _BLOCK // len(first))
    for start in range(0, replicates, step):
        block = out[start : start + step]
        equal = np.full(len(first), 1 / len(first))
        weights = rng.multinomial(len(first) - 1, equal, size=len(block)).astype(float)
        block[:] = _impact(weights @ mentioned, weights @ stars, (weights @ n)[:, None], (weights @ total)[:, None])
    return out


def _acceleration(cells: _Cells, first: Ints | None) -> Floats:
    """Return the acceleration of the BCa interval (Efron 1987, equation 7.3), shape (size,).

    It is a sixth of the skewness of the empirical influence: each drawn unit's first-order effect on the impact. The
    units are reviews, or the products whose cells start at `first`.
    """
    n = cells.count.sum()
    weighted = cells.count * cells.stars
    mean = weighted.sum() / n
    size = cells.groups.shape[1]
    skew = np.zeros(size)
    step = max(1, _BLOCK // 4 // len(cells.count))
    for start in range(0, size, step):
        others = 1 - cells.groups[:, start : start + step].toarray()
        left = cells.count @ others
        without = np.divide(weighted @ others, left, out=np.zeros(len(left)), where=left > 0)
        influence = others * (cells.stars[:, None] - without) * (n / np.maximum(left, 1))
        influence -= (cells.stars - mean)[:, None]
        if first is None:
            squares, cubes = cells.count @ influence**2, cells.count @ influence**3
        else:
            influence = np.add.reduceat(influence * cells.count[:, None], first, axis=0)
            squares, cubes = (influence**2).sum(axis=0), (influence**3).sum(axis=0)
        some = squares > 1e-12
        skew[start : start + step][some] = cubes[some] / (6 * squares[some] ** 1.5)
    return skew


def _replace_undefined(values: Floats) -> None:
    """Fill replicates that are NaN with the defined ones of the same group, in turn (0 where there is none)."""
    bad = np.isnan(values)
    for g in np.flatnonzero(bad.any(axis=0)):
        defined = values[~bad[:, g], g]
        values[bad[:, g], g] = np.resize(defined, int(bad[:, g].sum())) if len(defined) else 0.0


def bca_interval(estimate: Floats, draws: Draws, confidence: float) -> tuple[Floats, Floats]:
    """Return bias-corrected and accelerated bootstrap intervals (Efron 1987), shape (size,).

    They hold their level for rare themes, whose impact has a skewed distribution, where plain percentiles do not.
    Each interval contains its estimate.
    """
    from scipy.stats import norm

    ordered = np.sort(draws.values, axis=0)
    count = len(ordered)
    tolerance = 1e-12
    below = (draws.values < estimate - tolerance).mean(axis=0)
    level = below + (np.abs(draws.values - estimate) <= tolerance).mean(axis=0) / 2
    shift = norm.ppf(np.clip(level, 1 / (2 * count), 1 - 1 / (2 * count)))
    bounds = []
    for tail in ((1 - confidence) / 2, (1 + confidence) / 2):
        z = shift + norm.ppf(tail)
        at = norm.cdf(shift + z / np.maximum(1 - draws.skew * z, 0.05)) * (count - 1)
        lower = np.floor(at).astype(np.int64)
        upper = np.minimum(lower + 1, count - 1)
        columns = np.arange(len(estimate))
        step = ordered[upper, columns] - ordered[lower, columns]
        bounds.append(ordered[lower, columns] + (at - lower) * step)
    return np.minimum(bounds[0], estimate), np.maximum(bounds[1], estimate)


def shrink(estimate: Floats, standard_error: Floats) -> Floats:
    """Return empirical-Bayes values: uncertain estimates move towards the mean of all, certain ones stay.

    Normal-normal model: an estimate is its true value plus noise of its standard error; true values spread normally
    around a mean, with the variance of Paule and Mandel (1982) as statsmodels computes it. The weight of an estimate
    is variance / (variance + standard_error^2). Below three estimates there is no spread to learn from, and they are
    returned as they are.

    Args:
        estimate: shape (size,).
        standard_error: shape (size,).
    """
    from statsmodels.stats.meta_analysis import combine_effects

    if len(estimate) < 3 or np.ptp(estimate) < 1e-9 or not (standard_error > 0).any():
        return estimate.copy()
    # Solved on the scale of the estimates themselves, with no error quite zero: the solver's tolerance is absolute.
    unit = float(np.ptp(estimate))
    noise = np.maximum(standard_error, 1e-4 * unit) ** 2
    with np.errstate(divide="ignore"):  # of a ratio beside it that is not used, where the certain estimates agree
        fit = combine_effects(estimate / unit, noise / unit**2, method_re="iterated")
    between = max(float(fit.tau2), 0.0) * unit**2
    centre = float(np.average(estimate, weights=1 / (between + noise)))
    return np.asarray(centre + between / (between + noise) * (estimate - centre))
