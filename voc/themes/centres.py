"""What mentions are assigned by: the centre of each theme, and how near to it is near enough."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from voc.themes.device import gpu
from voc.themes.embedding import Vectors

Labels = NDArray[np.int64]
_WORTH_A_GPU = 1 << 21  # similarities; of fewer it is not asked whether there is one
_ROWS = 20_000  # whose similarities to all centres are held at a time,
_CELLS = 1 << 24  # and of how many similarities there are at most
#: Similarities are compared after so many digits: what is added up in another order on another day decides nothing.
DIGITS = 4


@dataclass(frozen=True)
class Centres:
    """Ids of themes and their unit centres, shape (themes, dimensions)."""

    ids: tuple[str, ...]
    vectors: Vectors

    def assign(self, vectors: Vectors, above: float, device: str = "cpu") -> list[str | None]:
        """Return the id of the nearest theme for each unit vector of (n, dimensions); None where none is near enough.

        Of themes that are equally near the first by id is taken; the result depends on no other row. `device` is as in
        `nearest`.
        """
        order = sorted(range(len(self.ids)), key=lambda place: self.ids[place])
        near = nearest(vectors, self.vectors[order], above, device)
        return [None if place < 0 else self.ids[order[place]] for place in near.tolist()]


def nearest(vectors: Vectors, centres: Vectors, above: float, device: str = "cpu") -> Labels:
    """Return the place of the centre nearest to each vector, both of unit length; -1 where the cosine is below `above`.

    `vectors` has shape (n, dimensions), `centres` (m, dimensions). Of equally near centres the first is taken. Where
    they are many, `device` computes it, as `voc.themes.device.gpu` reads its name.
    """
    result = np.full(len(vectors), -1, dtype=np.int64)
    if not len(centres) or not len(vectors):
        return result
    if len(vectors) * len(centres) >= _WORTH_A_GPU and (there := gpu(device)) is not None:
        return there.nearest(vectors, centres, above)
    step = max(1, min(_ROWS, _CELLS // len(centres)))
    for begin in range(0, len(vectors), step):
        similar = vectors[begin : begin + step] @ centres.T
        np.round(similar, DIGITS, out=similar)
        result[begin : begin + step] = np.where(similar.max(1) >= above, similar.argmax(1), -1)
    return result


def unit(sums: Vectors) -> Vectors:
    """Return rows of (n, dimensions) at length 1."""
    units: Vectors = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return units.astype(np.float32)


def centres_of(vectors: Vectors, labels: Labels, weights: Vectors | None = None) -> Vectors:
    """Return the unit centres, shape (labels, dimensions), of labels 0..max; rows of label -1 count for none."""
    count = int(labels.max(initial=-1)) + 1
    held = labels >= 0
    shares = np.ones(len(labels), dtype=np.float32) if weights is None else weights
    # A product with a sparse matrix of members: the vectors are added up one after the other, and none is copied.
    ends = np.concatenate([[0], np.cumsum(held)])
    members = csr_matrix((shares[held], labels[held], ends), shape=(len(labels), count))
    return unit(members.T @ vectors)


def centres_in(found: pa.Table) -> Centres:
    """Return the centres that a table `found_themes` assigns by: of active themes, and of what has no name."""
    rows = found.select(["theme_id", "state", "centre"]).to_pylist()
    rows = [row for row in rows if row["state"] not in ("merged", "retired") and row["centre"]]
    width = len(rows[0]["centre"]) if rows else 0
    vectors = np.array([row["centre"] for row in rows], dtype=np.float32).reshape(len(rows), width)
    return Centres(tuple(row["theme_id"] for row in rows), vectors)
