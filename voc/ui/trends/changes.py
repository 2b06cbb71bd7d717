"""Sections of the page on phases: where themes are going, what moved the rating, and phases that the data suggests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from voc import words
from voc.analyses import Options
from voc.ui import access, analyses, parts, takeaway
from voc.ui.charts import compared
from voc.ui.data import View
from voc.ui.frames import records
from voc.ui.theme import palette, show
from voc.ui.trends import phase_editor
from voc.ui.trends import phases as phase_tools

if TYPE_CHECKING:
    from voc.insights import Scope

#: Themes whose part in a change of the rating is drawn; the rest stand together in one row.
DRAWN = 8


def movements(view: View, scope: Scope) -> None:
    """Draw which themes emerged, grew, shrank or were resolved from one phase to the next."""
    analyses.section(
        view,
        "movements",
        scope,
        "Where themes are going",
        "What changed from one phase or version to the next by more than chance. Emerging: hardly there before; "
        "resolved: hardly there now.",
    )


def rising(view: View, scope: Scope) -> None:
    """Draw what rose beyond its own history."""
    analyses.section(
        view,
        "alerts",
        scope,
        "Rising beyond their own history",
        "Themes whose weekly share rose by more than chance. New: since the last export; over: it has come down again.",
    )


def rating(view: View, scope: Scope, earlier: str, later: str, names: dict[str, str]) -> None:
    """Draw what moved the mean rating from one phase to the other, as parts that add up."""
    parts.section(
        "What moved the mean rating",
        "Each theme's part in the change between these two phases; the parts add up to it. They go with the themes and "
        "are no proof of a cause.",
    )
    found = analyses.analysed(view, "rating", scope, Options(since=earlier, until=later))
    if found.fault is not None or found.rows.empty:
        analyses.rows(found, "all-rating")
        return
    before, after = found.ends
    if before is not None and after is not None:
        drawn, labels = _drawn(found.rows), (names[earlier], names[later])
        st.html(f'<p class="voc-parts">{words.safe(in_words(drawn, before, after, labels))}</p>')
        show(
            compared.waterfall(drawn, before, after, labels, palette()),
            key="waterfall",
            title=f"What moved the mean rating from {labels[0]} to {labels[1]}",
            alt_text=in_words(drawn, before, after, labels),
        )
    analyses.notes(found.notes)
    with st.expander("All parts as a table", icon=":material/table:"):
        st.html(analyses.lines_table(found.lines))
        takeaway.files("rating-parts", found.rows)


def mix(view: View, scope: Scope, earlier: str, later: str) -> None:
    """Draw how much of the changes came within segments, and how much by their mix."""
    analyses.section(
        view,
        "mix",
        scope,
        "Did the pain change, or the customers?",
        "A share can move although nobody's experience did: when more reviews come from a market or variant that "
        "always complained more.",
        options=Options(since=earlier, until=later),
    )


def suggestions(view: View, scope: Scope) -> None:
    """Offer the phases that the data suggests; accepted ones become named phases."""
    parts.section(
        "Phases that the data suggests",
        "From the number of reviews: start-up, growth, transition. Accept one to see every figure by it; its dates can "
        "be changed with “Edit phases”.",
    )
    found = analyses.analysed(view, "detected-phases", scope)
    if found.fault is not None or found.rows.empty:
        analyses.rows(found, "all-detected")
    taken = {row["name"] for row in phase_tools.entered(view)}
    for row in records(found.rows):
        start, end = phase_tools.day_of(row["start"]), phase_tools.day_of(row["end"])
        place = st.container(horizontal=True, vertical_alignment="center")
        place.html(f'<b>{words.safe(row["name"])}</b> <span class="voc-key">{words.span(start, end)}</span>')
        if row["name"] in taken:
            place.html('<span class="voc-key">is a phase</span>')
        if start is None or row["name"] in taken or not access.may_edit():
            continue
        label, tip = "Accept", f"Make a phase of {row['name']}"
        if place.button(label, key=f"accept_{row['phase_id']}", icon=":material/add:", type="tertiary", help=tip):
            fault = phase_tools.enter(view, str(row["name"]), start, end)
            if fault:
                st.error(words.literal(fault))
            else:
                st.rerun()
    analyses.notes(found.notes)


def points(view: View, scope: Scope) -> None:
    """Draw the days on which rating and volume moved to another level; a phase can begin on any of them."""
    parts.section(
        "When rating and volume moved to another level",
        "Reviews a month and mean stars, before and after. Found in the data, so no proof of a cause; a phase can "
        "begin on such a day.",
    )
    found = analyses.analysed(view, "change-points", scope)
    analyses.rows(found, "all-points")
    if found.fault is not None or found.rows.empty or not access.may_edit():
        return
    days = found.rows[found.rows["suggested"]] if found.rows["suggested"].any() else found.rows
    with st.container(horizontal=True):
        for at in sorted({at for day in days["at"] if (at := phase_tools.day_of(day)) is not None}):
            st.button(
                f"New phase from {words.day(at)}",
                key=f"from_{at}",
                icon=":material/add:",
                on_click=phase_editor.open_with,
                args=(at,),
            )


def in_words(drawn: pd.DataFrame, before: float, after: float, labels: tuple[str, str]) -> str:
    """Say how the parts of a change of the rating add up to it.

    Args:
        drawn: columns name and contribution (stars), the last row "Everything else".
        before: the earlier mean, in stars.
        after: the later one.
        labels: names of the earlier and the later phase.
    """
    parts_, rest = drawn.iloc[:-1], float(drawn["contribution"].iloc[-1])
    gains, losses = (parts_[keep] for keep in (parts_["contribution"] > 0, parts_["contribution"] < 0))
    said = [
        f"From {labels[0]} to {labels[1]} the mean rating went from {words.stars(before)} to {words.stars(after)}: "
        f"{_signed(after - before)} stars."
    ]
    for rows, verb in ((gains.iloc[::-1], "gave"), (losses, "took")):
        if len(rows):
            # The largest part is named, the others are summed.
            first = words.sentence(str(rows["name"].iloc[0]))
            others = f", {len(rows) - 1} more {verb} {_signed(rows['contribution'].iloc[1:].sum())}"
            said.append(f"{first} {verb} {_signed(rows['contribution'].iloc[0])}{others if len(rows) > 1 else ''}.")
    sums = [_signed(gains["contribution"].sum()), _signed(losses["contribution"].sum()), _signed(rest)]
    said.append(
        f"In all: {sums[0]} gained, {sums[1]} lost, {sums[2]} everything else, together {_signed(after - before)}."
    )
    return " ".join(said)


def _signed(change: float) -> str:
    written = f"{change:+.2f}".replace("-", "−")
    return "0.00" if written[1:] == "0.00" else written


def _drawn(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the largest parts, and the others summed in one row, so that what is drawn still adds up."""
    size = rows["contribution"].abs()
    best = rows[rows["theme_id"].notna()].assign(size=size).nlargest(DRAWN, "size").index
    rest = rows.drop(best)["contribution"].sum()
    drawn = rows.loc[best, ["name", "contribution"]].sort_values("contribution")
    others = pd.DataFrame({"name": ["Everything else"], "contribution": [rest]})
    return pd.concat([drawn, others], ignore_index=True)
