"""Theme ids that stay: made from the founding mentions, carried over to the new clusters that share most of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

#: A new cluster is an old theme when it holds at least this share of the smaller one's known mentions.
_OVERLAP = 0.3


def founding_id(mention_ids: Sequence[str]) -> str:
    """Return the id of a theme that is born with these mentions."""
    joined = "\n".join(sorted(mention_ids))
    return "t" + hashlib.sha256(joined.encode()).hexdigest()[:10]


def match_themes(clusters: Mapping[int, set[str]], themes: Mapping[str, set[str]]) -> dict[int, str]:
    """Match new clusters to known themes by the mentions they share: one to one, with the best total overlap.

    Of a theme that splits, the part with most of its mentions keeps the id, since the total is then largest. Clusters
    without a match are missing from the result.
    """
    labels, ids = sorted(clusters), sorted(themes)
    if not labels or not ids:
        return {}
    known: set[str] = set().union(*themes.values())
    shared = np.array([[len(clusters[label] & themes[theme]) for theme in ids] for label in labels], dtype=float)
    rows, columns = linear_sum_assignment(-shared)
    result = {}
    for row, column in zip(rows, columns, strict=True):
        smaller = min(len(clusters[labels[row]] & known), len(themes[ids[column]]))
        if smaller and shared[row, column] / smaller >= _OVERLAP:
            result[labels[row]] = ids[column]
    return result
