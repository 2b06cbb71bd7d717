"""What people enter themselves: names of themes, hidden themes and phases, with a history of who changed what."""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from voc import tables
from voc.errors import VocError

if TYPE_CHECKING:
    from types import ModuleType

    from voc.store.entry_database import Database


class Entries:
    """People's own entries, safe for several processes and threads at once; every change is one transaction.

    The database is created by the first write; reading where there is none finds nothing. It lies beside the
    snapshots and not in them, because corrections outlive every run.

    Args:
        where: the SQLite file, or an SQLAlchemy URL such as ``postgresql+psycopg://host/database``.

    Every method raises VocError when the database cannot be read or written.
    """

    def __init__(self, where: Path | str) -> None:
        self._where = where

    def rename_theme(self, theme_id: str, name: str, by: str = "") -> None:
        """Give a theme a name of one's own.

        Raises:
            VocError: the name is blank.
        """
        name = name.strip()
        if not name:
            raise VocError("A theme needs a name; type one that says what goes wrong.")
        with self._database.writing() as transaction:
            transaction.put("rename_theme", self._tables.NAMES, theme_id, {"name": name}, by)

    def theme_names(self) -> dict[str, str]:
        """Return the names people gave, by theme_id."""
        return {row["theme_id"]: row["name"] for row in self._rows("NAMES")}

    def hide_theme(self, theme_id: str, hidden: bool = True, by: str = "") -> None:
        """Hide a theme from lists, or show it again."""
        if not hidden and theme_id not in self.hidden_themes():
            return
        with self._database.writing() as transaction:
            if hidden:
                transaction.put("hide_theme", self._tables.HIDDEN, theme_id, {}, by)
            else:
                transaction.drop("show_theme", self._tables.HIDDEN, theme_id, by)

    def hidden_themes(self) -> set[str]:
        """Return the theme_ids of hidden themes."""
        return {row["theme_id"] for row in self._rows("HIDDEN")}

    def phases(self) -> pa.Table:
        """Return the phases people entered as a `phases` table, by product and start."""
        rows = sorted(self._rows("PHASES"), key=lambda row: (row["product_id"] or "", row["start"]))
        return tables.from_rows("phases", [{**row, "source": "user"} for row in rows])

    def put_phase(
        self, name: str, start: dt.date, end: dt.date | None, product_id: str | None = None, by: str = ""
    ) -> str:
        """Enter a phase, or change the dates of the one with this name and product.

        Args:
            name: what the phase is called.
            start: its first day.
            end: the day after its last; None while it is running.
            product_id: the product it belongs to; None for the whole workspace.
            by: who enters it.

        Returns:
            Its phase_id, which stays the same when dates change.

        Raises:
            VocError: the name is blank, the end is not after the start, or the phase overlaps another one that
                people entered for the same product.
        """
        name = name.strip()
        if not name:
            raise VocError("A phase needs a name.")
        if end is not None and end <= start:
            raise VocError(f"Phase {name!r} ends on {end}, which is not after its start {start}; correct the dates.")
        with self._database.writing() as transaction:
            rows = transaction.rows(self._tables.PHASES)
            others = [row for row in rows if row["product_id"] == product_id]
            phase_id = f"user-{uuid.uuid4().hex[:12]}"
            for other in others:
                if other["name"] == name:
                    phase_id = other["phase_id"]
                elif _overlap(start, end, other["start"], other["end"]):
                    until = f"to {other['end']}" if other["end"] else "on without an end"
                    raise VocError(
                        f"Phase {name!r} overlaps phase {other['name']!r}, which runs from {other['start']} {until}; "
                        "change the dates of one of them."
                    )
            values = {"name": name, "start": start, "end": end, "product_id": product_id}
            transaction.put("put_phase", self._tables.PHASES, phase_id, values, by)
        return phase_id

    def delete_phase(self, phase_id: str, by: str = "") -> None:
        """Take a phase out.

        Raises:
            VocError: nobody entered such a phase.
        """
        found = any(row["phase_id"] == phase_id for row in self._rows("PHASES"))
        if found:
            with self._database.writing() as transaction:
                found = transaction.drop("delete_phase", self._tables.PHASES, phase_id, by)
        if not found:
            raise VocError(f"There is no phase {phase_id!r} that somebody entered; reload the list of phases.")

    def history(self) -> list[dict[str, Any]]:
        """Return all changes, oldest first.

        Returns:
            Dictionaries of `when` (UTC), `who`, `what` (rename_theme, hide_theme, show_theme, put_phase,
            delete_phase), `subject` (the theme_id or phase_id), and the entry `before` and `after` the change, None
            where there was none.
        """
        rows = self._rows("HISTORY", "id")
        return [
            {
                "when": row["at"].replace(tzinfo=dt.UTC),
                **{k: row[k] for k in ("who", "what", "subject", "before", "after")},
            }
            for row in rows
        ]

    def _rows(self, table: str, order: str | None = None) -> list[dict[str, Any]]:
        # A workspace without entries is the common case, and needs no SQLAlchemy.
        if isinstance(self._where, Path) and not self._where.exists():
            return []
        with self._database.reading() as transaction:
            return [] if transaction is None else transaction.rows(getattr(self._tables, table), order)

    @functools.cached_property
    def _database(self) -> Database:
        return self._tables.Database(self._where)  # type: ignore[no-any-return]

    @property
    def _tables(self) -> ModuleType:
        # Loaded late: SQLAlchemy takes a third of a second.
        from voc.store import entry_database

        return entry_database


def _overlap(start: dt.date, end: dt.date | None, other_start: dt.date, other_end: dt.date | None) -> bool:
    return (other_end is None or start < other_end) and (end is None or other_start < end)
