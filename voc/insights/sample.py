"""Rated reviews and the groups they mention: what star impacts are computed from and the bootstrap draws from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from voc.insights.arrays import Floats, Ints, Mask, distinct

if TYPE_CHECKING:
    from voc.insights.index import Index, Pairs

#: From this effective number of products on, the bootstrap draws products instead of single reviews.
PRODUCTS_TO_DRAW = 10.0


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

    def only(self, kept: Mask) -> Sample:
        """Return the same reviews with only some groups, renumbered in their order; `kept` has shape (size,)."""
        place = np.where(kept, np.cumsum(kept) - 1, -1)
        use = kept[self.group]
        return Sample(self.stars, self.product, self.row[use], place[self.group[use]], int(kept.sum()))


def rated_sample(index: Index, base: Mask, pairs: Pairs, kept: Ints) -> Sample:
    """Return the reviews of `base` that have stars, own or predicted, with those groups of `pairs` that are kept.

    Args:
        index: the facts as arrays.
        base: the reviews that count, shape (n_reviews,).
        pairs: which reviews mention which groups.
        kept: numbers of groups, in ascending order; the first becomes group 0 of the sample.
    """
    rated = base & ~np.isnan(index.stars)
    position = np.cumsum(rated) - 1
    number_of = np.full(pairs.size, -1)
    number_of[kept] = np.arange(len(kept))
    use = rated[pairs.row] & (number_of[pairs.group] >= 0)
    return Sample(
        stars=index.stars[rated],
        product=index.product.codes[rated],
        row=position[pairs.row[use]],
        group=number_of[pairs.group[use]],
        size=len(kept),
    )


@dataclass(frozen=True)
class Cells:
    """Reviews that are alike (product, stars, groups) counted together: the bootstrap need not tell them apart."""

    product: Ints  # (cells,), sorted
    stars: Floats  # (cells,)
    count: Ints  # (cells,), reviews in each cell
    groups: Any  # csc_array of shape (cells, size), 1 where the cell mentions the group

    @classmethod
    def of(cls, sample: Sample) -> Cells:
        """Count the alike reviews of a sample; the result does not depend on their order."""
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
        key = distinct(cell[sample.row] * sample.size + sample.group)
        entries = (np.ones(len(key)), np.divmod(key, sample.size))
        groups = csc_array(entries, shape=(len(first), sample.size))
        return cls(product[first], stars[first], np.diff(np.append(first, n)), groups)

    @property
    def product_starts(self) -> Ints:
        """The first cell of each product, shape (products,)."""
        return np.flatnonzero(np.append(True, np.diff(self.product) != 0))

    def adding_products(self) -> Any:
        """Return the csr_array of shape (products, cells) that adds up the reviews of each product."""
        from scipy.sparse import csr_array

        starts, cells = self.product_starts, len(self.count)
        entries = (self.count.astype(float), np.arange(cells), np.append(starts, cells))
        return csr_array(entries, shape=(len(starts), cells))


def effective_products(product: Ints) -> float:
    """Return how many products of equal size would weigh like these (Kish 1965): (sum n)^2 / sum n^2; 0 for none."""
    if not len(product):
        return 0.0
    sizes = np.unique(product, return_counts=True)[1].astype(float)
    return float(sizes.sum() ** 2 / (sizes**2).sum())
