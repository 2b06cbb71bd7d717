"""Intervals and tests for shares and means, computed by statsmodels and SciPy for whole arrays at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: Below this expected count in any cell of the two-by-two table the exact test is used instead of the normal one.
SMALL_EXPECTED = 5.0


def wilson(count: ArrayLike, total: ArrayLike, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Return shares and their Wilson score intervals (Wilson 1927), NaN where `total` is 0.

    Args:
        count: successes, shape (k,).
        total: trials, shape (k,) or a scalar.
        confidence: nominal coverage, e.g. 0.9.

    Returns:
        The shares, lower and upper bounds, each of shape (k,).
    """
    from statsmodels.stats.proportion import proportion_confint

    count, total = np.broadcast_arrays(np.atleast_1d(np.asarray(count, float)), np.asarray(total, float))
    share = np.full(count.shape, np.nan)
    low, high = share.copy(), share.copy()
    some = total > 0
    if some.any():
        share[some] = count[some] / total[some]
        bounds = proportion_confint(count[some], total[some], alpha=1 - confidence, method="wilson")
        # At 0 and 1 rounding may leave the bound a hair inside the estimate.
        low[some] = np.minimum(bounds[0], share[some])
        high[some] = np.maximum(bounds[1], share[some])
    return share, low, high


def newcombe(
    count: ArrayLike, total: ArrayLike, count_before: ArrayLike, total_before: ArrayLike, confidence: float
) -> tuple[Floats, Floats, Floats]:
    """Return differences of two independent shares and their intervals (Newcombe 1998, method 10).

    Args:
        count: successes now, shape (k,).
        total: trials now, shape (k,) or a scalar.
        count_before: successes before, shape (k,).
        total_before: trials before, shape (k,) or a scalar.
        confidence: nominal coverage.

    Returns:
        Share now minus share before, lower and upper bounds, shape (k,); NaN where either total is 0.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    a, n, b, m = _aligned(count, total, count_before, total_before)
    change = np.full(a.shape, np.nan)
    low, high = change.copy(), change.copy()
    some = (n > 0) & (m > 0)
    if some.any():
        change[some] = a[some] / n[some] - b[some] / m[some]
        bounds = confint_proportions_2indep(
            a[some], n[some], b[some], m[some], method="newcomb", compare="diff", alpha=1 - confidence
        )
        low[some] = np.minimum(bounds[0], change[some])
        high[some] = np.maximum(bounds[1], change[some])
    return change, low, high


def difference_p(count: ArrayLike, total: ArrayLike, count_before: ArrayLike, total_before: ArrayLike) -> Floats:
    """Return two-sided p-values of "both shares are equal", shape (k,).

    The pooled z test, or Fisher's exact test where a cell of the table is expected below `SMALL_EXPECTED`. NaN where
    there is nothing to test: a total is 0, or nobody or everybody counts on both sides.
    """
    from scipy.stats import norm

    a, n, b, m = _aligned(count, total, count_before, total_before)
    p = np.full(a.shape, np.nan)
    testable = (n > 0) & (m > 0) & (a + b > 0) & (a + b < n + m)
    pooled = np.divide(a + b, n + m, out=np.zeros_like(a), where=testable)
    smallest = np.minimum(n, m) * np.minimum(pooled, 1 - pooled)
    exact = testable & (smallest < SMALL_EXPECTED)
    normal = testable & ~exact
    if normal.any():
        a_, n_, b_, m_, share = a[normal], n[normal], b[normal], m[normal], pooled[normal]
        z = (a_ / n_ - b_ / m_) / np.sqrt(share * (1 - share) * (1 / n_ + 1 / m_))
        p[normal] = 2 * norm.sf(np.abs(z))
    if exact.any():
        # Small counts repeat: each distinct table is tested once.
        tables, back = np.unique(
            np.stack([a, n - a, b, m - b], axis=1)[exact].astype(np.int64), axis=0, return_inverse=True
        )
        p[exact] = _fisher(tables)[back.ravel()]
    return p


def _fisher(tables: NDArray[np.int64]) -> Floats:
    """Return two-sided p-values of Fisher's exact test, shape (k,): all tables at once, unlike SciPy's own.

    The sum over all tables with the same margins that are no likelier than the one seen (Fisher 1935), those as likely
    but for rounding included.

    Args:
        tables: counts (yes now, no now, yes before, no before), shape (k, 4).
    """
    from scipy.special import gammaln

    a, c, b, d = tables.T
    n, m, yes = a + c, b + d, a + b
    # Logarithms of factorials, of which every table's probability is a sum.
    log = gammaln(np.arange(int((n + m).max()) + 1) + 1.0)
    always = log[yes] + log[n + m - yes] + log[n] + log[m] - log[n + m]
    low, high = np.maximum(0, yes - m), np.minimum(n, yes)
    p = np.empty(len(tables))
    width = high - low + 1
    # In portions of like width, so that one wide table does not make all of them wide.
    order = np.argsort(width, kind="stable")
    for some in np.array_split(order, max(1, len(order) // 256)):
        x = low[some, None] + np.arange(width[some].max())
        there = x <= high[some, None]
        x = np.minimum(x, high[some, None])
        varies = log[x] + log[yes[some, None] - x] + log[n[some, None] - x] + log[(m - yes)[some, None] + x]
        likely = np.where(there, np.exp(always[some, None] - varies), 0.0)
        seen = np.take_along_axis(likely, (a - low)[some, None], axis=1)
        p[some] = np.where(likely <= seen * (1 + 1e-7), likely, 0.0).sum(axis=1)
    return np.minimum(p, 1.0)


def benjamini_hochberg(p: Floats) -> Floats:
    """Return q-values (Benjamini and Hochberg 1995) of one family of tests; NaN entries are no part of it."""
    from statsmodels.stats.multitest import multipletests

    q = np.full(p.shape, np.nan)
    tested = ~np.isnan(p)
    if tested.any():
        q[tested] = multipletests(p[tested], method="fdr_bh")[1]
    return q


def mean_intervals(
    total: ArrayLike, squares: ArrayLike, count: ArrayLike, confidence: float, bounds: tuple[float, float] = (1.0, 5.0)
) -> tuple[Floats, Floats, Floats]:
    """Return means and their t intervals from sums, shape (k,), kept within `bounds` (the scale of the stars).

    Args:
        total: sums of the values, shape (k,).
        squares: sums of their squares, shape (k,).
        count: how many values, shape (k,).
        confidence: nominal coverage.
        bounds: least and greatest possible value.

    Returns:
        Means (NaN where there is no value) and bounds (NaN below two values).
    """
    from scipy.stats import t

    total, squares, count = np.broadcast_arrays(*(np.atleast_1d(np.asarray(x, float)) for x in (total, squares, count)))
    mean = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    low, high = np.full(count.shape, np.nan), np.full(count.shape, np.nan)
    some = count > 1
    if some.any():
        n = count[some]
        variance = np.maximum(squares[some] - n * mean[some] ** 2, 0) / (n - 1)
        half = t.ppf((1 + confidence) / 2, n - 1) * np.sqrt(variance / n)
        low[some] = np.minimum(np.maximum(mean[some] - half, bounds[0]), mean[some])
        high[some] = np.maximum(np.minimum(mean[some] + half, bounds[1]), mean[some])
    return mean, low, high


def _aligned(*values: ArrayLike) -> list[Floats]:
    return [np.array(x) for x in np.broadcast_arrays(*(np.atleast_1d(np.asarray(v, float)) for v in values))]
