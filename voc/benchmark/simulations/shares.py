"""Intervals and tests of shares and of rates, which reach, needs, trends and figures per unit rest on."""

from __future__ import annotations

import numpy as np

from voc.benchmark.drawn import Mask
from voc.benchmark.simulations.figures import Asked, Figure, Tally
from voc.insights.intervals import difference_p, newcombe, wilson
from voc.insights.units import poisson_rate


def simulate_reach(*, runs: int, reviews: int, share: float, seed: int = 5) -> list[Figure]:
    """Coverage of Wilson's interval of a share of so many reviews."""
    count = np.random.default_rng(seed).binomial(reviews, share, runs)
    _, low, high = wilson(count, reviews, 0.9)
    return [_of_each("interval covers", (low <= share) & (share <= high))]


def simulate_difference(
    *, runs: int, reviews: tuple[int, int], shares: tuple[float, float], seed: int = 5
) -> list[Figure]:
    """Coverage of Newcombe's interval of a difference; where there is none, how often the test calls one at 10 %."""
    rng = np.random.default_rng(seed)
    (n, m), (p, q) = reviews, shares
    one, other = rng.binomial(n, p, runs), rng.binomial(m, q, runs)
    _, low, high = newcombe(one, n, other, m, 0.9)
    figures = [_of_each("interval covers", (low <= p - q) & (p - q <= high))]
    if p == q:
        called = difference_p(one, n, other, m) < 0.1  # nothing to test (NaN) is nothing called
        figures.append(_of_each("test calls a difference where there is none", called, nominal=0.1, asked="at most"))
    return figures


def simulate_units(*, runs: int, mean: float, seed: int = 1) -> list[Figure]:
    """Coverage of the exact interval of a rate per unit sold, with so many complaints on average."""
    rng = np.random.default_rng(seed)
    _, low, high = poisson_rate(rng.poisson(mean, runs), np.full(runs, 1000.0), 0.9)
    return [_of_each("interval covers (exact: at least)", (low <= mean) & (mean <= high), asked="at least")]


def _of_each(name: str, hits: Mask, *, nominal: float = 0.9, asked: Asked = "near") -> Figure:
    tally = Tally()
    for hit in hits:
        tally.add(name, hit)
    return tally.figure(name, name, nominal=nominal, asked=asked)
