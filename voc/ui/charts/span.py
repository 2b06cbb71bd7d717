"""The stretch of time that the axis of a chart spans, and how much of it words take."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

#: Pixels of the plot that words are laid out for: in a narrow window, and from the second number on in a wide one. Text
#: keeps its size, so that what fits in these fits in all that are wider.
NARROW, WIDE = 280, 600
_LETTER = 6.4


def width_of(text: str) -> float:
    """Return about how many pixels wide a chart's bold words are."""
    return _LETTER * len(text)


def extent(line: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and the last day of the time axis; one stretch is added after the last point.

    Args:
        line: points of a line over time by their column month.
    """
    if line.empty:
        return pd.Timestamp("2000-01-01"), pd.Timestamp("2001-01-01")
    days = pd.to_datetime(line["month"]).sort_values()
    steps = days.diff().dropna()
    return days.iloc[0], days.iloc[-1] + (steps.min() if len(steps) else pd.Timedelta(days=30))


def on_axis(first: pd.Timestamp, last: pd.Timestamp) -> Any:
    """Return the position of something with a start, on the given stretch of the time axis.

    A chart's stretch is named in the layers without x2 only and holds for all: an end has no type of its own, so
    Vega-Lite reads the stretch of such a layer differently, finds it in conflict with the others and says so.
    """
    return alt.X("start:T", scale=alt.Scale(domain=[moment(first), moment(last)]))


def moment(day: pd.Timestamp) -> Any:
    """Return a day in the form that Vega-Lite treats alike for both ends of a bar."""
    return alt.DateTime(year=day.year, month=day.month, date=day.day)
