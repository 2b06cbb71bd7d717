"""Reads JSON and JSON Lines into raw tables of strings."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from voc.errors import VocError
from voc.ingest.raw import MAX_COLUMNS, BadRow, RawTable, fold, numbered, too_wide
from voc.ingest.strings import as_string, whole_characters

#: These keys hold one value made of parts ({"Color:": "Black"}), not a nested record.
WHOLE = frozenset({"style", "attrs", "attributes", "variant", "variation", "details", "options"})
_MAX_DEPTH = 4


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
                cells.append(value if type(value) is str and value.isascii() else as_string(value))
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
                column.append(as_string(value))
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
        path = f"{prefix}{whole_characters(str(key))}"
        if isinstance(value, dict) and value and fold(str(key)) not in WHOLE and depth < _MAX_DEPTH:
            out.update(_flat(value, f"{path}.", depth + 1))
        else:
            out[path] = value
    return out
