"""A table of an analysis, in whatever form the reader works with: Arrow, pandas, Polars, rows, a file, a notebook."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import pyarrow as pa

from voc import words
from voc.errors import VocError
from voc.sheets import Sheet, as_csv, as_json, as_markdown, as_xlsx, flat, readable

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Row = Mapping[str, Any]

#: Rows that a notebook or a terminal shows; the table holds all.
SHOWN = 10
#: Characters of a cell that are shown.
_CELL = 140
_TERMINAL_CELL = 60
_WRITERS: dict[str, Callable[[Sheet], str | bytes]] = {
    ".csv": as_csv,
    ".json": as_json,
    ".md": as_markdown,
    ".xlsx": as_xlsx,
}
_STYLE = "text-align:left;vertical-align:top;max-width:34em;white-space:normal;overflow-wrap:anywhere"


class Result:
    """A table of an analysis; nothing in it ever changes.

    It is an Arrow table with a title and with sentences that say how to read it. Whatever speaks the Arrow C stream
    interface takes it as it is: ``polars.DataFrame(result)``, ``pyarrow.table(result)``, ``duckdb.sql("FROM result")``.

    Attributes:
        arrow: the table.
        title: what it shows.
        notes: sentences about it.
    """

    def __init__(
        self,
        arrow: pa.Table,
        *,
        title: str = "Table",
        notes: Sequence[str] = (),
        line: Callable[[Row], Row] | None = None,
        first: Callable[[Row], bool] | None = None,
    ) -> None:
        """Hold a table.

        Args:
            arrow: the table.
            title: what it shows.
            notes: sentences about it.
            line: what is shown of a row to a reader; by default all its columns.
            first: which rows are shown to a reader; by default all.
        """
        self.arrow = arrow
        self.title = title
        self.notes = tuple(notes)
        self._line = line
        self._first = first

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.arrow.column_names)

    def pandas(self, **options: Any) -> pd.DataFrame:
        """Return the table as a pandas DataFrame.

        Args:
            **options: of `pyarrow.Table.to_pandas`, such as ``types_mapper=pandas.ArrowDtype``, which keeps whole
                numbers whole where some are missing.
        """
        frame: pd.DataFrame = self.arrow.to_pandas(**options)
        return frame

    def polars(self) -> pl.DataFrame:
        """Return the table as a Polars DataFrame.

        Raises:
            VocError: Polars is not installed.
        """
        try:
            import polars
        except ImportError:
            raise VocError(
                "Polars is not installed; install it with `pip install 'voc[polars]'`, or take .pandas() or .arrow."
            ) from None
        return polars.DataFrame(polars.from_arrow(self.arrow))

    def rows(self) -> list[dict[str, Any]]:
        """Return all rows as dictionaries."""
        found: list[dict[str, Any]] = self.arrow.to_pylist()
        return found

    def head(self, rows: int = 5) -> Result:
        """Return the first rows."""
        return self[:rows]

    def save(self, path: Path | str) -> Path:
        """Write the table to a file and return its path; an earlier file of that name is replaced.

        In .csv and .xlsx lists are written as text, and a text that a spreadsheet would run as a formula gets an
        apostrophe in front; .parquet and .json hold the values as they are, .md what a reader is shown.

        Args:
            path: ends in .parquet, .csv, .xlsx, .json or .md.

        Raises:
            VocError: another ending, or a file that cannot be written.
        """
        path = Path(path).expanduser()
        ending = path.suffix.lower()
        if ending not in (".parquet", *_WRITERS):
            raise VocError(f"{path}: the ending says how to write it; give one of .parquet, {', '.join(_WRITERS)}.")
        try:
            if ending == ".parquet":
                import pyarrow.parquet as pq

                buffer = io.BytesIO()
                pq.write_table(self.arrow, buffer)
                path.write_bytes(buffer.getvalue())
            else:
                written = _WRITERS[ending](self._sheet())
                path.write_bytes(written.encode() if isinstance(written, str) else written)
        except OSError as error:
            raise VocError(f"{path}: this file cannot be written ({error.strerror}); choose another path.") from None
        return path

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Hand the table to another library without copying it."""
        return self.arrow.__arrow_c_stream__(requested_schema)

    def __len__(self) -> int:
        return int(self.arrow.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for batch in self.arrow.to_batches(max_chunksize=1024):
            yield from batch.to_pylist()

    @overload
    def __getitem__(self, key: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, key: str) -> list[Any]: ...
    @overload
    def __getitem__(self, key: slice) -> Result: ...
    def __getitem__(self, key: int | str | slice) -> dict[str, Any] | list[Any] | Result:
        """Return a row by its number, a column by its name, or some rows as a result of their own."""
        if isinstance(key, str):
            column: list[Any] = self.arrow.column(key).to_pylist()
            return column
        if isinstance(key, slice):
            chosen = range(*key.indices(len(self)))
            some = (
                self.arrow.slice(chosen.start, len(chosen))
                if chosen.step == 1
                else self.arrow.take(pa.array(chosen, pa.int64()))
            )
            return Result(some, title=self.title, notes=self.notes, line=self._line, first=self._first)
        place = range(len(self))[key]
        row: dict[str, Any] = self.arrow.slice(place, 1).to_pylist()[0]
        return row

    def __repr__(self) -> str:
        lines = self._lines(SHOWN)
        said = [f"{words.visible(self.title)} ({words.plural(len(self), 'row')})"]
        if lines:
            said.append(_as_text(lines))
        if len(self) > len(lines):
            said.append(self._how_many(len(lines)))
        return "\n".join(said)

    def _repr_html_(self) -> str:
        lines = self._lines(SHOWN)
        caption = f"<b>{words.safe(self.title)}</b> ({words.plural(len(self), 'row')})"
        notes = [self._how_many(len(lines))] if len(self) > len(lines) else []
        said = "".join(f'<p style="margin:.3em 0;opacity:.75">{words.safe(note)}</p>' for note in (*notes, *self.notes))
        return f"<div><p>{caption}</p>{as_html(lines)}{said}</div>"

    def _how_many(self, shown: int) -> str:
        of = f"{words.count(shown)} of {words.count(len(self))} rows are shown"
        return f"{of}; .pandas(), .polars() and .arrow hold all."

    def _lines(self, most: int | None = None) -> list[Row]:
        """Return what a reader is shown of the rows, at most so many."""
        chosen = (row for row in self if self._first is None or self._first(row))
        return [self._line(row) if self._line else row for row in islice(chosen, most)]

    def _sheet(self) -> Sheet:
        documents = self.rows()
        rows = [{name: flat(value) for name, value in row.items()} for row in documents]
        shown = [{name: flat(value) for name, value in line.items()} for line in self._lines()]
        return Sheet(self.title, shown, rows, documents, self.columns, self.notes)


def cell(value: Any, most: int = _CELL) -> str:
    """Return a cell as a reader sees it, in one line of at most so many characters."""
    said = " ".join(words.visible(readable(flat(value))).split())
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"


def as_html(lines: Sequence[Row]) -> str:
    """Return lines as an HTML table in which everything shows literally; "" without lines."""
    if not lines:
        return ""
    headings = list(lines[0])
    numbers = {name for name in headings if all(_is_number(line.get(name)) for line in lines)}
    head = "".join(f'<th style="text-align:left">{words.safe(name)}</th>' for name in headings)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="{"text-align:right;vertical-align:top" if name in numbers else _STYLE}">'
            f"{words.safe(cell(line.get(name)))}</td>"
            for name in headings
        )
        + "</tr>"
        for line in lines
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _as_text(lines: Sequence[Row]) -> str:
    """Return lines as a plain table, a line for each, cut to the width of a terminal."""
    headings = list(lines[0])
    cells = [[cell(line.get(name), _TERMINAL_CELL) for name in headings] for line in lines]
    widths = [max(len(name), *(len(row[at]) for row in cells)) for at, name in enumerate(headings)]
    numbers = [all(_is_number(line.get(name)) for line in lines) for name in headings]
    return "\n".join(
        _cut("  ".join(text.rjust(width) if number else text.ljust(width) for text, width, number in parts))
        for parts in (list(zip(row, widths, numbers, strict=True)) for row in [headings, *cells])
    )


def _cut(line: str, most: int = 160) -> str:
    line = line.rstrip()
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))
