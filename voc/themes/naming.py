"""Names a person understands: the part, and what customers say goes wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from voc.extract.rules.lexicon import words
from voc.themes.areas import OTHER, OUTSIDE, SIDE, WHOLE, area_id
from voc.themes.centres import Labels
from voc.themes.cluster import keywords
from voc.themes.embedding import Vectors
from voc.themes.identity import NAMELESS, Known
from voc.themes.salience import Spoken, nouns_in, spoken_of
from voc.themes.trouble import Trouble
from voc.themes.wordings import typical_wordings

#: A theme keeps its name as long as it shares this much with what it was: mentions in both over mentions in either.
_SAME = 0.5
_CALLED = 0.2  # share of a theme's mentions that must call a part so
#: Words with which a phrase denies what follows.
_DENY = frozenset("not no never don't doesn't didn't can't won't isn't wasn't aren't cannot".split())
#: Areas that have one name.
_NAMED = frozenset({WHOLE, OTHER, SIDE, *OUTSIDE})


def name_themes(
    rows: list[dict[str, Any]],
    groups: Mapping[str, Labels],
    troubles: Sequence[Trouble],
    vectors: Vectors,
    *,
    known: Known,
) -> Spoken:
    """Fill in `name`, `keywords` and `area_id` of `rows`, and the state of those that nothing sayable stands for.

    Returns what their mentions say.
    """
    labels = np.full(len(troubles), -1, dtype=np.int64)
    for label, row in enumerate(rows):
        labels[groups[row["theme_id"]]] = label
    found = keywords([t.document for t in troubles], labels)
    spoken, nouns = spoken_of(rows, groups, troubles), nouns_in(troubles)
    for label, row in enumerate(rows):
        places, area = groups[row["theme_id"]], row["area"]
        row["area_id"] = area_id(area)
        row["keywords"] = found.get(label, [])
        own = [troubles[p] for p in places.tolist()]
        told = area in (WHOLE, OTHER) or area in OUTSIDE
        phrases = [t.told if told or _needs_part(t) else t.phrase for t in own]
        centre = np.array(row["centre"], dtype=np.float32)
        weights, besides = spoken.weights[label], spoken.names[area]
        wordings = typical_wordings(
            phrases, vectors[places], centre, area, weights=weights, besides=besides, nouns=nouns
        )
        old, mention_ids = known.names.get(row["theme_id"]), {t.row["mention_id"] for t in own}
        if old is not None and (not wordings or known.alike(row["theme_id"], mention_ids) >= _SAME):
            row["name"] = old
        elif wordings:
            row["name"] = theme_name(called(area, own), wordings)
        else:
            row["name"], row["state"] = "", NAMELESS
    named = [row for row in rows if row["state"] != NAMELESS]
    # Names that stay come first: it is the new theme that must be told apart.
    named.sort(key=lambda row: (row["name"] != known.names.get(row["theme_id"]), row["theme_id"]))
    taken = [name for theme, name in known.names.items() if theme not in {row["theme_id"] for row in rows}]
    unique = distinct(
        [*taken, *(row["name"] for row in named)], [*([] for _ in taken), *(r["keywords"] for r in named)]
    )
    for row, name in zip(named, unique[len(taken) :], strict=True):
        row["name"] = name
    return spoken


def _needs_part(trouble: Trouble) -> bool:
    """Say whether a phrase is no wording without the part after it ("not a fast" charger)."""
    return trouble.told.startswith(f"{trouble.phrase} ") and trouble.phrase.split()[0] in _DENY


def called(area: str, troubles: Sequence[Trouble]) -> str:
    """Return what the mentions of a theme mostly call the part that is its area."""
    if area in _NAMED:
        return area
    parts = Counter(t.part for t in troubles if t.part and t.area == area)
    if not parts:
        return area
    part, count = min(parts.items(), key=lambda item: (-item[1], item[0]))
    return part if count >= _CALLED * len(troubles) and count > parts[area] else area


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
