"""The one visual language: colours safe for colour-blind readers, the font, how charts are dressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt

FONT = "Source Sans"
#: For charts: the app's own font first, then whatever sans serif the browser has.
FONT_STACK = f'"{FONT}", "Source Sans 3", "Segoe UI", "Helvetica Neue", Arial, sans-serif'


@dataclass(frozen=True)
class Palette:
    """The colours of one mode; orange against blue is told apart by every common kind of colour vision."""

    paper: str
    panel: str
    field: str
    line: str
    ink: str
    quiet: str
    accent: str
    worse: str
    better: str
    unclear: str
    hazard: str
    hazard_panel: str
    mark_phrase: str
    mark_aspect: str
    shade_odd: str
    shade_even: str


LIGHT = Palette(
    paper="#FBFAF7",
    panel="#FFFFFF",
    field="#F4F1EA",
    line="#E3DFD5",
    ink="#1C2733",
    quiet="#5B6673",
    accent="#0B6477",
    worse="#AB430F",
    better="#1A64A3",
    unclear="#6E7985",
    hazard="#A3123F",
    hazard_panel="#FCEFF2",
    mark_phrase="#FFE0A8",
    mark_aspect="#CDE6F5",
    shade_odd="#EFEBE1",
    shade_even="#F7F5EF",
)
DARK = Palette(
    paper="#11171E",
    panel="#19212A",
    field="#1D2731",
    line="#2D3843",
    ink="#E7EAEE",
    quiet="#A3AEBA",
    accent="#5CC2D6",
    worse="#F2935C",
    better="#74B6EE",
    unclear="#97A3B0",
    hazard="#FF86A4",
    hazard_panel="#2C1820",
    mark_phrase="#6B4A10",
    mark_aspect="#1B4A66",
    shade_odd="#1D2731",
    shade_even="#161E26",
)


def configured(chart: Any, colours: Palette) -> Any:
    """Return an Altair chart dressed in the app's style."""
    axis: dict[str, Any] = {
        "labelColor": colours.quiet,
        "titleColor": colours.quiet,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
    }
    return chart.configure(
        background="transparent",
        font=FONT_STACK,
        padding={"left": 0, "right": 4, "top": 4, "bottom": 0},
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(**axis, gridColor=colours.line),
        axisX=alt.AxisConfig(grid=False),
        legend=alt.LegendConfig(
            labelColor=colours.ink,
            titleColor=colours.quiet,
            orient="top",
            labelFontSize=12,
            symbolStrokeWidth=3,
            symbolOpacity=1,
        ),
        text=alt.MarkConfig(color=colours.ink, font=FONT_STACK),
        title=alt.TitleConfig(
            color=colours.ink,
            subtitleColor=colours.quiet,
            anchor="start",
            fontSize=15,
            fontWeight=600,
            subtitleFontSize=12.5,
            subtitlePadding=4,
            offset=14,
        ),
    )
