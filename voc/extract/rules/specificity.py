"""How much an opinion says: what goes wrong (trouble), that a part is bad (judgement), that the whole is (verdict)."""

from __future__ import annotations

from voc.extract.rules.lexicon import EVALUATIVE, FILLER, GENERIC_SUBJECTS, VERDICT, words


def is_generic(aspect: str | None) -> bool:
    """Say whether an aspect names the product as a whole ("this product", "earphones") or nothing at all."""
    if not aspect:
        return True
    return all(word in GENERIC_SUBJECTS or word in FILLER for word in words(aspect))


def only_judges(phrase: str) -> bool:
    """Say whether a phrase has no content beyond good or bad ("not good", "very poor", "worst")."""
    return all(word in EVALUATIVE or word in FILLER for word in words(phrase))


def specificity(aspect: str | None, phrase: str | None, clause: str) -> str:
    """Return "trouble", "judgement" or "verdict" for one opinion.

    "left side went dead" is a trouble, "sound quality not good" a judgement, "worst product", "don't buy" a verdict.
    """
    said = phrase if phrase is not None else clause
    generic = is_generic(aspect)
    if only_judges(said):
        return "verdict" if generic else "judgement"
    if VERDICT.search(said) and (generic or phrase is None):
        rest = VERDICT.sub(" ", said)
        if all(word in EVALUATIVE or word in FILLER or word in GENERIC_SUBJECTS for word in words(rest)):
            return "verdict"
    if phrase is None and aspect is not None:
        # The model saw dissatisfaction with a part without words for it.
        return "verdict" if generic else "judgement"
    if all(word in EVALUATIVE or word in FILLER or word in GENERIC_SUBJECTS for word in words(said)):
        return "verdict" if generic else "judgement"
    return "trouble"
