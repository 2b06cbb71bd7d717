"""Lists as charts: one line of words and one interval for each theme, legible at any width."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from voc.ui import words
from voc.ui.frames import records
from voc.ui.theme import Palette

ROW = 50
PICK = "pick"


def opportunities(frame: pd.DataFrame, colours: Palette, *, chosen: str = "", measure: str = "star_impact") -> Any:
    """Draw ranked themes with the interval of one measure; a click on a row selects its theme.

    Args:
        frame: rows of the opportunities table, best first.
        colours: the palette of the reader's mode.
        chosen: theme_id of the row to highlight.
        measure: ``star_impact`` or ``reach``.
    """
    data = pd.DataFrame(
        {
            "theme_id": frame["theme_id"],
            "rank": frame["rank"],
            "label": [
                f"{rank}   {'⚠ ' if hazard else ''}{words.sentence(name)}"
                for rank, name, hazard in zip(frame["rank"], frame["name"], frame["hazard"], strict=True)
            ],
            "value": frame[measure],
            "low": frame[f"{measure}_low"],
            "high": frame[f"{measure}_high"],
            "words": [words.lost(v) if measure == "star_impact" else words.percent(v) for v in frame[measure]],
            "interval": [_interval(row, measure) for row in records(frame)],
            "hazard": frame["hazard"],
            "chosen": frame["theme_id"] == chosen,
        }
    )
    title = "stars lost, with interval" if measure == "star_impact" else "share of reviews, with interval"
    zero = pd.DataFrame({"zero": [0.0]})
    pick = alt.selection_point(name=PICK, fields=["theme_id"], on="click", empty=False, toggle=False)
    y = alt.Y("rank:O", axis=None, sort=None, scale=alt.Scale(paddingInner=0.12, paddingOuter=0.02))
    base = alt.Chart(data).encode(
        y=y,
        tooltip=[
            alt.Tooltip("label:N", title="theme"),
            alt.Tooltip("words:N", title="stars" if measure == "star_impact" else "reach"),
            alt.Tooltip("interval:N", title="interval"),
        ],
    )
    x = alt.X(
        "low:Q",
        title=title,
        axis=alt.Axis(grid=True, tickCount=4, format="%" if measure == "reach" else "~f", orient="bottom"),
        scale=alt.Scale(nice=False, zero=True),
    )
    row = base.mark_rect(cornerRadius=8, cursor="pointer").encode(
        x=alt.value(0),
        x2=alt.value("width"),
        color=alt.condition("datum.chosen", alt.value(colours.shade_odd), alt.value("transparent")),
    )
    name = base.mark_text(align="left", dy=-9, dx=8, fontSize=14, fontWeight=600, limit=alt.expr("width - 110")).encode(
        x=alt.value(0),
        text="label:N",
        color=alt.condition("datum.hazard", alt.value(colours.hazard), alt.value(colours.ink)),
    )
    figure = base.mark_text(align="right", dy=-9, dx=-8, fontSize=13).encode(
        x=alt.value("width"), text="words:N", color=alt.value(colours.quiet)
    )
    whisker = base.mark_bar(height=7, cornerRadius=3, yOffset=11, opacity=0.32).encode(
        x=x, x2="high:Q", color=alt.value(colours.accent)
    )
    dot = base.mark_tick(thickness=4, height=15, yOffset=11, cornerRadius=2).encode(
        x="value:Q", color=alt.value(colours.accent)
    )
    line = alt.Chart(zero).mark_rule(strokeWidth=1).encode(x="zero:Q", color=alt.value(colours.unclear))
    layers = alt.layer(row.add_params(pick), line, whisker, dot, name, figure)
    return layers.properties(height=ROW * len(data))


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
    return alt.layer(*whiskers, join, dot, name, figures).properties(height=ROW * len(wide))


def _interval(row: dict[Any, Any], measure: str) -> str:
    if measure == "star_impact":
        return words.lost_interval(row["star_impact_low"], row["star_impact_high"])
    return words.percent_interval(row["reach_low"], row["reach_high"])
