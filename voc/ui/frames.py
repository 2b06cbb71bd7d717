"""Rows of data frames as plain dictionaries."""

from __future__ import annotations

from typing import Any

import pandas as pd


def by(column: str, frame: pd.DataFrame) -> dict[Any, list[dict[str, Any]]]:
    """Return the rows of a frame by their value of a column, in their order: to pick them one by one takes longer."""
    found: dict[Any, list[dict[str, Any]]] = {}
    for row in records(frame):
        found.setdefault(row[column], []).append(row)
    return found


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as dictionaries by column."""
    rows: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
    return rows
