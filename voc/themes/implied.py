"""Parts that a wording implies: what customers say is frayed is the cable, whether they name it or not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voc.extract.rules.lexicon import EMPTY, VAGUE, words
from voc.themes.terms import stem

#: A word implies an area when at least so many mentions name the part beside it, and this share of them the same area.
_MENTIONS = 8
_SHARE = 0.6
_SAY_NOTHING = EMPTY | VAGUE
_LIFETIME = re.compile(r"\b(?:weeks?|months?|mnths?|mths?|years?|yrs?)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Implied:
    """The area that a word implies; of the mentions that name a part beside it, what share and how many name it."""

    area: str
    share: float
    mentions: int


def learn_implied(areas: Sequence[str], phrases: Sequence[str]) -> dict[str, Implied]:
    """Return what words imply, by stem, from mentions with the area that each names ("" for none) and its phrase."""
    seen: dict[str, Counter[str]] = {}
    for area, phrase in zip(areas, phrases, strict=True):
        if area:
            for form in _stems(phrase):
                seen.setdefault(form, Counter())[area] += 1
    implied = {}
    for form, counts in seen.items():
        area, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
        if counts.total() >= _MENTIONS and count / counts.total() >= _SHARE:
            implied[form] = Implied(area, count / counts.total(), count)
    return implied


def implied_area(phrase: str, implied: Mapping[str, Implied]) -> str:
    """Return the area that a phrase implies; "" for none.

    What lasts for months, or not, is the product and no charge of its battery. Of several words that imply an area the
    surest decides, then the commonest, then the first by name.
    """
    if _LIFETIME.search(phrase):
        return ""
    found = [implied[form] for form in _stems(phrase) if form in implied]
    return min(found, key=lambda one: (-one.share, -one.mentions, one.area)).area if found else ""


def _stems(phrase: str) -> set[str]:
    return {stem(word) for word in words(phrase) if word not in _SAY_NOTHING and len(word) > 2}
