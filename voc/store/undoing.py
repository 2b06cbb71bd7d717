"""Taking back what people changed about themes, mentions and decisions, one change after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from voc.errors import VocError
from voc.store.entry_base import EntryBase

#: What history calls the taking back of a change of a theme or a mention, as `entry_database` does; of a decision.
UNDO = "undo"
UNDO_DECISION = "undo_decision"
#: The table that each kind of change of a theme or a mention is kept in, by what history calls it.
KEPT = {
    "rename_theme": "NAMES",
    "hide_theme": "HIDDEN",
    "show_theme": "HIDDEN",
    "dismiss_theme": "DISMISSED",
    "restore_theme": "DISMISSED",
    "merge_theme": "MERGED",
    "move_theme": "MOVED",
    "split_theme": "SPLITS",
    "correct_mention": "CORRECTIONS",
}
_OF_DECISIONS = ("put_decision", "delete_decision")


class UndoEntries(EntryBase):
    """Changes that can be taken back; that they were is remembered like any change."""

    def undoable(self) -> list[dict[str, Any]]:
        """Return the lines of `history` that can be taken back, the latest first.

        Of several changes of the same row only the latest can: an earlier one would bring back what stood before it,
        and the later ones be lost. That a decision was made is not among them: whoever wants it gone deletes it.
        """
        return _undoable(self.history())

    def undo(self, by: str = "", line_id: int | None = None) -> dict[str, Any]:
        """Take back a change that was not taken back yet.

        Args:
            by: who takes it back.
            line_id: of its line of history, one of `undoable`; by default the last about a theme or a mention.

        Returns:
            Its line of `history`.

        Raises:
            VocError: there is none, or a later change of the same theme, mention or decision stands on it.
        """
        with self._database.writing() as transaction:
            left = _undoable(transaction.rows(self._tables.HISTORY, "id"))
            if line_id is None:
                last = next((line for line in left if line["what"] in KEPT), None)
                if last is None:
                    raise VocError("There is no change of a theme or a mention left to undo.")
            else:
                last = next((line for line in left if line["id"] == line_id), None)
                if last is None:
                    raise VocError(
                        "This change was taken back already, or a later one of the same theme, mention or decision "
                        "stands on it; take that one back first."
                    )
            if last["what"] in KEPT:
                transaction.restore(getattr(self._tables, KEPT[last["what"]]), last, by)
            else:
                transaction.restore_revision(UNDO_DECISION, self._tables.DECISIONS, last, by)
        return next(line for line in self.history() if line["id"] == last["id"])


def _undoable(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines of history, given oldest first, that can be taken back, the latest first."""
    undone = {line["after"]["undone"] for line in lines if line["what"] in (UNDO, UNDO_DECISION)}
    left: list[dict[str, Any]] = []
    taken: set[tuple[str, str]] = set()
    # Themes that later changes speak of: one that was split off must stay while they do.
    named: set[str] = set()
    for line in reversed(lines):
        if line["id"] in undone:
            continue
        if line["what"] in _OF_DECISIONS:
            row = ("DECISIONS", line["subject"])
            if row not in taken and line["before"] is not None:
                left.append(line)
            taken.add(row)
            continue
        if line["what"] not in KEPT:
            continue
        row = (KEPT[line["what"]], line["subject"])
        if row not in taken and not (line["what"] == "split_theme" and line["subject"] in named):
            left.append(line)
        taken.add(row)
        after = line["after"] or {}
        named |= {str(one) for one in (line["subject"], *(after.get(k) for k in ("into", "source", "theme_id"))) if one}
    return left
