"""The charts of a report: drawn for paper, where nobody points at anything, so that all is written out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

from voc.looks import LIGHT, configured
from voc.report import pictures

if TYPE_CHECKING:
    import pyarrow as pa

_WIDTH = 800


def over_time(monthly: pa.Table, phases: Sequence[Mapping[str, Any]], *, share: bool, height: int = 210) -> str:
    """Draw a line over time with its interval, the phases shaded and named behind it.

    Args:
        monthly: rows of `voc.insights.MONTHLY`, in order of time.
        phases: rows of the phases table with a start, oldest first.
        share: draw the reach of a theme; else the mean rating.
        height: of the chart, in pixels.

    Returns:
        An SVG document; "" where no point can be drawn.
    """
    value, low, high = ("reach", "reach_low", "reach_high") if share else ("mean_rating", "rating_low", "rating_high")
    frame = monthly.to_pandas()
    frame["month"] = pd.to_datetime(frame["month"])
    if not frame[value].notna().any():
        return ""
    first, last = frame["month"].iloc[0], frame["month"].iloc[-1]
    steps = frame["month"].diff().dropna()
    last = last + (steps.min() if len(steps) else pd.Timedelta(days=31))
    span = alt.Scale(domain=[_moment(first), _moment(last)])
    x = alt.X("month:T", title=None, scale=span, axis=alt.Axis(tickCount=8, labelFlush=True, labelOverlap=True))
    title = "share of reviews" if share else "mean stars"
    axis = alt.Axis(title=title, grid=True, format="%" if share else ".1f", tickCount=4, titleAnchor="end")
    scale = alt.Scale(zero=share, nice=False) if share else alt.Scale(zero=False, nice=True)
    base = alt.Chart(frame).encode(x=x)
    y = alt.Y(f"{value}:Q", axis=axis, scale=scale)
    band = base.mark_area(opacity=0.2).encode(
        y=alt.Y(f"{low}:Q", axis=axis, scale=scale), y2=f"{high}:Q", color=alt.value(LIGHT.accent)
    )
    line = base.mark_line(strokeWidth=2.2).encode(y=y, color=alt.value(LIGHT.accent))
    dots = base.mark_point(filled=True, size=22, opacity=1).encode(y=y, color=alt.value(LIGHT.accent))
    layers = [*_shades(phases, first, last, span), band, line, dots]
    return _drawn(alt.layer(*layers).properties(height=height))


def _shades(phases: Sequence[Mapping[str, Any]], first: pd.Timestamp, last: pd.Timestamp, span: Any) -> list[Any]:
    rows: list[dict[str, Any]] = []
    for place, phase in enumerate(phases):
        following = phases[place + 1]["start"] if place + 1 < len(phases) else None
        ends = phase["end"] if phase["end"] is not None else following
        start = max(pd.Timestamp(phase["start"]), first)
        end = last if ends is None else min(pd.Timestamp(ends), last)
        if start < end:
            # About so many characters have room in the phase's part of the axis.
            room = int((end - start) / (last - first) * _WIDTH / 7.5)
            name = str(phase["name"])
            label = name if len(name) <= room else (name[: room - 1].rstrip() + "…" if room >= 5 else "")
            rows.append({"start": start, "end": end, "label": label, "odd": len(rows) % 2 == 0})
    if not rows:
        return []
    base = alt.Chart(pd.DataFrame(rows))
    shade = alt.condition("datum.odd", alt.value(LIGHT.shade_odd), alt.value(LIGHT.shade_even))
    name = base.mark_text(align="left", baseline="top", dx=6, fontSize=12, fontWeight=600)
    return [
        base.mark_rect().encode(x="start:T", x2="end:T", color=shade),
        name.encode(x=alt.X("start:T", scale=span), y=alt.value(6), text="label:N", color=alt.value(LIGHT.quiet)),
    ]


def _drawn(chart: Any) -> str:
    return pictures.svg(configured(chart, LIGHT).to_dict(), width=_WIDTH, framed=False)


def _moment(moment: pd.Timestamp) -> Any:
    return alt.DateTime(year=moment.year, month=moment.month, date=moment.day)
