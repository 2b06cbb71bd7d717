"""Who is to mend a theme: whether its complaints are about the product, the delivery, the seller or the service."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.facts import Facts
from voc.insights.scope import Scope, population, select

#: One row per theme that a counted review mentions, by id.
RESPONSIBLE = pa.schema(
    [
        pa.field("theme_id", pa.string(), nullable=False),
        pa.field("target", pa.string(), nullable=False),  # what most of its mentions are about; of equals the first
        pa.field("mentions", pa.int64(), nullable=False),
        pa.field("share", pa.float64(), nullable=False),  # of the mentions, those about `target`
    ]
)


def responsible(facts: Facts, scope: Scope, *, config: InsightsConfig) -> pa.Table:
    """Return what each theme's complaints are about, by its mentions in the reviews of a scope.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: not used; insights that the app calls by name take one.

    Returns:
        A table with the schema `RESPONSIBLE`.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index, m = facts.index, facts.index.mentions
    base = population(index, select(facts, scope))
    use = base[m.row] & (m.theme >= 0) & (m.target.codes >= 0)
    # In the order of their names, so that the first of equals does not hang on the order of rows.
    order = np.argsort(np.array(m.target.values, dtype=object), kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    size = max(len(order), 1)
    key = m.theme[use] * size + place[m.target.codes[use]]
    counts = np.bincount(key, minlength=len(index.themes) * size).reshape(len(index.themes), size)
    total = counts.sum(axis=1)
    kept = np.flatnonzero(total)
    best = counts[kept].argmax(axis=1)
    columns = [
        pa.array([index.themes[k].id for k in kept], pa.string()),
        pa.array([m.target.values[order[b]] for b in best], pa.string()),
        pa.array(total[kept]),
        pa.array(counts[kept].max(axis=1, initial=0) / total[kept]),
    ]
    return pa.Table.from_arrays(columns, schema=RESPONSIBLE)
