"""Turns the bytes of one table into a raw table, by looking at the bytes and not at the file's name."""

from __future__ import annotations

import re

from voc.errors import VocError
from voc.ingest.delimited import read_delimited, whole_rows
from voc.ingest.encoding import decode, whole_characters
from voc.ingest.files import Payload
from voc.ingest.guarded import is_small_parquet, is_small_workbook, read_guarded
from voc.ingest.raw import RawTable
from voc.ingest.structured import read_json, read_parquet, read_workbook

__all__ = ["load"]

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
    sample = decoded.text[:100_000]
    if data[:5] == b"%PDF-" or len(_CONTROL.findall(sample)) > 0.1 * len(sample):
        raise VocError(
            f"{name}: this is neither text nor a known table; "
            "save the export as CSV, TSV, JSON, JSON Lines, Parquet or XLSX."
        )
    notes = [*payload.notes, *decoded.notes]
    start = decoded.text.lstrip("\ufeff \t\r\n")[:1]
    if start == "{" or (start == "[" and re.match(r"[\ufeff\s]*\[\s*([{\[\]\"]|$)", decoded.text)):
        return read_json(name, decoded.text, decoded.encoding, notes, cut=cut)
    return read_delimited(name, whole_rows(decoded.text) if cut else decoded.text, decoded.encoding, notes)
