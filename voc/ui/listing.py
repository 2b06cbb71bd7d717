"""The rows of the page Opportunities: what each is sorted and filtered by, and what the reader chose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc import words
from voc.looks import Palette
from voc.ui import analyses, data, state
from voc.ui.charts import ranked
from voc.ui.frames import records

if TYPE_CHECKING:
    from voc.insights import Scope

#: Columns of the analysis of importance that the list takes over.
_SCORED = [
    *(
        f"{name}{end}"
        for name in ("severe_reach", "importance", "satisfaction", "opportunity")
        for end in ("", "_low", "_high")
    ),
    "quadrant",
    "reason",
]
#: What complaints can be about -> who mends it.
WHO = {
    "product": "Product",
    "delivery": "Delivery",
    "seller": "Seller",
    "service": "Service",
    "competitor": "A competitor",
}
#: The query parameters of the filters, besides those of the scope.
FILTERS = ("find", "area", "who", "least", "hazard", "growing", "open")


@dataclass(frozen=True)
class Measure:
    """One thing the list is sorted by and shows as bars.

    Attributes:
        label: how it is called.
        column: of the list; with bounds in the columns of the same name and ``_low`` and ``_high``, where `bounded`.
        written: a value in words.
        axis: what stands under the bars.
        form: of the axis' figures, as d3 has it.
        bounded: there is an interval.
        order: column that the rows are ordered by; by default `column`.
        ascending: the smallest comes first.
    """

    label: str
    column: str
    written: Callable[[Any], str]
    axis: str
    form: str = "~f"
    bounded: bool = True
    order: str = ""
    ascending: bool = False


def _score(value: Any) -> str:
    return "not known" if words.missing(value) else f"{value:.1f}"


#: Rows of the list before the reader asks for all.
SHORT_LIST = 12
#: Value in the address -> what it means; the first is the default.
MEASURES = {
    "stars": Measure(
        "Stars lost", "star_impact", words.lost, "stars lost, with interval", order="rank", ascending=True
    ),
    "reach": Measure("Reach", "reach", words.percent, "share of reviews, with interval", "%"),
    "severe": Measure("Reach, by severity", "severe_reach", words.percent, "reach × severity, with interval", "%"),
    "momentum": Measure(
        "Momentum", "momentum", words.points, "change of reach, recent half against earlier, with interval", "%"
    ),
    "opportunity": Measure(
        "Opportunity (Ulwick)", "opportunity", _score, "importance + what satisfaction lacks, 0–20, with interval"
    ),
    "severity": Measure(
        "Severity", "severity", words.severity, "mean severity: 0 annoyance, 1 hazard or total loss", bounded=False
    ),
    "hazards": Measure(
        "Hazard reports",
        "hazard_reviews",
        lambda value: words.plural(int(value), "report"),
        "reviews that report a hazard",
        bounded=False,
    ),
    "sure": Measure(
        "Certainty of rank",
        "rank",
        lambda value: f"#{int(value)}",
        "rank, with its confidence set",
        order="spread",
        ascending=True,
    ),
}


def rows(view: data.View, scope: Scope) -> pd.DataFrame:
    """Return the opportunities of a scope with everything that they are sorted and filtered by, in their order.

    Returns:
        The columns of the table `opportunities` and of `importance`; ``who`` (a key of `WHO`), ``word`` (the
        direction of its momentum), ``spread`` (how many ranks its confidence set holds).
    """
    table = view.opportunities(scope)
    if table.empty:
        return table
    scored = analyses.analysed(view, "importance", scope).rows
    if len(scored):
        table = table.merge(scored[["theme_id", *_SCORED]], on="theme_id", how="left")
    else:
        table = table.assign(**dict.fromkeys(_SCORED))
    about = view.insight("responsible", scope).set_index("theme_id")["target"]
    return table.assign(
        who=table["theme_id"].map(about).fillna("product"),
        word=[
            words.momentum(low, high) for low, high in zip(table["momentum_low"], table["momentum_high"], strict=True)
        ],
        spread=table["rank_high"] - table["rank_low"],
    )


def lines(view: data.View, scope: Scope) -> dict[str, list[float | None]]:
    """Return the reach of each theme over time, by theme_id; empty without dates."""
    found = view.insight("sparklines", scope)
    return {str(theme): list(group["reach"]) for theme, group in found.groupby("theme_id", sort=False)}


def sort_by(*, hidden: bool = False) -> str:
    """Offer the order of the list; return the key of its measure, `hidden` where an order shows in nothing."""
    # Links of earlier versions name the measure so.
    if state.get("measure") and not state.get("sort"):
        state.put("sort", state.get("measure"))
    state.put("measure", "")
    if hidden:
        return state.get("sort") if state.get("sort") in MEASURES else next(iter(MEASURES))
    labels = {name: measure.label for name, measure in MEASURES.items()}
    return state.pick("Sort by", labels, "sort")


def ordered(table: pd.DataFrame, measure: Measure) -> pd.DataFrame:
    """Return the rows in the order of a measure, those without a value last, ties by rank."""
    order = measure.order or measure.column
    return table.sort_values([order, "rank"], ascending=[measure.ascending, True], na_position="last")


def choose(table: pd.DataFrame, decided: set[str]) -> pd.DataFrame:
    """Draw the filters of the list and return the rows that pass.

    Args:
        table: as `rows` returns it.
        decided: theme_ids with a decision.
    """
    areas, who = (Counter(table[column].dropna().tolist()).most_common() for column in ("area", "who"))
    with st.popover("Filter", icon=":material/filter_list:", width="stretch", key="list_filter"):
        find = state.typed("Words in the name", "find", placeholder="for example cable")
        area = state.pick("Part", {a: f"{words.sentence(a)} ({n})" for a, n in areas}, "area", everything="All")
        whom = state.pick(
            "Who is to mend it", {w: f"{WHO.get(w, w)} ({n})" for w, n in who}, "who", everything="Anybody"
        )
        least = state.pick(
            "At least so many reviews", {str(n): f"{n} reviews" for n in (10, 20, 50, 100, 200)}, "least",
            everything="Any number",
        )  # fmt: skip
        hazard = state.toggle("Hazards only", "hazard", help="Themes of which at least a tenth report a hazard.")
        growing = state.toggle("Growing lately only", "growing")
        undecided = state.toggle("Not yet decided only", "open")
    kept = table
    if find:
        kept = kept[kept["name"].str.contains(find, case=False, regex=False)]
    if area:
        kept = kept[kept["area"] == area]
    if whom:
        kept = kept[kept["who"] == whom]
    if least:
        kept = kept[kept["reviews"] >= int(least)]
    if hazard:
        kept = kept[kept["hazard"]]
    if growing:
        kept = kept[kept["word"] == "growing"]
    if undecided:
        kept = kept[~kept["theme_id"].isin(decided)]
    return kept


def chosen() -> list[str]:
    """Return the filters in force in words."""
    said = {
        "find": f"“{state.get('find')}” in the name",
        "area": f"part {state.get('area')}",
        "who": f"{WHO.get(state.get('who'), state.get('who')).lower()} is to mend it",
        "least": f"at least {state.get('least')} reviews",
        "hazard": "hazards",
        "growing": "growing lately",
        "open": "not yet decided",
    }
    return [said[name] for name in FILTERS if state.get(name)]


def clear() -> None:
    """Take all filters of the list away."""
    for name in FILTERS:
        state.put(name, "")


def chart(
    shown: pd.DataFrame, name: str, spark: dict[str, list[float | None]], colours: Palette, *, chosen: str
) -> Any:
    """Return the chart of ranked opportunities.

    Args:
        shown: rows in display order.
        name: a key of `MEASURES`.
        spark: as `lines` returns it.
        colours: the palette of the reader's mode.
        chosen: theme_id of the row whose detail is open.
    """
    measure = MEASURES[name]
    return ranked.opportunities(drawn(shown, name, spark), colours, chosen=chosen, axis=measure.axis, form=measure.form)


def drawn(table: pd.DataFrame, name: str, spark: dict[str, list[float | None]]) -> pd.DataFrame:
    """Return rows as `charts.ranked.opportunities` draws them, in words.

    Args:
        table: rows in display order.
        name: a key of `MEASURES`.
        spark: as `lines` returns it.
    """
    measure, column = MEASURES[name], MEASURES[name].column
    low, high = (table[f"{column}{end}"] if measure.bounded else table[column] for end in ("_low", "_high"))
    return pd.DataFrame(
        {
            "theme_id": table["theme_id"],
            "rank": table["rank"],
            "name": table["name"],
            "about": [
                f"{row['area']} · {words.plural(row['reviews'], 'review')}"
                if isinstance(row["area"], str)
                else words.plural(row["reviews"], "review")
                for row in records(table)
            ],
            "hazard": table["hazard"],
            "word": table["word"],
            "value": table[column],
            "low": low,
            "high": high,
            "words": [measure.written(value) for value in table[column]],
            "interval": [_interval(name, a, b) if measure.bounded else "" for a, b in zip(low, high, strict=True)],
            "spark": [tuple(spark.get(theme_id, ())) for theme_id in table["theme_id"]],
        }
    )


def _interval(name: str, low: Any, high: Any) -> str:
    if words.missing(low) or words.missing(high):
        return ""
    if name == "stars":
        return words.lost_interval(low, high)
    if name in ("reach", "severe", "momentum"):
        return words.percent_interval(low, high)
    return f"{low:.0f}–{high:.0f}" if name == "sure" else f"{low:.1f}–{high:.1f}"
