"""Opportunities as issues: CSV files that the importers of Jira and of Linear read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from voc import words
from voc.errors import VocError
from voc.markdown import JOINER, escaped, inline, unlinked
from voc.report.basis import Basis
from voc.report.document import Quote
from voc.report.opportunity import NOT_RANKED, sums
from voc.report.quoting import quoted
from voc.sheets import Sheet

#: How the priority comes about; said in every description.
RULE = (
    "Priority: highest where reviews report a possible hazard; high for the three that cost most stars; medium for "
    "the first ten and for what breaks the product; low otherwise."
)
_JIRA = ("Highest", "High", "Medium", "Low")
_LINEAR = ("Urgent", "High", "Medium", "Low")
# What Jira's wiki markup acts on anywhere in a line, and what it strikes out or underlines words with.
_WIKI = re.compile(r"([*_^~{}\[\]!|]|\?\?|(?<!\w)[-+](?=\S))")
_QUOTES = 5
_LABELS = ("label 1", "label 2", "label 3")


def level(row: Mapping[str, Any]) -> int:
    """Return how urgent an opportunity is: 0 (highest) to 3 (low); see `RULE`."""
    if row["hazard"]:
        return 0
    if row["rank"] <= 3:
        return 1
    return 2 if row["rank"] <= 10 or row["severity"] >= 0.75 else 3


def jira(basis: Basis, theme_id: str | None = None, most: int = 10) -> Sheet:
    """Return issues with the columns of Jira's CSV importer; descriptions are in its wiki markup.

    Args:
        basis: what they are made from.
        theme_id: the opportunity; None for the best of the scope.
        most: how many of those.

    Raises:
        VocError: the theme is not ranked in this scope.
    """
    rows = [
        {
            "Summary": _line(row["name"]),
            "Issue Type": "Bug",
            "Priority": _JIRA[level(row)],
            **dict(itertools.zip_longest(_LABELS, _labels(row), fillvalue="")),
            "Description": _wiki(basis, row),
        }
        for row in _chosen(basis, theme_id, most)
    ]
    columns = ("Summary", "Issue Type", "Priority", *_LABELS, "Description")
    # Several values of a field come in several columns of one name.
    headings = ["Labels" if column in _LABELS else column for column in columns]
    return Sheet("Jira", rows, rows, rows, columns, headings=headings)


def linear(basis: Basis, theme_id: str | None = None, most: int = 10) -> Sheet:
    """Return issues with the columns of Linear's CSV importer; descriptions are Markdown.

    Args and errors are those of `jira`.
    """
    rows = [
        {
            "Title": _line(row["name"]),
            "Description": _markdown(basis, row),
            "Priority": _LINEAR[level(row)],
            "Status": "Backlog",
            "Labels": ", ".join(_labels(row)),
            "Assignee": "",
            "Created": basis.day.isoformat(),
            "Completed": "",
            "Estimate": "",
        }
        for row in _chosen(basis, theme_id, most)
    ]
    columns = ("Title", "Description", "Priority", "Status", "Labels", "Assignee", "Created", "Completed", "Estimate")
    return Sheet("Linear", rows, rows, rows, columns)


def wiki(text: str) -> str:
    """Return text of data for one line of Jira's wiki markup: everything shows literally."""
    # Two backslashes would break the line, one before a bracket would free it.
    line = unlinked(" ".join(words.visible(text).split()).replace("\\", f"\\{JOINER}"))
    return re.sub(r"^(h[1-6]|bq)\.|^([*#-]+)(?=\s)", lambda found: f"{JOINER}{found[0]}", _WIKI.sub(r"\\\1", line))


def _chosen(basis: Basis, theme_id: str | None, most: int) -> Sequence[Mapping[str, Any]]:
    if theme_id is None:
        return basis.ranked[:most]
    rows = [row for row in basis.ranked if row["theme_id"] == theme_id]
    if not rows:
        raise VocError(NOT_RANKED.format(theme_id))
    return rows


def _line(name: object) -> str:
    # Jira takes 255 characters.
    return " ".join(words.visible(words.sentence(str(name))).split())[:250]


def _labels(row: Mapping[str, Any]) -> list[str]:
    area = re.sub(r"[^\w-]+", "-", str(row["area"] or "")).strip("-").lower()
    return ["voice-of-customer", *([area] if area else []), *(["safety"] if row["hazard"] else [])]


def _facts(basis: Basis, row: Mapping[str, Any]) -> list[str]:
    rank = words.rank_interval(row["rank"], row["rank_low"], row["rank_high"], basis.config.confidence)
    lost = words.lost_interval(row["star_impact_low"], row["star_impact_high"])
    reach = words.percent_interval(row["reach_low"], row["reach_high"])
    said = [
        f"Rank {rank} of {len(basis.ranked)}, in {basis.scope_words or 'all reviews'}",
        f"Stars off the mean rating: {words.lost(row['star_impact'])} ({lost})",
        f"Reach: {words.percent(row['reach'])} of reviews ({reach}), {words.count(row['reviews'])} of "
        f"{words.count(row['analysed'])}",
        f"Severity: {words.severity(row['severity'])}",
    ]
    if row["hazard"]:
        said.append(f"Possible safety hazard in {words.plural(int(row['hazard_reviews']), 'review')}")
    word = words.momentum(row["momentum_low"], row["momentum_high"])
    if word != "not compared":
        interval = words.percent_interval(row["momentum_low"], row["momentum_high"])
        said.append(f"Lately: {word}, {words.points(row['momentum'])} ({interval})")
    return said


def _described(
    basis: Basis,
    row: Mapping[str, Any],
    *,
    heading: str,
    item: str,
    safe: Callable[[str], str],
    quote: Callable[[Quote], str],
    link: Callable[[str, str], str],
) -> str:
    quotes = quoted(basis.facts, row["quotes"][:_QUOTES])
    parts = [f"{safe(sums(row)) or safe(words.sentence(str(row['name'])))}"]
    parts += [f"{heading}Figures", "\n".join(f"{item}{safe(line)}" for line in _facts(basis, row))]
    if quotes:
        parts += [f"{heading}What customers say", *(quote(one) for one in quotes)]
    address = basis.link("opportunities", theme=str(row["theme_id"]))
    parts += [link("Open this view in voc", address)] if address else []
    parts += [
        safe(RULE),
        safe(f"Source: {basis.source}. Stars are associated with the theme; no gain from a fix is promised."),
    ]
    return "\n\n".join(parts)


def _wiki(basis: Basis, row: Mapping[str, Any]) -> str:
    def quote(one: Quote) -> str:
        said = "".join(text for text, _ in one.pieces)
        return f"{{quote}}\n“{wiki(said)}”\n{wiki(one.byline)}\n{{quote}}"

    return _described(
        basis,
        row,
        heading="h3. ",
        item="* ",
        safe=wiki,
        quote=quote,
        link=lambda label, address: f"[{label}|{address.replace('|', '%7C').replace(']', '%5D')}]",
    )


def _markdown(basis: Basis, row: Mapping[str, Any]) -> str:
    def quote(one: Quote) -> str:
        said = "".join(text for text, _ in one.pieces)
        return f"> “{inline(said)}”\n>\n> — {inline(one.byline)}"

    return _described(
        basis,
        row,
        heading="### ",
        item="- ",
        safe=escaped,
        quote=quote,
        link=lambda label, address: f"[{label}](<{address}>)",
    )
