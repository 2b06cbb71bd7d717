"""Shares of the benchmark's two sides, standardised to one mix of categories, and the test of their difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from voc.config import InsightsConfig
from voc.insights.arrays import Floats, Ints, Mask
from voc.insights.index import Index
from voc.insights.intervals import SMALL_EXPECTED, difference_p

#: A side with at least this many degrees of freedom between its products is compared as a brand.
MIN_FREEDOM = 2.0


@dataclass(frozen=True)
class Side:
    """One side's compared reviews by product."""

    counts: Floats  # (products, groups), reviews that mention the group
    sizes: Floats  # (products,), reviews
    stratum: Ints  # (products,), position of its category
    reviews: Floats  # (categories,)

    @classmethod
    def of(cls, index: Index, mask: Mask, pairs: tuple[Ints, Ints], kept: Ints, category: Any, both: Any) -> Side:
        """Count one side's reviews.

        Args:
            index: the facts as arrays.
            mask: the side's compared reviews, shape (n_reviews,).
            pairs: which reviews mention which groups (row, group), each pair once.
            kept: the groups to count, in ascending order.
            category: of each product of the index.
            both: the categories that are compared, sorted.
        """
        codes, product = np.unique(index.product.codes[mask], return_inverse=True)
        place = np.full(index.size, -1)
        place[mask] = product.ravel()
        column = np.full(int(max(pairs[1].max(initial=0), kept.max(initial=0))) + 1, -1)
        column[kept] = np.arange(len(kept))
        use = mask[pairs[0]] & (column[pairs[1]] >= 0)
        key = place[pairs[0][use]] * len(kept) + column[pairs[1][use]]
        counts = np.bincount(key, minlength=len(codes) * len(kept)).reshape(len(codes), len(kept)).astype(float)
        sizes = np.bincount(place[mask], minlength=len(codes)).astype(float)
        stratum = np.searchsorted(both, category[codes])
        return cls(counts, sizes, stratum, np.bincount(stratum, weights=sizes, minlength=len(both)).astype(float))

    def freedom(self, weight: Floats) -> float:
        """Return the effective number of products (Kish 1965) less the categories they fall into.

        Args:
            weight: of each category in the standard mix, shape (categories,).
        """
        part = (weight / np.maximum(self.reviews, 1))[self.stratum] * self.sizes
        return float(part.sum() ** 2 / max((part**2).sum(), 1e-300)) - len(np.unique(self.stratum))


@dataclass(frozen=True)
class Share:
    """Standardised shares of one side; arrays of shape (groups,)."""

    share: Floats
    effective: Floats  # reviews that would tell as much if they were independent
    adjusted: Floats  # the same, less for the few products the spread is known from
    freedom: float  # degrees of freedom between products; infinite for "these very products"

    @classmethod
    def of(cls, side: Side, weight: Floats, config: InsightsConfig) -> Share:
        """Return a side's shares as `rivals` explains them, NaN where the side has no reviews.

        Args:
            side: its reviews by product.
            weight: of each category in the standard mix, shape (categories,); they add up to 1, or are all 0.
            config: confidence level.
        """
        from scipy.stats import norm, t

        size = side.counts.shape[1]
        if not len(side.sizes) or not weight.any():
            return cls(np.full(size, np.nan), np.zeros(size), np.zeros(size), np.inf)
        each = weight / np.maximum(side.reviews, 1)  # a review's weight, by category
        total = np.zeros((len(weight), size))
        np.add.at(total, side.stratum, side.counts)
        by_category = total / np.maximum(side.reviews, 1)[:, None]
        share = weight @ by_category
        independent = (weight * each) @ (by_category * (1 - by_category))
        variance, freedom = independent, side.freedom(weight)
        excess = 1.0
        if freedom >= MIN_FREEDOM:
            products = np.bincount(side.stratum, minlength=len(weight))[side.stratum]
            # A category with one product has no spread of its own: it is taken about the mean of all.
            centre = np.where((products > 1)[:, None], by_category[side.stratum], share)
            residual = each[side.stratum][:, None] * (side.counts - side.sizes[:, None] * centre)
            between = (products / np.maximum(products - 1, 1)) @ residual**2
            excess = max(1.0, float(between.sum() / max(independent.sum(), 1e-300)))
            variance = np.maximum(between, independent * (1 + excess) / 2)
        else:
            freedom = np.inf
        most = 1 / (weight * each).sum()
        effective = np.divide(share * (1 - share), variance, out=np.full(size, most / excess), where=variance > 0)
        effective = np.minimum(effective, side.sizes.sum())
        tail = (1 + config.confidence) / 2
        return cls(share, effective, effective * (norm.ppf(tail) / t.ppf(tail, freedom)) ** 2, freedom)


def no_difference_p(ours: Share, theirs: Share) -> Floats:
    """Return p-values of "no difference", shape (groups,), as `rivals` explains them; NaN where there is no test."""
    from scipy.stats import t

    a, n, b, m = ours.share, ours.effective, theirs.share, theirs.effective
    pooled = np.divide(a * n + b * m, n + m, out=np.zeros_like(n), where=n + m > 0)
    testable = (n > 0) & (m > 0) & (pooled > 0) & (pooled < 1)
    n, m = np.where(testable, n, 1), np.where(testable, m, 1)
    z = np.where(testable, (a - b) / np.sqrt(np.maximum(pooled * (1 - pooled), 1e-12) * (1 / n + 1 / m)), np.nan)
    freedom = (1 / n + 1 / m) ** 2 / np.maximum(1 / (n**2 * ours.freedom) + 1 / (m**2 * theirs.freedom), 1e-12)
    p = 2 * t.sf(np.abs(z), freedom)
    small = testable & (np.minimum(n, m) * np.minimum(pooled, 1 - pooled) < SMALL_EXPECTED)
    n, m = np.round(ours.adjusted[small]), np.round(theirs.adjusted[small])
    exact = difference_p(np.round(a[small] * n), n, np.round(b[small] * m), m)
    p[small] = np.fmax(p[small], exact)
    return np.asarray(p)
