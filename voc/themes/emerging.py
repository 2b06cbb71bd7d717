"""Themes that emerge: troubles that fit no theme collect until enough of them say the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from sklearn.cluster import AgglomerativeClustering

from voc.config import ThemesConfig
from voc.themes.centres import Labels, centres_of
from voc.themes.cluster import WAYS
from voc.themes.embedding import Vectors
from voc.themes.identity import NAMELESS, Known, event_row
from voc.themes.joining import area_of
from voc.themes.making import Made, new_id, wordings_of
from voc.themes.naming import name_themes
from voc.themes.trouble import Trouble

#: Mean cosine between the wordings of two groups from which they are one.
_TOGETHER = 0.55
#: Mean cosine to the centre under which a group is no theme.
_LOOSE = 0.72
#: At least this share of a theme that emerges was not there when the themes were fitted: else the fit had left it.
_NEW = 0.5
#: Groups are sought among so many troubles at most, the latest ones.
_AT_MOST = 4000


def emerging_themes(
    troubles: Sequence[Trouble],
    vectors: Vectors,
    later: Sequence[bool],
    *,
    config: ThemesConfig,
    known: Known,
    now: dt.datetime,
) -> Made:
    """Make themes of troubles that have none: groups of at least `config.min_size` reviews in three wordings or more.

    Args:
        troubles: without a theme, in any order.
        vectors: their unit vectors, (n, dimensions).
        later: whether each came after the themes were fitted; of a group half must have.
        config: sizes and thresholds.
        known: the themes there are, whose ids and names are taken.
        now: birth of new themes.
    """
    none = Made([], [None] * len(troubles))
    if sum(later) < _NEW * config.min_size:
        return none
    order = sorted(range(len(troubles)), key=lambda i: (not later[i], troubles[i].row["mention_id"]))[:_AT_MOST]
    picked = [troubles[i] for i in order]
    labels = _groups(picked, vectors[order])
    new = np.array([later[i] for i in order])
    kept = [label for label in range(int(labels.max(initial=-1)) + 1) if _holds(picked, labels == label, new, config)]
    dense = np.full(len(order), -1, dtype=np.int64)
    for place, label in enumerate(kept):
        dense[labels == label] = place
    centres = centres_of(vectors[order], dense)
    taken, rows, groups = set(known.rows), [], {}
    for label, centre in enumerate(centres):
        places = np.flatnonzero(dense == label)
        if float((vectors[order][places] @ centre).mean()) < _LOOSE:
            continue
        theme = new_id(sorted(picked[p].row["mention_id"] for p in places.tolist()), taken)
        taken.add(theme)
        groups[theme] = places
        rows.append(
            {
                "theme_id": theme,
                "kind": "pain",
                "area": area_of([picked[p] for p in places.tolist()]),
                "state": "active",
                "first_run": now,
                "origin": "emerging",
                "other_id": None,
                "centre": centre.tolist(),
                "stability": None,
            }
        )
    name_themes(rows, groups, picked, vectors[order], known=known)
    rows = [row for row in rows if row["state"] != NAMELESS]
    for row in rows:
        del row["area"]
    assigned: list[str | None] = [None] * len(troubles)
    for row in rows:
        for place in groups[row["theme_id"]].tolist():
            assigned[order[place]] = row["theme_id"]
    events = [event_row(now, "emerged", row, len(groups[row["theme_id"]])) for row in rows]
    return Made(rows, assigned, events)


def _groups(troubles: Sequence[Trouble], vectors: Vectors) -> Labels:
    """Group by average linkage, each wording once; rows in any order give the same groups."""
    wordings = wordings_of(troubles, vectors)
    if len(wordings.keys) < 2:
        return np.zeros(len(troubles), dtype=np.int64)
    tree = AgglomerativeClustering(None, distance_threshold=1 - _TOGETHER, linkage="average", metric="cosine")
    labels: Labels = tree.fit_predict(wordings.vectors.astype(np.float64)).astype(np.int64)
    return labels[wordings.row_of]


def _holds(troubles: Sequence[Trouble], members: np.ndarray, new: np.ndarray, config: ThemesConfig) -> bool:
    """Return whether a group is large, varied and new enough to be a theme."""
    group = [troubles[p] for p in np.flatnonzero(members).tolist()]
    reviews = {t.row["review_id"] for t in group}
    ways = {(t.part, t.phrase or t.row["mention_id"]) for t in group}
    return len(reviews) >= config.min_size and len(ways) >= WAYS and float(new[members].mean()) >= _NEW
