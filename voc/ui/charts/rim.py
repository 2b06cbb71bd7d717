"""A rim around words in a chart, so that lines behind them do not strike them through."""

from __future__ import annotations

from typing import Any

from voc.looks import Palette


def rim_of(colours: Palette) -> dict[str, Any]:
    """Return the marks of a layer of words that lies under the words themselves: a rim of the ground's colour."""
    return {"stroke": colours.paper, "strokeWidth": 3, "strokeOpacity": 0.85, "aria": False}
