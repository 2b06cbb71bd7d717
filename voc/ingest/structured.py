"""Reads JSON, JSON Lines, Parquet and workbooks into raw tables of strings."""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from voc.errors import VocError
from voc.ingest.headers import recognised
from voc.ingest.raw import MAX_COLUMNS, BadRow, RawTable, fold, numbered, too_wide, unique_headers

__all__ = [
    "NoRecordInPartError",
    "as_strings",
    "from_records",
    "is_lone_document",
    "read_json",
    "read_line",
    "read_parquet",
    "read_workbook",
]

# These keys hold one value made of parts ({"Color:": "Black"}), not a nested record.
_WHOLE = frozenset({"style", "attrs", "attributes", "variant", "variation", "details", "options"})
_MAX_DEPTH = 4
_MAX_PARQUET = 4 * 1024**3
_MAX_FIRST = 64 * 1024**2


class NoRecordInPartError(VocError):
    """The beginning of a JSON text holds no whole record; the rest may."""


def read_json(name: str, text: str, encoding: str, notes: list[str], *, cut: bool = False) -> RawTable:
    """Read a JSON array of objects, an object that holds one, or JSON Lines.

    Args:
        name: of the file.
        text: its text.
        encoding: how it was decoded.
        notes: what was noticed on the way.
        cut: the text is only the beginning of one; what can be read of it is.

    Raises:
        VocError: the text is not JSON, or holds no list of records.
    """
    text = text.lstrip("\ufeff").strip().replace("\x00", "")
    if cut:
        return _read_cut(name, text, encoding, notes)
    as_lines = _json_lines(name, text, encoding, notes, least=0.5) if text.startswith("{") else None
    if as_lines is not None:
        return as_lines
    try:
        document = json.loads(text)
    except RecursionError:
        raise VocError(f"{name}: the JSON is nested too deeply to be an export.") from None
    except ValueError as error:
        lines = _json_lines(name, text, encoding, notes, least=0.0)
        if lines is not None:
            return lines
        raise VocError(f"{name}: this is not valid JSON ({error}); the file may be cut short.") from None
    records = _records(document)
    if not records:
        raise VocError(f"{name}: the JSON holds no list of records; export it again.")
    return from_records(name, "JSON", list(enumerate(records, start=1)), [], encoding, notes)


def _read_cut(name: str, text: str, encoding: str, notes: list[str]) -> RawTable:
    """Read the beginning of a JSON text: its whole lines, or else the records of its first list that are whole."""
    lines = text[: text.rfind("\n") + 1]
    if text.startswith("{") and lines:
        as_lines = _json_lines(name, lines, encoding, notes, least=0.5)
        if as_lines is not None:
            return as_lines
    decoder = json.JSONDecoder()
    records: list[Any] = []
    opened = re.search(r"\[\s*(?=[{\"])", text)
    at = opened.end() if opened else len(text)
    while at < len(text):
        try:
            record, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        records.append(record)
        at += len(text[at : at + 1000]) - len(text[at : at + 1000].lstrip(" \t\r\n,"))
    if not records:
        raise NoRecordInPartError(f"{name}: the beginning of the JSON holds no record.")
    return from_records(name, "JSON", list(enumerate(records, start=1)), [], encoding, notes)


def _records(document: Any, depth: int = 0) -> list[Any]:
    """Return the longest list of objects in the document; a lone object is one record."""
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        return []
    inside = [_records(value, depth + 1) for value in document.values()] if depth < _MAX_DEPTH else []
    lists = [found for found in inside if any(isinstance(item, dict) for item in found)]
    if lists:
        return max(lists, key=len)
    return [document] if depth == 0 and document else []


def _json_lines(name: str, text: str, encoding: str, notes: list[str], least: float) -> RawTable | None:
    """Read one record a line; None when no more than the share `least` of the lines are records."""
    good: list[tuple[int, Any]] = []
    bad: list[BadRow] = []
    number = 0
    for line in text.split("\n"):
        if not line.strip():
            continue
        number += 1
        read_line(line, number, good, bad)
    # A pretty-printed document has many lines that are not records; a document in one line is one record of lists.
    if len(good) <= least * number or (len(good) == 1 and not bad and is_lone_document(good[0][1])):
        return None
    return from_records(name, "JSON Lines", good, bad, encoding, notes)


def is_lone_document(record: Any) -> bool:
    """Return whether a record, where it is the only one, is rather a document that holds a list of records."""
    return _records(record) != [record]


def read_line(line: str, number: int, good: list[tuple[int, Any]], bad: list[BadRow]) -> None:
    """Read a line of JSON Lines, and add it with its number to the records or to the rows that are none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        bad.append(BadRow(number, "not valid JSON", line[:400]))
        return
    if isinstance(value, dict):
        good.append((number, value))
    else:
        bad.append(BadRow(number, "not a JSON object", line[:400]))


def from_records(
    name: str,
    kind: str,
    records: Sequence[tuple[int, Any]],
    bad: list[BadRow],
    encoding: str,
    notes: list[str],
    known: list[str] | None = None,
) -> RawTable:
    """Return records, each with its number, as a table; `bad` are the rows between them that are none.

    The columns are those that are `known`, and after them others in the order in which they turn up; these are added to
    the known ones.

    Raises:
        VocError: the records have no fields, or more than any export.
    """
    columns: dict[str, list[str | None]] = {key: [] for key in known or ()}
    count = 0
    for number, record in records:
        if isinstance(record, str):
            record = {"text": record}
        if not isinstance(record, dict):
            bad.append(BadRow(number, "not a JSON object", str(record)[:400]))
            continue
        if record.keys() <= columns.keys() and not any(isinstance(value, dict) for value in record.values()):
            # As most records of an export are: nothing is nested, and every field is known.
            for key, value in record.items():
                cells = columns[key]
                if len(cells) < count:
                    cells.extend([None] * (count - len(cells)))
                cells.append(value if type(value) is str and value.isascii() else _string(value))
            count += 1
            continue
        for key, value in _flat(record).items():
            column = columns.get(key)
            if column is None:
                if len(columns) >= MAX_COLUMNS:
                    raise too_wide(name)
                column = columns[key] = []
            if len(column) <= count:
                column.extend([None] * (count - len(column)))
                column.append(_string(value))
        count += 1
    if not columns:
        raise VocError(f"{name}: the JSON holds no list of records; export it again.")
    if known is not None:
        known[:] = columns
    arrays = [pa.chunked_array([pa.array(v + [None] * (count - len(v)), pa.string())]) for v in columns.values()]
    return numbered(name, kind, list(columns), arrays, bad=bad, encoding=encoding, notes=notes)


def _flat(record: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Return nested records as dotted columns: {"review": {"text": ...}} has the column "review.text"."""
    out: dict[str, Any] = {}
    for key, value in record.items():
        path = f"{prefix}{_clean_surrogates(str(key))}"
        if isinstance(value, dict) and value and fold(str(key)) not in _WHOLE and depth < _MAX_DEPTH:
            out.update(_flat(value, f"{path}.", depth + 1))
        else:
            out[path] = value
    return out


def _string(value: Any) -> str | None:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, str):
        return _clean_surrogates(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else f"{value:.6e}" if abs(value) < 10**300 else None
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, dt.timedelta):
        return str(value)
    if isinstance(value, list | dict | tuple):
        if not value:
            return None
        try:
            return _clean_surrogates(json.dumps(value, ensure_ascii=False, default=str))
        except (ValueError, RecursionError):
            return None
    return _clean_surrogates(str(value))


def _clean_surrogates(text: str) -> str:
    """Half a surrogate pair, which JSON escapes can spell, is no character and cannot be stored."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


def read_parquet(name: str, data: bytes | Path, *, careful: bool = False, rows: int | None = None) -> RawTable:
    """Read a Parquet file.

    Args:
        name: of the file.
        data: its bytes, or where they lie.
        careful: weigh the texts before they are written out, as one text may be repeated by a dictionary.
        rows: how many rows are wanted; by default all. Only the row group they lie in is weighed then.

    Raises:
        VocError: the file is damaged, or larger than 4 GiB when unpacked.
    """
    import pyarrow.parquet as pq

    try:
        if careful and _weight(data, first=rows is not None) > _MAX_PARQUET:
            raise VocError(f"{name}: unpacked, the file is larger than 4 GiB; split it and pass the parts.")
        file = pq.ParquetFile(_opened(data))
        size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
        if size > _MAX_PARQUET:
            raise VocError(f"{name}: unpacked, the file is larger than 4 GiB; split it and pass the parts.")
        table = file.read() if rows is None else _first(file, rows)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).split("\n")[0][:120]
        raise VocError(f"{name}: the Parquet file is damaged ({reason}); export it again.") from None
    kept = [column for column in table.column_names if not column.startswith("__index_level_")]
    columns = [pa.chunked_array([as_strings(table.column(c))]) for c in kept]
    return numbered(name, "Parquet", kept, columns)


def _opened(data: bytes | Path) -> pa.BufferReader | Path:
    return data if isinstance(data, Path) else pa.BufferReader(data)


def _first(file: Any, rows: int) -> pa.Table:
    """Return the first rows of a Parquet file, fewer where these hold very long texts."""
    for batch in file.iter_batches(batch_size=rows):
        table = pa.Table.from_batches([batch])
        while table.num_rows > 1 and table.nbytes > _MAX_FIRST:
            table = table.slice(0, table.num_rows // 2)
        return table
    return file.schema_arrow.empty_table()


def _weight(data: bytes | Path, *, first: bool = False) -> int:
    """Return how many bytes the texts of a Parquet file, or of its first row group, take when all are written out."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    schema = pq.read_schema(_opened(data))
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    texts += [f.name for f in schema if pa.types.is_dictionary(f.type)]
    if not texts:
        return 0
    total = 0
    file = pq.ParquetFile(_opened(data), read_dictionary=texts)
    groups = range(min(file.num_row_groups, 1) if first else file.num_row_groups)
    for batch in file.iter_batches(batch_size=1 << 16, columns=texts, row_groups=list(groups)):
        for column in batch.columns:
            if pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type):
                total += pc.sum(pc.binary_length(column.dictionary).take(column.indices)).as_py() or 0
        if total > _MAX_PARQUET:
            break
    return total


def as_strings(column: pa.ChunkedArray) -> pa.Array:
    """Return the cells of a column of any type as they would be written in a text."""
    if pa.types.is_string(column.type):
        return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    return pa.array([_string(value) for value in column.to_pylist()], pa.string())


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
    cells = [[_string(cell) for cell in row] for row in rows]
    counts = [recognised([cell or "" for cell in row]) for row in cells[:10]]
    at = counts.index(max(counts)) if max(counts) >= 2 else 0
    header = [cell or "" for cell in cells[at]]
    return header, [row for row in cells[at + 1 :] if any(cell and cell.strip() for cell in row)]
