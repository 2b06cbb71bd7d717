"""Needs and use: what customers wish for, when in a product's life its troubles come, and how long it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from voc.ui import analyses, data, filters, parts, state
from voc.ui.charts import used
from voc.ui.needs import failing, wishes
from voc.ui.theme import palette, show

if TYPE_CHECKING:
    from voc.insights import Scope

#: What the page shows: value in the address -> words; only the chosen one is computed.
VIEWS = {"needs": "Needs", "use": "Time in use", "failure": "Time to failure"}
#: Themes in the chart of times in use, and how many reviews must say when.
DRAWN, STATED = 12, 5


def render() -> None:
    """Draw the page."""
    state.arrive("needs")
    view = data.view()
    if view is None:
        parts.empty_workspace(str(data.workspace_path()))
        return
    parts.heading("Needs and use", "What customers wish for, and when in its life the product lets them down.")
    scope = filters.choose(view)
    shown = state.switch("Show", VIEWS, "view")
    if shown == "use":
        _use(view, scope)
    elif shown == "failure":
        failing.draw(view, scope)
    else:
        wishes.draw(view, scope)


def _use(view: data.View, scope: Scope) -> None:
    """Draw in which stage of use each trouble is met."""
    parts.section(
        "When troubles come",
        "Out of the box: the first three days; first weeks: to the sixtieth day; then later. Early or late: surely so, "
        "against all other troubles.",
    )
    found = analyses.analysed(view, "time-in-use", scope)
    if found.fault is None and len(found.rows):
        said = found.rows[found.rows["stated"] >= STATED].sort_values("stated", ascending=False, kind="stable")
        everything = state.get("all") == "1"
        drawn = said if everything else said.head(DRAWN)
        if len(drawn):
            show(
                used.stages(drawn, palette()),
                key="stages",
                title="When troubles come",
                subtitle="Share of those who say when, in each stage of use, with interval",
                alt_text=f"For {len(drawn)} themes the stated times out of the box, in the first weeks, later",
            )
            if len(said) > DRAWN:
                label = f"Draw the first {DRAWN}" if everything else f"Draw all {len(said)}"
                after = "" if everything else "1"
                st.button(label, type="tertiary", key="all_stages", on_click=state.put, args=("all", after))
        else:
            parts.nothing(f"No trouble has {STATED} reviews that say when it came; the table has what there is.")
    with st.expander("All themes as a table", icon=":material/table:", expanded=found.rows.empty):
        analyses.rows(found, "all-time-in-use")


if __name__ == "__main__":
    render()
