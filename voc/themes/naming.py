"""Names a person understands: the part, and what customers say goes wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from voc.extract.rules.lexicon import FILLER, GENERIC_SUBJECTS, VAGUE, words
from voc.themes.areas import OTHER, WHOLE
from voc.themes.embedding import Vectors

_NEW_WORDS = 0.72  # a second wording is shown when its vector is no nearer to the first than this
_LONGEST = 48  # characters of one wording


def typical_wordings(phrases: Sequence[str], vectors: Vectors, centre: Vectors) -> list[str]:
    """Return one or two wordings that stand for a theme: common, near its centre, short enough to be read at a glance.

    `phrases` are normal forms, one per mention, `vectors` (n, dimensions) theirs, `centre` (dimensions,) the theme's.
    """
    counts = Counter(phrase for phrase in phrases if phrase)
    if not counts:
        return []
    place: dict[str, int] = {}
    for index, phrase in enumerate(phrases):
        place.setdefault(phrase, index)
    total = sum(counts.values())

    def worth(phrase: str) -> float:
        size = len(words(phrase))
        length = 0.0 if 2 <= size <= 6 else -0.12 if size == 1 else -0.05 * (size - 6)
        common = 0.5 * np.log1p(counts[phrase]) / np.log1p(total)
        empty = 0.0 if set(words(phrase)) - VAGUE - FILLER - GENERIC_SUBJECTS else -0.3
        return float(vectors[place[phrase]] @ centre) + float(common) + length + empty

    short = [p for p in counts if len(p) <= _LONGEST] or list(counts)
    ranked = sorted(short, key=lambda p: (-worth(p), p))
    first = ranked[0]
    for second in ranked[1:8]:
        different = float(vectors[place[first]] @ vectors[place[second]]) < _NEW_WORDS
        if different and counts[second] > 1 and not set(words(second)) <= set(words(first)):
            return [first, second]
    return [first]


def theme_name(area: str, wordings: Sequence[str]) -> str:
    """Join an area and wordings: "cable: frays near the connector / broken at the end"."""
    said = " / ".join(wordings)
    if not said:
        return area
    if area in (WHOLE, OTHER):
        return said
    if set(words(area)) <= set(words(wordings[0])):
        return said
    return f"{area}: {said}"


def distinct(names: Sequence[str], keywords: Sequence[Sequence[str]]) -> list[str]:
    """Tell equal names apart by the first keyword that the name lacks."""
    seen: Counter[str] = Counter()
    result = []
    for name, words_of in zip(names, keywords, strict=True):
        unique = name
        if seen[name]:
            extra = next((w for w in words_of if w not in name and f"{name} ({w})" not in result), str(seen[name] + 1))
            unique = f"{name} ({extra})"
        seen[name] += 1
        result.append(unique)
    return result
