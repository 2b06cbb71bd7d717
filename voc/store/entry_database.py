"""The database behind people's entries: transactions in which every change is recorded, on SQLite or a server."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from voc.errors import VocError
from voc.store.entry_tables import HISTORY, METADATA, as_json, parsed
from voc.store.files import make_directories

#: What history calls the taking back of a change.
UNDO = "undo"
_PATIENCE = 15_000  # milliseconds that one writer waits for another's transaction
# Number of the lock that writers take on a PostgreSQL server; within one database it is ours alone.
_LINE = 8_603_211
# The password of a URL, between the colon after the user's name and the last @ before the host.
_PASSWORD = re.compile(r"(://[^/\s:@]*:)[^\s/]*(@)")


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

    def row(self, table: sa.Table, key: str) -> dict[str, Any] | None:
        """Return the row with the primary key `key`; None where there is none."""
        return self._find(table, key)[1]

    def lines(self, subject: str) -> list[dict[str, Any]]:
        """Return the history of one entry, oldest line first."""
        query = sa.select(HISTORY).where(HISTORY.c.subject == subject).order_by(HISTORY.c.id)
        return [dict(row) for row in self._connection.execute(query).mappings()]

    def last_editor(self, subject: str) -> tuple[str, dt.datetime]:
        """Return who changed an entry last, and when (UTC)."""
        line = self.lines(subject)[-1]
        return str(line["who"]), line["at"].replace(tzinfo=dt.UTC)

    def changes(self, without: Collection[str] = ()) -> int:
        """Return the id of the newest line of history, of any kind but those given; 0 where there is none."""
        query = sa.select(sa.func.max(HISTORY.c.id))
        if without:
            query = query.where(HISTORY.c.what.not_in(list(without)))
        return int(self._connection.execute(query).scalar() or 0)

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

    def restore_revision(self, what: str, table: sa.Table, line: dict[str, Any], by: str) -> None:
        """Bring back a row with revisions as it was before a line of history; that is a new revision of it.

        History holds the row too, so that whoever saw this revision can be told from those who did not.
        """
        before = parsed(table, line["before"])
        now = self.row(table, line["subject"])
        newest = max(int(entry["revision"]) for entry in (before, now, line["after"]) if entry is not None)
        row = {**before, "updated_at": _now(), "updated_by": by, "revision": newest + 1}
        (column,) = table.primary_key.columns
        self._connection.execute(sa.delete(table).where(column == line["subject"]))
        self._connection.execute(sa.insert(table).values(row))
        self._remember(what, line["subject"], now, {**row, "undone": line["id"]}, by)

    def _find(self, table: sa.Table, key: str) -> tuple[sa.Column[Any], dict[str, Any] | None]:
        (column,) = table.primary_key.columns
        row = self._connection.execute(sa.select(table).where(column == key)).mappings().first()
        return column, None if row is None else dict(row)

    def _remember(
        self, what: str, key: str, before: dict[str, Any] | None, after: dict[str, Any] | None, by: str
    ) -> None:
        line = {
            "at": _now(),
            "who": by,
            "what": what,
            "subject": key,
            "before": as_json(before),
            "after": as_json(after),
        }
        self._connection.execute(sa.insert(HISTORY).values(line))


class Database:
    """A database of entries that need not exist until the first write.

    Args:
        where: an SQLite file, or an SQLAlchemy URL.
        refuse: the sentence with which every write is refused; None takes them.

    Raises:
        VocError: the URL is none, or its driver is not installed.
    """

    def __init__(self, where: Path | str, *, refuse: str | None = None) -> None:
        self._refuse = refuse
        is_file = isinstance(where, Path)
        self._name = str(where) if is_file else without_password(str(where))
        try:
            # Not put together as text: a path may hold a "?", which would begin the options of a URL.
            url = sa.URL.create("sqlite", database=str(where)) if is_file else _read(str(where))
            self._file = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
            self._engine = _shared(url.render_as_string(hide_password=False)) if self._file is None else _of_file(url)
        except ImportError as error:
            raise VocError(
                f"{self._name}: the driver of this database is not installed ({error}); "
                "run: pip install 'voc[postgres]'."
            ) from None
        except (sa.exc.ArgumentError, ValueError) as error:
            reason = without_password(str(error))
            raise VocError(f"{self._name}: this is no usable database URL ({reason}).") from None
        self._server = self._engine.dialect.name == "postgresql"

    @contextlib.contextmanager
    def reading(self) -> Iterator[Transaction | None]:
        """Give a transaction that sees one state; None where nothing has been written yet.

        Raises:
            VocError: the database cannot be read.
        """
        if self._file is not None and not self._file.exists():
            yield None
            return
        # One state for all that is read; SQLite gives that by itself.
        options: dict[str, Any] = {"isolation_level": "REPEATABLE READ"} if self._server else {}
        with self._sentences("read"), self._engine.connect() as raw:
            connection = raw.execution_options(**options)
            with connection.begin():
                yield Transaction(connection) if sa.inspect(connection).has_table(HISTORY.name) else None

    @contextlib.contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Give a transaction that is alone in writing, and commit it at the end of the block.

        Raises:
            VocError: the database cannot be written, or may not be.
        """
        if self._refuse is not None:
            raise VocError(self._refuse)
        if self._file is not None:
            make_directories(self._file.parent)
        options: dict[str, Any] = {"immediate": True} if self._file else {}
        if not self._file and not self._server:
            options = {"isolation_level": "SERIALIZABLE"}
        with self._sentences("written"), self._engine.connect() as raw:
            connection = raw.execution_options(**options)
            with connection.begin():
                if self._server:
                    _wait_in_line(connection)
                # Under the lock too: of two that begin at once, the second finds the tables there.
                METADATA.create_all(connection)
                yield Transaction(connection)

    @contextlib.contextmanager
    def _sentences(self, verb: str) -> Iterator[None]:
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            reason = " ".join(without_password(str(getattr(error, "orig", None) or error)).split())
            raise VocError(
                f"{self._name}: the database of entries cannot be {verb} ({reason}); check that it can be "
                "reached, that it is one of voc's and that you may write it, then try again."
            ) from None


def without_password(text: str) -> str:
    """Return a URL, or a sentence with one in it, with three stars in place of the password."""
    return _PASSWORD.sub(r"\1***\2", text)


def _read(where: str) -> sa.URL:
    """Return a URL; one of PostgreSQL without a driver, as hosts give them out, gets ours."""
    url = sa.make_url(where)
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgres", "postgresql") else url


def _of_file(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


@functools.lru_cache(maxsize=8)
def _shared(url: str) -> sa.Engine:
    """Return the engine of a server: one for all, because every rerun of a page opens the workspace anew."""
    # A connection that the server has closed meanwhile is replaced before it is used.
    return sa.create_engine(url, pool_pre_ping=True, pool_recycle=1800)


def _wait_in_line(connection: sa.Connection) -> None:
    """Make this transaction the only one that writes, until it ends.

    Every statement after it sees what those before it in line have stored, so that nothing has to be tried again.
    """
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_PATIENCE}")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LINE})")


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


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
