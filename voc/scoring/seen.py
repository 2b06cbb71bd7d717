"""Remembers on disk which reviews were taken, for the judging of duplicates in exports of any size."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from voc.ingest.duplicates import Kept

TABLES = """
CREATE TABLE IF NOT EXISTS seen (
    review_id TEXT PRIMARY KEY, position INTEGER NOT NULL, text BLOB NOT NULL, rating REAL,
    product_id TEXT, product TEXT, written_at INTEGER, keys BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS texts (key BLOB PRIMARY KEY) WITHOUT ROWID;
"""
_KEY = 16  # bytes
_GET = "SELECT position, text, rating, product_id, product, written_at, keys FROM seen WHERE review_id = ?"
_PUT = "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class SeenOnDisk:
    """The memory of a `Deduplicator` in an SQLite database; what it remembers is part of the open transaction."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def get(self, review_id: str) -> Kept | None:
        """Return what is remembered of a review."""
        row = self._database.execute(_GET, (review_id,)).fetchone()
        if row is None:
            return None
        position, text, rating, product_id, product, written_at, joined = row
        keys = tuple(joined[at : at + _KEY] for at in range(0, len(joined), _KEY))
        return Kept(position, text, rating, product_id, product, written_at, keys)

    def put(self, review_id: str, kept: Kept) -> None:
        """Remember a review, with its keys, in place of its earlier version."""
        values = (kept.position, kept.text, kept.rating, kept.product_id, kept.product, kept.written_at)
        self._database.execute(_PUT, (review_id, *values, b"".join(kept.keys)))
        self._database.executemany("INSERT OR IGNORE INTO texts VALUES (?)", [(key,) for key in kept.keys])

    def knows(self, key: bytes) -> bool:
        """Return whether a review that is kept has this key."""
        return self._database.execute("SELECT 1 FROM texts WHERE key = ?", (key,)).fetchone() is not None

    def drop(self, keys: Sequence[bytes]) -> None:
        """Forget keys."""
        self._database.executemany("DELETE FROM texts WHERE key = ?", [(key,) for key in keys])
