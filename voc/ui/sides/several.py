"""Several at once: a matrix of themes by products, brands, markets or variants, with what differs marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc import words
from voc.ui import parts, state, takeaway
from voc.ui.charts import matrix
from voc.ui.data import View
from voc.ui.frames import records
from voc.ui.sides import sided
from voc.ui.theme import palette, show

if TYPE_CHECKING:
    from voc.insights import Scope

#: Themes and columns of the matrix; the table holds all.
THEMES, COLUMNS = 15, 12


def draw(view: View, scope: Scope) -> None:
    """Let the reader choose what the columns are and draw the matrix."""
    from voc.insights.parting import NOT_STATED, OTHERS

    parts.section(
        "Several at once",
        "Each theme's share of the reviews of each column. Framed: more (▲) or less (▼) than in all others, by more "
        "than chance.",
    )
    chosen = sided.choose(view, scope, "Columns")
    if chosen is None:
        return
    by = chosen[0]
    found = sided.segments(view, scope, by)
    rows = found[found["theme_id"].notna()]
    sizes = rows.groupby("segment")["analysed"].max().sort_values(ascending=False, kind="stable")
    named = [value for value in sizes.index if value not in (NOT_STATED, OTHERS)]
    names = sided.labels(view, by, dict.fromkeys(sizes.index, 0))
    cells = rows[rows["segment"].isin(named[:COLUMNS])].assign(label=lambda frame: frame["segment"].map(names))
    if cells.empty:
        parts.nothing("No theme has enough reviews here to be compared.")
        return
    # Charts tell columns apart by their labels: two products of one name get their ids.
    twice = {label for label in names.values() if list(names.values()).count(label) > 1}
    cells["label"] = [
        sided.short(f"{label} ({segment})" if label in twice else label, 22)
        for label, segment in zip(cells["label"], cells["segment"], strict=True)
    ]
    cells["word"] = [_word(row) for row in records(cells)]
    cells["figures"] = [_figures(row) for row in records(cells)]
    cells["name"] = [words.sentence(str(name)) for name in cells["name"]]
    themes = _ordered(cells)
    everything = state.get("all") == "1"
    drawn = themes if everything else themes[:THEMES]
    labels = list(dict.fromkeys(cells.sort_values("analysed", ascending=False, kind="stable")["label"]))
    one, many = sided.DIMENSIONS[by]
    show(
        matrix.matrix(cells[cells["name"].isin(drawn)], labels, drawn, palette()),
        key="matrix",
        title=f"Themes by {one}",
        subtitle="Share of reviews in per cent; framed where it differs from all others by more than chance",
        alt_text=f"Share of reviews that mention each of {len(drawn)} themes, by {one}; the table has all figures",
    )
    if len(themes) > THEMES:
        label = f"Show the first {THEMES}" if everything else f"Show all {len(themes)} themes"
        st.button(label, type="tertiary", key="all_themes", on_click=state.put, args=("all", "" if everything else "1"))
    tested = rows["q_value"].notna()
    left_out = len(named) - min(len(named), COLUMNS)
    more = f" The {COLUMNS} {many} with most reviews are shown; the table has {len(named)}." if left_out else ""
    st.html(
        f'<p class="voc-key">Figures are per cent of reviews. Tested together: {int(tested.sum())} differences of '
        f"{rows[tested]['theme_id'].nunique()} themes in {rows[tested]['segment'].nunique()} {many}, each against all "
        f"others; marked where q is below {words.CLEAR_BELOW:.2f}.{words.safe(more)}</p>"
    )
    clear = cells[cells["word"] != ""].assign(size=lambda frame: frame["difference"].abs())
    with st.expander(f"What stands out ({len(clear)})", icon=":material/table:", expanded=False):
        lines = [_line(row) for row in records(clear.sort_values("size", ascending=False, kind="stable"))]
        headers = [words.sentence(one), "Theme", "Here", "All others", "Difference", "Interval", "q"]
        st.html(parts.table(headers, lines, numbers=[2, 3, 4, 5, 6]))
    with st.expander("Mean rating of each", icon=":material/star:"):
        ratings = found[found["theme_id"].isna() & found["segment"].isin(named)]
        ratings = ratings.sort_values("analysed", ascending=False, kind="stable")
        headers = [words.sentence(one), "Rated reviews", "Mean rating", "Interval", "Against all others", "q"]
        lines = [_rating(row, names) for row in records(ratings)]
        st.html(parts.table(headers, lines, numbers=[1, 2, 3, 4, 5]))
    takeaway.files("several", found)


def _word(row: dict[Any, Any]) -> str:
    """Return whether a cell has more or less than the rest by more than chance; nothing where it may be chance."""
    if words.missing(row["q_value"]) or row["q_value"] >= words.CLEAR_BELOW:
        return ""
    return "more" if row["difference"] > 0 else "less"


def _figures(row: dict[Any, Any]) -> str:
    if words.missing(row["difference"]):
        return str(row["reason"] or "")
    interval = words.percent_interval(row["difference_low"], row["difference_high"])
    return f"{words.points(row['difference'])} ({interval})"


def _ordered(cells: pd.DataFrame) -> list[str]:
    """Return the names of themes: those with the biggest clear differences first, then by their greatest reach."""
    clear = cells["difference"].abs().where(cells["word"] != "", 0.0)
    order = pd.DataFrame({"name": cells["name"], "clear": clear, "reach": cells["value"]}).groupby("name").max()
    return list(order.sort_values(["clear", "reach"], ascending=False, kind="stable").index)


def _line(row: dict[Any, Any]) -> list[str]:
    return [
        str(row["label"]),
        str(row["name"]),
        words.percent(row["value"]),
        words.percent(row["rest_value"]),
        words.points(row["difference"]),
        words.percent_interval(row["difference_low"], row["difference_high"]),
        f"{row['q_value']:.3f}" if row["q_value"] >= 0.001 else "< 0.001",
    ]


def _rating(row: dict[Any, Any], names: dict[str, str]) -> list[str]:
    difference = "–" if words.missing(row["difference"]) else f"{row['difference']:+.2f}".replace("-", "−")
    return [
        names[row["segment"]],
        words.count(row["analysed"]),
        f"{words.stars(row['value'])} ★",
        f"{words.stars(row['low'])}–{words.stars(row['high'])}",
        difference,
        "–" if words.missing(row["q_value"]) else f"{row['q_value']:.3f}",
    ]
