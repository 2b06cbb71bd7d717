"""Which wordings stand for all where there are too many to be clustered: some of every region, the same in any order.

The vectors are cut into coarse cells. Three tenths of the sample are given by the cells in equal parts, as far as they
hold so many, so that a trouble that few customers tell is there; the rest by how many wordings they hold (stratified
sampling, Cochran 1977, chapter 5). In a cell those are taken whose lots fall first, what is said often sooner
(Efraimidis and Spirakis 2006). Lots belong to texts: rows that are added move few others out of the sample.

Every wording is then counted with the one of the sample that is nearest to it: that one gets the mean of their vectors
and all their occurrences. A sample alone would throw away what the others say.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from voc.themes.centres import Labels, centres_of, nearest
from voc.themes.chance import Seeds, derived, seeds_of, uniform
from voc.themes.device import gpu
from voc.themes.embedding import Vectors
from voc.themes.kmeans import kmeans

_CELLS = 256
_ROWS_OF_A_CELL = 24  # that cells are learnt from,
_LEAST_OF_A_CELL = 8  # and of the sample, on average
_ITERATIONS = 10
_EQUAL = 0.3  # share of the sample that cells give in equal parts
_BLOCK = 1024  # rows that one thread compares at a time
_ANY = -2.0  # a cosine that all vectors reach


@dataclass(frozen=True)
class Sample:
    """Rows that stand for all.

    Attributes:
        places: of the rows of the sample, shape (size,), in rising order.
        stands: for each row, which row of the sample stands for it, shape (n,).
        vectors: unit means of what each stands for, shape (size, dimensions).
        weights: occurrences of what each stands for, shape (size,).
    """

    places: Labels
    stands: Labels
    vectors: Vectors
    weights: NDArray[np.int64]


def sampled(
    texts: Sequence[str], vectors: Vectors, weights: NDArray[np.int64], size: int, seed: int, device: str = "cpu"
) -> Sample:
    """Return `size` of the rows, which stand for all.

    Args:
        texts: name the rows, shape (n,), no two of them equal; n is more than `size`.
        vectors: unit vectors, shape (n, dimensions).
        weights: how often each occurs, shape (n,), 1 at least.
        size: how many rows are wanted.
        seed: of the lots.
        device: compares vectors, as `voc.themes.device.gpu` reads its name.
    """
    seeds = seeds_of(texts, seed)
    # With one thread each, sums are added up in the same order every time.
    with threadpool_limits(1):
        cells = _cells(vectors, seeds, max(1, min(_CELLS, size // _LEAST_OF_A_CELL)), device)
        places = _first(cells, -np.log1p(-uniform(seeds)) / np.sqrt(weights), size)
        stands = _nearest(vectors, vectors[places], device)
    stands[places] = np.arange(size)
    means = centres_of(vectors, stands, np.sqrt(weights).astype(np.float32))
    return Sample(places, stands, means, np.bincount(stands, weights, minlength=size).astype(np.int64))


def allocated(counts: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return how many of its rows each cell of `counts` gives, `size` in all and at most all of them."""
    least = np.minimum(counts, int(_EQUAL * size) // max(1, int((counts > 0).sum())))
    rest = counts - least
    shares = rest * ((size - int(least.sum())) / max(1, int(rest.sum())))
    whole = np.floor(shares).astype(np.int64)
    # What rounding leaves goes to the largest remainders, of equal ones to the first.
    left = size - int((least + whole).sum())
    whole[np.argsort(whole - shares, kind="stable")[:left]] += 1
    found: NDArray[np.int64] = least + whole
    return found


def _first(cells: Labels, falls: NDArray[np.float64], size: int) -> Labels:
    """Return the places of the rows of each cell whose lots fall first, as many as it gives."""
    counts = np.bincount(cells)
    order = np.lexsort((falls, cells))
    rank = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.sort(order[rank < allocated(counts, size)[cells[order]]])


def _cells(vectors: Vectors, seeds: Seeds, count: int, device: str) -> Labels:
    """Return the cell of each row, by k-means over the rows with the smallest lots."""
    order = np.argsort(uniform(derived(seeds, 0)), kind="stable")
    learning = np.sort(order[: _ROWS_OF_A_CELL * count])
    ones = np.ones(len(learning), dtype=np.float32)
    centres = kmeans(vectors[learning], ones, min(count, len(learning)), seeds[learning], _ITERATIONS)
    units = centres / np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    return _nearest(vectors, units, device)


def _nearest(vectors: Vectors, centres: Vectors, device: str) -> Labels:
    """Return which of `centres` is nearest to each vector: on the GPU, or in as many threads as there are cores."""
    if gpu(device) is not None:
        return nearest(vectors, centres, _ANY, device)

    def found(begin: int) -> Labels:
        return nearest(vectors[begin : begin + _BLOCK], centres, _ANY)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.concatenate(list(pool.map(found, range(0, len(vectors), _BLOCK))))
