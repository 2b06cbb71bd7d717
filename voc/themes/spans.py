"""Finds the mentions that people meant, by review and place in its text: ids may change with the model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from voc.edits import Span

_COLUMNS = ["mention_id", "review_id"] + [
    f"{part}_{end}" for part in ("aspect", "phrase", "clause") for end in ("start", "end")
]


def span_of(mention: dict[str, Any]) -> Span:
    """Return the span of a row of `mentions`: from the first to the last character of its aspect and phrase.

    Of a mention that has neither it is that of the clause.
    """
    parts = [p for p in ("aspect", "phrase") if mention[f"{p}_start"] is not None] or ["clause"]
    return Span(
        mention["review_id"],
        min(mention[f"{p}_start"] for p in parts),
        max(mention[f"{p}_end"] for p in parts),
    )


def find_spans(mentions: pa.Table, spans: Iterable[Span]) -> dict[Span, int]:
    """Return the row in `mentions` of each span; a span that no mention overlaps by half is missing.

    A mention with the very same span goes first, then the one that overlaps most, in parts of both together; of equal
    ones the first by id.
    """
    wanted = list(dict.fromkeys(spans))
    if not wanted:
        return {}
    reviews = pa.array(sorted({span.review_id for span in wanted}), pa.string())
    held = pc.is_in(mentions["review_id"], value_set=reviews)
    places = pc.indices_nonzero(held).to_pylist()
    by_review: dict[str, list[tuple[Span, str, int]]] = {}
    for place, row in zip(places, mentions.select(_COLUMNS).filter(held).to_pylist(), strict=True):
        by_review.setdefault(row["review_id"], []).append((span_of(row), row["mention_id"], place))
    found = {}
    for span in wanted:
        there = by_review.get(span.review_id, [])
        best = min(there, key=lambda one: (-_alike(span, one[0]), one[1]), default=None)
        if best is not None and _alike(span, best[0]) >= 0.5:
            found[span] = best[2]
    return found


def _alike(one: Span, other: Span) -> float:
    both = min(one.end, other.end) - max(one.start, other.start)
    return max(0, both) / max(1, max(one.end, other.end) - min(one.start, other.start))
