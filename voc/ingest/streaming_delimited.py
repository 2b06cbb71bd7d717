"""Cuts separated text of any size into pieces of whole rows, with the dialect that all of it tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from voc.errors import VocError
from voc.ingest.delimited import (
    NO_DELIMITER,
    SAMPLE,
    Parsed,
    declared_delimiter,
    find_delimiter,
    kind_of,
    looks_like_data,
    parse,
    quote_balance,
    usual_width,
    without_preamble,
)
from voc.ingest.raw import BadRow, RawTable, numbered, shifted
from voc.ingest.streaming_text import Text

__all__ = ["Delimited"]

#: A row that is longer and does not end is one whose quote was never closed.
_MAX_ROW = 1_000_000
_USUAL, _ESCAPED, _UNQUOTED = range(3)
_QUOTING: tuple[dict[str, Any], ...] = (
    {"quote": '"', "escape": False},
    {"quote": '"', "escape": "\\"},
    {"quote": False, "escape": False},
)


class Delimited:
    """A separated text that is gone through several times.

    The first time the ways of quoting are tried beside each other, and `pieces` are cut in the way that is supposed
    to be right; `settled` says afterwards whether it was.
    """

    def __init__(self, text: Text) -> None:
        self._text = text
        self.encoding = text.decoding.shown
        head = _without_odd(text.head(4 * SAMPLE))
        start = head.lstrip("\ufeff")
        start, declared = declared_delimiter(start)
        start, skipped = without_preamble(start)
        self._skip = len(head) - len(start)
        self._delimiter = declared or find_delimiter(start)
        self.kind = kind_of(self._delimiter)
        self._notes = [f"lines above the header, skipped: {skipped}"] if skipped else []
        self._nuls = self._pad = self.rows = 0
        self._way = _USUAL
        self._escapes = False
        self.settled = False
        self.headers: list[str] = []

    @property
    def damage(self) -> VocError | None:
        """Why the text ends before its end."""
        return self._text.damage

    @property
    def notes(self) -> list[str]:
        """What was noticed."""
        notes = [*self._text.notes, *self._notes]
        if self._nuls:
            notes.append(f"NUL characters removed: {self._nuls:,}")
        if self._pad:
            notes.append(f"columns without a header, named by their position: {self._pad}")
        return notes

    def pieces(self) -> Iterator[RawTable]:
        """Yield the rows of the text; once it is settled, every time the same pieces."""
        if self.settled:
            yield from self._cut(self._new_way(self._way), self._cleaned())
        else:
            yield from self._tried()

    def _tried(self) -> Iterator[RawTable]:
        """Cut in the supposed way while the others are tried too."""
        ways = {self._way: self._new_way(self._way)}
        for number in [_USUAL, _ESCAPED] if self._escapes else [_USUAL]:
            ways.setdefault(number, self._new_way(number))
        found_escape = False
        self._nuls = 0
        for piece, last in _with_last(self._cleaned(count=True)):
            if '"' in piece and _UNQUOTED not in ways:
                # Up to here there was no quote, so that it was cut in the same places.
                ways[_UNQUOTED] = ways[_USUAL].as_unquoted()
            found_escape = found_escape or '\\"' in piece
            for number, way in ways.items():
                for raw in way.pieces(piece, last=last):
                    if number == self._way:
                        yield raw
        if found_escape and not self._escapes:
            self._escapes = True
            return
        self._settle(ways)

    def _settle(self, ways: dict[int, _Way]) -> None:
        """Choose the way as `read_delimited` does: that of the fewest broken rows."""
        able = {number: way for number, way in sorted(ways.items()) if not way.failed}
        if not able:
            raise VocError(f"{self._text.name}: the file cannot be cut into rows; check its quotes or export it again.")
        fewest = min(way.bad for way in able.values())
        equals = [number for number, way in able.items() if way.bad == fewest]
        last = max(able)
        paired = len(able) == 1 or able[last].balance == 0
        best = equals[0] if paired or last not in equals else last
        way = able[best]
        width = usual_width(way.width, way.rows + way.has_header, way.others) if not self._pad else way.width
        self._pad += width - way.width
        self.settled = best == self._way and width == way.width
        self._way = best
        self.headers, self.rows = way.headers, way.rows + way.bad
        if self.settled and not way.has_header:
            self._notes.append("the first line looks like data, so the file is read as one without headers")
        if self.settled and not self.rows:
            if not self.headers:
                raise VocError(f"{self._text.name}: the file is empty; export it again.")
            raise VocError(f"{self._text.name}: the file has a header but no rows; export it again.")

    def _new_way(self, number: int) -> _Way:
        return _Way(self._text.name, self._delimiter, number, self._pad, self.encoding)

    def _cut(self, way: _Way, pieces: Iterator[str]) -> Iterator[RawTable]:
        for piece, last in _with_last(pieces):
            yield from way.pieces(piece, last=last)

    def _cleaned(self, *, count: bool = False) -> Iterator[str]:
        skip = self._skip
        for piece in self._text.pieces():
            if count:
                self._nuls += piece.count("\x00")
            cleaned = _without_odd(piece)
            yield cleaned[skip:]
            skip = max(skip - len(cleaned), 0)


def _without_odd(text: str) -> str:
    return text.replace("\x00", "").replace(NO_DELIMITER, " ")


def _with_last(pieces: Iterator[str]) -> Iterator[tuple[str, bool]]:
    held: str | None = None
    for piece in pieces:
        if held is not None:
            yield held, False
        held = piece
    if held is not None:
        yield held, True


@dataclass
class _Way:
    """One way of quoting, and how far the text was cut in it."""

    name: str
    delimiter: str
    number: int
    pad: int
    encoding: str
    rows: int = 0
    bad: int = 0
    balance: int = 0
    width: int = 0
    failed: bool = False
    has_header: bool = True
    header: str | None = None
    headers: list[str] = field(default_factory=list)
    others: Counter[int] = field(default_factory=Counter)
    _left: str = ""

    def as_unquoted(self) -> _Way:
        """Return the way without quotes for a text that had none up to here."""
        return replace(deepcopy(self), number=_UNQUOTED)

    def pieces(self, text: str, *, last: bool) -> Iterator[RawTable]:
        """Yield the rows that are complete with this text."""
        if self.failed:
            return
        text = self._left + text
        place = 0
        while place < len(text):
            end = len(text) if last else self._end_of_rows(text, place)
            if last and self.number != _UNQUOTED and len(text) - place > _MAX_ROW:
                end = self._end_of_rows(text, place)
                end = len(text) if len(text) - end <= _MAX_ROW else end
            if end > place:
                yield from self._rows(text[place:end])
                place = end
            elif len(text) - place > _MAX_ROW and self.header is not None:
                line = re.compile(r"[^\r\n]*(?:\r\n?|\n|$)").match(text, place)
                end = line.end() if line else len(text)
                yield from self._broken(text[place:end])
                place = end
            elif len(text) - place > 16 * _MAX_ROW:
                self.failed = True
                return
            else:
                break
        self._left = text[place:]

    def _end_of_rows(self, text: str, place: int) -> int:
        if self.number == _UNQUOTED:
            return max(text.rfind("\n", place), text.rfind("\r", place), place - 1) + 1
        match = _row_pattern(self.delimiter, self.number == _ESCAPED).match
        while (found := match(text, place)) is not None and found.end() > place:
            place = found.end()
        return place

    def _rows(self, text: str) -> Iterator[RawTable]:
        first = self.header is None
        if first:
            if not text.strip("\r\n"):
                return
            text = self._take_header(text)
        try:
            parsed = parse((self.header or "") + text, self.delimiter, **_QUOTING[self.number])
        except pa.ArrowInvalid:
            if first:
                self.failed = True
                return
            yield from self._broken(text)
            return
        if first and not self._take_headers(parsed):
            return
        yield from self._numbered(parsed, first=first)

    def _take_header(self, text: str) -> str:
        """Keep the first record, which is put above every piece, and return what follows it."""
        text = text.lstrip("\r\n")
        if self.number == _UNQUOTED:
            found = re.compile(r"[^\r\n]*(?:\r\n?|\n)").match(text)
        else:
            found = _row_pattern(self.delimiter, self.number == _ESCAPED).match(text)
        end = found.end() if found else len(text)
        header = text[:end].rstrip("\r\n")
        if self.pad:
            line = re.match(r"[^\r\n]*", header)
            at = line.end() if line else 0
            header = header[:at] + self.delimiter * self.pad + header[at:]
        self.header = header + "\n"
        return text[end:]

    def _take_headers(self, parsed: Parsed) -> bool:
        first = [column[0].as_py() or "" for column in parsed.table.columns] if parsed.table.num_rows else []
        if not first:
            self.failed = True
            return False
        self.width = len(first)
        self.has_header = not looks_like_data(first)
        self.headers = first if self.has_header else [f"column {i}" for i in range(1, len(first) + 1)]
        return True

    def _numbered(self, parsed: Parsed, *, first: bool) -> Iterator[RawTable]:
        above = 0 if first and not self.has_header else 1
        bad = [BadRow(n - above, f"{got} cells instead of {self.width}", raw[:400]) for n, got, raw in parsed.bad]
        table = parsed.table.slice(above)
        self.others.update(got for _, got, _ in parsed.bad)
        if self.number == _UNQUOTED:
            self.balance += quote_balance(parsed.table if first else table)
        if not table.num_rows + len(bad):
            return
        raw = numbered(self.name, kind_of(self.delimiter), self.headers, table.columns, bad=bad, encoding=self.encoding)
        yield shifted(raw, self.rows + self.bad)
        self.rows += table.num_rows
        self.bad += len(bad)

    def _broken(self, text: str) -> Iterator[RawTable]:
        """Set aside what cannot be cut into rows, as one row."""
        bad = [BadRow(1, "a quote is opened and never closed", text[:400])]
        none = [pa.chunked_array([pa.array([], pa.string())]) for _ in self.headers]
        raw = numbered(self.name, kind_of(self.delimiter), self.headers, none, bad=bad, encoding=self.encoding)
        yield shifted(raw, self.rows + self.bad)
        self.bad += 1


_PATTERNS: dict[tuple[str, bool], re.Pattern[str]] = {}


def _row_pattern(delimiter: str, escaped: bool) -> re.Pattern[str]:
    """Return the pattern of a whole row: a quote opens only at the beginning of a cell, as in Arrow's engine."""
    found = _PATTERNS.get((delimiter, escaped))
    if found is None:
        d = re.escape(delimiter)
        if escaped:
            inside, outside = r'(?:[^"\\]++|""|\\.)*+', rf"(?:[^{d}\r\n\\]++|\\.)*+"
        else:
            inside, outside = r'(?:[^"]++|"")*+', rf"[^{d}\r\n]*+"
        cell = rf'(?:"{inside}"{outside}|(?!"){outside})'
        found = re.compile(rf"{cell}(?:{d}{cell})*+(?:\r\n?|\n)", re.S)
        _PATTERNS[delimiter, escaped] = found
    return found
