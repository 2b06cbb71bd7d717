"""Lists as charts: one line of words and one interval for each theme, legible at any width."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from voc import words
from voc.ui.charts.kept import kept
from voc.ui.charts.layers import over
from voc.ui.theme import Palette

#: Height of a row: name, part and number of reviews, interval; and of a row of `dumbbell` and `shares`.
TALL, ROW = 58, 50
PICK = "pick"
_ARROWS = {"growing": "↗", "shrinking": "↘", "no clear change": "→"}
#: Pixels at the right of a row that its line over time takes.
_SPARK = 84
#: Pixels under the rows, which the browser takes out of the chart's height.
_AXIS = 54


@kept
def opportunities(frame: pd.DataFrame, colours: Palette, *, chosen: str = "", axis: str, form: str = "~f") -> Any:
    """Draw themes with the interval of one measure and a line over time; a click on a row selects its theme.

    Args:
        frame: rows as `listing.drawn` makes them, in display order.
        colours: the palette of the reader's mode.
        chosen: theme_id of the row to highlight.
        axis: what the bars show.
        form: how d3 writes the figures of the axis.
    """
    arrows = [_ARROWS.get(word, "") for word in frame["word"]]
    data = frame.drop(columns="spark").assign(
        place=range(len(frame)),
        label=[
            f"{rank}   {'⚠ ' if hazard else ''}{words.sentence(name)}"
            for rank, name, hazard in zip(frame["rank"], frame["name"], frame["hazard"], strict=True)
        ],
        arrow=arrows,
        lately=[word if arrow else "not known" for word, arrow in zip(frame["word"], arrows, strict=True)],
        chosen=frame["theme_id"] == chosen,
    )
    height = TALL * len(data) + _AXIS
    zero = pd.DataFrame({"zero": [0.0]})
    pick = alt.selection_point(name=PICK, fields=["theme_id"], on="click", empty=False, toggle=False)
    y = alt.Y("place:O", axis=None, sort=None, scale=alt.Scale(paddingInner=0, paddingOuter=0))
    base = alt.Chart(data).encode(
        y=y,
        tooltip=[
            alt.Tooltip("label:N", title="theme"),
            alt.Tooltip("about:N", title="part"),
            alt.Tooltip("words:N", title=axis.split(",")[0]),
            alt.Tooltip("interval:N", title="interval"),
            alt.Tooltip("lately:N", title="lately"),
        ],
    )
    right = alt.ExprRef(expr=f"width - {_SPARK + 26}")
    x = alt.X(
        "low:Q",
        title=axis,
        axis=alt.Axis(grid=True, tickCount=4, format=form, orient="bottom", titleAnchor="start"),
        scale=alt.Scale(nice=False, zero=True, range=[8, right]),
    )
    row = base.mark_rect(cornerRadius=8, cursor="pointer").encode(
        x=alt.value(0),
        x2=alt.value("width"),
        color=alt.condition("datum.chosen", alt.value(colours.shade_odd), alt.value("transparent")),
    )
    name = base.mark_text(
        align="left", dy=-14, dx=14, fontSize=14, fontWeight=600, limit=alt.expr("width - 138")
    ).encode(
        x=alt.value(0),
        text="label:N",
        color=alt.condition("datum.hazard", alt.value(colours.hazard), alt.value(colours.ink)),
    )
    about = base.mark_text(align="left", dy=3, dx=14, fontSize=12, limit=alt.expr(f"width - {_SPARK + 30}")).encode(
        x=alt.value(0), text="about:N", color=alt.value(colours.quiet)
    )
    figure = base.mark_text(align="right", dy=-14, dx=-24, fontSize=13).encode(
        x=alt.value("width"), text="words:N", color=alt.value(colours.quiet)
    )
    tone = alt.Color(
        "word:N",
        scale=alt.Scale(
            domain=["growing", "shrinking", "no clear change", "not compared"],
            range=[colours.worse, colours.better, colours.unclear, colours.unclear],
        ),
        legend=None,
    )
    arrow = base.mark_text(align="right", dy=-14, dx=-6, fontSize=15, fontWeight=700).encode(
        x=alt.value("width"), text="arrow:N", color=tone
    )
    whisker = base.mark_bar(height=7, cornerRadius=3, yOffset=19, opacity=0.32).encode(
        x=x, x2="high:Q", color=alt.value(colours.accent)
    )
    dot = base.mark_tick(thickness=4, height=13, yOffset=19, cornerRadius=2).encode(
        x="value:Q", color=alt.value(colours.accent)
    )
    line = alt.Chart(zero).mark_rule(strokeWidth=1).encode(x="zero:Q", color=alt.value(colours.unclear))
    layers = over(row.add_params(pick), line, whisker, dot, name, about, figure, arrow)
    points = _points(frame)
    if points.empty:
        return layers.properties(height=height)
    times = alt.X(
        "time:Q",
        axis=None,
        scale=alt.Scale(
            domain=[0, max(int(points["time"].max()), 1)],
            range=[alt.ExprRef(expr=f"width - {_SPARK}"), alt.ExprRef(expr="width - 8")],
            nice=False,
            zero=False,
        ),
    )
    heights = alt.Y(
        "y:Q", axis=None, scale=alt.Scale(domain=[0, TALL * len(data)], reverse=True, nice=False, zero=False)
    )
    spark = alt.Chart(points).encode(x=times, y=heights, detail="place:N", color=tone)
    curve = spark.mark_line(strokeWidth=1.6, interpolate="monotone", tooltip=None)
    last = spark.transform_filter("datum.last").mark_point(filled=True, size=26, opacity=1, tooltip=None)
    # Each has scales of its own: the bars measure, the lines show a shape.
    return over(layers, over(curve, last)).properties(
        resolve=alt.Resolve(scale=alt.ScaleResolveMap(x="independent", y="independent")), height=height
    )


def _points(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the lines over time as points in pixels from the top, each as high as its own row lets it."""
    top, room = 25.0, 26.0
    rows: list[dict[str, Any]] = []
    for place, (values, word) in enumerate(zip(frame["spark"], frame["word"], strict=True)):
        known = [(time, value) for time, value in enumerate(values) if not words.missing(value)]
        most = max((value for _, value in known), default=0.0)
        if len(known) < 3 or not most:
            continue
        for time, value in enumerate(values):
            missing = words.missing(value)
            rows.append(
                {
                    "place": place,
                    "time": time,
                    "y": None if missing else place * TALL + top + room * (1 - value / most),
                    "word": word,
                    "last": time == known[-1][0],
                }
            )
    return pd.DataFrame(rows, columns=["place", "time", "y", "word", "last"])


@kept
def shares(frame: pd.DataFrame, colours: Palette, *, whole: float | None = None) -> Any:
    """Draw a share with its interval for each row, and the share of all as a line across.

    Args:
        frame: columns label, value, low, high, words, note (right of the name) and tone (worse, better or quiet); in
            display order.
        colours: the palette of the reader's mode.
        whole: the share of all.
    """
    data = frame.assign(place=range(len(frame)))
    tone = alt.Color(
        "tone:N",
        scale=alt.Scale(domain=["worse", "better", "quiet"], range=[colours.worse, colours.better, colours.accent]),
        legend=None,
    )
    x = alt.X(
        "low:Q",
        title="share of reviews, with interval",
        axis=alt.Axis(format="%", grid=True, tickCount=5),
        scale=alt.Scale(zero=True, nice=False),
    )
    base = alt.Chart(data).encode(
        y=alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0)),
        tooltip=[
            alt.Tooltip("label:N", title="who"),
            alt.Tooltip("words:N", title="reach"),
            alt.Tooltip("note:N", title=""),
        ],
    )
    whisker = base.mark_bar(height=8, cornerRadius=3, yOffset=10, opacity=0.35).encode(x=x, x2="high:Q", color=tone)
    dot = base.mark_tick(thickness=4, height=15, yOffset=10, cornerRadius=2).encode(x="value:Q", color=tone)
    name = base.mark_text(align="left", dy=-9, fontSize=13, fontWeight=600, limit=alt.expr("width - 180")).encode(
        x=alt.value(0), text="label:N", color=alt.value(colours.ink)
    )
    figure = base.mark_text(align="right", dy=-9, fontSize=13, limit=alt.expr("180")).encode(
        x=alt.value("width"), text="words:N", color=alt.value(colours.quiet)
    )
    layers = [whisker, dot, name, figure]
    if whole is not None:
        everybody = alt.Chart(pd.DataFrame({"whole": [whole]}))
        layers.insert(0, everybody.mark_rule(strokeDash=[3, 3]).encode(x="whole:Q", color=alt.value(colours.unclear)))
    return over(*layers).properties(height=46 * len(data) + _AXIS)


@kept
def dumbbell(frame: pd.DataFrame, colours: Palette, earlier: str, later: str) -> Any:
    """Draw each theme's reach in two phases with intervals, joined by a line in the colour of its direction.

    Args:
        frame: columns name, word, before, before_low, before_high, after, after_low, after_high; in display order.
        colours: the palette of the reader's mode.
        earlier: name of the earlier phase.
        later: name of the later phase.
    """
    order = list(range(len(frame)))
    wide = frame.assign(place=order, label=[words.sentence(name) for name in frame["name"]])
    wide["change"] = [words.points(a - b) for a, b in zip(wide["after"], wide["before"], strict=True)]
    wide["figures"] = [f"{change} · {word}" for change, word in zip(wide["change"], wide["word"], strict=True)]
    long = pd.concat(
        [
            pd.DataFrame(
                {
                    "place": wide["place"],
                    "label": wide["label"],
                    "phase": phase,
                    "reach": wide[side],
                    "low": wide[f"{side}_low"],
                    "high": wide[f"{side}_high"],
                    "words": [words.percent(v) for v in wide[side]],
                    "interval": [
                        words.percent_interval(low, high)
                        for low, high in zip(wide[f"{side}_low"], wide[f"{side}_high"], strict=True)
                    ],
                }
            )
            for phase, side in ((earlier, "before"), (later, "after"))
        ]
    )
    tone = alt.Color(
        "word:N",
        scale=alt.Scale(
            domain=["growing", "shrinking", "no clear change", "not compared"],
            range=[colours.worse, colours.better, colours.unclear, colours.unclear],
        ),
        legend=None,
    )
    y = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0.12))
    base = alt.Chart(wide).encode(y=y)
    x = alt.X("before:Q", title="share of reviews", axis=alt.Axis(format="%", grid=True, tickCount=5))
    join = base.mark_bar(height=3, yOffset=11).encode(x=x, x2="after:Q", color=tone)
    name = base.mark_text(align="left", dy=-9, fontSize=14, fontWeight=600, limit=alt.expr("width - 190")).encode(
        x=alt.value(0), text="label:N", color=alt.value(colours.ink)
    )
    figures = base.mark_text(align="right", dy=-9, fontSize=13).encode(
        x=alt.value("width"), text="figures:N", color=tone
    )
    fill = alt.Fill(
        "phase:N",
        scale=alt.Scale(domain=[earlier, later], range=[colours.paper, colours.ink]),
        legend=alt.Legend(title=None, symbolStrokeColor=colours.ink, symbolType="circle", symbolSize=90),
    )
    ends = alt.Chart(long).encode(
        y=y,
        tooltip=[
            alt.Tooltip("label:N", title="theme"),
            alt.Tooltip("phase:N"),
            alt.Tooltip("words:N", title="reach"),
            alt.Tooltip("interval:N", title="interval"),
        ],
    )
    tall = ends.transform_filter(alt.datum.phase == earlier).mark_bar(
        height=16, cornerRadius=4, yOffset=11, opacity=0.2
    )
    flat = ends.transform_filter(alt.datum.phase == later).mark_bar(height=7, cornerRadius=3, yOffset=11, opacity=0.5)
    whiskers = [bars.encode(x="low:Q", x2="high:Q", color=alt.value(colours.unclear)) for bars in (tall, flat)]
    dot = ends.mark_point(size=80, yOffset=11, filled=True, strokeWidth=2, opacity=1).encode(
        x="reach:Q", fill=fill, stroke=alt.value(colours.ink)
    )
    return over(*whiskers, join, dot, name, figures).properties(height=ROW * len(wide))
