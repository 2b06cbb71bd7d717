"""Analyse: upload exports, confirm what their columns mean, follow the run, see what came of it."""

from __future__ import annotations

import streamlit as st

from voc import words
from voc.ui import data, nav, parts, state, takeaway
from voc.ui.analysing import running, upload
from voc.ui.frames import records


def render() -> None:
    """Draw the page."""
    state.arrive("analyse")
    parts.heading(
        "Analyse an export",
        "CSV, TSV, Excel, JSON, JSON Lines or Parquet, also gzipped or zipped. What was analysed before stays; "
        "only new reviews are added.",
    )
    path = data.workspace_path()
    jobs = running.jobs()
    job = jobs.latest(path)
    if job is not None:
        running.panel(path)
    if job is None or job.state != "running":
        upload.form(path, jobs)
    _imports()


def _imports() -> None:
    """List the exports that the workspace is made of."""
    view = data.view()
    if view is None:
        return
    parts.section("Analysed so far")
    imports = view.frame("SELECT * FROM imports ORDER BY imported_at DESC, file")
    rows = [
        [
            str(row["file"]),
            words.day(row["imported_at"]),
            *(words.count(row[name]) for name in ("rows_read", "accepted", "duplicates", "rejected")),
        ]
        for row in records(imports.head(30))
    ]
    st.html(
        parts.table(["File", "Analysed on", "Rows", "Accepted", "Duplicates", "Rejected"], rows, numbers=[2, 3, 4, 5])
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        takeaway.files("Imports", imports)
        if imports["rejected"].sum():
            takeaway.files("Rejected rows", lambda: view.frame("SELECT * FROM rejects"), label="Rejected rows")
    st.page_link(nav.page("overview"), label="To the overview", icon=":material/flag:")


if __name__ == "__main__":
    render()
