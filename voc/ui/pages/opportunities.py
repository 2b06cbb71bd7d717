"""Opportunities: the ranked list, and for the chosen theme why it ranks there and what customers say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc.ui import analyses, data, detail, filters, parts, state, words
from voc.ui.charts import ranked as ranked_chart
from voc.ui.frames import records
from voc.ui.theme import palette, show

if TYPE_CHECKING:
    from voc.insights import Scope

#: Rows of the list before the reader asks for all.
SHORT_LIST = 12
#: Analysis -> how it is called, and what it is for.
OTHER_VIEWS = {
    "adjusted": (
        "Overlap taken out",
        "A second opinion on the stars: themes that come in the same reviews do not count the same stars twice.",
    ),
    "importance": (
        "Importance and satisfaction",
        "What many suffer from and few praise comes first; the scales are the same for every scope.",
    ),
    "reach": (
        "Corrected for misreading",
        "The model misses some opinions and sees others that are not there; how often is known from labelled reviews.",
    ),
    "kano": (
        "What kind of need",
        "By product part: a must whose failure is punished and whose working nobody praises, or a chance to delight.",
    ),
}


def render() -> None:
    """Draw the page."""
    state.arrive("opportunities")
    view = data.view()
    if view is None:
        parts.empty_workspace(str(data.workspace_path()))
        return
    parts.heading("Improvement opportunities", "Troubles that customers describe, ordered by the stars they cost.")
    scope = filters.choose(view)
    table = view.opportunities(scope)
    if table.empty:
        _without_themes(view, scope)
        return
    known = list(table["theme_id"])
    theme_id = state.get("theme")
    if theme_id not in known:
        if theme_id:
            parts.nothing("The theme this link names has no opportunity under these filters; the first is shown.")
            state.put("theme", "")
        theme_id = known[0]
    left, right = st.columns([5, 6], gap="large")
    with left, st.container(key="ranking"):
        _ranked(table, theme_id, filters.described(view, scope))
    with right:
        detail.theme(view, scope, records(table[table["theme_id"] == theme_id])[0])
    _as_table(table)
    _other_views(view, scope)


def _ranked(table: pd.DataFrame, theme_id: str, scope_words: str) -> None:
    measure = state.switch("Show", {"stars": "Stars lost", "reach": "Reach"}, "measure", hidden_label=True)
    column = "reach" if measure == "reach" else "star_impact"
    rows = table if measure == "stars" else table.sort_values("reach", ascending=False)
    everything = state.get("list") == "all"
    shown = rows if everything else rows.head(SHORT_LIST)
    if theme_id not in set(shown["theme_id"]):
        shown = pd.concat([shown, rows[rows["theme_id"] == theme_id]])
    st.html(
        f'<p class="voc-key">{words.plural(len(table), "theme")} in {words.safe(scope_words)}. '
        "Click a row to read about it. The band is the interval.</p>"
    )
    show(
        ranked_chart.opportunities(shown, palette(), chosen=theme_id, measure=column),
        key="ranked",
        on_select=_picked,
        selection_mode=[ranked_chart.PICK],
        alt_text="Ranked opportunities with intervals",
    )
    names = {row["theme_id"]: f"{row['rank']}. {words.sentence(row['name'])}" for row in records(rows)}
    state.pick("Go to a theme", names, "theme")
    if len(rows) > SHORT_LIST:
        label = f"Show the first {SHORT_LIST}" if everything else f"Show all {len(rows)}"
        st.button(label, type="tertiary", on_click=state.put, args=("list", "" if everything else "all"))


def _picked() -> None:
    selection = st.session_state["ranked"].selection.get(ranked_chart.PICK, [])
    if selection:
        state.put("theme", str(selection[0]["theme_id"]))
        state.put("more", "")


def _as_table(table: pd.DataFrame) -> None:
    with st.expander("All figures as a table", icon=":material/table:"):
        columns: dict[str, Any] = {
            "rank": "Rank",
            "name": "Theme",
            "area": "Part",
            "reviews": "Reviews",
            "reach": "Reach",
            "star_impact": "Stars lost",
            "severity": "Severity",
            "hazard": "Hazard",
            "momentum": "Momentum",
        }
        st.dataframe(
            table[list(columns)].rename(columns=columns),
            hide_index=True,
            column_config={
                "Reach": st.column_config.NumberColumn(format="percent", help="Share of the reviews that were read"),
                "Stars lost": st.column_config.NumberColumn(format="%.3f", help=parts.STAR_IMPACT_CAPTION),
                "Severity": st.column_config.NumberColumn(format="%.2f", help="0 annoyance, 1 hazard or total loss"),
                "Momentum": st.column_config.NumberColumn(
                    format="percent", help="Change of reach, recent half against the earlier"
                ),
            },
        )


def _other_views(view: data.View, scope: Scope) -> None:
    """Offer the other ways to look at the list, one at a time."""
    views = {name: title for name, (title, _) in OTHER_VIEWS.items()}
    parts.section("Other views of this list")
    name = state.switch("View", views, "other", hidden_label=True)
    parts.nothing(OTHER_VIEWS[name][1])
    analyses.rows(analyses.analysed(view, name, scope), f"all-{name}")


def _without_themes(view: data.View, scope: Scope) -> None:
    """Rank product parts where there are too few troubles for themes."""
    areas = view.areas(scope)
    if areas.empty:
        parts.nothing("No complaints were found under these filters. Choose a wider scope above.")
        return
    parts.section(
        "Too few complaints for themes: product parts instead",
        "Under these filters too few reviews say what goes wrong. These are the parts they criticise.",
    )
    rows = [
        [
            words.sentence(str(row["name"])),
            words.count(row["pain_reviews"]),
            f"{words.percent(row['reach'])} ({words.percent_interval(row['reach_low'], row['reach_high'])})",
            words.lost(row["star_impact"]),
            words.count(row["praise_reviews"]),
        ]
        for row in records(areas.head(20))
    ]
    st.html(
        parts.table(["Part", "Reviews with pain", "Reach", "Stars", "Reviews with praise"], rows, numbers=[1, 2, 3, 4])
    )


if __name__ == "__main__":
    render()
