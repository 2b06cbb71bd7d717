"""Compares the themes that the pipeline finds with gold categories: adjusted mutual information."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from voc.errors import VocError
from voc.evaluate.gold import GoldLine, GoldOpinion
from voc.tables import from_rows

Span = tuple[int, int]

# The label of what no theme holds: one label for all of it, so that leaving opinions out earns nothing.
UNASSIGNED = ""


def gold_reviews(gold: Sequence[GoldLine]) -> pa.Table:
    """Return the gold texts as a `reviews` table, each under its position in `gold` as review_id."""
    now = dt.datetime.now(dt.UTC)
    rows = (
        {
            "review_id": str(position),
            "channel": "review",
            "source": "gold",
            "language": "en",
            "body": line.text,
            "text": line.text,
            "ingested_at": now,
            "import_id": "gold",
        }
        for position, line in enumerate(gold)
    )
    return from_rows("reviews", rows)


def theme_agreement(gold: Sequence[GoldLine], mentions: pa.Table) -> dict[str, Any]:
    """Score the themes of `mentions` against the gold labels of the same texts.

    What is scored are the negative opinions that have a category, each under the theme of the mention that overlaps
    it most; in files labelled by `topic`, the lines, each under the theme of its longest mention that has one.

    Args:
        gold: lines as `read_gold` returns them.
        mentions: table `mentions` over `gold_reviews(gold)`, with theme_id filled in.

    Returns:
        `theme_ami` (at most 1, 0 is chance; Vinh, Epps and Bailey 2010), `opinions` scored, `unassigned` (how many
        of them no theme holds), `themes` and `categories` (distinct labels met).

    Raises:
        VocError: no line carries a category or a topic.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    columns = ["review_id", "theme_id"] + [f"{part}_{end}" for part in _PARTS for end in ("start", "end")]
    by_review: dict[str, list[dict[str, Any]]] = {}
    for mention in mentions.select(columns).to_pylist():
        by_review.setdefault(mention["review_id"], []).append(mention)
    categories: list[str] = []
    themes: list[str] = []
    for position, line in enumerate(gold):
        found = by_review.get(str(position), [])
        if line.topic is not None:
            categories.append(line.topic)
            themes.append(_longest(found))
        for opinion in line.opinions or ():
            if opinion.polarity == "negative" and opinion.category is not None:
                categories.append(opinion.category)
                themes.append(_overlapping(opinion, found))
    if not categories:
        raise VocError('No line has a negative opinion with a "category", or a "topic": themes cannot be compared.')
    return {
        "theme_ami": float(adjusted_mutual_info_score(categories, themes)),
        "opinions": len(categories),
        "unassigned": themes.count(UNASSIGNED),
        "themes": len(set(themes) - {UNASSIGNED}),
        "categories": len(set(categories)),
    }


_PARTS = ("aspect", "phrase", "clause")


def _span(mention: dict[str, Any], part: str) -> Span | None:
    start = mention[f"{part}_start"]
    return None if start is None else (start, mention[f"{part}_end"])


def _overlap(one: Span | None, other: Span | None) -> int:
    return 0 if one is None or other is None else max(0, min(one[1], other[1]) - max(one[0], other[0]))


def _overlapping(opinion: GoldOpinion, found: Sequence[dict[str, Any]]) -> str:
    """Take the mention whose own words overlap the opinion's most, else the one whose clause does."""

    def words(mention: dict[str, Any]) -> tuple[int, int]:
        named = sum(_overlap(getattr(opinion, part), _span(mention, part)) for part in ("aspect", "phrase"))
        clause = sum(_overlap(span, _span(mention, "clause")) for span in (opinion.aspect, opinion.phrase))
        return named, clause

    if opinion.aspect is None and opinion.phrase is None:
        return _longest(found)
    best = max(found, key=words, default=None)
    return best["theme_id"] or UNASSIGNED if best is not None and any(words(best)) else UNASSIGNED


def _longest(found: Sequence[dict[str, Any]]) -> str:
    assigned = [mention for mention in found if mention["theme_id"]]
    longest = max(assigned, key=lambda mention: mention["clause_end"] - mention["clause_start"], default=None)
    return str(longest["theme_id"]) if longest is not None else UNASSIGNED
