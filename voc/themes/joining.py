"""Clusters that are one trouble to a reader: about the same word, or near one another and called alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from voc.extract.rules.lexicon import EMPTY, VAGUE, words
from voc.themes.areas import TARGET_AREAS, WHOLE
from voc.themes.centres import Labels, unit
from voc.themes.embedding import Vectors
from voc.themes.terms import same_wording, stem
from voc.themes.trouble import Trouble

#: Clusters of one area are the same theme when one word stands in at least this share of the phrases of both.
_DOMINANT = 0.4
#: Two themes of an area are one when the mean of the cosines of their centres and of their words is so high,
_ALIKE = 0.70
#: and that of their centres alone;
_NEAR = 0.60
#: two of different areas when both cosines are so high.
_ANYWHERE = 0.75
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


def alike(rows: Sequence[Mapping[str, Any]], said: Sequence[Sequence[str]], pinned: frozenset[str]) -> dict[str, str]:
    """Return the themes that say the same as another one, each with the id of that one.

    Args:
        rows: of themes, with `theme_id`, `area`, `size` and the unit `centre`.
        said: the phrases of each theme's mentions.
        pinned: ids of themes that stay apart from one another; others may join them.

    The closest pair goes first, and a theme that was joined joins no further one.
    """
    if len(rows) < 2:
        return {}
    centres = np.array([row["centre"] for row in rows], dtype=np.float32)
    near, same = centres @ centres.T, _same_words([row["area"] for row in rows], said)
    pairs = [
        (-round(float(near[i, j] + same[i, j]), 4), rows[j]["theme_id"], rows[i]["theme_id"], i, j)
        for i in range(len(rows))
        for j in range(i)
        if (
            min(near[i, j], same[i, j]) >= _ANYWHERE
            or (rows[i]["area"] == rows[j]["area"] and near[i, j] >= _NEAR and near[i, j] + same[i, j] >= 2 * _ALIKE)
        )
        and not {rows[i]["theme_id"], rows[j]["theme_id"]} <= pinned
    ]
    joined: dict[str, str] = {}
    kept: set[str] = set()
    for _, _, _, i, j in sorted(pairs):
        # The one that people touched stays, then the larger, then the first by id.
        first, second = sorted(
            (rows[i], rows[j]), key=lambda row: (row["theme_id"] not in pinned, -row["size"], row["theme_id"])
        )
        one, other = joined.get(first["theme_id"], first["theme_id"]), second["theme_id"]
        if other not in joined and other not in kept and one != other:
            joined[other] = one
            kept.add(one)
    return joined


def _same_words(areas: Sequence[str], said: Sequence[Sequence[str]]) -> Vectors:
    """Return the cosine between themes, (n, n), of how often each word stands in their phrases."""
    counts = []
    for area, phrases in zip(areas, said, strict=True):
        empty = VAGUE | EMPTY | set(words(area))
        counts.append(
            Counter(form for p in phrases for form in {stem(w) for w in words(same_wording(p)) if w not in empty})
        )
    place = {form: i for i, form in enumerate(sorted(set().union(*counts)))}
    table = np.zeros((len(counts), len(place)), dtype=np.float32)
    for row, found in enumerate(counts):
        for form, count in found.items():
            table[row, place[form]] = count
    table = unit(table)
    similar: Vectors = table @ table.T
    return similar
