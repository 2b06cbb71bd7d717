"""The many spellings of a term brought to one: case, articles, plurals, fillers, misspellings."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from rapidfuzz import fuzz, process

from voc.extract.rules.lexicon import GENERIC_SUBJECTS, words

_EDGES = frozenset(
    """
    a an the this that these those it its it's is are was were be been my your our their his her i we you they he
    she and or but so very really too also just only then of for to in on at by with from as if than there here
    which who has have had do does did s t m re ve am overall even still ever itself themselves
    """.split()
)
#: A term so much rarer than one it resembles is taken for a misspelling of it.
_RARER = 4
_ALIKE = 85


def normal_aspect(aspect: str, parts: AbstractSet[str] = frozenset()) -> str:
    """Return the plain form of an aspect ("The Batteries" -> "battery"); empty when nothing of it names a part.

    `parts` are devices that are parts of the product ("camera quality" of a phone).
    """
    kept = [singular(word) for word in words(aspect)]
    generic = GENERIC_SUBJECTS - parts
    while kept and (kept[0] in _EDGES or (len(kept) > 1 and kept[0] in generic)):
        kept.pop(0)
    while kept and (kept[-1] in _EDGES or (len(kept) > 2 and kept[-1] in generic and kept[-1] != "quality")):
        kept.pop()
    return " ".join(kept)


def normal_phrase(phrase: str) -> str:
    """Return a phrase without case, punctuation and edge words ("It just stopped working!" -> "stopped working")."""
    kept = words(phrase)
    while kept and kept[0] in _EDGES:
        kept.pop(0)
    while kept and kept[-1] in _EDGES - {"on"}:  # "won't turn on" ends in its verb's particle
        kept.pop()
    return " ".join(kept)


# Wordings of one failure that any product can have; word vectors alone keep them apart.
_WORK = r"(?:work(?:s|ed|ing)?|function(?:s|ed|ing|al)?)"
_NO = (
    r"(?:(?:(?:do|did|does|is|was|has|will|would|can)\s+)?not?|never|no longer|cannot|\w*n['’]?t"
    r"|dont|doesnt|didnt|wont|cant|isnt|stop(?:s|ped|ping)?|quits?|ceased)"
)
_SAME = tuple(
    (re.compile(rf"\b{wording}\b"), plain)
    for wording, plain in (
        (rf"{_NO}\s+(?:\w+\s+)?{_WORK}(?:\s+(?:properly|anymore|at all|fine|well))?", "stopped working"),
        (rf"{_NO}\s+(?:even\s+)?(?:turn|switch|power)(?:s|ed|ing)?\s+(?:it\s+)?on", "will not turn on"),
        (rf"{_NO}\s+(?:get\s+|getting\s+)?(?:charg(?:e|es|ed|ing)|recharg(?:e|es|ed|ing))", "stopped charging"),
        (
            r"(?:keeps?\s+(?:on\s+)?)?(?:disconnect(?:s|ed|ing)?|loses?\s+connection|lost\s+connection)",
            "keeps disconnecting",
        ),
        (rf"{_NO}\s+(?:connect|pair)(?:s|ed|ing)?", "does not connect"),
    )
)


#: How every wording of `_SAME` begins: most phrases hold none, and one look tells.
_BEGIN = re.compile(rf"\b(?:{_NO}\s|keeps?\s|disconnect|loses?\s|lost\s)")


#: What other wordings are put into.
SAME = tuple(plain for _, plain in _SAME)


def may_change(word: str) -> bool:
    """Say whether `same_wording` may change a phrase that has this word, of letters and digits alone; most may not."""
    # Of "doesn't" such words are "doesn" and "t".
    return word == "t" or _BEGIN.search(f"{word} ") is not None


def same_wording(phrase: str) -> str:
    """Bring the wordings of a failure that any product can have to one ("not working", "doesn't work")."""
    if _BEGIN.search(phrase) is None:
        return phrase
    for wording, plain in _SAME:
        phrase = wording.sub(plain, phrase)
    return phrase


def stem(word: str) -> str:
    """Return the beginning that the forms of one word share ("frays", "frayed", "fraying" -> "fray")."""
    for ending in ("ings", "ing", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    return word[:5]


def singular(word: str) -> str:
    """Return a noun without the ending of its plural ("batteries" -> "battery")."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ous")):
        return word[:-1]
    return word


def join_misspellings(counts: Mapping[str, int]) -> dict[str, str]:
    """Map each term to the common term that it misspells, or to itself.

    A term is taken for a misspelling when one at least four times as common differs by a letter or two, or in vowels
    and doubled letters alone ("bettary" -> "battery"); chains are followed to their end, and ties go to the commoner,
    then the first by name.
    """
    ordered = sorted(counts, key=lambda term: (-counts[term], term))
    falling = [-counts[term] for term in ordered]
    mapping = {term: term for term in ordered}
    sounding: dict[str, str] = {}  # consonants -> the commonest term that has them
    for term in ordered:
        common = ordered[: bisect_right(falling, -_RARER * counts[term])]  # those common enough stand first
        meant = _closest(term, common)
        if meant is None:
            sounds = sounding.setdefault(_consonants(term), term)
            meant = sounds if counts[sounds] >= _RARER * counts[term] and len(_consonants(term)) > 3 else None
        if meant is not None:
            mapping[term] = mapping[meant]
    return mapping


def misspelled(term: str, known: Sequence[str]) -> str | None:
    """Return the known term that `term` misspells by a letter or two; of several equally near the first by name."""
    return _closest(term, sorted(known))


def _closest(term: str, known: Sequence[str]) -> str | None:
    if len(term) < 4 or not known:
        return None
    best = process.extractOne(term, known, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    if best is not None and term[0] == best[0][0] and len(best[0].split()) == len(term.split()):
        return str(best[0])
    return None


def _consonants(term: str) -> str:
    """Return the first letter and the consonants after it, doubled ones once ("bettary" -> "btry")."""
    kept = term[:1] + re.sub(r"[aeiou\W]", "", term[1:])
    return re.sub(r"(.)\1+", r"\1", kept)


def merged_counts(counts: Mapping[str, int], mapping: Mapping[str, str]) -> Counter[str]:
    """Add the counts of terms that `mapping` joins."""
    merged: Counter[str] = Counter()
    for term, count in counts.items():
        merged[mapping[term]] += count
    return merged
