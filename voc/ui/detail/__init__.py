"""The detail of one opportunity: its figures, what can be done about it, and its parts behind tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from voc import words
from voc.ui import data, nav, parts, state, takeaway
from voc.ui.decisions import deciding
from voc.ui.detail import related, said, time, who, why

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voc.insights import Scope

#: Part in the address -> its tab; the first is the default, and only the open one is computed.
PARTS = {
    "": "In short",
    "why": "Why",
    "time": "Over time",
    "who": "Who",
    "related": "Related",
}


def theme(view: data.View, scope: Scope, row: dict[Any, Any], order: Sequence[str] = ()) -> None:
    """Draw everything about one row of the list.

    Args:
        view: the workspace's state.
        scope: products, segment and dates under view.
        row: the opportunity, with the columns of `listing.rows`.
        order: theme_ids in the order of the list, for the way to the next.
    """
    confidence = view.config.insights.confidence
    rank = words.rank_interval(row["rank"], row["rank_low"], row["rank_high"], confidence)
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="detail_top"
    ):
        st.html(f'<span class="voc-eyebrow">{words.safe(rank)}</span>', width="content")
        _neighbours(row["theme_id"], list(order))
    st.html(
        f'<h2 class="voc" style="font-size:1.45rem;margin:0 0 .5rem">{words.safe(words.sentence(row["name"]))}</h2>'
        + parts.chips(row)
        + parts.figures(_figures(row))
        + why.sum_of(row)
        + parts.how_to_read(parts.STAR_IMPACT_CAPTION, parts.RANK_CAPTION, _predicted(row))
    )
    _actions(view, scope, row)
    deciding.panel(view, scope, row)
    part = state.switch("Part", PARTS, "part", hidden_label=True)
    if part == "why":
        why.draw(view, scope, row)
    elif part == "time":
        time.draw(view, scope, row)
    elif part == "who":
        who.draw(view, scope, row)
    elif part == "related":
        related.draw(view, scope, row)
    else:
        time.line(view, scope, row, height=time.SHORT)
        said.draw(view, scope, row)


def _figures(row: dict[Any, Any]) -> list[str]:
    cells = [
        parts.lost(row),
        parts.reach(row, f"{words.count(row['reviews'])} of {words.count(row['analysed'])}"),
        parts.figure(
            f"{words.stars(row['mean_with'])} ★",
            "mean where it is mentioned",
            f"{words.stars(row['mean_without'])} ★ elsewhere",
        ),
    ]
    if not words.missing(row["momentum"]):
        cells.append(
            parts.figure(
                words.points(row["momentum"]),
                "reach lately, recent half against earlier",
                words.percent_interval(row["momentum_low"], row["momentum_high"]),
            )
        )
    return cells


def _predicted(row: dict[Any, Any]) -> str:
    number = int(row["predicted_ratings"])
    return f"{words.plural(number, 'review')} had no stars; the rating read from the text stands in." if number else ""


def _actions(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    """Offer what can be done: verify a fix, correct the theme, take it away."""
    theme_id = row["theme_id"]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="actions"):
        st.page_link(
            nav.page("fixes"), label="Did a fix work?", icon=":material/task_alt:", query_params={"theme": theme_id}
        )
        st.page_link(
            nav.page("themes"),
            label="Correct this theme",
            icon=":material/edit:",
            help="Rename, merge, split, move or hide it.",
            query_params={"theme": theme_id},
        )
        takeaway.report_button(view, scope, theme_id)


def _neighbours(theme_id: str, order: list[str]) -> None:
    """Lead to the theme before and the one after in the list."""
    if theme_id not in order or len(order) < 2:
        return
    place = order.index(theme_id)
    with st.container(horizontal=True, gap="small", width="content"):
        sides: tuple[tuple[str, int, Literal["left", "right"]], ...] = (
            ("Previous", place - 1, "left"),
            ("Next", place + 1, "right"),
        )
        for label, other, side in sides:
            inside = 0 <= other < len(order)
            st.button(
                label,
                type="tertiary",
                icon=f":material/chevron_{side}:",
                icon_position=side,
                disabled=not inside,
                on_click=go,
                args=(order[other] if inside else "",),
                key=f"go_{label.lower()}",
            )


def go(theme_id: str) -> None:
    """Open the detail of another theme, from its first quotes on."""
    state.put("theme", theme_id)
    state.put("more", "")
