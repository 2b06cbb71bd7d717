"""Reads Parquet files and workbooks that may unfold to more than the memory, in a process that has a limit.

A few kilobytes of either can stand for billions of cells: two cells in opposite corners of a sheet, one text that a
dictionary repeats. Only what is small beyond doubt is read by the process that asks.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from voc.errors import VocError
from voc.ingest.raw import BadRow, RawTable

__all__ = ["is_small_parquet", "is_small_workbook", "read_guarded"]

_SMALL_BYTES = 64 * 1024**2
_SMALL_CELLS = 2_000_000
_MEMORY = 8 * 1024**3
_SECONDS = 900
_REFUSED = 3  # exit status of the process that refuses a file with a sentence
_CELL = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_META = b"voc"


def is_small_parquet(data: bytes | Path) -> bool:
    """Return whether a Parquet file surely fits in memory, even if a dictionary repeats its longest value."""
    import pyarrow.parquet as pq

    try:
        meta = pq.read_metadata(data if isinstance(data, Path) else pa.BufferReader(data))
    except (pa.ArrowException, OSError, ValueError):
        return True  # what cannot be opened is refused by the reader at once
    groups = [meta.row_group(i) for i in range(meta.num_row_groups)]
    values = sum(group.column(c).num_values for group in groups for c in range(meta.num_columns))
    declared = sum(group.total_byte_size for group in groups)
    return bool(values <= _SMALL_CELLS and max(values, 1) * declared <= 16 * _SMALL_BYTES)


def is_small_workbook(data: bytes) -> bool:
    """Return whether the sheets of a workbook are small, counted from corner to corner as they are read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            if sum(info.file_size for info in book.infolist()) > _SMALL_BYTES:
                return False
            names = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
            sheets = [name for name in names if name.endswith(".xml")]
            if not sheets:
                return False  # another kind of workbook, with ways of its own to repeat cells
            cells = 0
            for sheet in sheets:
                found = _CELL.findall(book.read(sheet))
                rows = max((int(row) for _, row in found), default=0)
                cells += rows * max((_column(letters) for letters, _ in found), default=0)
            return cells <= _SMALL_CELLS
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError, NotImplementedError, EOFError):
        return False


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def read_guarded(name: str, data: bytes | Path, *, rows: int | None = None) -> RawTable:
    """Read a Parquet file or a workbook in a process of its own, which may not take more than some memory and time.

    Args:
        name: of the file.
        data: its bytes, or where they lie.
        rows: how many of its rows come back; by default all.

    Raises:
        VocError: the file is damaged or unfolds to too much.
    """
    with data.open("rb") if isinstance(data, Path) else contextlib.nullcontext() as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "voc.ingest.guarded", name, *([] if rows is None else [str(rows)])],
            stdin=file or subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    try:
        out, said = process.communicate(None if isinstance(data, Path) else data, timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise _too_much(name) from None
    if process.returncode == _REFUSED:
        raise VocError(said.decode("utf-8", "replace").strip().splitlines()[-1])
    if process.returncode != 0:
        raise _too_much(name)
    return _unpacked(out)


def _too_much(name: str) -> VocError:
    return VocError(
        f"{name}: the table unfolds to more than fits in memory, which no export does; "
        "save what you need of it as CSV and pass that."
    )


def _first(raw: RawTable, rows: int | None) -> RawTable:
    if rows is None or raw.table.num_rows <= rows:
        return raw
    bad = [one for one in raw.bad if one.row < raw.rows[rows - 1]]
    return RawTable(raw.kind, raw.table.slice(0, rows), raw.rows[:rows], bad, raw.encoding, raw.notes)


def _packed(raw: RawTable) -> bytes:
    """Return a raw table as an Arrow stream."""
    about: dict[str, Any] = {"kind": raw.kind, "encoding": raw.encoding, "notes": raw.notes, "rows": raw.rows.tolist()}
    about["bad"] = [[bad.row, bad.reason, bad.excerpt] for bad in raw.bad]
    table = raw.table.replace_schema_metadata({_META: json.dumps(about).encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _unpacked(data: bytes) -> RawTable:
    table = pa.ipc.open_stream(pa.BufferReader(data)).read_all()
    about = json.loads(table.schema.metadata[_META])
    rows = np.array(about["rows"], dtype=np.int64)
    bad = [BadRow(*line) for line in about["bad"]]
    return RawTable(about["kind"], table.replace_schema_metadata(None), rows, bad, about["encoding"], about["notes"])


def main() -> int:
    """Read the file on standard input and write its table to standard output."""
    from voc.ingest.parquet import read_parquet
    from voc.ingest.workbook import read_workbook

    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    name, data = sys.argv[1], sys.stdin.buffer.read()
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else None
    try:
        if data[:4] == b"PAR1":
            raw = read_parquet(name, data, careful=True, rows=rows)
        else:
            # All rows are opened whatever is wanted: only so is a sheet known that unfolds to too much.
            raw = _first(read_workbook(name, data), rows)
        sys.stdout.buffer.write(_packed(raw))
    except VocError as error:
        sys.stderr.write(f"{error}\n")
        return _REFUSED
    except MemoryError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
