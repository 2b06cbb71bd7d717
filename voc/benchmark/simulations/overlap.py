"""The second opinion: star impacts with the overlap of troubles taken out."""

from __future__ import annotations

import numpy as np

from voc.benchmark.drawn import Floats, Ints, Mask, drawn_facts
from voc.benchmark.simulations.figures import Figure, Tally
from voc.benchmark.simulations.stars import rated
from voc.config import InsightsConfig
from voc.insights.scope import Scope
from voc.insights.second_opinion import adjusted_impacts

#: Stars that a review with each of the drawn troubles lacks: the second costs nothing by itself.
_COST = np.array([1.5, 0.0, 0.8, 1.0, 1.0])
#: Shares of the troubles; the second is besides named in 60 % of the reviews with the first.
_SHARES = np.array([0.10, 0.02, 0.09, 0.03, 0.01])
_LARGE = 2_000_000  # reviews that tell the truth


def simulate_adjusted(
    *, runs: int, reviews: int = 1500, products: int = 1, config: InsightsConfig | None = None, seed: int = 1
) -> list[Figure]:
    """Coverage of the adjusted impacts, and how often each opinion has the first three themes in their true order.

    With `products` above 10, products differ by 0.3 stars (standard deviation) and the bootstrap draws products.
    """
    config = config or InsightsConfig()
    rng = np.random.default_rng(seed)
    spread = 0.3 if products > 1 else 0.0

    def draw(n: int, groups: int) -> tuple[Floats, Ints, Mask]:
        product, has = rng.integers(0, groups, n), _overlapping(rng, n)
        return rated(rng, 4.6 + rng.normal(0, spread, groups)[product] - has @ _COST), product, has

    stars, _, has = draw(_LARGE, 20_000 if products > 1 else 1)
    share = has.mean(axis=0)
    centred = (has - share).astype(np.float32)
    truth = -share * np.linalg.solve(centred.T @ centred, centred.T @ (stars - stars.mean()).astype(np.float32))
    order = np.argsort(-truth[:3]).tolist()
    tally = Tally()
    for _ in range(runs):
        stars, product, has = draw(reviews, products)
        rows = adjusted_impacts(drawn_facts(stars, product, pain=has), Scope(), config=config).to_pylist()
        by = {int(row["theme_id"][1:]): row for row in rows}
        tally.add("covers", [row["adjusted_low"] <= truth[i] <= row["adjusted_high"] for i, row in by.items()])
        for column in ("adjusted_impact", "star_impact"):
            tally.add(column, np.argsort([-by[i][column] for i in range(3)]).tolist() == order)
        tally.add("shared", by[1]["shared_with_ids"] == ["t0"])
    return [
        tally.figure("covers", "interval of the adjusted star impact covers", nominal=config.confidence, asked="near"),
        tally.figure("adjusted_impact", "true order of three troubles, two of which overlap by 60 %: adjusted"),
        tally.figure("star_impact", "the same order by the headline"),
        tally.figure("shared", "'shared with' names the trouble that takes the stars, and no other"),
    ]


def _overlapping(rng: np.random.Generator, n: int) -> Mask:
    has = rng.random((n, len(_SHARES))) < _SHARES
    has[:, 1] |= has[:, 0] & (rng.random(n) < 0.6)
    return np.asarray(has)
