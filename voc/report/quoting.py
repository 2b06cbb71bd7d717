"""Customers' own words in a report, with the evidence marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from voc import words
from voc.insights import Facts
from voc.report.document import Piece, Quote

_REVIEW = ("review_id", "text", "rating", "written_at", "product", "market", "channel")
_SPANS = ("aspect_start", "aspect_end", "phrase_start", "phrase_end")
#: A clause longer than this is cut; some reviews are a single sentence of a page.
LONGEST = 320


def quoted(facts: Facts, clauses: Sequence[Mapping[str, Any]]) -> list[Quote]:
    """Return clauses as quotes, in their order.

    Args:
        facts: the tables.
        clauses: review_id, start and end of each, as in the column `quotes` of opportunities.
    """
    wanted = pa.array([clause["review_id"] for clause in clauses], pa.string())
    held = facts.reviews.select(list(_REVIEW)).filter(pc.is_in(facts.reviews["review_id"], wanted))
    reviews = {row["review_id"]: row for row in held.to_pylist()}
    read = facts.mentions.filter(pc.is_in(facts.mentions["review_id"], wanted))
    spans = {
        (row["review_id"], row["clause_start"]): row
        for row in read.select(["review_id", "clause_start", *_SPANS]).to_pylist()
    }
    found = []
    for clause in clauses:
        review = reviews.get(clause["review_id"])
        if review is not None:
            mention = spans.get((clause["review_id"], clause["start"]), {})
            found.append(Quote(_pieces(review["text"], clause["start"], clause["end"], mention), _byline(review)))
    return found


def _pieces(text: str, start: int, end: int, mention: Mapping[str, Any]) -> list[Piece]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    cut = end - start > LONGEST
    end = min(end, start + LONGEST)
    marks = [""] * (end - start)
    for kind in ("phrase", "aspect"):
        low, high = mention.get(f"{kind}_start"), mention.get(f"{kind}_end")
        if low is not None and high is not None:
            for place in range(max(low, start), min(high, end)):
                marks[place - start] = kind
    pieces: list[Piece] = []
    for place, kind in enumerate(marks):
        letter = text[start + place]
        if pieces and pieces[-1][1] == kind:
            pieces[-1] = (pieces[-1][0] + letter, kind)
        else:
            pieces.append((letter, kind))
    return [*pieces, ("…", "")] if cut else pieces


def _byline(review: Mapping[str, Any]) -> str:
    said = []
    if not words.missing(review["rating"]):
        full = round(float(review["rating"]))
        said.append("★" * full + "☆" * (5 - full))
    if review["written_at"] is not None:
        said.append(words.day(review["written_at"]))
    said += [review[name] for name in ("product", "market") if review[name]]
    if review["channel"] != "review":
        said.append(review["channel"])
    return " · ".join(said)
