"""Reads Parquet into raw tables of strings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from voc.errors import VocError
from voc.ingest.raw import RawTable, numbered
from voc.ingest.strings import as_strings

_MAX_PARQUET = 4 * 1024**3
_MAX_FIRST = 64 * 1024**2


def read_parquet(name: str, data: bytes | Path, *, careful: bool = False, rows: int | None = None) -> RawTable:
    """Read a Parquet file.

    Args:
        name: of the file.
        data: its bytes, or where they lie.
        careful: weigh the texts before they are written out, as one text may be repeated by a dictionary.
        rows: how many rows are wanted; by default all. Only the row group they lie in is weighed then.

    Raises:
        VocError: the file is damaged, or larger than 4 GiB when unpacked.
    """
    import pyarrow.parquet as pq

    try:
        if careful and _weight(data, first=rows is not None) > _MAX_PARQUET:
            raise VocError(f"{name}: unpacked, the file is larger than 4 GiB; split it and pass the parts.")
        file = pq.ParquetFile(_opened(data))
        size = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
        if size > _MAX_PARQUET:
            raise VocError(f"{name}: unpacked, the file is larger than 4 GiB; split it and pass the parts.")
        table = file.read() if rows is None else _first(file, rows)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).split("\n")[0][:120]
        raise VocError(f"{name}: the Parquet file is damaged ({reason}); export it again.") from None
    kept = [column for column in table.column_names if not column.startswith("__index_level_")]
    columns = [pa.chunked_array([as_strings(table.column(c))]) for c in kept]
    return numbered(name, "Parquet", kept, columns)


def _opened(data: bytes | Path) -> pa.BufferReader | Path:
    return data if isinstance(data, Path) else pa.BufferReader(data)


def _first(file: Any, rows: int) -> pa.Table:
    """Return the first rows of a Parquet file, fewer where these hold very long texts."""
    for batch in file.iter_batches(batch_size=rows):
        table = pa.Table.from_batches([batch])
        while table.num_rows > 1 and table.nbytes > _MAX_FIRST:
            table = table.slice(0, table.num_rows // 2)
        return table
    return file.schema_arrow.empty_table()


def _weight(data: bytes | Path, *, first: bool = False) -> int:
    """Return how many bytes the texts of a Parquet file, or of its first row group, take when all are written out."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    schema = pq.read_schema(_opened(data))
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    texts += [f.name for f in schema if pa.types.is_dictionary(f.type)]
    if not texts:
        return 0
    total = 0
    file = pq.ParquetFile(_opened(data), read_dictionary=texts)
    groups = range(min(file.num_row_groups, 1) if first else file.num_row_groups)
    for batch in file.iter_batches(batch_size=1 << 16, columns=texts, row_groups=list(groups)):
        for column in batch.columns:
            if pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type):
                total += pc.sum(pc.binary_length(column.dictionary).take(column.indices)).as_py() or 0
        if total > _MAX_PARQUET:
            break
    return total
