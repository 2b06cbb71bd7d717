"""Reads workbooks into raw tables of strings."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa

from voc.errors import VocError
from voc.ingest.headers import recognised
from voc.ingest.raw import RawTable, numbered, unique_headers
from voc.ingest.strings import as_string


def read_workbook(name: str, data: bytes, *, rows: int | None = None) -> RawTable:
    """Read the sheet of an Excel or OpenDocument workbook that looks most like an export.

    Sheets with the same header are read together; the others are named in the notes. Of each sheet the first `rows`
    rows are read, by default all.

    Raises:
        VocError: the workbook is damaged, protected or has no rows.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [
            (s, workbook.get_sheet_by_name(s).to_python(skip_empty_area=True, nrows=rows)) for s in workbook.sheet_names
        ]
    except (CalamineError, OSError, ValueError) as error:
        reason = str(error).split("\n")[0][:120]
        raise VocError(f"{name}: the workbook cannot be opened ({reason}); save it again without a password.") from None
    tables = [(sheet, *_header_and_rows(rows)) for sheet, rows in sheets if rows]
    tables = [(sheet, header, rows) for sheet, header, rows in tables if rows]
    if not tables:
        raise VocError(f"{name}: the workbook has no rows; export it again.")
    chosen, header, _ = max(tables, key=lambda t: (recognised(t[1]), len(t[2])))
    same = [(sheet, rows) for sheet, other, rows in tables if other == header]
    others = [sheet for sheet, _, _ in tables if sheet not in {s for s, _ in same}]
    notes = [f"sheet {chosen!r} was read"] if len(tables) > 1 and len(same) == 1 else []
    if len(same) > 1:
        notes.append(f"sheets with the same header were read together: {', '.join(sheet for sheet, _ in same)}")
    if others:
        notes.append(f"sheets left out: {', '.join(others[:5])}")
    cells = [row for _, part in same for row in part]
    columns = [pa.chunked_array([pa.array([row[i] for row in cells], pa.string())]) for i in range(len(header))]
    return numbered(name, "workbook", unique_headers(header), columns, notes=notes)


def _header_and_rows(rows: list[list[Any]]) -> tuple[list[str], list[list[str | None]]]:
    """Return the header (the row among the first ten that names most known columns) and the rows below, as strings."""
    cells = [[as_string(cell) for cell in row] for row in rows]
    counts = [recognised([cell or "" for cell in row]) for row in cells[:10]]
    at = counts.index(max(counts)) if max(counts) >= 2 else 0
    header = [cell or "" for cell in cells[at]]
    return header, [row for row in cells[at + 1 :] if any(cell and cell.strip() for cell in row)]
