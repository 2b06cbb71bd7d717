"""Forms in which people change a theme or correct a mention; the figures follow at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from voc import words
from voc.curation import KINDS, Curator
from voc.edits import NO_THEME, Split
from voc.errors import ConflictError, VocError, WorkspaceBusyError
from voc.themes.areas import OUTSIDE
from voc.ui import access, data, parts, takeaway
from voc.ui.frames import records

_SAID, _FORMS = "voc_said", "voc_forms"
_KEEP, _NONE = "keep", "none"


def said() -> None:
    """Say once what the last change did, or why it could not be made."""
    kind, sentence = st.session_state.pop(_SAID, ("", ""))
    if kind == "done":
        st.success(words.literal(sentence), icon=":material/check:")
    elif kind == "failed":
        st.error(words.literal(sentence), icon=":material/error:")


def change(view: data.View, do: Callable[[Curator], str]) -> None:
    """Make a change and bring it into the figures; `said` tells of it when the page is drawn anew."""
    if not access.may_edit():
        return
    curator = Curator(view.workspace, access.editor())
    try:
        before = view.workspace.entries.figures_version()
        sentence = do(curator)
        try:
            # What was taken back may be about a decision: no figure depends on it.
            if view.workspace.entries.figures_version() != before:
                curator.apply(view.config)
        except WorkspaceBusyError:
            sentence += " A run is under way; it is in the figures when that has ended."
        st.session_state[_SAID] = ("done", sentence)
        # What was typed has been used: the forms show what is so now.
        st.session_state[_FORMS] = st.session_state.get(_FORMS, 0) + 1
    except ConflictError as error:
        st.session_state[_SAID] = ("failed", str(error))
        st.session_state[_FORMS] = st.session_state.get(_FORMS, 0) + 1
    except VocError as error:
        st.session_state[_SAID] = ("failed", str(error))


def _key(name: str, theme_id: str) -> str:
    """Return a key of a form of one theme that is new after every change, so that the form starts afresh."""
    return f"{name}_{theme_id}_{st.session_state.get(_FORMS, 0)}"


def theme_forms(view: data.View, theme: Mapping[str, Any], others: Mapping[str, str], areas: Sequence[str]) -> None:
    """Draw the forms that change one theme.

    Args:
        view: the workspace's state.
        theme: its row of `voc.curation.shown_themes`, with the name of its `area`.
        others: names of the other active themes, by id.
        areas: names of the areas there are.
    """
    theme_id = theme["theme_id"]
    if theme["state"] == "dismissed":
        parts.nothing("Somebody said that this is no problem: it is not ranked, and its mentions are no complaints.")
    if not access.may_edit():
        return
    if theme["state"] == "dismissed":
        st.button(
            "It is a problem after all",
            key="restore",
            on_click=change,
            args=(view, lambda curator: curator.dismiss(theme_id, False)),
        )
        return
    rename, merge, split, move, hide = st.tabs(["Rename", "Merge", "Split", "Move", "Hide"])
    with rename:
        _rename(view, theme)
    with merge, st.form(_key("merge", theme_id), border=False):
        into = st.selectbox(
            "Same trouble as", [None, *others], format_func=lambda one: others[one] if one else "Choose a theme"
        )
        st.caption("Its mentions count for that theme from now on, those of later exports too.")
        if st.form_submit_button("Merge") and into:
            _made(view, lambda curator: curator.merge(theme_id, into))
    with split:
        _split(view, theme)
    with move, st.form(_key("move", theme_id), border=False):
        known = sorted({*areas, *OUTSIDE, theme["area"] or ""} - {""})
        area = st.selectbox(
            "Part of the product, or who else is to mend it",
            known,
            index=known.index(theme["area"]) if theme["area"] in known else None,
            accept_new_options=True,
        )
        if st.form_submit_button("Move") and area:
            _made(view, lambda curator: curator.move(theme_id, area))
    with hide:
        st.caption("Hidden: counted as before, but off the lists. No problem: not ranked, and no complaint any more.")
        label = "Show it again" if theme["hidden"] else "Hide it"
        st.button(
            label, key="hide", on_click=change, args=(view, lambda curator: curator.hide(theme_id, not theme["hidden"]))
        )
        st.button(
            "This is no problem",
            key="dismiss",
            on_click=change,
            args=(view, lambda curator: curator.dismiss(theme_id)),
        )


def _rename(view: data.View, theme: Mapping[str, Any]) -> None:
    """Draw the form of a theme's name; who renames one that was renamed meanwhile is told, and may do so again."""
    theme_id = theme["theme_id"]
    field, seen, typed = _key("name", theme_id), _key("seen", theme_id), f"voc_typed_{theme_id}"
    if field not in st.session_state:
        # Which name a form is drawn with at first; as long as it stands, it is the one that the editor saw.
        st.session_state[seen] = theme["name"]
        st.session_state[field] = st.session_state.pop(typed, theme["name"])

    def rename(curator: Curator) -> str:
        try:
            return curator.rename(theme_id, name, seen=st.session_state[seen])
        except ConflictError:
            st.session_state[typed] = name
            raise

    with st.form(_key("rename", theme_id), border=False):
        name = st.text_input("Name", max_chars=80, key=field)
        if st.form_submit_button("Rename"):
            _made(view, rename)


def _split(view: data.View, theme: Mapping[str, Any]) -> None:
    """Offer the part that words choose, or that differs most, and take it out when it is confirmed."""
    with st.form(_key("split", theme["theme_id"]), border=False):
        typed = st.text_input(
            "Take out what says one of these words",
            placeholder="left, right ear; empty: the part that differs most",
        )
        looked = st.form_submit_button("Show that part")
    key = f"split_{theme['theme_id']}"
    if looked:
        # Loaded when somebody asks: scikit-learn and the themes' whole room come with it.
        from voc.themes.splitting import propose_split

        wanted = [word.strip() for word in typed.replace(";", ",").split(",") if word.strip()]
        try:
            st.session_state[key] = propose_split(view.snapshot, theme, words=wanted)
        except VocError as error:
            st.session_state.pop(key, None)
            st.error(words.literal(str(error)), icon=":material/error:")
    split: Split | None = st.session_state.get(key)
    if split is None:
        return
    places = {(span.review_id, span.start) for span in split.members}
    rows = records(mentions_of(view, theme["theme_id"]))
    inside = [row for row in rows if (row["review_id"], row["start"]) in places]
    share = f"{words.plural(len(split.members), 'mention')} of {words.count(len(rows))}, for example:"
    st.html(
        f'<p class="voc-key">{share}</p>'
        + "".join(f'<p class="voc-sub">“{words.safe(row["clause"])}”</p>' for row in inside[:5])
    )
    name = st.text_input("Name of the new theme", value=split.name, max_chars=80, key=f"{key}_name")

    def take_out(curator: Curator) -> str:
        done = curator.take_out(split, name)
        st.session_state.pop(key, None)
        return done

    st.button("Take it out", key="take_out", on_click=change, args=(view, take_out))


def mentions_of(view: data.View, theme_id: str) -> Any:
    """Return the mentions of a theme, surest first, with their clause and the place of their words."""
    return view.frame(
        """
        SELECT m.*, trim(substring(r.text, m.clause_start + 1, m.clause_end - m.clause_start)) AS clause, r.rating,
               least(coalesce(m.aspect_start, m.phrase_start, m.clause_start),
                     coalesce(m.phrase_start, m.aspect_start, m.clause_start)) AS start
        FROM mentions m JOIN reviews r USING (review_id)
        WHERE m.theme_id = ? ORDER BY m.confidence DESC, m.mention_id
        """,
        theme_id,
    )


def mention_form(view: data.View, theme_id: str, themes: Mapping[str, str]) -> None:
    """List the mentions of a theme and correct the one that is picked."""
    frame = mentions_of(view, theme_id)
    if frame.empty:
        parts.nothing("No mention is in this theme.")
        return
    columns = {"clause": "What the customer wrote", "aspect": "Part", "phrase": "Opinion", "rating": "Stars"}
    picked = st.dataframe(
        frame[list(columns)].fillna({"aspect": "", "phrase": ""}).rename(columns=columns),
        hide_index=True,
        placeholder="–",
        height=320,
        key=f"mentions_{theme_id}",
        on_select="rerun",
        selection_mode="single-row",
    ).selection.rows
    takeaway.files("Mentions", frame, key="files_mentions")
    if not access.may_edit():
        return
    if not picked:
        st.caption("Pick a row to correct what was read of it.")
        return
    mention = records(frame)[picked[0]]
    with st.form(_key("correct", mention["mention_id"])):
        st.html(f'<p class="voc-sub">“{words.safe(mention["clause"])}”</p>')
        options = {_KEEP: "In this theme", _NONE: "In none", **themes}
        theme = st.selectbox("It belongs", list(options), format_func=lambda one: options[one])
        kind = st.selectbox("It is", list(KINDS), index=KINDS.index(mention["kind"]))
        hazard = st.checkbox("It tells of a danger", value=bool(mention["hazard"]))
        if st.form_submit_button("Correct"):
            into = {_KEEP: None, _NONE: NO_THEME}.get(theme, theme)
            _made(
                view,
                lambda curator: curator.correct(
                    mention["mention_id"],
                    theme_id=into,
                    kind=kind if kind != mention["kind"] else None,
                    hazard=hazard if hazard != bool(mention["hazard"]) else None,
                ),
            )


def _made(view: data.View, do: Callable[[Curator], str]) -> None:
    change(view, do)
    st.rerun()


def undo_form(view: data.View, lines: Mapping[int, str]) -> None:
    """Draw what takes a change back: the last one, or one that is chosen.

    Args:
        view: the workspace's state.
        lines: what each change was, by the id of its line of history, the latest first; only those that may be taken
            back without touching a later one of the same theme or mention.
    """
    if not access.may_edit() or not lines:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Take back",
            list(lines),
            format_func=lambda one: lines[one],
            key=_key("line", "history"),
            width=460,
        )
        st.button(
            "Undo",
            key="undo",
            icon=":material/undo:",
            on_click=change,
            args=(view, lambda curator: curator.undo(chosen)),
        )
