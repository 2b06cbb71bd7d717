"""Access to the database of what people enter: rows, transactions, and the history of every change."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

    from voc.store.entry_database import Database, Transaction

# The kinds of changes that leave every theme, mention and phase as it was.
_OF_NO_FIGURE = ("put_decision", "delete_decision", "undo_decision", "put_fix", "delete_fix")

#: Why a workspace that was opened read-only takes no change.
READ_ONLY = "This is open read-only, so nothing was changed; ask whoever runs the app if you need to change something."


class EntryBase:
    """The database and its history; every change is one transaction.

    Args:
        where: the SQLite file, or an SQLAlchemy URL such as ``postgresql+psycopg://host/database``.
        read_only: refuse every change with a sentence.
    """

    def __init__(self, where: Path | str, *, read_only: bool = False) -> None:
        self._where = where
        self._read_only = read_only

    def history(self) -> list[dict[str, Any]]:
        """Return all changes, oldest first.

        Returns:
            Dictionaries of `id`, `when` (UTC), `who`, `what` (rename_theme, hide_theme, show_theme, dismiss_theme,
            restore_theme, merge_theme, move_theme, split_theme, correct_mention, put_phase, delete_phase, put_fix,
            delete_fix, put_decision, delete_decision, undo, undo_decision), `subject` (the theme_id, phase_id, fix_id
            or decision_id, or a mention's span), and the entry `before` and `after` the change, None where there was
            none; `after` one of the two undos names the id of what was `undone`.
        """
        return [_line(row) for row in self._rows("HISTORY", "id")]

    def version(self) -> int:
        """Return a number that every change raises; 0 where nothing was ever entered."""
        with self._reading() as transaction:
            return 0 if transaction is None else transaction.changes()

    def figures_version(self) -> int:
        """Return a number that every change raises on which a figure depends: all but those of decisions and fixes."""
        with self._reading() as transaction:
            return 0 if transaction is None else transaction.changes(without=_OF_NO_FIGURE)

    def _delete(self, what: str, table: str, key: str, by: str) -> bool:
        """Delete the row of `table` whose primary key is `key`; return whether there was one."""
        # Asked first: where nothing was ever entered, nothing is created either.
        (column,) = getattr(self._tables, table).primary_key.columns
        if not any(row[column.name] == key for row in self._rows(table)):
            return False
        with self._database.writing() as transaction:
            return transaction.drop(what, getattr(self._tables, table), key, by)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Transaction | None]:
        """Give a transaction that sees one state; None where nothing has been entered yet."""
        # A workspace without entries is the common case, and needs no SQLAlchemy.
        if isinstance(self._where, Path) and not self._where.exists():
            yield None
            return
        with self._database.reading() as transaction:
            yield transaction

    def _rows(self, table: str, order: str | None = None) -> list[dict[str, Any]]:
        with self._reading() as transaction:
            return [] if transaction is None else transaction.rows(getattr(self._tables, table), order)

    @functools.cached_property
    def _database(self) -> Database:
        # Loaded late, and the tables too: SQLAlchemy takes a third of a second.
        from voc.store.entry_database import Database

        return Database(self._where, refuse=READ_ONLY if self._read_only else None)

    @property
    def _tables(self) -> ModuleType:
        from voc.store import entry_tables

        return entry_tables


def _line(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "when": row["at"].replace(tzinfo=dt.UTC),
        **{k: row[k] for k in ("id", "who", "what", "subject", "before", "after")},
    }
