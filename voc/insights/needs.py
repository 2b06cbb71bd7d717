"""Needs: what customers wish for, by the part it concerns and how deep the wish reaches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voc.config import InsightsConfig
from voc.insights.facts import Facts
from voc.insights.index import Index, Ints, Mask
from voc.insights.intervals import mean_intervals, wilson
from voc.insights.ranking import number
from voc.insights.scope import Scope, population, select
from voc.tables.use import NEEDS
from voc.themes.areas import WHOLE


def needs(facts: Facts, scope: Scope = Scope(), *, config: InsightsConfig) -> pa.Table:  # noqa: B008 - frozen
    """List the needs of a scope, by how many reviews wish for them.

    Reach is the share of the scope's analysed reviews, with Wilson interval. Most customers who would like something
    don't write so: it says what comes up, not how many would pay for it. A wish that people corrected into another kind
    of opinion no longer counts.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: confidence level and number of quotes.

    Returns:
        Rows of `NEEDS`: by number of reviews, then by name.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index = facts.index
    base = population(index, select(facts, scope))
    table = _wishes(facts, index, base)
    if not table.num_rows:
        return NEEDS.empty_table()
    encoded = table["need_id"].combine_chunks().dictionary_encode()
    group = encoded.indices.to_numpy().astype(np.int64)
    row = table["row"].to_numpy()
    pairs = np.unique(np.stack([group, row]), axis=1)
    size = len(encoded.dictionary)
    counts = np.bincount(pairs[0], minlength=size)
    total = int(base.sum())
    reach = wilson(counts, total, config.confidence)
    stars = index.stars[pairs[1]]
    rated = ~np.isnan(stars)
    rating = mean_intervals(
        np.bincount(pairs[0][rated], weights=stars[rated], minlength=size),
        np.bincount(pairs[0][rated], weights=stars[rated] ** 2, minlength=size),
        np.bincount(pairs[0][rated], minlength=size),
        config.confidence,
    )
    names = dict(zip(*(facts.areas[c].to_pylist() for c in ("area_id", "name")), strict=True))
    listed = table.to_pylist()
    members: list[list[dict[str, Any]]] = [[] for _ in range(size)]
    for place, wish in zip(group.tolist(), listed, strict=True):
        members[place].append(wish)
    found = []
    for i, own in enumerate(members):
        depths = [wish["depth"] for wish in own]
        found.append(
            {
                "need_id": own[0]["need_id"],
                "name": own[0]["need"],
                # The table of areas lacks some: a wish alone makes none.
                "area": names.get(own[0]["need_area_id"], WHOLE),
                "depth": min(set(depths), key=lambda depth: (-depths.count(depth), depth)),
                "reviews": int(counts[i]),
                "analysed": total,
                "reach": float(reach[0][i]),
                "reach_low": float(reach[1][i]),
                "reach_high": float(reach[2][i]),
                "mean_rating": number(rating[0][i]),
                "rating_low": number(rating[1][i]),
                "rating_high": number(rating[2][i]),
                "first_run": own[0]["first_run"],
                "quotes": _quotes(index, own, config.quotes),
            }
        )
    found.sort(key=lambda need: (-need["reviews"], need["name"], need["need_id"]))
    return pa.Table.from_pylist(found, schema=NEEDS)


def _wishes(facts: Facts, index: Index, base: Mask) -> pa.Table:
    """Return the wishes of the reviews `base` with the place of their review and their clause, by mention."""
    columns = ["mention_id", "review_id", "clause_start", "clause_end", "confidence"]
    mentions = facts.mentions.filter(pc.equal(facts.mentions["kind"], "wish")).select(columns)
    joined = facts.wishes.join(mentions, "mention_id", join_type="inner").sort_by("mention_id")
    row: Ints = pc.fill_null(pc.index_in(joined["review_id"], value_set=index.review_id), -1).to_numpy().astype(int)
    joined = joined.append_column("row", pa.array(row))
    return joined.filter(pa.array((row >= 0) & base[row]))


def _quotes(index: Index, wishes: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """Return the clauses of `count` wishes, the surest first, one a review."""
    quotes: dict[int, dict[str, Any]] = {}
    for wish in sorted(wishes, key=lambda wish: (-wish["confidence"], wish["mention_id"])):
        start, end, row = wish["clause_start"], wish["clause_end"], wish["row"]
        if row not in quotes and len(quotes) < count:
            quotes[row] = {
                "review_id": wish["review_id"],
                "text": index.text[row].as_py()[start:end],
                "start": start,
                "end": end,
                "rating": number(index.own_rating[row]),
            }
    return list(quotes.values())
