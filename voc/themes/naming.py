"""Names a person understands: the part, and what customers say goes wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from voc.extract.rules.content import judges, only_judges
from voc.extract.rules.lexicon import EMPTY, VAGUE, words
from voc.themes.areas import OTHER, WHOLE
from voc.themes.embedding import Vectors
from voc.themes.terms import stem

_LONGEST = 48  # characters of one wording
_ONCE = 0.2  # what a wording that only one customer used is worth less
#: A cluster about the whole product of which more than this share only judges it is a verdict, no theme.
_VERDICTS = 0.35
#: Judging words that tell what is wrong all the same: of the whole product, and of a part of it.
_TELL = frozenset("cheap expensive costly fake duplicate fault faulty defect defective".split())
_TELL_OF_A_PART = _TELL | frozenset("low lower lowest high higher".split())
#: Words around a judging word that add nothing to it ("started having problems", "especially annoying").
_AROUND = frozenset(
    """
    having facing face faced created creating creates cause causes causing especially particularly somewhat rather
    fairly clearly obviously grand main drawback drawbacks acts stupid
    """.split()
)
#: What people do about any trouble: it names none of the product.
_CONSEQUENCES = frozenset(
    "return returns returned returning refund refunds refunded replace replaced replacing replacement exchange".split()
)


def typical_wordings(phrases: Sequence[str], vectors: Vectors, centre: Vectors, area: str) -> list[str]:
    """Return one or two wordings that stand for a theme: of its commonest words, near its centre, short.

    There is none when no phrase says what is wrong ("use", "within days"). Phrases that only judge ("very bad") stand
    for a theme when there is no other, and for one of the whole product never: where many only judge it, there is none.
    `phrases` are normal forms, one per mention, `vectors` (n, dimensions) their mentions', `centre` (dimensions,) the
    theme's. The words of `area` count for nothing, since the area stands before the wording.
    """
    counts = Counter(phrase for phrase in phrases if phrase)
    if not counts:
        return []
    empty = VAGUE | EMPTY | set(words(area))
    stems = {phrase: {stem(w) for w in words(phrase) if w not in empty} for phrase in counts}
    shares: Counter[str] = Counter()
    for phrase, count in counts.items():
        shares.update(dict.fromkeys(stems[phrase], count))
    total = sum(counts.values())
    place: dict[str, int] = {}
    for index, phrase in enumerate(phrases):
        place.setdefault(phrase, index)

    def worth(phrase: str) -> float:
        size = len(words(phrase))
        length = 0.0 if 2 <= size <= 5 else -0.1 if size == 1 else -0.06 * (size - 5)
        typical = max(shares[form] for form in stems[phrase]) / total
        mean = sum(shares[form] for form in stems[phrase]) / len(stems[phrase]) / total
        common = 0.7 * np.log1p(counts[phrase]) / np.log1p(total)
        once = -_ONCE if counts[phrase] == 1 else 0.0
        return float(vectors[place[phrase]] @ centre) + 0.6 * typical + 0.4 * mean + float(common) + length + once

    whole = area in (WHOLE, OTHER)
    telling = [p for p in counts if stems[p] and not _merely_judges(p, whole)]
    if whole:
        if sum(counts[p] for p in counts if _merely_judges(p, whole)) > _VERDICTS * total:
            return []
    elif not telling:
        telling = [p for p in counts if stems[p]]
    short = [p for p in telling if len(p) <= _LONGEST] or telling
    if not short:
        return []
    ranked = sorted(short, key=lambda p: (-worth(p), p))
    first = ranked[0]
    for second in ranked[1:12]:
        if stems[second] and not stems[second] & stems[first] and counts[second] > 1 and worth(second) > 0.6:
            return [first, second]
    return [first]


def _merely_judges(phrase: str, whole: bool) -> bool:
    """Say whether a phrase only judges: the whole product, or a part of it."""
    said = words(phrase)
    telling = _TELL if whole else _TELL_OF_A_PART
    if not telling.isdisjoint(said):
        return False
    content = [word for word in said if word not in EMPTY | VAGUE | _AROUND]
    if only_judges(phrase) or not content:
        return True
    return all(judges(word) or (whole and word in _CONSEQUENCES) for word in content)


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
