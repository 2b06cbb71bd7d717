"""The words a theme is about: those that its mentions say and those of its neighbours do not."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from voc.extract.rules.content import judges
from voc.extract.rules.lexicon import EMPTY, VAGUE, words
from voc.themes.areas import OTHER, WHOLE
from voc.themes.centres import Labels
from voc.themes.terms import same_wording, stem
from voc.themes.trouble import Trouble

#: Judging words that tell what is wrong all the same.
_TELLING = frozenset("cheap expensive costly fake duplicate fault faulty defect defective".split())
_TELLING_OF_A_PART = frozenset("low lower lowest high higher".split())
_NAMES = 0.03  # share of the mentions of a part in which a word names it, that is not chance
#: A theme's stability and the share of its mentions that have one of its words must come to this much together.
_SOUND = 0.75
#: A theme's words tell what it is about; so many of them, the most telling ones.
_FIRST = 5
_NOUN = 0.4  # share of the mentions of a word in which it is what they are about, for a noun
_RARE = 0.02  # a share below which a word is not said in a group
#: A word of a theme that no neighbour has counts for this much of its share all the same.
_ALONE = 0.5


def stems(text: str, besides: AbstractSet[str] = frozenset()) -> frozenset[str]:
    """Return the stems of the words of `text` that say something, without those in `besides`."""
    return _stems(text) - besides


@lru_cache(maxsize=100_000)
def _stems(text: str) -> frozenset[str]:
    said = words(same_wording(text.lower()))
    return frozenset(stem(word) for word in said if word not in VAGUE and word not in EMPTY)


def salience(groups: Sequence[Sequence[frozenset[str]]], areas: Sequence[str]) -> list[dict[str, float]]:
    """Return how telling each word is of each group: above 0 where none of its neighbours says it much more.

    `groups` hold the stems of each mention, `areas` name the area of each group. With p the share of a group's mentions
    that have a word and q the largest such share in another group of the area, a word weighs p (log(p / q) + 0.5): its
    part in a divergence of Kullback and Leibler, and half its share lest an area with one theme has no words.
    """
    shares = []
    for group in groups:
        counts = Counter(form for said in group for form in said)
        shares.append({form: count / len(group) for form, count in counts.items()})
    most: dict[tuple[str, str], tuple[float, float]] = {}  # area and word: the two largest shares
    for own, area in zip(shares, areas, strict=True):
        for form, share in own.items():
            first, second = most.get((area, form), (0.0, 0.0))
            most[area, form] = (max(first, share), max(second, min(first, share)))
    found = []
    for own, area in zip(shares, areas, strict=True):
        weights = {}
        for form, p in own.items():
            first, second = most[area, form]
            q = max(_RARE, second if p == first else first)
            weights[form] = p * (math.log(p / q) + _ALONE)
        found.append(weights)
    return found


@dataclass(frozen=True)
class Spoken:
    """What the mentions of themes say.

    Attributes:
        rows: of the themes, with `theme_id`, `area` and `stability`.
        said: the stems of each of their mentions.
        weights: how telling each stem is of each theme.
        names: stems that only name an area, by area.
    """

    rows: Sequence[Mapping[str, Any]]
    said: list[list[frozenset[str]]]
    weights: list[dict[str, float]]
    names: dict[str, frozenset[str]]

    def loose(self) -> set[str]:
        """Return the themes that hold what fits nowhere else: few runs find them, few mentions share a word."""
        return {
            row["theme_id"]
            for row, said, weights in zip(self.rows, self.said, self.weights, strict=True)
            if row["area"] in (WHOLE, OTHER) and row["stability"] + coverage(said, weights) < _SOUND
        }


def spoken_of(rows: Sequence[Mapping[str, Any]], groups: Mapping[str, Labels], troubles: Sequence[Trouble]) -> Spoken:
    """Return what the mentions of `rows` say; `groups` hold their places among `troubles` by theme."""
    of_area: dict[str, list[Trouble]] = {row["area"]: [] for row in rows}
    for trouble in troubles:
        if trouble.area in of_area:
            of_area[trouble.area].append(trouble)
    names = {area: names_of(area, own, len(troubles)) for area, own in of_area.items()}
    said = [[said_by(troubles[p], names[row["area"]]) for p in groups[row["theme_id"]].tolist()] for row in rows]
    return Spoken(rows, said, salience(said, [row["area"] for row in rows]), names)


def coverage(group: Sequence[frozenset[str]], weights: Mapping[str, float]) -> float:
    """Return the share of a group's mentions that have one of its five most telling words said more than once."""
    counts = Counter(form for said in group for form in said)
    often = sorted((form for form in weights if counts[form] > 1), key=lambda form: (-weights[form], form))
    first = frozenset(often[:_FIRST])
    return sum(not first.isdisjoint(said) for said in group) / max(1, len(group))


def said_by(trouble: Trouble, besides: AbstractSet[str]) -> frozenset[str]:
    """Return the stems of what a mention says is wrong, and with what, but for those in `besides`.

    That is its part and its phrase, without these its clause; words that only judge say nothing.
    """
    return _told(trouble.document, not besides) - besides


@lru_cache(maxsize=100_000)
def _told(text: str, whole: bool) -> frozenset[str]:
    said = words(same_wording(text.lower()))
    return frozenset().union(*(_stems(word) for word in said if tells(word, whole=whole)))


def tells(word: str, *, whole: bool) -> bool:
    """Say whether a word does more than judge: of the whole product, or of a part of it."""
    return word in _TELLING or (not whole and word in _TELLING_OF_A_PART) or not judges(word)


def names_of(area: str, troubles: Sequence[Trouble], among: int) -> frozenset[str]:
    """Return the stems of the words that name an area in its mentions, of `among` in all; none where it is no part."""
    if area in (WHOLE, OTHER):
        return frozenset()
    parts = Counter(form for t in troubles for form in {stem(word) for word in words(t.part)})
    often = {form for form, count in parts.items() if count >= max(2, _NAMES * among)}
    return frozenset(often | {stem(word) for word in words(area)})


def nouns_in(troubles: Sequence[Trouble]) -> frozenset[str]:
    """Return the stems of words that customers mostly name as what an opinion is about."""
    named = Counter(form for t in troubles for form in _stems((t.row["aspect"] or "").lower()))
    told = Counter(form for t in troubles for form in _stems(t.phrase))
    return frozenset(form for form, count in named.items() if count > 1 and count >= _NOUN * (count + told[form]))
