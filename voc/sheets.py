"""One table as JSON, CSV, Markdown or a spreadsheet, safely for the program that opens it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from voc.markdown import escaped, inline
from voc.words import visible

# A spreadsheet program runs a text cell that starts so as a formula (OWASP, "CSV Injection"); the wide forms are those
# of East Asian keyboards, which some programs take for the others.
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
# Control characters: a review's text must not move the cursor or colour the terminal of whoever reads it.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
# What one cell of a spreadsheet holds at most, and the first year whose days it counts alike everywhere.
_CELL, _FIRST_YEAR = 32_767, 1901
#: Types whose cells stay as they are: nearly all of a large file.
_CELLS = frozenset((str, int, bool, type(None)))


@dataclass(frozen=True)
class Sheet:
    """One table in its three views: `shown` for reading, `rows` for spreadsheets, `document` for programs.

    `shown` and `rows` map headings to cells; the first row of each tells the headings unless `columns` names those
    of `rows`. Cells of `shown` are text or scalars; of `rows` scalars.
    """

    title: str
    shown: Sequence[Mapping[str, Any]]
    rows: Sequence[Mapping[str, Any]]
    document: Any
    columns: Sequence[str] = ()
    notes: Sequence[str] = ()
    #: What stands above `columns`, where that differs; one heading may then stand above several.
    headings: Sequence[str] = ()


def plain(value: Any) -> Any:
    """Return `value` as JSON has it: dates as ISO text, no NaN, containers all the way down."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def dump(document: Any) -> str:
    """Return one JSON document as text."""
    return json.dumps(plain(document), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def as_json(sheet: Sheet) -> str:
    """Return the document as JSON."""
    return dump(sheet.document)


def as_csv(sheet: Sheet) -> str:
    """Return the rows as CSV; text that a spreadsheet would run as a formula gets an apostrophe in front."""
    columns = _columns(sheet)
    return csv_of(sheet.headings or columns, [[row.get(column) for row in sheet.rows] for column in columns])


def csv_of(headings: Sequence[str], columns: Iterable[Sequence[Any]]) -> str:
    """Return columns, all as long, as CSV; text that a spreadsheet would run as a formula gets an apostrophe in front.

    Cells may hold what `plain` takes.
    """
    lines: list[str] = []
    # A list takes lines in a third of the time of a buffer for text.
    writer = csv.writer(SimpleNamespace(write=lines.append), lineterminator="\n")
    writer.writerow([_safe(heading) for heading in headings])
    writer.writerows(zip(*map(_cells, columns), strict=True))
    return "".join(lines)


def _cells(values: Sequence[Any]) -> list[Any]:
    """Return a column's cells as they are written; most are safe as they are, and one look tells."""
    return [
        value if type(value) is str and value.isprintable() and value[:1] not in _FORMULA else _safe(_scalar(value))
        for value in values
    ]


def _columns(sheet: Sheet) -> list[str]:
    return list(sheet.columns) or list(sheet.rows[0] if sheet.rows else ())


def _scalar(value: Any) -> Any:
    if type(value) in _CELLS:
        return value
    value = plain(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


def _safe(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # Judged both as it came and as it is written: a mark that is taken away may have hidden a formula.
    written = visible(value)
    return f"'{written}" if value[:1] in _FORMULA or written[:1] in _FORMULA else written


def flat(value: Any) -> Any:
    """Return a cell that a person reads in place of a list or a structure: texts of quotes, names, figures."""
    if type(value) in _CELLS:
        return value
    if isinstance(value, Mapping):
        return str(value["text"]) if "text" in value else ", ".join(f"{k}: {flat(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        quotes = any(isinstance(item, Mapping) for item in value)
        return (" | " if quotes else ", ").join(str(flat(item)) for item in value)
    return value


def as_markdown(sheet: Sheet) -> str:
    """Return the readable view as a Markdown table."""
    if not sheet.shown:
        return "".join(f"{escaped(note)}\n" for note in sheet.notes) or f"{escaped(sheet.title)}: nothing to show.\n"
    headings = list(sheet.shown[0])
    lines = [[inline(heading) for heading in headings], ["---"] * len(headings)]
    lines += [[inline(readable(row.get(heading))) for heading in headings] for row in sheet.shown]
    table = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
    notes = "".join(f"\n{escaped(note)}\n" for note in sheet.notes)
    return f"## {inline(sheet.title)}\n\n{table}\n{notes}"


def readable(value: Any) -> str:
    """Return a cell as a person reads it: no control characters, figures with three decimals."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(readable(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {readable(item)}" for key, item in value.items())
    return without_controls(str(value)).strip()


def without_controls(text: str) -> str:
    """Return text that cannot move the cursor or colour the terminal."""
    return _CONTROL.sub(" ", text)


def as_xlsx(sheet: Sheet) -> bytes:
    """Return the rows as a spreadsheet whose text cells are stored as text.

    They are made safe as in CSV all the same, because people save a spreadsheet as CSV.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        page = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", sheet.title)[:31])
        bold, wrap = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
        columns = _columns(sheet)
        for number, column in enumerate(columns):
            page.write_string(0, number, _fit(_safe(sheet.headings[number] if sheet.headings else column)), bold)
            longest = max((len(str(_scalar(row.get(column)) or "")) for row in sheet.rows), default=0)
            page.set_column(number, number, min(60, max(10, len(column), longest)))
        day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left", "valign": "top"})
        for line, row in enumerate(sheet.rows, start=1):
            for number, column in enumerate(columns):
                value = row.get(column)
                if isinstance(value, dt.date) and value.year >= _FIRST_YEAR:
                    at = value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value
                    page.write_datetime(line, number, at, moment if isinstance(at, dt.datetime) else day)
                    continue
                value = _scalar(value)
                if isinstance(value, str):
                    page.write_string(line, number, _fit(_safe(value)), wrap)
                elif value is not None:
                    page.write(line, number, value)
        page.freeze_panes(1, 0)
        if sheet.rows:
            page.autofilter(0, 0, len(sheet.rows), len(columns) - 1)
    return buffer.getvalue()


def _fit(text: str) -> str:
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"
