"""What the newest reviews of a workspace say, compared with all that was known before them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voc.config import InsightsConfig
from voc.insights.facts import Facts
from voc.insights.index import Mask
from voc.insights.intervals import benjamini_hochberg, difference_p, mean_intervals, newcombe, wilson
from voc.insights.ranking import number
from voc.insights.scope import population

#: Columns of `Arrivals.themes`.
ARRIVALS = pa.schema(
    [
        pa.field("theme_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("reviews", pa.int64(), nullable=False),  # new reviews that mention it
        pa.field("reach", pa.float64(), nullable=False),  # of the new reviews
        pa.field("reach_low", pa.float64(), nullable=False),
        pa.field("reach_high", pa.float64(), nullable=False),
        pa.field("reviews_before", pa.int64(), nullable=False),
        pa.field("reach_before", pa.float64(), nullable=False),
        pa.field("change", pa.float64(), nullable=False),  # reach minus reach_before
        pa.field("change_low", pa.float64(), nullable=False),
        pa.field("change_high", pa.float64(), nullable=False),
        pa.field("q_value", pa.float64()),  # Benjamini-Hochberg over the themes that are named in either
    ]
)


@dataclass(frozen=True)
class Arrivals:
    """The reviews of the last analysis beside those that were there before.

    Attributes:
        at: when they came in, UTC.
        reviews: how many came in, of all languages and channels.
        analysed: how many of them figures are computed over (see `population`).
        rating: their mean rating with its interval; None where nothing is rated.
        rating_before: the same of all earlier reviews.
        hazards: how many of them report a possible hazard.
        themes: a table `ARRIVALS`, most new reviews first.
    """

    at: dt.datetime
    reviews: int
    analysed: int
    rating: tuple[float | None, float | None, float | None]
    rating_before: tuple[float | None, float | None, float | None]
    hazards: int
    themes: pa.Table


def arrivals(facts: Facts, *, config: InsightsConfig) -> Arrivals | None:
    """Return what the last analysis brought; None where everything came in at once, so that nothing is new.

    Reviews that came in within the same run carry the same time. Shares are compared as in `phase_trends`: Newcombe's
    interval of the difference, and the z test or Fisher's exact test with Benjamini-Hochberg over the themes.

    Args:
        facts: the tables.
        config: confidence level.
    """
    at = pc.max(facts.reviews["ingested_at"])
    first = pc.min(facts.reviews["ingested_at"])
    if not at.is_valid or at.equals(first):
        return None
    index = facts.index
    came = facts.reviews.filter(pc.equal(facts.reviews["ingested_at"], at))["review_id"]
    new = np.asarray(pc.is_in(index.review_id, value_set=came.combine_chunks()))
    base = population(index, np.ones(index.size, bool))
    now, before = base & new, base & ~new
    hazards = np.unique(index.mentions.row[index.mentions.hazard])
    return Arrivals(
        at=at.as_py(),
        reviews=int(new.sum()),
        analysed=int(now.sum()),
        rating=_rating(index.stars[now], config),
        rating_before=_rating(index.stars[before], config),
        hazards=int(new[hazards].sum()),
        themes=_themes(facts, now, before, config),
    )


def _themes(facts: Facts, now: Mask, before: Mask, config: InsightsConfig) -> pa.Table:
    pairs, names = facts.index.theme_pairs, facts.index.themes
    total, total_before = int(now.sum()), int(before.sum())
    if not total or not total_before:
        return ARRIVALS.empty_table()
    count, count_before = pairs.counts(now), pairs.counts(before)
    q = benjamini_hochberg(difference_p(count, total, count_before, total_before))
    reach = wilson(count, total, config.confidence)
    earlier = wilson(count_before, total_before, config.confidence)[0]
    change = newcombe(count, total, count_before, total_before, config.confidence)
    order = [i for i in np.lexsort((-change[0], -count)).tolist() if count[i]]
    return pa.Table.from_pylist(
        [
            {
                "theme_id": names[i].id,
                "name": names[i].name,
                "reviews": int(count[i]),
                "reach": float(reach[0][i]),
                "reach_low": float(reach[1][i]),
                "reach_high": float(reach[2][i]),
                "reviews_before": int(count_before[i]),
                "reach_before": float(earlier[i]),
                "change": float(change[0][i]),
                "change_low": float(change[1][i]),
                "change_high": float(change[2][i]),
                "q_value": number(q[i]),
            }
            for i in order
        ],
        schema=ARRIVALS,
    )


def _rating(stars: np.ndarray, config: InsightsConfig) -> tuple[float | None, float | None, float | None]:
    rated = stars[~np.isnan(stars)]
    mean, low, high = mean_intervals(rated.sum(), (rated**2).sum(), len(rated), config.confidence)
    return number(mean[0]), number(low[0]), number(high[0])
