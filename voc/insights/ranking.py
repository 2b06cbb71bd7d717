"""Ranks groups of mentions (themes, or areas) within a scope: reach, star impact, severity, hazards, momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from voc.config import InsightsConfig
from voc.insights.impact import bca_interval, bootstrap, star_impact
from voc.insights.index import Floats, Index, Ints, Mask, Named, Pairs
from voc.insights.intervals import newcombe, wilson
from voc.insights.quotes import QuoteBook
from voc.insights.ranks import rank_sets
from voc.insights.sample import rated_sample
from voc.insights.scope import population
from voc.insights.shrinkage import shrink

#: A group is flagged as a hazard when at least this share of its reviews reports one.
HAZARD_SHARE = 0.1
#: Customers who give more stars than this are pleased on the whole.
PLEASED = 3.5


def number(value: float) -> float | None:
    """Return a plain float, and None for NaN."""
    return None if np.isnan(value) else float(value)


def rank_groups(
    index: Index, mask: Mask, pairs: Pairs, named: Sequence[Named], book: QuoteBook, config: InsightsConfig
) -> list[dict[str, Any]]:
    """Return one row per group that at least `config.min_reviews` reviews of the scope mention, best first.

    Counts, reach, star impact, severity and momentum are of the scope's `population`. Hazards are counted over all
    its analysed reviews, returns and tickets too, since a hazard must not be overlooked; quotes come from them all,
    those of the population first. Severity is the mean, over the reviews, of the worst mention's. The order is that
    of the shrunken star impact, then the number of reviews, then the id.

    Args:
        index: the facts as arrays.
        mask: the reviews in scope, shape (n_reviews,).
        pairs: which reviews mention which groups.
        named: the groups, in the order of their numbers.
        book: the quotes of the groups.
        config: how figures are computed.
    """
    base, analysed = population(index, mask), mask & index.analysed
    total = int(base.sum())
    counts = pairs.counts(base)
    kept = np.flatnonzero(counts >= config.min_reviews)
    if not len(kept):
        return []
    counted = base[pairs.row]
    count = counts[kept]

    sample = rated_sample(index, base, pairs, kept)
    impact = star_impact(sample)
    draws = bootstrap(sample, replicates=config.bootstrap, seed=config.seed)
    low, high = bca_interval(impact.impact, draws, config.confidence)
    score = np.round(shrink(impact.impact, draws.standard_error), 12)
    best, worst = rank_sets(impact.impact, draws.values, config.confidence)

    reach, reach_low, reach_high = wilson(count, total, config.confidence)
    severity = np.bincount(pairs.group[counted], weights=pairs.severity[counted], minlength=pairs.size)[kept] / count
    hazards = pairs.counts_where(analysed, pairs.hazard)[kept]
    # One spark among four hundred complaints about the battery does not make the theme a hazard; the lane of hazards
    # shows that one all the same.
    dangerous = hazards >= np.maximum(1, HAZARD_SHARE * count)
    guessed = pairs.counts(base & index.predicted)[kept]
    momentum = _momentum(index, base, pairs, kept, config)

    # What reads like a pain in a review of four or five stars is more often a misreading: it is quoted last.
    telling = base & ~(index.stars > PLEASED)
    rows = []
    order = np.lexsort((kept, -count, -score))  # groups are numbered by id
    for rank, i in enumerate(order.tolist(), start=1):
        group = named[kept[i]]
        quotes = book.pick(int(kept[i]), analysed, telling, config.quotes, hazards_first=bool(dangerous[i]))
        rows.append(
            {
                "rank": rank,
                # The list is in the order of the shrunken values; where that differs from the order of the raw ones,
                # which the sets are about, the set is widened to hold the place shown.
                "rank_low": min(int(best[i]), rank),
                "rank_high": max(int(worst[i]), rank),
                "id": group.id,
                "name": group.name,
                "area": group.area,
                "score": float(score[i]),
                "reviews": int(count[i]),
                "analysed": total,
                "reach": float(reach[i]),
                "reach_low": float(reach_low[i]),
                "reach_high": float(reach_high[i]),
                "star_impact": float(impact.impact[i]),
                "star_impact_low": float(low[i]),
                "star_impact_high": float(high[i]),
                "mean_with": number(impact.mean_with[i]),
                "mean_without": number(impact.mean_without[i]),
                "predicted_ratings": int(guessed[i]),
                "severity": float(severity[i]),
                "hazard": bool(dangerous[i]),
                "hazard_reviews": int(hazards[i]),
                **{name: number(values[i]) for name, values in momentum.items()},
                "quotes": [
                    {
                        "review_id": index.review_id[q.row].as_py(),
                        "text": q.text,
                        "start": q.start,
                        "end": q.end,
                        "rating": number(index.own_rating[q.row]),
                    }
                    for q in quotes
                ],
            }
        )
    return rows


def _momentum(index: Index, base: Mask, pairs: Pairs, kept: Ints, config: InsightsConfig) -> dict[str, Floats]:
    """Return the change of reach from the earlier to the recent half of the dated reviews, with Newcombe interval.

    The halves part at the median day, which belongs to the recent half (to the earlier one if nothing is before it).
    """
    dated = base & index.dated
    recent = np.zeros(index.size, bool)
    if dated.any():
        middle = np.median(index.day[dated])
        recent = dated & (index.day >= middle)
        if not (dated & ~recent).any():
            recent = dated & (index.day > middle)
    earlier = dated & ~recent
    change, low, high = newcombe(
        pairs.counts(recent)[kept], recent.sum(), pairs.counts(earlier)[kept], earlier.sum(), config.confidence
    )
    return {"momentum": change, "momentum_low": low, "momentum_high": high}
