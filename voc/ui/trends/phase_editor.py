"""The editor of people's phases: dates typed or dragged out of the chart, names, versions that become phases."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc import words
from voc.errors import VocError
from voc.ui import access, filters, parts, state
from voc.ui.charts.time import SPAN, SPAN_FIELD
from voc.ui.data import View
from voc.ui.frames import records
from voc.ui.trends import phases as phase_tools

if TYPE_CHECKING:
    from voc.insights import Scope

#: Query parameter: the phase_id that is being changed, or `NEW`; nothing while the editor is closed.
EDIT, NEW = "edit", "new"
_EARLIEST = dt.date(1990, 1, 1)
_FAULT = "voc_phase_fault"


def target(view: View) -> str:
    """Return what is being edited: a phase_id, `NEW`, or nothing where the editor is closed or nobody may edit."""
    wanted = state.get(EDIT)
    if not wanted or not access.may_edit():
        return ""
    return wanted if any(row["phase_id"] == wanted for row in phase_tools.entered(view)) else NEW


def switch(view: View, *, visible: bool = True) -> None:
    """Draw the button that opens or closes the editor; `visible` tells whether the page has room for it now."""
    if not access.may_edit():
        return
    opened = visible and bool(target(view))
    label, icon = ("Done", ":material/check:") if opened else ("Edit phases", ":material/edit_calendar:")
    st.button(label, icon=icon, key="edit_phases", on_click=_open, args=("" if opened else NEW,))


def open_with(start: dt.date) -> None:
    """Open the form of a new phase that begins on a day."""
    _open(NEW)
    st.session_state[f"phase_start_{NEW}"] = start


def chart_key(view: View) -> str:
    """Return the key of the chart that stretches are dragged out of: a new one, with nothing marked, after a change."""
    return f"rating_dragged_{view.source.entries}"


def drag(view: View) -> None:
    """Write the stretch that the reader dragged out of the chart into the open form; the chart's callback."""
    event = st.session_state.get(chart_key(view)) or {}
    found = dragged(event.get("selection") or {}, st.context.timezone, view.dates()[1])
    editing = target(view)
    if found is not None and editing:
        st.session_state[f"phase_start_{editing}"], st.session_state[f"phase_end_{editing}"] = found


def dragged(
    selection: Mapping[str, Any], timezone: str | None, last: pd.Timestamp
) -> tuple[dt.date, dt.date | None] | None:
    """Return the first and the last day of a stretch that was dragged out of a chart over time.

    Args:
        selection: as Streamlit has it: name of the selection -> field -> both ends, milliseconds since 1970 UTC.
        timezone: of the browser, which draws midnight where it is.
        last: the newest review's time; a stretch that reaches so far has no last day, since it still runs.

    Returns:
        None where nothing is selected.
    """
    ends = (selection.get(SPAN) or {}).get(SPAN_FIELD)
    if not ends or len(ends) != 2:
        return None
    try:
        zone: dt.tzinfo = zoneinfo.ZoneInfo(timezone or "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        zone = dt.UTC
    # An edge counts for the midnight that is nearest.
    half_a_day = dt.timedelta(hours=12)
    first, after = ((dt.datetime.fromtimestamp(end / 1000, zone) + half_a_day).date() for end in sorted(ends))
    if after > last.date():
        return first, None
    return first, max(first, after - dt.timedelta(days=1))


def panel(view: View, scope: Scope) -> None:
    """Draw people's phases, each to change or delete, the form of the one that is edited, and versions to take over."""
    editing = target(view)
    if not editing:
        return
    with st.container(border=True, key="phase_editor"):
        parts.section(
            "Edit phases",
            "Drag over the chart above to mark a stretch: its dates go into the open form, where they can be "
            "corrected. Phases of the whole workspace may not overlap, nor those of one product.",
        )
        fault = st.session_state.pop(_FAULT, "")
        if fault:
            st.error(words.literal(fault))
        if state.get(EDIT) != editing:
            st.warning("The phase that this link changes is gone: somebody has deleted it.")
        products = filters.options(view, "product_id")
        for row in phase_tools.entered(view):
            if row["phase_id"] == editing:
                _form(view, scope, row, products)
            else:
                _row(view, row, products)
        if editing == NEW:
            _form(view, scope, None, products)
        else:
            st.button("Add a phase", icon=":material/add:", key="add_another", on_click=_open, args=(NEW,))
        if view.config.phases:
            names = ", ".join(phase.name for phase in view.config.phases)
            st.html(f'<p class="voc-key">Phases of the configuration file are changed there: {words.safe(names)}.</p>')
        _versions(view, scope, products)


def _row(view: View, row: dict[str, Any], products: dict[str, str]) -> None:
    name = words.literal(row["name"])
    with st.container(horizontal=True, vertical_alignment="center", key=f"phase_row_{row['phase_id']}"):
        st.html(
            f'<b>{words.safe(row["name"])}</b> <span class="voc-key">{_days(row)}'
            f"{_of(row['product_id'], products)}</span>"
        )
        st.button(
            "Change", key=f"change_{row['phase_id']}", type="tertiary", icon=":material/edit:", on_click=_open,
            args=(row["phase_id"],), help=f"Change the name or the dates of {name}",
        )  # fmt: skip
        st.button(
            "Delete", key=f"drop_{row['phase_id']}", type="tertiary", icon=":material/delete:",
            on_click=partial(_delete, view, row["phase_id"]), help=f"Delete the phase {name}",
        )  # fmt: skip


def _form(view: View, scope: Scope, row: dict[str, Any] | None, products: dict[str, str]) -> None:
    """Draw the form of a phase; None for a new one."""
    key = NEW if row is None else str(row["phase_id"])
    start = None if row is None else row["start"]
    end = None if row is None or row["end"] is None else row["end"] - dt.timedelta(days=1)
    if f"phase_name_{key}" not in st.session_state:
        st.session_state[f"phase_seen_{key}"] = row
    for field, value in (("name", "" if row is None else row["name"]), ("start", start), ("end", end)):
        st.session_state.setdefault(f"phase_{field}_{key}", value)
    owners = {"": "All products"}
    if row is not None and row["product_id"]:
        owners = {row["product_id"]: _named(row["product_id"], products)}
    elif row is None and len(scope.products) == 1:
        owners[scope.products[0]] = _named(scope.products[0], products)
    with st.form("add_phase" if row is None else f"change_phase_{key}", border=True):
        st.html(f"<b>{'New phase' if row is None else 'Change ' + words.safe(row['name'])}</b>")
        name = st.text_input("Name", placeholder="for example: New cable", key=f"phase_name_{key}", max_chars=80)
        left, right = st.columns(2)
        options: dict[str, Any] = {"format": "YYYY-MM-DD", "min_value": _EARLIEST}
        start = left.date_input("First day", key=f"phase_start_{key}", **options)
        end = right.date_input("Last day (empty while it runs)", key=f"phase_end_{key}", **options)
        owner = next(iter(owners))
        if len(owners) > 1:
            owner = st.selectbox(
                "Belongs to", list(owners), format_func=lambda value: owners[value], key=f"phase_of_{key}"
            )
        with st.container(horizontal=True):
            done = st.form_submit_button("Add phase" if row is None else "Save changes", type="primary")
            if row is not None and st.form_submit_button("Cancel"):
                _open(NEW)
                st.rerun()
    if done:
        _save(view, key, name, start, end, owner or None)


def _save(view: View, key: str, name: str, start: dt.date | None, end: dt.date | None, owner: str | None) -> None:
    if not name.strip() or start is None:
        st.error("A phase needs a name and a first day.")
        return
    after = None if end is None else end + dt.timedelta(days=1)
    changed = None if key == NEW else key
    seen = st.session_state.get(f"phase_seen_{key}")
    fault = phase_tools.enter(view, name, start, after, product_id=owner, phase_id=changed, seen=seen)
    if fault:
        now = next((row for row in phase_tools.entered(view) if row["phase_id"] == key), None)
        if now != seen:
            # Who has read what it has become may put something else in its place.
            st.session_state[f"phase_seen_{key}"] = now
            fault += " Nothing of yours is saved yet; save again to put it in its place."
        st.error(words.literal(fault))
        return
    for field in ("name", "start", "end"):
        st.session_state.pop(f"phase_{field}_{key}", None)
    _show_named(owner)
    state.put(EDIT, NEW)
    st.rerun()


def _versions(view: View, scope: Scope, products: dict[str, str]) -> None:
    """Offer to make named phases of a product's versions."""
    phases: pd.DataFrame = view.phases().to_pandas()
    known = phases[(phases["source"] == "version") & phases["start"].notna()]["product_id"].value_counts()
    if scope.products:
        known = known[known.index.isin(scope.products)]
    if known.empty:
        return
    taken = {(row["product_id"], row["name"]) for row in phase_tools.entered(view)}
    with st.expander("Make phases of product versions", icon=":material/new_releases:"):
        labels = {str(product): _named(str(product), products) for product in known.index}
        chosen = state.pick("Versions of", labels, "versions")
        rows = phase_tools.closed_versions(view, chosen)
        left = rows[[(chosen, version) not in taken for version in rows["version"]]]
        for row in records(rows):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.html(f'<b>{words.safe(row["version"])}</b> <span class="voc-key">{_days(row)}</span>')
                if (chosen, row["version"]) in taken:
                    st.html('<span class="voc-key">is a phase</span>')
                else:
                    st.button(
                        "Make it a phase", key=f"version_{row['phase_id']}", type="tertiary", icon=":material/add:",
                        on_click=partial(_take_versions, view, rows[rows["phase_id"] == row["phase_id"]]),
                        help=f"Make a phase of {words.literal(str(row['version']))}",
                    )  # fmt: skip
        if len(left) > 1:
            st.button(
                f"Make phases of all {len(left)}",
                key="all_versions",
                icon=":material/done_all:",
                on_click=partial(_take_versions, view, left),
            )
        st.html(
            '<p class="voc-key">A phase of a version runs from its first review to the next version\'s, and belongs to '
            "that product.</p>"
        )


def _take_versions(view: View, rows: pd.DataFrame) -> None:
    fault = phase_tools.enter_versions(view, rows)
    if fault:
        st.session_state[_FAULT] = fault
    else:
        _show_named(str(rows["product_id"].iloc[0]))


def _delete(view: View, phase_id: str) -> None:
    if not access.may_edit():
        return
    try:
        view.workspace.entries.delete_phase(phase_id, access.editor())
    except VocError as error:
        st.session_state[_FAULT] = str(error)


def _open(wanted: str) -> None:
    state.put(EDIT, wanted)
    if wanted:
        # The chart that dates are dragged out of stands among the figures over time.
        state.put("view", "")


def _show_named(product_id: str | None) -> None:
    """Show the named phases next, of this product."""
    state.put("kind", "")
    if product_id:
        state.put("product", product_id)
        state.remember()


def _named(product_id: str, products: dict[str, str]) -> str:
    return products.get(product_id, product_id).rsplit(" (", 1)[0]


def _of(product_id: str | None, products: dict[str, str]) -> str:
    return f", {words.safe(_named(product_id, products))}" if product_id else ""


def _days(row: Mapping[str, Any]) -> str:
    end = phase_tools.day_of(row["end"])
    return f"{words.day(row['start'])} – " + ("today" if end is None else words.day(end - dt.timedelta(days=1)))
