"""Star impacts: the bootstrap interval, the shrunken values, and the sets of ranks."""

from __future__ import annotations

import numpy as np

from voc.benchmark.drawn import Floats
from voc.benchmark.simulations.figures import Figure, Tally
from voc.benchmark.simulations.stars import drawn_sample
from voc.insights.impact import bca_interval, bootstrap, star_impact
from voc.insights.ranks import rank_sets
from voc.insights.shrinkage import shrink

#: Shares of the troubles of `simulate_star_impact`, and the stars that go with each.
SHARES, GAPS = np.array([0.01, 0.03, 0.1, 0.3]), np.array([1.5, 1.5, 1.0, 0.0])
#: True values of `simulate_ranks`.
VALUES = {
    "tied": np.full(8, 0.3),
    "spread": np.linspace(0, 1, 8),
    "near ties": np.array([0.3, 0.3, 0.3, 0.31, 0.32, 0.9, 0.91, 0.0]),
}


def simulate_star_impact(
    *, runs: int, reviews: int, products: int = 1, spread: float = 0.0, bootstraps: int = 1000, seed: int = 9
) -> list[Figure]:
    """Coverage of the BCa interval of star impacts, of all troubles and of each; sets of ranks that are all right.

    Args:
        runs: how often reviews are drawn.
        reviews: in each run.
        products: that the reviews spread over; from ten on the bootstrap draws products.
        spread: standard deviation of the products' means, in stars.
        bootstraps: replicates of each.
        seed: of the draws.
    """
    rng = np.random.default_rng(seed)
    whole = 10_000 if products > 1 else 1
    truth = star_impact(drawn_sample(rng, 1_000_000, SHARES, GAPS, whole, spread)).impact
    rank = _ranks(truth)
    tally = Tally()
    each = [f"of a trouble in {100 * share:g} % of the reviews" for share in SHARES]
    for run in range(runs):
        some = drawn_sample(rng, reviews, SHARES, GAPS, products, spread)
        estimate = star_impact(some).impact
        draws = bootstrap(some, replicates=bootstraps, seed=run)
        low, high = bca_interval(estimate, draws, 0.9)
        covered = (low <= truth) & (truth <= high)
        tally.add("all", covered)
        for name, hit in zip(each, covered, strict=True):
            tally.add(name, hit)
        best, worst = rank_sets(estimate, draws.values, 0.9)
        tally.add("ranks", ((best <= rank) & (rank <= worst)).all())
    return [
        tally.figure("all", "interval covers, on average over four troubles", nominal=0.9, asked="near"),
        *(tally.figure(name, f"interval covers, {name}", nominal=0.9, asked="near", detail=True) for name in each),
        tally.figure("ranks", "all rank sets right at once", nominal=0.9, asked="at least"),
    ]


def simulate_shrinkage(*, runs: int, seed: int = 2) -> list[Figure]:
    """Squared error of shrunken impacts over that of the raw ones: fifteen that spread by 0.05 stars."""
    rng = np.random.default_rng(seed)
    tally = Tally()
    for _ in range(runs):
        truth = rng.normal(0.1, 0.05, 15)
        error = rng.uniform(0.02, 0.1, 15)
        estimate = truth + rng.normal(0, error)
        shrunk, raw = (float(((value - truth) ** 2).sum()) for value in (shrink(estimate, error), estimate))
        tally.note("error", shrunk, raw, 15)
    text = "squared error of shrunken values over that of raw ones"
    return [tally.figure("error", text, nominal=1.0, asked="at most", unit="ratio")]


def simulate_ranks(*, runs: int, values: str, bootstraps: int = 400, seed: int = 7) -> list[Figure]:
    """How often the sets of ranks of eight values (a key of `VALUES`) hold all true ranks at once."""
    rng = np.random.default_rng(seed)
    truth = VALUES[values]
    error = rng.uniform(0.02, 0.15, len(truth))
    rank = _ranks(truth)
    tally = Tally()
    for _ in range(runs):
        estimate = truth + rng.normal(0, error, len(truth))
        draws = estimate + rng.normal(0, error, (bootstraps, len(truth)))
        low, high = rank_sets(estimate, draws, 0.9)
        tally.add("right", ((low <= rank) & (rank <= high)).all())
    return [tally.figure("right", "all rank sets right at once", nominal=0.9, asked="at least")]


def _ranks(truth: Floats) -> Floats:
    return np.asarray(1 + (truth[None, :] > truth[:, None]).sum(axis=1))
