"""The customers' own words about a theme, best evidence first, one quote for each review."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from voc.tables import MENTIONS, REVIEWS

if TYPE_CHECKING:
    from voc.insights import Facts, Scope

#: Columns of the review that a quote comes from, and of the opinion that it carries.
_REVIEW = ("review_id", "rating", "written_at", "product", "brand", "market", "channel")
_MENTION = ("kind", "aspect", "phrase", "severity", "confidence", "hazard", "mention_id")
#: What the customer wrote is text[start:end] of the review.
QUOTES = pa.schema(
    [
        pa.field("quote", pa.string(), nullable=False),
        *(REVIEWS.field(name) for name in _REVIEW),
        *(MENTIONS.field(name) for name in _MENTION),
        pa.field("start", pa.int32(), nullable=False),
        pa.field("end", pa.int32(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
    ]
)


def quotes(facts: Facts, theme_id: str, scope: Scope, limit: int | None = None) -> pa.Table:
    """Return the quotes of a theme: hazards first, then what can be read on its own, then the gravest and surest.

    Args:
        facts: the tables.
        theme_id: the theme.
        scope: the reviews under view.
        limit: at most so many.

    Returns:
        Rows of `QUOTES`, one for each review that mentions the theme.
    """
    from voc.insights.quotes import readable
    from voc.insights.scope import select

    index = facts.index
    inside = index.review_id.filter(pa.array(select(facts, scope)))
    mentions = facts.mentions.filter(pc.equal(facts.mentions["theme_id"], theme_id))
    mentions = mentions.filter(pc.is_in(mentions["review_id"], value_set=inside))
    place = pc.index_in(mentions["review_id"], value_set=facts.reviews["review_id"].combine_chunks())
    reviews = facts.reviews.select([*_REVIEW, "text"]).take(place)
    best: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}
    for review, mention in zip(reviews.to_pylist(), mentions.to_pylist(), strict=True):
        start, end = mention["clause_start"], mention["clause_end"]
        quote = review["text"][start:end].strip()
        gravity = mention["confidence"] * (0.5 + mention["severity"])
        order = (not mention["hazard"], not readable(quote), -gravity, mention["mention_id"])
        if review["review_id"] not in best or order < best[review["review_id"]][0]:
            row = {**mention, **review, "quote": quote, "start": start, "end": end}
            best[review["review_id"]] = order, row
    ranked = [row for _, row in sorted(best.values(), key=lambda found: found[0])]
    rows = [{name: row[name] for name in QUOTES.names} for row in ranked[:limit]]
    return pa.Table.from_pylist(rows, schema=QUOTES)


def quote_line(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is shown of a row of `QUOTES`."""
    return {
        "customers say": row["quote"],
        "stars": "" if row["rating"] is None else f"{row['rating']:g}",
        "written": None if row["written_at"] is None else row["written_at"].date(),
        "product": row["product"],
        "market": row["market"],
    }
