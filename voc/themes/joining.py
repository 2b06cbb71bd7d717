"""Clusters that are one trouble to a reader: about the same word, or near one another and called alike."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from voc.extract.rules.lexicon import EMPTY, EVALUATIVE, VAGUE, words
from voc.themes.areas import OUTSIDE, TARGET_AREAS, WHOLE
from voc.themes.centres import Labels
from voc.themes.terms import same_wording, stem
from voc.themes.trouble import Trouble

#: Clusters of one area are the same theme when one word stands in at least this share of the phrases of both.
_DOMINANT = 0.4
#: Two themes of an area are one when the mean of the cosines of their centres and of their words is so high,
_ALIKE = 0.70
_ALIKE_OF_A_PART = 0.60  # where both are about the same part
_ALIKE_ACROSS = 0.80  # where only one of them is about a part
#: and that of their centres alone;
_NEAR = 0.60
#: two of different areas when both cosines are so high.
_ANYWHERE = 0.78
#: Of different parts it says little that both are bad, or low.
_JUDGING = frozenset(stem(word) for word in EVALUATIVE)
#: A theme hangs under an area when at least this share of its mentions does.
_AREA_SHARE = 0.35
#: The same for delivery, seller and service: that others than its makers are to mend it should be what most say.
_OTHERS_SHARE = 0.5


def area_of(members: Sequence[Trouble]) -> str:
    """Return the area that most mentions stand under; the whole product when few stand under any one."""
    counts = Counter(t.area for t in members)
    total = counts.total()
    counts.pop(WHOLE, None)
    if not counts:
        return WHOLE
    name, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    share = _OTHERS_SHARE if name in TARGET_AREAS.values() else _AREA_SHARE
    return name if count >= share * total else WHOLE


def join_same_word(troubles: Sequence[Trouble], labels: Labels) -> Labels:
    """Join clusters of one area that are about the same word ("cable: frayed", "frays way")."""
    count = int(labels.max(initial=-1)) + 1
    leader: dict[tuple[str, str], int] = {}
    moved = np.arange(count)
    for label in range(count):
        members = [troubles[p] for p in np.flatnonzero(labels == label).tolist()]
        area = area_of(members)
        empty = VAGUE | EMPTY | set(words(area))
        forms = Counter(
            form for t in members for form in {stem(w) for w in words(same_wording(t.phrase)) if w not in empty}
        )
        if forms:
            form, times = min(forms.items(), key=lambda item: (-item[1], item[0]))
            if times >= _DOMINANT * len(members):
                moved[label] = leader.setdefault((area, form), label)
    kept = sorted(set(moved.tolist()))
    dense = {old: new for new, old in enumerate(kept)}
    return np.array([dense[int(moved[label])] if label >= 0 else -1 for label in labels], dtype=np.int64)


def alike(
    rows: Sequence[Mapping[str, Any]],
    said: Sequence[Sequence[frozenset[str]]],
    pinned: frozenset[str],
    names: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> dict[str, str]:
    """Return the themes that say the same as another one, each with the id of that one.

    Args:
        rows: of themes, with `theme_id`, `area`, `size` and the unit `centre`.
        said: the stems of each theme's mentions.
        pinned: ids of themes that stay apart from one another; others may join them.
        names: stems that only name an area, by area: what two themes say of one part is compared without them.

    The closest pair goes first, and a theme that was joined joins no further one.
    """
    if len(rows) < 2:
        return {}
    centres = np.array([row["centre"] for row in rows], dtype=np.float32)
    near = centres @ centres.T
    counts = [Counter(form for stems in group for form in stems) for group in said]
    pairs = []
    for i, j in zip(*np.nonzero(np.tril(near >= _NEAR, -1)), strict=True):
        one, other = rows[i], rows[j]
        if {one["theme_id"], other["theme_id"]} <= pinned:
            continue
        besides = names.get(one["area"], frozenset()) if one["area"] == other["area"] else _JUDGING
        same = _cosine(counts[i], counts[j], besides)
        if _one(one["area"], other["area"], float(near[i, j]), same):
            pairs.append((-round(float(near[i, j]) + same, 4), other["theme_id"], one["theme_id"], i, j))
    joined: dict[str, str] = {}
    kept: set[str] = set()
    for _, _, _, i, j in sorted(pairs):
        # The one that people touched stays, then the larger, then the first by id.
        first, second = sorted(
            (rows[i], rows[j]), key=lambda row: (row["theme_id"] not in pinned, -row["size"], row["theme_id"])
        )
        target, gone = joined.get(first["theme_id"], first["theme_id"]), second["theme_id"]
        if gone not in joined and gone not in kept and target != gone:
            joined[gone] = target
            kept.add(target)
    return joined


def _one(area: str, other: str, near: float, same: float) -> bool:
    """Say whether two themes are one, by the cosines of their centres and of their words."""
    if area == other:
        return near + same >= 2 * (_ALIKE if area == WHOLE else _ALIKE_OF_A_PART)
    if min(near, same) >= _ANYWHERE:
        return True
    # What names no part may be about any part of the product.
    return WHOLE in (area, other) and not OUTSIDE & {area, other} and near + same >= 2 * _ALIKE_ACROSS


def _cosine(one: Counter[str], other: Counter[str], besides: frozenset[str]) -> float:
    """Return the cosine between how often each word but those in `besides` is said."""
    a = {form: count for form, count in one.items() if form not in besides}
    b = {form: count for form, count in other.items() if form not in besides}
    length = math.sqrt(sum(c * c for c in a.values()) * sum(c * c for c in b.values()))
    return sum(count * b.get(form, 0) for form, count in a.items()) / length if length else 0.0
