"""Fixes: did complaints change at a date, beyond what they did elsewhere, and the fixes that are remembered."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import streamlit as st

from voc import words
from voc.ui import access, analyses, data, filters, nav, parts, state, takeaway
from voc.ui.charts import compared
from voc.ui.data import View
from voc.ui.decisions.verified import remembered, verified
from voc.ui.scoping import whole
from voc.ui.theme import palette, show

if TYPE_CHECKING:
    from voc.insights import Scope
    from voc.insights.verification import Verification

_TONES = {"fixed": "better", "better": "better", "worse": "worse"}


def render() -> None:
    """Draw the page."""
    state.arrive("fixes")
    view = data.view()
    if view is None:
        parts.empty_workspace(str(data.workspace_path()))
        return
    parts.heading(
        "Did the fix work?",
        "Name what was to be fixed and since when it was sold. The reviews before and after are compared with products "
        "that were not fixed, in the same weeks.",
    )
    first, last, number = view.dates()
    if not number:
        parts.nothing(
            "These reviews carry no dates, and a fix can only be verified by reviews from before and after it."
        )
        return
    scope = filters.choose(view)
    everything = view.opportunities(whole())
    names = {
        row_id: words.sentence(str(name))
        for row_id, name in zip(everything["theme_id"], everything["name"], strict=True)
    }
    if not names:
        parts.nothing("There are no themes yet: too few reviews say what goes wrong.")
        return
    theme, since, lag = _question(names, first.date(), last.date())
    if since is None:
        parts.nothing("Choose the first day on which the fix was sold; above, the products that were fixed.")
    else:
        _answer(view, scope, theme, since, lag)
    _remembered(view, names)


def _question(names: dict[str, str], first: dt.date, last: dt.date) -> tuple[str, dt.date | None, int | None]:
    """Let the reader name a theme, a date and a lag; all three live in the address."""
    left, middle, right = st.columns([3, 1, 1], vertical_alignment="bottom")
    with left:
        theme = state.pick("What was to be fixed", names, "theme")
    with middle:
        chosen = _day(state.get("since"))
        since = _entry("since", chosen if chosen is not None and first <= chosen <= last else None)
        st.date_input(
            "Sold since",
            min_value=first,
            max_value=last,
            format="YYYY-MM-DD",
            help="First day of sale.",
            **since,
        )
    with right:
        given = state.get("lag")
        lag = _entry("lag", int(given) if given.isdecimal() else None)
        st.number_input(
            "Old stock, days",
            min_value=0,
            step=1,
            placeholder="60; a version: 0",
            help="Reviews from so many days after the date are left out: old stock is still sold.",
            **lag,
        )
    return theme, st.session_state[since["key"]], st.session_state[lag["key"]]


def _entry(name: str, value: Any) -> dict[str, Any]:
    """Return the options of a field whose value is a query parameter."""
    key = f"fix_{name}"
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value

    def keep() -> None:
        entered = st.session_state[key]
        state.put(name, "" if entered is None else str(entered))

    return {"key": key, "on_change": keep}


def _answer(view: View, scope: Scope, theme: str, since: dt.date, lag: int | None) -> None:
    found, fault = verified(view, scope, theme, since, lag)
    if found is None:
        parts.nothing(words.sentence(fault))
        return
    with st.container(border=True):
        st.html(
            f'<div class="voc-chips">{parts.chip(words.sentence(found.conclusion), _TONES.get(found.conclusion, ""))}'
            f"</div><p>{words.safe(analyses.typeset(found.sentence))}</p>"
        )
        analyses.notes(note for note in (*found.reasons, *found.warnings) if note not in found.sentence)
        kept = _same(view, scope, theme, since)
        if kept is None and access.may_edit():
            st.button(
                "Remember this fix",
                icon=":material/push_pin:",
                on_click=_remember,
                args=(view, scope, theme, since, lag),
            )
    study = [row for row in found.event_study.to_pylist() if row["difference"] is not None]
    if study:
        parts.section(
            "Before and after",
            "How far the theme's reach lay above that of the controls, period by period, against the time before the "
            "fix. Without a fix the periods scatter about zero.",
        )
        show(compared.event_study(study, since, palette()), key="study", alt_text="Difference before and after the fix")
    _details(found)


def _details(found: Verification) -> None:
    with st.expander("Reach, controls and checks", icon=":material/table:"):
        st.html(analyses.lines_table([_reach_line(row) for row in found.reach.to_pylist()]))
        with st.container(horizontal=True):
            takeaway.files("Reach before and after", found.reach)
            takeaway.files("Before and after, period by period", found.event_study, label="By period")
        said = [f"Before the date: {found.pre_trend.verdict}."]
        controls = [str(row["name"]) for row in found.controls.to_pylist() if row["used"]]
        if controls:
            said.append(f"Compared with {found.control_kind}: {', '.join(controls)}.")
        analyses.notes(said)


def _reach_line(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "": row["group"],
        "when": "old stock" if row["part"] == "lag" else row["part"],
        "from": row["start"],
        "until": row["end"],
        "reviews": row["reviews"],
        "mention it": row["mentions"],
        "reach": words.percent(row["reach"]),
        "interval": words.percent_interval(row["reach_low"], row["reach_high"]),
    }


def _remember(view: View, scope: Scope, theme: str, since: dt.date, lag: int | None) -> None:
    if access.may_edit():
        view.workspace.entries.put_fix(theme, since, lag_days=lag, **_place(scope), by=access.editor())


def _place(scope: Scope) -> dict[str, str | None]:
    return {
        "product": scope.products[0] if scope.products else None,
        "brand": scope.brands[0] if scope.brands else None,
        "phase_id": scope.phase_id,
    }


def _same(view: View, scope: Scope, theme: str, since: dt.date) -> dict[str, Any] | None:
    """Return the remembered fix that this view asks about."""
    wanted = {"theme_id": theme, "since": since, **_place(scope)}
    return next((fix for fix in view.workspace.entries.fixes() if wanted.items() <= fix.items()), None)


def _remembered(view: View, names: dict[str, str]) -> None:
    """List the fixes that people entered, each with what the data says of it today."""
    fixes = remembered(view)
    if not fixes:
        return
    parts.section("Remembered fixes", "Every run verifies them anew; released decisions are among them.")
    done = {row["decision_id"]: str(row["title"]) for row in view.workspace.entries.decisions()}
    for row in fixes:
        left, right = st.columns([4, 1], vertical_alignment="center")
        conclusion = row["conclusion"] or "cannot be verified"
        where = [str(row[name]) for name in ("product", "brand") if row[name]]
        about = words.sentence(str(row["theme"] or names.get(row["theme_id"], row["theme_id"])))
        if row["fix_id"] in done:
            # What was done tells two decisions about one theme apart.
            where.insert(0, about)
            about = done[row["fix_id"]]
        said = " · ".join([*where, f"since {words.day(row['since'])}", *filter(None, [_effect(row) or row["fault"]])])
        left.html(
            f"<b>{words.safe(about)}</b> {parts.chip(words.sentence(conclusion), _TONES.get(conclusion, ''))} "
            f'<span class="voc-key">{words.safe(said)}</span>'
        )
        with right.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.button("Open", key=f"open_{row['fix_id']}", on_click=_open, args=(row,))
            if row["fix_id"].startswith("decision-"):
                st.page_link(nav.page("decisions"), label="The decision", query_params={"decision": row["fix_id"]})
            elif access.may_edit():
                st.button(
                    "",
                    icon=":material/delete:",
                    key=f"drop_{row['fix_id']}",
                    help="Remember it no longer",
                    on_click=_drop,
                    args=(view, row["fix_id"]),
                )


def _drop(view: View, fix_id: str) -> None:
    if access.may_edit():
        view.workspace.entries.delete_fix(fix_id, by=access.editor())


def _effect(row: dict[str, Any]) -> str:
    if row["effect"] is None:
        return ""
    return f"{words.points(row['effect'])} ({words.points_interval(row['effect_low'], row['effect_high'])})"


def _open(row: dict[str, Any]) -> None:
    chosen = {"theme": row["theme_id"], "since": row["since"].isoformat()}
    lag = "" if row["lag_days"] is None else str(row["lag_days"])
    places = {"product": row["product"], "brand": row["brand"], "phase": row["phase_id"], "market": ""}
    for name, value in {**chosen, "lag": lag, **places}.items():
        state.put(name, value or "")


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


if __name__ == "__main__":
    render()
