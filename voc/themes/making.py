"""Themes out of troubles: equal wordings once, clusters, what is the same joined, ids kept, names given."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from voc.config import ThemesConfig
from voc.extract.rules.lexicon import EMPTY, VAGUE, words
from voc.themes.areas import TARGET_AREAS, WHOLE, area_id
from voc.themes.cluster import Labels, centres_of, cluster
from voc.themes.embedding import Vectors
from voc.themes.identity import founding_id, match_themes
from voc.themes.naming import distinct, theme_name, typical_wordings
from voc.themes.terms import same_wording, stem

#: Clusters of one area are the same theme when one word stands in at least this share of the phrases of both.
_DOMINANT = 0.4
#: A theme hangs under an area when at least this share of its mentions does.
_AREA_SHARE = 0.35
#: The same for delivery, seller and service: that others than its makers are to mend it should be what most say.
_OTHERS_SHARE = 0.5


@dataclass(frozen=True)
class Trouble:
    """A mention of a trouble: its row, the part it names ("" for none), its area's name, its phrase's normal form."""

    row: dict[str, Any]
    part: str
    area: str
    phrase: str
    clause: str

    @property
    def wording(self) -> str:
        """What counts as equal: part and phrase; without a phrase the mention stands for itself."""
        return f"{self.part} | {self.phrase} | {'' if self.phrase else self.row['mention_id']}"


def make_themes(
    troubles: Sequence[Trouble],
    vectors: Vectors,
    *,
    config: ThemesConfig,
    known: Mapping[str, set[str]],
    born: Mapping[str, dt.datetime],
    now: dt.datetime,
) -> list[dict[str, Any]]:
    """Group troubles by their unit vectors (n, dimensions), set their rows' `theme_id`, and return rows of `themes`.

    `known` holds the mention ids of the themes there are, whose ids are kept, and `born` when they were first seen.
    """
    labels, keywords = _cluster(troubles, vectors, config)
    labels = _join_same(troubles, labels)
    centres = centres_of(vectors, labels)
    groups = {label: np.flatnonzero(labels == label).tolist() for label in range(len(centres))}
    ids = _identities(
        {label: {troubles[p].row["mention_id"] for p in places} for label, places in groups.items()}, known
    )
    found: list[tuple[int, str, str]] = []
    for label, places in groups.items():
        area = _area([troubles[p] for p in places])
        wordings = typical_wordings([troubles[p].phrase for p in places], vectors[places], centres[label], area)
        if wordings:  # else there is nothing a person could act on: the mentions stay without a theme, and are counted
            found.append((label, area, theme_name(area, wordings)))
    names = distinct([name for _, _, name in found], [keywords.get(label, []) for label, _, _ in found])
    themes = []
    for (label, area, _), name in zip(found, names, strict=True):
        for place in groups[label]:
            troubles[place].row["theme_id"] = ids[label]
        themes.append(
            {
                "theme_id": ids[label],
                "kind": "pain",
                "name": name,
                "area_id": area_id(area),
                "keywords": keywords.get(label, []),
                "size": len(groups[label]),
                "state": "active",
                "first_run": born.get(ids[label], now),
                "renamed_by_user": False,
            }
        )
    return themes


def _cluster(
    troubles: Sequence[Trouble], vectors: Vectors, config: ThemesConfig
) -> tuple[Labels, dict[int, list[str]]]:
    """Cluster each wording once, so that copies of one text neither make nor pull a theme."""
    places: dict[str, list[int]] = {}
    for place, trouble in enumerate(troubles):
        places.setdefault(trouble.wording, []).append(place)
    keys = sorted(places)
    weights = np.array([len({troubles[p].row["review_id"] for p in places[key]}) for key in keys], dtype=np.int64)
    sums = np.array([vectors[places[key]].sum(0) for key in keys], dtype=np.float32)
    pooled = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    documents = [f"{t.part} {t.phrase or t.clause}".strip() for t in (troubles[places[key][0]] for key in keys)]
    found, keywords = cluster(keys, documents, pooled, weights, config=config)
    labels = np.full(len(troubles), -1, dtype=np.int64)
    for key, label in zip(keys, found.tolist(), strict=True):
        labels[places[key]] = label
    return labels, keywords


def _join_same(troubles: Sequence[Trouble], labels: Labels) -> Labels:
    """Join clusters of one area that are about the same word ("cable: frayed", "frays way")."""
    count = int(labels.max(initial=-1)) + 1
    leader: dict[tuple[str, str], int] = {}
    moved = np.arange(count)
    for label in range(count):
        members = [troubles[p] for p in np.flatnonzero(labels == label).tolist()]
        area = _area(members)
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


def _area(members: Sequence[Trouble]) -> str:
    """Return the area that most mentions stand under; the whole product when few stand under any one."""
    counts = Counter(t.area for t in members)
    total = counts.total()
    counts.pop(WHOLE, None)
    if not counts:
        return WHOLE
    name, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    share = _OTHERS_SHARE if name in TARGET_AREAS.values() else _AREA_SHARE
    return name if count >= share * total else WHOLE


def _identities(clusters: Mapping[int, set[str]], known: Mapping[str, set[str]]) -> dict[int, str]:
    matched = match_themes(clusters, known)
    taken = set(matched.values()) | set(known)
    for label, mention_ids in clusters.items():
        if label not in matched:
            new = founding_id(sorted(mention_ids))
            while new in taken:
                new += "x"
            matched[label] = new
            taken.add(new)
    return matched
