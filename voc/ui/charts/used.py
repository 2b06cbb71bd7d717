"""Charts of needs and of use: what customers wish for, when troubles come, and when products fail."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from voc import words
from voc.ui.charts.kept import kept
from voc.ui.charts.layers import over
from voc.ui.frames import records
from voc.ui.theme import Palette

#: Name of the selection of a need.
PICK = "need"
ROW, HEAD = 46, 30
#: Stages of use: prefix of the columns of `TIME_IN_USE` -> words.
STAGES = {"box": "out of the box (to day 3)", "weeks": "first weeks (to day 60)", "long": "later"}
#: Days that the axis of times names.
_NAMED_DAYS = {1: "1 day", 7: "1 week", 30: "1 month", 90: "3 months", 365: "1 year", 1095: "3 years", 3650: "10 years"}


@kept
def needs(rows: pd.DataFrame, colours: Palette, *, group: str = "", chosen: str = "") -> Any:
    """Draw how many reviews wish for each need, with interval; a click selects a need.

    Args:
        rows: columns need_id, name, area, depth, reviews, reach, reach_low, reach_high; in display order.
        colours: the palette of the reader's mode.
        group: column under whose values, as headings, the rows stand: area, depth, or nothing.
        chosen: need_id of the row to highlight.
    """
    drawn: list[dict[str, Any]] = []
    at, before = 0.0, None
    for row in records(rows):
        if group and row[group] != before:
            before = row[group]
            drawn.append({"top": at, "head": words.sentence(str(before))})
            at += HEAD
        about = [str(row[name]) for name in ("area", "depth") if name != group]
        drawn.append(
            {
                "top": at,
                "need_id": row["need_id"],
                "label": words.sentence(str(row["name"])),
                "about": " · ".join([words.plural(int(row["reviews"]), "review"), *about]),
                "value": row["reach"],
                "low": row["reach_low"],
                "high": row["reach_high"],
                "words": words.percent(row["reach"]),
                "interval": words.percent_interval(row["reach_low"], row["reach_high"]),
                "chosen": row["need_id"] == chosen,
            }
        )
        at += ROW
    data = pd.DataFrame(drawn)
    if "head" not in data:
        data["head"] = None
    height = max(at, 1.0)
    place = alt.Scale(domain=[0, height], reverse=True, nice=False, zero=False)
    pick = alt.selection_point(name=PICK, fields=["need_id"], on="click", empty=False, toggle=False)
    wished, heads = data[data["need_id"].notna()], data[data["head"].notna()]

    def at_offset(pixels: float) -> Any:
        return alt.Y("y:Q", axis=None, scale=place), f"datum.top + {pixels}"

    def layer(source: pd.DataFrame, pixels: float) -> Any:
        y, formula = at_offset(pixels)
        return alt.Chart(source).transform_calculate(y=formula).encode(y=y)

    tooltip = [
        alt.Tooltip("label:N", title="need"),
        alt.Tooltip("words:N", title="reviews that wish for it"),
        alt.Tooltip("interval:N", title="interval"),
        alt.Tooltip("about:N", title="about"),
    ]
    x = alt.X(
        "low:Q",
        title="share of reviews, with interval",
        axis=alt.Axis(grid=True, tickCount=4, format="~%"),
        scale=alt.Scale(zero=True, nice=True),
    )
    row_area = (
        layer(wished, 0)
        .transform_calculate(y2=f"datum.top + {ROW - 2}")
        .mark_rect(cornerRadius=6, cursor="pointer")
        .encode(
            x=alt.value(0),
            x2=alt.value("width"),
            y2="y2:Q",
            color=alt.condition("datum.chosen", alt.value(colours.shade_odd), alt.value("transparent")),
            tooltip=tooltip,
        )
        .add_params(pick)
    )
    name = layer(wished, 13).mark_text(
        align="left", dx=4, fontSize=14, fontWeight=600, limit=alt.expr("width * 0.55"), cursor="pointer"
    )
    about = layer(wished, 13).mark_text(align="right", dx=-4, fontSize=12, limit=alt.expr("width * 0.42"))
    whisker = layer(wished, 32).mark_bar(height=7, cornerRadius=3, opacity=0.32)
    dot = layer(wished, 32).mark_tick(thickness=4, height=14, cornerRadius=2)
    title = layer(heads, 20).mark_text(align="left", fontSize=12, fontWeight=600)
    layers = [
        row_area,
        whisker.encode(x=x, x2="high:Q", color=alt.value(colours.accent)),
        dot.encode(x="value:Q", color=alt.value(colours.accent)),
        name.encode(x=alt.value(0), text="label:N", color=alt.value(colours.ink)),
        about.encode(x=alt.value("width"), text="about:N", color=alt.value(colours.quiet)),
    ]
    if len(heads):
        layers.append(title.encode(x=alt.value(0), text="head:N", color=alt.value(colours.quiet)))
    return over(*layers).properties(height=height)


@kept
def stages(rows: pd.DataFrame, colours: Palette) -> Any:
    """Draw of each theme which share of those who say when met it in each stage of use, with intervals.

    Args:
        rows: rows of `TIME_IN_USE` in display order.
        colours: the palette of the reader's mode.
    """
    wide = rows.reset_index(drop=True)
    wide = wide.assign(
        place=range(len(wide)),
        label=[words.sentence(str(name)) for name in wide["name"]],
        said=[
            f"{word + ' · ' if isinstance(word, str) else ''}{words.plural(int(number), 'review')} say when"
            for word, number in zip(wide["timing"], wide["stated"], strict=True)
        ],
    )
    long = pd.concat(
        [
            pd.DataFrame(
                {
                    "place": wide["place"],
                    "label": wide["label"],
                    "stage": stage,
                    "share": wide[f"{column}_share"],
                    "low": wide[f"{column}_low"],
                    "high": wide[f"{column}_high"],
                    "words": [words.percent(value, 0) for value in wide[f"{column}_share"]],
                    "interval": [
                        words.percent_interval(low, high)
                        for low, high in zip(wide[f"{column}_low"], wide[f"{column}_high"], strict=True)
                    ],
                    "reviews": wide[f"{column}_reviews"],
                }
            )
            for column, stage in STAGES.items()
        ]
    )
    y = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0.1))
    tone = alt.Color(
        "stage:N",
        scale=alt.Scale(domain=list(STAGES.values()), range=[colours.unclear, colours.accent, colours.ink]),
        legend=alt.Legend(title=None, symbolType="circle", symbolSize=90, orient="top", columns=1, labelLimit=240),
    )
    base = alt.Chart(long).encode(
        y=y,
        tooltip=[
            alt.Tooltip("label:N", title="theme"),
            alt.Tooltip("stage:N"),
            alt.Tooltip("words:N", title="of those who say when"),
            alt.Tooltip("interval:N"),
            alt.Tooltip("reviews:Q"),
        ],
    )
    x = alt.X(
        "low:Q",
        title="share of those who say when, with interval",
        axis=alt.Axis(format="%", tickCount=5, grid=True),
        scale=alt.Scale(domain=[0, 1]),
    )
    layers = []
    for stage, offset, depth in zip(STAGES.values(), (1, 10, 19), (0.3, 0.4, 0.6), strict=True):
        part = base.transform_filter(alt.datum.stage == stage)
        layers.append(
            part.mark_bar(height=5, cornerRadius=2, yOffset=offset, opacity=depth).encode(x=x, x2="high:Q", color=tone)
        )
        dots = part.mark_point(size=60, filled=True, opacity=1, yOffset=offset)
        layers.append(dots.encode(x="share:Q", color=tone))
    whole = alt.Chart(wide).encode(y=y)
    name = whole.mark_text(align="left", dy=-16, fontSize=14, fontWeight=600, limit=alt.expr("width - 170"))
    said = whole.mark_text(align="right", dy=-16, fontSize=12)
    return over(
        *layers,
        name.encode(x=alt.value(0), text="label:N", color=alt.value(colours.ink)),
        said.encode(x=alt.value("width"), text="said:N", color=alt.value(colours.quiet)),
    ).properties(height=62 * len(wide))


@kept
def stated(rows: pd.DataFrame, colours: Palette) -> Any:
    """Draw the times to failure that customers state, each with the stretch of days that is rounded to it.

    Args:
        rows: rows of `Failure.stated`.
        colours: the palette of the reader's mode.
    """
    data = rows.assign(rounding=[_rounding(a, b) for a, b in zip(rows["days_from"], rows["days_to"], strict=True)])
    base = alt.Chart(data).encode(
        tooltip=[
            alt.Tooltip("days:Q", title="days, as stated"),
            alt.Tooltip("rounding:N", title="rounded from"),
            alt.Tooltip("reviews:Q"),
        ]
    )
    y = alt.Y("reviews:Q", title="reviews", axis=alt.Axis(tickMinStep=1, tickCount=4, grid=True))
    stem = base.mark_rule(strokeWidth=2).encode(x=_days("days"), y=y, y2=alt.datum(0), color=alt.value(colours.accent))
    span = base.mark_rule(strokeWidth=7, opacity=0.3, strokeCap="round").encode(
        x=_days("days_from"), x2="days_to:Q", y=y, color=alt.value(colours.accent)
    )
    dot = base.mark_point(size=70, filled=True, opacity=1).encode(x=_days("days"), y=y, color=alt.value(colours.accent))
    return over(span, stem, dot).properties(height=240)


@kept
def by_day(rows: pd.DataFrame, colours: Palette, *, value: str = "share", title: str = "had failed by then") -> Any:
    """Draw a share over the days in use, with its interval and the figures at each day.

    Args:
        rows: columns days, and `value` with its _low and _high (0..1).
        colours: the palette of the reader's mode.
        value: share (rows of `Failure.within`) or surviving (of `Failure.survival`).
        title: what the share is of.
    """
    data = rows[["days", value, f"{value}_low", f"{value}_high"]].set_axis(["days", "share", "low", "high"], axis=1)
    data = data.dropna(subset=["share"]).assign(
        words=lambda frame: [words.percent(share, 0) for share in frame["share"]],
        interval=lambda frame: [
            words.percent_interval(low, high) for low, high in zip(frame["low"], frame["high"], strict=True)
        ],
    )
    base = alt.Chart(data).encode(
        x=_days("days"),
        tooltip=[
            alt.Tooltip("days:Q"),
            alt.Tooltip("words:N", title=title),
            alt.Tooltip("interval:N"),
        ],
    )
    y = alt.Y("share:Q", title=title, axis=alt.Axis(format="%", tickCount=5), scale=alt.Scale(domain=[0, 1]))
    band = base.mark_rule(strokeWidth=7, opacity=0.3, strokeCap="round").encode(
        y=alt.Y("low:Q", title=title, scale=alt.Scale(domain=[0, 1])), y2="high:Q", color=alt.value(colours.accent)
    )
    line = base.mark_line(strokeWidth=1.5, strokeDash=[4, 3]).encode(y=y, color=alt.value(colours.accent))
    dot = base.mark_point(size=70, filled=True, opacity=1).encode(y=y, color=alt.value(colours.accent))
    figure = base.transform_filter(f"width > {48 * len(data)}").mark_text(dx=8, dy=12, align="left", fontSize=12)
    figure = figure.encode(y=y, text="words:N", color=alt.value(colours.ink))
    return over(band, line, dot, figure).properties(height=240)


def _days(field: str) -> Any:
    """Return an axis of days in use on which days, weeks, months and years all have room."""
    names = "".join(f"datum.value === {day} ? '{name}' : " for day, name in _NAMED_DAYS.items())
    return alt.X(
        f"{field}:Q",
        title="time in use",
        scale=alt.Scale(type="symlog", constant=4, nice=False, zero=True, padding=14),
        axis=alt.Axis(values=list(_NAMED_DAYS), labelExpr=f"{names}''", labelOverlap=True, grid=False),
    )


def _rounding(low: float, high: float) -> str:
    return f"{low:g} to {high:g} days"
