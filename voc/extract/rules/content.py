"""Which words say nothing by themselves: names of the product as a whole, judging words, filler."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz, process

from voc.extract.rules.lexicon import DEVICES_IN_DEVICES, EMPTY, EVALUATIVE, FILLER, VAGUE, words

#: A word of at least this many letters that resembles a judging word is taken for it.
_LONG_ENOUGH = 7
_ALIKE = 87
_LONG_EVALUATIVE = sorted(word for word in EVALUATIVE if len(word) >= _LONG_ENOUGH)
#: What a customer advises others to do says nothing of what is wrong.
_ADVICE = re.compile(
    r"\b(?:(?:stay|keep|run|steer|walk) (?:far |well )?(?:away|clear)(?: from\b.*)?"
    r"|(?:look|shop|go|try|buy) (?:elsewhere|some(?:where|thing) else)|think twice|save (?:your|ur) money)\b"
)
#: That it is of no use is said of the whole.
_OF_NO_USE = re.compile(
    r"\b(?:not?|never|cannot|cant|hardly|without(?: much| any)?|\w+n't)(?: \w+){0,3}? (?:use|usable|useable|useful)\b"
    r"(?! (?:\w+ )?(?:with|on|in)\b)"
)


def is_generic(aspect: str | None) -> bool:
    """Say whether an aspect names the product as a whole ("this product", "earphones") or nothing at all.

    A camera or a speaker may be a part of it.
    """
    if not aspect:
        return True
    return all(word in EMPTY and word.removesuffix("s") not in DEVICES_IN_DEVICES for word in words(aspect))


def only_judges(clause: str) -> bool:
    """Say whether a clause has no content beyond that the whole is good or bad ("the product is not good", "worst").

    Nor have "stay away" and "no use".
    """
    plain = _ADVICE.sub("useless", _OF_NO_USE.sub("useless", " ".join(words(clause))))
    said = [word for word in words(plain) if word not in EMPTY]
    return bool(said) and all(judges(word) for word in said)


def says_nothing(phrase: str) -> bool:
    """Say whether a phrase neither judges nor says what is wrong ("two weeks", "using it")."""
    return all(word.isdigit() or word in FILLER or (word in VAGUE and word not in EVALUATIVE) for word in words(phrase))


@lru_cache(maxsize=50_000)
def judges(word: str) -> bool:
    """Say whether a word only judges, misspelt or not ("dissapointed")."""
    if word in EVALUATIVE:
        return True
    if len(word) < _LONG_ENOUGH:
        return False
    found = process.extractOne(word, _LONG_EVALUATIVE, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return found is not None and word[0] == found[0][0]
