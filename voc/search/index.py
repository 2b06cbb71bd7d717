"""The full-text index of a snapshot's reviews: SQLite FTS5, kept beside the snapshots, searched by words.

It holds two tables over the same texts: `stems` finds a word in all its forms (Porter's stemmer), `exact` finds words
as they are written, for phrases in quotation marks and beginnings of words. Both ignore case and accents.
The texts themselves are not in it; row n is the n-th row of the snapshot's table `reviews`.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from voc.search.query import Query, by_table, spaced
from voc.store import Snapshot

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]

#: Another layout of the file has another number: a file of an older one is made anew.
_FORMAT = 1
TOKENIZERS = {
    "stems": "porter unicode61 remove_diacritics 2",
    "exact": "unicode61 remove_diacritics 2",
}


class Hits(NamedTuple):
    """The rows of `reviews` that match, in their order, and how well: BM25, greater is better."""

    rows: Rows
    scores: Scores


class Index:
    """An open index; safe for several threads."""

    def __init__(self, connection: sqlite3.Connection, size: int) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self.size = size

    def find(self, query: Query) -> Hits:
        """Return the reviews that hold a query's words.

        Scores of the terms are added up (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and
        Beyond"); each term is weighed by its rareness. A query that only excludes scores everything alike.
        """
        kept = np.ones(self.size, dtype=bool)
        total = np.zeros(self.size, dtype=np.float64)
        for alternatives in _clauses(query):
            seen = np.zeros(self.size, dtype=bool)
            for table, match in alternatives:
                rows, scores = self._scored(table, match)
                seen[rows] = True
                total[rows] += scores
            kept &= seen
        for table, match in by_table(query.excluded, " OR "):
            kept[self._rows(table, match)] = False
        rows = np.flatnonzero(kept) if query else np.zeros(0, dtype=np.int64)
        return Hits(rows, total[rows])

    def close(self) -> None:
        """Close the index's file."""
        with self._lock:
            self._connection.close()

    def _scored(self, table: str, match: str) -> tuple[Rows, Scores]:
        found = self._ask(f"SELECT rowid, bm25({table}) FROM {table} WHERE {table} MATCH ?", match)  # noqa: S608
        listed = np.array(found, dtype=np.float64).reshape(-1, 2)
        # FTS5 turns the sign round, so that the best comes first.
        return listed[:, 0].astype(np.int64) - 1, -listed[:, 1]

    def _rows(self, table: str, match: str) -> Rows:
        found = self._ask(f"SELECT rowid FROM {table} WHERE {table} MATCH ?", match)  # noqa: S608 - names of ours
        return np.array(found, dtype=np.int64).reshape(-1) - 1

    def _ask(self, statement: str, match: str) -> list[tuple[float, ...]]:
        with self._lock:
            return self._connection.execute(statement, (match,)).fetchall()


def open_index(snapshot: Snapshot) -> Index:
    """Return the index of a snapshot's reviews, making it where it is missing.

    A new one is written beside the snapshots in one step, so that several processes may do so at once and a kill
    leaves no piece; where the folder may not be written it is held in memory. Where the last run's index is there,
    only the texts of later part files are read.

    Raises:
        VocError: the snapshot is gone or damaged.
    """
    path = snapshot.index
    with contextlib.suppress(sqlite3.Error):
        if path.is_file():
            return _opened(path, snapshot)
    return _made(snapshot)


def _opened(path: Path, snapshot: Snapshot) -> Index:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    try:
        if _about(connection) != {"format": _FORMAT, "parts": _parts(snapshot), "rows": snapshot.rows("reviews")}:
            raise sqlite3.DatabaseError("another index")
    except (sqlite3.Error, ValueError):
        connection.close()
        raise sqlite3.DatabaseError("not an index of these reviews") from None
    return Index(connection, snapshot.rows("reviews"))


def _made(snapshot: Snapshot) -> Index:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    begin, first = _taken_over(connection, snapshot)
    if not begin:
        for name, tokenizer in TOKENIZERS.items():
            connection.execute(f"CREATE VIRTUAL TABLE {name} USING fts5(text, content='', tokenize='{tokenizer}')")
        connection.execute("CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
    for part in snapshot.parts("reviews", ["text"], begin):
        texts = [(row, spaced(text)) for row, text in enumerate(part.column("text").to_pylist(), start=first + 1)]
        first += len(texts)
        for name in TOKENIZERS:
            connection.executemany(f"INSERT INTO {name}(rowid, text) VALUES (?, ?)", texts)  # noqa: S608 - ours
    about = {"format": _FORMAT, "parts": _parts(snapshot), "rows": first}
    connection.executemany("REPLACE INTO about VALUES (?, ?)", [(k, json.dumps(v)) for k, v in about.items()])
    if not begin:
        for name in TOKENIZERS:
            connection.execute(f"INSERT INTO {name}({name}) VALUES ('optimize')")  # noqa: S608 - ours
    connection.commit()

    def write(path: Path) -> None:
        try:
            with contextlib.closing(sqlite3.connect(path)) as file:
                # The draft is renamed as a whole: a journal beside it would only be left behind.
                file.execute("PRAGMA journal_mode = OFF")
                connection.backup(file)
        except sqlite3.Error as error:
            raise OSError(str(error)) from None

    stored = snapshot.keep_index(write)
    if stored is not None:
        with contextlib.suppress(sqlite3.Error):
            index = _opened(stored, snapshot)
            connection.close()
            return index
    return Index(connection, first)


def _taken_over(connection: sqlite3.Connection, snapshot: Snapshot) -> tuple[int, int]:
    """Copy the index of an earlier state whose part files are the first of this one's; return their number and rows."""
    wanted = _parts(snapshot)
    best: tuple[int, int, Path] | None = None  # part files, rows, where
    for path in snapshot.index.parent.glob(f"*{snapshot.index.suffix}"):
        with contextlib.suppress(sqlite3.Error, ValueError, OSError), _reading(path) as earlier:
            about = _about(earlier)
            parts, rows = about["parts"], about["rows"]
            fits = about["format"] == _FORMAT and parts == wanted[: len(parts)]
            if fits and (best is None or len(parts) > best[0]):
                best = len(parts), rows, path
    if best is None:
        return 0, 0
    try:
        with _reading(best[2]) as earlier:
            earlier.backup(connection)
    except sqlite3.Error:
        connection.executescript("".join(f"DROP TABLE IF EXISTS {name};" for name in (*TOKENIZERS, "about")))
        return 0, 0
    return best[:2]


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        yield connection


def _about(connection: sqlite3.Connection) -> dict[str, Any]:
    found = {key: json.loads(value) for key, value in connection.execute("SELECT key, value FROM about")}
    if found.keys() != {"format", "parts", "rows"}:
        raise ValueError("not an index")
    return found


def _parts(snapshot: Snapshot) -> list[str]:
    return [part.file for part in snapshot.manifest.tables.get("reviews", ())]


def _clauses(query: Query) -> list[list[tuple[str, str]]]:
    """Return what must all hold, each a list of table and MATCH of which one must.

    Groups that lie in one table are asked for together, which is faster: only the rows that hold all are scored.
    """
    clauses: list[list[tuple[str, str]]] = []
    together: dict[str, list[str]] = {}
    for group in query.wanted:
        found = by_table(group, " OR ")
        if len(found) == 1:
            table, match = found[0]
            together.setdefault(table, []).append(f"({match})")
        else:
            clauses.append(found)
    return [*clauses, *([(table, " AND ".join(matches))] for table, matches in together.items())]
