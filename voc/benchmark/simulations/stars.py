"""Draws ratings that people might give."""

from __future__ import annotations

import numpy as np

from voc.benchmark.drawn import Floats, Mask
from voc.insights.sample import Sample

#: The scale, and how often each is given, as marketplaces show it: mean 4.25.
STARS = np.arange(1.0, 6.0)
SHAPE = np.array([0.06, 0.05, 0.08, 0.20, 0.61])


def rated(rng: np.random.Generator, mean: Floats) -> Floats:
    """Return whole stars that scatter by one star about these means, shape (n,)."""
    return np.clip(np.round(mean + rng.normal(0, 1, len(mean))), 1, 5)


def drawn_sample(
    rng: np.random.Generator, n: int, shares: Floats, gaps: Floats, products: int = 1, spread: float = 0.0
) -> Sample:
    """Return rated reviews: those with a group have `gaps` stars less; products differ by `spread` stars."""
    product = rng.integers(0, products, n)
    has: Mask = rng.random((n, len(shares))) < shares
    stars = rated(rng, 4.4 + rng.normal(0, spread, products)[product] - has @ np.asarray(gaps))
    row, group = np.nonzero(has)
    return Sample(stars, product, row, group, len(shares))
