"""Turns whatever holds reviews in a program into exports on the disk, which the one reader of exports then reads.

Frames become Parquet and records JSON Lines: both keep what a cell is (a date, a number, missing), so that nothing is
told from a text that was no text before. The files lie in a private folder for as long as they are read.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import pyarrow as pa

from voc.errors import VocError

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

_LONGEST_PATH = 1024
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.I)
_FIRST = 20
#: A path that is not there may have so many words; what has more is a text.
_WORDS = 5


@runtime_checkable
class ArrowStream(Protocol):
    """Whatever hands out its rows through the Arrow C stream interface, such as relations of DuckDB and Ibis tables."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return a capsule with the stream."""
        ...


#: One thing that holds reviews.
One: TypeAlias = "str | PathLike[str] | pd.DataFrame | pd.Series[Any] | pl.DataFrame | pl.LazyFrame | pl.Series | pa.Table | ArrowStream | Mapping[str, Sequence[Any]]"  # noqa: E501
#: What `voc.analyze` takes.
Data: TypeAlias = "One | Iterable[One] | Iterable[Mapping[str, Any]]"


@contextlib.contextmanager
def as_exports(data: Data) -> Iterator[list[Path | str]]:
    """Yield paths that hold what was given.

    Args:
        data: a path, pattern or address; a frame, table or series; columns by name; or a list of paths, of texts, of
            records, or of frames.

    Raises:
        VocError: it is none of these, or empty.
    """
    with tempfile.TemporaryDirectory(prefix="voc-") as folder:
        yield _files(data, Path(folder))


def _files(data: Any, folder: Path) -> list[Path | str]:
    if isinstance(data, (str, PathLike)):
        return [_path(data)]
    table = _as_table(data)
    if table is not None:
        return [_write_table(table, folder / _called(data))]
    if isinstance(data, (bytes, int, float)) or not isinstance(data, Iterable):
        raise VocError(
            f"What was given holds no reviews (it is of type {type(data).__name__}); give a path, a pandas or Polars "
            "frame, an Arrow table, or a list of texts or dictionaries."
        )
    items = list(data)
    if not items:
        raise VocError("The list is empty: there is nothing to analyse.")
    if all(isinstance(item, Path) for item in items):
        return items
    if all(isinstance(item, (str, Path)) for item in items):
        return _of_strings(items, folder)
    if all(isinstance(item, Mapping) or item is None for item in items):
        return [_write_records((item or {} for item in items), folder / "records")]
    if all(isinstance(item, str) or _is_missing(item) for item in items):
        return [_write_texts(items, folder)]
    tables = [_as_table(item) for item in items]
    if all(table is not None for table in tables):
        names = [f"{_called(item)} {number}" for number, item in enumerate(items, start=1)]
        return [_write_table(table, folder / name) for table, name in zip(tables, names, strict=True)]
    odd = next(item for item in items if not isinstance(item, (str, Mapping)))
    raise VocError(
        f"The list holds things of several kinds (one is of type {type(odd).__name__}); give all texts, all "
        "dictionaries, all paths or all frames."
    )


def _path(given: str | PathLike[str]) -> str | Path:
    if not isinstance(given, str):
        return Path(fspath(given))
    # A sentence, or a page of them; a pattern and a path that is misspelt are short.
    wordy = "\n" in given or len(given) > _LONGEST_PATH or len(given.split()) > _WORDS
    if wordy and not _SCHEME.match(given) and not _exists(given):
        raise VocError(f"{given[:60]!r} is no file; to analyse texts give a list of them, even of one.")
    return given


def _of_strings(items: Sequence[str | Path], folder: Path) -> list[Path | str]:
    """Take strings for paths if all look like paths, else for texts."""
    paths = [_is_path(item) for item in items]
    if all(paths):
        return list(items)
    there = [item for item, path in zip(items, paths, strict=True) if path and _exists(item)]
    if there:
        other = next(item for item, path in zip(items, paths, strict=True) if not path)
        raise VocError(
            f"{str(there[0])!r} is a file and {str(other)[:60]!r} is not; give all paths, or all texts; a text that is "
            "also the name of a file goes into a dictionary: {'text': ...}."
        )
    return [_write_texts(items, folder)]


def _is_path(item: str | Path) -> bool:
    from voc.ingest.files import SUFFIXES

    if isinstance(item, Path):
        return True
    if not item or "\n" in item or len(item) > _LONGEST_PATH:
        return False
    if _SCHEME.fullmatch(item) or Path(item).suffix.lower() in SUFFIXES:
        return True
    # A folder or a file without an ending; nobody means a whole sentence by one.
    return len(item.split()) <= 3 and _exists(item)


def _exists(item: str | Path) -> bool:
    try:
        return Path(item).exists()
    except (OSError, ValueError):
        return False


def _called(data: Any) -> str:
    """Return what the reports call it: the name of its type, such as DataFrame."""
    return "columns" if isinstance(data, Mapping) else re.sub(r"\W", "", type(data).__name__) or "table"


def _as_table(data: Any) -> pa.Table | None:
    """Return an Arrow table of what holds columns; None for what does not."""
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data])
    if isinstance(data, (pa.Array, pa.ChunkedArray)):
        return pa.table({"text": data})
    if isinstance(data, pa.Table):
        return data
    if isinstance(data, Mapping):
        return _of_columns(data)
    if _is(data, "pandas", "DataFrame"):
        return _of_pandas(data)
    if _is(data, "pandas", "Series") or _is(data, "polars", "Series"):
        name = data.name if isinstance(data.name, str) and data.name else "text"
        return pa.table({name: _array(list(data))})
    if _is(data, "polars", "LazyFrame"):
        return pa.table(data.collect())
    if isinstance(data, ArrowStream):
        try:
            return pa.table(data)
        except (pa.ArrowException, TypeError, ValueError) as error:
            reason = str(error).split("\n")[0][:120]
            raise VocError(f"The {type(data).__name__} gives no table of columns ({reason}).") from None
    return None


def _is(data: Any, module: str, name: str) -> bool:
    """Tell whether something is of a class of a library, without loading the library: who has one has loaded it."""
    return module in sys.modules and isinstance(data, getattr(sys.modules[module], name))


def _of_columns(columns: Mapping[str, Any]) -> pa.Table:
    """Return a table of named columns; a lone record is refused, as its cells are no columns."""
    cells = {name: list(column) for name, column in columns.items() if not isinstance(column, (str, bytes))
             and isinstance(column, Iterable)}  # fmt: skip
    if len(cells) < len(columns) or not columns:
        raise VocError("A dictionary gives columns by name, each a list; to analyse one review give a list of it.")
    if len({len(column) for column in cells.values()}) > 1:
        sizes = ", ".join(f"{name}: {len(column):,}" for name, column in list(cells.items())[:_FIRST])
        raise VocError(f"The columns are not of the same length ({sizes}).")
    return pa.Table.from_arrays([_array(column) for column in cells.values()], names=[str(name) for name in cells])


def _of_pandas(frame: pd.DataFrame) -> pa.Table:
    """Return a frame's columns, with the levels of its index that have a name."""
    named = [level for level in frame.index.names if level is not None and level not in frame.columns]
    if named:
        unnamed = [place for place, level in enumerate(frame.index.names) if level not in named]
        kept = frame.reset_index(level=unnamed, drop=True) if unnamed else frame
        frame = kept.reset_index()
    arrays, names = [], []
    for place, label in enumerate(frame.columns):
        column = frame.iloc[:, place]
        parts = [str(part) for part in label if part != ""] if isinstance(label, tuple) else [str(label)]
        names.append(".".join(parts))
        if _is_of_periods(column):
            column = column.dt.to_timestamp()
        try:
            arrays.append(pa.array(column, from_pandas=True))
        except (pa.ArrowException, TypeError, ValueError):
            arrays.append(_array(column.tolist()))
    return pa.Table.from_arrays(arrays, names=names)


def _is_of_periods(column: pd.Series[Any]) -> bool:
    return type(column.dtype).__name__ == "PeriodDtype"


def _array(cells: Sequence[Any]) -> pa.Array:
    """Return cells as an Arrow array; where they are of several kinds, each as the text that it is in JSON."""
    cells = [None if _is_missing(cell) else cell for cell in cells]
    try:
        return pa.array(cells)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([_text(cell) for cell in cells], pa.string())


def _text(cell: Any) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, str):
        return _encodable(cell)
    if isinstance(cell, (dict, list, tuple, bool)):
        return json.dumps(cell, ensure_ascii=False, default=_plain)
    plain = _plain(cell)
    return None if plain is None else str(plain)


def _encodable(text: str) -> str:
    """Return a text without halves of characters, which Python holds and no file may: one stands for each."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _write_table(table: pa.Table, path: Path) -> Path:
    """Write a table as Parquet without anything that tells who wrote it, so that equal tables make equal files."""
    import pyarrow.parquet as pq

    from voc.ingest.raw import unique_headers

    if not table.num_columns:
        raise VocError(f"{path.name}: it has no columns, so there is nothing to analyse.")
    if not table.num_rows:
        raise VocError(f"{path.name}: it has no rows, so there is nothing to analyse.")
    columns = _flat(zip(table.column_names, table.columns, strict=True))
    arrays = [_storable(column) for _, column in columns]
    written = pa.Table.from_arrays(arrays, names=unique_headers([name for name, _ in columns]))
    try:
        pq.write_table(written, path)
    except pa.ArrowException:
        texts = [pa.array([_text(cell) for cell in column.to_pylist()], pa.string()) for column in written.columns]
        pq.write_table(pa.Table.from_arrays(texts, names=written.column_names), path)
    return path


def _flat(columns: Iterable[tuple[str, pa.ChunkedArray]]) -> list[tuple[str, pa.ChunkedArray]]:
    """Tell nested columns apart as those of JSON are: {"review": {"text": ...}} has the column "review.text"."""
    from voc.ingest.raw import fold
    from voc.ingest.records import WHOLE

    found: list[tuple[str, pa.ChunkedArray]] = []
    for name, column in columns:
        if pa.types.is_struct(column.type) and fold(name) not in WHOLE:
            inner = [f"{name}.{field.name}" for field in column.type]
            found += _flat(zip(inner, column.flatten(), strict=True))
        else:
            found.append((name, column))
    return found


def _storable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column in the type by which texts are read fastest, if it is one of texts."""
    kind = column.type
    if pa.types.is_large_string(kind) or kind == pa.string_view():
        with contextlib.suppress(pa.ArrowException):
            return column.cast(pa.string())
    if pa.types.is_dictionary(kind):
        with contextlib.suppress(pa.ArrowException):
            return _storable(column.cast(kind.value_type))
    return column


def _write_texts(texts: Sequence[Any], folder: Path) -> Path:
    return _write_records(({"text": None if _is_missing(text) else text} for text in texts), folder / "texts")


def _write_records(records: Iterable[Mapping[str, Any]], path: Path) -> Path:
    """Write records as JSON: one a line, or a lone one as a list of one, whose parts nobody takes for the records."""
    lines = [
        json.dumps({str(name): None if _is_missing(cell) else cell for name, cell in record.items()}, default=_plain)
        for record in records
    ]
    path.write_text(f"[{lines[0]}]" if len(lines) == 1 else "\n".join(lines), encoding="utf-8")
    return path


def _is_missing(cell: Any) -> bool:
    """Tell whether a cell is one of the many ways to write that there is none: None, NaN, NaT, pandas.NA."""
    if cell is None or isinstance(cell, float):
        return cell is None or cell != cell
    return type(cell).__name__ in ("NAType", "NaTType")


def _plain(cell: Any) -> Any:
    """Return a cell that JSON does not know as one that it knows."""
    if _is_missing(cell):
        return None
    if isinstance(cell, (dt.datetime, dt.date, dt.time)):
        return cell.isoformat()
    if isinstance(cell, Mapping):
        return dict(cell)
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if hasattr(cell, "tolist"):  # scalars and arrays of NumPy
        found = cell.tolist()
        return found if isinstance(found, (str, int, float, bool, list, type(None))) else str(found)
    return str(cell)
