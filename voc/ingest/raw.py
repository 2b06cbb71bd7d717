"""The raw table: what every format is read into, all cells as strings, before anything is understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from voc.errors import VocError

__all__ = ["MAX_CELL", "BadRow", "RawTable", "fold", "numbered", "shifted", "unique_headers"]

#: Characters; nobody writes a review of this length, and a cell beyond it is a sign of broken quoting.
MAX_CELL = 100_000

REPEATED_HEADER = "header repeated"
LONG_CELL = f"cell longer than {MAX_CELL:,} characters"
EMPTY_ROW = "empty row"


#: Columns of one table; a few megabytes of JSON can spell a hundred thousand.
MAX_COLUMNS = 2000


@dataclass(frozen=True)
class BadRow:
    """A data row that could not be read; `row` counts from 1."""

    row: int
    reason: str
    excerpt: str


@dataclass(frozen=True)
class RawTable:
    """A file's rows as strings.

    `rows[i]` is the 1-based number in the file of the i-th row of `table`; the rows in `bad` are not in `table`.
    `table.num_rows + len(bad)` is the number of rows read.
    """

    kind: str
    table: pa.Table
    rows: npt.NDArray[np.int64]
    bad: list[BadRow]
    encoding: str | None
    notes: list[str]

    @property
    def headers(self) -> list[str]:
        """The file's column headers, made unique."""
        return list(self.table.column_names)

    @property
    def rows_read(self) -> int:
        """Number of data rows found in the file."""
        return int(self.table.num_rows) + len(self.bad)


def fold(header: str) -> str:
    """Return a header without case, spaces and punctuation: "Review_Text " and "review text" are the same."""
    return "".join(ch for ch in header.casefold() if ch.isalnum())


def unique_headers(cells: Sequence[str | None]) -> list[str]:
    """Return usable column names: trimmed, empty ones named by position, repeated ones numbered."""
    names: list[str] = []
    taken: set[str] = set()
    for position, cell in enumerate(cells, start=1):
        name = re.sub(r"\s+", " ", cell or "").strip() or f"column {position}"
        candidate, count = name, 2
        while candidate in taken:
            candidate, count = f"{name} ({count})", count + 1
        taken.add(candidate)
        names.append(candidate)
    return names


def too_wide(name: str) -> VocError:
    """Return the sentence for a table of more columns than any export has."""
    return VocError(f"{name}: the file has more than {MAX_COLUMNS:,} columns, which no export has; check what it is.")


def numbered(
    name: str,
    kind: str,
    headers: Sequence[str],
    columns: Sequence[pa.ChunkedArray],
    *,
    bad: list[BadRow] | None = None,
    encoding: str | None = None,
    notes: list[str] | None = None,
) -> RawTable:
    """Build a raw table; number its rows around the bad ones and set aside rows that no format should hold.

    Set aside are repeats of the header, empty rows and rows with a cell of more than `MAX_CELL` characters.

    Raises:
        VocError: the file has no column or no data row.
    """
    bad = list(bad or [])
    if not columns:
        raise VocError(f"{name}: the file has no columns; export it again.")
    if len(columns) > MAX_COLUMNS:
        raise too_wide(name)
    count = len(columns[0])
    if count + len(bad) == 0:
        raise VocError(f"{name}: the file has a header but no rows; export it again.")
    taken = np.array([b.row for b in bad], dtype=np.int64)
    rows = np.setdiff1d(np.arange(1, count + len(taken) + 1, dtype=np.int64), taken)[:count]
    reasons = _odd_rows(headers, columns, count)
    bad += [BadRow(int(rows[i]), reason, _excerpt(columns, i)) for i, reason in sorted(reasons.items())]
    table = pa.Table.from_arrays(list(columns), names=unique_headers(headers))
    if reasons:
        keep = np.ones(count, dtype=bool)
        keep[list(reasons)] = False
        table = table.filter(pa.array(keep))
        rows = rows[keep]
    return RawTable(kind, table, rows, sorted(bad, key=lambda b: b.row), encoding, list(notes or []))


def shifted(raw: RawTable, rows: int) -> RawTable:
    """Return a piece of a table that comes after so many rows."""
    bad = [BadRow(one.row + rows, one.reason, one.excerpt) for one in raw.bad]
    return RawTable(raw.kind, raw.table, raw.rows + rows, bad, raw.encoding, raw.notes)


def _odd_rows(headers: Sequence[str], columns: Sequence[pa.ChunkedArray], count: int) -> dict[int, str]:
    reasons: dict[int, str] = {}
    empty = np.ones(count, dtype=bool)
    repeated = np.full(count, len(columns) > 1 or fold(headers[0]) != "", dtype=bool)
    for header, column in zip(headers, columns, strict=True):
        trimmed = pc.utf8_trim_whitespace(pc.fill_null(column, ""))
        empty &= pc.equal(trimmed, "").to_numpy()
        if repeated.any():
            repeated &= pc.equal(pc.utf8_lower(trimmed), header.strip().lower()).to_numpy()
        long = pc.greater(pc.utf8_length(trimmed), MAX_CELL).to_numpy()
        reasons.update(dict.fromkeys(np.flatnonzero(long).tolist(), LONG_CELL))
    reasons.update(dict.fromkeys(np.flatnonzero(repeated & ~empty).tolist(), REPEATED_HEADER))
    reasons.update(dict.fromkeys(np.flatnonzero(empty).tolist(), EMPTY_ROW))
    return reasons


def _excerpt(columns: Sequence[pa.ChunkedArray], index: int) -> str:
    cells = (column[index].as_py() or "" for column in columns)
    return " | ".join(cell[:200] for cell in cells if cell)[:400]
