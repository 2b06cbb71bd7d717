"""A mention of a trouble, as themes are made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from voc.extract.rules.lexicon import words
from voc.themes.areas import TARGET_AREAS
from voc.themes.terms import normal_phrase, same_wording

_AT_MOST = 7  # words that are quoted as one


@dataclass(frozen=True, slots=True)
class Trouble:
    """A mention of a trouble.

    Attributes:
        row: of `mentions`.
        part: the part it names, "" for none.
        area: the name of its area.
        phrase: the normal form of its phrase.
        told: the same of the customer's words from the aspect to the phrase; the phrase where they stand far apart.
        clause: its clause as it was written.
    """

    row: dict[str, Any]
    part: str
    area: str
    phrase: str
    told: str
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
    phrase = normal_phrase(row["phrase"] or "")
    told = phrase
    if phrase and row["aspect"] and (part or row["target"] in TARGET_AREAS):
        start, end = min(row["aspect_start"], row["phrase_start"]), max(row["aspect_end"], row["phrase_end"])
        between = normal_phrase(text[start:end])
        if len(words(between)) <= _AT_MOST:
            told = between
    return Trouble(row, part, area, phrase, told, text[row["clause_start"] : row["clause_end"]])
