"""Arrow columns as NumPy arrays: numbers, flags, and strings by number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Coded:
    """A column of strings as numbers: `values[codes[i]]`, and -1 where it is null; `values` are sorted."""

    codes: Ints
    values: list[str]

    @cached_property
    def position(self) -> dict[str, int]:
        """The code of each value."""
        return {value: code for code, value in enumerate(self.values)}

    def equals(self, value: str) -> Mask:
        """Return which rows have this value; a null has none."""
        return np.asarray(self.codes == self.position.get(value, -2), bool)


def whole(table: pa.Table, name: str) -> pa.Array:
    """Return a column as one array, not in chunks."""
    column = table.column(name)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def coded(array: pa.Array) -> Coded:
    """Return strings by number; the result does not depend on which of them comes first."""
    encoded = array.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    order = pc.sort_indices(encoded.dictionary).to_numpy(zero_copy_only=False).astype(np.int64)
    place = np.empty(len(order) + 1, np.int64)
    place[order] = np.arange(len(order))
    place[-1] = -1  # code -1 reads the last entry
    return Coded(place[codes], encoded.dictionary.take(pa.array(order)).to_pylist())


def floats(array: pa.Array) -> Floats:
    """Return numbers, NaN for null."""
    return np.asarray(array.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False), np.float64)


def bools(array: pa.Array) -> Mask:
    """Return flags, False for null."""
    return np.asarray(array.fill_null(False).to_numpy(zero_copy_only=False), bool)


def ints(array: pa.Array, null: int = 0) -> Ints:
    """Return whole numbers, `null` for null."""
    return np.asarray(array.cast(pa.int64()).fill_null(null).to_numpy(zero_copy_only=False), np.int64)


def positions(values: pa.Array, known: pa.Array) -> Ints:
    """Return the position of each value in `known`, -1 where it is null or not there."""
    return ints(pc.index_in(values, value_set=known, skip_nulls=True), null=-1)


def distinct(keys: Ints) -> Ints:
    """Return the different keys, sorted; by sorting, which is many times faster here than np.unique's hashing."""
    keys = np.sort(keys)
    return np.asarray(keys[np.append(np.ones(min(len(keys), 1), bool), np.diff(keys) != 0)])
