"""The phases that people enter."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from voc import tables
from voc.errors import ConflictError, VocError
from voc.store.entry_base import EntryBase

#: What an editor of a phase sees and changes.
_EDITED = ("name", "start", "end", "product_id")


class PhaseEntries(EntryBase):
    """Named stretches of time, of a product or of the whole workspace."""

    def phases(self) -> pa.Table:
        """Return the phases people entered as a `phases` table, by product and start."""
        rows = sorted(self._rows("PHASES"), key=lambda row: (row["product_id"] or "", row["start"]))
        return tables.from_rows("phases", [{**row, "source": "user"} for row in rows])

    def put_phase(
        self,
        name: str,
        start: dt.date,
        end: dt.date | None,
        product_id: str | None = None,
        by: str = "",
        phase_id: str | None = None,
        seen: Mapping[str, Any] | None = None,
    ) -> str:
        """Enter a phase, or change the one with this id, else the dates of the one with this name and product.

        Args:
            name: what the phase is called.
            start: its first day.
            end: the day after its last; None while it is running.
            product_id: the product it belongs to; None for the whole workspace.
            by: who enters it.
            phase_id: the phase that gets this name, these dates and this product; None for a new one, or for new dates
                of the one that is called so.
            seen: the row of the phase to change as its editor saw it; None to change it whatever it has become.

        Returns:
            Its phase_id, which stays the same when dates or the name change.

        Raises:
            ConflictError: the phase is no longer as it was seen.
            VocError: the name is blank or another phase's, the end is not after the start, the phase overlaps another
                one that people entered for the same product, or the phase to change is gone.
        """
        name = name.strip()
        if not name:
            raise VocError("A phase needs a name.")
        if end is not None and end <= start:
            raise VocError(f"Phase {name!r} ends on {end}, which is not after its start {start}; correct the dates.")
        with self._database.writing() as transaction:
            rows = transaction.rows(self._tables.PHASES)
            others = [row for row in rows if row["product_id"] == product_id and row["phase_id"] != phase_id]
            if phase_id is not None and not any(row["phase_id"] == phase_id for row in rows):
                raise VocError(f"Somebody has deleted the phase that was to become {name!r}; enter it as a new one.")
            chosen = phase_id
            now = next((row for row in rows if row["phase_id"] == phase_id), None)
            if now is not None and seen is not None and any(now[field] != seen[field] for field in _EDITED):
                asked = {"name": name, "start": start, "end": end, "product_id": product_id}
                who, when = transaction.last_editor(now["phase_id"])
                last = now["end"] and now["end"] - dt.timedelta(days=1)
                raise ConflictError(
                    f"{who or 'Somebody'} changed this phase meanwhile: it is called {now['name']!r} now and runs from "
                    f"{now['start']} {_until(last)}.",
                    who=who,
                    when=when,
                    fields={field: (now[field], asked[field]) for field in _EDITED if now[field] != asked[field]},
                )
            for other in others:
                if other["name"] == name and phase_id is not None:
                    raise VocError(f"There is another phase {name!r}; choose a different name.")
                if other["name"] == name:
                    chosen = other["phase_id"]
                elif _overlap(start, end, other["start"], other["end"]):
                    until = _until(other["end"])
                    raise VocError(
                        f"Phase {name!r} overlaps phase {other['name']!r}, which runs from {other['start']} {until}; "
                        "change the dates of one of them."
                    )
            values = {"name": name, "start": start, "end": end, "product_id": product_id}
            key: str = chosen or f"user-{uuid.uuid4().hex[:12]}"
            transaction.put("put_phase", self._tables.PHASES, key, values, by)
        return key

    def delete_phase(self, phase_id: str, by: str = "") -> None:
        """Take a phase out.

        Raises:
            VocError: nobody entered such a phase.
        """
        if not self._delete("delete_phase", "PHASES", phase_id, by):
            raise VocError(f"There is no phase {phase_id!r} that somebody entered; reload the list of phases.")


def _until(end: dt.date | None) -> str:
    return f"to {end}" if end else "on without an end"


def _overlap(start: dt.date, end: dt.date | None, other_start: dt.date, other_end: dt.date | None) -> bool:
    return (other_end is None or start < other_end) and (end is None or other_start < end)
