"""Trends by phase: the rating and every theme's reach through the phases, and two phases compared."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc.ui import changes, data, filters, parts, state, steps, words
from voc.ui import phases as phase_tools
from voc.ui.charts import ranked, time
from voc.ui.detail import phase_table
from voc.ui.frames import records
from voc.ui.theme import palette, show

if TYPE_CHECKING:
    from voc.insights import Scope

#: Small multiples on the page, the biggest changes first.
MULTIPLES = 12
#: Rows of the dumbbell chart.
COMPARED = 15


def render() -> None:
    """Draw the page."""
    state.arrive("trends")
    view = data.view()
    if view is None:
        parts.empty_workspace(str(data.workspace_path()))
        return
    parts.heading("Trends by phase", "What became better and what became worse from one phase to the next.")
    scope = filters.choose(view, phase=False)
    kinds = phase_tools.kinds(view)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = state.switch("Phases", kinds, "kind") if len(kinds) > 1 else next(iter(kinds), "")
        with st.popover("Add or remove phases", icon=":material/edit_calendar:"):
            _editor(view)
    phases = phase_tools.chosen_phases(view, scope, kind)
    if len(phases) and phases["source"].eq("version").all():
        product = filters.options(view, "product_id").get(str(phases["product_id"].iloc[0]), "the product")
        parts.nothing(
            f"Versions of {product.rsplit(' (', 1)[0]}; choose a product above for another's. A version is shaded from "
            "its first review to the next version's, its figures count all its reviews."
        )
    if phases.empty:
        parts.nothing(
            "No phases are known here yet. Add one above (a name and its dates), name them in voc.toml, or analyse an "
            "export with a product version column."
        )
        _rating(view, scope, phases)
        changes.suggestions(view, scope)
        return
    trends = view.trends(tuple(phases["phase_id"]), scope)
    _rating(view, scope, phases)
    _whole(trends, phases)
    themes = trends[trends["theme_id"].notna() & trends["name"].notna()]
    if themes.empty:
        parts.nothing("No theme is large enough under these filters to be followed through the phases.")
        return
    _focus(view, scope, phases, themes)
    _multiples(themes)
    if len(phases) > 1:
        changes.movements(view, scope)
        _comparison(view, scope, phases, trends)
    changes.suggestions(view, scope)
    changes.rising(view, scope)


def _rating(view: data.View, scope: Scope, phases: pd.DataFrame) -> None:
    parts.section("Rating", "Mean stars over time with its interval; the phases are shaded.")
    monthly = view.line(scope)
    if monthly is None:
        parts.nothing("These reviews carry no dates, so nothing can be shown over time.")
        return
    if monthly["mean_rating"].notna().any():
        show(time.rating(monthly, phases, palette(), height=230), key="rating", alt_text="Mean rating over time")
    else:
        parts.nothing("These reviews carry no star ratings.")


def _whole(trends: pd.DataFrame, phases: pd.DataFrame) -> None:
    """Write each phase's rating and number of reviews as figures."""
    spans = {
        row["phase_id"]: words.span(phase_tools.day_of(row["start"]), phase_tools.day_of(row["end"]))
        for row in records(phases)
    }
    cells = [
        parts.figure(
            f"{words.stars(row['mean_rating'])} ★",
            str(row["phase"]),
            f"{words.stars(row['rating_low'])}–{words.stars(row['rating_high'])}, "
            f"{words.plural(int(row['analysed']), 'review')}, {spans[row['phase_id']]}",
            css="small",
        )
        for row in records(trends[trends["theme_id"].isna()])
    ]
    st.html(parts.figures(cells))


def _focus(view: data.View, scope: Scope, phases: pd.DataFrame, themes: pd.DataFrame) -> None:
    parts.section(
        "One theme in focus",
        "Thin line: share of reviews over time. Bold levels: the whole phase, with its interval.",
    )
    sizes = themes.groupby("theme_id")["reviews"].sum().sort_values(ascending=False)
    changes = steps.sizes(themes)
    if changes.max() > 0:
        # The page opens on the biggest clear change, not on the theme that most speak of.
        biggest = changes.idxmax()
        sizes = sizes.loc[[biggest, *(theme for theme in sizes.index if theme != biggest)]]
    names = dict(zip(themes["theme_id"], themes["name"], strict=True))
    theme_id = state.pick("Theme", {i: words.sentence(names[i]) for i in sizes.index}, "theme")
    rows = themes[themes["theme_id"] == theme_id].merge(phases[["phase_id", "start", "end"]], on="phase_id")
    line = view.line(scope, theme_id, int(sizes[theme_id]))
    if line is not None and line["reach"].notna().any():
        show(time.reach(line, phases, rows, palette()), key="focus", alt_text="Reach of the theme over time")
    elif len(rows):
        show(time.small(rows, palette(), tone=palette().accent, height=220), key="focus", alt_text="Reach by phase")
    st.html(parts.table(["Phase", "Reach", "Interval", "Change", ""], phase_table(rows), numbers=[1, 2, 3]))


def _multiples(themes: pd.DataFrame) -> None:
    """Draw every theme's reach through the phases; colour and words say where it went."""
    changed = steps.clear(themes)
    swing = themes.groupby("theme_id")["reach"].agg(lambda reach: reach.max() - reach.min())
    order = pd.DataFrame({"clear": steps.sizes(themes), "swing": swing})
    order = order.sort_values(["clear", "swing"], ascending=False)
    everything = state.get("all") == "1"
    shown = list(order.index if everything else order.index[:MULTIPLES])
    parts.section(
        "Every theme through the phases",
        "Share of reviews with interval; each chart has its own scale. Themes that changed clearly from one phase to "
        "the next come first, then the widest swings. Colour: the latest clear change.",
    )
    grid = st.container(key="multiples")
    for begin in range(0, len(shown), 4):
        for column, theme_id in zip(grid.columns(4), shown[begin : begin + 4], strict=False):
            rows = themes[themes["theme_id"] == theme_id]
            found = changed[changed["theme_id"] == theme_id]
            word = str(found["word"].iloc[-1]) if len(found) else "no clear change"
            colours = palette()
            tone = {"growing": colours.worse, "shrinking": colours.better}.get(word, colours.unclear)
            arrow = {"growing": "↗ ", "shrinking": "↘ "}.get(word, "")
            name = words.sentence(str(rows["name"].iloc[0]))
            with column:
                st.html(
                    f'<div style="min-height:2.7em;line-height:1.3">'
                    f"<b>{words.safe(name)}</b>"
                    f'<br><span class="voc-key {words.tone(word)}">{words.safe(arrow + steps.described(found))}</span>'
                    "</div>"
                )
                show(time.small(rows, colours, tone=tone), key=f"small_{theme_id}", alt_text="Reach by phase")
    if len(order) > MULTIPLES:
        label = f"Show the first {MULTIPLES}" if everything else f"Show all {len(order)} themes"
        st.button(label, type="tertiary", on_click=state.put, args=("all", "" if everything else "1"))


def _comparison(view: data.View, scope: Scope, phases: pd.DataFrame, trends: pd.DataFrame) -> None:
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
        alt_text="Reach of each theme in two phases",
    )
    st.html(
        f'<p class="voc-key">Tested together: the {len(both)} themes of this comparison. A change is called growing '
        f"or shrinking when its q-value (expected share of false alarms) is below {words.CLEAR_BELOW:.2f}.</p>"
    )
    with st.expander("All changes as a table", icon=":material/table:"):
        rows = [_change(row) for row in records(both)]
        headers = ["Theme", names[earlier], names[later], "Change", "Interval", "q", ""]
        st.html(parts.table(headers, rows, numbers=[1, 2, 3, 4, 5]))
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


def _editor(view: data.View) -> None:
    """Let the reader add a phase, and remove those that people entered."""
    with st.form("add_phase", border=False):
        name = st.text_input("Name", placeholder="for example: New cable")
        start = st.date_input("First day", value=None, format="YYYY-MM-DD", min_value=dt.date(1990, 1, 1))
        end = st.date_input(
            "Last day (empty while it runs)", value=None, format="YYYY-MM-DD", min_value=dt.date(1990, 1, 1)
        )
        if st.form_submit_button("Add phase", type="primary"):
            _add(view, name, start, end)
    entered = view.workspace.entries.phases().to_pylist()
    for row in entered:
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.html(
            f'<b>{words.safe(row["name"])}</b> <span class="voc-key">{words.span(row["start"], row["end"])}</span>'
        )
        if right.button("", icon=":material/delete:", key=f"drop_{row['phase_id']}", help="Remove this phase"):
            view.workspace.entries.delete_phase(row["phase_id"])
            st.rerun()
    if view.config.phases:
        st.html('<p class="voc-key">Phases of the configuration file are changed there.</p>')


def _add(view: data.View, name: str, start: dt.date | None, end: dt.date | None) -> None:
    if not name.strip() or start is None:
        st.error("A phase needs a name and a first day.")
        return
    fault = phase_tools.enter(view, name, start, None if end is None else end + dt.timedelta(days=1))
    if fault:
        st.error(words.literal(fault))
        return
    st.rerun()


if __name__ == "__main__":
    render()
