"""A against B: any two products, brands, markets or variants, theme by theme, with the strongest quotes of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc import words
from voc.ui import parts, quotes, state, takeaway
from voc.ui.charts import compared
from voc.ui.data import View
from voc.ui.frames import records
from voc.ui.sides import sided
from voc.ui.theme import palette, show

if TYPE_CHECKING:
    from voc.insights import Scope

#: Rows of the chart of both sides.
DRAWN = 14
#: What the classes of `voc.insights.sides` are called.
CLASSES = {
    "only first": "only A",
    "only second": "only B",
    "more in first": "more in A",
    "more in second": "more in B",
    "both": "both",
    "higher in first": "higher in A",
    "higher in second": "higher in B",
    "no clear difference": "no clear difference",
    "too little data": "too little data",
}


def draw(view: View, scope: Scope) -> None:
    """Let the reader choose two sides and draw them against each other."""
    parts.section(
        "A against B",
        "Any two products, brands, markets or variants: rating, hazards, and each theme's share of reviews.",
    )
    chosen = sided.choose(view, scope, "Compare two")
    if chosen is None:
        return
    by, values = chosen
    names = sided.labels(view, by, values)
    options = sided.counted(values, names)
    left, right = st.columns(2)
    with left:
        first = state.pick("A", options, "a")
    rest = {value: text for value, text in options.items() if value != first}
    with right:
        second = state.pick("B", rest, "b")
    st.button("Swap sides", icon=":material/swap_horiz:", type="tertiary", on_click=_swap, args=(first, second))
    found = sided.pair(view, scope, by, first, second)
    if found.fault is not None:
        parts.nothing(words.sentence(found.fault))
        return
    _whole(found)
    themes = found.rows[found.rows["measure"] == "theme"]
    if themes.empty:
        parts.nothing("No theme has enough reviews on these two sides to be compared.")
        return
    _alone(themes, names[first], names[second])
    known = themes[themes["first_value"].notna() & themes["second_value"].notna()]
    titles = f"A: {sided.short(names[first])}", f"B: {sided.short(names[second])}"
    if len(known):
        show(
            compared.sides(_as_sides(known.head(DRAWN)), palette(), labels=titles),
            key="pair",
            title=f"{names[first]} against {names[second]}",
            subtitle="Each theme's share of reviews, with interval",
            alt_text=f"Reach of each theme for {names[first]} and for {names[second]}, with intervals",
        )
    level = 1 - view.config.insights.confidence
    st.html(
        f'<p class="voc-key">Tested together: the {found.tested} themes that enough reviews of both sides together '
        f"mention. A difference counts when its q-value (expected share of false alarms) is at most {level:.2f} and "
        "its interval lies on one side of nothing. Only A: B surely has it in fewer than 1 in 100 reviews. Reviews "
        "count as independent of one another, and who writes about one side may be other people than who writes about "
        "the other.</p>"
    )
    with st.expander("All themes as a table", icon=":material/table:"):
        headers = ["Theme", "A", "B", "Difference", "Interval", "q", ""]
        st.html(parts.table(headers, [_line(row) for row in records(themes)], numbers=[1, 2, 3, 4, 5]))
    takeaway.files("a-against-b", found.rows)
    _said(view, scope, by, (first, second), (names[first], names[second]), themes)


def _whole(found: sided.Pair) -> None:
    """Write volume, rating and hazards of both sides in a small table."""
    rating, hazards = (found.rows[found.rows["measure"] == measure].iloc[0] for measure in ("rating", "hazards"))
    rows = [
        ["Reviews", *(words.count(number) for number in found.written), "", ""],
        ["Read and counted", words.count(hazards["first_analysed"]), words.count(hazards["second_analysed"]), "", ""],
        [
            "Mean rating",
            *(
                f"{words.stars(rating[f'{side}_value'])} ★ "
                f"({words.stars(rating[f'{side}_low'])}–{words.stars(rating[f'{side}_high'])})"
                for side in ("first", "second")
            ),
            _stars(rating),
            CLASSES[rating["class"]],
        ],
        [
            "Report a possible hazard",
            *(
                f"{words.percent(hazards[f'{side}_value'])} "
                f"({words.percent_interval(hazards[f'{side}_low'], hazards[f'{side}_high'])})"
                for side in ("first", "second")
            ),
            f"{words.points(hazards['difference'])} "
            f"({words.percent_interval(hazards['difference_low'], hazards['difference_high'])})",
            CLASSES[hazards["class"]],
        ],
    ]
    st.html(parts.table(["", "A", "B", "A minus B", ""], rows, numbers=[1, 2, 3], short=[4]))


def _stars(rating: Any) -> str:
    if words.missing(rating["difference"]):
        return "–"
    figures = [f"{rating[name]:+.2f}".replace("-", "−") for name in ("difference", "difference_low", "difference_high")]
    return f"{figures[0]} ★ ({figures[1]} to {figures[2]})"


def _alone(themes: pd.DataFrame, first: str, second: str) -> None:
    """Say which pains only one side has."""
    lines = []
    for cls, side, name in (("only first", "A", first), ("only second", "B", second)):
        own = [words.sentence(str(theme)) for theme in themes[themes["class"] == cls]["name"]]
        said = "; ".join(own) if own else "none for sure"
        lines.append(f"<li><b>Only {side}, {words.safe(sided.short(name))}:</b> {words.safe(said)}</li>")
    st.html(f'<ul class="voc-list">{"".join(lines)}</ul>')


def _as_sides(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of `SIDES` with the columns that `compared.sides` draws."""
    renamed = {f"{ours}_{old}": f"{own}_{new}" for ours, own in (("first", "own"), ("second", "rival"))
               for old, new in (("value", "reach"), ("low", "low"), ("high", "high"))}  # fmt: skip
    drawn = rows.rename(columns=renamed)
    return drawn.assign(**{"class": [CLASSES[word] for word in drawn["class"]]})


def _line(row: dict[Any, Any]) -> list[str]:
    q = row["q_value"]
    return [
        words.sentence(str(row["name"])),
        words.percent(row["first_value"]),
        words.percent(row["second_value"]),
        words.points(row["difference"]),
        words.percent_interval(row["difference_low"], row["difference_high"]),
        "–" if words.missing(q) else f"{q:.3f}" if q >= 0.001 else "< 0.001",
        CLASSES[row["class"]] + (f": {row['reason']}" if isinstance(row["reason"], str) else ""),
    ]


def _said(
    view: View, scope: Scope, by: str, sides: tuple[str, str], names: tuple[str, str], themes: pd.DataFrame
) -> None:
    """Draw the strongest quotes of each side about a theme."""
    parts.section("What each side's customers say", "The strongest quotes of both sides about one theme.")
    options = {row["theme_id"]: words.sentence(str(row["name"])) for row in records(themes)}
    theme_id = state.pick("Theme", options, "theme")
    row = themes[themes["theme_id"] == theme_id].iloc[0]
    figures = ("first_reviews", "first_value"), ("second_reviews", "second_value")
    for column, letter, value, name, (reviews, reach) in zip(st.columns(2), "AB", sides, names, figures, strict=True):
        with column:
            st.html(
                f"<b>{letter}: {words.safe(name)}</b> "
                f'<span class="voc-key">{words.plural(int(row[reviews]), "review")}, {words.percent(row[reach])}</span>'
            )
            found = sided.quotes(view, scope, by, value, theme_id)
            if found.empty:
                parts.nothing("Nobody complains about it here.")
            for quoted in records(found):
                st.html(quotes.quote(quoted))


def _swap(first: str, second: str) -> None:
    state.put("a", second)
    state.put("b", first)
