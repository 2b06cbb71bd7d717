"""The one visual language of the app: colours safe for colour-blind readers, the font, chart defaults, styles."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import streamlit as st

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


def palette() -> Palette:
    """Return the colours of the mode the reader's browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def streamlit_options() -> dict[str, str]:
    """Return Streamlit's theme options, the same as in ``.streamlit/config.toml``, by their full names."""
    options = {
        "theme.baseRadius": "10px",
        "theme.showWidgetBorder": "true",
        "theme.paddingTop": "1.25rem",
        "theme.paddingBottom": "4rem",
    }
    for mode, colours in (("light", LIGHT), ("dark", DARK)):
        options |= {
            f"theme.{mode}.primaryColor": colours.accent,
            f"theme.{mode}.backgroundColor": colours.paper,
            f"theme.{mode}.secondaryBackgroundColor": colours.field,
            f"theme.{mode}.textColor": colours.ink,
            f"theme.{mode}.borderColor": colours.line,
        }
    return options


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
            labelColor=colours.ink, titleColor=colours.quiet, orient="top", labelFontSize=12, symbolStrokeWidth=3
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


def show(chart: Any, *, key: str | None = None, alt_text: str | None = None, **options: Any) -> Any:
    """Draw an Altair chart in the app's style at the width of its container.

    Args:
        chart: any Altair chart.
        key: the widget's key, needed where the reader can select in the chart.
        alt_text: what a screen reader says in place of the chart.
        options: passed to ``st.altair_chart``, for example ``on_select``.
    """
    return st.altair_chart(configured(chart, palette()), theme=None, width="stretch", key=key, alt=alt_text, **options)


@cache
def _sheet() -> str:
    return Path(__file__).with_name("app.css").read_text(encoding="utf-8")


def styles(colours: Palette) -> str:
    """Return the style sheet of the app's own HTML parts, with the colours as variables."""
    variables = "".join(f"--voc-{name.replace('_', '-')}:{value};" for name, value in asdict(colours).items())
    return f"<style>:root{{{variables}}}{_sheet()}</style>"
