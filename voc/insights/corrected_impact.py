"""The star impact of something that is not always found where it is, corrected for that."""

from __future__ import annotations

import numpy as np

from voc.config import InsightsConfig
from voc.insights.arrays import Ints, Mask
from voc.insights.impact import Draws, bca_interval, bootstrap, star_impact
from voc.insights.index import Index
from voc.insights.misreading import MIN_TELLING, one_share
from voc.insights.sample import Sample


def corrected_impact(
    index: Index, base: Mask, rows: Ints, seen: tuple[float, float] | None, config: InsightsConfig
) -> dict[str, float]:
    """Return the star impact as extracted and, where it is known how much is found, with perfect reading.

    If a misreading does not depend on the stars, then with q the share found and s the sensitivity the impact is the
    one as extracted times (1 - q) / (s - q); specificity cancels. This follows from the covariance of stars and
    indicator, which misreading shrinks by sensitivity + specificity - 1. The interval draws s from its Jeffreys
    posterior beside the headline's bootstrap.

    Args:
        index: the facts as arrays.
        base: the reviews counted, shape (n_reviews,).
        rows: those of them in which it was found.
        seen: of how many reviews that have it, and in how many of these, it was found: (found, all); or None.
        config: confidence level, replicates, seed.

    Returns:
        `star_impact`, `corrected_impact`, `corrected_impact_low` and `corrected_impact_high`, in stars; without the
        last three where they cannot be told, empty where there is nothing to compare.
    """
    rated = base & ~np.isnan(index.stars)
    found = (np.cumsum(rated) - 1)[rows[rated[rows]]]
    stars = index.stars[rated]
    if not 0 < len(found) < len(stars):
        return {}
    sample = Sample(stars, index.product.codes[rated], found, np.zeros(len(found), np.int64), 1)
    impact = star_impact(sample).impact
    result = {"star_impact": float(impact[0])}
    if seen is None:
        return result
    share, (sensitivity, low, _) = len(found) / len(stars), one_share(*seen, config.confidence)
    if low - share <= MIN_TELLING:
        return result
    draws = bootstrap(sample, replicates=config.bootstrap, seed=config.seed)
    rng = np.random.default_rng(config.seed + 1)
    drawn = rng.beta(seen[0] + 0.5, seen[1] - seen[0] + 0.5, size=(len(draws.values), 1))
    scaled = draws.values * (1 - share) / np.maximum(drawn - share, 0.01)
    value = impact * (1 - share) / (sensitivity - share)
    bounds = bca_interval(value, Draws(scaled, draws.skew, draws.by_product), config.confidence)
    names = ("corrected_impact", "corrected_impact_low", "corrected_impact_high")
    return result | dict(zip(names, (float(x[0]) for x in (value, *bounds)), strict=True))
