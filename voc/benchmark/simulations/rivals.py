"""Ours against competitors' products: intervals with products as clusters, and classes called wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from voc.benchmark.drawn import drawn_facts
from voc.benchmark.simulations.figures import Figure, Tally
from voc.config import InsightsConfig
from voc.insights.intervals import newcombe
from voc.insights.rivals import rivals
from voc.insights.scope import Scope
from voc.tables import from_rows

if TYPE_CHECKING:
    from voc.insights import Facts

#: Classes that say which side is worse.
SURE = {"only ours", "only theirs", "worse than theirs", "better than theirs"}


def market(
    counts: ArrayLike,
    sizes: ArrayLike,
    own: Sequence[bool | None],
    *,
    category: Sequence[str] | None = None,
    seed: int = 0,
    low: float = 0.3,
) -> Facts:
    """Return facts in which `counts[p, g]` of the `sizes[p]` reviews of product p mention theme g, at random.

    Args:
        counts: shape (products, themes).
        sizes: reviews of each product, shape (products,).
        own: whether each product is ours; None where nobody said.
        category: of each product.
        seed: of the draws.
        low: share of reviews with two stars; the others have five.
    """
    rng = np.random.default_rng(seed)
    counts, sizes = np.atleast_2d(counts), np.asarray(sizes)
    first = np.cumsum(sizes) - sizes
    pain = np.zeros((int(sizes.sum()), counts.shape[1]), bool)
    for p, g in zip(*np.nonzero(counts), strict=True):
        pain[first[p] + rng.choice(sizes[p], counts[p, g], replace=False), g] = True
    products: list[dict[str, Any]] = [
        {"product_id": f"p{p}", "own": o, "category": None if category is None else category[p]}
        for p, o in enumerate(own)
    ]
    stars = np.where(rng.random(len(pain)) < low, 2.0, 5.0)
    codes = np.repeat(np.arange(len(sizes)), sizes)
    return drawn_facts(stars, codes, pain=pain, products=from_rows("products", products))


def simulate_rivals(
    *,
    runs: int,
    own: float,
    theirs: float,
    products: tuple[int, int],
    per_product: int,
    likeness: float,
    of: Literal["brands", "these products"] = "brands",
    groups: int = 20,
    seed: int = 3,
) -> list[Figure]:
    """Draw markets whose products' true shares spread with an intra-class correlation of `likeness` (beta-binomial).

    Args:
        runs: markets drawn.
        own: mean share of every theme over our products.
        theirs: the same over the competitors'.
        products: how many of ours, and of theirs.
        per_product: reviews of a product on average.
        likeness: how alike reviews of one product are.
        of: the true difference is that of the brands, or that of the products drawn.
        groups: themes.
        seed: of the draws.

    Returns:
        Coverage of the difference, the same for Newcombe's interval as if reviews were independent, and how often
        a theme, and any theme, is put into a class that says which side is worse.
    """
    rng = np.random.default_rng(seed)
    config = InsightsConfig(min_reviews=1)
    ours = products[0]
    mean = np.repeat([own, theirs], products)[:, None]
    spread = (1 - likeness) / likeness
    tally = Tally()
    for run in range(runs):
        sizes = rng.integers(per_product // 2, per_product * 3 // 2, sum(products))
        true = rng.beta(mean * spread, (1 - mean) * spread, (sum(products), groups))
        counts = rng.binomial(sizes[:, None], true)
        facts = market(counts, sizes, [True] * ours + [False] * products[1], seed=run, low=0.5)
        table = rivals(facts, Scope(), config=config).table
        found = {int(row["id"][1:]): row for row in table.to_pylist()}
        n, m = sizes[:ours].sum(), sizes[ours:].sum()
        truth = np.full(groups, own - theirs)
        if of == "these products":
            truth = sizes[:ours] @ true[:ours] / n - sizes[ours:] @ true[ours:] / m
        _, low, high = newcombe(counts[:ours].sum(0), n, counts[ours:].sum(0), m, config.confidence)
        tally.add("independent", (low <= truth) & (truth <= high))
        # A theme that nobody mentions has no row.
        covers = [row["difference_low"] <= truth[g] <= row["difference_high"] for g, row in found.items()]
        tally.add("covers", covers)
        sure = [g in found and found[g]["class"] in SURE for g in range(groups)]
        tally.add("sure", sure)
        tally.add("any", any(sure))
    level = config.confidence
    figures = [
        tally.figure("covers", "interval of the difference covers", nominal=level, asked="near"),
        tally.figure("independent", "the same if reviews were taken as independent", nominal=level),
    ]
    if own != theirs:
        return [*figures, tally.figure("sure", "themes of which the right side is called worse")]
    if of == "these products":
        return figures  # their shares do differ
    name = f"any of {groups} themes put into a class where the sides are alike"
    return [*figures, tally.figure("any", name, nominal=1 - level, asked="at most")]
