"""Areas: the product parts that opinions name, with synonyms and misspellings joined."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voc.extract.rules.content import is_generic
from voc.extract.rules.lexicon import words
from voc.themes.embedding import Vectors, embed
from voc.themes.terms import join_misspellings, merged_counts, normal_aspect

WHOLE = "whole product"
OTHER = "other parts"
#: Areas that are not parts of the product; a product manager acts on them differently.
TARGET_AREAS = {"delivery": "delivery", "seller": "seller", "service": "service"}
_SYNONYM = 0.62  # cosine from which two terms name the same part
_RELATED = 0.45  # the same, for terms of which one holds all words of the other
#: Verbs that stand where a part is named but name none ("worked for a week").
_VERBS = frozenset("work working worked function functioning functioned use used using perform performed".split())
_NEAREST = 0.50  # a rare term joins the nearest area from here on


@dataclass(frozen=True)
class Areas:
    """Areas by name with the terms they join, and the area of every term."""

    members: dict[str, list[str]]
    of_term: dict[str, str]


def area_id(name: str) -> str:
    """Return the id of the area `name`."""
    return "a" + hashlib.sha256(name.encode()).hexdigest()[:10]


def named_part(aspect: str | None, target: str) -> str:
    """Return the normal form of the product part that a mention names; empty when it names none."""
    if aspect is None or target in TARGET_AREAS or is_generic(aspect):
        return ""
    term = normal_aspect(aspect)
    return "" if is_generic(term) or term in _VERBS else term


def find_areas(parts: Sequence[str], *, encoder: str = "default", model: str = "opinions") -> Areas:
    """Join the normal forms of named parts into areas; empty strings are skipped.

    Terms are taken from the commonest down. One joins an area when it is nearly its synonym, or related and sharing
    all words with it; a rare one joins the nearest area or goes to the other parts.
    """
    counts = Counter(part for part in parts if part)
    mapping = join_misspellings(counts)
    merged = merged_counts(counts, mapping)
    ordered = sorted(merged, key=lambda term: (-merged[term], term))
    if not ordered:
        return Areas({}, {})
    floor = max(2, round(0.001 * sum(merged.values())))
    vectors: Vectors = embed(ordered, encoder=encoder, model=model)
    bags = [frozenset(words(term)) for term in ordered]
    leaders: list[int] = []
    joined: dict[int, int] = {}  # common term -> place of its area among the leaders
    holders: dict[str, list[int]] = {}  # word -> the common terms that have it
    area_of: dict[str, str] = {}
    for index, term in enumerate(ordered):
        kin = sorted({m for word in bags[index] for m in holders.get(word, ()) if _holds(bags[m], bags[index])})
        alike = vectors[kin] @ vectors[index] if kin else np.zeros(0)
        similar = vectors[leaders] @ vectors[index] if leaders else np.zeros(0)
        common = merged[term] >= floor
        if kin and alike.max() >= _RELATED:
            place = joined[kin[int(alike.argmax())]]
        elif leaders and similar.max() >= (_SYNONYM if common else _NEAREST):
            place = int(similar.argmax())
        elif common:
            place = len(leaders)
            leaders.append(index)
        else:
            area_of[term] = OTHER
            continue
        area_of[term] = ordered[leaders[place]]
        if common:
            joined[index] = place
            for word in bags[index]:
                holders.setdefault(word, []).append(index)
    of_term = {term: area_of[mapping[term]] for term in counts}
    members: dict[str, list[str]] = {}
    for term in sorted(counts, key=lambda t: (-counts[t], t)):
        members.setdefault(of_term[term], []).append(term)
    return Areas(members, of_term)


def _holds(one: frozenset[str], other: frozenset[str]) -> bool:
    return one <= other or other <= one
