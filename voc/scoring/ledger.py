"""The ledger of a batch run: what was read of each export, which part holds it, which parts were scored.

An SQLite database in the work folder. It is told of a file after the file is on the disk, and all that one part
brings is one transaction: after a kill it says less than there is, never more.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from voc.scoring import seen
from voc.scoring.parts import Part, Scored

NAME = "ledger.sqlite"
#: Rows that a part can hold; a row's position in the run is its part's number times this, plus its place there.
ROWS = 1 << 20
_TABLES = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, fingerprint TEXT NOT NULL, format TEXT NOT NULL, encoding TEXT,
    mapping TEXT NOT NULL, notes TEXT NOT NULL, problem TEXT, batches INTEGER NOT NULL, finished INTEGER NOT NULL,
    rows_read INTEGER NOT NULL, accepted INTEGER NOT NULL, duplicates INTEGER NOT NULL, rejected INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS reasons (
    file INTEGER NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (file, kind, reason)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parts (
    number INTEGER PRIMARY KEY, rows INTEGER NOT NULL, digest TEXT NOT NULL,
    rejects INTEGER NOT NULL, rejects_digest TEXT NOT NULL,
    scored_size INTEGER, scored_digest TEXT, mentions INTEGER, analysed INTEGER, unread TEXT
);
CREATE TABLE IF NOT EXISTS pieces (
    part INTEGER NOT NULL, place INTEGER NOT NULL, file INTEGER NOT NULL, batch INTEGER NOT NULL,
    first INTEGER NOT NULL, rows INTEGER NOT NULL, taken BLOB NOT NULL, renamed TEXT NOT NULL,
    PRIMARY KEY (part, place)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS superseded (part INTEGER, row INTEGER, PRIMARY KEY (part, row)) WITHOUT ROWID;
"""


@dataclass
class FileState:
    """What was read of an export so far; `batches` were taken, `finished` says that there are no more."""

    number: int
    name: str
    fingerprint: str
    format: str = ""
    encoding: str | None = None
    mapping: str = "{}"
    notes: str = "[]"
    problem: str | None = None
    batches: int = 0
    finished: bool = False
    rows_read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class Piece:
    """One batch of an export in a part: rows `first` to `first + rows` of it.

    `taken` has a bit for each row of the batch that was taken; `renamed` the ids that some of those got, by their
    row of the batch.
    """

    file: int
    batch: int
    first: int
    rows: int
    taken: bytes
    renamed: dict[int, str]


@dataclass(frozen=True)
class CutPart:
    """A part as it was cut: rows and BLAKE2 of its reviews, and of the rejected rows on the way ("" for none)."""

    number: int
    rows: int
    digest: str
    rejects: int
    rejects_digest: str


class Ledger:
    """The open ledger of one run."""

    def __init__(self, folder: Path) -> None:
        """Open it or begin it.

        Raises:
            sqlite3.DatabaseError: it is damaged, or the disk is full.
        """
        self.path = folder / NAME
        self.database = sqlite3.connect(self.path, isolation_level=None)
        try:
            # Nobody else opens it, so no memory is shared through a file, which network file systems cannot do.
            self.database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self.database.execute("PRAGMA journal_mode = WAL")
            self.database.execute("PRAGMA synchronous = FULL")
            self.database.execute("PRAGMA cache_size = -65536")
            found = self.database.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(found)
            self.database.executescript(_TABLES + seen.TABLES)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close it; what was not committed is forgotten."""
        with contextlib.suppress(sqlite3.Error):
            self.database.close()

    def begin(self) -> None:
        """Begin a transaction: of what follows all is kept or nothing, whichever `commit` or the end decides."""
        self.database.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Keep what was written since `begin`."""
        self.database.execute("COMMIT")

    def state(self, name: str) -> str | None:
        """Return a value kept under a name."""
        row = self.database.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_state(self, name: str, value: str) -> None:
        """Keep a value under a name."""
        self.database.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))

    def files(self) -> list[FileState]:
        """Return the exports in their order."""
        rows = self.database.execute("SELECT * FROM files ORDER BY number").fetchall()
        names = [field.name for field in fields(FileState)]
        found = [FileState(**dict(zip(names, row, strict=True))) for row in rows]
        return [replace(state, finished=bool(state.finished)) for state in found]

    def put_file(self, file: FileState) -> None:
        """Keep what was read of an export so far."""
        values = tuple(file.__dict__.values())
        self.database.execute(f"INSERT OR REPLACE INTO files VALUES ({_marks(len(values))})", values)  # noqa: S608

    def count_reasons(self, file: int, kind: str, reasons: dict[str, int]) -> None:
        """Add to how often rows of an export were rejected ("reject") or odd ("oddity"), by reason."""
        self.database.executemany(
            "INSERT INTO reasons VALUES (?, ?, ?, ?) "
            "ON CONFLICT (file, kind, reason) DO UPDATE SET count = count + excluded.count",
            [(file, kind, reason, count) for reason, count in reasons.items()],
        )

    def reasons(self, file: int, kind: str) -> dict[str, int]:
        """Return how often rows of an export were rejected or odd, commonest first."""
        query = "SELECT reason, count FROM reasons WHERE file = ? AND kind = ? ORDER BY count DESC, reason"
        return dict(self.database.execute(query, (file, kind)).fetchall())

    def put_part(self, part: CutPart, pieces: Sequence[Piece]) -> None:
        """Keep a part that was cut, and where its rows came from."""
        self.database.execute(
            "INSERT INTO parts (number, rows, digest, rejects, rejects_digest) VALUES (?, ?, ?, ?, ?)",
            (part.number, part.rows, part.digest, part.rejects, part.rejects_digest),
        )
        self.database.executemany(
            "INSERT INTO pieces VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (part.number, place, one.file, one.batch, one.first, one.rows, one.taken, json.dumps(one.renamed))
                for place, one in enumerate(pieces)
            ],
        )

    def pieces(self, part: int) -> list[Piece]:
        """Return where the rows of a part came from, in order."""
        query = "SELECT file, batch, first, rows, taken, renamed FROM pieces WHERE part = ? ORDER BY place"
        return [
            Piece(file, batch, first, rows, taken, {int(row): name for row, name in json.loads(renamed).items()})
            for file, batch, first, rows, taken, renamed in self.database.execute(query, (part,))
        ]

    def cut_parts(self) -> list[CutPart]:
        """Return all parts in order."""
        query = "SELECT number, rows, digest, rejects, rejects_digest FROM parts ORDER BY number"
        return [CutPart(*row) for row in self.database.execute(query)]

    def next_part(self) -> int:
        """Return the number of the part that is cut next."""
        return int(self.database.execute("SELECT coalesce(max(number) + 1, 0) FROM parts").fetchone()[0])

    def supersede(self, position: int) -> None:
        """Note that a later edit stands in for the row at this position."""
        self.database.execute("INSERT OR IGNORE INTO superseded VALUES (?, ?)", divmod(position, ROWS))

    def superseded_by_file(self) -> dict[int, int]:
        """Return how many rows of each export gave way to later edits."""
        query = (
            "SELECT file, count(*) FROM superseded JOIN pieces ON pieces.part = superseded.part "
            "AND row >= first AND row < first + rows GROUP BY file"
        )
        return dict(self.database.execute(query).fetchall())

    def pending(self, call: str) -> list[Part]:
        """Return the parts that were not scored yet."""
        query = "SELECT number, digest FROM parts WHERE scored_digest IS NULL ORDER BY number"
        return [Part(number, digest, self._dropped(number), call) for number, digest in self.database.execute(query)]

    def _dropped(self, number: int) -> tuple[int, ...]:
        query = "SELECT row FROM superseded WHERE part = ? ORDER BY row"
        return tuple(row for (row,) in self.database.execute(query, (number,)))

    def scored(self) -> list[Scored]:
        """Return what was scored, in the order of the parts."""
        query = (
            "SELECT number, scored_size, scored_digest, mentions, analysed, unread FROM parts "
            "WHERE scored_digest IS NOT NULL ORDER BY number"
        )
        return [
            Scored(number, size, digest, mentions, analysed, json.loads(unread))
            for number, size, digest, mentions, analysed, unread in self.database.execute(query)
        ]

    def put_scored(self, one: Scored) -> None:
        """Note that the mentions of a part are on the disk."""
        self.database.execute(
            "UPDATE parts SET scored_size = ?, scored_digest = ?, mentions = ?, analysed = ?, unread = ? "
            "WHERE number = ?",
            (one.size, one.digest, one.mentions, one.analysed, json.dumps(one.unread or {}), one.number),
        )

    def forget_scored(self, number: int) -> None:
        """Note that the mentions of a part must be made again."""
        self.database.execute("UPDATE parts SET scored_digest = NULL WHERE number = ?", (number,))

    def sums(self) -> dict[str, Any]:
        """Return the counts over all parts."""
        query = "SELECT count(*), coalesce(sum(rows), 0), coalesce(sum(rejects), 0), count(scored_digest) FROM parts"
        parts, rows, rejects, scored = self.database.execute(query).fetchone()
        return {"parts": parts, "rows": rows, "rejects": rejects, "scored": scored}


def remove(folder: Path) -> None:
    """Take away the ledger of a folder, with what belongs to it."""
    for ending in ("", "-wal", "-shm", "-journal"):
        (folder / f"{NAME}{ending}").unlink(missing_ok=True)


def _marks(count: int) -> str:
    return ", ".join("?" * count)
