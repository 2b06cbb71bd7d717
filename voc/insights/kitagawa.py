"""Kitagawa's two parts of a change between two groups of reviews, their bootstrap replicates and acceleration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voc.insights.index import Floats, Ints

#: A binomial of at least this variance is drawn by way of the normal.
_MANY = 8.0


@dataclass(frozen=True)
class Side:
    """One phase: reviews by segment, what they add up to, and the same for bootstrap replicates.

    `squares` and `cubes` are the central moments of a review's value within its segment (mean of them).
    """

    size: Ints  # (segments,)
    value: Floats  # (segments, k), sums of the values
    mentions: Ints  # (k,), reviews behind the figure
    squares: Floats  # (segments, k)
    cubes: Floats
    drawn_size: Floats  # (replicates, segments)
    drawn_value: Floats  # (replicates, segments, k)


def share_side(size: Ints, mention: Ints, replicates: int, rng: np.random.Generator) -> Side:
    """Return the phase for shares: draws of reviews, as counts by segment and of mentions within it."""
    n = int(size.sum())
    share = np.divide(mention, size[:, None], out=np.zeros(mention.shape), where=size[:, None] > 0)
    drawn = rng.multinomial(n, size / max(n, 1), size=replicates) if n else np.zeros((replicates, len(size)), np.int64)
    value = _binomial(drawn[:, :, None], share, rng)
    spread = share * (1 - share)
    return Side(
        size, mention.astype(float), mention.sum(axis=0), spread, spread * (1 - 2 * share),
        drawn.astype(float), value,
    )  # fmt: skip


def _binomial(n: Ints, share: Floats, rng: np.random.Generator) -> Floats:
    """Draw how many of `n`, shape (replicates, segments, 1), are hits at `share` (segments, k).

    Where hits and misses are many, that is the whole number nearest to a draw from the normal, bent to a binomial's
    skewness (Cornish and Fisher 1938): a tenth of the work, and each number comes as often as it should to 0.3 %.

    Returns:
        Counts, shape (replicates, segments, k).
    """
    spread = n * (share * (1 - share))
    many = spread.min(axis=0, initial=np.inf) >= _MANY
    # Rounding adds a twelfth to the variance.
    spread = np.sqrt(np.maximum(spread - 1 / 12, 0.0))
    z = rng.standard_normal(spread.shape)
    value = np.rint(n * share + spread * z + (z * z - 1) * ((1 - 2 * share) / 6))
    np.clip(value, 0, n, out=value)
    segment, of = np.nonzero(~many)
    value[:, segment, of] = rng.binomial(n[:, segment, 0], share[segment, of])
    return value


def rating_side(codes: Ints, stars: Floats, size: int, replicates: int, rng: np.random.Generator) -> Side:
    """Return the phase for the mean rating: draws of reviews, those alike in segment and stars counted together.

    Alike are stars of the same tenth, as predicted ones are known no better; a cell stands for the mean of its own.
    """
    tenths = np.rint(stars * 10).astype(np.int64)
    width = int(tenths.max(initial=0)) + 1
    key = codes * width + tenths
    cells, sums = (np.bincount(key, weights, minlength=size * width) for weights in (None, stars))
    n = len(stars)
    levels = np.divide(sums, cells, out=np.zeros(len(cells)), where=cells > 0)
    total = cells.reshape(size, width).sum(axis=1)
    value = sums.reshape(size, width).sum(axis=1)
    apart = stars - np.divide(value, total, out=np.zeros(size), where=total > 0)[codes]
    moments = [
        np.divide(np.bincount(codes, apart**k, minlength=size), total, out=np.zeros(size), where=total > 0)
        for k in (2, 3)
    ]
    some = np.flatnonzero(cells)
    drawn_size, drawn_value = np.zeros((replicates, size)), np.zeros((replicates, size))
    if n:
        drawn = rng.multinomial(n, cells[some] / n, size=replicates).astype(float)
        of = np.equal.outer(some // width, np.arange(size)).astype(float)
        drawn_size, drawn_value = drawn @ of, drawn @ (of * levels[some][:, None])
    return Side(
        total, value[:, None], np.array([n]), moments[0][:, None], moments[1][:, None],
        drawn_size, drawn_value[:, :, None],
    )  # fmt: skip


def parts_of(size: tuple[Floats, Floats], value: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return the two parts, (..., k); `size` (..., segments) and `value` (..., segments, k) are counts and sums."""
    weight = [n / n.sum(axis=-1, keepdims=True) for n in size]
    rates = _rates(size, value)
    half = ((weight[0] + weight[1]) / 2)[..., None], (weight[1] - weight[0])[..., None]
    return (half[0] * (rates[1] - rates[0])).sum(axis=-2), (half[1] * (rates[0] + rates[1]) / 2).sum(axis=-2)


def _rates(size: tuple[Floats, Floats], value: tuple[Floats, Floats]) -> list[Floats]:
    """Return the mean within each segment; of a segment that a phase lacks, that of the other phase."""
    known = [
        np.divide(v, n[..., None], out=np.zeros(v.shape), where=n[..., None] > 0)
        for n, v in zip(size, value, strict=True)
    ]
    return [np.where(size[i][..., None] > 0, known[i], known[1 - i]) for i in (0, 1)]


def acceleration(first: Side, second: Side, signs: tuple[int, int]) -> Floats:
    """Return the acceleration of `signs[0]` times within plus `signs[1]` times mix, shape (k,).

    A review's influence is that of its segment, from its weight, plus a slope times how far its own value lies from
    its segment's mean; all moments follow from those of the segments.
    """
    sizes = first.size.astype(float), second.size.astype(float)
    rates = _rates(sizes, (first.value, second.value))
    weight = [n / n.sum() for n in sizes]
    met = (sizes[0] > 0) & (sizes[1] > 0)
    gap, level = rates[1] - rates[0], (rates[0] + rates[1]) / 2
    squares, cubes = np.zeros(gap.shape[1]), np.zeros(gap.shape[1])
    for i, side in enumerate((first, second)):
        way = 1 if i else -1
        own = signs[0] * gap / 2 + signs[1] * way * level
        own = own - weight[i] @ own
        slope = (signs[0] * way * (weight[0] + weight[1]) + signs[1] * (weight[1] - weight[0])) / 2
        slope = np.where(met, slope, signs[1] * way * weight[i])  # its own mean stands for both phases
        slope = np.divide(slope, weight[i], out=np.zeros(len(slope)), where=weight[i] > 0)[:, None]
        second_moment = own**2 + slope**2 * side.squares
        third_moment = own**3 + 3 * own * slope**2 * side.squares + slope**3 * side.cubes
        n = sizes[i].sum()
        squares += (weight[i] @ second_moment) / n
        cubes += (weight[i] @ third_moment) / n**2
    return np.divide(cubes, 6 * squares**1.5, out=np.zeros(len(cubes)), where=squares > 1e-20)
