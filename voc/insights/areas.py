"""Product parts ranked like themes, with what is said about each; the list where troubles are too few for themes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.arrays import distinct
from voc.insights.facts import Facts
from voc.insights.index import Mask
from voc.insights.ranking import rank_groups
from voc.insights.scope import Scope, population, select
from voc.tables.ranked import AREA_SUMMARY


def area_summary(facts: Facts, scope: Scope, *, config: InsightsConfig) -> pa.Table:
    """Rank the areas of a scope by the stars that go with complaints about them.

    A complaint is a trouble or a judgement; verdicts on the whole product are satisfaction and count for no area.
    Everything else is as in `opportunities`: an area is ranked from `config.min_reviews` reviews on, `reviews` equals
    `pain_reviews`.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: as for `opportunities`.

    Returns:
        A table with the schema `AREA_SUMMARY`, best first.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index = facts.index
    mask = select(facts, scope)
    base = population(index, mask)
    m = index.mentions
    pain, praise = index.complaint_area >= 0, m.is_kind("praise") & (m.area >= 0)

    def reviews(which: Mask) -> dict[str, int]:
        use = which & base[m.row]
        pairs = distinct(m.area[use] * index.size + m.row[use])
        counts = np.bincount(pairs // max(1, index.size), minlength=len(index.areas))
        return {area.id: int(n) for area, n in zip(index.areas, counts, strict=True)}

    said = {
        "trouble_reviews": reviews(pain & m.is_specificity("trouble")),
        "judgement_reviews": reviews(pain & m.is_specificity("judgement")),
        "praise_reviews": reviews(praise),
    }
    rows = rank_groups(index, mask, index.area_pairs, index.areas, index.area_quotes, config)
    for row in rows:
        row["area_id"] = row.pop("id")
        row["pain_reviews"] = row["reviews"]
        row.update({name: counts[row["area_id"]] for name, counts in said.items()})
    return pa.Table.from_pylist(rows, schema=AREA_SUMMARY)
