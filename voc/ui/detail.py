"""The detail of one opportunity: its parts, its trend, its quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc.ui import analyses, data, nav, parts, quotes, state, words
from voc.ui.charts import time
from voc.ui.frames import records
from voc.ui.phases import chosen_phases, phase_rows
from voc.ui.theme import palette, show

if TYPE_CHECKING:
    from voc.insights import Scope

#: Quotes on the page at first, and how many more a click brings.
QUOTES = 6


def theme(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    """Draw everything about one row of the opportunities table.

    Args:
        view: the workspace's state.
        scope: products, segment and dates under view.
        row: the opportunity.
    """
    confidence = view.config.insights.confidence
    rank = words.rank_interval(row["rank"], row["rank_low"], row["rank_high"], confidence)
    st.html(
        f'<span class="voc-eyebrow">{words.safe(rank)}</span>'
        f'<h2 class="voc" style="font-size:1.45rem;margin:0 0 .5rem">{words.safe(words.sentence(row["name"]))}</h2>'
        + parts.chips(row)
        + parts.figures(_figures(row))
        + _sum(row)
        + _second_opinion(view, scope, row["theme_id"])
    )
    st.page_link(
        nav.page("themes"),
        label="Rename, merge, split or correct this theme",
        icon=":material/edit:",
        query_params={"theme": row["theme_id"]},
    )
    _trend(view, scope, row)
    _quotes(view, scope, row)


def _figures(row: dict[Any, Any]) -> list[str]:
    cells = [
        parts.figure(
            words.lost(row["star_impact"]),
            "off the mean rating",
            words.lost_interval(row["star_impact_low"], row["star_impact_high"]),
        ),
        parts.figure(
            words.percent(row["reach"]),
            "of reviews mention it",
            f"{words.percent_interval(row['reach_low'], row['reach_high'])}, "
            f"{words.count(row['reviews'])} of {words.count(row['analysed'])}",
        ),
        parts.figure(
            f"{words.stars(row['mean_with'])} ★",
            "mean where it is mentioned",
            f"{words.stars(row['mean_without'])} ★ elsewhere",
        ),
    ]
    if not words.missing(row["momentum"]):
        cells.append(
            parts.figure(
                words.points(row["momentum"]),
                "reach lately, recent half against earlier",
                words.percent_interval(row["momentum_low"], row["momentum_high"]),
            )
        )
    return cells


def _sum(row: dict[Any, Any]) -> str:
    """Return star impact as its parts: reach times the gap between the two means."""
    with_, without = row["mean_with"], row["mean_without"]
    sum_ = ""
    if not words.missing(with_) and not words.missing(without):
        sum_ = (
            f'<p class="voc-parts">{words.percent(row["reach"])} of reviews × {without - with_:.2f} stars lower '
            f"= {abs(row['star_impact']):.{2 if abs(row['star_impact']) >= 0.0095 else 3}f} stars</p>"
        )
    predicted = int(row["predicted_ratings"])
    note = ""
    if predicted:
        note = f" {words.plural(predicted, 'review')} had no stars; the rating read from the text stands in."
    return f'{sum_}<p class="voc-key">{words.safe(f"{parts.STAR_IMPACT_CAPTION} {parts.RANK_CAPTION}{note}")}</p>'


def _second_opinion(view: data.View, scope: Scope, theme_id: str) -> str:
    """Return the stars that are the theme's alone, and the themes that it shares the others with."""
    found = analyses.analysed(view, "adjusted", scope).rows
    row = next((row for row in records(found) if row["theme_id"] == theme_id), None) if len(found) else None
    if row is None or words.missing(row["adjusted_impact"]):
        return ""
    said = f"Overlap with other themes taken out: {words.lost(row['adjusted_impact'])}"
    if not words.missing(row["adjusted_low"]):
        said += f" ({words.lost_interval(row['adjusted_low'], row['adjusted_high'])})"
    shared = [words.sentence(str(name)) for name in row["shared_with"]]
    said += f"; shared with {', '.join(shared)}." if shared else "."
    return f'<p class="voc-key">{words.safe(said)}</p>'


def _trend(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    from dataclasses import replace

    parts.section(
        "Trend", "Share of reviews that mention it: the line by time, the bold levels by phase, with intervals."
    )
    everywhere = replace(scope, phase_id=None)
    phases = chosen_phases(view, everywhere)
    by_phase = phase_rows(view, phases, everywhere, row["theme_id"])
    line = view.line(everywhere, row["theme_id"], int(row["reviews"]))
    if line is None:
        parts.nothing("These reviews carry no dates, so there is no line over time.")
    elif line["reach"].notna().any():
        show(time.reach(line, phases, by_phase, palette(), height=230), key="trend", alt_text="Reach over time")
    if by_phase.empty:
        parts.nothing("No phases are known; add them on the page Trends by phase.")
        return
    st.html(parts.table(["Phase", "Reach", "Interval", "Change", ""], phase_table(by_phase), numbers=[1, 2, 3]))


def phase_table(by_phase: pd.DataFrame) -> list[list[str]]:
    """Return a theme's rows of the trends table as cells of words."""
    rows = []
    for row in records(by_phase):
        word = words.direction(row["change"], row["q_value"])
        changed = not words.missing(row["change"])
        rows.append(
            [
                str(row["phase"]),
                words.percent(row["reach"]),
                words.percent_interval(row["reach_low"], row["reach_high"]),
                words.points(row["change"]) if changed else "",
                word if changed else "",
            ]
        )
    return rows


def _quotes(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    bands = {"": "All"} | {name: label for name, (label, _, _) in data.STAR_BANDS.items()}
    parts.section("What customers say")
    stars = state.switch("Stars", bands, "stars", hidden_label=True)
    wanted = state.get("more")
    limit = QUOTES * (int(wanted) if wanted.isdigit() and 0 < int(wanted) <= 50 else 1)
    shown, found = view.quotes(row["theme_id"], scope, stars, limit, quotes.standing(row))
    st.html(
        '<p class="voc-key">The stars choose quotes only; every figure above keeps all reviews. Marked: '
        '<mark>opinion</mark> <mark class="aspect">product part</mark></p>'
    )
    if shown.empty:
        parts.nothing("No quote has this many stars.")
        return
    st.html("".join(quotes.quote(record) for record in records(shown)))
    if found > len(shown):
        st.button(
            f"Show more ({words.count(len(shown))} of {words.count(found)})",
            on_click=state.put,
            args=("more", str(limit // QUOTES + 1)),
        )
