"""Days marked on a line over time, such as releases: upright lines with their words, none over another."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import altair as alt
import pandas as pd

from voc import words
from voc.ui.charts.rim import rim_of
from voc.ui.charts.span import NARROW, WIDE, on_axis, width_of
from voc.ui.frames import records
from voc.ui.theme import Palette

#: Rows of words below the upper edge of the plot, and the height of one in pixels.
_ROWS, _ROW = 4, 17
#: Of the plot's width, what the words at one mark may take; and pixels between a mark and its words.
_ROOM, _GAP = 0.45, 6


@dataclass(frozen=True)
class _Group:
    """Marks that share their words: the days, as parts of the axis, and the rows of the frame."""

    at: tuple[float, ...]
    rows: tuple[dict[str, Any], ...]

    def __add__(self, other: _Group) -> _Group:
        return _Group(self.at + other.at, self.rows + other.rows)

    @property
    def label(self) -> str:
        return str(self.rows[0]["label"]) if len(self.rows) == 1 else f"{len(self.rows)} decisions"


def days_of(marks: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Return the marks that lie on the time axis, oldest first, with the column start."""
    days = marks.assign(start=pd.to_datetime(marks["day"]))
    return days[(days["start"] >= first) & (days["start"] <= last)].sort_values("start", kind="stable")


def layers(marks: pd.DataFrame | None, first: pd.Timestamp, last: pd.Timestamp, colours: Palette) -> list[Any]:
    """Return layers with an upright line for each marked day and its words beside it.

    Words stand one below the other where they would meet, and a line begins below the words that reach over it. Where
    there is no room for all, those of neighbours are counted: "3 decisions"; pointing at them names them.

    Args:
        marks: columns day, label, planned (drawn dashed); days off the axis are left out.
        first: where the time axis begins.
        last: where it ends.
        colours: the palette of the reader's mode.
    """
    if marks is None or marks.empty:
        return []
    days = days_of(marks, first, last)
    if days.empty:
        return []
    placed = [row for wide in (False, True) for row in _placed(days, first, last, wide=wide)]
    base = (
        alt.Chart(pd.DataFrame(placed))
        .transform_filter(f"datum.wide === (width >= {WIDE})")
        .encode(
            x=on_axis(first, last),
            color=alt.value(colours.accent),
            tooltip=[alt.Tooltip("names:N", title="decisions"), alt.Tooltip("when:N", title="on")],
        )
    )
    # A line has no words of its own; those beside it are read out.
    line = base.mark_rule(
        strokeWidth=2, aria=False, y=alt.expr(f"3 + {_ROW} * datum.row"), y2=alt.expr("height")
    ).encode(strokeDash=alt.condition("datum.planned", alt.value([5, 4]), alt.value([1, 0])))
    said = base.transform_filter("datum.label !== ''").encode(text="label:N")
    return [
        line,
        *(
            said.mark_text(
                align=alt.expr("datum.left ? 'right' : 'left'"),
                baseline="middle",
                dx=alt.expr(f"datum.left ? -{_GAP} : {_GAP}"),
                y=alt.expr(f"11 + {_ROW} * datum.row"),
                fontSize=12,
                fontWeight=600,
                limit=alt.expr(f"width * {_ROOM}"),
                **rim,
            )
            for rim in (rim_of(colours), {})
        ),
    ]


def _placed(days: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp, *, wide: bool) -> list[dict[str, Any]]:
    """Return a row for each line of a layout, one of each group with words: start, label, left, row, names, when."""
    groups = [_Group(((row["start"] - first) / (last - first),), (row,)) for row in records(days)]
    while (places := _places(groups, WIDE if wide else NARROW)) is None:
        gaps = [after.at[0] - before.at[-1] for before, after in pairwise(groups)]
        near = gaps.index(min(gaps))
        groups[near : near + 2] = [groups[near] + groups[near + 1]]
    placed = []
    for group, (left, row) in zip(groups, places, strict=True):
        ends = (group.rows[0]["start"], group.rows[-1]["start"])
        shared = {
            "names": "; ".join(str(one["label"]) for one in group.rows),
            "when": words.day(ends[0]) if ends[0] == ends[1] else f"{words.day(ends[0])} – {words.day(ends[1])}",
            "left": left,
            "row": row,
            "wide": wide,
        }
        # The words stand beyond the outermost line of their group.
        spoken = 0 if left else len(group.rows) - 1
        placed += [
            {**shared, "start": one["start"], "planned": one["planned"], "label": group.label if i == spoken else ""}
            for i, one in enumerate(group.rows)
        ]
    return placed


def _places(groups: list[_Group], plot: float) -> list[tuple[bool, int]] | None:
    """Return for each group whether its words stand left of it, and in which row; None where there is no room."""
    lefts, spans = [], []
    for group in groups:
        size = min(width_of(group.label), _ROOM * plot) + _GAP
        before, after = group.at[0] * plot, group.at[-1] * plot
        left = after + size > plot and before - size >= 0
        lefts.append(left)
        spans.append((before - size, before) if left else (after, after + size))
    rows = [0] * len(groups)
    below = [
        (i, j) for i in range(len(groups)) for j in range(len(groups)) if i != j and _above(i, j, groups, spans, plot)
    ]
    # As many rounds as there are groups settle what stands below what, unless it goes round in a circle.
    for _ in range(len(groups) + 1):
        moved = False
        for i, j in below:
            if rows[j] <= rows[i]:
                rows[j], moved = rows[i] + 1, True
        if not moved:
            return None if max(rows) >= _ROWS else list(zip(lefts, rows, strict=True))
    return None


def _above(i: int, j: int, groups: list[_Group], spans: list[tuple[float, float]], plot: float) -> bool:
    """Return whether the words of group i must stand above those of group j."""
    (a, b), (c, d) = spans[i], spans[j]
    if any(a < at * plot < b for at in groups[j].at):
        return True  # else a line of j would run through the words of i
    crossed = any(c < at * plot < d for at in groups[i].at)
    return i < j and not crossed and a < d and c < b
