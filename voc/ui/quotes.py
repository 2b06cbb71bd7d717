"""Customers' own words as HTML with the evidence marked; review text is untrusted and always shows literally."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voc import words
from voc.ui import links

Span = tuple[int, int, str]


def marked(text: str, spans: Sequence[Span], start: int = 0, end: int | None = None) -> str:
    """Return ``text[start:end]`` as HTML with spans wrapped in marks.

    Args:
        text: the whole review.
        spans: (start, end, class) in code points of `text`; the earlier in the list wins where two overlap, and what
            lies outside the stretch is left out.
        start: where the stretch begins.
        end: where it ends, exclusive; by default at the end of the text.
    """
    end = len(text) if end is None else min(end, len(text))
    start = max(0, min(start, end))
    owner: list[int | None] = [None] * (end - start)
    for index, (low, high, _) in enumerate(spans):
        for position in range(max(low, start), min(high, end)):
            if owner[position - start] is None:
                owner[position - start] = index
    parts: list[str] = []
    position = start
    while position < end:
        held = owner[position - start]
        stop = position
        while stop < end and owner[stop - start] == held:
            stop += 1
        piece = words.safe(text[position:stop])
        if held is not None:
            css = spans[held][2]
            tag = "span" if css == "clause" else "mark"
            piece = f'<{tag} class="{css}">{piece}</{tag}>'
        parts.append(piece)
        position = stop
    return "".join(parts)


def evidence(row: Mapping[str, Any]) -> list[Span]:
    """Return the spans of a mention's aspect and phrase; the aspect is marked where the two overlap."""
    spans: list[Span] = []
    for name, css in (("aspect", "aspect"), ("phrase", "phrase")):
        low, high = row.get(f"{name}_start"), row.get(f"{name}_end")
        if not words.missing(low) and not words.missing(high):
            spans.append((int(low or 0), int(high or 0), css))
    return spans


def byline(row: Mapping[str, Any]) -> str:
    """Return what is known of a quote's review in one line of HTML: stars, date, product, market."""
    parts = []
    rating = row.get("rating")
    if not words.missing(rating):
        full = round(float(rating or 0))
        parts.append(f'<span aria-label="{full} of 5 stars">{"★" * full}{"☆" * (5 - full)}</span>')
    if not words.missing(row.get("written_at")) and row.get("written_at") == row.get("written_at"):
        parts.append(words.day(row["written_at"]))
    parts += [words.safe(row[name]) for name in ("product", "market") if isinstance(row.get(name), str) and row[name]]
    if row.get("channel") not in (None, "review"):
        parts.append(words.safe(row["channel"]))
    return " · ".join(parts)


def review_link(review_id: str, label: str = "Open review") -> str:
    """Return a link to a review with everything that was read in it; it works from every page."""
    return links.link(label, "reviews", review=review_id)


def quote(row: Mapping[str, Any], *, expandable: bool = True) -> str:
    """Return one quote as HTML: the clause with its evidence marked, byline and link, the whole review on request.

    Args:
        row: a mention joined with its review (columns of both tables).
        expandable: offer the whole review below the clause.
    """
    text = str(row["text"])
    low, high = int(row["clause_start"]), int(row["clause_end"])
    spans = evidence(row)
    clause = marked(text, spans, low, high).strip()
    whole = ""
    if expandable and text.strip() != text[low:high].strip():
        review = marked(text, [*spans, (low, high, "clause")])
        whole = f"<details><summary>Whole review</summary><p>{review}</p></details>"
    link = review_link(row["review_id"]) if isinstance(row.get("review_id"), str) else ""
    said = byline(row)
    footer = (f"<span>{said}</span> " if said else "") + link
    return (
        f'<blockquote class="voc-quote"><p>“{clause}”</p>'
        + (f"<footer>{footer}</footer>" if footer else "")
        + f"{whole}</blockquote>"
    )


def standing(row: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """Return review_id and start of the clauses that stand for an opportunity, best first."""
    return tuple((str(quote["review_id"]), int(quote["start"])) for quote in row["quotes"])
