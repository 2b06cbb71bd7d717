"""What people decided about themes and mentions, as plain values: the store keeps it, the themes room applies it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

#: The `theme_id` of a correction that takes a mention out of every theme.
NO_THEME = ""


@dataclass(frozen=True)
class Span:
    """Where a mention stands: a review, and code points of its text, half open. Outlives a change of model."""

    review_id: str
    start: int
    end: int


@dataclass(frozen=True)
class Split:
    """A theme taken out of another: the mentions that were chosen, and the words that choose later ones.

    A later mention of `source` goes to the new theme when its clause has one of `words`; without words, when its
    vector is nearer to the new theme's.
    """

    theme_id: str
    source: str
    name: str
    members: tuple[Span, ...]
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Correction:
    """What somebody said of one mention; None leaves as it is what was read."""

    span: Span
    theme_id: str | None = None  # NO_THEME: it belongs to none
    kind: str | None = None
    hazard: bool | None = None


@dataclass(frozen=True)
class Edits:
    """Everything that people decided, theme by theme and mention by mention.

    Attributes:
        names: name by theme_id.
        hidden: theme_ids that lists leave out.
        dismissed: theme_ids that are no problem: they are not ranked, and their mentions are no troubles.
        merged: theme_id by the theme_id that was merged into it.
        areas: name of an area by the theme_id that was moved there.
        splits: themes taken out of others, in the order in which it was done.
        corrections: of single mentions.
        followed: theme_ids that somebody decided to mend, or whose mending is verified.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    dismissed: frozenset[str] = frozenset()
    merged: Mapping[str, str] = field(default_factory=dict)
    areas: Mapping[str, str] = field(default_factory=dict)
    splits: tuple[Split, ...] = ()
    corrections: tuple[Correction, ...] = ()
    followed: frozenset[str] = frozenset()

    def touched(self) -> set[str]:
        """Return the ids of the themes that somebody decided something about: they are never retired."""
        return set(self._touched())

    def _touched(self) -> Iterator[str]:
        yield from self.names
        yield from self.hidden | self.dismissed | self.followed
        yield from self.merged
        yield from self.merged.values()
        yield from self.areas
        for split in self.splits:
            yield split.theme_id
            yield split.source
        for correction in self.corrections:
            if correction.theme_id:
                yield correction.theme_id
