"""Trends by phase: the rating and every theme's reach through the phases, two phases compared, phases and alerts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc import words
from voc.ui import data, filters, links, parts, state, takeaway, timed
from voc.ui.charts import time
from voc.ui.decisions import decided
from voc.ui.frames import by, records
from voc.ui.theme import Palette, configured, palette, show
from voc.ui.trends import changes, multiples, phase_editor, steps, two_phases
from voc.ui.trends import phases as phase_tools

if TYPE_CHECKING:
    from voc.insights import Scope

#: Small multiples on the page, the biggest changes first.
MULTIPLES = 12
#: What the page shows: value in the address -> words; only the chosen one is computed.
VIEWS = {"time": "Over time", "phases": "Two phases compared", "alerts": "Phases and alerts"}


def render() -> None:
    """Draw the page."""
    state.arrive("trends")
    view = data.view()
    if view is None:
        parts.empty_workspace(str(data.workspace_path()))
        return
    parts.heading("Trends by phase", "What became better and what became worse from one phase to the next.")
    scope = filters.choose(view, phase=False)
    if not state.get("view") and (state.get("from") or state.get("to")):
        state.put("view", "phases")  # links that name two phases are about these
    kinds = phase_tools.kinds(view)
    with st.container(horizontal=True, vertical_alignment="bottom", key="trends_switches"):
        shown = state.switch("Show", VIEWS, "view")
        kind = state.switch("Phases", kinds, "kind") if len(kinds) > 1 else next(iter(kinds), "")
        phase_editor.switch(view, visible=shown == "time")
    phases = phase_tools.chosen_phases(view, scope, kind)
    _whose(view, scope, phases)
    if shown == "alerts":
        changes.movements(view, scope)
        changes.rising(view, scope)
        changes.suggestions(view, scope)
        changes.points(view, scope)
    elif shown == "phases":
        if len(phases):
            two_phases.draw(view, scope, phases)
        else:
            _no_phases()
    else:
        _over_time(view, scope, phases)


def _whose(view: data.View, scope: Scope, phases: pd.DataFrame) -> None:
    """Say of which product the phases are, where they are one's."""
    if phases.empty or phases["product_id"].isna().any():
        return
    name = filters.options(view, "product_id").get(str(phases["product_id"].iloc[0]), "the product")
    name = name.rsplit(" (", 1)[0]
    other = "" if scope.products else " Choose a product above for another's."
    if phases["source"].eq("version").all():
        parts.nothing(
            f"Versions of {name}.{other} A version is shaded from its first review to the next version's, its figures "
            "count all its reviews."
        )
    else:
        parts.nothing(f"Phases of {name}.{other}")


def _no_phases() -> None:
    parts.nothing(
        "No phases are known here yet. Add one with “Edit phases” above (a name and its dates, typed or dragged), "
        "accept one that the data suggests under “Phases and alerts”, name them in voc.toml, or analyse an export with "
        "a product version column."
    )


def _over_time(view: data.View, scope: Scope, phases: pd.DataFrame) -> None:
    """Draw the rating, the editor of phases, one theme in focus and every theme through the phases."""
    if phases.empty:
        _no_phases()
        _rating(view, scope, phases)
        phase_editor.panel(view, scope)
        return
    _rating(view, scope, phases)
    phase_editor.panel(view, scope)
    trends = view.trends(tuple(phases["phase_id"]), scope)
    _whole(trends, phases)
    themes = trends[trends["theme_id"].notna() & trends["name"].notna()]
    if themes.empty:
        parts.nothing("No theme is large enough under these filters to be followed through the phases.")
        return
    _focus(view, scope, phases, themes)
    _multiples(themes)


def _rating(view: data.View, scope: Scope, phases: pd.DataFrame) -> None:
    shaded = "" if phases.empty else "; the phases are shaded"
    parts.section("Rating", f"Mean stars over time with its interval{shaded}.")
    monthly = view.line(scope)
    if monthly is None:
        parts.nothing("These reviews carry no dates, so nothing can be shown over time.")
        return
    if monthly["mean_rating"].isna().all():
        parts.nothing("These reviews carry no star ratings.")
    elif phase_editor.target(view):
        timed.draw(
            time.rating(monthly, phases, palette(), height=230, draggable=True),
            monthly,
            phases,
            key=phase_editor.chart_key(view),
            alt_text="Mean rating over time; drag over it to set the dates of a phase",
            on_select=partial(phase_editor.drag, view),
            selection_mode=[time.SPAN],
        )
    else:
        timed.draw(
            time.rating(monthly, phases, palette(), height=230),
            monthly,
            phases,
            key="rating",
            title="Mean rating over time",
            alt_text=f"Mean rating over time with its interval, over the phases {', '.join(phases['name'])}",
        )


def _whole(trends: pd.DataFrame, phases: pd.DataFrame) -> None:
    """Write each phase's rating and number of reviews as figures."""
    spans = {
        row["phase_id"]: words.span(phase_tools.day_of(row["start"]), phase_tools.day_of(row["end"]))
        for row in records(phases)
    }
    cells = []
    for row in records(trends[trends["theme_id"].isna()]):
        read, span = int(row["analysed"]), spans[row["phase_id"]]
        rated = not words.missing(row["mean_rating"])
        interval = f"{words.stars(row['rating_low'])}–{words.stars(row['rating_high'])}, " if rated else ""
        reviews = words.plural(read, "review") if read else "no review"
        value = f"{words.stars(row['mean_rating'])} ★" if rated else "–"
        cells.append(parts.figure(value, str(row["phase"]), f"{interval}{reviews}, {span}", css="small"))
    st.html(parts.figures(cells))


def _focus(view: data.View, scope: Scope, phases: pd.DataFrame, themes: pd.DataFrame) -> None:
    parts.section(
        "One theme in focus",
        "Thin line: share of reviews over time. Bold levels: the whole phase, with its interval. Upright lines: "
        "releases of decisions about it, dashed while planned.",
    )
    sizes = themes.groupby("theme_id")["reviews"].sum().sort_values(ascending=False)
    changes = steps.sizes(themes)
    if changes.max() > 0:
        # The page opens on the biggest clear change, not on the theme that most speak of.
        biggest = changes.idxmax()
        sizes = sizes.loc[[biggest, *(theme for theme in sizes.index if theme != biggest)]]
    names = dict(zip(themes["theme_id"], themes["name"], strict=True))
    theme_id = state.pick("Theme", {i: words.sentence(names[i]) for i in sizes.index}, "theme")
    name = words.sentence(names[theme_id])
    rows = themes[themes["theme_id"] == theme_id].merge(phases[["phase_id", "start", "end"]], on="phase_id")
    line = view.line(scope, theme_id, int(sizes[theme_id]))
    if line is not None and line["reach"].notna().any():
        marks = _releases(view, scope, theme_id)
        timed.draw(
            time.reach(line, phases, rows, palette(), marks=marks),
            line,
            phases,
            marks=marks,
            key="focus",
            alt_text=f"{name}: reach over time, and in each phase",
        )
    elif len(rows):
        show(
            time.small(rows, palette(), tone=palette().accent, height=220),
            key="focus",
            alt_text=f"{name}: reach by phase",
        )
    st.html(parts.table(["Phase", "Reach", "Interval", "Change", ""], phase_tools.phase_table(rows), numbers=[1, 2, 3]))
    takeaway.files("theme-by-phase", rows)


def _releases(view: data.View, scope: Scope, theme_id: str) -> pd.DataFrame:
    """Return the days on which decisions about a theme were, or are to be, released, as `decided.marks` does."""
    about = (
        decision
        for decision in decided.rows(view)
        if decision["theme_id"] == theme_id and (not scope.products or decision["product"] in (None, *scope.products))
    )
    return decided.marks(about, lambda decision: str(decision["release"] or decision["title"]))


def _multiples(themes: pd.DataFrame) -> None:
    """Draw every theme's reach through the phases; colour and words say where it went."""
    changed = steps.clear(themes)
    swing = themes.groupby("theme_id")["reach"].agg(lambda reach: reach.max() - reach.min())
    order = pd.DataFrame({"clear": steps.sizes(themes), "swing": swing})
    order = order.sort_values(["clear", "swing"], ascending=False)
    alone = themes["place"].nunique() == 1
    if alone:
        order = order.loc[themes.sort_values("reach", ascending=False)["theme_id"].drop_duplicates()]
    everything = state.get("all") == "1"
    shown = list(order.index if everything else order.index[:MULTIPLES])
    parts.section(
        "Every theme through the phases",
        "Share of reviews with interval; each chart has its own scale. Themes that changed clearly from one phase to "
        "the next come first, then the widest swings. Colour: the latest clear change. A name brings its theme into "
        "focus.",
    )
    if alone:
        parts.nothing(
            "One phase is known here, so there is nothing to compare it with; the most frequent themes come first. Add "
            "another phase with “Edit phases” above."
        )
    pictures = []
    of_theme, changes_of = by("theme_id", themes.sort_values("place")), by("theme_id", changed)
    for theme_id in shown:
        rows, found = of_theme[theme_id], changes_of.get(theme_id, [])
        word = str(found[-1]["word"]) if found else "no clear change"
        arrow = {"growing": "↗ ", "shrinking": "↘ "}.get(word, "")
        name = words.sentence(str(rows[0]["name"]))
        link = links.address("trends", **{**st.query_params.to_dict(), "theme": theme_id})
        said = "" if alone else arrow + steps.described(found)
        pictures.append(multiples.Small(name, said, words.tone(word), rows, link))
    st.html(multiples.grid(pictures, palette()))
    takeaway.picture(
        partial(_as_chart, pictures, palette()),
        "Every theme through the phases",
        "Share of reviews with interval; each chart has its own scale.",
        "multiples",
    )
    takeaway.files("trends", themes.drop(columns="place"))
    if len(order) > MULTIPLES:
        label = f"Show the first {MULTIPLES}" if everything else f"Show all {len(order)} themes"
        st.button(label, type="tertiary", on_click=state.put, args=("all", "" if everything else "1"))


def _as_chart(pictures: list[multiples.Small], colours: Palette) -> dict[str, Any]:
    """Return all small multiples as one chart, for a picture of them."""
    tones = {"worse": colours.worse, "better": colours.better}
    charts = [
        time.small(pd.DataFrame(one.rows), colours, tone=tones.get(one.tone, colours.unclear)).properties(
            title=one.name, width=230
        )
        for one in pictures
    ]
    chart: dict[str, Any] = configured(time.together(charts), colours).to_dict()
    return chart


if __name__ == "__main__":
    render()
