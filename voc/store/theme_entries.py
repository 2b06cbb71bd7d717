"""What people decide about themes and mentions: names, merges, splits, moves, what is hidden or no problem."""

from __future__ import annotations

import json
from collections.abc import Set as AbstractSet
from typing import Any

from voc.edits import Correction, Edits, Span, Split
from voc.errors import ConflictError, VocError
from voc.store.undoing import KEPT, UndoEntries

#: What history calls a change of which `voc forget` left nothing else.
FORGOTTEN = "forgotten"


class ThemeEntries(UndoEntries):
    """Decisions about themes and single mentions."""

    def rename_theme(self, theme_id: str, name: str, by: str = "", *, seen: str | None = None) -> None:
        """Give a theme a name of one's own.

        Args:
            theme_id: the theme.
            name: its name from now on.
            by: who names it.
            seen: the name that the editor saw before; with it, a name that somebody else gave meanwhile is not
                overwritten.

        Raises:
            ConflictError: somebody else has renamed it since.
            VocError: the name is blank.
        """
        name = name.strip()
        if not name:
            raise VocError("A theme needs a name; type one that says what goes wrong.")
        with self._database.writing() as transaction:
            now = transaction.row(self._tables.NAMES, theme_id)
            if seen is not None and now is not None and now["name"] not in (seen, name):
                who, when = transaction.last_editor(theme_id)
                raise ConflictError(
                    f"{who or 'Somebody'} renamed this theme to {now['name']!r} at {when:%H:%M} UTC while you were "
                    "editing it; save again if yours is to hold.",
                    who=who,
                    when=when,
                    fields={"name": (now["name"], name)},
                )
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

    def dismiss_theme(self, theme_id: str, dismissed: bool = True, by: str = "") -> None:
        """Call a theme no problem, or a problem again."""
        if not dismissed and all(row["theme_id"] != theme_id for row in self._rows("DISMISSED")):
            return
        with self._database.writing() as transaction:
            if dismissed:
                transaction.put("dismiss_theme", self._tables.DISMISSED, theme_id, {}, by)
            else:
                transaction.drop("restore_theme", self._tables.DISMISSED, theme_id, by)

    def merge_theme(self, theme_id: str, into: str, by: str = "") -> None:
        """Show the mentions of a theme under another one, from now on.

        Raises:
            VocError: the two are one already.
        """
        with self._database.writing() as transaction:
            merged = {row["theme_id"]: row["into"] for row in transaction.rows(self._tables.MERGED)}
            end = into
            while end in merged and end != theme_id:
                end = merged[end]
            if end == theme_id:
                raise VocError(f"Themes {theme_id!r} and {into!r} are one already; choose another one to merge into.")
            transaction.put("merge_theme", self._tables.MERGED, theme_id, {"into": into}, by)

    def move_theme(self, theme_id: str, area: str, by: str = "") -> None:
        """Put a theme under another area.

        Raises:
            VocError: the name of the area is blank.
        """
        area = " ".join(area.split())
        if not area:
            raise VocError("An area needs a name; type that of the product part, or delivery, seller or service.")
        with self._database.writing() as transaction:
            transaction.put("move_theme", self._tables.MOVED, theme_id, {"area": area}, by)

    def split_theme(self, split: Split, by: str = "") -> None:
        """Take a part of a theme out as one of its own.

        Raises:
            VocError: no mention was chosen, or the very same part was taken out before.
        """
        if not split.members:
            raise VocError("No mention of the theme was chosen, so nothing can be taken out of it.")
        with self._database.writing() as transaction:
            there = transaction.rows(self._tables.SPLITS)
            if any(row["theme_id"] == split.theme_id for row in there):
                raise VocError(f"This part was taken out before, as theme {split.theme_id!r}.")
            values = {
                "source": split.source,
                "name": split.name,
                "members": [[span.review_id, span.start, span.end] for span in split.members],
                "words": list(split.words),
                "place": max((row["place"] for row in there), default=0) + 1,
            }
            transaction.put("split_theme", self._tables.SPLITS, split.theme_id, values, by)

    def correct_mention(self, correction: Correction, by: str = "") -> None:
        """Say of one mention which theme it belongs to, of what kind it is, or whether it is a hazard.

        What an earlier correction of it said, and this one leaves open, stays.
        """
        said = {"theme_id": correction.theme_id, "kind": correction.kind, "hazard": correction.hazard}
        key = _key(correction.span)
        with self._database.writing() as transaction:
            for row in transaction.rows(self._tables.CORRECTIONS):
                if row["span"] == key:
                    said = {name: row[name] if value is None else value for name, value in said.items()}
            transaction.put("correct_mention", self._tables.CORRECTIONS, key, said, by)

    def edits(self) -> Edits:
        """Return everything that people decided about themes and mentions, as it was at one moment."""
        with self._reading() as transaction:
            if transaction is None:
                return Edits()
            rows = {name: transaction.rows(getattr(self._tables, name)) for name in set(KEPT.values())}
        return Edits(
            names={row["theme_id"]: row["name"] for row in rows["NAMES"]},
            hidden=frozenset(row["theme_id"] for row in rows["HIDDEN"]),
            dismissed=frozenset(row["theme_id"] for row in rows["DISMISSED"]),
            merged={row["theme_id"]: row["into"] for row in rows["MERGED"]},
            areas={row["theme_id"]: row["area"] for row in rows["MOVED"]},
            splits=tuple(
                Split(
                    row["theme_id"],
                    row["source"],
                    row["name"],
                    tuple(Span(*member) for member in row["members"]),
                    tuple(row["words"]),
                )
                for row in sorted(rows["SPLITS"], key=lambda row: (row["place"], row["theme_id"]))
            ),
            corrections=tuple(
                Correction(Span(*json.loads(row["span"])), row["theme_id"], row["kind"], row["hazard"])
                for row in sorted(rows["CORRECTIONS"], key=lambda row: str(row["span"]))
            ),
        )

    def forget_reviews(self, review_ids: AbstractSet[str]) -> None:
        """Take reviews out of corrections, of what was split off, and of the history of both.

        What was decided about other reviews stays. A line of history about a mention that is forgotten says nothing
        but that there was one, and cannot be undone.
        """
        with self._reading() as transaction:
            if transaction is None or not any(
                _names(row, review_ids)
                for table in ("CORRECTIONS", "SPLITS", "HISTORY")
                for row in transaction.rows(getattr(self._tables, table))
            ):
                return
        with self._database.writing() as transaction:
            for row in transaction.rows(self._tables.CORRECTIONS):
                if _names(row, review_ids):
                    transaction.erase(self._tables.CORRECTIONS, row["span"])
            for row in transaction.rows(self._tables.SPLITS):
                transaction.rewrite(self._tables.SPLITS, row["theme_id"], {**row, **(_without(row, review_ids) or {})})
            for line in transaction.rows(self._tables.HISTORY):
                if _of_review(line["subject"], review_ids):
                    line |= {"what": FORGOTTEN, "subject": "", "before": None, "after": None}
                else:
                    line |= {side: _without(line[side], review_ids) for side in ("before", "after")}
                transaction.rewrite(self._tables.HISTORY, line["id"], line)


def _names(row: dict[str, Any], review_ids: AbstractSet[str]) -> bool:
    """Say whether a row of entries or of their history names one of the reviews."""
    entries = [row, *(row[side] for side in ("before", "after") if row.get(side))]
    return any(
        _of_review(entry.get("span") or entry.get("subject") or "", review_ids)
        or any(member[0] in review_ids for member in entry.get("members") or ())
        for entry in entries
    )


def _of_review(key: str, review_ids: AbstractSet[str]) -> bool:
    """Say whether `key` is the span of a mention of one of the reviews; other entries have ids for keys."""
    return key.startswith("[") and json.loads(key)[0] in review_ids


def _without(entry: dict[str, Any] | None, review_ids: AbstractSet[str]) -> dict[str, Any] | None:
    """Return the entry of a split without the mentions of the reviews; any other as it is."""
    if entry is None or "members" not in entry:
        return entry
    return {**entry, "members": [member for member in entry["members"] if member[0] not in review_ids]}


def _key(span: Span) -> str:
    return json.dumps([span.review_id, span.start, span.end], ensure_ascii=False)
