"""Confidence sets for ranks: which places in the list a theme may really hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def rank_sets(estimate: Floats, draws: Floats, confidence: float) -> tuple[Ints, Ints]:
    """Return the best and worst rank each group may hold, jointly for the whole list; rank 1 is the largest value.

    With the chosen probability the true ranks of all groups lie in their sets together. Every pair of groups is
    compared by a studentised difference; the critical value is the bootstrap quantile of the largest of them; claims
    "this is above that" that hold are taken out and the rest tested again until nothing changes (Mogstad, Romano,
    Shaikh and Wilhelm 2024, Inference for Ranks with Applications to Mobility across Neighbourhoods and Academic
    Achievement across Countries, with the stepdown of Romano and Wolf 2005). A group's best rank is one
    more than the number of groups surely above it; its worst is the number of groups less those surely below it.
    Bootstrap percentiles of the rank itself would be too narrow near ties.

    Args:
        estimate: shape (size,).
        draws: bootstrap replicates, shape (replicates, size).
        confidence: probability that all sets are right at once.

    Returns:
        Best and worst ranks, each of shape (size,).
    """
    size = len(estimate)
    above = np.zeros((size, size), bool)  # above[j, k]: j is surely larger than k
    if size > 1:
        noise = (draws - estimate).astype(np.float32)
        covariance = np.cov(draws, rowvar=False)
        spread = np.diag(covariance)
        error = np.sqrt(np.maximum(spread[:, None] + spread[None, :] - 2 * covariance, 0))
        # Two groups that never differ by chance (the same reviews) cannot be told apart.
        comparable = error > 1e-9 * max(float(np.sqrt(spread.max())), 1e-9)
        statistic = np.where(comparable, (estimate[:, None] - estimate[None, :]) / np.where(comparable, error, 1), 0)
        while True:
            open_pairs = comparable & ~above
            critical = np.quantile(_largest(noise, error, open_pairs), confidence, method="higher")
            new = open_pairs & (statistic > critical)
            if not new.any():
                break
            above |= new
    return 1 + above.sum(axis=0), size - above.sum(axis=1)


def _largest(noise: NDArray[np.float32], error: Floats, open_pairs: NDArray[np.bool_]) -> Floats:
    """Return for each replicate the largest studentised difference over the open pairs, shape (replicates,)."""
    largest = np.full(len(noise), -np.inf, np.float32)
    for j in range(noise.shape[1]):
        others = np.flatnonzero(open_pairs[j])
        if len(others):
            difference = (noise[:, j : j + 1] - noise[:, others]) / error[j, others].astype(np.float32)
            np.maximum(largest, difference.max(axis=1), out=largest)
    return largest.astype(np.float64)
