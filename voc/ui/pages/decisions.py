"""Decisions: what is to be done about which opportunity, who does it until when, and whether it helped."""

from __future__ import annotations

from typing import Any

import streamlit as st

from voc import words
from voc.store.decision_entries import DONE, STATES
from voc.ui import access, analyses, data, nav, parts, state, takeaway, timed
from voc.ui.charts import time
from voc.ui.data import View
from voc.ui.decisions import decided, deciding
from voc.ui.theme import palette
from voc.ui.trends.phases import chosen_phases, phase_rows

#: Cards side by side.
ACROSS = 3
_TONES = {"fixed": "better", "better": "better", "worse": "worse", "reached": "better", "missed": "worse"}


def render() -> None:
    """Draw the page."""
    state.arrive("decisions")
    view = data.view()
    if view is None:
        parts.empty_workspace(str(data.workspace_path()))
        return
    rows = decided.rows(view)
    chosen = state.get("decision")
    row = next((one for one in rows if one["decision_id"] == chosen), None)
    if row is not None:
        _detail(view, row, rows)
        return
    parts.heading("Decisions", "What is to be done about which pain, who does it until when, and whether it helped.")
    deciding.said()
    if chosen:
        _gone(view, chosen)
    if not rows:
        parts.nothing("Nothing has been decided yet. Open an opportunity and choose Decide.")
        st.page_link(nav.page("opportunities"), label="Open the opportunities", icon=":material/format_list_numbered:")
        return
    _list(view, rows)


def _gone(view: View, decision_id: str) -> None:
    """Say that the decision of the address is not there, and offer to bring a deleted one back."""
    lines = view.workspace.entries.decision_history(decision_id)
    if not lines:
        parts.nothing("There is no such decision; the link may be of another workspace.")
        return
    parts.nothing("This decision was deleted.")
    if access.may_edit():
        st.button("Bring it back", icon=":material/undo:", on_click=_undo, args=(view, lines[-1]))


def _undo(view: View, line: dict[str, Any]) -> None:
    """Take back the change that stood as the last one when the page was drawn."""

    def do() -> str:
        view.workspace.entries.undo(access.editor(), line["id"])
        deciding.begin_anew(line["subject"])
        return "The last change was taken back."

    deciding.change(do)


def _list(view: View, rows: list[dict[str, Any]]) -> None:
    """List the decisions by state, those that are due first."""
    names = decided.theme_names(view)
    owners = {row["owner"]: row["owner"] for row in sorted(rows, key=lambda one: one["owner"] or "") if row["owner"]}
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    with left:
        owner = state.pick("Owner", owners, "owner", everything="Everybody")
    with middle:
        wanted = state.pick(
            "State",
            {name: words.sentence(name) for name in STATES} | {"overdue": "Overdue"},
            "state",
            everything="All states",
        )
    kept = [
        row
        for row in rows
        if owner in ("", row["owner"])
        and (not wanted or row["state"] == wanted or (wanted == "overdue" and decided.overdue(row)))
    ]
    with right:
        takeaway.files("Decisions", lambda: decided.table(kept, names))
    if not kept:
        parts.nothing("No decision is in this selection; choose another owner or state.")
    for name in STATES:
        group = [row for row in kept if row["state"] == name]
        if not group:
            continue
        group.sort(key=lambda row: (row["planned_on"] is None, row["planned_on"] or row["created_at"].date()))
        parts.section(f"{words.sentence(name)} ({len(group)})")
        for begin in range(0, len(group), ACROSS):
            # Row by row, so that the cards of one are of one height.
            for column, row in zip(st.columns(ACROSS), group[begin : begin + ACROSS], strict=False):
                with column:
                    _card(view, row, names.get(row["theme_id"], row["theme_id"]))


def _card(view: View, row: dict[str, Any], theme: str) -> None:
    limited = any(row[name] is not None for name in decided.EVERYWHERE)
    about = f"{theme} · {decided.place(view, row)}" if limited else theme
    with st.container(border=True, height="stretch", key=f"card_{row['decision_id']}", gap="small"):
        st.html(
            (f'<div class="voc-chips">{parts.chip("⚠ Overdue", "worse")}</div>' if decided.overdue(row) else "")
            + f'<p class="voc-card-title" style="margin-bottom:.3rem">{words.safe(row["title"])}</p>'
            f'<p class="voc-key" style="margin:0">{words.safe(about)}</p>'
            f'<p class="voc-key" style="margin:0">{words.safe(decided.facts(row))}</p>'
        )
        st.button(
            "Open",
            key=f"open_{row['decision_id']}",
            help=words.literal(f"Open: {row['title']}"),
            on_click=_open,
            args=(row["decision_id"],),
        )


def _open(decision_id: str) -> None:
    state.put("decision", decision_id)
    # Whoever opens it anew begins with what is so now.
    deciding.begin_anew(decision_id)


def _detail(view: View, row: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    names = decided.theme_names(view)
    st.button("All decisions", icon=":material/arrow_back:", type="tertiary", on_click=state.put, args=("decision", ""))
    parts.heading(row["title"], f"{names.get(row['theme_id'], row['theme_id'])} · {decided.place(view, row)}")
    deciding.said()
    st.html(
        f'<div class="voc-chips">{decided.chips(row)}</div><p class="voc-key">{words.safe(decided.facts(row))}</p>'
        + _said_of("Expected", decided.expected(row))
        + _said_of("Note", row["note"])
    )
    with st.container(horizontal=True, gap="medium"):
        query = {"theme": row["theme_id"], **{n: row[n] for n in ("product", "brand", "market") if row[n]}}
        if row["phase_id"]:
            query["phase"] = row["phase_id"]
        st.page_link(
            nav.page("opportunities"), label="The opportunity", icon=":material/trending_up:", query_params=query
        )
        if row["released_on"] is not None:
            st.page_link(
                nav.page("fixes"),
                label="The comparison in full",
                icon=":material/task_alt:",
                query_params=query
                | {"since": row["released_on"].isoformat()}
                | ({} if row["lag_days"] is None else {"lag": str(row["lag_days"])}),
            )
    if access.may_edit():
        conflict = st.session_state.get(deciding.CONFLICT, {})
        open_now = conflict.get("decision_id") == row["decision_id"]
        base = st.session_state.get(deciding.base_key(row["decision_id"]), row)
        if base["revision"] != row["revision"] and not open_now:
            who = row["updated_by"] or "Somebody"
            parts.nothing(f"{who} changed this decision meanwhile. What you save is brought together with it.")
        # What is to be settled is seen without opening anything.
        with (
            st.container(border=True)
            if open_now
            else st.expander("Edit", icon=":material/edit:", key=f"edit_{row['decision_id']}")
        ):
            deciding.form(view, row)
    fault = decided.nowhere(view, row)
    if fault:
        parts.nothing(f"{words.sentence(fault)} Choose under Edit where this decision holds.")
    else:
        if row["state"] in DONE and row["released_on"] is not None:
            _verification(view, row)
        _timeline(view, row, rows, names)
    _history(view, row)


def _said_of(label: str, text: str | None) -> str:
    return f"<p><b>{label}:</b> {words.safe(words.sentence(text))}</p>" if text else ""


def _verification(view: View, row: dict[str, Any]) -> None:
    """Show what the data says since the release, and whether it is what was expected."""
    parts.section(
        "Did it help?", "Reviews before and after the release, against products without it in the same weeks."
    )
    found, fault = decided.verification(view, row)
    if found is None:
        parts.nothing(words.sentence(fault))
        return
    word, said = decided.reached(row, found)
    chips = parts.chip(words.sentence(found.conclusion), _TONES.get(found.conclusion, ""))
    if word in ("reached", "missed"):
        chips += parts.chip(f"Expected effect {word}", _TONES[word])
    cells = []
    for line in found.reach.to_pylist():
        if line["group"] == "treated" and line["part"] in ("before", "after") and line["reach"] is not None:
            detail = (
                f"{words.percent_interval(line['reach_low'], line['reach_high'])}, "
                f"{words.count(line['mentions'])} of {words.plural(line['reviews'], 'review')}"
            )
            cells.append(parts.figure(words.percent(line["reach"]), f"of reviews {line['part']} it", detail))
    if found.effect is not None:
        interval = words.points_interval(found.effect_low, found.effect_high)
        against = f"beyond {found.control_kind}" if found.control_kind else "before and after only"
        cells.append(parts.figure(words.points(found.effect), f"effect, {against}", interval))
    with st.container(border=True, key="verification"):
        st.html(
            f'<div class="voc-chips">{chips}</div>{parts.figures(cells)}'
            f"<p>{words.safe(analyses.typeset(found.sentence))}</p>" + (f"<p>{words.safe(said)}</p>" if said else "")
        )
        analyses.notes(note for note in (*found.reasons, *found.warnings) if note not in found.sentence)


def _timeline(view: View, row: dict[str, Any], rows: list[dict[str, Any]], names: dict[str, str]) -> None:
    """Draw the theme's reach with every decision about it marked at its release or its planned day."""
    scope = decided.scope_of({**row, "phase_id": None})
    parts.section("Decisions over the trend", "Share of reviews that mention it; lines mark releases, dashed: planned.")
    found = view.frame("SELECT count(DISTINCT review_id) AS n FROM mentions WHERE theme_id = ?", row["theme_id"])
    number = int(found["n"].iloc[0])
    course = view.line(scope, row["theme_id"], number) if number else None
    if course is None or not course["reach"].notna().any():
        parts.nothing("There is no line over time: no review with a date mentions this.")
        return
    marks = decided.marks((one for one in rows if one["theme_id"] == row["theme_id"]), lambda one: str(one["title"]))
    phases = chosen_phases(view, scope)
    by_phase = phase_rows(view, phases, scope, row["theme_id"])
    timed.draw(
        time.reach(course, phases, by_phase, palette(), height=240, marks=marks),
        course,
        phases,
        marks=marks,
        here=row["decision_id"],
        key="decision_trend",
        alt_text=f"Reach of {names.get(row['theme_id'], row['theme_id'])} over time, with the decisions about it",
        title=names.get(row["theme_id"], row["theme_id"]),
        subtitle="Share of reviews that mention it, and the decisions about it",
    )


def _history(view: View, row: dict[str, Any]) -> None:
    """List who changed what, and offer to take the last change back or to delete the decision."""
    lines = view.workspace.entries.decision_history(row["decision_id"])
    places = {**decided.places(view), "theme_id": decided.theme_names(view)}
    last = next((one for one in view.workspace.entries.undoable() if one["subject"] == row["decision_id"]), None)
    with st.expander(f"History ({len(lines)})", icon=":material/history:"):
        cells = [
            [
                f"{words.day(line['when'])} {line['when']:%H:%M}",
                line["who"] or "somebody",
                decided.changed(line, places),
            ]
            for line in reversed(lines)
        ]
        st.html(parts.table(["When (UTC)", "Who", "What"], cells, short=[0]))
        if not access.may_edit():
            return
        with st.container(horizontal=True):
            st.button(
                "Take back the last change",
                icon=":material/undo:",
                key="restore_decision",
                disabled=last is None,
                on_click=_undo,
                args=(view, last),
            )
            st.button(
                "Delete this decision",
                icon=":material/delete:",
                key="delete_decision",
                on_click=_delete,
                args=(view, row["decision_id"], row["revision"]),
            )


def _delete(view: View, decision_id: str, revision: int) -> None:
    def do() -> str:
        view.workspace.entries.delete_decision(decision_id, revision=revision, by=access.editor())
        return "Deleted."

    deciding.change(do)


if __name__ == "__main__":
    render()
