"""What a reader takes away: tables as files, charts as pictures, reports, issues for a tracker, the view's link."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import streamlit as st

from voc.sheets import Sheet, as_xlsx, csv_of, flat
from voc.ui import data
from voc.ui.decisions import handing

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from voc.insights import Scope

    Frame: TypeAlias = pd.DataFrame | pa.Table

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Where a page's filters leave the scope in words, for the names and sources of what is taken away.
SCOPE = "voc_scope_words"


def files(name: str, frame: Frame | Callable[[], Frame], *, key: str | None = None, label: str = "Take away") -> None:
    """Offer a table as CSV and as a spreadsheet; the files are made when the reader asks for one.

    Args:
        name: what the table is called; scope and date are added to the names of the files.
        frame: all rows with all columns, of pandas or Arrow, or a function that makes them.
        key: prefix of the widgets' keys, where a page offers two tables of one name.
        label: of the menu, where a page offers two tables side by side.
    """
    key = key or f"files_{name}"
    with st.popover(label, icon=":material/download:", type="tertiary", key=f"{key}_menu"):
        for kind, ending, mime, made in (("CSV", "csv", "text/csv", _csv), ("Excel", "xlsx", _XLSX, _xlsx)):
            _button(kind, partial(made, name, frame), file_name(name, ending), mime, f"{key}_{ending}")


def picture(spec: Callable[[], dict[str, Any]], title: str, subtitle: str, key: str) -> None:
    """Offer a chart as PNG and SVG; it is drawn when the reader asks for it.

    Args:
        spec: returns the chart as Vega-Lite, with its data in it.
        title: stands above it.
        subtitle: stands under the title.
        key: of the chart.
    """
    source = origin()
    with (
        st.container(key=f"picture_{key}"),
        st.popover("Save", icon=":material/download:", type="tertiary", key=f"{key}_picture"),
    ):
        for label, ending, mime in (("PNG, for slides", "png", "image/png"), ("SVG, to edit", "svg", "image/svg+xml")):
            made = partial(_drawn, spec, title, subtitle, source, ending)
            _button(label, made, file_name(title, ending), mime, f"{key}_{ending}", icon=":material/image:")


def report_button(view: data.View, scope: Scope, theme_id: str | None = None) -> None:
    """Offer an opportunity, or without one the whole state of a scope, as a report and as issues for a tracker.

    Args:
        view: the workspace's state.
        scope: the reviews under view.
        theme_id: of a row of the scope's opportunities.
    """
    from voc.report import ISSUES, KINDS

    ranked = view.opportunities(scope)
    named = ranked.loc[ranked["theme_id"] == theme_id, "name"]
    name = "what to improve next" if theme_id is None else f"opportunity {named.iloc[0] if len(named) else theme_id}"
    with st.popover("Report", icon=":material/description:", key=f"report_{theme_id or 'state'}"):
        for kind, make in handing.makers(view, scope, theme_id).items():
            label, ending, mime = KINDS[kind]
            if theme_id is None and kind in ("jira", "linear"):
                label = label.replace("Issues", f"The first {ISSUES} as issues")
            icon = ":material/bug_report:" if ending.endswith("csv") else ":material/description:"
            _button(label, make, file_name(name, ending), mime, f"report_{theme_id or 'state'}_{kind}", icon=icon)


def share() -> None:
    """Offer the address of the view to copy; it opens exactly what is shown."""
    address = handing.link()
    if not address:
        return
    with st.popover("Copy link", icon=":material/link:", type="tertiary", key="share"):
        st.html('<p class="voc-key">This link opens exactly this view, filters and choices included.</p>')
        st.code(address, language=None, wrap_lines=True)


def origin() -> str:
    """Return what pictures name as their source: workspace, scope and date of the analysis."""
    stamp = data.stamp()
    if stamp is None:
        return "voc"
    scope = st.session_state.get(SCOPE) or "all reviews"
    return f"voc, {stamp[0]}, {scope}, {stamp[1]:%d %b %Y}"


def file_name(name: str, ending: str) -> str:
    """Return the name of a file: what it is, scope and date of the analysis, safe for every file system."""
    stamp = data.stamp()
    parts = [name, st.session_state.get(SCOPE) or ""]
    day = f"-{stamp[1]:%Y-%m-%d}" if stamp is not None else ""
    said = "-".join(re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")[:60] for part in parts if part)
    return f"voc-{said}{day}.{ending}"


def _button(
    label: str, made: Callable[[], bytes], name: str, mime: str, key: str, icon: str = ":material/table:"
) -> None:
    st.download_button(label, made, file_name=name, mime=mime, key=key, on_click="ignore", type="tertiary", icon=icon)


def _drawn(spec: Callable[[], dict[str, Any]], title: str, subtitle: str, source: str, ending: str) -> bytes:
    from voc.report import pictures

    document = pictures.kept(spec(), title, subtitle, source)
    return pictures.png(document) if ending == "png" else document.encode()


def _csv(name: str, frame: Frame | Callable[[], Frame]) -> bytes:
    # The mark tells Excel that the file is UTF-8.
    return csv_of(*_columns(frame)).encode("utf-8-sig")


def _xlsx(name: str, frame: Frame | Callable[[], Frame]) -> bytes:
    names, cells = _columns(frame)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]
    return as_xlsx(Sheet(name, rows, rows, rows, names))


def _columns(frame: Frame | Callable[[], Frame]) -> tuple[list[str], list[list[Any]]]:
    """Return the names of a table's columns, and their cells."""
    import pyarrow as pa

    held = frame() if callable(frame) else frame
    # Arrow turns what a frame holds (NaN, stamps, arrays) into plain values.
    table = held if isinstance(held, pa.Table) else pa.Table.from_pandas(held, preserve_index=False)
    return table.column_names, [_cells(column) for column in table.columns]


def _cells(column: pa.ChunkedArray) -> list[Any]:
    """Return the cells of a column; what is plain in every row, as most of a large table is, is not looked at."""
    import pyarrow as pa

    values: list[Any] = column.to_pylist()
    return [flat(value) for value in values] if pa.types.is_nested(column.type) else values
