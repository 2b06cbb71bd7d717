"""Change points of a series of uneven precision: where its level moved, tested by repeating the search.

The search is `ruptures`' PELT (Killick, Fearnhead and Eckley 2012) for changes of the mean, with these choices:

- Every value has its own variance, so a month with few reviews weighs little. The cost of a stretch is the weighted
  sum of squares around its mean, weight 1 / variance: -2 log likelihood up to a constant. It is `ruptures`' cost
  "linear" for the values times the root of the weight, regressed on that root.
- The variance is that of sampling, which the caller knows, plus a spread that all values share. The spread is learned
  from the differences of neighbours (Rice 1984, Bandwidth choice for nonparametric regression), in which a lasting
  change of level hardly shows.
- Each change point costs 2 log n, Schwarz's criterion for changes of a normal mean (Yao 1988, Estimating the number
  of change-points via Schwarz' criterion): a position and a level each.

That criterion alone calls changes in flat data now and then, and testing two stretches that the data chose against
each other is circular. So the standardised values are put into random order, and spread, weights and the whole search
are computed again, many times; the p-value of a change point is the share of shuffled series in which any change point
gains at least as much (Antoch and Hušková 2001, Permutation tests in change point analysis; the largest over the
series as in Westfall and Young 1993, so that it holds for all change points of the series at once where nothing
changed). The gain is the cost that a change point saves between its two neighbours. Values are taken as independent
but for the change; a yearly season or a slow drift is a change of level too, and is found as one or more steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """The change points of a series, in order of time, each of shape (k,), and the spread that its values share."""

    at: Ints  # position of the first value of the new level
    gain: Floats
    p_value: Floats
    spread: float  # variance between values beyond sampling


def find(value: Floats, variance: Floats, *, least: int, permutations: int, seed: int) -> Found:
    """Return the change points of a series.

    Args:
        value: shape (n,), in order of time.
        variance: of sampling, shape (n,), above 0; infinite where there is no value.
        least: values that a stretch has at least, 2 or more; missing ones count.
        permutations: how often the search is repeated on shuffled values.
        seed: of the random numbers.
    """
    known = np.isfinite(variance)
    nothing = np.zeros(0)
    if known.sum() < 2 * least or len(value) < 2 * least:
        return Found(nothing.astype(np.int64), nothing, nothing, 0.0)
    value = np.where(known, value, 0.0)
    spread = _spread(value[None, known], variance[known])[0]
    weight = np.where(known, 1 / (variance + spread), 0.0)
    centre = float(np.average(value, weights=weight))
    centred = np.where(known, value - centre, 0.0)
    penalty = 2 * float(np.log(known.sum()))
    at = pelt(centred, weight, least=least, penalty=penalty)
    if not len(at):
        return Found(at, nothing, nothing, float(spread))
    gain = _gains(centred, weight, at)
    largest = _largest_gains(centred, weight, variance, least, penalty, permutations, np.random.default_rng(seed))
    beyond = (largest[:, None] >= gain - 1e-9).sum(axis=0)
    return Found(at, gain, (1 + beyond) / (1 + permutations), float(spread))


def pelt(value: Floats, weight: Floats, *, least: int, penalty: float) -> Ints:
    """Return the change points that `ruptures` finds in values of shape (n,) with weights of shape (n,)."""
    from ruptures import Pelt  # type: ignore[import-untyped, unused-ignore]

    root = np.sqrt(weight)
    ends = Pelt(model="linear", min_size=least, jump=1).fit_predict(np.stack([value * root, root], axis=1), penalty)
    return np.array(ends[:-1], np.int64)


def _spread(value: Floats, variance: Floats) -> Floats:
    """Return the variance between the values beyond sampling, for each row of `value`, from neighbours' differences."""
    expected = variance[1:] + variance[:-1]
    excess = ((np.diff(value, axis=1) ** 2 - expected) / expected).sum(axis=1) / (2 / expected).sum()
    return np.asarray(np.maximum(excess, 0.0))


def _gains(value: Floats, weight: Floats, at: Ints) -> Floats:
    """Return how much cost each change point saves, given its neighbours."""
    edges = np.concatenate([[0], at, [len(value)]])
    sums = [np.concatenate([[0.0], np.cumsum(x)]) for x in (weight, weight * value)]

    def fit(low: Ints, high: Ints) -> Floats:
        w, wy = (s[high] - s[low] for s in sums)
        return np.asarray(np.divide(wy**2, w, out=np.zeros(len(w)), where=w > 0))

    low, high = edges[:-2], edges[2:]
    return fit(low, at) + fit(at, high) - fit(low, high)


def _largest_gains(
    value: Floats,
    weight: Floats,
    variance: Floats,
    least: int,
    penalty: float,
    permutations: int,
    rng: np.random.Generator,
) -> Floats:
    """Return the largest gain of any change point in each shuffled series (0 without one), shape (permutations,)."""
    known = weight > 0
    standardised = value[known] * np.sqrt(weight[known])
    shuffled = rng.permuted(np.tile(standardised, (permutations, 1)), axis=1) / np.sqrt(weight[known])
    values, weights = np.zeros((2, permutations, len(value)))
    values[:, known] = shuffled
    weights[:, known] = 1 / (variance[known] + _spread(shuffled, variance[known])[:, None])
    return search(values, weights, least=least, penalty=penalty)[1]


def search(value: Floats, weight: Floats, *, least: int, penalty: float) -> tuple[Ints, Floats]:
    """Return what `pelt` finds, for many series at once, without its shortcuts.

    PELT computed one series after the other would take minutes. This is the same optimum by optimal partitioning
    (Jackson and others 2005); `ruptures`' shortcut may miss it by a little where stretches have a least length.

    Args:
        value: shape (series, n).
        weight: shape (series, n), 0 where there is no value.
        least: values that a stretch has at least.
        penalty: what a change point costs.

    Returns:
        For each series and position the start of the last stretch of the best partition that ends there, shape
        (series, n + 1), and the largest gain of any change point of the whole series, 0 without one.
    """
    rows, n = value.shape
    total, product, square = np.zeros((3, rows, n + 1))
    for out, terms in ((total, weight), (product, weight * value), (square, weight * value**2)):
        np.cumsum(terms, axis=1, out=out[:, 1:])

    def cost(low: Ints, high: Ints) -> Floats:
        """Return the cost of the stretches from `low` to `high`, both of shape (rows, k) or (1, k)."""
        w, wy, wyy = (np.take_along_axis(s, high, 1) - np.take_along_axis(s, low, 1) for s in (total, product, square))
        return np.asarray(wyy - np.divide(wy**2, w, out=np.zeros_like(w), where=w > 0))

    best = np.full((rows, n + 1), np.inf)
    best[:, 0] = -penalty
    last = np.zeros((rows, n + 1), np.int64)
    every = np.arange(rows)
    for end in range(least, n + 1):
        start = np.concatenate([[0], np.arange(least, end - least + 1)])
        w = total[:, end : end + 1] - total[:, start]
        fit = (product[:, end : end + 1] - product[:, start]) ** 2
        np.divide(fit, w, out=fit, where=w > 0)
        sums = best[:, start] + (square[:, end : end + 1] - square[:, start]) - fit + penalty
        chosen = sums.argmin(axis=1)
        best[:, end], last[:, end] = sums[every, chosen], start[chosen]

    largest = np.zeros(rows)
    following, at = np.full(rows, n), last[:, n].copy()
    while (at > 0).any():
        before = last[every, at]
        low, middle, high = (x[:, None] for x in (before, at, following))
        gain = (cost(low, high) - cost(low, middle) - cost(middle, high))[:, 0]
        largest = np.where(at > 0, np.maximum(largest, gain), largest)
        following, at = np.where(at > 0, at, following), np.where(at > 0, before, 0)
    return last, largest
