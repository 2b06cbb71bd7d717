"""One opportunity over time: by the calendar, by phase and version, and in the life of a product."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc import words
from voc.analyses import Options
from voc.ui import analyses, data, parts, takeaway, timed
from voc.ui.charts import time
from voc.ui.frames import records
from voc.ui.theme import palette
from voc.ui.trends.phases import chosen_phases, kinds, phase_rows, phase_table

if TYPE_CHECKING:
    from voc.insights import Scope

#: Pixels that the line is high beside the quotes.
SHORT = 200
#: Stage of `voc.tables.use.STAGES` -> words.
_STAGES = {"box": "Out of the box, days 0–3", "weeks": "In the first weeks, days 4–60", "long": "Later"}
_TIMING = {
    "early": "It comes earlier than other troubles, by more than chance.",
    "late": "It comes later than other troubles, by more than chance.",
}


def line(view: data.View, scope: Scope, row: dict[Any, Any], *, height: int = 230) -> pd.DataFrame:
    """Draw reach over time with the phases behind it, and return its rows of the trends table, by phase."""
    # All phases are in view, whichever the list is narrowed to.
    everywhere = replace(scope, phase_id=None)
    phases = chosen_phases(view, everywhere)
    by_phase = phase_rows(view, phases, everywhere, row["theme_id"])
    levels = "" if by_phase.empty else "; bold levels: each phase, with its interval"
    parts.section("Trend", f"Share of reviews that mention it, with interval{levels}.")
    course = view.line(everywhere, row["theme_id"], int(row["reviews"]))
    if course is None:
        parts.nothing("These reviews carry no dates, so there is no line over time.")
    elif course["reach"].notna().any():
        timed.draw(
            time.reach(course, phases, by_phase, palette(), height=height),
            course,
            phases,
            key="trend",
            alt_text="Reach over time",
            title=words.sentence(str(row["name"])),
            subtitle="Share of reviews that mention it, with interval",
        )
    return by_phase


def draw(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    """Draw the line, each phase, each version, and when in the life of a product the trouble comes."""
    by_phase = line(view, scope, row)
    if by_phase.empty:
        parts.nothing("No phases are known; add them on the page Trends by phase.")
    else:
        _phases(by_phase, "phase")
    if "version" in kinds(view):
        everywhere = replace(scope, phase_id=None)
        versions = phase_rows(view, chosen_phases(view, everywhere, "version"), everywhere, row["theme_id"])
        if not versions.empty and not versions["phase_id"].isin(by_phase.get("phase_id", [])).all():
            parts.section("By product version", "Each version is compared with the one before it of the same product.")
            _phases(versions, "version")
    _in_use(view, scope, row)


def _phases(by_phase: pd.DataFrame, name: str) -> None:
    st.html(
        parts.table([words.sentence(name), "Reach", "Interval", "Change", ""], phase_table(by_phase), numbers=[1, 2, 3])
    )
    columns = [
        "phase", "start", "end", "reviews", "analysed", "reach", "reach_low", "reach_high", "change", "change_low",
        "change_high", "p_value", "q_value",
    ]  # fmt: skip
    takeaway.files(f"By {name}", by_phase[[c for c in columns if c in by_phase]], key=f"files_{name}")


def _in_use(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    """Draw the share of each stage among those who say how long they had used it, and by when it had failed."""
    parts.section("In the life of a product", "As far as customers say how long they had used it.")
    found = analyses.analysed(view, "time-in-use", scope).rows
    stages = next((r for r in records(found) if r["theme_id"] == row["theme_id"]), None) if len(found) else None
    if stages is None or not stages["stated"]:
        parts.nothing("No review that mentions it says how long the product had been in use.")
        return
    said = f"{words.count(stages['stated'])} of {words.plural(stages['reviews'], 'review')} say when."
    timing = _TIMING.get(str(stages["timing"]), "")
    st.html(f'<p class="voc-key">{words.safe(f"{said} {timing}".strip())}</p>')
    cells = [
        [
            label,
            words.count(stages[f"{stage}_reviews"]),
            words.percent(stages[f"{stage}_share"], 0),
            words.percent_interval(stages[f"{stage}_low"], stages[f"{stage}_high"]),
        ]
        for stage, label in _STAGES.items()
    ]
    st.html(parts.table(["When", "Reviews", "Share", "Interval"], cells, numbers=[1, 2, 3]))
    failure = analyses.analysed(view, "failure", scope, Options(theme=row["theme_id"]))
    if failure.fault is None and failure.lines:
        by_day = [
            [
                words.plural(int(r["days"]), "day"),
                words.count(r["said_reviews"]),
                words.percent(r["share"], 0),
                words.percent_interval(r["share_low"], r["share_high"]),
            ]
            for r in records(failure.rows)
        ]
        st.html(
            '<p class="voc-key">Of those who say when it failed. The share allows for the rounding of what they say, '
            "to weeks and months:</p>"
            + parts.table(["Within", "Say so", "Share", "Interval"], by_day, numbers=[1, 2, 3])
        )
        st.html(parts.how_to_read(*failure.notes))
