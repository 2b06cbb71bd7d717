"""Part files: Parquet files that are written once, named by their contents, and read back under today's schema."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from voc import tables
from voc.errors import VocError
from voc.store.files import digest, sync_directory, sync_file, temporary
from voc.store.manifest import DamagedError, Manifest, Part

_ROWS_PER_GROUP = 65_536


def write_part(parts: Path, name: str, table: pa.Table) -> Part:
    """Write a table as one part file and wait until it is on the disk.

    Equal contents get the equal name, so a table that a run computed anew without a change costs no space.

    Args:
        parts: the folder of parts.
        name: the table's name in `voc.tables.SCHEMAS`.
        table: its rows, conforming to the schema, at least one.
    """
    folder = parts / name
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        sync_directory(parts)
    draft = temporary(folder)
    try:
        pq.write_table(
            table,
            draft,
            compression="zstd",
            row_group_size=_ROWS_PER_GROUP,
            # Vectors never repeat: a dictionary of them only costs time.
            use_dictionary=not any(
                pa.types.is_list(f.type) and f.type.value_type == pa.float16() for f in table.schema
            ),
        )
        sync_file(draft)
        size, final = draft.stat().st_size, folder / f"{digest(draft)}.parquet"
        os.replace(draft, final)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    sync_directory(folder)
    return Part(f"{name}/{final.name}", table.num_rows, size)


def check_part(parts: Path, part: Part) -> tuple[str, ...]:
    """Make sure that a part file is there with the size and rows it was written with; return its columns.

    Raises:
        DamagedError: it is not.
        VocError: it may not be read.
    """
    path = parts / part.file
    with _sentences(path):
        status = path.stat()
        if status.st_size != part.bytes:
            raise DamagedError(f"{path} has {status.st_size:,} bytes instead of {part.bytes:,}")
        rows, columns = _footer(path, status.st_size, status.st_mtime_ns)
    if rows != part.rows:
        raise DamagedError(f"{path} has {rows:,} rows instead of {part.rows:,}")
    return columns


def check_parts(parts: Path, manifest: Manifest) -> None:
    """Do `check_part` for every part file of a manifest."""
    for part in (part for listed in manifest.tables.values() for part in listed):
        check_part(parts, part)


def read_part(parts: Path, part: Part, name: str, columns: Sequence[str]) -> pa.Table:
    """Read columns of a part file under the schema of table `name`; columns that it lacks become null.

    Raises:
        DamagedError: the file is missing or damaged.
        VocError: it may not be read, or lacks a column that today's schema demands.
    """
    path, schema = parts / part.file, tables.SCHEMAS[name]
    with _sentences(path), pq.ParquetFile(path) as file:
        present = set(file.schema_arrow.names)
        stored = file.read(columns=[column for column in columns if column in present])
    fields = [schema.field(column) for column in columns]
    arrays = []
    for field in fields:
        if field.name in present:
            arrays.append(stored.column(field.name).cast(field.type))
        else:
            refuse_missing(path, field)
            arrays.append(pa.chunked_array([pa.nulls(part.rows, field.type)]))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def refuse_missing(path: Path, field: pa.Field) -> None:
    """Raise the sentence for a part file that lacks a column, unless null may stand in for it."""
    if not field.nullable:
        raise VocError(
            f"{path} was written by an older version of voc and has no column {field.name!r}; "
            "run `voc run` on the exports again with a new folder for --workspace."
        )


# Part files never change, so that the footer of one is read once in a process unless the file does change.
@functools.lru_cache(maxsize=65_536)
def _footer(path: Path, size: int, changed: int) -> tuple[int, tuple[str, ...]]:
    with pq.ParquetFile(path) as file:
        return file.metadata.num_rows, tuple(file.schema_arrow.names)


@contextlib.contextmanager
def _sentences(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise DamagedError(f"{path} is missing") from None
    except PermissionError as error:
        raise VocError(f"{path}: this file may not be read ({error.strerror}); check its permissions.") from None
    except (pa.ArrowException, OSError):
        raise DamagedError(f"{path} is damaged") from None
