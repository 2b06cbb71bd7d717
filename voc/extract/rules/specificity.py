"""How much an opinion says: what goes wrong (trouble), that a part is bad (judgement), that the whole is (verdict)."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz import fuzz, process

from voc.extract.rules.lexicon import EVALUATIVE, FILLER, GENERIC_SUBJECTS, VAGUE, VERDICT, words

#: A word of at least this many letters that resembles a judging word is taken for it.
_LONG_ENOUGH = 7
_ALIKE = 87
_LONG_EVALUATIVE = sorted(word for word in EVALUATIVE if len(word) >= _LONG_ENOUGH)


def is_generic(aspect: str | None) -> bool:
    """Say whether an aspect names the product as a whole ("this product", "earphones") or nothing at all."""
    if not aspect:
        return True
    return all(word in GENERIC_SUBJECTS or word in FILLER for word in words(aspect))


def only_judges(phrase: str) -> bool:
    """Say whether a phrase has no content beyond good or bad ("not good", "very poor", "worst")."""
    return all(word in FILLER or judges(word) for word in words(phrase))


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


def specificity(aspect: str | None, phrase: str | None, clause: str, about: str = "product") -> str:
    """Return "trouble", "judgement" or "verdict" for one opinion about `about` (the target).

    "left side went dead" is a trouble, "sound quality not good" a judgement, "worst product", "don't buy" a verdict.
    """
    empty = "verdict" if is_generic(aspect) else "judgement"
    if phrase is None and aspect is not None:
        return empty  # the model saw discontent with a part, without words that say what is wrong
    said = phrase if phrase is not None else clause
    if only_judges(VERDICT.sub(" ", said)):
        return empty
    if about != "product":
        return "trouble"  # "no refund", "sent it back twice" say little of the product, enough of a seller
    content = {word for word in words(said) if not word.isdigit() and not judges(word)} - FILLER - GENERIC_SUBJECTS
    if not content - VAGUE and not (content and aspect is not None and empty == "judgement"):
        return empty
    return "trouble"
