"""Time to failure: when products fail, as far as customers say, for all troubles or for one theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc import words
from voc.errors import VocError
from voc.ui import analyses, parts, state, takeaway
from voc.ui.charts import used
from voc.ui.data import Source, View
from voc.ui.frames import records
from voc.ui.theme import palette, show

if TYPE_CHECKING:
    from voc.insights import Scope
    from voc.insights.failure import Failure


def draw(view: View, scope: Scope) -> None:
    """Let the reader choose a trouble and draw the times to failure that customers state."""
    parts.section(
        "Time to failure",
        "Of those who say when it failed. People round to weeks and months: the pale bars are the days that are "
        "rounded to what they say.",
    )
    ranked = view.opportunities(scope)
    names = dict(zip(ranked["theme_id"], (words.sentence(str(name)) for name in ranked["name"]), strict=True))
    theme = state.pick("Trouble", names, "theme", everything="All troubles") if names else ""
    found = _failure(view.source, scope, theme or None, view)
    if isinstance(found, str):
        parts.nothing(words.sentence(found))
        return
    what = names.get(theme, "all troubles")
    if not found.reviews:
        said = f", {words.plural(found.works, 'review')} how long it has worked" if found.works else ""
        parts.nothing(f"No review says when it failed{said}. Choose another trouble above.")
        return
    quantiles = {round(row["probability"], 2): row for row in found.quantiles.to_pylist()}
    cells = [parts.figure(words.count(found.reviews), "reviews say when it failed", css="small")]
    for probability, label in ((0.25, "a quarter had failed by then"), (0.5, "half"), (0.9, "nine in ten")):
        if probability in quantiles:
            row = quantiles[probability]
            interval = f"{row['days_low']:.0f}–{row['days_high']:.0f} days"
            cells.append(parts.figure(words.plural(round(row["days"]), "day"), label, interval, css="small"))
    st.html(parts.figures(cells))
    left, right = st.columns(2)
    with left:
        st.html("<b>What customers state</b>")
        show(
            used.stated(found.stated.to_pandas(), palette()),
            key="stated",
            title=f"Times to failure that customers state: {what}",
            alt_text=f"Times to failure that {found.reviews} reviews state, each with the days that are rounded to it",
        )
    within = found.within.to_pandas()
    with right:
        st.html("<b>How many had failed by which day</b>")
        if within["share"].notna().any():
            show(
                used.by_day(within, palette()),
                key="by_day",
                title=f"Share of those who say when, that had failed by then: {what}",
                alt_text="Share that had failed by each day: " + _read_out(within, "share"),
            )
        else:
            parts.nothing(words.sentence(found.reason or "The times are too few for an estimate."))
    _survival(found, what)
    analyses.notes([found.caveat])
    with st.expander("All figures as a table", icon=":material/table:"):
        st.html(parts.table(["Within days", "Reviews", "Share", "Interval"], [_line(row) for row in records(within)],
                            numbers=[0, 1, 2, 3]))  # fmt: skip
    takeaway.files("time-to-failure", within)


def _survival(found: Failure, what: str) -> None:
    """Draw how many still work, where statements that they do allow it."""
    if found.survival_reason is not None:
        # The same reason as for the figures is said once.
        if found.survival_reason != found.reason:
            parts.nothing(f"No survival curve: {found.survival_reason}")
        return
    st.html(
        f'<b>How many still work</b> <span class="voc-key">with the {words.plural(found.works, "review")} that say how '
        "long it has worked</span>"
    )
    curve = found.survival.to_pandas()
    show(
        used.by_day(curve, palette(), value="surviving", title="still work"),
        key="survival",
        title=f"Share that still works, of those who state a failure or that it works: {what}",
        alt_text="Share that still works after each day: " + _read_out(curve, "surviving"),
    )


def _read_out(rows: pd.DataFrame, value: str) -> str:
    known = rows.dropna(subset=[value])
    return ", ".join(f"{row['days']:.0f} days {words.percent(row[value], 0)}" for row in records(known))


def _line(row: dict[Any, Any]) -> list[str]:
    return [
        words.count(row["days"]),
        words.count(row["said_reviews"]),
        words.percent(row["share"]),
        words.percent_interval(row["share_low"], row["share_high"]),
    ]


@st.cache_data(max_entries=64, show_spinner="Computing …")
def _failure(source: Source, scope: Scope, theme: str | None, _view: View) -> Failure | str:
    from voc.insights.failure import time_to_failure

    try:
        return time_to_failure(_view.facts(), scope, theme, config=_view.config.insights)
    except VocError as error:
        return str(error)
