"""Who writes about one theme: its reach by product, brand, market, variant, purchase and channel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights.arrays import Floats
from voc.insights.facts import Facts
from voc.insights.intervals import benjamini_hochberg, difference_p, newcombe, wilson
from voc.insights.parting import segment_of
from voc.insights.ranking import number
from voc.insights.scope import Scope, population, select
from voc.insights.segments import MIN_SEGMENT

#: What a theme's reviews are parted by, in this order.
DIMENSIONS = ("product", "brand", "market", "variant", "verified", "incentivised", "channel")

#: One row per segment: columns in the order of `DIMENSIONS`, the largest segment first.
THEME_SEGMENTS = pa.schema(
    [
        pa.field("by", pa.string(), nullable=False),
        pa.field("segment", pa.string(), nullable=False),  # as `parting.segment_of` has it; products by id
        pa.field("name", pa.string(), nullable=False),  # as a reader knows it; products by name
        pa.field("reviews", pa.int64(), nullable=False),  # that mention the theme
        pa.field("analysed", pa.int64(), nullable=False),
        pa.field("reach", pa.float64()),
        pa.field("reach_low", pa.float64()),  # Wilson
        pa.field("reach_high", pa.float64()),
        pa.field("rest_analysed", pa.int64(), nullable=False),
        pa.field("rest_reach", pa.float64()),
        pa.field("difference", pa.float64()),  # segment minus rest
        pa.field("difference_low", pa.float64()),  # Newcombe
        pa.field("difference_high", pa.float64()),
        pa.field("p_value", pa.float64()),  # null below `MIN_SEGMENT` reviews on either side
        pa.field("q_value", pa.float64()),  # Benjamini-Hochberg over all rows
    ]
)


def theme_segments(facts: Facts, scope: Scope, theme_id: str, *, config: InsightsConfig) -> pa.Table:
    """Compare the reach of one theme in each segment of a scope with its reach in the rest of the scope.

    `segments` asks the same of all themes at once; here the family of tests is all segments of one theme, so that the
    answer of one page does not hang on themes that are not on it. Columns with a single segment are left out. Returns
    and tickets appear as segments of `channel` only, against the population: only those who have a problem write them.
    A difference says who writes about a trouble more often; segments also differ in what they bought and when.

    Args:
        facts: the tables.
        scope: the reviews under view.
        theme_id: an active pain theme.
        config: confidence level.

    Returns:
        A table with the schema `THEME_SEGMENTS`.

    Raises:
        VocError: the scope or the theme is unknown.
    """
    index, pairs = facts.index, facts.index.theme_pairs
    own = next((i for i, theme in enumerate(index.themes) if theme.id == theme_id), None)
    if own is None:
        raise VocError(f"there is no active pain theme {theme_id!r}; list them with `voc opportunities`.")
    mask = select(facts, scope)
    base = population(index, mask)
    about = np.zeros(index.size, bool)
    about[pairs.row[pairs.group == own]] = True
    rows: list[dict[str, Any]] = []
    for by in DIMENSIONS:
        counted = mask & index.analysed if by == "channel" else base
        part = segment_of(facts, by, counted)
        size = len(part.values)
        total, count = (np.bincount(part.codes[m], minlength=size) for m in (counted, counted & about))
        # The rest are the population outside the segment.
        rest, rest_count = (int(m.sum()) - np.bincount(part.codes[m], minlength=size) for m in (base, base & about))
        shown = np.flatnonzero(total)
        if len(shown) < 2:
            continue
        total, count, rest, rest_count = (x[shown] for x in (total, count, rest, rest_count))
        reach = wilson(count, total, config.confidence)
        rest_reach = wilson(rest_count, rest, config.confidence)[0]
        difference = newcombe(count, total, rest_count, rest, config.confidence)
        p: Floats = difference_p(count, total, rest_count, rest)
        p[(total < MIN_SEGMENT) | (rest < MIN_SEGMENT)] = np.nan
        for i in np.lexsort((shown, -total)).tolist():
            segment = part.values[shown[i]]
            rows.append(
                {
                    "by": by,
                    "segment": segment,
                    "name": index.product_names.get(segment, segment) if by == "product" else segment,
                    "reviews": int(count[i]),
                    "analysed": int(total[i]),
                    **{f"reach{e}": number(x[i]) for e, x in zip(("", "_low", "_high"), reach, strict=True)},
                    "rest_analysed": int(rest[i]),
                    "rest_reach": number(rest_reach[i]),
                    **{f"difference{e}": number(x[i]) for e, x in zip(("", "_low", "_high"), difference, strict=True)},
                    "p_value": number(p[i]),
                }
            )
    p_values = np.array([np.nan if row["p_value"] is None else row["p_value"] for row in rows])
    for row, q in zip(rows, benjamini_hochberg(p_values), strict=True):
        row["q_value"] = number(q)
    return pa.Table.from_pylist(rows, schema=THEME_SEGMENTS)
