"""Why an opportunity ranks where it does: every part of its place, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc import words
from voc.ui import analyses, data, parts, state, takeaway
from voc.ui.charts.map import NAMES
from voc.ui.frames import records

if TYPE_CHECKING:
    from voc.insights import Scope

#: Up to so many reviews the second opinion is computed unasked.
SMALL = 20_000


def sum_of(row: dict[Any, Any]) -> str:
    """Return star impact as its parts: reach times the gap between the two means."""
    with_, without = row["mean_with"], row["mean_without"]
    if words.missing(with_) or words.missing(without):
        return ""
    lost = abs(row["star_impact"])
    return (
        f'<p class="voc-parts">{words.percent(row["reach"])} of reviews × {without - with_:.2f} stars lower '
        f"= {lost:.{2 if lost >= 0.0095 else 3}f} stars</p>"
    )


def draw(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    """Draw the table of all parts, and what they say in sentences."""
    parts.section("Why it ranks here")
    st.html("".join(f"<p>{words.safe(sentence)}</p>" for sentence in _sentences(view, row)))
    _second_opinion(view, scope, row)
    lines = _lines(row)
    st.html(parts.table(["What", "Figure", "Interval"], lines, numbers=[1, 2]))
    takeaway.files("Why it ranks here", pd.DataFrame(lines, columns=["what", "figure", "interval"]), key="files_why")
    st.html(
        parts.how_to_read(
            "The list is in the order of the shrunk value: what rests on few reviews is drawn towards the mean of all "
            "themes, so that chance does not lead the list.",
            "Importance stands for reach, satisfaction for the share of content reviews among those that judge the "
            "part; both run from 0 to 10 on scales that are the same for every scope.",
            "Opportunity is importance plus what satisfaction lacks of it, 0 to 20 (Ulwick).",
        )
    )


def _sentences(view: data.View, row: dict[Any, Any]) -> list[str]:
    sure = f"{view.config.insights.confidence:.0%}".replace("%", " %")
    low, high, rank = int(row["rank_low"]), int(row["rank_high"]), int(row["rank"])
    if low == high:
        place = f"It is number {rank}, with {sure} confidence."
    else:
        place = f"It is number {rank}, and with {sure} confidence truly between {low} and {high}."
    raw, shrunk = row["star_impact"], row["score"]
    off = abs(raw - shrunk) / abs(raw) if raw else 0.0
    if off < 0.02:
        drawn = f"Its reviews are enough to take {words.lost(raw)} as they stand."
    else:
        way = "down" if abs(shrunk) < abs(raw) else "up"
        drawn = (
            f"Measured are {words.lost(raw)}; for the order of the list they count as {words.lost(shrunk)}, "
            f"{words.percent(off, 0)} {way}, because it rests on {words.plural(int(row['reviews']), 'review')}."
        )
    return [place, drawn]


def _lines(row: dict[Any, Any]) -> list[list[str]]:
    def score(name: str) -> tuple[str, str]:
        value = row.get(name)
        if words.missing(value):
            return "not known", ""
        low, high = row[f"{name}_low"], row[f"{name}_high"]
        return f"{value:.1f}", "" if words.missing(low) else f"{low:.1f}–{high:.1f}"

    gap = (
        f"{row['mean_without'] - row['mean_with']:.2f} stars"
        if not words.missing(row["mean_with"]) and not words.missing(row["mean_without"])
        else "–"
    )
    lines = [
        ["Reach", words.percent(row["reach"]), words.percent_interval(row["reach_low"], row["reach_high"])],
        ["Mean rating where it is mentioned", words.stars(row["mean_with"]), ""],
        ["Mean rating elsewhere", words.stars(row["mean_without"]), ""],
        ["Gap between the two", gap, ""],
        [
            "Stars lost: reach × gap",
            words.lost(row["star_impact"]),
            words.lost_interval(row["star_impact_low"], row["star_impact_high"]),
        ],
        ["Stars lost, shrunk: the order of the list", words.lost(row["score"]), ""],
        ["Rank", f"#{row['rank']}", f"{row['rank_low']}–{row['rank_high']}"],
        [
            "Severity (0 annoyance, 1 hazard or total loss)",
            f"{row['severity']:.2f}, {words.severity(row['severity'])}",
            "",
        ],
    ]
    if not words.missing(row.get("severe_reach")):
        bounds = words.percent_interval(row["severe_reach_low"], row["severe_reach_high"])
        lines.append(["Reach, weighted by severity", words.percent(row["severe_reach"]), bounds])
    lines.append(["Reviews that report a hazard", words.count(row["hazard_reviews"]), ""])
    for label, name in (
        ("Importance", "importance"),
        ("Satisfaction with the part", "satisfaction"),
        ("Opportunity", "opportunity"),
    ):
        lines.append([label, *score(name)])
    quadrant = row.get("quadrant")
    if isinstance(quadrant, str):
        reason = f" ({row['reason']})" if isinstance(row.get("reason"), str) and row["reason"] else ""
        lines.append(["Quadrant", NAMES.get(quadrant, quadrant), ""])
        if reason:
            lines[-1][0] += reason
    return lines


def _second_opinion(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    """Say how many stars are the theme's alone, and which themes it shares the others with.

    The figure takes seconds in a large scope: there it waits until the reader asks for it.
    """
    found = _stored(view, scope)
    if found is None:
        if row["analysed"] > SMALL and state.get("overlap") != "1":
            st.button(
                "Take out the overlap with other themes",
                help="A second opinion on the stars lost; in a scope of this size it takes some seconds.",
                on_click=state.put,
                args=("overlap", "1"),
                key="overlap",
            )
            return
        found = analyses.analysed(view, "adjusted", scope).rows
    own = next((r for r in records(found) if r["theme_id"] == row["theme_id"]), None) if len(found) else None
    if own is None or words.missing(own["adjusted_impact"]):
        return
    said = f"Overlap with other themes taken out: {words.lost(own['adjusted_impact'])}"
    if not words.missing(own["adjusted_low"]):
        said += f" ({words.lost_interval(own['adjusted_low'], own['adjusted_high'])})"
    themes = view.facts().themes
    names = dict(zip(themes["theme_id"].to_pylist(), themes["name"].to_pylist(), strict=True))
    shared = [words.sentence(names[other]) for other in own["shared_with_ids"] if other in names]
    said += f"; shared with {', '.join(shared)}." if shared else "."
    st.html(f"<p>{words.safe(said)}</p>")


def _stored(view: data.View, scope: Scope) -> pd.DataFrame | None:
    """Return what the run has stored of the second opinion, where it answers this scope as it is."""
    if scope != type(scope)() or view.snapshot.info.get("stale") or view.workspace.entries.hidden_themes():
        return None
    if not view.snapshot.has("adjusted"):
        return None
    frame: pd.DataFrame = view.snapshot.table("adjusted").to_pandas()
    return frame
