"""Themes out of troubles: equal wordings once, clusters, what is the same joined, ids kept, names given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc.config import ThemesConfig
from voc.themes.centres import Labels, centres_of, nearest, unit
from voc.themes.cluster import WAYS, cluster, smallest
from voc.themes.consensus import stability
from voc.themes.embedding import Vectors
from voc.themes.identity import NAMELESS, Known, founding_id, lineage, match_themes
from voc.themes.joining import alike, area_of, join_same_word
from voc.themes.naming import name_themes
from voc.themes.salience import Spoken, stems
from voc.themes.trouble import Trouble


@dataclass(frozen=True)
class Made:
    """Rows of `found_themes` and of `lineage`, the theme of each trouble, None for none, and `Clusters.said`."""

    themes: list[dict[str, Any]]
    assigned: list[str | None]
    lineage: list[dict[str, Any]] = field(default_factory=list)
    said: str | None = None


@dataclass(frozen=True)
class Wordings:
    """Troubles in other words once: what many wrote in the same words neither makes nor pulls a theme.

    Attributes:
        keys: the distinct wordings, sorted.
        row_of: place among `keys` of each trouble's wording, shape (troubles,).
        vectors: unit vectors of the wordings, shape (wordings, dimensions).
        weights: how many reviews have each, shape (wordings,).
        ways: in how many different phrases each is put, shape (wordings,).
    """

    keys: list[str]
    row_of: Labels
    vectors: Vectors
    weights: Labels
    ways: Labels

    def centres(self, labels: Labels) -> Vectors:
        """Return the unit centres of the labels of the troubles, shape (troubles,), equal for equal wordings."""
        of_wording = np.full(len(self.keys), -1, dtype=np.int64)
        of_wording[self.row_of] = labels
        return centres_of(self.vectors, of_wording)


def make_themes(
    troubles: Sequence[Trouble],
    vectors: Vectors,
    *,
    config: ThemesConfig,
    known: Known,
    now: dt.datetime,
    device: str = "cpu",
) -> Made:
    """Group troubles by their unit vectors (n, dimensions) into themes.

    A cluster that shares enough with a theme that is `known` is that theme, with its id, and as long as it shares much
    also with its name. Themes that people have touched stay even if no cluster is like them. Every wording goes to the
    nearest of all centres that is near enough; themes that a reader would not tell apart are joined. `device` computes
    what costs most, as `voc.themes.device.gpu` reads its name.
    """
    wordings = wordings_of(troubles, vectors)
    documents = dict(zip(wordings.row_of.tolist(), (t.document for t in troubles), strict=True))
    clusters = cluster(
        wordings.keys,
        [documents[row] for row in range(len(wordings.keys))],
        wordings.vectors,
        wordings.weights,
        wordings.ways,
        config=config,
        device=device,
    )
    labels = join_same_word(troubles, clusters.labels[wordings.row_of])
    ids = _identities(troubles, labels, known)
    centres = {ids[label]: centre for label, centre in enumerate(wordings.centres(labels))}
    for theme_id in sorted(known.pinned - centres.keys()):
        centres[theme_id] = _centre_of(known, theme_id, troubles, vectors)
    maker = _Maker(troubles, vectors, wordings, clusters.panels[wordings.row_of], config, known, now, device)
    rows, assigned, spoken = maker.gather(centres)
    loose = spoken.loose() - known.pinned
    named = [row for row in rows if row["state"] != NAMELESS and row["theme_id"] not in loose]
    groups = _groups(assigned)
    said = [[stems(troubles[p].phrase) for p in groups.get(row["theme_id"], ())] for row in named]
    joined = alike(named, said, known.pinned, spoken.names)
    if joined or loose:
        left = maker.united(rows, assigned, joined)
        rows, assigned, _ = maker.gather({theme: centre for theme, centre in left.items() if theme not in loose})
    for row in rows:
        del row["area"], row["size"]
    nameless = {row["theme_id"] for row in rows if row["state"] == NAMELESS}
    final = [None if theme in nameless else theme for theme in assigned]
    gone, events = lineage(rows, final, [t.row["mention_id"] for t in troubles], known, now)
    return Made([*rows, *gone], final, events, clusters.said)


@dataclass(frozen=True)
class _Maker:
    """Turns centres into rows of `found_themes`, and the troubles around them."""

    troubles: Sequence[Trouble]
    vectors: Vectors
    wordings: Wordings
    panels: Labels
    config: ThemesConfig
    known: Known
    now: dt.datetime
    device: str

    def gather(self, centres: Mapping[str, Vectors]) -> tuple[list[dict[str, Any]], list[str | None], Spoken]:
        """Return rows of `found_themes`, with their `area` and `size`, each trouble's theme, and what themes say."""
        size = smallest(int(self.wordings.weights.sum()), self.config)
        assigned, left = _settle(self.wordings, centres, size, self.config, self.known.pinned, self.device)
        held = _groups(assigned)
        groups = {theme: np.array(held.get(theme, ()), dtype=np.int64) for theme in left}
        rows = [
            {
                "theme_id": theme,
                "kind": "pain",
                "area": area_of([self.troubles[p] for p in places.tolist()]),
                "size": len(places),
                "state": "active",
                "first_run": self.known.first_run.get(theme, self.now),
                "origin": self.known.origin.get(theme, "fit"),
                "other_id": self.known.other.get(theme),
                "centre": left[theme].tolist(),
                "stability": _stability(places, self.panels),
            }
            for theme, places in sorted(groups.items())
        ]
        spoken = name_themes(rows, groups, self.troubles, self.vectors, known=self.known)
        return rows, assigned, spoken

    def united(
        self, rows: Sequence[Mapping[str, Any]], assigned: Sequence[str | None], joined: Mapping[str, str]
    ) -> dict[str, Vectors]:
        """Return the centres of `rows` after the themes of `joined` went into those that it names."""
        places = {row["theme_id"]: place for place, row in enumerate(rows)}
        labels = np.array([places[joined.get(theme, theme)] if theme else -1 for theme in assigned], dtype=np.int64)
        moved = self.wordings.centres(labels)
        changed = set(joined.values())
        return {
            theme: moved[place] if theme in changed else np.array(rows[place]["centre"], dtype=np.float32)
            for theme, place in places.items()
            if theme not in joined
        }


def wordings_of(troubles: Sequence[Trouble], vectors: Vectors) -> Wordings:
    """Pool the unit vectors (n, dimensions) of troubles by their wording."""
    keys, row_of = _coded([t.wording for t in troubles])
    sums = np.zeros((len(keys), vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, row_of, vectors)
    weights = _different([t.row["review_id"] for t in troubles], row_of)
    ways = _different([f"{t.part} | {t.phrase or t.row['mention_id']}" for t in troubles], row_of)
    return Wordings(keys, row_of, unit(sums), weights, ways)


def _different(strings: Sequence[str], row_of: Labels) -> Labels:
    """Return how many different strings belong to each row."""
    distinct, codes = _coded(strings)
    pairs = np.unique(row_of * len(distinct) + codes)
    return np.bincount(pairs // max(1, len(distinct))).astype(np.int64)


def _coded(strings: Sequence[str]) -> tuple[list[str], Labels]:
    """Return the different strings, sorted, and the place among them of each.

    NumPy's own would give every string the width of the longest.
    """
    distinct = sorted(set(strings))
    place = {string: number for number, string in enumerate(distinct)}
    return distinct, np.array([place[string] for string in strings], dtype=np.int64)


def _identities(troubles: Sequence[Trouble], labels: Labels, known: Known) -> dict[int, str]:
    """Return an id for each label: that of the known theme it is, else a new one from its founding mentions."""
    count = int(labels.max(initial=-1)) + 1
    members = {label: _ids(troubles, np.flatnonzero(labels == label)) for label in range(count)}
    matched = match_themes(members, known.members)
    taken = set(matched.values()) | set(known.names)
    for label, mention_ids in members.items():
        if label not in matched:
            matched[label] = new_id(sorted(mention_ids), taken)
            taken.add(matched[label])
    return matched


def new_id(mention_ids: Sequence[str], taken: set[str]) -> str:
    """Return the id of a theme born with these mentions, other than those `taken`."""
    new = founding_id(mention_ids)
    while new in taken:
        new += "x"
    return new


def _settle(
    wordings: Wordings,
    centres: Mapping[str, Vectors],
    size: int,
    config: ThemesConfig,
    pinned: frozenset[str],
    device: str,
) -> tuple[list[str | None], dict[str, Vectors]]:
    """Give every wording, and so every trouble, its nearest theme; return these and the centres that are left.

    Themes that this leaves with fewer reviews than `size` or in too few ways of putting it are dissolved, the smallest
    first.
    """
    ids = sorted(centres)
    matrix = np.array([centres[theme] for theme in ids], dtype=np.float32).reshape(len(ids), wordings.vectors.shape[1])
    left = list(range(len(ids)))
    labels = nearest(wordings.vectors, matrix, config.assign_above, device)
    while True:
        held = labels >= 0
        reviews = np.bincount(labels[held], wordings.weights[held], minlength=len(ids))
        ways = np.bincount(labels[held], wordings.ways[held], minlength=len(ids))
        small = [i for i in left if ids[i] not in pinned and (reviews[i] < size or ways[i] < WAYS)]
        if not small:
            break
        dropped = min(small, key=lambda i: (reviews[i], ids[i]))
        left.remove(dropped)
        loose = np.flatnonzero(labels == dropped)
        near = nearest(wordings.vectors[loose], matrix[left], config.assign_above)
        labels[loose] = np.where(near >= 0, np.array([*left, -1])[near], -1)
    assigned = [None if label < 0 else ids[label] for label in labels[wordings.row_of].tolist()]
    return assigned, {ids[i]: matrix[i] for i in left}


def _centre_of(known: Known, theme_id: str, troubles: Sequence[Trouble], vectors: Vectors) -> Vectors:
    """Return the centre of what a theme held before; where nothing of it is left, the one that was stored."""
    members = known.members[theme_id]
    places = [place for place, trouble in enumerate(troubles) if trouble.row["mention_id"] in members]
    if places:
        centre: Vectors = unit(vectors[places].sum(0, keepdims=True))[0]
        return centre
    stored = np.array(known.rows[theme_id]["centre"], dtype=np.float32)
    # A centre among vectors of another encoder is near to nothing.
    return stored if len(stored) == vectors.shape[1] else np.zeros(vectors.shape[1], dtype=np.float32)


def _groups(assigned: Sequence[str | None]) -> dict[str, list[int]]:
    """Return the places of each theme among `assigned`."""
    groups: dict[str, list[int]] = {}
    for place, theme in enumerate(assigned):
        if theme is not None:
            groups.setdefault(theme, []).append(place)
    return groups


def _ids(troubles: Sequence[Trouble], places: Labels) -> set[str]:
    return {troubles[p].row["mention_id"] for p in places.tolist()}


def _stability(places: Labels, panels: Labels) -> float:
    members: NDArray[np.bool_] = np.zeros(len(panels), dtype=bool)
    members[places] = True
    return round(stability(members, panels, np.ones(len(panels))), 3)
