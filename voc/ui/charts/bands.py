"""Phases shaded behind a line over time and named above it: by their names where all fit, else by numbers."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from voc import words
from voc.ui.charts.span import NARROW, WIDE, on_axis, width_of
from voc.ui.frames import records
from voc.ui.theme import Palette

#: Pixels above the plot in which the names stand.
_HEAD = 20
# So many pixels of a name say something beside its number.
_ENOUGH = 54
# So many pixels beside its phase a number is still seen as its own.
_SHIFT = 10


def shading(
    phases: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp, colours: Palette, *, named: bool = True
) -> list[Any]:
    """Return the layers that shade dated phases between two days and name them above the plot.

    Args:
        phases: rows of the phases table; those without a start are left out.
        first: where the time axis begins.
        last: where it ends.
        colours: the palette of the reader's mode.
        named: write the names too.
    """
    seen = _seen(phases, first, last)
    if not seen:
        return []
    base = alt.Chart(pd.DataFrame(_labelled(seen))).encode(
        tooltip=[alt.Tooltip("phase:N"), alt.Tooltip("since:N", title="from"), alt.Tooltip("until:N", title="to")]
    )
    colour = alt.condition("datum.odd", alt.value(colours.shade_odd), alt.value(colours.shade_even))
    rect = base.mark_rect().encode(x="start:T", x2="end:T", color=colour)
    if not named:
        return [rect]
    # Above the plot: inside, lines and bands would run through the names. The strip is there to be pointed at, as a
    # short phase is hidden by what is drawn over it.
    strip = base.mark_rect(y=-_HEAD, y2=0, aria=False).encode(x="start:T", x2="end:T", color=colour)
    label = base.mark_text(
        align="left",
        baseline="middle",
        dx=alt.expr(f"2 + {_of('shift')}"),
        y=-_HEAD / 2,
        fontSize=12,
        fontWeight=600,
        limit=alt.expr(f"{_of('cut')} ? datum.share * width - 3 - {_of('shift')} : 0"),
        text=alt.expr(_of("label")),
    ).encode(x=on_axis(first, last), color=alt.value(colours.quiet))
    return [rect, strip, label]


def key(phases: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> tuple[list[str], bool]:
    """Return what numbers stand above a chart for, where names do not fit.

    Returns:
        The names in the order of their numbers, none where all fit; and whether they do not fit in a narrow window
        alone.
    """
    seen = _seen(phases, first, last)
    if _fit(seen, NARROW):
        return [], False
    return [phase["phase"] for phase in seen], _fit(seen, WIDE)


def closed(phases: pd.DataFrame) -> pd.DataFrame:
    """Return phases by start, each without an end drawn up to the next one's start: versions are sold side by side."""
    ordered = phases.sort_values("start").copy()
    ordered["end"] = ordered["end"].where(ordered["end"].notna(), ordered["start"].shift(-1))
    return ordered


def _seen(phases: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> list[dict[str, Any]]:
    """Return the phases that lie on the time axis, cut to it."""
    rows: list[dict[str, Any]] = []
    for phase in records(closed(phases)):
        if pd.isna(phase["start"]):
            continue
        start = max(pd.Timestamp(phase["start"]), first)
        end = last if pd.isna(phase["end"]) else min(pd.Timestamp(phase["end"]), last)
        if start < end:
            rows.append(
                {
                    "start": start,
                    "end": end,
                    "phase": str(phase["name"]),
                    "since": words.day(pd.Timestamp(phase["start"])),
                    "until": _until(phase["end"]),
                    "share": (end - start) / (last - first),
                    "at": (start - first) / (last - first),
                    "odd": len(rows) % 2 == 0,
                }
            )
    return rows


def _until(end: Any) -> str:
    return "today" if pd.isna(end) else words.day(pd.Timestamp(end) - pd.Timedelta(days=1))


def _fit(seen: list[dict[str, Any]], plot: float) -> bool:
    return all(width_of(phase["phase"]) + 4 <= phase["share"] * plot for phase in seen)


def _of(name: str) -> str:
    """Return the expression for a field of the layout that suits the chart's width."""
    return f"(width < {WIDE} ? datum.narrow_{name} : datum.wide_{name})"


def _labelled(seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    narrow, wide = _labels(seen, NARROW), _labels(seen, WIDE)
    return [
        phase | {f"narrow_{name}": a[name] for name in a} | {f"wide_{name}": b[name] for name in b}
        for phase, a, b in zip(seen, narrow, wide, strict=True)
    ]


def _labels(seen: list[dict[str, Any]], plot: float) -> list[dict[str, Any]]:
    """Return for each phase what stands above it in a plot so wide.

    Returns:
        label; shift, pixels to the right by which it clears the number before it; cut, whether what its phase has no
        room for is left out.
    """
    if _fit(seen, plot):
        return [{"label": phase["phase"], "shift": 0.0, "cut": True} for phase in seen]
    labels, taken = [], 0.0
    for number, phase in enumerate(seen, start=1):
        start, size = phase["at"] * plot, width_of(f"{number}")
        shift = max(taken - start, 0.0)
        room = phase["share"] * plot - shift
        if shift > _SHIFT and room < size:
            # Several short phases in a row: this one is told by pointing at it and by its neighbours' numbers.
            labels.append({"label": "", "shift": 0.0, "cut": False})
            continue
        roomy = room >= size + _ENOUGH
        label = f"{number} {phase['phase']}" if roomy else f"{number}"
        labels.append({"label": label, "shift": shift, "cut": roomy})
        taken = start + shift + size + 5
    return labels
