"""The decisions that people take about opportunities: who does what until when, and what is expected of it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from voc.errors import ConflictError, VocError
from voc.store.entry_base import _line
from voc.store.fix_entries import FixEntries
from voc.store.merging import merged
from voc.store.undoing import UndoEntries

if TYPE_CHECKING:
    from sqlalchemy import Table

    from voc.store.entry_database import Transaction

#: The states a decision goes through, and the one of those that are not carried out.
STATES = ("proposed", "decided", "in progress", "released", "closed", "rejected")
#: States in which a decision has been carried out.
DONE = ("released", "closed")
#: How an expected effect is stated -> how it reads; `{}` is the value.
EXPECTED = {
    "percent of reviews": "reach falls to {} % of reviews",
    "points": "reach falls by {} percentage points",
    "percent": "reach falls by {} %",
}
#: What a person enters of a decision, in the order of a form.
FIELDS = (
    "title",
    "state",
    "owner",
    "release",
    "planned_on",
    "released_on",
    "lag_days",
    "expected_unit",
    "expected_value",
    "expected_note",
    "note",
    "theme_id",
    "product",
    "brand",
    "market",
    "phase_id",
)
# Fields that mean something only together: one from each of two editors would make a third thing that nobody wanted.
_TOGETHER = (("expected_unit", "expected_value"), ("state", "released_on"))


class DecisionEntries(FixEntries, UndoEntries):
    """Decisions, which several people may edit at once; a released one is a fix that every run verifies."""

    def decisions(self) -> list[dict[str, Any]]:
        """Return all decisions, the oldest first.

        Returns:
            Dictionaries of `decision_id`, what `FIELDS` names (None where it was not given; dates as dates,
            `expected_unit` one of `EXPECTED`), `created_at`, `updated_at` (UTC), `created_by`, `updated_by`, and
            `revision`, which a change must name.
        """
        rows = [_with_zone(row) for row in self._rows("DECISIONS")]
        return sorted(rows, key=lambda row: (row["created_at"], row["decision_id"]))

    def decision_history(self, decision_id: str) -> list[dict[str, Any]]:
        """Return the lines of `history` about one decision, oldest first."""
        with self._reading() as transaction:
            return [] if transaction is None else [_line(line) for line in transaction.lines(decision_id)]

    def add_decision(self, theme_id: str, title: str, *, by: str = "", **values: Any) -> str:
        """Enter a decision.

        Args:
            theme_id: the theme it is about.
            title: what is to be done.
            by: who enters it.
            values: further ones of `FIELDS`; the state is "proposed" where none is given.

        Returns:
            Its decision_id, which never changes.

        Raises:
            VocError: the title is blank, or a value is none that the field takes.
        """
        decision_id = f"decision-{uuid.uuid4().hex[:12]}"
        row = _checked({**dict.fromkeys(FIELDS), "state": "proposed", **values, "theme_id": theme_id, "title": title})
        now = _now()
        about = {"created_at": now, "created_by": by, "updated_at": now, "updated_by": by, "revision": 1}
        with self._database.writing() as transaction:
            transaction.put("put_decision", self._tables.DECISIONS, decision_id, {**row, **about}, by)
        return decision_id

    def change_decision(
        self, decision_id: str, values: Mapping[str, Any], *, revision: int, by: str = ""
    ) -> dict[str, tuple[Any, Any]]:
        """Change a decision that an editor saw at a revision.

        What somebody else changed since then stays as long as this editor did not change the same field to something
        else; then nothing is stored.

        Args:
            decision_id: the decision.
            values: fields of `FIELDS` as the editor leaves them; those left as they were may be in it or not.
            revision: the one that the editor saw.
            by: who changes it.

        Returns:
            What somebody else had changed meanwhile and stays: field -> (before, now).

        Raises:
            ConflictError: both changed a field, each to something else.
            VocError: the decision is gone, or a value is none that the field takes.
        """
        with self._database.writing() as transaction:
            table = self._tables.DECISIONS
            now = transaction.row(table, decision_id)
            if now is None:
                raise _gone(transaction, decision_id)
            base = now if revision == now["revision"] else _at(transaction, table, decision_id, revision)
            mine = {**{name: base[name] for name in FIELDS}, **_trimmed(values)}
            result = merged(base, {name: now[name] for name in FIELDS}, mine, together=_TOGETHER)
            if result.conflicts:
                who, when = _last_change(transaction, decision_id, result.conflicts)
                raise ConflictError(
                    f"{who or 'Somebody'} changed this decision at {when:%H:%M} UTC while you were editing it; "
                    "nothing of yours has been stored yet. Choose what holds.",
                    who=who,
                    when=when,
                    fields=result.conflicts,
                    revision=now["revision"],
                )
            row = _checked(result.values)
            if all(row[name] == now[name] for name in FIELDS):
                return result.theirs
            about = {"updated_at": _now(), "updated_by": by, "revision": now["revision"] + 1}
            kept = {name: now[name] for name in ("created_at", "created_by")}
            transaction.put("put_decision", table, decision_id, {**row, **kept, **about}, by)
        return result.theirs

    def delete_decision(self, decision_id: str, *, revision: int, by: str = "") -> None:
        """Take a decision out; its history stays, and `undo` brings it back.

        Raises:
            ConflictError: somebody changed it after `revision`.
            VocError: it is gone already.
        """
        with self._database.writing() as transaction:
            now = transaction.row(self._tables.DECISIONS, decision_id)
            if now is None:
                raise _gone(transaction, decision_id)
            if now["revision"] != revision:
                who, when = now["updated_by"], now["updated_at"].replace(tzinfo=dt.UTC)
                raise ConflictError(
                    f"{who or 'Somebody'} changed this decision at {when:%H:%M} UTC; look at it before you delete it.",
                    who=who,
                    when=when,
                    revision=now["revision"],
                )
            transaction.drop("delete_decision", self._tables.DECISIONS, decision_id, by)

    def fixes(self) -> list[dict[str, Any]]:
        """Return what is to be verified: released decisions, and the fixes people entered that are none of those.

        Returns:
            As `FixEntries.fixes`; the `fix_id` of a decision is its decision_id, and it may have a `market` too.
        """
        released = [
            {
                "fix_id": row["decision_id"],
                "since": row["released_on"],
                **{name: row[name] for name in ("theme_id", "lag_days", "product", "brand", "market", "phase_id")},
            }
            for row in self.decisions()
            if row["state"] in DONE and row["released_on"] is not None
        ]
        decided = {_about(row) for row in released}
        merged = {row["theme_id"]: row["into"] for row in self._rows("MERGED")}
        rows = [*released, *(row for row in super().fixes() if _about(row) not in decided)]
        # Of a theme that was merged into another one, the other one is verified.
        rows = [{**row, "theme_id": merged_into(merged, row["theme_id"])} for row in rows]
        return sorted(rows, key=lambda row: (row["since"], row["fix_id"]))


def merged_into(merged: Mapping[str, str], theme_id: str) -> str:
    """Return the theme that a theme is shown as, by the merges there are."""
    while theme_id in merged:
        theme_id = merged[theme_id]
    return theme_id


def _about(fix: Mapping[str, Any]) -> tuple[Any, ...]:
    return (*(fix[name] for name in ("theme_id", "since", "product", "brand", "phase_id")), fix.get("market"))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def _with_zone(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, **{name: row[name].replace(tzinfo=dt.UTC) for name in ("created_at", "updated_at")}}


def _trimmed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values without spaces around them; an empty text is none."""
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise ValueError(f"a decision has no field {sorted(unknown)[0]!r}")
    trimmed = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    return {name: None if value == "" else value for name, value in trimmed.items()}


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be stored of a decision.

    Raises:
        VocError: it does not hold together.
    """
    row = _trimmed(values)
    if not row["title"]:
        raise VocError("A decision needs a title; say what is to be done.")
    if row["state"] not in STATES:
        raise VocError(f"{row['state']!r} is no state of a decision; choose one of: {', '.join(STATES)}.")
    if row["state"] in DONE and row["released_on"] is None:
        raise VocError(f"A decision that is {row['state']} needs the first day on which the change was sold.")
    if row["lag_days"] is not None and row["lag_days"] < 0:
        raise VocError(f"A lag of {row['lag_days']} days is negative; give 0 or more.")
    if (row["expected_unit"] is None) != (row["expected_value"] is None):
        raise VocError("An expected effect needs both a number and what the number means.")
    if row["expected_unit"] is not None:
        if row["expected_unit"] not in EXPECTED:
            raise VocError(f"{row['expected_unit']!r} is no unit of an effect; choose one of: {', '.join(EXPECTED)}.")
        row["expected_value"] = float(row["expected_value"])
        if not 0 <= row["expected_value"] <= 100:
            raise VocError(f"An expected effect of {row['expected_value']:g} is not between 0 and 100.")
    return row


def _gone(transaction: Transaction, decision_id: str) -> VocError:
    """Return the error about a decision that is not there: who took it out, if somebody did."""
    last = next((line for line in reversed(transaction.lines(decision_id)) if line["after"] is None), None)
    if last is None:
        return VocError(f"There is no decision {decision_id!r}; the page Decisions lists them.")
    when = last["at"].replace(tzinfo=dt.UTC)
    return ConflictError(
        f"{last['who'] or 'Somebody'} deleted this decision at {when:%H:%M} UTC; bring it back to change it.",
        who=last["who"],
        when=when,
    )


def _last_change(transaction: Transaction, decision_id: str, fields: Collection[str]) -> tuple[str, dt.datetime]:
    """Return who last changed one of the fields, and when."""
    for line in reversed(transaction.lines(decision_id)):
        before, after = line["before"] or {}, line["after"] or {}
        if any(before.get(name) != after.get(name) for name in fields):
            break
    return line["who"], line["at"].replace(tzinfo=dt.UTC)


def _at(transaction: Transaction, table: Table, decision_id: str, revision: int) -> dict[str, Any]:
    """Return a decision as it was at an earlier revision."""
    from voc.store.entry_tables import parsed

    for line in transaction.lines(decision_id):
        if line["after"] is not None and line["after"]["revision"] == revision:
            return parsed(table, line["after"])
    raise VocError("This decision has no such revision; open it anew before you change it.")
