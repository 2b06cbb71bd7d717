"""The database behind people's entries: its tables, and transactions in which every change is recorded."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from voc.errors import VocError
from voc.store.files import make_directories

_METADATA = sa.MetaData()

NAMES = sa.Table(
    "theme_names",
    _METADATA,
    sa.Column("theme_id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
)
HIDDEN = sa.Table("hidden_themes", _METADATA, sa.Column("theme_id", sa.String, primary_key=True))
PHASES = sa.Table(
    "phases",
    _METADATA,
    sa.Column("phase_id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("start", sa.Date, nullable=False),
    sa.Column("end", sa.Date),
    sa.Column("product_id", sa.String),
)
MERGED = sa.Table(
    "merged_themes",
    _METADATA,
    sa.Column("theme_id", sa.String, primary_key=True),
    sa.Column("into", sa.String, nullable=False),
)
DISMISSED = sa.Table("dismissed_themes", _METADATA, sa.Column("theme_id", sa.String, primary_key=True))
MOVED = sa.Table(
    "moved_themes",
    _METADATA,
    sa.Column("theme_id", sa.String, primary_key=True),
    sa.Column("area", sa.String, nullable=False),
)
SPLITS = sa.Table(
    "split_themes",
    _METADATA,
    sa.Column("theme_id", sa.String, primary_key=True),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("members", sa.JSON, nullable=False),  # [review_id, start, end] of each mention that was chosen
    sa.Column("words", sa.JSON, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),  # the order in which splits were made
)
CORRECTIONS = sa.Table(
    "corrections",
    _METADATA,
    sa.Column("span", sa.String, primary_key=True),  # JSON: [review_id, start, end] of the mention
    sa.Column("theme_id", sa.String),  # "": none
    sa.Column("kind", sa.String),
    sa.Column("hazard", sa.Boolean),
)
FIXES = sa.Table(
    "fixes",
    _METADATA,
    sa.Column("fix_id", sa.String, primary_key=True),
    sa.Column("theme_id", sa.String, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("lag_days", sa.Integer),
    sa.Column("product", sa.String),
    sa.Column("brand", sa.String),
    sa.Column("phase_id", sa.String),
)
HISTORY = sa.Table(
    "history",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.DateTime, nullable=False),  # UTC
    sa.Column("who", sa.String, nullable=False),
    sa.Column("what", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("before", sa.JSON(none_as_null=True)),
    sa.Column("after", sa.JSON(none_as_null=True)),
)

#: What history calls the taking back of a change.
UNDO = "undo"
_PATIENCE = 15_000  # milliseconds that one SQLite connection waits for another's transaction


class Transaction:
    """Reads and changes rows; a change and its line of history are stored together or not at all."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def rows(self, table: sa.Table, order: str | None = None) -> list[dict[str, Any]]:
        """Return all rows of a table, by column `order` if it is given; none of one that a later version brought."""
        if not sa.inspect(self._connection).has_table(table.name):
            return []
        query = sa.select(table) if order is None else sa.select(table).order_by(table.c[order])
        return [dict(row) for row in self._connection.execute(query).mappings()]

    def changes(self) -> int:
        """Return the id of the newest line of history; 0 where there is none."""
        return int(self._connection.execute(sa.select(sa.func.max(HISTORY.c.id))).scalar() or 0)

    def put(self, what: str, table: sa.Table, key: str, values: dict[str, Any], by: str) -> None:
        """Insert the row with the primary key `key`, or change it to `values`; no change leaves no history."""
        column, before = self._find(table, key)
        after = {column.name: key, **values}
        if before is None:
            self._connection.execute(sa.insert(table).values(after))
        elif before != after:
            self._connection.execute(sa.update(table).where(column == key).values(after))
        else:
            return
        self._remember(what, key, before, after, by)

    def drop(self, what: str, table: sa.Table, key: str, by: str) -> bool:
        """Delete the row with the primary key `key`; return whether there was one."""
        column, before = self._find(table, key)
        if before is None:
            return False
        self._connection.execute(sa.delete(table).where(column == key))
        self._remember(what, key, before, None, by)
        return True

    def erase(self, table: sa.Table, key: Any) -> None:
        """Delete the row with the primary key `key`, and leave no history."""
        (column,) = table.primary_key.columns
        self._connection.execute(sa.delete(table).where(column == key))

    def rewrite(self, table: sa.Table, key: Any, row: dict[str, Any]) -> None:
        """Change the row with the primary key `key` to `row`, and leave no history."""
        (column,) = table.primary_key.columns
        self._connection.execute(sa.update(table).where(column == key).values(row))

    def restore(self, table: sa.Table, line: dict[str, Any], by: str) -> None:
        """Bring back the row that a line of history changed, as it was before, and remember that."""
        (column,) = table.primary_key.columns
        key = line["subject"]
        self._connection.execute(sa.delete(table).where(column == key))
        if line["before"] is not None:
            self._connection.execute(sa.insert(table).values(line["before"]))
        self._remember(UNDO, key, line["after"], {"undone": line["id"]}, by)

    def _find(self, table: sa.Table, key: str) -> tuple[sa.Column[Any], dict[str, Any] | None]:
        (column,) = table.primary_key.columns
        row = self._connection.execute(sa.select(table).where(column == key)).mappings().first()
        return column, None if row is None else dict(row)

    def _remember(
        self, what: str, key: str, before: dict[str, Any] | None, after: dict[str, Any] | None, by: str
    ) -> None:
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        line = {"at": now, "who": by, "what": what, "subject": key, "before": _json(before), "after": _json(after)}
        self._connection.execute(sa.insert(HISTORY).values(line))


class Database:
    """A database of entries that need not exist until the first write.

    Args:
        where: an SQLite file, or an SQLAlchemy URL.

    Raises:
        VocError: the URL is none, or its driver is not installed.
    """

    def __init__(self, where: Path | str) -> None:
        try:
            # Not put together as text: a path may hold a "?", which would begin the options of a URL.
            is_file = isinstance(where, Path)
            url = sa.URL.create("sqlite", database=str(where)) if is_file else sa.make_url(str(where))
            self._name = str(where) if is_file else url.render_as_string(hide_password=True)
            self._file = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
            if self._file is None:
                self._engine = sa.create_engine(url)
            else:
                self._engine = sa.create_engine(url, poolclass=sa.NullPool)
                sa.event.listen(self._engine, "connect", _prepare_sqlite)
                sa.event.listen(self._engine, "begin", _begin_sqlite)
        except (sa.exc.ArgumentError, ImportError) as error:
            raise VocError(f"{where}: this is no usable database URL ({error}).") from None

    @contextlib.contextmanager
    def reading(self) -> Iterator[Transaction | None]:
        """Give a transaction that sees one state; None where nothing has been written yet.

        Raises:
            VocError: the database cannot be read.
        """
        if self._file is not None and not self._file.exists():
            yield None
            return
        with self._sentences("read"), self._engine.begin() as connection:
            yield Transaction(connection) if sa.inspect(connection).has_table(HISTORY.name) else None

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Give a transaction that is alone in writing, and commit it at the end of the block.

        Raises:
            VocError: the database cannot be written.
        """
        if self._file is not None:
            make_directories(self._file.parent)
        options: dict[str, Any] = {"immediate": True} if self._file else {"isolation_level": "SERIALIZABLE"}
        with self._sentences("written"), self._engine.connect() as raw:
            connection = raw.execution_options(**options)
            with connection.begin():
                _METADATA.create_all(connection)
                yield Transaction(connection)

    @contextlib.contextmanager
    def _sentences(self, verb: str) -> Iterator[None]:
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            reason = getattr(error, "orig", None) or error
            raise VocError(
                f"{self._name}: the database of entries cannot be {verb} ({str(reason).strip()}); check that it can be "
                "reached, that it is one of voc's and that you may write it, then try again."
            ) from None


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions of its own: `_begin_sqlite` does.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
    connection.execute("PRAGMA synchronous = FULL")
    # Fails only while another connection is doing the same or writing; the mode stays with the file.
    with contextlib.suppress(connection.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A writer takes its lock at once: one that reads first and then writes could be refused in between.
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _json(row: dict[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in row.items()}
