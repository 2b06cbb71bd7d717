"""The course of every theme's reach in one pass, for the small lines beside a list."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.facts import Facts
from voc.insights.scope import Scope, population, select

#: A line has at most so many points: stretches are 1, 3, 6 or 12 months wide, and years where even those are more.
POINTS = 24
#: A stretch with fewer counted reviews says nothing of a share and stays a gap.
LEAST = 10
_WIDTHS = (1, 3, 6, 12)

#: One row per theme and stretch, themes by id, stretches in order of time.
SPARKLINES = pa.schema(
    [
        pa.field("theme_id", pa.string(), nullable=False),
        pa.field("start", pa.date32(), nullable=False),  # first day of the stretch
        pa.field("months", pa.int64(), nullable=False),  # its width
        pa.field("analysed", pa.int64(), nullable=False),
        pa.field("reviews", pa.int64(), nullable=False),  # that mention the theme
        pa.field("reach", pa.float64()),  # null below `LEAST` counted reviews
    ]
)


def sparklines(facts: Facts, scope: Scope, *, config: InsightsConfig) -> pa.Table:
    """Return the reach of each ranked theme of a scope over time; undated reviews are left out.

    Stretches are whole calendar months, quarters, half-years or years, the narrowest that give at most `POINTS`.
    Their shares carry no interval: a line as small as a word shows a shape, and `monthly` the figures.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: least number of reviews of a theme.

    Returns:
        A table with the schema `SPARKLINES`; empty without dates.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index, pairs = facts.index, facts.index.theme_pairs
    counted = population(index, select(facts, scope))
    kept = np.flatnonzero(pairs.counts(counted) >= config.min_reviews)
    base = counted & index.dated
    if not base.any() or not len(kept):
        return SPARKLINES.empty_table()
    month = index.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    oldest, newest = int(month[base].min()), int(month[base].max())
    width = next((w for w in _WIDTHS if newest // w - oldest // w < POINTS), _WIDTHS[-1])
    first, size = oldest // width, newest // width - oldest // width + 1
    stretch = month // width - first
    analysed = np.bincount(stretch[base], minlength=size)
    use = base[pairs.row]
    key = pairs.group[use] * size + stretch[pairs.row[use]]
    reviews = np.bincount(key, minlength=pairs.size * size).reshape(pairs.size, size)[kept]
    reach = np.divide(reviews, analysed, out=np.full(reviews.shape, np.nan), where=analysed >= LEAST)
    starts = []
    for place in range(size):
        year, number = divmod((first + place) * width, 12)
        starts.append(dt.date(max(year, 1), number + 1, 1))
    columns = [
        pa.array(np.repeat([index.themes[k].id for k in kept], size), pa.string()),
        pa.array(starts * len(kept), pa.date32()),
        pa.array(np.full(reviews.size, width)),
        pa.array(np.tile(analysed, len(kept))),
        pa.array(reviews.ravel()),
        pa.array(reach.ravel(), pa.float64(), from_pandas=True),
    ]
    return pa.Table.from_arrays(columns, schema=SPARKLINES)
