"""A snapshot: all tables as they were at one commit, read as Arrow tables or queried through DuckDB."""

from __future__ import annotations

import copy
import datetime as dt
import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from voc import tables
from voc.errors import VocError
from voc.store.files import digest
from voc.store.indexes import keep_index
from voc.store.manifest import DamagedError, Layout, Manifest
from voc.store.parts import check_part, check_parts, read_part, refuse_missing
from voc.store.recovery import way_out

if TYPE_CHECKING:
    import duckdb

_DUCKDB_TYPES = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float16(): "FLOAT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
    tables.TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
}


class Snapshot:
    """All tables as they were at one commit; nothing in it ever changes.

    A snapshot stays on disk while it is among the newest ones, and for some minutes after it was superseded
    (see `Workspace`). Whoever keeps one for longer, or across a `voc forget`, may find it gone: `table` and
    `connect` then raise VocError, and a query on a connection made before raises duckdb.IOException; `check`
    turns that into the sentence. The remedy is the same each time: take `Workspace.current()` again, which
    costs milliseconds.

    Attributes:
        id: unique, and later snapshots have greater ones.
        created_at: time of the commit, UTC.
        info: what the run said about itself; "stale" is true after `Workspace.forget` until insights are computed
            anew.
        path: its manifest file.
    """

    def __init__(self, layout: Layout, manifest: Manifest, path: Path | None = None) -> None:
        self._layout = layout
        self._manifest = manifest
        self.id: str = manifest.id
        self.created_at: dt.datetime = manifest.created_at
        self.info: dict[str, Any] = copy.deepcopy(manifest.info)
        self.path: Path = path or layout.manifest(manifest.id)

    def __repr__(self) -> str:
        return f"Snapshot({self.id!r})"

    @property
    def manifest(self) -> Manifest:
        """Which part files the tables are made of."""
        return self._manifest

    def has(self, name: str) -> bool:
        """Return whether a run has stored the table, be it without rows."""
        return name in self._manifest.tables

    def rows(self, name: str) -> int:
        """Return how many rows a table has, without reading it."""
        return sum(part.rows for part in self._manifest.tables.get(name, ()))

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a table, in the order in which its rows were committed.

        Args:
            name: of a table in `voc.tables.SCHEMAS`.
            columns: the columns to read, in this order; all without it.

        Returns:
            The table under today's schema; without rows where no run has stored it.

        Raises:
            VocError: a part file is gone or damaged.
            ValueError: there is no such table or column.
        """
        if name not in tables.SCHEMAS:
            raise ValueError(f"there is no table {name!r}")
        schema = tables.SCHEMAS[name]
        wanted = list(schema.names if columns is None else columns)
        for column in wanted:
            if column not in schema.names:
                raise ValueError(f"{name} has no column {column!r}")
        parts = self._manifest.tables.get(name, ())
        try:
            read = [read_part(self._layout.parts, part, name, wanted) for part in parts]
        except DamagedError as error:
            raise self._sentence(error) from None
        empty = tables.empty(name).select(wanted)
        return pa.concat_tables(read) if read else empty

    def parts(self, name: str, columns: Sequence[str], begin: int = 0) -> Iterator[pa.Table]:
        """Read a table part file by part file, from file number `begin` on.

        Raises:
            VocError: a part file is gone or damaged.
        """
        for part in self._manifest.tables.get(name, ())[begin:]:
            try:
                yield read_part(self._layout.parts, part, name, columns)
            except DamagedError as error:
                raise self._sentence(error) from None

    @property
    def index(self) -> Path:
        """The file of the index over the reviews, which need not be there."""
        return self._layout.indexes / self._manifest.index()

    def keep_index(self, write: Callable[[Path], None]) -> Path | None:
        """Store the index over the reviews in one step; see `voc.store.indexes.keep_index`."""
        return keep_index(self._layout, self._manifest, write)

    def derived(self, suffix: str) -> Path:
        """Return the file of something derived from the reviews, which need not be there; see `manifest.DERIVED`."""
        return self._layout.indexes / self._manifest.index(suffix)

    def keep_derived(self, suffix: str, write: Callable[[Path], None]) -> Path | None:
        """Store something derived from the reviews in one step; see `voc.store.indexes.keep_index`."""
        return keep_index(self._layout, self._manifest, write, suffix)

    def texts(self, review_ids: Sequence[str]) -> dict[str, str]:
        """Return the texts of these reviews by id; one that is not there is missing.

        Raises:
            VocError: a part file is gone or damaged.
        """
        reviews = self.table("reviews", ["review_id", "text"])
        wanted = pa.array(sorted(set(review_ids)), pa.string())
        return tables.texts_of(reviews.filter(pc.is_in(reviews["review_id"], value_set=wanted)))

    def connect(self, threads: int | None = None) -> duckdb.DuckDBPyConnection:
        """Open an in-memory DuckDB with one view for each table of `voc.tables.SCHEMAS`, of exactly its columns.

        Times are in UTC. No extension is downloaded or loaded. For use in several threads take a `cursor()` in each.

        Args:
            threads: how many cores a query may use; all that this process may use without it.

        Raises:
            VocError: a part file is gone or damaged.
        """
        import duckdb

        statements = [f"CREATE VIEW {_name(name)} AS {self._select(name)}" for name in tables.SCHEMAS]
        connection = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "threads": threads or _cores(),
            },
        )
        try:
            connection.execute("SET TimeZone = 'UTC'")
            for statement in statements:
                connection.execute(statement)
        except duckdb.Error as error:
            connection.close()
            self.check()
            raise VocError(f"{self.path}: DuckDB cannot read this snapshot ({error}).") from error
        return connection

    def check(self, *, contents: bool = False) -> None:
        """Make sure that every part file is there with its size and rows; takes about a millisecond once checked.

        Args:
            contents: also read every file in full and compare its SHA-256.

        Raises:
            VocError: a file is not what was written; the sentence names it and the way out.
        """
        try:
            check_parts(self._layout.parts, self._manifest)
            for file in sorted(self._manifest.files()) if contents else ():
                path = self._layout.parts / file
                if digest(path) != path.stem:
                    raise DamagedError(f"{path} has been altered")
        except DamagedError as error:
            raise self._sentence(error) from None
        except OSError as error:
            raise VocError(f"{error.filename}: this file cannot be read ({error.strerror}).") from None

    def _sentence(self, error: DamagedError) -> VocError:
        if not self.path.exists():
            return VocError(
                f"Snapshot {self.id} of {self._layout.root} has been removed since it was opened, by later runs or by "
                "`voc forget`; open the workspace again (in the app: reload the page)."
            )
        return VocError(f"{error}; {way_out(self._layout, self.id)}")

    def _select(self, name: str) -> str:
        schema, parts = tables.SCHEMAS[name], self._manifest.tables.get(name, ())
        try:
            stored = [set(check_part(self._layout.parts, part)) for part in parts]
        except DamagedError as error:
            raise self._sentence(error) from None
        known = set().union(*stored)
        items = []
        for field in schema:
            for part, columns in zip(parts, stored, strict=True):
                if field.name not in columns:
                    refuse_missing(self._layout.parts / part.file, field)
            value = _name(field.name) if field.name in known else "NULL"
            items.append(f"CAST({value} AS {_duckdb_type(field.type)}) AS {_name(field.name)}")
        select = f"SELECT {', '.join(items)}"
        if not parts:
            return f"{select} WHERE false"
        files = ", ".join(_path(self._layout.parts / part.file) for part in parts)
        # Matching by name opens every file when the view is made, so it is done only where the files differ.
        by_name = any(columns != stored[0] for columns in stored)
        return f"{select} FROM read_parquet([{files}], union_by_name = {by_name}, hive_partitioning = false)"


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _path(path: Path) -> str:
    # DuckDB takes *, ? and [ in a path as a pattern; in brackets they stand for themselves.
    literal = re.sub(r"([\[*?])", r"[\1]", str(path))
    return "'" + literal.replace("'", "''") + "'"


def _duckdb_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"{_duckdb_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        return f"STRUCT({', '.join(f'{_name(field.name)} {_duckdb_type(field.type)}' for field in kind)})"
    return _DUCKDB_TYPES[kind]
