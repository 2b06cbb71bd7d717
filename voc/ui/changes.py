"""Sections of the page on phases: where themes are going, what moved the rating, and phases that the data suggests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from voc.analyses import Options
from voc.ui import analyses, parts, words
from voc.ui import phases as phase_tools
from voc.ui.charts import compared
from voc.ui.data import View
from voc.ui.frames import records
from voc.ui.theme import palette, show

if TYPE_CHECKING:
    from voc.insights import Scope

#: Themes whose part in a change of the rating is drawn; the rest stand together in one row.
DRAWN = 8


def movements(view: View, scope: Scope) -> None:
    """Draw which themes emerged, grew, shrank or were resolved from one phase to the next."""
    analyses.section(
        view,
        "movements",
        scope,
        "Where themes are going",
        "Emerging and resolved need more than a significant change: the theme was, or is, hardly there. Steady has to "
        "be shown, too.",
    )


def rising(view: View, scope: Scope) -> None:
    """Draw what rose beyond its own history."""
    analyses.section(
        view,
        "alerts",
        scope,
        "Rising beyond their own history",
        "Every theme's weekly share is watched; an alert needs more than bad luck. New: since the last export; over: "
        "it has come down again.",
    )


def rating(view: View, scope: Scope, earlier: str, later: str, names: dict[str, str]) -> None:
    """Draw what moved the mean rating from one phase to the other, as parts that add up."""
    parts.section(
        "What moved the mean rating",
        "Each theme's part in the change between these two phases; the parts add up to it. They go with the themes and "
        "are no proof of a cause.",
    )
    found = analyses.analysed(view, "rating", scope, Options(since=earlier, until=later))
    if found.fault is not None or found.rows.empty:
        analyses.rows(found, "all-rating")
        return
    before, after = found.ends
    if before is not None and after is not None:
        show(
            compared.waterfall(_drawn(found.rows), before, after, (names[earlier], names[later]), palette()),
            key="waterfall",
            alt_text="What moved the mean rating",
        )
    analyses.notes(found.notes)
    with st.expander("All parts as a table", icon=":material/table:"):
        st.html(analyses.lines_table(found.lines))


def mix(view: View, scope: Scope, earlier: str, later: str) -> None:
    """Draw how much of the changes came within segments, and how much by their mix."""
    analyses.section(
        view,
        "mix",
        scope,
        "Did the pain change, or the customers?",
        "A share can move although nobody's experience did: when more reviews come from a market or variant that "
        "always complained more.",
        options=Options(since=earlier, until=later),
    )


def suggestions(view: View, scope: Scope) -> None:
    """Offer the phases that the data suggests; accepted ones become named phases."""
    parts.section(
        "Phases that the data suggests",
        "From the number of reviews: start-up, growth, transition. Accept one to see every figure by it; the dates can "
        "be changed above.",
    )
    found = analyses.analysed(view, "detected-phases", scope)
    if found.fault is not None or found.rows.empty:
        analyses.rows(found, "all-detected")
    taken = {row["name"] for row in view.workspace.entries.phases().to_pylist()}
    for row in records(found.rows):
        start, end = phase_tools.day_of(row["start"]), phase_tools.day_of(row["end"])
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.html(f'<b>{words.safe(row["name"])}</b> <span class="voc-key">{words.span(start, end)}</span>')
        if start is not None and row["name"] not in taken and right.button("Accept", key=f"accept_{row['phase_id']}"):
            fault = phase_tools.enter(view, str(row["name"]), start, end)
            if fault:
                st.error(words.literal(fault))
            else:
                st.rerun()
    analyses.notes(found.notes)
    with st.expander("When rating and volume moved to another level", icon=":material/timeline:"):
        analyses.rows(analyses.analysed(view, "change-points", scope), "all-points")


def _drawn(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the largest parts, and the others summed in one row, so that what is drawn still adds up."""
    size = rows["contribution"].abs()
    best = rows[rows["theme_id"].notna()].assign(size=size).nlargest(DRAWN, "size").index
    rest = rows.drop(best)["contribution"].sum()
    drawn = rows.loc[best, ["name", "contribution"]].sort_values("contribution")
    others = pd.DataFrame({"name": ["Everything else"], "contribution": [rest]})
    return pd.concat([drawn, others], ignore_index=True)
