"""Charts that were drawn before, kept as Vega-Lite with their data: a page that is drawn anew needs no Altair for them.

Building a chart of several layers takes Altair a tenth of a second, and each click draws every chart of a page anew.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, cast

import altair as alt
import pandas as pd
import streamlit as st

from voc.looks import Palette, configured

P = ParamSpec("P")


@dataclass(frozen=True)
class Drawn:
    """A chart in the app's style.

    Attributes:
        layout: its Vega-Lite specification, which names its data.
        frames: the data by these names.
    """

    layout: dict[str, Any]
    frames: dict[str, pd.DataFrame]

    def spec(self) -> dict[str, Any]:
        """Return the specification with the data as frames, as ``st.vega_lite_chart`` takes it."""
        return {**self.layout, "datasets": dict(self.frames)}

    def to_dict(self) -> dict[str, Any]:
        """Return the specification with the data in it as plain values, for a picture."""
        values = {name: alt.to_values(frame)["values"] for name, frame in self.frames.items()}
        return {**self.layout, "datasets": values}


class _Aside(threading.local):
    """The data of the chart that this thread is taking apart; None where it takes none apart."""

    frames: dict[str, pd.DataFrame] | None = None


_aside = _Aside()


def _transformer(data: Any, **options: Any) -> Any:
    """Put a chart's data aside where a chart is being taken apart, else do what Altair does by itself.

    One function for both, always in force: to switch between two would be felt in the charts of other threads.
    """
    if _aside.frames is None or not isinstance(data, pd.DataFrame):
        return alt.default_data_transformer(data, **options)
    name = hashlib.blake2b(pickle.dumps(data), digest_size=12).hexdigest()
    _aside.frames[name] = data
    return {"name": name}


alt.data_transformers.register("voc", _transformer)
alt.data_transformers.enable("voc")


def taken_apart(chart: Any) -> Drawn:
    """Return a dressed Altair chart as layout and data."""
    _aside.frames = {}
    try:
        # Unchecked: a check of the whole takes as long as the rest, and tests check every chart.
        return Drawn(chart.to_dict(validate=False), _aside.frames)
    finally:
        _aside.frames = None


def kept(draw: Callable[P, Any]) -> Callable[P, Drawn]:
    """Return a function that draws a chart and dresses it once for the same arguments, the palette among them."""

    @st.cache_data(max_entries=64, show_spinner=False)
    @wraps(draw)
    def drawn(*args: Any, **options: Any) -> Drawn:
        colours = next(value for value in (*args, *options.values()) if isinstance(value, Palette))
        return taken_apart(configured(draw(*args, **options), colours))

    return cast("Callable[P, Drawn]", drawn)
