"""Parts that a wording implies: what customers say is frayed is the cable, whether they name it or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from voc.extract.rules.lexicon import EMPTY, VAGUE, words
from voc.themes.areas import OTHER
from voc.themes.terms import stem

#: A word implies an area when at least so many mentions name the part beside it, and this share of them the same area.
_MENTIONS = 8
_SHARE = 0.6


def implied_areas(areas: Sequence[str], phrases: Sequence[str]) -> list[str]:
    """Return an area for each mention: its own, or the one that a word of its phrase implies, or "".

    `areas` holds the area that each mention names ("" for none), `phrases` its opinion words. Of several words that
    imply an area the surest decides, then the commonest, then the first by name.
    """
    seen: dict[str, Counter[str]] = {}
    stems = [_stems(phrase) for phrase in phrases]
    for area, found in zip(areas, stems, strict=True):
        if area and area != OTHER:
            for form in found:
                seen.setdefault(form, Counter())[area] += 1
    implied: dict[str, tuple[float, int, str]] = {}
    for form, counts in seen.items():
        area, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
        share = count / counts.total()
        if counts.total() >= _MENTIONS and share >= _SHARE:
            implied[form] = (share, count, area)
    result = []
    for area, found in zip(areas, stems, strict=True):
        known = sorted((implied[form] for form in found if form in implied), key=lambda x: (-x[0], -x[1], x[2]))
        result.append(area or (known[0][2] if known else ""))
    return result


def _stems(phrase: str) -> set[str]:
    return {stem(word) for word in words(phrase) if word not in EMPTY | VAGUE and len(word) > 2}
