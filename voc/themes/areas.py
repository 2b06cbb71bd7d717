"""Areas: the product parts that opinions name, with synonyms and misspellings joined."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from voc import tables
from voc.extract.rules.lexicon import GENERIC_SUBJECTS, words
from voc.themes.embedding import Vectors, embed
from voc.themes.implied import Implied
from voc.themes.terms import join_misspellings, merged_counts, misspelled

WHOLE = "whole product"
OTHER = "other parts"
PRICE = "price"
#: What comes in pairs fails on one side, whatever customers call it: "left earphone", "one side", "right ear bud".
SIDE = "left or right side"
#: Areas that are not parts of the product; a product manager acts on them differently.
TARGET_AREAS = {"delivery": "delivery", "seller": "seller", "service": "service"}
OUTSIDE = frozenset({*TARGET_AREAS.values(), PRICE})
_PRICED = frozenset("price prices priced pricing cost costs mrp money budget".split())
_SIDES = frozenset("left right one 1 single".split())
_OF_A_SIDE = frozenset("side ear bud piece plug earpiece earplug one".split())
_SYNONYM = 0.70  # cosine from which two terms name the same part
_RELATED = 0.45  # the same, for terms of which one holds all words of the other
#: Last words of a name that only say which property of a part is meant.
_PROPERTIES = frozenset(
    """
    quality life backup performance level range time length size output level clarity feature function mode effect
    connectivity connection connecting response system
    """.split()
)
_NEAREST = 0.58  # a rare term joins the nearest area from here on


@dataclass(frozen=True)
class Areas:
    """Areas by name with the terms they join, the area of every term, and of every word that implies one."""

    members: Mapping[str, Sequence[str]] = field(default_factory=dict)
    of_term: Mapping[str, str] = field(default_factory=dict)
    implied: Mapping[str, Implied] = field(default_factory=dict)


def area_id(name: str) -> str:
    """Return the id of the area `name`."""
    return "a" + hashlib.sha256(name.encode()).hexdigest()[:10]


def find_areas(
    parts: Sequence[str], *, before: Areas | None = None, encoder: str = "default", model: str = "opinions"
) -> Areas:
    """Join the normal forms of named parts into areas; empty strings are skipped.

    Terms are taken from the commonest down. One joins an area when it is nearly its synonym, or related and sharing
    all words with it; a rare one joins the nearest area or goes to the other parts. An area that the name of one
    `before` belongs to is called by it.
    """
    counts = Counter(part for part in parts if part)
    mapping = join_misspellings(counts)
    merged = merged_counts(counts, mapping)
    ordered = sorted(merged, key=lambda term: (-merged[term], term))
    if not ordered:
        return Areas()
    floor = max(2, round(0.001 * sum(merged.values())))
    vectors: Vectors = embed(ordered, encoder=encoder, model=model)
    bags = [frozenset(words(term)) for term in ordered]
    leaders: list[int] = []
    joined: dict[int, int] = {}  # common term -> place of its area among the leaders
    holders: dict[str, list[int]] = {}  # word -> the common terms that have it
    area_of: dict[str, str] = {}
    for index, term in enumerate(ordered):
        if bags[index] & _PRICED:
            area_of[term] = PRICE
            continue
        if _is_side(term):
            area_of[term] = SIDE
            continue
        kin = sorted({m for word in bags[index] for m in holders.get(word, ()) if _same_part(ordered[m], term)})
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
    if before is not None:
        of_term = _called_as_before(of_term, before)
    members: dict[str, list[str]] = {}
    for term in sorted(counts, key=lambda t: (-counts[t], t)):
        members.setdefault(of_term[term], []).append(term)
    return Areas(members, of_term)


def place_terms(parts: Sequence[str], areas: Areas, *, encoder: str = "default", model: str = "opinions") -> Areas:
    """Return `areas` with the parts it does not know yet; none that it knows moves, and no area is new.

    A new term goes where the known one is that it misspells; else to a related one that shares all words with it;
    else to the nearest area; else to the other parts.
    """
    new = sorted({part for part in parts if part and part not in areas.of_term})
    if not new:
        return areas
    known = [term for term, area in areas.of_term.items() if area not in (OTHER, PRICE, SIDE)]
    leaders = sorted({areas.of_term[term] for term in known})
    by_word: dict[str, list[str]] = {}
    for term in known:
        for word in words(term):
            by_word.setdefault(word, []).append(term)
    bags = {term: frozenset(words(term)) for term in new}
    kin = {
        term: sorted({k for word in bag for k in by_word.get(word, ()) if _same_part(k, term)})
        for term, bag in bags.items()
    }
    strings = sorted({*new, *leaders, *(k for listed in kin.values() for k in listed)})
    vectors = dict(zip(strings, embed(strings, encoder=encoder, model=model), strict=True))
    of_term = dict(areas.of_term)
    for term in new:
        related = max(((float(vectors[k] @ vectors[term]), k) for k in kin[term]), default=(0.0, ""))
        nearest = max(((float(vectors[name] @ vectors[term]), name) for name in leaders), default=(0.0, ""))
        if bags[term] & _PRICED:
            of_term[term] = PRICE
        elif _is_side(term):
            of_term[term] = SIDE
        elif (meant := misspelled(term, known)) is not None:
            of_term[term] = areas.of_term[meant]
        elif related[0] >= _RELATED:
            of_term[term] = areas.of_term[related[1]]
        elif nearest[0] >= _NEAREST:
            of_term[term] = nearest[1]
        else:
            of_term[term] = OTHER
    members = {name: list(terms) for name, terms in areas.members.items()}
    for term in new:
        members.setdefault(of_term[term], []).append(term)
    return Areas(members, of_term, areas.implied)


def areas_table(areas: Areas, used: set[str]) -> pa.Table:
    """Return table `areas`: those of parts, and of the others those whose ids are `used`."""
    implied: dict[str, list[dict[str, object]]] = {}
    for stem, found in sorted(areas.implied.items()):
        implied.setdefault(found.area, []).append({"stem": stem, "share": found.share, "mentions": found.mentions})
    names: dict[str, Sequence[str]] = {WHOLE: (), **dict.fromkeys(TARGET_AREAS.values(), ())}
    names = {**{name: terms for name, terms in names.items() if area_id(name) in used}, **areas.members}
    rows = [
        {
            "area_id": area_id(name),
            "name": name,
            "synonyms": [term for term in terms if term != name],
            "implied_by": implied.get(name, []),
        }
        for name, terms in sorted(names.items())
    ]
    return tables.from_rows("areas", rows)


def read_areas(table: pa.Table) -> Areas:
    """Return what `areas_table` made a table of."""
    members: dict[str, list[str]] = {}
    implied: dict[str, Implied] = {}
    for row in table.to_pylist():
        name = row["name"]
        if name != WHOLE and name not in TARGET_AREAS.values():
            own = [] if name == OTHER else [name]
            members[name] = [*own, *row["synonyms"]]
        for found in row["implied_by"] or ():
            implied[found["stem"]] = Implied(name, found["share"], found["mentions"])
    return Areas(members, {term: name for name, terms in members.items() for term in terms}, implied)


def _called_as_before(of_term: Mapping[str, str], before: Areas) -> dict[str, str]:
    """Call areas by the names they had: each by the first name, in the order they had, that is a term of it."""
    called: dict[str, str] = {}
    for name in before.members:
        now = of_term.get(name)
        if now is not None and now not in (OTHER, PRICE, SIDE):
            called.setdefault(now, name)
    return {term: called.get(area, area) for term, area in of_term.items()}


def _is_side(term: str) -> bool:
    """Say whether a term names one of a pair: the left or the right one, or one side."""
    said = set(words(term))
    rest = said - _SIDES
    if not rest <= _OF_A_SIDE | GENERIC_SUBJECTS:
        return False
    return "side" in said or not said.isdisjoint({"left", "right"})


def _same_part(one: str, other: str) -> bool:
    """Say whether one of two terms is a longer name of what the other names.

    "sound quality" is of the sound and a "volume button" is a button, but no volume: what a compound names is its last
    word, unless that is a mere property.
    """
    short, long = sorted((words(one), words(other)), key=len)
    if not set(short) <= set(long):
        return False
    return "of" in long or long[-1] in short or not _PROPERTIES.isdisjoint(long[-2:])
