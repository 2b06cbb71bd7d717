"""The tables of people's entries, and how history keeps a row of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

#: All tables of the database.
METADATA = sa.MetaData()

NAMES = sa.Table(
    "theme_names",
    METADATA,
    sa.Column("theme_id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
)
HIDDEN = sa.Table("hidden_themes", METADATA, sa.Column("theme_id", sa.String, primary_key=True))
PHASES = sa.Table(
    "phases",
    METADATA,
    sa.Column("phase_id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("start", sa.Date, nullable=False),
    sa.Column("end", sa.Date),
    sa.Column("product_id", sa.String),
)
MERGED = sa.Table(
    "merged_themes",
    METADATA,
    sa.Column("theme_id", sa.String, primary_key=True),
    sa.Column("into", sa.String, nullable=False),
)
DISMISSED = sa.Table("dismissed_themes", METADATA, sa.Column("theme_id", sa.String, primary_key=True))
MOVED = sa.Table(
    "moved_themes",
    METADATA,
    sa.Column("theme_id", sa.String, primary_key=True),
    sa.Column("area", sa.String, nullable=False),
)
SPLITS = sa.Table(
    "split_themes",
    METADATA,
    sa.Column("theme_id", sa.String, primary_key=True),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("members", sa.JSON, nullable=False),  # [review_id, start, end] of each mention that was chosen
    sa.Column("words", sa.JSON, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),  # the order in which splits were made
)
CORRECTIONS = sa.Table(
    "corrections",
    METADATA,
    sa.Column("span", sa.String, primary_key=True),  # JSON: [review_id, start, end] of the mention
    sa.Column("theme_id", sa.String),  # "": none
    sa.Column("kind", sa.String),
    sa.Column("hazard", sa.Boolean),
)
FIXES = sa.Table(
    "fixes",
    METADATA,
    sa.Column("fix_id", sa.String, primary_key=True),
    sa.Column("theme_id", sa.String, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("lag_days", sa.Integer),
    sa.Column("product", sa.String),
    sa.Column("brand", sa.String),
    sa.Column("phase_id", sa.String),
)
DECISIONS = sa.Table(
    "decisions",
    METADATA,
    sa.Column("decision_id", sa.String, primary_key=True),
    sa.Column("theme_id", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("owner", sa.String),
    sa.Column("release", sa.String),  # name or version of the release it is planned for
    sa.Column("planned_on", sa.Date),
    sa.Column("released_on", sa.Date),  # first day on which it was sold
    sa.Column("lag_days", sa.Integer),
    sa.Column("expected_unit", sa.String),
    sa.Column("expected_value", sa.Float),
    sa.Column("expected_note", sa.String),
    sa.Column("note", sa.String),
    sa.Column("product", sa.String),
    sa.Column("brand", sa.String),
    sa.Column("market", sa.String),
    sa.Column("phase_id", sa.String),
    sa.Column("created_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("created_by", sa.String, nullable=False),
    sa.Column("updated_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("updated_by", sa.String, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),  # 1 when it was made, raised by every change
)
HISTORY = sa.Table(
    "history",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.DateTime, nullable=False),  # UTC
    sa.Column("who", sa.String, nullable=False),
    sa.Column("what", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("before", sa.JSON(none_as_null=True)),
    sa.Column("after", sa.JSON(none_as_null=True)),
)


def parsed(table: sa.Table, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of history as a row of its table: dates as dates, and nothing but its columns."""
    row: dict[str, Any] = {column.name: entry.get(column.name) for column in table.columns}
    for column in table.columns:
        if row[column.name] is not None and isinstance(column.type, (sa.Date, sa.DateTime)):
            read = dt.datetime if isinstance(column.type, sa.DateTime) else dt.date
            row[column.name] = read.fromisoformat(row[column.name])
    return row


def as_json(row: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a row as history keeps it: dates as text."""
    if row is None:
        return None
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in row.items()}
