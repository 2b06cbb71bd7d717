"""K-means in single precision, for the many runs of a consensus.

Twice as fast as scikit-learn's on some thousand short vectors; how good a single run is matters little where hundreds
are put together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from voc.themes.centres import Labels
from voc.themes.chance import Seeds, derived, uniform
from voc.themes.embedding import Vectors

#: A run ends when fewer than this share of the rows change their cluster.
SETTLED = 0.002


def kmeans(data: Vectors, weights: NDArray[np.float32], clusters: int, seeds: Seeds, iterations: int) -> Vectors:
    """Return centres of shape (clusters, dimensions), begun by k-means++ (Arthur and Vassilvitskii 2007).

    `data` has shape (n, dimensions), `weights` and `seeds`, the rows' own chance, (n,); `clusters` is at most n.
    """
    centres = _begin(data, weights, clusters, seeds)
    ends = np.arange(len(data) + 1)
    labels: Labels | None = None
    for _ in range(iterations):
        found = closest(data, centres)
        if labels is not None and (found != labels).mean() < SETTLED:
            break
        labels = found
        held = np.bincount(labels, weights, minlength=clusters)
        sums = csr_matrix((weights, labels, ends), shape=(len(data), clusters)).T @ data
        full = held > 0  # an empty cluster stays where it is
        centres[full] = sums[full] / held[full, None].astype(np.float32)
    return centres


def closest(data: Vectors, centres: Vectors) -> Labels:
    """Return the place of the centre that is nearest to each row; of equally near ones the first."""
    similar = data @ centres.T
    similar -= 0.5 * (centres * centres).sum(1)
    found: Labels = similar.argmax(1)
    return found


def _begin(data: Vectors, weights: NDArray[np.float32], clusters: int, seeds: Seeds) -> Vectors:
    """Choose rows as centres, each with a chance that grows with its squared distance to those chosen before.

    Of exponential lots with these rates the first to fall is chosen: a row that is added hardly changes who that is.
    """
    centres = np.empty((clusters, data.shape[1]), dtype=np.float32)
    squares = (data * data).sum(1)
    apart = np.full(len(data), np.inf, dtype=np.float32)
    rates = weights
    for place in range(clusters):
        falls = -np.log1p(-uniform(derived(seeds, place)))
        with np.errstate(divide="ignore", invalid="ignore"):
            centres[place] = data[int(np.nanargmin(falls / rates))]
        distances = squares + centres[place] @ centres[place] - 2 * (data @ centres[place])
        np.minimum(apart, distances, out=apart)
        rates = np.maximum(apart, 0) * weights
    return centres
