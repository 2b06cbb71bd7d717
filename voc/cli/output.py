"""Prints a table on standard output or writes it to a file."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from voc.errors import VocError
from voc.sheets import Sheet, as_csv, as_json, as_markdown, as_xlsx, readable


def emit(sheet: Sheet, form: str, output: Path | None) -> None:
    """Print `sheet` on standard output or write it to `output`.

    Raises:
        click.UsageError: a spreadsheet without an output file.
        VocError: the file cannot be written.
    """
    if form == "xlsx":
        if output is None:
            raise click.UsageError("--format xlsx needs --output FILE.xlsx.")
        write_file(output, as_xlsx(sheet))
        return
    if form == "table" and output is None:
        print_table(sheet)
        return
    text = {"json": as_json, "csv": as_csv, "markdown": as_markdown, "table": as_text}[form](sheet)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text.encode())


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        VocError: the folder is missing or may not be written to.
    """
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(content)
        # A temporary file is private; the result gets the rights any new file would.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise VocError(f"{path}: this file cannot be written ({error.strerror}); choose another --output.") from None


def as_text(sheet: Sheet) -> str:
    """Return the readable view as plain text, wide enough for its cells."""
    buffer = io.StringIO()
    _print(sheet, buffer, width=160)
    return buffer.getvalue()


def print_table(sheet: Sheet) -> None:
    """Print the readable view for a terminal; elsewhere at a width that needs little wrapping."""
    _print(sheet, sys.stdout, width=None if sys.stdout.isatty() else 160)


def _print(sheet: Sheet, file: Any, width: int | None) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=file, width=width, highlight=False)
    if sheet.shown:
        # The table's own title would be wrapped to the width of its columns.
        console.print(Text(sheet.title, style="bold"))
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for heading in sheet.shown[0]:
            numbers = all(isinstance(row.get(heading), (int, float, type(None))) for row in sheet.shown)
            table.add_column(Text(heading), justify="right" if numbers else "left", overflow="fold")
        for row in sheet.shown:
            table.add_row(*(Text(readable(row.get(heading))) for heading in sheet.shown[0]))
        console.print(table)
    elif not sheet.notes:
        console.print(Text(f"{sheet.title}: nothing to show."))
    for note in sheet.notes:
        console.print(Text(note))
