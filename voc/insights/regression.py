"""Stars regressed on the groups that reviews mention, by ridge, and what a bootstrap of that says of each group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from voc.insights.arrays import Floats, Ints
from voc.insights.impact import FLOATS_AT_ONCE, acceleration
from voc.insights.sample import PRODUCTS_TO_DRAW, Cells, Sample, effective_products

#: Bootstrap replicates where a replicate is dear: thousands of reviews to draw need no finer bounds ...
FEW_REPLICATES = 400
#: ... and so many numbers are worked on at most before a scope has to do with fewer than `config.bootstrap`.
_WORK = 8_000_000
#: From so many reviews on, each is drawn a Poisson number of times instead of all a set number of times: much faster,
#: and the same for large samples (Hanley and MacGibbon 2006).
POISSON_FROM = 10_000
#: Poisson probabilities of mean 1 are rounded to this many equal chances, so that a table of them can be looked up.
_CHANCES = 2**16


@dataclass(frozen=True)
class Fit:
    """A regression of stars on indicators; arrays have shape (size,) unless said otherwise."""

    penalty: float
    reviews: float
    share: Floats  # of the reviews that mention each group
    coefficient: Floats  # stars that a review with the group has more, the others equal
    intercept: float  # fitted mean of reviews that mention none
    normal: Floats  # (size, size), centred X'X
    inverse: Floats  # (size, size), of `normal` with the penalty on its diagonal


@dataclass(frozen=True)
class Replicates:
    """Bootstrap replicates, each of shape (replicates, size)."""

    share: Floats
    coefficient: Floats  # NaN where a replicate has no review with the group, or none without it
    headline: Floats  # star impact of the group taken alone; 0 without a review, NaN with no review without it
    by_product: bool


@dataclass(frozen=True)
class Regression:
    """Stars regressed on group indicators, from sums over what the bootstrap draws: alike reviews, or products.

    The rows of `sums` are the number of reviews, their stars, then for each group the stars of its reviews, then for
    each pair of groups the reviews with both: first each group with itself, last of all no pair, which is 0.
    """

    cells: Cells  # alike reviews, as the headline's bootstrap counts them
    sums: Any  # sparse, shape (columns, units)
    times: Floats  # how often each unit is there, shape (units,)
    drawn: int  # units drawn in a replicate
    pair: Ints  # (size, size), the number of each pair
    starts: Ints | None  # where products start among the cells, if whole products are drawn

    @classmethod
    def of(cls, sample: Sample) -> Regression:
        """Count alike reviews together and list the pairs of groups that occur together."""
        from scipy.sparse import csr_array, hstack

        cells, size = Cells.of(sample), sample.size
        count = cells.count.astype(float)
        groups = csr_array(cells.groups)
        groups.sort_indices()
        cell, one, other = _pairs_within(groups.indptr, groups.indices)
        key, place = np.unique(one * size + other, return_inverse=True)
        together = csr_array((np.ones(len(cell)), (cell, place.ravel())), shape=(len(count), len(key) + 1))
        whole = csr_array(np.stack([np.ones(len(count)), cells.stars], axis=1))
        sums = hstack([whole, groups * cells.stars[:, None], groups, together], format="csr")
        pair = np.full((size, size), size + len(key))
        np.fill_diagonal(pair, np.arange(size))
        pair[key // size, key % size] = pair[key % size, key // size] = size + np.arange(len(key))
        if effective_products(sample.product) < PRODUCTS_TO_DRAW:
            return cls(cells, csr_array(sums.T), count, int(count.sum()), pair, None)
        starts = cells.product_starts
        sums, once = csr_array((cells.adding_products() @ sums).T), np.ones(len(starts))
        return cls(cells, sums, once, len(starts) - 1, pair, starts)

    @property
    def size(self) -> int:
        """The number of groups."""
        return int(self.cells.groups.shape[1])

    def _weights(self, rng: np.random.Generator, rows: int) -> Floats:
        """Return how often each unit is drawn in each of some replicates, shape (units, rows)."""
        from scipy.stats import poisson

        if self.drawn < POISSON_FROM:
            drawn = rng.multinomial(self.drawn, self.times / self.times.sum(), size=rows)
            return np.ascontiguousarray(drawn.T, np.float64)
        bounds = np.rint(poisson.cdf(np.arange(12), 1.0) * _CHANCES).astype(np.int64)
        table = np.repeat(np.arange(12.0), np.diff(bounds, prepend=0))
        weights = table[rng.integers(0, _CHANCES, size=(len(self.times), rows), dtype=np.uint16)]
        several = self.times > 1.5
        weights[several] = rng.poisson(self.times[several, None], size=(int(several.sum()), rows))
        return np.asarray(weights)

    def _equations(self, weights: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Return the sums that a regression with an intercept needs, for weights of shape (units, r).

        Returns:
            Reviews (r, 1), stars (r, 1), reviews with each group (r, size), centred X'X (r, size, size), centred X'y
            (r, size).
        """
        size = self.size
        sums = (self.sums @ weights).T
        n, total, stars, together = sums[:, :1], sums[:, 1:2], sums[:, 2 : 2 + size], sums[:, 2 + size :]
        count = together[:, :size]
        normal = np.take(together, self.pair, axis=1)
        normal -= count[:, :, None] * (count / n)[:, None, :]
        return n, total, count, normal, stars - count * (total / n)

    def chosen_penalty(self) -> float:
        """Return the ridge penalty with the least generalised cross-validation error, in reviews.

        GCV(k) = n RSS(k) / (n - trace of the hat matrix)^2 (Golub, Heath and Wahba 1979), least over k = 0.01 ..
        10,000 on a grid of 20 steps per factor of ten. A theme of m reviews that seldom occurs with others keeps about
        m / (m + k) of its coefficient.
        """
        n, total, _, normal, right = (x[0] for x in self._equations(self.times[:, None]))
        squares = float(self.cells.count @ self.cells.stars**2) - float(total[0] ** 2 / n[0])
        values, vectors = np.linalg.eigh(normal)
        values = np.maximum(values, 0.0)
        turned = (vectors.T @ right) ** 2
        grid = np.logspace(-2, 4, 121)
        penalised = values + grid[:, None]
        residual = squares - (turned * (values + 2 * grid[:, None]) / penalised**2).sum(axis=1)
        freedom = n[0] - 1 - (values / penalised).sum(axis=1)
        error = np.full(len(grid), np.inf)
        some = freedom > 1e-9
        error[some] = np.maximum(residual[some], 0.0) / freedom[some] ** 2
        return float(grid[int(np.argmin(error))])

    def fit(self, penalty: float) -> Fit:
        """Return the regression on all reviews."""
        n, total, count, normal, right = (x[0] for x in self._equations(self.times[:, None]))
        inverse = np.linalg.inv(normal + penalty * np.eye(self.size))
        coefficient, share = inverse @ right, count / n
        intercept = float(total[0] / n[0] - share @ coefficient)
        return Fit(penalty, float(n[0]), share, coefficient, intercept, normal, inverse)

    def bootstrap(self, penalty: float, *, replicates: int, seed: int) -> Replicates:
        """Return replicates of the regression; which units are drawn is said in `voc.insights.impact.bootstrap`.

        Of large scopes, where each replicate is dear and the bounds are steady, no more than `FEW_REPLICATES` are made.
        """
        each = max(len(self.times), self.size**2, self.sums.shape[0])
        replicates = min(replicates, max(FEW_REPLICATES, _WORK // each))
        rng = np.random.default_rng(seed)
        share, coefficient, headline = (np.empty((replicates, self.size)) for _ in range(3))
        step = max(1, FLOATS_AT_ONCE // each)
        for start in range(0, replicates, step):
            block = slice(start, min(start + step, replicates))
            rows = block.stop - start
            n, _, count, normal, right = self._equations(self._weights(rng, rows))
            unclear = (count < 0.5) | (count > n - 0.5)
            # With nothing to compare, a group's row and column of the normal matrix are zero.
            normal += np.eye(self.size) * (penalty + unclear[:, None, :])
            solved = np.linalg.solve(normal, right[:, :, None])[:, :, 0]
            share[block] = count / n
            coefficient[block] = np.where(unclear, np.nan, solved)
            alone = np.divide(-right, n - count, out=np.full(count.shape, np.nan), where=count < n - 0.5)
            headline[block] = np.where(count < 0.5, 0.0, alone)
        return Replicates(share, coefficient, headline, self.starts is not None)

    def skew(self, fit: Fit, *, of_share: bool) -> Floats:
        """Return the acceleration for `bca_interval` (Efron 1987), shape (size,).

        Args:
            fit: the regression on all reviews.
            of_share: of share x coefficient; else of the coefficient.
        """
        cells, mean = self.cells, fit.share @ fit.inverse
        left = cells.stars - fit.intercept - cells.groups @ fit.coefficient
        skew = np.zeros(self.size)
        step = max(1, FLOATS_AT_ONCE // 4 // len(left))
        for start in range(0, self.size, step):
            part = slice(start, start + step)
            moved = fit.reviews * left[:, None] * (cells.groups @ fit.inverse[:, part] - mean[part])
            if of_share:
                moved = fit.share[part] * moved + fit.coefficient[part] * (
                    cells.groups[:, part].toarray() - fit.share[part]
                )
            moved -= cells.count @ moved / fit.reviews
            skew[part] = acceleration(moved, cells.count, self.starts)
        return skew

    def inflation(self, fit: Fit) -> Floats:
        """Return the variance inflation factors, the diagonal of the inverse correlation matrix, shape (size,)."""
        spread = np.sqrt(np.diag(fit.normal))
        return np.asarray(np.diag(np.linalg.inv(fit.normal / np.outer(spread, spread) + 1e-9 * np.eye(self.size))))


def _pairs_within(starts: Ints, groups: Ints) -> tuple[Ints, Ints, Ints]:
    """Return every pair of two groups of a row as (row, smaller, larger), from the rows of a sorted sparse matrix."""
    length = np.diff(starts)
    rows, one, other = [], [], []
    for size in np.unique(length[length > 1]).tolist():
        chosen = np.flatnonzero(length == size)
        members = groups[starts[chosen][:, None] + np.arange(size)]
        i, j = np.triu_indices(size, 1)
        rows.append(np.repeat(chosen, len(i)))
        one.append(members[:, i].ravel())
        other.append(members[:, j].ravel())
    nothing = [np.empty(0, np.int64)]
    row, smaller, larger = (np.concatenate(x or nothing).astype(np.int64) for x in (rows, one, other))
    return row, smaller, larger
