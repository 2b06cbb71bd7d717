"""A mention of a trouble, as themes are made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from voc.themes.terms import normal_phrase, same_wording


@dataclass(frozen=True)
class Trouble:
    """A mention of a trouble: its row, the part it names ("" for none), its area's name, its phrase's normal form."""

    row: dict[str, Any]
    part: str
    area: str
    phrase: str
    clause: str

    @property
    def wording(self) -> str:
        """What counts as equal: part and phrase; without a phrase the mention stands for itself."""
        return f"{self.part} | {same_wording(self.phrase) or self.row['mention_id']}"

    @property
    def document(self) -> str:
        """What keywords are taken from."""
        return f"{self.part} {self.phrase or self.clause}".strip()


def trouble_of(row: dict[str, Any], part: str, area: str, text: str) -> Trouble:
    """Return the trouble of a row of `mentions`, found in the review `text`."""
    return Trouble(row, part, area, normal_phrase(row["phrase"] or ""), text[row["clause_start"] : row["clause_end"]])
