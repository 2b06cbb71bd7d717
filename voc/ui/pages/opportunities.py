"""Opportunities: the ranked list or its map, and for the chosen theme why it ranks there and what customers say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from voc import words
from voc.ui import analyses, data, detail, filters, listing, parts, state, takeaway
from voc.ui.charts import map as map_chart
from voc.ui.charts.ranked import PICK
from voc.ui.frames import records
from voc.ui.theme import palette, show

if TYPE_CHECKING:
    from voc.insights import Scope

#: Ways to show the list in the address -> words; the first is the default.
SHOW = {"": "List", "map": "Map"}
#: What stands on the map -> words.
ON_MAP = {"": "Themes", "parts": "Product parts"}
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
    table = listing.rows(view, scope)
    if table.empty:
        _without_themes(view, scope)
        return
    left, right = st.columns([5, 6], gap="large")
    with left, st.container(key="ranking"):
        rows, theme_id = _left(view, scope, table)
    with right:
        if theme_id:
            order = list(rows["theme_id"])
            detail.theme(view, scope, records(table[table["theme_id"] == theme_id])[0], order)
    _as_table(table)
    _other_views(view, scope)


def _left(view: data.View, scope: Scope, table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Draw the list or the map with its choices; return the rows that pass the filters, in order, and the theme."""
    shown = state.switch("Show as", SHOW, "show", hidden_label=True)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="list_choices"):
        name = listing.sort_by(hidden=shown == "map")
        kept = listing.choose(table, _decided(view))
    rows = listing.ordered(kept, listing.MEASURES[name])
    _filtered(table, rows, filters.described(view, scope))
    theme_id = _theme(table, rows)
    if rows.empty:
        return rows, theme_id
    if shown == "map":
        _map(view, scope, rows, theme_id)
    else:
        _ranked(view, scope, rows, theme_id, name)
    names = {row["theme_id"]: f"{row['rank']}. {words.sentence(row['name'])}" for row in records(rows)}
    if theme_id not in names:
        chosen = table[table["theme_id"] == theme_id].iloc[0]
        names[theme_id] = f"{chosen['rank']}. {words.sentence(chosen['name'])}"
    state.pick("Go to a theme", names, "theme")
    return rows, theme_id


def _theme(table: pd.DataFrame, rows: pd.DataFrame) -> str:
    """Return the theme whose detail is shown: the address', else the first of the list."""
    theme_id = state.get("theme")
    if theme_id in set(table["theme_id"]):
        if theme_id not in set(rows["theme_id"]):
            parts.nothing("The theme whose details are open is not among those that pass the filters.")
        return theme_id
    if theme_id:
        parts.nothing("The theme this link names has no opportunity under these filters; the first is shown.")
        state.put("theme", "")
    return str(rows["theme_id"].iloc[0]) if len(rows) else ""


def _decided(view: data.View) -> set[str]:
    """Return the themes about which a decision was taken, whatever has become of it."""
    return {str(decision["theme_id"]) for decision in view.workspace.entries.decisions()}


def _filtered(table: pd.DataFrame, rows: pd.DataFrame, scope_words: str) -> None:
    """Say how many themes there are, which filters are in force, and how to widen them where nothing is left."""
    chosen = listing.chosen()
    if not chosen:
        st.html(f'<p class="voc-key">{words.plural(len(table), "theme")} in {words.safe(scope_words)}.</p>')
        return
    said = f"{words.count(len(rows))} of {words.plural(len(table), 'theme')} in {scope_words}: {', '.join(chosen)}."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<p class="voc-key">{words.safe(said)}</p>')
        st.button(
            "Clear filters", type="tertiary", icon=":material/close:", on_click=listing.clear, key="clear_filters"
        )
    if rows.empty:
        parts.nothing(
            "No theme passes all of these filters. Take one away, or clear them all; a wider product, market or phase "
            "at the top of the page brings more themes too."
        )


def _ranked(view: data.View, scope: Scope, rows: pd.DataFrame, theme_id: str, name: str) -> None:
    measure = listing.MEASURES[name]
    everything = state.get("list") == "all"
    shown = rows if everything else rows.head(listing.SHORT_LIST)
    if theme_id not in set(shown["theme_id"]):
        shown = pd.concat([shown, rows[rows["theme_id"] == theme_id]])
    show(
        listing.chart(shown, name, listing.lines(view, scope), palette(), chosen=theme_id),
        key="ranked",
        on_select=_picked,
        selection_mode=[PICK],
        alt_text="Ranked opportunities with intervals",
        title=f"Improvement opportunities by {measure.label.lower()}",
        subtitle="Bars: interval. Lines: share of reviews over time, each to its own height. Arrows: recent half "
        "against earlier.",
    )
    st.html(
        '<p class="voc-key">Click a row to read about it. The band is the interval; the line is the share of reviews '
        'over time, each to its own height; lately <span class="worse">↗ growing</span>, '
        '<span class="better">↘ shrinking</span>, → no clear change.</p>'
    )
    if len(rows) > listing.SHORT_LIST:
        label = f"Show the first {listing.SHORT_LIST}" if everything else f"Show all {len(rows)}"
        st.button(label, type="tertiary", on_click=state.put, args=("list", "" if everything else "all"))


def _picked() -> None:
    selection = st.session_state["ranked"].selection.get(PICK, [])
    if selection:
        detail.go(str(selection[0]["theme_id"]))


def _map(view: data.View, scope: Scope, rows: pd.DataFrame, theme_id: str) -> None:
    """Draw the importance-performance map of the themes that pass, or of the product parts."""
    what = state.switch("On the map", ON_MAP, "map", hidden_label=True)
    if what == "parts":
        found = view.insight("area_importance", scope)
        found = found.rename(columns={"area_id": "id"}).assign(hazard=False)
        chosen = next(iter(found.loc[found["name"] == state.get("area"), "id"]), "")
    else:
        found = rows.rename(columns={"theme_id": "id"})
        found, chosen = found[found["importance"].notna()], theme_id
    if found.empty:
        parts.nothing("Too few reviews for a map.")
        return
    show(
        map_chart.positions(found[map_chart.COLUMNS], palette(), chosen=chosen),
        key="positions",
        on_select=_placed,
        selection_mode=[map_chart.PICK],
        alt_text="Map of importance and satisfaction",
        title="Importance and satisfaction",
        subtitle="Points: as large as the number of reviews; pale where the quadrant is not sure.",
    )
    click = "a part to list its themes" if what == "parts" else "a point to read about it"
    st.html(
        f'<p class="voc-key">Click {click}. Points are as large as the number of reviews, and pale where the interval '
        "crosses a border, so that the quadrant is not sure.</p>"
    )


def _placed() -> None:
    selection = st.session_state["positions"].selection.get(map_chart.PICK, [])
    if not selection:
        return
    chosen, view = str(selection[0]["id"]), data.view()
    if state.get("map") != "parts":
        detail.go(chosen)
    elif view is not None:
        names = dict(zip(*(view.facts().areas[c].to_pylist() for c in ("area_id", "name")), strict=True))
        state.put("area", names.get(chosen, ""))


#: Column of the list -> what stands above it; shares, scores and words by their format.
_COLUMNS = {
    "rank": "Rank",
    "name": "Theme",
    "area": "Part",
    "reviews": "Reviews",
    "star_impact": "Stars lost",
    "star_impact_low": "Stars lost, from",
    "star_impact_high": "Stars lost, to",
    "score": "Stars lost, shrunk",
    "rank_low": "Rank, best",
    "rank_high": "Rank, worst",
    "reach": "Reach",
    "reach_low": "Reach, from",
    "reach_high": "Reach, to",
    "severe_reach": "Reach × severity",
    "severe_reach_low": "Reach × severity, from",
    "severe_reach_high": "Reach × severity, to",
    "severity": "Severity",
    "momentum": "Momentum",
    "momentum_low": "Momentum, from",
    "momentum_high": "Momentum, to",
    "hazard": "Hazard",
    "hazard_reviews": "Hazard reports",
    "mean_with": "Mean with it",
    "mean_without": "Mean without it",
    "importance": "Importance",
    "importance_low": "Importance, from",
    "importance_high": "Importance, to",
    "satisfaction": "Satisfaction",
    "satisfaction_low": "Satisfaction, from",
    "satisfaction_high": "Satisfaction, to",
    "opportunity": "Opportunity",
    "opportunity_low": "Opportunity, from",
    "opportunity_high": "Opportunity, to",
    "quadrant": "Quadrant",
    "who": "Who is to mend it",
    "predicted_ratings": "Ratings read from the text",
    "theme_id": "Theme id",
}
_HELP = {
    "Reach": "Share of the reviews that were read",
    "Stars lost": parts.STAR_IMPACT_CAPTION,
    "Severity": "0 annoyance, 1 hazard or total loss",
    "Momentum": "Change of reach, recent half against the earlier",
    "Opportunity": "Importance + what satisfaction lacks of it, 0 to 20",
}


@st.fragment
def _as_table(table: pd.DataFrame) -> None:
    """Offer all figures; the browser loads what draws such a table once somebody unfolds it."""
    fold = st.expander("All figures as a table", icon=":material/table:", key="all_figures", on_change="rerun")
    if not fold.open:
        return
    with fold:
        frame = table[list(_COLUMNS)].assign(
            name=table["name"].map(words.sentence), quadrant=table["quadrant"].replace(map_chart.NAMES)
        )
        named = frame.rename(columns=_COLUMNS)
        formats = {
            label: "percent" if column.split("_")[0] in ("reach", "severe", "momentum") else "%.3f"
            if column.startswith(("star", "score")) else "%.2f"
            for column, label in _COLUMNS.items()
            if pd.api.types.is_float_dtype(frame[column])
        }  # fmt: skip
        st.dataframe(
            named,
            hide_index=True,
            column_config={
                label: st.column_config.NumberColumn(format=form, help=_HELP.get(label))
                for label, form in formats.items()
            },
        )
        takeaway.files("Opportunities", named)


def _other_views(view: data.View, scope: Scope) -> None:
    """Offer the other ways to look at the list, one at a time; none is computed before the reader wants it."""
    views = {"": "None"} | {name: title for name, (title, _) in OTHER_VIEWS.items()}
    parts.section("Other views of this list")
    name = state.switch("View", views, "other", hidden_label=True)
    if name:
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
