"""Takes tables away as files: the same figures that a page shows, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from voc.sheets import Sheet, as_csv, as_xlsx

if TYPE_CHECKING:
    import pandas as pd

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def files(name: str, frame: pd.DataFrame | Callable[[], pd.DataFrame], *, key: str | None = None) -> None:
    """Offer a table as CSV and as a spreadsheet; the files are made when the reader asks for one.

    Args:
        name: what the files are called, without an ending.
        frame: all rows with all columns, or a function that makes them.
        key: prefix of the widgets' keys, where a page offers two tables of one name.
    """
    key = key or f"files_{name}"
    with st.popover("Take away", icon=":material/download:", type="tertiary", key=f"{key}_menu"):
        for label, ending, mime, made in (("CSV", "csv", "text/csv", _csv), ("Excel", "xlsx", _XLSX, as_xlsx)):
            st.download_button(
                label,
                partial(_made, made, name, frame),
                file_name=f"{name}.{ending}",
                mime=mime,
                key=f"{key}_{ending}",
                on_click="ignore",
                type="tertiary",
                icon=":material/table:",
            )


def _made(made: Callable[[Sheet], bytes], name: str, frame: pd.DataFrame | Callable[[], pd.DataFrame]) -> bytes:
    return made(_sheet(name, frame))


def _csv(sheet: Sheet) -> bytes:
    # The mark tells Excel that the file is UTF-8.
    return as_csv(sheet).encode("utf-8-sig")


def _sheet(name: str, frame: pd.DataFrame | Callable[[], pd.DataFrame]) -> Sheet:
    import pyarrow as pa

    # Arrow turns what a frame holds (NaN, stamps, arrays) into plain values.
    rows = pa.Table.from_pandas(frame() if callable(frame) else frame, preserve_index=False).to_pylist()
    columns = list(rows[0]) if rows else []
    return Sheet(name, rows, rows, rows, columns)
