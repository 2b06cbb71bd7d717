"""Turns the bytes of one table into a raw table, by looking at the bytes and not at the file's name."""

from __future__ import annotations

import re

from voc.errors import VocError
from voc.ingest.delimited import read_delimited, whole_rows
from voc.ingest.encoding import decode, whole_characters
from voc.ingest.files import Payload
from voc.ingest.guarded import is_small_parquet, is_small_workbook, read_guarded
from voc.ingest.parquet import read_parquet
from voc.ingest.raw import RawTable
from voc.ingest.records import read_json
from voc.ingest.workbook import read_workbook

__all__ = ["check_is_text", "load", "starts_as_json"]

_OLE = b"\xd0\xcf\x11\xe0"
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f\ufffd]")


def load(payload: Payload, *, rows: int | None = None, cut: bool = False) -> RawTable:
    """Read one table.

    Args:
        payload: its name and bytes.
        rows: how many rows are wanted of a workbook or a Parquet file; by default all.
        cut: the bytes are only the beginning of a text, so that its last row may be a part of one.

    Raises:
        VocError: the bytes are empty, damaged, or no table.
    """
    name, data = payload.name, payload.data
    if not data.strip(b"\x00 \t\r\n\x0b\x0c"):
        raise VocError(f"{name}: the file is empty; export it again.")
    if data[:4] == b"PAR1":
        read_columns = read_parquet if is_small_parquet(data) else read_guarded
        return read_columns(name, data, rows=rows)
    if data[:4] in (b"PK\x03\x04", _OLE):
        read_sheets = read_workbook if is_small_workbook(data) else read_guarded
        return read_sheets(name, data, rows=rows)
    decoded = decode(whole_characters(data) if cut else data)
    check_is_text(name, decoded.text)
    notes = [*payload.notes, *decoded.notes]
    if starts_as_json(decoded.text):
        return read_json(name, decoded.text, decoded.encoding, notes, cut=cut)
    return read_delimited(name, whole_rows(decoded.text) if cut else decoded.text, decoded.encoding, notes)


def check_is_text(name: str, text: str) -> None:
    """Look at the beginning of what was decoded.

    Raises:
        VocError: it is no text.
    """
    sample = text[:100_000]
    if text.startswith("%PDF-") or len(_CONTROL.findall(sample)) > 0.1 * len(sample):
        raise VocError(
            f"{name}: this is neither text nor a known table; "
            "save the export as CSV, TSV, JSON, JSON Lines, Parquet or XLSX."
        )


def starts_as_json(text: str) -> bool:
    """Return whether a text begins as JSON does and a table of separated cells does not."""
    start = text.lstrip("\ufeff \t\r\n")[:1]
    return start == "{" or (start == "[" and bool(re.match(r"[\ufeff\s]*\[\s*([{\[\]\"]|$)", text)))
