"""A matrix of themes by products, brands, markets or variants: reach as a shade, and what differs from the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from voc import words
from voc.ui.charts.kept import kept
from voc.ui.charts.layers import over
from voc.ui.theme import Palette

ROW = 54
#: Below this width in pixels a cell has no room for its figure: shade and arrow speak alone.
_NARROW = 34
#: How far the shade of the highest figure goes towards the accent: figures keep a contrast of 4.5 to 1 on it.
_DEEPEST = 0.54


@kept
def matrix(cells: pd.DataFrame, columns: Sequence[str], rows: Sequence[str], colours: Palette) -> Any:
    """Draw the reach of themes (rows, named above their cells) in segments (columns).

    Args:
        cells: columns label (of the column), name (of the theme), value, low, high, reviews, analysed, word ("more",
            "less" or nothing: how it differs from the rest by more than chance), figures (the difference in words).
        columns: labels of the columns in their order.
        rows: names of the themes in their order.
        colours: the palette of the reader's mode.
    """
    place = {name: number for number, name in enumerate(rows)}
    data = cells.assign(
        place=[place[name] for name in cells["name"]],
        words=[words.percent(value) for value in cells["value"]],
        interval=[words.percent_interval(a, b) for a, b in zip(cells["low"], cells["high"], strict=True)],
        text=[
            f"{'▲ ' if word == 'more' else '▼ ' if word == 'less' else ''}{words.percent(value).removesuffix(' %')}"
            for word, value in zip(cells["word"], cells["value"], strict=True)
        ],
        mark=[{"more": "▲", "less": "▼"}.get(word, "") for word in cells["word"]],
    )
    top = max(float(data["value"].max()), 0.001) if len(data) else 1.0
    narrow = f"width / {max(len(columns), 1)} < {_NARROW}"
    x = alt.X(
        "label:N",
        sort=list(columns),
        title=None,
        scale=alt.Scale(paddingInner=0.04),
        axis=alt.Axis(
            orient="top", labelAngle=-35, labelLimit=130, labelAlign="left", labelPadding=4, labelFontSize=12
        ),
    )
    y = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0))
    base = alt.Chart(data).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("name:N", title="theme"),
            alt.Tooltip("label:N", title="in"),
            alt.Tooltip("words:N", title="reach"),
            alt.Tooltip("interval:N", title="interval"),
            alt.Tooltip("figures:N", title="against the rest"),
            alt.Tooltip("analysed:Q", title="reviews read"),
        ],
    )
    shade = base.mark_bar(height=22, yOffset=11, cornerRadius=3).encode(
        color=alt.Color(
            "value:Q",
            scale=alt.Scale(domain=[0, top / _DEEPEST], range=[colours.shade_even, colours.accent], interpolate="lab"),
            legend=None,
        ),
    )
    figure = base.mark_text(yOffset=11, fontSize=12).encode(text="shown:N", color=alt.value(colours.ink))
    figure = figure.transform_calculate(shown=f"{narrow} ? datum.mark : datum.text")
    frame = (
        base.transform_filter("datum.word != ''")
        .mark_bar(height=22, yOffset=11, cornerRadius=3, fillOpacity=0, strokeWidth=2)
        .encode(
            stroke=alt.Stroke(
                "word:N",
                scale=alt.Scale(domain=["more", "less"], range=[colours.worse, colours.better]),
                legend=None,
            )
        )
    )
    names = (
        alt.Chart(pd.DataFrame({"place": range(len(rows)), "name": list(rows)}))
        .mark_text(align="left", dy=-12, fontSize=13, fontWeight=600, limit=alt.expr("width"))
        .encode(x=alt.value(0), y=y, text="name:N", color=alt.value(colours.ink))
    )
    return over(shade, frame, figure, names).properties(height=ROW * max(len(rows), 1))
