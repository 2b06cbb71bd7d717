"""What was decided about an opportunity, on its detail page, and a short form to decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from voc import words
from voc.errors import ConflictError, VocError
from voc.store.decision_entries import EXPECTED, STATES
from voc.ui import access, data, links
from voc.ui.decisions import decided

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voc.insights import Scope

#: Session keys: what the last change did, and the conflict that is to be settled.
_SAID, CONFLICT = "voc_decision_said", "voc_decision_conflict"
# A field for a day offers ten years about today otherwise.
_FIRST, _LAST = dt.date(1990, 1, 1), dt.date(2100, 12, 31)
#: Decisions about an opportunity that are listed without a click.
_SHOWN = 3
#: Units of an expected effect -> how a form offers them.
UNITS = {"": "No number", **{unit: text.format("…") for unit, text in EXPECTED.items()}}


def panel(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    """Draw the decisions about an opportunity and, for who may edit, a short form to make one.

    Args:
        view: the workspace's state.
        scope: products, segment and dates under view; a new decision is taken in it.
        row: the opportunity, with `theme_id`, `name`, `reach`.
    """
    theme_id = row["theme_id"]
    about = [one for one in decided.rows(view) if one["theme_id"] == theme_id]
    if not about and not access.may_edit():
        return
    with st.container(key="decided"):
        said()
        if about:
            st.html(_listed(about[::-1]))
        if access.may_edit():
            label = "Decide again" if about else "Decide"
            with st.expander(label, icon=":material/gavel:", key=f"decide_{theme_id}"):
                _form(view, scope, row)


def _listed(about: list[dict[str, Any]]) -> str:
    """Return decisions as a list with links; of many, the later ones unfold."""
    lines = [
        f"<li><b>{links.link(str(one['title']), 'decisions', decision=str(one['decision_id']))}</b> "
        f'{decided.chips(one)}<br><span class="voc-key">{words.safe(decided.facts(one))}</span></li>'
        for one in about
    ]
    first, rest = "".join(lines[:_SHOWN]), "".join(lines[_SHOWN:])
    more = words.plural(len(about) - _SHOWN, "earlier decision")
    unfolds = f'<details class="voc-how"><summary>{more}</summary><ul class="voc-list">{rest}</ul></details>'
    return f'<ul class="voc-list voc-decided">{first}</ul>{unfolds if rest else ""}'


def _form(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    # A form that was sent is empty the next time.
    turn = st.session_state.get("voc_decided", 0)
    with st.form(f"decide_form_{row['theme_id']}_{turn}", border=False):
        st.caption(f"It is about {words.literal(decided.place(view, _place(scope)))}; its page can change that.")
        title = st.text_input(
            "What is to be done", placeholder="Stronger strain relief at the plug", max_chars=120, key=f"d_title_{turn}"
        )
        left, middle, right = st.columns(3)
        owner = left.text_input("Owner", value=access.editor(), max_chars=80, key=f"d_owner_{turn}")
        release = middle.text_input("Planned release", placeholder="v4", max_chars=80, key=f"d_release_{turn}")
        planned = _day(right, "Planned for", None, f"d_planned_{turn}")
        unit, value = expected_inputs({"expected_unit": None, "expected_value": None}, f"d_{turn}")
        if st.form_submit_button("Decide", type="primary"):
            values = {
                "state": "decided",
                "owner": owner,
                "release": release,
                "planned_on": planned,
                "expected_unit": unit,
                "expected_value": value,
                **_place(scope),
            }

            def do() -> str:
                view.workspace.entries.add_decision(row["theme_id"], title, by=access.editor(), **values)
                st.session_state["voc_decided"] = turn + 1
                return "Decided. Its page says later whether it helped."

            change(do)
            st.rerun()


def _day(column: Any, label: str, value: dt.date | None, key: str) -> dt.date | None:
    """Offer a day that may stay open."""
    given: dt.date | None = column.date_input(
        label, value, format="YYYY-MM-DD", min_value=_FIRST, max_value=_LAST, key=key
    )
    return given


def expected_inputs(row: Mapping[str, Any], key: str) -> tuple[str | None, float | None]:
    """Offer an expected effect: what the number means, and the number."""
    left, right = st.columns([2, 1])
    unit = left.selectbox(
        "Expected effect",
        list(UNITS),
        index=list(UNITS).index(row["expected_unit"] or ""),
        format_func=lambda one: words.sentence(UNITS[one]),
        key=f"{key}_unit",
    )
    value = right.number_input(
        "By how much, or to what",
        min_value=0.0,
        max_value=100.0,
        value=row["expected_value"],
        step=0.5,
        placeholder="5",
        key=f"{key}_value",
    )
    return (unit, value) if unit else (None, None)


def place_inputs(view: data.View, base: Mapping[str, Any], key: str) -> dict[str, str | None]:
    """Offer where a decision holds, by the filters that have something to choose from.

    Args:
        view: the workspace's state.
        base: the decision as its editor began to edit it.
        key: of the form.

    Returns:
        The fields that were offered; None for all.
    """
    # As they were when the editing began: the browser sends the words of a choice back, and the reviews counted in
    # them may be others after a run.
    places = st.session_state.setdefault(f"{base_key(base['decision_id'])}_places", decided.places(view, counts=True))
    shown = [name for name, values in places.items() if len(values) > 1 or base[name] is not None]
    chosen: dict[str, str | None] = {}
    for column, name in zip(st.columns(len(shown)) if shown else (), shown, strict=True):
        options = {"": decided.EVERYWHERE[name], **places[name]}
        if base[name] is not None:
            options.setdefault(base[name], f"{base[name]} (no reviews)")
        chosen[name] = column.selectbox(
            decided.LABELS[name],
            list(options),
            list(options).index(base[name] or ""),
            format_func=options.__getitem__,
            key=f"{key}_{name}",
        )
    return chosen


def _place(scope: Scope) -> dict[str, str | None]:
    """Return the scope as fields of a decision; of several products, none is named."""
    one = {"product": scope.products, "brand": scope.brands, "market": scope.markets}
    return {**{name: given[0] if len(given) == 1 else None for name, given in one.items()}, "phase_id": scope.phase_id}


def change(do: Callable[[], str]) -> None:
    """Make a change in the reader's name, if they may; `said` tells of it when the page is drawn anew."""
    if not access.may_edit():
        return
    try:
        st.session_state[_SAID] = ("done", do())
    except ConflictError as error:
        st.session_state[_SAID] = ("conflict", str(error))
        raise_fields(error)
    except VocError as error:
        st.session_state[_SAID] = ("failed", str(error))


def raise_fields(error: ConflictError) -> None:
    """Keep a conflict over fields until its editor has chosen."""
    if error.fields:
        st.session_state[CONFLICT] = {"fields": error.fields, "who": error.who, "revision": error.revision}


def said() -> None:
    """Say once what the last change did, or why it could not be made."""
    kind, sentence = st.session_state.pop(_SAID, ("", ""))
    if kind == "done":
        st.success(words.literal(sentence), icon=":material/check:")
    elif kind == "conflict":
        st.warning(words.literal(sentence), icon=":material/group:")
    elif kind == "failed":
        st.error(words.literal(sentence), icon=":material/error:")


def save(view: data.View, decision_id: str, changed: Mapping[str, Any], revision: int) -> None:
    """Store what an editor changed of a decision since they saw it at a revision."""

    def do() -> str:
        theirs = view.workspace.entries.change_decision(
            decision_id, changed, revision=revision, by=access.editor()
        )  # fmt: skip
        begin_anew(decision_id)
        if not theirs:
            return "Saved."
        listed = ", ".join(decided.LABELS[name].lower() for name in theirs)
        return f"Saved. Somebody else had changed meanwhile: {listed}; that is kept too."

    change(do)
    if CONFLICT in st.session_state:
        st.session_state[CONFLICT] |= {"mine": dict(changed), "decision_id": decision_id}


def base_key(decision_id: str) -> str:
    """Return the session key of the decision as its editor began to edit it."""
    return f"voc_decision_base_{decision_id}"


def begin_anew(decision_id: str) -> None:
    """Let the next form of a decision begin with what is so then, and settle nothing."""
    for key in (base_key(decision_id), f"{base_key(decision_id)}_places", CONFLICT):
        st.session_state.pop(key, None)


def form(view: data.View, now: Mapping[str, Any]) -> None:
    """Draw the form that changes a decision, or the conflict that is to be settled first."""
    decision_id = now["decision_id"]
    conflict = st.session_state.get(CONFLICT)
    base = st.session_state.setdefault(base_key(decision_id), dict(now))
    if conflict is not None and conflict.get("decision_id") == decision_id:
        _settle(view, base, conflict)
        return
    key = f"e_{decision_id}_{base['revision']}"
    with st.form(f"edit_{key}", border=False):
        values: dict[str, Any] = {
            "title": st.text_input(decided.LABELS["title"], base["title"], max_chars=120, key=f"{key}_title")
        }
        left, right = st.columns(2)
        values["state"] = left.selectbox(
            "State", STATES, STATES.index(base["state"]), format_func=words.sentence, key=f"{key}_state"
        )
        values["owner"] = right.text_input("Owner", base["owner"] or "", max_chars=80, key=f"{key}_owner")
        left, middle, right = st.columns(3)
        values["release"] = left.text_input(
            "Planned release", base["release"] or "", max_chars=80, key=f"{key}_release"
        )
        for column, name in ((middle, "planned_on"), (right, "released_on")):
            values[name] = _day(column, decided.LABELS[name], base[name], f"{key}_{name}")
        values |= place_inputs(view, base, key)
        values["expected_unit"], values["expected_value"] = expected_inputs(base, key)
        values["expected_note"] = st.text_input(
            decided.LABELS["expected_note"], base["expected_note"] or "", max_chars=300, key=f"{key}_expected_note"
        )
        values["note"] = st.text_area("Note", base["note"] or "", max_chars=4000, key=f"{key}_note")
        values["lag_days"] = st.number_input(
            "Old stock, days",
            min_value=0,
            step=1,
            value=base["lag_days"],
            placeholder="60; a version: 0",
            help="Reviews from so many days after the release are left out of the comparison: old stock is still sold.",
            key=f"{key}_lag",
        )
        if st.form_submit_button("Save", type="primary"):
            changed = {name: value for name, value in values.items() if _empty(value) != base[name]}
            save(view, decision_id, changed, base["revision"])
            st.rerun()


def _empty(value: Any) -> Any:
    return value.strip() or None if isinstance(value, str) else value


def _settle(view: data.View, base: Mapping[str, Any], conflict: dict[str, Any]) -> None:
    """Show both values of each field that two people changed, and store what the editor chooses."""
    who = conflict["who"] or "The other"
    st.html(
        '<p class="voc-sub">You and somebody else changed the same fields. Choose what holds; the other value stays in '
        "the history.</p>"
    )
    mine = dict(conflict["mine"])
    places = decided.places(view)
    with st.form("settle", border=False):
        for name, (theirs, own) in conflict["fields"].items():
            kept = {
                "theirs": f"{who}: {decided.shown(name, theirs, places)}",
                "mine": f"You: {decided.shown(name, own, places)}",
            }
            said_of = {one: words.literal(text) for one, text in kept.items()}
            chosen = st.radio(
                decided.LABELS[name], ["theirs", "mine"], format_func=said_of.__getitem__, key=f"settle_{name}"
            )
            mine[name] = theirs if chosen == "theirs" else own
        if st.form_submit_button("Save my choice", type="primary"):
            st.session_state.pop(CONFLICT, None)
            save(view, base["decision_id"], mine, conflict["revision"])
            st.rerun()

    st.button("Discard mine", key="discard", on_click=begin_anew, args=(base["decision_id"],))
