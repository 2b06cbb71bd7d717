"""Values of any type as they would be written in a text."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import pyarrow as pa


def as_strings(column: pa.ChunkedArray) -> pa.Array:
    """Return the cells of a column of any type as they would be written in a text."""
    if pa.types.is_string(column.type):
        return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    return pa.array([as_string(value) for value in column.to_pylist()], pa.string())


def as_string(value: Any) -> str | None:
    """Return a value as it would be written in a text; None for what is none."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, str):
        return whole_characters(value)
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
            return whole_characters(json.dumps(value, ensure_ascii=False, default=str))
        except (ValueError, RecursionError):
            return None
    return whole_characters(str(value))


def whole_characters(text: str) -> str:
    """Leave out halves of surrogate pairs: JSON escapes can spell them, but they cannot be stored."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
