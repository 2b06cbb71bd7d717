"""Sums of stars, theme indicators and their products, for many weightings of the same reviews at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from voc.insights.index import Floats, Ints, Pairs

#: Replicates of a bootstrap are at least this many, however many reviews there are.
LEAST_REPLICATES = 200
#: Reviews drawn in all replicates together, above the least; the chance of the chance shrinks with many reviews.
_DRAWN = 10_000_000
#: Floats held at once (about 16 MB: more would not stay in the processor's cache).
_BLOCK = 2_000_000


@dataclass(frozen=True)
class Side:
    """Rated reviews and the themes they mention."""

    stars: Floats  # (n,)
    themes: Any  # csr_array of shape (n, themes), 1 where the review mentions the theme
    sums: Any  # csr_array of shape (2 + 2 * themes + pairs of themes, n): the products whose weighted sums are needed
    first: Ints  # the themes of each pair that some review mentions together, first < second
    second: Ints

    @classmethod
    def of(cls, stars: Floats, pairs: Pairs, rows: Ints, themes: Ints) -> Side:
        """Return the reviews `rows` of the index with the chosen `themes`, numbered in their order."""
        from scipy.sparse import coo_array

        n, k = len(rows), len(themes)
        row_at, theme_at = np.full(len(stars), -1), np.full(max(pairs.size, 1), -1)
        row_at[rows], theme_at[themes] = np.arange(n), np.arange(k)
        row, theme = row_at[pairs.row], theme_at[pairs.group]
        chosen = (row >= 0) & (theme >= 0)
        row, theme = row[chosen], theme[chosen]  # sorted by both
        y = stars[rows]
        low, high, where = _together(row, theme)
        names, pair = np.unique(low * max(k, 1) + high, return_inverse=True)
        everyone = np.arange(n)
        entries = [
            (np.zeros(n, np.int64), everyone, np.ones(n)),
            (np.ones(n, np.int64), everyone, y),
            (2 + theme, row, np.ones(len(row))),
            (2 + k + theme, row, y[row]),
            (2 + 2 * k + pair, where, np.ones(len(where))),
        ]
        at, review, value = (np.concatenate(x) for x in zip(*entries, strict=True))
        sums = coo_array((value, (at, review)), shape=(2 + 2 * k + len(names), n)).tocsr()
        found = coo_array((np.ones(len(row)), (row, theme)), shape=(n, k)).tocsr()
        return cls(y, found, sums, names // max(k, 1), names % max(k, 1))


def _together(row: Ints, theme: Ints) -> tuple[Ints, Ints, Ints]:
    """Return every pair of themes of one review, and the review; input sorted by row and theme."""
    low, high, where = [theme[:0]], [theme[:0]], [row[:0]]
    step = 1
    while True:
        same = np.flatnonzero(row[step:] == row[:-step])
        if not len(same):
            return np.concatenate(low), np.concatenate(high), np.concatenate(where)
        low.append(theme[same])
        high.append(theme[same + step])
        where.append(row[same])
        step += 1


def moments(side: Side, weights: Floats) -> dict[str, Floats]:
    """Return weighted sums over the reviews of a side.

    Args:
        side: n reviews.
        weights: shape (n, r).

    Returns:
        `n` and `y`, the sums of weights and stars (r,); `x` and `xy`, those of each theme's reviews (r, themes); `xx`,
        the weights of reviews that mention two themes (r, themes, themes).
    """
    k = side.themes.shape[1]
    total = np.ascontiguousarray((side.sums @ weights).T)
    x = total[:, 2 : 2 + k]
    xx = np.zeros((len(total), k, k))
    xx[:, np.arange(k), np.arange(k)] = x
    xx[:, side.first, side.second] = xx[:, side.second, side.first] = total[:, 2 + 2 * k :]
    return {"n": total[:, 0], "y": total[:, 1], "x": x, "xy": total[:, 2 + k : 2 + 2 * k], "xx": xx}


def resampled(
    sides: Sequence[Side], *, replicates: int, seed: int
) -> Iterator[tuple[dict[str, Floats], dict[str, Floats]]]:
    """Yield the moments of both sides for bootstrap samples of their reviews, in blocks of replicates."""
    rng = np.random.default_rng(seed)
    sizes = [len(s.stars) for s in sides]
    count = min(replicates, max(LEAST_REPLICATES, _DRAWN // max(sum(sizes), 1)))
    themes = sides[0].themes.shape[1]
    step = max(1, _BLOCK // max(sum(sizes), 4 * themes**2))
    for start in range(0, count, step):
        rows = min(step, count - start)
        before, after = (moments(s, _drawn(n, rows, rng)) for s, n in zip(sides, sizes, strict=True))
        yield before, after


def _drawn(n: int, replicates: int, rng: np.random.Generator) -> Floats:
    """Return how often each of `n` reviews is drawn in samples of `n` with replacement, shape (n, replicates)."""
    drawn = np.empty((n, replicates))
    for i in range(replicates):
        drawn[:, i] = np.bincount(rng.integers(0, n, n), minlength=n)
    return drawn
