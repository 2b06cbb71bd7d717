"""How an analysis shows itself in a terminal and in a notebook: what it is of, and what to improve first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from voc import words
from voc.analyses.lines import opportunity_line
from voc.api.result import as_html
from voc.insights.scope import Scope

if TYPE_CHECKING:
    from voc.api.state import State
    from voc.pipeline import RunReport

#: Opportunities that are named.
_NAMED = 5
_COLUMNS = ("#", "opportunity", "stars lost", "reach", "customers say")


def as_text(state: State) -> str:
    """Return some lines for a terminal."""
    lines = [
        f"  {row['#']}  {words.visible(row['opportunity'])}: {row['stars lost']} stars lost, in {row['reach']}"
        for row in _best(state)
    ]
    return "\n".join([_head(state), *(["What to improve first:", *lines] if lines else [])])


def as_page(state: State, messages: Sequence[str]) -> str:
    """Return HTML for a notebook, in which everything shows literally; `messages` come last."""
    best = _best(state)
    title = "<p><b>What to improve first</b></p>" if best else ""
    said = "".join(f'<p style="margin:.3em 0;opacity:.75">{words.safe(message)}</p>' for message in messages)
    return f"<div><p>{words.safe(_head(state))}</p>{title}{as_html(best)}{said}</div>"


def accounts(run: RunReport) -> list[str]:
    """Return what became of the rows of each file, and what was noticed in it."""
    said = []
    for file in run.reports:
        counts = (
            f"{words.plural(file.rows_read, 'row')} read, {words.count(file.accepted)} accepted, "
            f"{words.plural(file.duplicates, 'duplicate')}, {words.count(file.rejected)} rejected"
        )
        said.append("; ".join([f"{words.visible(file.file)}: {counts}", *file.notes]).rstrip(".") + ".")
    return said


def _head(state: State) -> str:
    """Return in a line what the analysis is of; told from counts, so that it costs little."""
    snapshot = state.snapshot
    days = pc.min_max(snapshot.table("reviews", ["written_at"])["written_at"]).as_py()
    span = "" if days["min"] is None else f" from {words.day(days['min'])} to {words.day(days['max'])}"
    active = snapshot.table("themes", ["state"])["state"].to_pylist().count("active")
    return (
        f"Analysis of {words.plural(snapshot.rows('reviews'), 'review')}{span}: "
        f"{words.plural(snapshot.rows('mentions'), 'opinion')}, {words.plural(active, 'theme')}"
    )


def _best(state: State) -> list[dict[str, Any]]:
    found = state.opportunities(Scope()).slice(0, _NAMED).to_pylist()
    return [{name: line[name] for name in _COLUMNS} for line in map(opportunity_line, found)]
