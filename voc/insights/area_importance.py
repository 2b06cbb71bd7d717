"""Importance and satisfaction of product parts, on the same fixed scales as those of themes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.arrays import distinct
from voc.insights.facts import Facts
from voc.insights.importance import MIN_JUDGING, importance_scale, quadrant_of
from voc.insights.intervals import wilson
from voc.insights.ranking import number
from voc.insights.scope import Scope, population, select
from voc.themes.areas import OTHER, WHOLE

#: One row per part, the most important first.
AREA_IMPORTANCE = pa.schema(
    [
        pa.field("area_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("reviews", pa.int64(), nullable=False),  # that judge the part, well or badly
        pa.field("analysed", pa.int64(), nullable=False),
        pa.field("blamed", pa.int64(), nullable=False),  # that complain about it
        pa.field("content", pa.int64(), nullable=False),  # that only praise it
        *(
            pa.field(f"{name}{end}", pa.float64())
            for name in ("importance", "satisfaction")  # 0..10; satisfaction is null below `MIN_JUDGING` reviews
            for end in ("", "_low", "_high")
        ),
        pa.field("quadrant", pa.string(), nullable=False),
        pa.field("reason", pa.string()),
    ]
)


def area_importance(facts: Facts, scope: Scope, *, config: InsightsConfig) -> pa.Table:
    """Place each product part by how many reviews judge it, and how many of these only praise it.

    The scales and quadrants are those of `importance.importance`. A part is as important as the share of reviews that
    judge it at all (troubles, judgements and praise count, verdicts on the whole product don't), so that a part that
    everybody praises is important too. "Whole product" and "other" are no parts.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: least number of reviews that judge a part, confidence level.

    Returns:
        A table with the schema `AREA_IMPORTANCE`.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index, m = facts.index, facts.index.mentions
    base = population(index, select(facts, scope))
    total, size = int(base.sum()), max(len(index.areas), 1)
    speaks = base[m.row] & (m.area >= 0) & ~m.is_specificity("verdict")
    key = m.row * size + m.area
    blamed, praised = (distinct(key[speaks & m.is_kind(kind)]) for kind in ("pain", "praise"))
    judging = distinct(np.concatenate([blamed, praised]))
    blame, judge = (np.bincount(keys % size, minlength=size) for keys in (blamed, judging))
    single = np.array([area.name not in (WHOLE, OTHER) for area in index.areas] or [False])
    kept = np.flatnonzero((judge >= config.min_reviews) & single)
    if not len(kept):
        return AREA_IMPORTANCE.empty_table()
    content = (judge - blame)[kept]
    wanted = [importance_scale(x) for x in wilson(judge[kept], total, config.confidence)]
    enough = np.where(judge[kept] >= MIN_JUDGING, judge[kept], 0)
    satisfied = [10 * x for x in wilson(np.where(enough > 0, content, 0), enough, config.confidence)]
    rows: list[dict[str, Any]] = []
    for i in np.lexsort((kept, -judge[kept])).tolist():
        area = index.areas[kept[i]]
        found, reason = quadrant_of([x[i] for x in wanted], [x[i] for x in satisfied])
        rows.append(
            {
                "area_id": area.id,
                "name": area.name,
                "reviews": int(judge[kept[i]]),
                "analysed": total,
                "blamed": int(blame[kept[i]]),
                "content": int(content[i]),
                **{f"importance{e}": number(x[i]) for e, x in zip(("", "_low", "_high"), wanted, strict=True)},
                **{f"satisfaction{e}": number(x[i]) for e, x in zip(("", "_low", "_high"), satisfied, strict=True)},
                "quadrant": found,
                "reason": reason if enough[i] else f"fewer than {MIN_JUDGING} reviews judge it",
            }
        )
    return pa.Table.from_pylist(rows, schema=AREA_IMPORTANCE)
