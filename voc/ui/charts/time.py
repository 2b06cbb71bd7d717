"""Lines over time with the phases shaded behind them and the intervals drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from voc import words
from voc.ui.charts import marked
from voc.ui.charts.bands import closed, shading
from voc.ui.charts.kept import kept
from voc.ui.charts.layers import over
from voc.ui.charts.span import extent, moment
from voc.ui.theme import Palette

#: Name of the selection of a stretch of time, and of the field that it is of.
SPAN, SPAN_FIELD = "span", "month"


@kept
def rating(
    monthly: pd.DataFrame, phases: pd.DataFrame, colours: Palette, *, height: int = 220, draggable: bool = False
) -> Any:
    """Draw the mean rating over time with its interval.

    Args:
        monthly: columns month, reviews or analysed, mean_rating, rating_low, rating_high.
        phases: rows of the phases table.
        colours: the palette of the reader's mode.
        height: in pixels.
        draggable: let the reader drag out a stretch of time, as the selection `SPAN`.
    """
    data = _dated(monthly)
    data["interval"] = [
        f"{words.stars(low)}–{words.stars(high)}"
        for low, high in zip(data["rating_low"], data["rating_high"], strict=True)
    ]
    floor = max(1.0, min(data["rating_low"].min(), data["mean_rating"].min() - 0.3)) if len(data) else 1.0
    layers = _line(
        data,
        phases,
        colours,
        fields=("mean_rating", "rating_low", "rating_high"),
        scale=alt.Scale(domain=[round(floor - 0.05, 1), 5], clamp=True),
        axis=_side("mean stars", tickCount=4),
        value=alt.Tooltip("mean_rating:Q", title="mean stars", format=".2f"),
    )
    if draggable:
        brush = alt.selection_interval(
            name=SPAN,
            encodings=["x"],
            mark=alt.BrushConfig(fill=colours.accent, fillOpacity=0.2, stroke=colours.accent, strokeWidth=2),
        )
        layers[-1] = layers[-1].add_params(brush)
    return over(*layers).properties(height=height)


@kept
def volume(monthly: pd.DataFrame, phases: pd.DataFrame, colours: Palette, *, height: int = 96) -> Any:
    """Draw how many reviews were written over time."""
    data = _dated(monthly)
    first, last = extent(data)
    data["until"] = [*data["month"].iloc[1:], last]
    bars = (
        alt.Chart(data)
        .mark_rect(opacity=0.75, stroke=colours.paper, strokeWidth=1)
        .encode(
            x="month:T",
            x2="until:T",
            y=alt.Y("analysed:Q", axis=_side("reviews", tickCount=3)),
            y2=alt.datum(0),
            color=alt.value(colours.unclear),
            tooltip=[alt.Tooltip("month:T", title="from", format="%b %Y"), alt.Tooltip("analysed:Q", title="reviews")],
        )
    )
    axis = alt.Chart(data).mark_tick(opacity=0).encode(x=_time(first, last))
    layers = [*shading(phases, first, last, colours, named=False), axis, bars]
    return over(*layers).properties(height=height)


@kept
def reach(
    monthly: pd.DataFrame,
    phases: pd.DataFrame,
    by_phase: pd.DataFrame,
    colours: Palette,
    *,
    height: int = 280,
    marks: pd.DataFrame | None = None,
) -> Any:
    """Draw a theme's reach over time, and over it each phase's reach with its interval.

    Args:
        monthly: columns month, reviews, analysed, reach, reach_low, reach_high.
        phases: rows of the phases table, for the shading.
        by_phase: the theme's rows of the trends table, joined with start and end; may be empty.
        colours: the palette of the reader's mode.
        height: in pixels.
        marks: days to mark, such as releases: columns day, label, planned (drawn dashed).
    """
    data = _dated(monthly)
    data["interval"] = [
        words.percent_interval(low, high) for low, high in zip(data["reach_low"], data["reach_high"], strict=True)
    ]
    # A month of three reviews has an interval up to 60 %: the axis follows the line and the phases, the band is cut.
    top = max([data["reach"].max() if len(data) else 0.0, 0.01, *by_phase.get("reach_high", [])]) * 1.25
    layers = _line(
        data,
        phases,
        colours,
        quiet=not by_phase.empty,
        fields=("reach", "reach_low", "reach_high"),
        scale=alt.Scale(domain=[0, min(1.0, top)], clamp=True),
        axis=_side("share of reviews", tickCount=4, format="~%"),
        value=alt.Tooltip("reach:Q", title="reach", format=".1%"),
    )
    return over(*layers, *_steps(by_phase, data, colours), *marked.layers(marks, *extent(data), colours)).properties(
        height=height
    )


def small(by_phase: pd.DataFrame, colours: Palette, *, tone: str, share: bool = True, height: int = 96) -> Any:
    """Draw one theme's reach (or the rating) through the phases, small.

    Args:
        by_phase: columns phase, place, and reach or mean_rating with their bounds.
        colours: the palette of the reader's mode.
        tone: colour of the line.
        share: reach if true, mean rating if false.
        height: in pixels.
    """
    value, low, high = ("reach", "reach_low", "reach_high") if share else ("mean_rating", "rating_low", "rating_high")
    data = by_phase[["phase", "place", value, low, high]].copy()
    data["words"] = [words.percent(v) if share else words.stars(v) for v in data[value]]
    scale = alt.Scale(zero=share, nice=False) if share else alt.Scale(zero=False, nice=True)
    base = alt.Chart(data).encode(
        x=alt.X(
            "phase:N",
            sort=list(dict.fromkeys(data.sort_values("place")["phase"])),
            axis=alt.Axis(title=None, labelAngle=0, labelLimit=84, labelFontSize=11),
        ),
        tooltip=[alt.Tooltip("phase:N"), alt.Tooltip("words:N", title="reach" if share else "mean stars")],
    )
    axis = alt.Axis(title=None, tickCount=2, format="~%" if share else ".1f", grid=True)
    bars = base.mark_rule(strokeWidth=6, opacity=0.28, strokeCap="round").encode(
        y=alt.Y(f"{low}:Q", axis=axis, scale=scale), y2=f"{high}:Q", color=alt.value(tone)
    )
    line = base.mark_line(strokeWidth=2).encode(y=alt.Y(f"{value}:Q", axis=axis, scale=scale), color=alt.value(tone))
    dots = base.mark_point(filled=True, size=46, opacity=1).encode(
        y=alt.Y(f"{value}:Q", axis=axis, scale=scale), color=alt.value(tone)
    )
    return alt.layer(bars, line, dots).properties(height=height)


def together(charts: Sequence[Any], columns: int = 4) -> Any:
    """Return small charts side by side as one, each under its own title, for a picture of all of them."""
    return alt.concat(*charts, columns=columns, spacing=28).resolve_scale(x="independent", y="independent")


def _line(
    data: pd.DataFrame,
    phases: pd.DataFrame,
    colours: Palette,
    *,
    fields: tuple[str, str, str],
    scale: Any,
    axis: Any,
    value: Any,
    quiet: bool = False,
) -> list[Any]:
    """Return the layers of a line with its band over the shaded phases; `quiet` where something else is drawn over."""
    first, last = extent(data)
    middle, low, high = fields
    tooltip = [
        alt.Tooltip("month:T", title="from", format="%b %Y"),
        value,
        alt.Tooltip("interval:N"),
        alt.Tooltip("analysed:Q", title="reviews read"),
    ]
    base = alt.Chart(data).encode(x=_time(first, last))
    band = base.mark_area(opacity=0.12 if quiet else 0.2, clip=True).encode(
        y=alt.Y(f"{low}:Q", scale=scale, axis=axis), y2=f"{high}:Q", color=alt.value(colours.accent)
    )
    line = base.mark_line(strokeWidth=1.6 if quiet else 2.2, clip=True).encode(
        y=alt.Y(f"{middle}:Q", scale=scale, axis=axis), color=alt.value(colours.accent)
    )
    dots = base.mark_point(filled=True, size=16 if quiet else 26, opacity=1).encode(
        y=alt.Y(f"{middle}:Q", scale=scale, axis=axis), color=alt.value(colours.accent), tooltip=tooltip
    )
    return [*shading(phases, first, last, colours), band, line, dots]


def _steps(by_phase: pd.DataFrame, data: pd.DataFrame, colours: Palette) -> list[Any]:
    """Return layers with one level line and its interval for each dated phase."""
    if by_phase.empty or data.empty:
        return []
    first, last = extent(data)
    steps = closed(by_phase).dropna(subset=["start", "reach"]).copy()
    steps["start"] = [max(pd.Timestamp(s), first) for s in steps["start"]]
    steps["end"] = [last if pd.isna(e) else min(pd.Timestamp(e), last) for e in steps["end"]]
    steps = steps[steps["start"] < steps["end"]]
    if steps.empty:
        return []
    steps["words"] = [words.percent(v) for v in steps["reach"]]
    steps["interval"] = [
        words.percent_interval(a, b) for a, b in zip(steps["reach_low"], steps["reach_high"], strict=True)
    ]
    base = alt.Chart(steps).encode(
        x="start:T",
        x2="end:T",
        tooltip=[
            alt.Tooltip("phase:N"),
            alt.Tooltip("words:N", title="reach in the phase"),
            alt.Tooltip("interval:N"),
        ],
    )
    box = base.mark_rect(opacity=0.16, clip=True).encode(
        y="reach_low:Q", y2="reach_high:Q", color=alt.value(colours.ink)
    )
    level = base.mark_rule(strokeWidth=2.5, clip=True).encode(y="reach:Q", color=alt.value(colours.ink))
    return [box, level]


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    dated = frame.copy()
    dated["month"] = pd.to_datetime(dated["month"])
    return dated.sort_values("month").reset_index(drop=True)


def _time(first: pd.Timestamp, last: pd.Timestamp) -> Any:
    return alt.X(
        "month:T",
        title=None,
        scale=alt.Scale(domain=[moment(first), moment(last)]),
        axis=alt.Axis(labelOverlap=True, tickCount=8, labelFlush=True),
    )


def _side(title: str, **options: Any) -> Any:
    """Return a value axis of fixed width, so that charts one above the other share their time axis."""
    return alt.Axis(title=title, grid=True, titleAnchor="end", minExtent=34, maxExtent=34, **options)
