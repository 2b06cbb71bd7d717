"""Reads comma, semicolon, tab and bar separated text with Arrow's CSV engine, after finding its dialect."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from voc.errors import VocError
from voc.ingest.headers import recognised
from voc.ingest.raw import BadRow, RawTable, numbered

__all__ = [
    "NO_DELIMITER",
    "SAMPLE",
    "Parsed",
    "declared_delimiter",
    "find_delimiter",
    "kind_of",
    "looks_like_data",
    "parse",
    "quote_balance",
    "quotings",
    "read_delimited",
    "usual_width",
    "whole_rows",
    "without_preamble",
]

_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
# Separates nothing: a file of one column whose texts may hold any visible separator.
NO_DELIMITER = "\x1f"
SAMPLE = 256 * 1024
_BLOCK = 1 << 27


@dataclass(frozen=True, eq=False)
class Parsed:
    """A text cut into cells, header included, and the rows that do not fit."""

    table: pa.Table
    bad: list[tuple[int, int, str]]  # 1-based line of the table with the header, columns found, text


def read_delimited(name: str, text: str, encoding: str, notes: list[str]) -> RawTable:
    """Read separated text; rows with a wrong number of cells are set aside with their row number.

    Raises:
        VocError: the text is empty or cannot be cut into rows.
    """
    notes = list(notes)
    if "\x00" in text:
        notes.append(f"NUL characters removed: {text.count(chr(0)):,}")
        text = text.replace("\x00", "")
    text = text.lstrip("\ufeff").replace(NO_DELIMITER, " ")
    if not text.strip():
        raise VocError(f"{name}: the file is empty; export it again.")
    text, declared = declared_delimiter(text)
    text, skipped = without_preamble(text)
    if skipped:
        notes.append(f"lines above the header, skipped: {skipped}")
    delimiter = declared or find_delimiter(text)
    parsed = _best_quoting(name, text, delimiter)
    parsed, padded = _pad_header(name, text, delimiter, parsed)
    if padded:
        notes.append(f"columns without a header, named by their position: {padded}")
    first = [column[0].as_py() or "" for column in parsed.table.columns] if parsed.table.num_rows else []
    if not first:
        raise VocError(f"{name}: no row could be read from this file; check that it is a review export.")
    has_header = not looks_like_data(first)
    if not has_header:
        notes.append("the first line looks like data, so the file is read as one without headers")
    bad = [BadRow(n - has_header, f"{got} cells instead of {len(first)}", raw[:400]) for n, got, raw in parsed.bad]
    table = parsed.table.slice(1) if has_header else parsed.table
    headers = first if has_header else [f"column {i}" for i in range(1, len(first) + 1)]
    return numbered(name, kind_of(delimiter), headers, table.columns, bad=bad, encoding=encoding, notes=notes)


def whole_rows(text: str) -> str:
    """Return the beginning of a text up to its last line break outside quotes, where its last whole row ends."""
    end = len(text)
    quotes = text.count('"')
    while (at := max(text.rfind("\n", 0, end), text.rfind("\r", 0, end))) >= 0:
        quotes -= text.count('"', at, end)
        if quotes % 2 == 0:
            return text[: at + 1]
        end = at
    # Quotes that pair up nowhere are none: the file does not quote.
    at = max(text.rfind("\n"), text.rfind("\r"))
    return text[: at + 1] or text


def declared_delimiter(text: str) -> tuple[str, str | None]:
    """Return the text below a line such as "sep=;", which spreadsheets may write, and the separator that it names."""
    match = re.match(r'"?sep=([,;\t|])"?\r?\n', text)
    return (text[match.end() :], match.group(1)) if match else (text, None)


def _lines(text: str, count: int) -> list[str]:
    return re.split(r"\r\n|\n|\r", text[:SAMPLE], maxsplit=count)[:count]


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip().strip('"').strip() for cell in line.split(delimiter)]


def without_preamble(text: str) -> tuple[str, int]:
    """Skip title lines above the header: only when a later line names known columns and the first names none."""
    lines = _lines(text, 10)
    counts = [max(recognised(_cells(line, d)) if d in line else 0 for d in _NAMES) for line in lines]
    if recognised(lines[:1]) or counts[0] or '"' in lines[0] or max(counts) < 2:
        return text, 0
    skip = next(i for i, count in enumerate(counts) if count >= 2)
    return re.split(r"\r\n|\n|\r", text, maxsplit=skip)[skip], skip


def find_delimiter(text: str) -> str:
    """Return the separator whose header names known columns and whose rows agree on the number of cells."""
    lines = _lines(text.lstrip("\r\n"), 1)
    header = lines[0] if lines else ""
    sample = text[:SAMPLE]
    if len(text) > SAMPLE:
        sample = sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample
    best, best_score = NO_DELIMITER, (0, 0.0, 0)
    for delimiter in _NAMES:
        if delimiter not in header:
            continue
        try:
            tries = [parse(sample, delimiter, **quoting) for quoting in quotings(sample)]
        except pa.ArrowInvalid:
            continue
        parsed = min(tries, key=lambda p: len(p.bad))
        rows = parsed.table.num_rows + len(parsed.bad)
        width = parsed.table.num_columns
        agree = (parsed.table.num_rows - 1) / max(rows - 1, 1) if rows > 1 else 1.0
        known = recognised(_cells(header, delimiter))
        if width < 2 or (agree < 0.5 and known < 2):
            continue
        score = (known, round(agree, 3), width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def quotings(text: str) -> list[dict[str, Any]]:
    """Ways of quoting worth trying, the usual one first."""
    ways: list[dict[str, Any]] = [{"quote": '"', "escape": False}]
    if '\\"' in text:
        ways.append({"quote": '"', "escape": "\\"})
    if '"' in text:
        ways.append({"quote": False, "escape": False})
    return ways


def _best_quoting(name: str, text: str, delimiter: str) -> Parsed:
    """Parse with the quoting that leaves the fewest broken rows; of equals, the usual one if its quotes pair up.

    In a file that does not quote (AWS's TSV), a stray quote swallows the rows up to the next one.
    """
    results: list[Parsed] = []
    failure = ""
    for way in quotings(text):
        try:
            results.append(parse(text, delimiter, **way))
        except pa.ArrowInvalid as error:
            failure = str(error)
    if not results:
        reason = "a row is longer than 128 MB" if "straddl" in failure else failure.split("\n")[0][:120]
        raise VocError(f"{name}: the file cannot be cut into rows ({reason}); check its quotes or export it again.")
    fewest = min(len(parsed.bad) for parsed in results)
    equals = [parsed for parsed in results if len(parsed.bad) == fewest]
    unquoted = results[-1]
    paired = len(results) == 1 or quote_balance(unquoted.table) == 0
    return equals[0] if paired or unquoted not in equals else unquoted


def quote_balance(unquoted: pa.Table) -> int:
    """Return how many more cells, read without quoting, open a quote than close one; a doubled quote does neither."""
    begins = sum(pc.sum(pc.match_substring_regex(c, r'^"(?:"")*(?:[^"]|$)')).as_py() or 0 for c in unquoted.columns)
    ends = sum(pc.sum(pc.match_substring_regex(c, r'(?:^|[^"])"(?:"")*$')).as_py() or 0 for c in unquoted.columns)
    return int(begins - ends)


def _pad_header(name: str, text: str, delimiter: str, parsed: Parsed) -> tuple[Parsed, int]:
    """Widen a header that is shorter than nearly all rows, as trailing separators make it."""
    width = parsed.table.num_columns
    usual = usual_width(width, parsed.table.num_rows, Counter(got for _, got, _ in parsed.bad))
    if usual == width:
        return parsed, 0
    first = re.match(r"[\r\n]*[^\r\n]*", text)
    end = first.end() if first else 0
    wider = text[:end] + delimiter * (usual - width) + text[end:]
    return _best_quoting(name, wider, delimiter), usual - width


def usual_width(width: int, rows: int, others: Counter[int]) -> int:
    """Return the number of cells of nearly all rows where it is more than the header's, else the header's.

    Args:
        width: cells of the header.
        rows: how many rows, with the header, have as many.
        others: how many rows have another number of cells, by that number.
    """
    if sum(others.values()) <= rows:
        return width
    usual, count = others.most_common(1)[0]
    return usual if usual > width and count > rows else width


def kind_of(delimiter: str) -> str:
    """Return what a text with this separator is called."""
    if delimiter == NO_DELIMITER:
        return "text, one column"
    return "TSV" if delimiter == "\t" else f"CSV ({_NAMES[delimiter]})"


def parse(text: str, delimiter: str, *, quote: str | bool, escape: str | bool) -> Parsed:
    """Cut a text, header included, into cells; a row has to have as many as the first one.

    Raises:
        pa.ArrowInvalid: the text cannot be cut into rows.
    """
    bad: list[tuple[int, int, str]] = []

    def set_aside(row: Any) -> str:
        bad.append((row.number, row.actual_columns, row.text))
        return "skip"

    data = pa.py_buffer(text.encode("utf-8", errors="replace"))
    parse = pacsv.ParseOptions(
        delimiter=delimiter,
        quote_char=quote,
        double_quote=bool(quote),
        escape_char=escape,
        newlines_in_values=bool(quote),
        invalid_row_handler=set_aside,
    )
    # One thread: only then does the engine number the rows it sets aside.
    read = pacsv.ReadOptions(
        use_threads=False, block_size=max(1 << 16, min(data.size + 1, _BLOCK)), autogenerate_column_names=True
    )
    width = text.count(delimiter, 0, SAMPLE) + 1
    strings = {f"f{i}": pa.string() for i in range(min(width, 20_000))}
    convert = pacsv.ConvertOptions(
        check_utf8=False, column_types=strings, strings_can_be_null=False, quoted_strings_can_be_null=False
    )
    table = pacsv.read_csv(data, read_options=read, parse_options=parse, convert_options=convert)
    return Parsed(table, bad)


def looks_like_data(cells: list[str]) -> bool:
    """A first line without a known name that holds a number, a date or a sentence is no header."""
    if recognised(cells):
        return False
    return any(len(cell) > 60 or re.fullmatch(r"[\d.,/:\- ]+", cell.strip()) for cell in cells if cell.strip())
