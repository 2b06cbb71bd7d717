"""A second opinion beside the headline: star impacts that don't count the same stars twice where themes occur together.

The headline (`voc.insights.impact`) gives every theme all the stars that go with it, also those that go with another
theme named in the same reviews. Here the stars are regressed on all ranked themes at once; what a theme keeps when the
others are held equal is its adjusted star impact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.facts import Facts
from voc.insights.impact import (
    _BLOCK,
    PRODUCTS_TO_DRAW,
    Draws,
    Floats,
    Ints,
    Sample,
    _Cells,
    bca_interval,
    effective_products,
    star_impact,
)
from voc.insights.index import Mask
from voc.insights.ranking import _sample
from voc.insights.scope import Scope, population, select
from voc.tables.compared import ADJUSTED

#: Bootstrap replicates where a replicate is dear: thousands of reviews to draw need no finer bounds ...
FEW_REPLICATES = 400
#: ... and so many numbers are worked on at most before a scope has to do with fewer than `config.bootstrap`.
_WORK = 8_000_000
#: From so many reviews on, each is drawn a Poisson number of times instead of all a set number of times: much faster,
#: and the same for large samples (Hanley and MacGibbon 2006).
POISSON_FROM = 10_000
#: Poisson probabilities of mean 1 are rounded to this many equal chances, so that a table of them can be looked up.
_CHANCES = 2**16
#: Headline and adjusted impact disagree strongly from this share of the larger of the two on.
STRONG = 0.25
#: A theme is named in `shared_with` when at least this share of the disagreement goes to it.
NAMED_FROM = 0.25
#: From this variance inflation on, a theme is hardly ever mentioned without the others (Marquardt 1970).
INFLATED = 10.0


def adjusted_impacts(facts: Facts, scope: Scope, *, config: InsightsConfig) -> pa.Table:
    """Return the star impact of each ranked theme with the other themes held equal.

    Ridge regression (Hoerl and Kennard 1970) of stars on one indicator per ranked theme, over the rated reviews that
    the headline is computed over. A theme's adjusted impact is the share of reviews that mention it times the stars
    that such a review lacks, other themes equal; with a single theme and no penalty it is the headline. The adjusted
    impacts add up exactly to the fitted mean rating of a review without any theme, minus the mean of all; headlines
    do not add up. The penalty is chosen by generalised cross-validation (`chosen_penalty`) and kept in all bootstrap
    replicates. The bootstrap draws reviews, or whole products where the headline does, and intervals are BCa; they
    don't hold the small pull towards 0 that a penalty of `penalty` reviews has on a theme of few reviews, and so run a
    little short in scopes of a few hundred reviews.

    The difference to the headline is divided among the other themes (Gelbach 2016, When do covariates matter?): to
    theme j goes its coefficient times how much oftener j is mentioned with the theme than without; that adds up but
    for the pull of the penalty. `disagrees` is true where the difference is at least `STRONG` of the larger figure and
    its interval excludes 0; then `shared_with` names the themes to which at least `NAMED_FROM` of the difference goes.

    What it does not mean: an adjusted impact is no gain if the theme were fixed. Other themes are held equal, but not
    what no theme speaks of, such as the price paid; and where one trouble brings another about ("battery dead" -
    "does not switch on"), holding the second equal takes away stars that the first cost by way of it.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: least number of reviews of a theme, confidence level, replicates (see `Regression.bootstrap`), seed.

    Returns:
        A table with the schema `ADJUSTED`, largest adjusted impact first; empty where no theme is ranked.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index, pairs = facts.index, facts.index.theme_pairs
    base = population(index, select(facts, scope))
    kept = np.flatnonzero(pairs.counts(base) >= config.min_reviews)
    if not len(kept):
        return ADJUSTED.empty_table()
    sample = _sample(index, base, pairs, kept)
    impact = star_impact(sample)
    rows: list[dict[str, Any]] = [
        {
            "theme_id": index.themes[k].id,
            "name": index.themes[k].name,
            "area": index.themes[k].area,
            "rated": int(impact.rated[i]),
            "share": impact.rated[i] / len(sample.stars) if len(sample.stars) else None,
            "disagrees": False,
            "shared_with": [],
            "shared_with_ids": [],
            "reason": _unknown(sample, int(impact.rated[i])),
        }
        for i, k in enumerate(kept.tolist())
    ]
    known = np.array([row["reason"] is None for row in rows])
    if known.any():
        _fill([row for row in rows if row["reason"] is None], _only(sample, known), impact.impact[known], config)
    rows.sort(key=lambda r: (-r.get("adjusted_impact", -np.inf), r["theme_id"]))
    for rank, row in enumerate(rows, start=1):
        row["rank"] = rank
    return pa.Table.from_pylist(rows, schema=ADJUSTED)


def _unknown(sample: Sample, rated: int) -> str | None:
    n = len(sample.stars)
    if rated == 0:
        return "no review that mentions it has a rating"
    if rated == n:
        return "every rated review mentions it, so there is nothing to compare with"
    if np.ptp(sample.stars) == 0:
        return "all ratings are equal"
    return None


def _only(sample: Sample, known: Mask) -> Sample:
    place = np.where(known, np.cumsum(known) - 1, -1)
    use = known[sample.group]
    return Sample(sample.stars, sample.product, sample.row[use], place[sample.group[use]], int(known.sum()))


def _fill(rows: list[dict[str, Any]], sample: Sample, headline: Floats, config: InsightsConfig) -> None:
    regression = Regression.of(sample)
    fit = regression.fit(regression.chosen_penalty())
    estimate = -fit.share * fit.coefficient
    drawn = regression.bootstrap(fit.penalty, replicates=config.bootstrap, seed=config.seed)
    # A replicate without the theme has no stars to give it.
    values = -drawn.share * np.nan_to_num(drawn.coefficient)
    draws = Draws(values, regression.skew(fit, of_share=True), drawn.by_product)
    low, high = bca_interval(estimate, draws, config.confidence)
    gap = headline - estimate
    moved = Draws(np.nan_to_num(drawn.headline) - values, np.zeros(len(gap)), drawn.by_product)
    gap_low, gap_high = bca_interval(gap, moved, config.confidence)
    large = np.abs(gap) >= STRONG * np.maximum(np.abs(headline), np.abs(estimate))
    disagrees = large & ((gap_low > 0) | (gap_high < 0))
    parts, inflation = shared_stars(fit), regression.inflation(fit)
    for i, row in enumerate(rows):
        row.update(
            star_impact=float(headline[i]),
            per_review=float(-fit.coefficient[i]),
            adjusted_impact=float(estimate[i]),
            adjusted_low=float(low[i]),
            adjusted_high=float(high[i]),
            shared=float(gap[i]),
            disagrees=bool(disagrees[i]),
            penalty=fit.penalty,
        )
        if disagrees[i]:
            to = parts[i] / gap[i]
            others = [j for j in np.argsort(-to, kind="stable").tolist() if j != i and to[j] >= NAMED_FROM]
            row["shared_with"] = [rows[j]["name"] for j in others]
            row["shared_with_ids"] = [rows[j]["theme_id"] for j in others]
        if inflation[i] >= INFLATED:
            row["reason"] = "hardly ever mentioned apart from other themes: how the stars divide among them is unsure"


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

    cells: Any  # alike reviews, as the headline's bootstrap counts them
    sums: Any  # sparse, shape (columns, units)
    times: Floats  # how often each unit is there, shape (units,)
    drawn: int  # units drawn in a replicate
    pair: Ints  # (size, size), the number of each pair
    starts: Ints | None  # where products start among the cells, if whole products are drawn

    @classmethod
    def of(cls, sample: Sample) -> Regression:
        """Count alike reviews together and list the pairs of groups that occur together."""
        from scipy.sparse import csr_array, hstack

        cells, size = _Cells.of(sample), sample.size
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
        new = np.append(True, np.diff(cells.product) != 0)
        starts = np.flatnonzero(new)
        adding = csr_array((count, (np.cumsum(new) - 1, np.arange(len(count)))), shape=(len(starts), len(count)))
        sums, once = csr_array((adding @ sums).T), np.ones(len(starts))
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
        step = max(1, _BLOCK // each)
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
        """Return the acceleration for `bca_interval` (Efron 1987, equation 7.3), shape (size,).

        Args:
            fit: the regression on all reviews.
            of_share: of share x coefficient; else of the coefficient.
        """
        cells, mean = self.cells, fit.share @ fit.inverse
        left = cells.stars - fit.intercept - cells.groups @ fit.coefficient
        skew = np.zeros(self.size)
        step = max(1, _BLOCK // 4 // len(left))
        for start in range(0, self.size, step):
            part = slice(start, start + step)
            moved = fit.reviews * left[:, None] * (cells.groups @ fit.inverse[:, part] - mean[part])
            if of_share:
                moved = fit.share[part] * moved + fit.coefficient[part] * (
                    cells.groups[:, part].toarray() - fit.share[part]
                )
            moved -= cells.count @ moved / fit.reviews
            skew[part] = _sixth_of_skewness(moved, cells.count, self.starts)
        return skew

    def inflation(self, fit: Fit) -> Floats:
        """Return the variance inflation factors, the diagonal of the inverse correlation matrix, shape (size,)."""
        spread = np.sqrt(np.diag(fit.normal))
        return np.asarray(np.diag(np.linalg.inv(fit.normal / np.outer(spread, spread) + 1e-9 * np.eye(self.size))))


def shared_stars(fit: Fit) -> Floats:
    """Return the stars of group i's headline that go with group j: row i, column j, shape (size, size)."""
    oftener = fit.normal / np.diag(fit.normal)[:, None]  # share of j among reviews with i, minus among those without
    return -fit.share[:, None] * oftener * fit.coefficient


def _sixth_of_skewness(influence: Floats, count: Ints, starts: Ints | None) -> Floats:
    if starts is None:
        squares, cubes = count @ influence**2, count @ influence**3
    else:
        added = np.add.reduceat(influence * count[:, None], starts, axis=0)
        squares, cubes = (added**2).sum(axis=0), (added**3).sum(axis=0)
    return np.divide(cubes, 6 * squares**1.5, out=np.zeros(len(squares)), where=squares > 1e-12)


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
    return tuple(np.concatenate(x or nothing).astype(np.int64) for x in (rows, one, other))  # type: ignore[return-value]
