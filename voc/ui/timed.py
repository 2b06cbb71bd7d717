"""Charts over time on a page, and under them what their numbers and upright lines stand for."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pandas as pd
import streamlit as st

from voc import words
from voc.ui import links
from voc.ui.charts import bands, marked
from voc.ui.charts.span import extent
from voc.ui.frames import records
from voc.ui.theme import show


def draw(
    chart: Any,
    line: pd.DataFrame,
    phases: pd.DataFrame,
    *,
    marks: pd.DataFrame | None = None,
    here: str = "",
    subtitle: str = "",
    **options: Any,
) -> Any:
    """Draw a chart over time; name the phases that have only a number in it, and list the decisions that it marks.

    Args:
        chart: as the functions of `voc.ui.charts.time` return it.
        line: its points over time, with the column month.
        phases: rows of the phases table that it shades.
        marks: what `voc.ui.decisions.decided.marks` returns, where decisions are marked in it.
        here: id of the decision whose own page this is; it is no link.
        subtitle: explains the saved picture.
        options: passed to `voc.ui.theme.show`.
    """
    first, last = extent(line)
    names, narrow_only = bands.key(phases, first, last)
    numbered = ", ".join(f"{number} {name}" for number, name in enumerate(names, start=1))
    if names and not narrow_only:
        # A picture is as wide as a wide window.
        subtitle = f"{subtitle}. Phases: {numbered}" if subtitle else f"Phases: {numbered}"
    shown = show(chart, subtitle=subtitle, **options)
    if names:
        listed = "".join(f"<li><b>{number}</b> {words.safe(name)}</li>" for number, name in enumerate(names, start=1))
        css = "voc-inline voc-key voc-narrow" if narrow_only else "voc-inline voc-key"
        st.html(f'<div class="voc-within"><ol class="{css}" aria-label="Phases">{listed}</ol></div>')
    if marks is not None and (len(marks) > 1 or len(marked.days_of(marks, first, last)) < len(marks)):
        st.html(_decisions(marks, first, last, here))
    return shown


def _decisions(marks: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp, here: str) -> str:
    """Return a line for each day on which something was, or is to be, released, with links to the decisions."""
    rows = sorted(records(marks), key=lambda row: (row["day"], row["planned"]))
    lines = []
    for (day, planned), together in groupby(rows, key=lambda row: (row["day"], row["planned"])):
        when = [words.day(day)]
        if planned:
            when.append("planned")
        if not first <= pd.Timestamp(day) <= last:
            when.append("before the first review" if pd.Timestamp(day) < first else "after the last review")
        named = [
            f"<b>{words.safe(row['label'])}</b>"
            if row["decision_id"] == here
            else links.link(str(row["label"]), "decisions", decision=str(row["decision_id"]))
            for row in together
        ]
        lines.append(f"<li>{', '.join(when)}: {'; '.join(named)}</li>")
    return f'<ul class="voc-list voc-days voc-key">{"".join(lines)}</ul>'
