"""What customers say about one opportunity: quotes by stars, best evidence first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from voc import words
from voc.ui import computed, data, parts, quotes, state
from voc.ui.frames import records

if TYPE_CHECKING:
    from voc.insights import Scope

#: Quotes on the page at first, and how many more a click brings.
QUOTES = 6


def draw(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    """Draw the quotes of a row of the opportunities table, with the choice of stars above them."""
    bands = {"": "All"} | {name: label for name, (label, _, _) in computed.STAR_BANDS.items()}
    parts.section("What customers say")
    stars = state.switch("Stars", bands, "stars", hidden_label=True)
    wanted = state.get("more")
    limit = QUOTES * (int(wanted) if wanted.isdigit() and 0 < int(wanted) <= 50 else 1)
    shown, found = view.quotes(row["theme_id"], scope, stars, limit, quotes.standing(row))
    st.html(
        '<p class="voc-key">The stars choose quotes only; every figure above keeps all reviews. Marked: '
        '<mark>opinion</mark> <mark class="aspect">product part</mark></p>'
    )
    if shown.empty:
        parts.nothing("No quote has this many stars.")
        return
    st.html("".join(quotes.quote(record) for record in records(shown)))
    if found > len(shown):
        st.button(
            f"Show more ({words.count(len(shown))} of {words.count(found)})",
            on_click=state.put,
            args=("more", str(limit // QUOTES + 1)),
        )
