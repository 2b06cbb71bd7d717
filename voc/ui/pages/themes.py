"""Themes: everything that was found, by product part, and people's own word on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from voc import words
from voc.curation import describe, shown_themes
from voc.store.undoing import UNDO_DECISION
from voc.themes.areas import OUTSIDE
from voc.ui import curating, data, nav, parts, state, takeaway
from voc.ui.decisions import decided
from voc.ui.frames import records

#: Lines of the two histories on the page.
LINES = 60
_STATES = {"active": "", "dismissed": "no problem", "merged": "merged", "retired": "retired"}


def render() -> None:
    """Draw the page."""
    state.arrive("themes")
    view = data.view()
    if view is None:
        parts.empty_workspace(str(data.workspace_path()))
        return
    parts.heading(
        "Themes", "What the complaints were grouped into. Your changes stand through every later export and refit."
    )
    curating.said()
    areas = {row["area_id"]: row["name"] for row in view.snapshot.table("areas").to_pylist()}
    every = [
        {**row, "area": areas.get(row["area_id"], "")}
        for row in shown_themes(view.snapshot, view.workspace.entries.edits())
    ]
    themes = [row for row in every if row["state"] in ("active", "dismissed")]
    if not themes:
        parts.nothing("There are no themes yet: too few reviews say what goes wrong.")
        return
    left, right = st.columns([6, 5], gap="large")
    with left:
        chosen = _list(themes)
    with right:
        _chosen(view, chosen, [row for row in themes if row["state"] == "active"], sorted(areas.values()))
    parts.section("Its mentions", f"Everything that counts for “{words.sentence(chosen['name'])}”.")
    names = {row["theme_id"]: row["name"] for row in themes if row["theme_id"] != chosen["theme_id"]}
    curating.mention_form(view, chosen["theme_id"], names)
    _history(view, {row["theme_id"]: row["name"] for row in every})
    _lineage(view)


def _list(themes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Draw the list, part by part, and return the theme that is picked in it."""
    groups = {"": "All", "product": "The product", "outside": "Delivery, seller, service, price"}
    who = state.switch("Who is to mend it", groups, "who", hidden_label=True)
    if who:
        kept = [row for row in themes if (row["area"] in OUTSIDE) == (who == "outside")]
        themes = kept or themes
    typed = state.typed("Find a theme", "find", placeholder="cable, charge, too small")
    if typed:
        kept = [row for row in themes if _says(row, typed)]
        if not kept:
            parts.nothing(f"No theme here says “{typed}”; all of them are shown.")
        themes = kept or themes
    totals = Counter[str]()
    for row in themes:
        totals[row["area"]] += row["size"]
    themes = sorted(themes, key=lambda row: (-totals[row["area"]], row["area"], -row["size"], row["theme_id"]))
    names = {row["theme_id"]: f"{words.sentence(row['name'])} ({row['size']})" for row in themes}
    wanted = state.pick("Theme", names, "theme")
    frame = pd.DataFrame(
        {
            "Part": [words.sentence(row["area"]) for row in themes],
            "Theme": [words.sentence(row["name"]) for row in themes],
            "Mentions": [row["size"] for row in themes],
            "Stability": [row["stability"] for row in themes],
            "State": [", ".join(_marks(row)) for row in themes],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        height=430,
        key="list",
        on_select=_picked([row["theme_id"] for row in themes]),
        selection_mode="single-row",
        column_config={
            "Part": st.column_config.TextColumn(width=100),
            "Theme": st.column_config.TextColumn(width=235),
            "Mentions": st.column_config.NumberColumn(width=75),
            "Stability": st.column_config.ProgressColumn(
                width=110,
                min_value=0,
                max_value=1,
                format="%.2f",
                help="How much of the theme is found again when only a part of the reviews is asked: 1 is all of it. "
                "Empty where it emerged later or was taken out of another one by hand.",
            ),
        },
    )
    takeaway.files("Themes", lambda: pd.DataFrame(themes))
    return next(row for row in themes if row["theme_id"] == wanted)


def _says(row: dict[str, Any], typed: str) -> bool:
    """Return whether all that was typed stands in a theme's name, part or keywords."""
    said = " ".join([row["name"], row["area"], *(row["keywords"] or [])]).casefold()
    return all(word in said for word in typed.casefold().split())


def _picked(theme_ids: Sequence[str]) -> Callable[[], None]:
    def pick() -> None:
        rows = st.session_state["list"].selection.rows
        if rows:
            state.put("theme", theme_ids[rows[0]])

    return pick


def _marks(row: dict[str, Any]) -> list[str]:
    marks = [_STATES[row["state"]], "hidden" if row["hidden"] else "", "renamed" if row["renamed_by_user"] else ""]
    return [mark for mark in marks if mark]


def _chosen(view: data.View, chosen: dict[str, Any], active: Sequence[dict[str, Any]], areas: Sequence[str]) -> None:
    stability = chosen["stability"]
    facts = [
        parts.chip(chosen["area"] or "no part"),
        parts.chip(words.plural(chosen["size"], "mention")),
        parts.chip(f"stability {stability:.2f}" if stability is not None else "stability not measured"),
        parts.chip(f"since {words.day(pd.Timestamp(chosen['first_run']))}"),
    ]
    st.html(
        f'<h2 class="voc" style="font-size:1.45rem;margin:0 0 .5rem">{words.safe(words.sentence(chosen["name"]))}</h2>'
        f'<div class="voc-chips">{"".join(facts)}</div>'
        f'<p class="voc-key">{words.safe(", ".join(chosen["keywords"]))}</p>'
    )
    if chosen["state"] == "active" and chosen["kind"] == "pain":
        st.page_link(
            nav.page("opportunities"),
            label="To its opportunity",
            icon=":material/format_list_numbered:",
            query_params={"theme": chosen["theme_id"]},
        )
    _summary(view, chosen["theme_id"])
    others = {row["theme_id"]: words.sentence(row["name"]) for row in active if row["theme_id"] != chosen["theme_id"]}
    curating.theme_forms(view, chosen, others, areas)


def _summary(view: data.View, theme_id: str) -> None:
    """Draw what a language model wrote, if somebody had one write."""
    from voc.summaries import stored

    sentences = stored(view.snapshot, theme_id)
    if not sentences:
        return
    st.html("".join(f"<p>{words.safe(sentence)}</p>" for sentence, _ in sentences))
    with st.expander("Written by a language model; the quotes that each sentence cites"):
        for sentence, quotes in sentences:
            cited = "".join(f'<p class="voc-sub">“{words.safe(quote.text.strip())}”</p>' for quote in quotes)
            st.html(f"<p>{words.safe(sentence)}</p>{cited}")


def _history(view: data.View, names: dict[str, str]) -> None:
    lines = view.workspace.entries.history()[::-1]
    parts.section("Changes people made", "The latest first; each can be taken back while no later one stands on it.")
    if not lines:
        parts.nothing("Nobody has changed anything yet.")
        return
    places = {**decided.places(view), "theme_id": names}

    def said(line: dict[str, Any]) -> str:
        sentence = describe(line, names)
        between = line["what"] in ("put_decision", UNDO_DECISION) and line["before"] and line["after"]
        return f"{sentence}: {decided.changed(line, places)}" if between else sentence

    curating.undo_form(view, {line["id"]: said(line) for line in view.workspace.entries.undoable()[:LINES]})
    rows = [
        [f"{words.day(line['when'])} {line['when']:%H:%M}", line["who"] or "somebody", said(line)]
        for line in lines[:LINES]
    ]
    st.html(parts.table(["When (UTC)", "Who", "What"], rows, short=[0]))
    takeaway.files(
        "Changes",
        lambda: pd.DataFrame([{"when": line["when"], "who": line["who"], "what": said(line)} for line in lines]),
    )


def _lineage(view: data.View) -> None:
    frame = view.frame("SELECT * FROM lineage ORDER BY happened_at DESC, event, theme_id LIMIT ?", LINES)
    with st.expander("What became of themes from run to run", icon=":material/account_tree:"):
        if frame.empty:
            parts.nothing("Nothing has happened to a theme yet.")
            return
        rows = [
            [
                words.day(row["happened_at"]),
                row["event"],
                words.sentence(row["name"]),
                words.count(row["mentions"]),
                "" if words.missing(row["share"]) else words.percent(row["share"]),
            ]
            for row in records(frame)
        ]
        st.html(parts.table(["On", "Event", "Theme", "Mentions", "Kept together"], rows, numbers=[3, 4], short=[0]))
        takeaway.files(
            "Lineage", lambda: view.frame("SELECT * FROM lineage ORDER BY happened_at DESC, event, theme_id")
        )


if __name__ == "__main__":
    render()
