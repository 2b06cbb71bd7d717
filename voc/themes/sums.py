"""The costly sums of a consensus in NumPy: many runs of k-means, how far they keep rows apart, whom they join.

`voc.themes.tensors` has the same ones for a GPU.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from voc.themes.centres import Labels
from voc.themes.chance import Seeds
from voc.themes.embedding import Vectors
from voc.themes.kmeans import closest, kmeans

_BLOCK = 64  # rows that are compared with all others at a time: what a core keeps near


@dataclass(frozen=True)
class Run:
    """One run of k-means.

    Attributes:
        sample: places of the rows that it learns from.
        seeds: chance of these.
        clusters: how many it makes.
        iterations: how many at most it takes.
    """

    sample: Labels
    seeds: Seeds
    clusters: int
    iterations: int


class Sums(Protocol):
    """Whatever computes them."""

    def labels(self, data: Vectors, weights: NDArray[np.float32], runs: Sequence[Run]) -> Labels:
        """Return the cluster that each run gives each row of (n, dimensions), shape (n, runs)."""

    def apart(self, labels: Labels) -> NDArray[np.float64]:
        """Return the share of runs that keep two rows of (n, runs) apart, for all pairs in the order of `pdist`."""

    def together(
        self,
        labels: Labels,
        own: Labels,
        weights: NDArray[np.float64],
        sizes: NDArray[np.float64],
    ) -> NDArray[np.float32]:
        """Return how many runs put each row of (n, runs) with the rows of each cluster, shape (n, clusters).

        `own` is the cluster of each row, -1 for none; in a cluster rows count for their `weights`, `sizes` in all.
        """


class OnProcessor:
    """Runs in as many threads as there are cores; the same rows in the same order give the same to the bit."""

    def labels(self, data: Vectors, weights: NDArray[np.float32], runs: Sequence[Run]) -> Labels:
        """See `Sums`."""

        def found(run: Run) -> Labels:
            own = data[run.sample]
            return closest(data, kmeans(own, weights[run.sample], run.clusters, run.seeds, run.iterations))

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return np.stack(list(pool.map(found, runs)), axis=1)

    def apart(self, labels: Labels) -> NDArray[np.float64]:
        """See `Sums`."""
        count, number = labels.shape
        small = np.ascontiguousarray(labels.T.astype(np.int16))
        found = np.empty(count * (count - 1) // 2)

        def compare(begin: int) -> None:
            end = min(begin + _BLOCK, count)
            differ = np.zeros((end - begin, count - begin), dtype=np.int16)
            for run in small:
                differ += run[begin:end, None] != run[begin:]
            for row in range(begin, end):
                place = row * count - row * (row + 1) // 2
                ahead = differ[row - begin, row - begin + 1 :]
                np.divide(ahead, number, out=found[place : place + len(ahead)])

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(compare, range(0, count, _BLOCK)))
        return found

    def together(
        self,
        labels: Labels,
        own: Labels,
        weights: NDArray[np.float64],
        sizes: NDArray[np.float64],
    ) -> NDArray[np.float32]:
        """See `Sums`."""
        count, held = len(sizes), own >= 0
        total = np.zeros((len(own), count), dtype=np.float32)
        for run in labels.T:
            clusters = int(run.max()) + 1
            shared = np.bincount(run[held] * count + own[held], weights[held], minlength=clusters * count)
            total += (shared.reshape(clusters, count) / sizes).astype(np.float32)[run]
        return total
