"""The view lives in the address: what is chosen on a page is read from and written to the query parameters."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

#: Choices that go along from page to page within one sitting.
SHARED = ("product", "brand", "market", "phase")


def get(name: str, default: str = "") -> str:
    """Return a query parameter, or the default where the address has none."""
    return st.query_params.get(name, default)


def put(name: str, value: str) -> None:
    """Write a query parameter; an empty value removes it."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def arrive(page: str) -> None:
    """Carry the shared choices over when the reader comes from another page by its navigation.

    A link with parameters of its own shows exactly those; only a bare address takes over the last choices.
    """
    last = st.session_state.get("voc_page")
    if last is not None and last != page and not any(name in st.query_params for name in SHARED):
        for name, value in st.session_state.get("voc_shared", {}).items():
            put(name, value)
    st.session_state["voc_page"] = page
    # What the filters of a page choose; a page without filters shows everything.
    st.session_state["voc_scope_words"] = ""
    remember()


def remember() -> None:
    """Keep the shared choices of this page for the next."""
    st.session_state["voc_shared"] = {name: get(name) for name in SHARED if get(name)}


def _store(name: str, key: str) -> None:
    put(name, st.session_state[key] or "")
    remember()


def pick(
    label: str, options: Mapping[str, str], name: str, *, everything: str | None = None, help: str | None = None
) -> str:
    """Offer a choice whose value is a query parameter.

    Args:
        label: what stands above the choice.
        options: value in the address -> words the reader sees.
        name: the query parameter.
        everything: words for "no choice" (the empty value); without it the first option is the default.
        help: a sentence behind a question mark.

    Returns:
        The chosen value; a value of the address that is not among the options counts as no choice.
    """
    values = ([""] if everything is not None else []) + list(options)
    wanted = get(name)
    if wanted not in values:
        put(name, "")
        wanted = values[0] if values else ""
    key = f"pick_{name}"
    labels = tuple(options.items())
    # The browser sends back the words of the choice: after they have changed it must be told the choice anew, or the
    # words it sends are none of the options and the choice is lost.
    if st.session_state.get(key) != wanted or st.session_state.get(f"{key}_labels") != labels:
        st.session_state[key] = wanted
        st.session_state[f"{key}_labels"] = labels
    st.selectbox(
        label,
        values,
        format_func=lambda value: options.get(value, everything or ""),
        key=key,
        on_change=_store,
        args=(name, key),
        help=help,
    )
    return wanted


def switch(label: str, options: Mapping[str, str], name: str, *, hidden_label: bool = False) -> str:
    """Offer a few short options side by side, the first as default; the value is a query parameter."""
    values = list(options)
    wanted = get(name)
    if wanted not in values:
        put(name, "")
        wanted = values[0]
    key = f"switch_{name}"
    if st.session_state.get(key) != wanted:
        st.session_state[key] = wanted
    st.segmented_control(
        label,
        values,
        format_func=lambda value: options[value],
        required=True,
        key=key,
        on_change=_store,
        args=(name, key),
        label_visibility="collapsed" if hidden_label else "visible",
    )
    return wanted


def toggle(label: str, name: str, *, help: str | None = None) -> bool:
    """Offer a yes or no whose yes is a query parameter of value 1."""
    wanted = get(name) == "1"
    key = f"toggle_{name}"
    if st.session_state.get(key) != wanted:
        st.session_state[key] = wanted
    st.toggle(label, key=key, on_change=lambda: put(name, "1" if st.session_state[key] else ""), help=help)
    return wanted


def typed(label: str, name: str, *, placeholder: str = "", hidden_label: bool = False) -> str:
    """Offer a line of text that is a query parameter, without spaces around it."""
    wanted = get(name).strip()
    key = f"typed_{name}"
    if st.session_state.get(key) != wanted:
        st.session_state[key] = wanted
    st.text_input(
        label,
        key=key,
        placeholder=placeholder,
        on_change=lambda: put(name, str(st.session_state[key] or "").strip()),
        label_visibility="collapsed" if hidden_label else "visible",
    )
    return wanted
