"""Any two phases compared: every theme's reach in both, what moved the rating, and whether the customers changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc import words
from voc.ui import parts, state, takeaway
from voc.ui.charts import ranked
from voc.ui.data import View
from voc.ui.frames import records
from voc.ui.theme import palette, show
from voc.ui.trends import changes, steps
from voc.ui.trends import phases as phase_tools

if TYPE_CHECKING:
    from voc.insights import Scope

#: Rows of the dumbbell chart.
COMPARED = 15


def draw(view: View, scope: Scope, phases: pd.DataFrame) -> None:
    """Let the reader choose two phases and draw all that differs between them.

    Args:
        view: the workspace's state.
        scope: the reviews under view.
        phases: rows of the phases table, oldest first.
    """
    if len(phases) < 2:
        parts.section("Two phases compared")
        parts.nothing("There is only one phase here; add another with “Edit phases” above.")
        return
    trends = view.trends(tuple(phases["phase_id"]), scope)
    names = dict(zip(phases["phase_id"], phases["name"], strict=True))
    before, after = steps.richest(trends, list(names))
    parts.section(
        "Two phases compared",
        "Each theme's share of reviews in the earlier and the later phase. Unless you choose others, these are the "
        "neighbouring phases between which most themes changed clearly.",
    )
    left, right = st.columns(2)
    with left:
        earlier = state.pick("Earlier", {before: names[before]} | names, "from")
    with right:
        later = state.pick("Later", {after: names[after]} | names, "to")
    if earlier == later:
        parts.nothing("Choose two different phases.")
        return
    both = phase_tools.compared(view, scope, earlier, later)
    if both.empty:
        parts.nothing("No theme has reviews to compare in these two phases.")
        return
    counted = {word: int((both["word"] == word).sum()) for word in ("growing", "shrinking", "no clear change")}
    st.html(
        '<div class="voc-chips">'
        + parts.chip(f"↗ {counted['growing']} growing", "worse")
        + parts.chip(f"↘ {counted['shrinking']} shrinking", "better")
        + parts.chip(f"→ {counted['no clear change']} no clear change")
        + "</div>"
    )
    show(
        ranked.dumbbell(both.head(COMPARED), palette(), names[earlier], names[later]),
        key="dumbbell",
        alt_text=f"Reach of each theme in {names[earlier]} and in {names[later]}, clear changes first",
    )
    st.html(
        f'<p class="voc-key">Tested together: the {len(both)} themes of this comparison. A change is called growing '
        f"or shrinking when its q-value (expected share of false alarms) is below {words.CLEAR_BELOW:.2f}.</p>"
    )
    with st.expander("All changes as a table", icon=":material/table:"):
        rows = [_change(row) for row in records(both)]
        headers = ["Theme", names[earlier], names[later], "Change", "Interval", "q", ""]
        st.html(parts.table(headers, rows, numbers=[1, 2, 3, 4, 5]))
        takeaway.files("two-phases", both)
    changes.rating(view, scope, earlier, later, names)
    changes.mix(view, scope, earlier, later)


def _change(row: dict[Any, Any]) -> list[str]:
    return [
        words.sentence(str(row["name"])),
        words.percent(row["before"]),
        words.percent(row["after"]),
        words.points(row["change"]),
        words.percent_interval(row["change_low"], row["change_high"]),
        "–" if words.missing(row["q_value"]) else (f"{row['q_value']:.3f}" if row["q_value"] >= 0.001 else "< 0.001"),
        str(row["word"]),
    ]
