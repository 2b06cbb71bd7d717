"""What a comparison of two states found, and how it is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Why a mention is in a theme now that was not in it before, and what became of one that is not in it any more.
GAINED = {
    "found": "only read now",
    "kind": "of another kind before",
    "theme": "from other themes",
    "none": "of no theme before",
    "review": "from reviews that only the state after has",
}
LOST = {
    "found": "not read any more",
    "kind": "of another kind now",
    "theme": "now in other themes",
    "none": "of no theme now",
    "review": "from reviews that only the state before has",
}
#: What lies behind these causes: themes that were made anew, a model that reads otherwise, other reviews.
BEHIND = {"theme": "themes", "none": "themes", "found": "reading", "kind": "reading", "review": "reviews"}


@dataclass(frozen=True)
class ThemeChange:
    """One theme in two states.

    Attributes:
        before_id: its id in the state before; None where it is new.
        after_id: its id in the state after; None where it is gone.
        name: its name after, or before where it is gone.
        name_before: its name before; None where it is new.
        before: its row of `opportunities` before, by column; empty where it was not ranked.
        after: the same after.
        mentions_before: how many mentions it had.
        mentions_after: how many it has.
        kept: how many of them are the same; `mentions_after` are these and those gained.
        gained: how many of each of `GAINED` it has now that it had not.
        lost: how many of each of `LOST` it had that it has not any more.
        came_from: themes that it has most of those from: name, how many.
        went_to: themes that most of those went to: name, how many.
        examples: clauses behind a large move: side (gained, lost), cause, review_id, text, start, end, and theme, the
            name of the one that the mention is in in the other state.
    """

    before_id: str | None
    after_id: str | None
    name: str
    name_before: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    mentions_before: int
    mentions_after: int
    kept: int
    gained: Mapping[str, int]
    lost: Mapping[str, int]
    came_from: list[tuple[str, int]]
    went_to: list[tuple[str, int]]
    examples: list[dict[str, Any]] = field(default_factory=list)

    @property
    def clear(self) -> bool:
        """Whether it moved by more than its ranks are uncertain: their intervals have nothing in common."""
        if not self.before or not self.after:
            return False
        return bool(
            self.before["rank_low"] > self.after["rank_high"] or self.before["rank_high"] < self.after["rank_low"]
        )

    @property
    def moved(self) -> str:
        """In a few words where it went in the list: new, gone, up 3, down 2, same."""
        if not self.before and not self.after:
            return "not ranked"
        if not self.before:
            return "new" if self.before_id is None else "ranked now"
        if not self.after:
            return "gone" if self.after_id is None else "not ranked any more"
        up = int(self.before["rank"]) - int(self.after["rank"])
        return f"up {up}" if up > 0 else f"down {-up}" if up else "same"

    @property
    def size(self) -> float:
        """How far its score moved, in stars."""
        return abs(float(self.after.get("score", 0.0)) - float(self.before.get("score", 0.0)))

    def why(self, most: int | None = None) -> str:
        """Return in one sentence which mentions moved it, the largest groups first; `most` of them, or all."""
        groups = [
            (count, f"{sign}{count:,} {words[cause]}{_which(themes, count) if cause == 'theme' else ''}")
            for sign, causes, words, themes in (
                ("+", self.gained, GAINED, self.came_from),
                ("−", self.lost, LOST, self.went_to),
            )
            for cause, count in causes.items()
            if count
        ]
        groups.sort(key=lambda group: -group[0])
        return "; ".join(said for _, said in groups[:most]) or "the same mentions"


def _which(themes: list[tuple[str, int]], count: int) -> str:
    """Return which themes these mentions are of: the one, or the first with its number."""
    if not themes:
        return ""
    name, most = themes[0]
    return f" (“{name}”)" if most == count else f" (“{name}” {most:,})"


@dataclass(frozen=True)
class Comparison:
    """Two states of one workspace.

    Attributes:
        before: what the state before is: snapshot_id, made_at, models (reviews by version), reviews, mentions, themes,
            clustered_by (a sentence; None where the consensus did).
        after: the same of the state after.
        settings: what is set otherwise: key, value before, value after.
        same: mentions that both have: by id, by span, or as other words of the same clause.
        only_before: mentions that only the state before has, by kind.
        only_after: mentions that only the state after has, by kind.
        kinds: how many mentions have another kind: from, to, count.
        themes: what became of each theme, in the order of the ranking after; those that are gone come last.
    """

    before: dict[str, Any]
    after: dict[str, Any]
    settings: list[tuple[str, Any, Any]]
    same: int
    only_before: dict[str, int]
    only_after: dict[str, int]
    kinds: list[tuple[str, str, int]]
    themes: list[ThemeChange]

    @property
    def behind(self) -> dict[str, int]:
        """How many moves of mentions into and out of themes each of `BEHIND` explains, the most first.

        A mention that goes from one theme to another is one move.
        """
        moves = Counter(dict.fromkeys(BEHIND.values(), 0))
        for one in self.themes:
            for cause, count in (*one.gained.items(), *((c, n) for c, n in one.lost.items() if c != "theme")):
                moves[BEHIND[cause]] += count
        return dict(moves.most_common())
