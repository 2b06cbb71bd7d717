"""The one visual language of the app: colours safe for colour-blind readers, the font, chart defaults, styles."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from voc.looks import DARK, FONT, FONT_STACK, LIGHT, Palette, configured

__all__ = [
    "DARK",
    "FONT",
    "FONT_STACK",
    "LIGHT",
    "Palette",
    "configured",
    "palette",
    "show",
    "streamlit_options",
    "styles",
]


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


def show(
    chart: Any,
    *,
    key: str | None = None,
    alt_text: str | None = None,
    title: str | None = None,
    subtitle: str = "",
    export: bool = True,
    **options: Any,
) -> Any:
    """Draw a chart in the app's style at the width of its container, with a menu to save it as a picture.

    Args:
        chart: as the functions of `voc.ui.charts` return it, or any Altair chart.
        key: the widget's key, needed where the reader can select in the chart, and for the menu.
        alt_text: what a screen reader says in place of the chart.
        title: stands above the saved picture; by default `alt_text`.
        subtitle: explains the saved picture.
        export: offer the picture; not for parts of small multiples, which share a menu.
        options: passed to ``st.vega_lite_chart``, for example ``on_select``.
    """
    from voc.ui.charts.kept import Drawn, taken_apart

    drawn = chart if isinstance(chart, Drawn) else taken_apart(configured(chart, palette()))
    shown = st.vega_lite_chart(drawn.spec(), theme=None, width="stretch", key=key, alt=alt_text, **options)
    if export and key:
        from voc.ui import takeaway

        takeaway.picture(drawn.to_dict, title or alt_text or key, subtitle, key)
    return shown


@cache
def _sheet() -> str:
    return Path(__file__).with_name("app.css").read_text(encoding="utf-8")


def styles(colours: Palette) -> str:
    """Return the style sheet of the app's own HTML parts, with the colours as variables."""
    variables = "".join(f"--voc-{name.replace('_', '-')}:{value};" for name, value in asdict(colours).items())
    return f"<style>:root{{{variables}}}{_sheet()}</style>"
