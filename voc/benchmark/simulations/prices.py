"""Scores of products on the price map: means shrunken towards that of their category."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm

from voc.benchmark.drawn import Floats
from voc.benchmark.simulations.figures import Figure, Tally
from voc.insights.prices import shrunken_means


def simulate_prices(*, runs: int, groups: int, sizes: Sequence[int], between: float, seed: int = 6) -> list[Figure]:
    """Draw products' means with a normal spread; coverage of the shrunken intervals on average, and their error.

    Args:
        runs: categories drawn.
        groups: products in each.
        sizes: numbers of ratings that a product may have.
        between: standard deviation of the products' means, in stars.
        seed: of the draws.
    """
    rng = np.random.default_rng(seed)
    tally = Tally()
    for _ in range(runs):
        means = rng.normal(3.9, between, groups)
        n = rng.choice(sizes, groups)
        stars = [np.clip(rng.normal(mean, 1.0, k), 1, 5) for mean, k in zip(means, n, strict=True)]
        true = _clipped(means)
        value, low, high = shrunken_means(
            np.array([s.sum() for s in stars]), np.array([(s**2).sum() for s in stars]), n, 0.9
        )
        raw = np.array([s.mean() for s in stars])
        tally.add("covers", (low <= true) & (true <= high))
        tally.note("error", float(((value - true) ** 2).sum()), float(((raw - true) ** 2).sum()), groups)
    error = "squared error of shrunken scores over that of raw ones"
    return [
        tally.figure("covers", "interval of a shrunken score covers, on average", nominal=0.9, asked="near"),
        tally.figure("error", error, nominal=1.0, asked="at most", unit="ratio"),
    ]


def _clipped(mean: Floats) -> Floats:
    """Return the mean of a normal of this mean and deviation 1 that is clipped to 1 to 5, as the stars are."""
    a, b = 1 - mean, 5 - mean
    inside = mean * (norm.cdf(b) - norm.cdf(a)) + norm.pdf(a) - norm.pdf(b)
    return np.asarray(inside + norm.cdf(a) + 5 * norm.sf(b))
