"""Reads Parquet files of any size batch by batch; of a damaged file all that can still be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voc.errors import VocError
from voc.ingest.files import Budget, Limits
from voc.ingest.raw import MAX_CELL, BadRow, RawTable, numbered, shifted
from voc.ingest.streaming_bytes import Content
from voc.ingest.strings import as_strings

__all__ = ["Parquet"]

_ROWS = 4096
_BYTES = 64 * 1024**2
_NO_LIMIT = 1 << 62
DAMAGED = "this part of the Parquet file is damaged"


class Parquet:
    """A Parquet file that is gone through several times."""

    kind = "Parquet"
    encoding: str | None = None
    settled = True
    damage: VocError | None = None

    def __init__(self, content: Content) -> None:
        self._content = content
        self.notes = list(content.notes)
        self.size = content.packed or 0
        self.read = self.rows = 0
        with content.seekable_file() as file:
            opened = self._opened(file, [])
            schema = opened.schema_arrow
            self.total = opened.metadata.num_rows
        self._columns = [n for n in schema.names if not n.startswith("__index_level_")]
        self.headers = list(self._columns)
        # As dictionaries, so that one long text that is repeated a million times is not written out.
        self._texts = [f.name for f in schema if _is_text(f.type)]
        if not self.total:
            numbered(content.name, self.kind, self.headers, [pa.chunked_array([], pa.string())] * len(self.headers))

    def _opened(self, file: IO[bytes], dictionaries: list[str]) -> Any:
        import pyarrow.parquet as pq

        try:
            return pq.ParquetFile(file, read_dictionary=dictionaries or None)
        except (pa.ArrowException, OSError, ValueError) as error:
            reason = str(error).split("\n")[0][:120]
            raise VocError(f"{self._content.name}: the Parquet file is damaged ({reason}); export it again.") from None

    def pieces(self) -> Iterator[RawTable]:
        """Yield the rows, every time in the same pieces; those that cannot be read as rows that are bad."""
        limits = Limits(_NO_LIMIT, self._content.limits.ratio)
        budget = Budget(self._content.name, self._content.packed or _NO_LIMIT, limits)
        with self._content.seekable_file() as file:
            opened = self._opened(file, self._texts)
            before = 0
            for group in range(opened.num_row_groups):
                count = opened.metadata.row_group(group).num_rows
                done = 0
                for raw in self._group(opened, group, budget):
                    done += raw.rows_read
                    yield shifted(raw, before + done - raw.rows_read)
                for start in range(done, count, _ROWS):
                    yield shifted(self._lost(min(_ROWS, count - start)), before + start)
                before += count
                self.rows = before
                self.read = self.size * (group + 1) // opened.num_row_groups

    def _group(self, opened: Any, group: int, budget: Budget) -> Iterator[RawTable]:
        try:
            for batch in opened.iter_batches(batch_size=_ROWS, row_groups=[group], columns=self._columns):
                for part in _weighed(batch):
                    columns = [pa.chunked_array([as_strings(_written_out(column))]) for column in part.columns]
                    budget.take(sum(column.nbytes for column in columns))
                    yield numbered(self._content.name, self.kind, part.schema.names, columns)
        except (pa.ArrowException, OSError, ValueError):
            # The rest of this part is lost, the next one may be whole.
            return

    def _lost(self, count: int) -> RawTable:
        none = [pa.chunked_array([pa.array([], pa.string())]) for _ in self.headers]
        bad = [BadRow(row, DAMAGED, "") for row in range(1, count + 1)]
        return numbered(self._content.name, self.kind, self.headers, none, bad=bad)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _weighed(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Yield a batch in parts whose texts, written out, do not fill the memory."""
    weights = np.zeros(batch.num_rows, dtype=np.int64)
    for column in batch.columns:
        if pa.types.is_dictionary(column.type) and _is_text(column.type.value_type):
            lengths = pc.fill_null(pc.binary_length(column.dictionary).take(column.indices), 0)
            weights += np.minimum(lengths.to_numpy(zero_copy_only=False), 4 * MAX_CELL)
    start, total = 0, 0
    for at, weight in enumerate(weights.tolist()):
        if total + weight > _BYTES and at > start:
            yield batch.slice(start, at - start)
            start, total = at, 0
        total += weight
    yield batch.slice(start)


def _written_out(column: pa.Array) -> pa.ChunkedArray:
    """Return a column of texts with each text in its place; of a text that is too long as much as shows that it is."""
    if pa.types.is_dictionary(column.type) and _is_text(column.type.value_type):
        texts = column.dictionary.cast(pa.string())
        if len(texts) and (pc.max(pc.binary_length(texts)).as_py() or 0) > 4 * MAX_CELL:
            texts = pc.utf8_slice_codeunits(texts, 0, MAX_CELL + 1)
        column = texts.take(column.indices)
    return pa.chunked_array([column])
