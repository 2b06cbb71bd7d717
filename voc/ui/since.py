"""What the newest export brought, on the first page: how many reviews, how they rate, which themes they name."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from voc import words
from voc.insights.arrivals import Arrivals
from voc.ui import nav, parts, takeaway
from voc.ui.data import Source, View
from voc.ui.frames import records

#: Themes that are listed.
SHOWN = 6


def since(view: View, ranked: pd.DataFrame) -> None:
    """Draw the section; draw nothing where all reviews came in at once.

    Args:
        view: the workspace's state.
        ranked: the opportunities of the whole workspace.
    """
    found = _found(view.source, view)
    if found is None:
        return
    parts.section(
        f"What the newest export brought, {words.day(found.at)}",
        "What the new reviews name most, beside all that were there before. Growing or shrinking: the difference "
        f"stands out among all themes (q below {words.CLEAR_BELOW:.2f}).",
    )
    st.html(parts.figures(_figures(view, found)))
    lines = records(found.themes.to_pandas())
    if not lines:
        parts.nothing("None of them names a theme.")
        return
    ranks = dict(zip(ranked["theme_id"], ranked["rank"].astype(int), strict=True))
    earlier = _earlier(view.source, view)
    st.html(
        parts.table(
            ["Theme", "New reviews", "Of the new", "Before", "Change", "Rank"],
            [_line(row, ranks, earlier) for row in lines[:SHOWN]],
            numbers=[1, 2, 3, 4],
        )
    )
    with st.container(horizontal=True):
        takeaway.files("new-reviews-by-theme", lambda: found.themes.to_pandas())
        st.page_link(nav.page("opportunities"), label="All opportunities", icon=":material/arrow_forward:")


def moved(view: View, theme_id: str, rank: int) -> str:
    """Return in words how a theme's rank moved since the earlier export; "" where it did not or that is not known."""
    earlier = _earlier(view.source, view)
    if earlier is None:
        return ""
    before = earlier.get(theme_id)
    if before is None:
        return "new in the list"
    return "" if before == rank else f"was #{before}"


def _figures(view: View, found: Arrivals) -> list[str]:
    mean, low, high = found.rating
    emerged = view.frame(
        "SELECT name FROM lineage WHERE event = 'emerged' AND happened_at >= ? ORDER BY mentions DESC", found.at
    )
    cells = [
        parts.figure(words.count(found.reviews), "new reviews", f"{words.count(found.analysed)} of them read"),
        parts.figure(
            f"{words.stars(mean)} ★",
            "mean of the new reviews",
            f"{words.stars(low)}–{words.stars(high)}; before {words.stars(found.rating_before[0])}",
        ),
        parts.figure(words.count(found.hazards), "of them report a possible hazard"),
    ]
    if len(emerged):
        names = ", ".join(words.sentence(str(name)) for name in emerged["name"].head(2))
        more = f" and {len(emerged) - 2} more" if len(emerged) > 2 else ""
        cells.append(
            parts.figure(words.count(len(emerged)), "new themes" if len(emerged) > 1 else "new theme", names + more)
        )
    return cells


def _line(row: dict[str, Any], ranks: dict[str, int], earlier: dict[str, int] | None) -> list[str]:
    word = words.direction(row["change"], row["q_value"])
    change = words.points(row["change"])
    rank = ranks.get(row["theme_id"])
    before = None if earlier is None else earlier.get(row["theme_id"])
    standing = "" if rank is None else f"#{rank}" + (f" (was #{before})" if before not in (None, rank) else "")
    return [
        words.sentence(str(row["name"])),
        words.count(row["reviews"]),
        f"{words.percent(row['reach'])} ({words.percent_interval(row['reach_low'], row['reach_high'])})",
        words.percent(row["reach_before"]),
        f"{change}, {word}" if word in ("growing", "shrinking") else change,
        standing,
    ]


@st.cache_data(max_entries=4, show_spinner=False)
def _found(source: Source, _view: View) -> Arrivals | None:
    from voc.insights.arrivals import arrivals

    return arrivals(_view.facts(), config=_view.config.insights)


@st.cache_data(max_entries=4, show_spinner=False)
def _earlier(source: Source, _view: View) -> dict[str, int] | None:
    """Return each theme's rank in the newest kept snapshot that has fewer reviews; None where there is none."""
    now = _view.snapshot.rows("reviews")
    for snapshot in _view.workspace.snapshots():
        if snapshot.rows("reviews") < now and snapshot.has("opportunities"):
            frame = snapshot.table("opportunities", ["scope_type", "theme_id", "rank"]).to_pandas()
            frame = frame[frame["scope_type"] == "workspace"]
            return dict(zip(frame["theme_id"], frame["rank"].astype(int), strict=True))
    return None
