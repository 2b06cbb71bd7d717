"""One review as a card in a list, and on its own with everything that was read in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow.compute as pc
import streamlit as st

from voc import words
from voc.search.marking import passage, spans
from voc.search.query import Query
from voc.ui import data, links, parts, quotes
from voc.ui.search import finding

_KINDS = {"pain": "Complaint", "praise": "Praise", "wish": "Wish", "neutral": "Neutral"}
_SPECIFIC = {"trouble": "what exactly", "judgement": "a judgement", "verdict": "on the whole"}
_EVENTS = {"failed_after": "failed after", "works_after": "works after"}


def cards(
    view: data.View,
    rows: finding.Rows,
    query: Query,
    found: finding.Found,
    reasons: Mapping[str, tuple[int, str]] | None,
) -> str:
    """Return reviews as HTML: the passage that was found with its words marked, and what is known of each.

    Args:
        view: the workspace's state.
        rows: of the table `reviews`.
        query: whose words are marked.
        found: what words and meaning found.
        reasons: points and why it is worth answering, by review_id.
    """
    reviews = finding.reviews_at(view, rows)
    # What meaning alone found shows the opinion that is near; single words of the query would lead away from it.
    worded = np.isin(rows, found.worded).tolist()
    texts = [review["text"] if by_words else "" for review, by_words in zip(reviews, worded, strict=True)]
    marks = spans(texts, query)
    mentions = finding.mentions_of(view, [review["review_id"] for review in reviews])
    names = finding.theme_names(view)
    listed = []
    for row, review, said in zip(rows.tolist(), reviews, marks, strict=True):
        nearest = finding.mention_at(view, found.near[row]) if row in found.near else None
        why = reasons.get(review["review_id"]) if reasons is not None else None
        listed.append(_card(review, said, mentions[review["review_id"]], nearest, names, why))
    return f'<div class="voc-reviews">{"".join(listed)}</div>'


def _card(
    review: Mapping[str, Any],
    found: list[tuple[int, int]],
    mentions: Sequence[Mapping[str, Any]],
    nearest: Mapping[str, Any] | None,
    names: Mapping[str, str],
    why: tuple[int, str] | None,
) -> str:
    text = review["text"]
    marks: list[quotes.Span] = [(start, end, "found") for start, end in found]
    shown = found
    if nearest is not None:
        clause = (nearest["clause_start"], nearest["clause_end"])
        marks += [*quotes.evidence(nearest), (*clause, "clause")]
        shown = found or [clause]
    elif not found:
        # What an answer would be about are the complaints; who browses wants to see all that was read.
        told = [m for m in mentions if m["kind"] == "pain" or (why is None and m["kind"] != "neutral")]
        marks += [span for mention in told for span in quotes.evidence(mention)]
        worst = max(told, key=lambda m: (m["hazard"], m["specificity"] == "trouble", m["severity"]), default=None)
        shown = [(worst["clause_start"], worst["clause_end"])] if worst is not None else []
    begin, end = passage(text, shown)
    before, after = "… " if begin else "", " …" if end < len(text) else ""
    unfold = ""
    if before or after:
        unfold = f"<details><summary>Whole review</summary><p>{quotes.marked(text, marks)}</p></details>"
    reasons = [] if why is None else why[1].split(", ")
    # What is urgent stands out; the other reasons are a line of text, or twenty reviews would be a wall of frames.
    chips = [parts.chip(reason, "hazard") for reason in reasons if "hazard" in reason]
    other = ", ".join(reason for reason in reasons if "hazard" not in reason)
    why_said = "" if why is None else f'<p class="voc-key"><b>{why[0]} points</b>: {words.safe(other)}</p>'
    chips += _chips(mentions, names, near=nearest is not None and not found, hazard=why is None)
    return (
        f'<blockquote class="voc-quote"><p>{before}{quotes.marked(text, marks, begin, end).strip()}{after}</p>'
        f"<footer><span>{_byline(review)}</span> {quotes.review_link(review['review_id'])}</footer>{why_said}{unfold}"
        + (f'<div class="voc-chips">{"".join(chips)}</div>' if chips else "")
        + "</blockquote>"
    )


def _byline(review: Mapping[str, Any]) -> str:
    further = []
    if review["verified"]:
        further.append("verified")
    if review["incentivised"]:
        further.append("incentivised")
    if review["helpful_votes"]:
        further.append(f"{words.count(review['helpful_votes'])} found it helpful")
    return " · ".join(piece for piece in (quotes.byline(review), *further) if piece)


def _chips(
    mentions: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    *,
    near: bool = False,
    hazard: bool = True,
    most: int = 5,
) -> list[str]:
    listed = [parts.chip("similar in meaning")] if near else []
    if hazard and any(mention["hazard"] for mention in mentions):
        listed.append(parts.chip("⚠ Hazard", "hazard"))
    themes = list(dict.fromkeys(mention["theme_id"] for mention in mentions if mention["theme_id"] in names))
    listed += [theme_link(theme, names[theme]) for theme in themes[:most]]
    return listed + ([parts.chip(f"{len(themes) - most} more")] if len(themes) > most else [])


def theme_link(theme_id: str, name: str) -> str:
    """Return the name of a theme as a link to its opportunity, in a frame."""
    return links.link(words.sentence(name), "opportunities", "voc-chip", theme=theme_id)


def whole(view: data.View, review_id: str) -> None:
    """Draw one review with every opinion that was read in it."""
    row = finding.catalogue(view).row_of(review_id)
    if row is None:
        parts.nothing("There is no such review; it may have been forgotten or replaced since this link was made.")
        return
    (review,) = finding.reviews_at(view, np.array([row], np.int32))
    mentions = finding.mentions_of(view, [review_id])[review_id]
    names = finding.theme_names(view)
    marks = [span for mention in mentions for span in quotes.evidence(mention)]
    marks += [(mention["clause_start"], mention["clause_end"], "clause") for mention in mentions]
    product = review["product"] or review["product_id"]
    parts.section(f"A review of {product}" if product else "One review")
    st.html(
        f'<blockquote class="voc-quote voc-whole"><p>{quotes.marked(review["text"], marks)}</p>'
        f"<footer>{_byline(review)}</footer></blockquote>"
        f'<div class="voc-chips">{"".join(_chips(mentions, names, most=100))}</div>'
        '<p class="voc-key">Marked: <mark>opinion</mark> <mark class="aspect">product part</mark>; underlined is the '
        "clause that each opinion stands in.</p>"
    )
    parts.section("What was read in it", "Every opinion, in the order of the text.")
    if mentions:
        st.html(_opinions(mentions, names))
    else:
        parts.nothing(_unread(view, review))
    parts.section("What else is known", "As the export has it; names of reviewers are never stored.")
    st.html(parts.table(["", ""], _known(view, review)))


def _opinions(mentions: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> str:
    headers = ("Kind", "Part", "What is said", "How it is said", "About", "Severity", "Time in use", "Theme", "Sure")
    body = []
    for mention in mentions:
        theme = mention["theme_id"]
        cells = [
            _KINDS.get(mention["kind"], mention["kind"]),
            mention["aspect"] or "",
            mention["phrase"] or "",
            _SPECIFIC.get(mention["specificity"], mention["specificity"]),
            mention["target"],
            ("⚠ hazard, " if mention["hazard"] else "")
            + (words.severity(mention["severity"]) if mention["kind"] == "pain" else ""),
            _time(mention),
        ]
        link = theme_link(theme, names[theme]) if theme in names else ""
        body.append([*map(words.safe, cells), link, words.percent(mention["confidence"], 0)])
    # What no opinion of this review has would only be an empty column.
    used = [place for place in range(len(headers)) if any(row[place] for row in body)]
    head = "".join(f"<th>{headers[place]}</th>" for place in used)
    lines = ["<tr>" + "".join(f"<td>{row[place]}</td>" for place in used) + "</tr>" for row in body]
    return (
        f'<div class="voc-scroll"><table class="voc-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _time(mention: Mapping[str, Any]) -> str:
    if mention["days_in_use"] is None:
        return ""
    event = _EVENTS.get(mention["time_event"], "after")
    return f"{event} {words.plural(mention['days_in_use'], 'day')}"


def _unread(view: data.View, review: Mapping[str, Any]) -> str:
    read = _reading(view, review["review_id"])
    if read is not None and not read["analysed"]:
        language = words.language(review["language"] or "unknown")
        return f"This review was not read: the model does not read its language ({language}), or it has no text."
    return "No opinion was found in it."


def _reading(view: data.View, review_id: str) -> dict[str, Any] | None:
    readings = view.facts().readings
    rows = readings.filter(pc.equal(readings["review_id"], review_id)).to_pylist()
    return dict(rows[0]) if rows else None


def _known(view: data.View, review: Mapping[str, Any]) -> list[list[str]]:
    read = _reading(view, review["review_id"]) or {}
    said = {None: "", True: "yes", False: "no"}
    predicted = read.get("predicted_rating")
    rows = [
        ("Review", review["review_id"]),
        ("Written", words.day(review["written_at"]) if review["written_at"] else ""),
        ("Stars", "" if review["rating"] is None else f"{review['rating']:g}"),
        (
            "Stars read from the text",
            "" if predicted is None else words.stars(predicted),
        ),
        *((name.replace("_", " ").capitalize(), review[name]) for name in ("product", "product_id", "brand", "market")),
        ("Language", words.language(review["language"]) if review["language"] else ""),
        *((name.capitalize(), review[name]) for name in ("channel", "variant", "version")),
        ("Verified purchase", said[review["verified"]]),
        ("Incentivised", said[review["incentivised"]]),
        ("Helpful votes", "" if review["helpful_votes"] is None else words.count(review["helpful_votes"])),
        ("Reason code", review["reason_code"]),
        ("Format of the export", review["source"]),
        ("Added", words.day(review["ingested_at"])),
        ("Read by", read.get("model_version")),
        *_extra(finding.further(view, review["review_id"])),
    ]
    return [[name, str(value)] for name, value in rows if value not in (None, "")]


def _extra(stored: str | None) -> list[tuple[str, Any]]:
    """Return the further columns of the export."""
    try:
        further = json.loads(stored) if stored else {}
    except ValueError:
        return []
    return [(str(name), value) for name, value in further.items()] if isinstance(further, dict) else []
