"""Reports of possible hazards, taken from the opinions themselves, so that no theme can hide one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voc.config import InsightsConfig
from voc.insights.facts import Facts
from voc.insights.intervals import wilson
from voc.insights.quotes import readable, repeats, word_set
from voc.insights.scope import Scope, select
from voc.tables.ranked import HAZARD_PRODUCTS, HAZARDS

#: A rating up to this many stars goes with a report that is meant.
LOW_STARS = 2.5


def hazards(facts: Facts, scope: Scope, *, limit: int | None = None) -> pa.Table:
    """List the analysed reviews of a scope that report a possible hazard, newest first.

    Every opinion marked as a hazard counts, whatever its theme, its state or none, and whatever the channel it came
    through: a return that says "caught fire" is a report too. A review that has several is quoted by the clause that
    reads best on its own, then by the gravest, the surest and the first.

    Args:
        facts: the tables.
        scope: the reviews under view.
        limit: the newest so many only.

    Returns:
        Rows of `HAZARDS`, newest first, undated ones last, of equals by review_id.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index = facts.index
    mask = select(facts, scope) & index.analysed
    marked = facts.mentions.filter(pc.fill_null(facts.mentions.column("hazard"), False))
    place = pc.index_in(marked.column("review_id"), value_set=index.review_id).to_pylist()
    best: dict[int, tuple[tuple[Any, ...], dict[str, Any]]] = {}
    for row, mention in zip(place, marked.to_pylist(), strict=True):
        if row is None or not mask[row]:
            continue
        start, end = mention["clause_start"], mention["clause_end"]
        text = index.text[row].as_py()[start:end]
        order = (not readable(text), -mention["severity"], -mention["confidence"], start, mention["mention_id"])
        if row not in best or order < best[row][0]:
            best[row] = order, {**mention, "text": text, "start": start, "end": end}
    columns = ["review_id", "product_id", "product", "written_at", "rating", "channel"]
    about = {
        review["review_id"]: review
        for review in facts.reviews.select(columns)
        .filter(pc.is_in(facts.reviews.column("review_id"), index.review_id.take(pa.array(list(best), pa.int64()))))
        .to_pylist()
    }
    rows = [{**mention, **about[mention["review_id"]]} for _, mention in best.values()]
    for one in rows:
        one["product"] = index.product_names.get(one["product_id"]) or one["product"] or one["product_id"]
    found = pa.Table.from_pylist([{name: one[name] for name in HAZARDS.names} for one in rows], schema=HAZARDS)
    order = pc.sort_indices(found, [("written_at", "descending"), ("review_id", "ascending")])  # nulls last
    return found.take(order[:limit] if limit is not None else order)


def hazard_products(facts: Facts, scope: Scope, *, config: InsightsConfig) -> pa.Table:
    """Count the reviews that report a possible hazard by product, the product with most of them first.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: confidence level.

    Returns:
        Rows of `HAZARD_PRODUCTS` with each product's share of its analysed reviews of all channels (Wilson interval);
        of equal counts the greater share first, then by product_id.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index = facts.index
    product = index.product.codes
    analysed = select(facts, scope) & index.analysed
    reported = np.isin(np.arange(index.size), index.mentions.row[index.mentions.hazard]) & analysed
    rows: list[dict[str, Any]] = []
    for code in np.unique(product[reported]).tolist():
        count, total = int((reported & (product == code)).sum()), int((analysed & (product == code)).sum())
        share, low, high = wilson(count, total, config.confidence)
        key = index.product.values[code] if code >= 0 else None
        rows.append(
            {
                "product_id": key,
                "product": None if key is None else index.product_names.get(key, key),
                "reviews": count,
                "analysed": total,
                "share": float(share[0]),
                "share_low": float(low[0]),
                "share_high": float(high[0]),
            }
        )
    rows.sort(key=lambda row: (-row["reviews"], -row["share"], row["product_id"] or ""))
    return pa.Table.from_pylist(rows, schema=HAZARD_PRODUCTS)


def striking(found: pa.Table, count: int) -> pa.Table:
    """Choose the reports to read first: with low stars or none, of different products, readable and recent.

    Args:
        found: rows of `HAZARDS`, newest first.
        count: how many at most.

    Returns:
        Some of the rows, the first to read first; one that nearly repeats the words of another only for want of others.
    """
    rows = found.to_pylist()
    words = [word_set(row["text"]) for row in rows]
    chosen: list[int] = []

    def take(candidates: list[int], *, new_product: bool = False, new_words: bool = True) -> None:
        for i in candidates:
            if len(chosen) == count:
                return
            known = any(rows[i]["product_id"] == rows[j]["product_id"] for j in chosen)
            said = any(repeats(words[i], words[j]) for j in chosen)
            if i not in chosen and not (known and new_product) and not (said and new_words):
                chosen.append(i)

    for praised in (False, True):
        alike = [i for i, row in enumerate(rows) if ((row["rating"] or 0.0) > LOW_STARS) == praised]
        alike.sort(key=lambda i: not readable(rows[i]["text"]))  # stable: then newest first
        take(alike, new_product=True)
        take(alike)
    take(list(range(len(rows))), new_words=False)
    return found.take(pa.array(chosen, pa.int64()))
