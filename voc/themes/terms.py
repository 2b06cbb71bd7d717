"""The many spellings of a term brought to one: case, articles, plurals, fillers, misspellings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rapidfuzz import fuzz, process

from voc.extract.rules.lexicon import GENERIC_SUBJECTS, words

_EDGES = frozenset(
    """
    a an the this that these those it its it's is are was were be been my your our their his her i we you they he
    she and or but so very really too also just only then of for to in on at by with from as if than there here
    which who has have had do does did s t m re ve am overall even still ever
    """.split()
)
#: A term so much rarer than one it resembles is taken for a misspelling of it.
_RARER = 4
_ALIKE = 86


def normal_aspect(aspect: str) -> str:
    """Return the plain form of an aspect ("The Batteries" -> "battery"); empty when nothing of it names a part."""
    kept = [_singular(word) for word in words(aspect)]
    while kept and (kept[0] in _EDGES or (len(kept) > 1 and kept[0] in GENERIC_SUBJECTS)):
        kept.pop(0)
    while kept and (kept[-1] in _EDGES or (len(kept) > 2 and kept[-1] in GENERIC_SUBJECTS and kept[-1] != "quality")):
        kept.pop()
    return " ".join(kept)


def normal_phrase(phrase: str) -> str:
    """Return a phrase without case, punctuation and edge words ("It just stopped working!" -> "stopped working")."""
    kept = words(phrase)
    while kept and kept[0] in _EDGES:
        kept.pop(0)
    while kept and kept[-1] in _EDGES - {"on", "in", "by", "at", "to", "from"}:
        kept.pop()
    return " ".join(kept)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ous")):
        return word[:-1]
    return word


def join_misspellings(counts: Mapping[str, int]) -> dict[str, str]:
    """Map each term to the common term that it misspells, or to itself.

    A term is taken for a misspelling when one at least four times as common differs by a letter or two
    ("bettery" -> "battery"); chains are followed to their end, and ties go to the commoner, then the first by name.
    """
    ordered = sorted(counts, key=lambda term: (-counts[term], term))
    mapping = {term: term for term in ordered}
    for index, term in enumerate(ordered):
        common = [c for c in ordered[:index] if counts[c] >= _RARER * counts[term]]
        if len(term) < 4 or not common:
            continue
        best = process.extractOne(term, common, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        if best is not None and term[0] == best[0][0] and len(best[0].split()) == len(term.split()):
            mapping[term] = mapping[best[0]]
    return mapping


def merged_counts(counts: Mapping[str, int], mapping: Mapping[str, str]) -> Counter[str]:
    """Add the counts of terms that `mapping` joins."""
    merged: Counter[str] = Counter()
    for term, count in counts.items():
        merged[mapping[term]] += count
    return merged
