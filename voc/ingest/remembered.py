"""What a workspace remembers of its reviews, so that judging today's export costs today's rows and not all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from voc.ingest.duplicates import Kept, Offer, kept_of, text_keys

#: One row for each key of a review: its row in `reviews`, and the two halves of the key.
KEYS = pa.schema([pa.field("row", pa.int32()), pa.field("high", pa.int64()), pa.field("low", pa.int64())])
_COLUMNS = ["review_id", "channel", "product_id", "product", "text", "body", "rating", "written_at"]
_BATCH = 20_000


class Remembered:
    """The memory of a `Deduplicator` that knows the reviews of a workspace.

    A review of the workspace is looked at when an export names it; whether its text is known is looked up in the keys.

    Args:
        reviews: table `reviews` of the workspace.
        keys: what `table` returned for these rows, with the schema `KEYS`; without it the keys are made of all texts.
    """

    def __init__(self, reviews: pa.Table, keys: pa.Table | None) -> None:
        self._reviews = reviews.select(_COLUMNS)
        self._taken: dict[str, Kept] = {}
        self._keys: set[bytes] = set()
        self._dropped: set[bytes] = set()
        self._stored = keys if keys is not None else _made(self._reviews, range(reviews.num_rows))
        self._order: NDArray[np.int64] = np.argsort(self._stored["high"].to_numpy(), kind="stable")
        self._high: NDArray[np.int64] = self._stored["high"].to_numpy()[self._order]
        self._low: NDArray[np.int64] = self._stored["low"].to_numpy()[self._order]
        self._rows: dict[str, int] | None = None

    def get(self, review_id: str) -> Kept | None:
        """Return what is remembered of a review."""
        if (taken := self._taken.get(review_id)) is not None:
            return taken
        if self._rows is None:
            ids = self._reviews["review_id"].to_pylist()
            self._rows = dict(zip(ids, range(len(ids)), strict=True))
        row = self._rows.get(review_id)
        if row is None:
            return None
        [values] = self._reviews.slice(row, 1).to_pylist()
        return kept_of(-1, Offer(own_id=True, **values), self._keys_of(row))

    def put(self, review_id: str, kept: Kept) -> None:
        """Remember a review, with its keys, in place of its earlier version."""
        self._taken[review_id] = kept
        self._keys.update(kept.keys)

    def knows(self, key: bytes) -> bool:
        """Return whether a review that is kept has this key."""
        if key in self._keys:
            return True
        if key in self._dropped:
            return False
        return self._first(*_halves(key)) >= 0

    def drop(self, keys: Sequence[bytes]) -> None:
        """Forget keys."""
        self._keys.difference_update(keys)
        self._dropped.update(keys)

    def table(self, reviews: pa.Table) -> pa.Table:
        """Return the keys of table `reviews` as it is after the run: with what was taken, without what went."""
        ids = reviews["review_id"]
        before = self._reviews["review_id"]
        place = pc.index_in(before, value_set=ids.combine_chunks()).fill_null(-1).to_numpy().astype(np.int32)
        # An edited review has the keys of its new text.
        edited = pc.is_in(before, value_set=pa.array(list(self._taken), pa.string())).to_numpy()
        rows = self._stored["row"].to_numpy()
        still = (place[rows] >= 0) & ~edited[rows]
        kept = self._stored.filter(pa.array(still))
        kept = kept.set_column(0, KEYS.field("row"), pa.array(place[kept["row"].to_numpy()], pa.int32()))
        fresh = pc.indices_nonzero(pc.is_in(ids, value_set=pa.array(list(self._taken), pa.string())))
        made = _made(reviews.select(_COLUMNS).take(fresh), fresh.to_pylist())
        return pa.concat_tables([kept, made]).sort_by("row").combine_chunks()

    def _keys_of(self, row: int) -> tuple[bytes, ...]:
        """Return the keys of which this row is the first that has them."""
        rows = self._stored["row"].to_numpy()
        begin, end = np.searchsorted(rows, row, "left"), np.searchsorted(rows, row, "right")
        own = self._stored.slice(int(begin), int(end - begin)).to_pylist()
        return tuple(_joined(one["high"], one["low"]) for one in own if self._first(one["high"], one["low"]) == row)

    def _first(self, high: int, low: int) -> int:
        """Return the first row that has a key; -1 where none has."""
        begin, end = np.searchsorted(self._high, high, "left"), np.searchsorted(self._high, high, "right")
        having = self._order[begin:end][self._low[begin:end] == low]
        return int(self._stored["row"][int(having.min())].as_py()) if len(having) else -1


def _made(reviews: pa.Table, rows: Sequence[int]) -> pa.Table:
    """Return the keys of all these reviews, which are those `rows` of a table."""
    found: list[tuple[int, bytes]] = []
    place = 0
    for batch in reviews.to_batches(max_chunksize=_BATCH):
        for values in batch.to_pylist():
            found += [(rows[place], key) for key in text_keys(Offer(own_id=True, **values))]
            place += 1
    return _table(found)


def _table(found: Sequence[tuple[int, bytes]]) -> pa.Table:
    halves = [_halves(key) for _, key in found]
    columns = ([row for row, _ in found], [high for high, _ in halves], [low for _, low in halves])
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, KEYS, strict=True)], schema=KEYS)


def _halves(key: bytes) -> tuple[int, int]:
    return int.from_bytes(key[:8], "big", signed=True), int.from_bytes(key[8:], "big", signed=True)


def _joined(high: int, low: int) -> bytes:
    return high.to_bytes(8, "big", signed=True) + low.to_bytes(8, "big", signed=True)
