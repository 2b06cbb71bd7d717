"""Reads JSON Lines, and the records of a JSON document, of any size piece by piece."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from voc.errors import VocError
from voc.ingest.raw import BadRow, RawTable, shifted
from voc.ingest.records import from_records, is_lone_document, read_line
from voc.ingest.streaming_text import Text

__all__ = ["Json"]

#: Characters; a longer line or record is none.
_MAX_RECORD = 64 * 1024**2
_MAX_DEPTH = 4
_PIECE_RECORDS = 4096
_PIECE_CHARACTERS = 4 * 1024**2


class Json:
    """A JSON text that is gone through several times; `settled` says whether the last time it was understood rightly.

    It is supposed to be JSON Lines if it begins with an object, and a document that holds a list of records otherwise
    or if most of its lines are no records. `lone` says that it is a document of one record.
    """

    def __init__(self, text: Text, start: str) -> None:
        self._text = text
        self.encoding = text.decoding.shown
        self._lines, self._least = start == "{", 0.5
        self._target: int | None = None
        self._keys: list[str] = []
        self.settled = self.lone = False
        self._invalid: VocError | None = None
        self.rows = 0

    @property
    def kind(self) -> str:
        """What the text is called."""
        return "JSON Lines" if self._lines else "JSON"

    @property
    def headers(self) -> list[str]:
        """The fields of all records."""
        return list(self._keys)

    @property
    def damage(self) -> VocError | None:
        """Why the text ends before its end."""
        return self._text.damage or self._invalid

    @property
    def notes(self) -> list[str]:
        """What was noticed."""
        return list(self._text.notes)

    def pieces(self) -> Iterator[RawTable]:
        """Yield the records; once it is settled, every time the same pieces."""
        if not self.settled:
            self._keys = []
        self.rows = 0
        yield from self._line_pieces() if self._lines else self._document_pieces()

    def _table(self, good: list[tuple[int, Any]], bad: list[BadRow]) -> Iterator[RawTable]:
        count = len(good) + len(bad)
        before, self.rows = self.rows, self.rows + count
        if count and (self._keys or any(record for _, record in good)):
            raw = from_records(self._text.name, self.kind, good, bad, self.encoding, [], self._keys)
            yield shifted(raw, before)

    def _line_pieces(self) -> Iterator[RawTable]:
        total = 0
        only: Any = None
        for lines in self._lines_of_text():
            good: list[tuple[int, Any]] = []
            bad: list[BadRow] = []
            for number, line in enumerate(lines, start=1):
                read_line(line, number, good, bad)
            total += len(good)
            only = good[0][1] if total == len(good) == 1 else only if not good else None
            yield from self._table(good, bad)
        if self.settled:
            return
        if total > self._least * self.rows and not (total == self.rows == 1 and is_lone_document(only)):
            self.settled = True
            self._check_keys()
        elif self._least == 0:
            raise VocError(f"{self._text.name}: this is not valid JSON; the file may be cut short.")
        else:
            self._lines = False

    def _lines_of_text(self) -> Iterator[list[str]]:
        """Yield the lines that are not blank; what is too long for a line is cut off."""
        left, skipping = "", False
        for piece in self._text.pieces():
            lines = (left + piece.replace("\x00", "")).split("\n")
            left = lines.pop()
            if skipping and lines:
                lines[0], skipping = "", False
            if skipping:
                left = ""
            elif len(left) > _MAX_RECORD:
                lines.append(left[:400])
                left, skipping = "", True
            yield [line.lstrip("\ufeff") for line in lines if line.strip("\ufeff \t\r\n\x0b\x0c")]
        if left.strip():
            yield [left.lstrip("\ufeff")]

    def _document_pieces(self) -> Iterator[RawTable]:
        scanner = _Scanner(piece.replace("\x00", "") for piece in self._text.pieces())
        lists = _Lists(scanner, self._target)
        good: list[tuple[int, Any]] = []
        size = 0
        try:
            for record in lists.records():
                good.append((len(good) + 1, record))
                if len(good) == _PIECE_RECORDS or scanner.taken - size > _PIECE_CHARACTERS:
                    size = scanner.taken
                    yield from self._table(good, [])
                    good = []
        except _InvalidError as error:
            said = f"{self._text.name}: this is not valid JSON ({error}); the file may be cut short."
            self._invalid = VocError(said)
        yield from self._table(good, [])
        scanner.drain()
        if not self.settled:
            self._settle_document(lists)

    def _settle_document(self, lists: _Lists) -> None:
        if self._invalid is not None and not self.rows:
            # As a last resort its lines are read.
            self._lines, self._least, self._invalid = True, 0.0, None
            return
        best = lists.best()
        if best is None:
            self.lone = True
        elif best != lists.target:
            self._target = best
        else:
            self.settled = True
            self._target = best
            self._check_keys()

    def _check_keys(self) -> None:
        if not self._keys:
            raise VocError(f"{self._text.name}: the JSON holds no list of records; export it again.")


class _InvalidError(Exception):
    """The text is no JSON from here on."""


class _Scanner:
    """Reads JSON values from pieces of text; `taken` counts the characters that were read."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._decoder = json.JSONDecoder()
        self._text, self._at = "", 0
        self.taken = 0

    def drain(self) -> None:
        """Go through what is left, so that the text is known to its end."""
        for _ in self._pieces:
            pass

    def _more(self) -> bool:
        """Add to the text at least as much as is held, so that a long record is not tried too often."""
        held = self._text[self._at :]
        parts, size = [held], 0
        while size <= len(held) and (piece := next(self._pieces, None)) is not None:
            parts.append(piece)
            size += len(piece)
        self._text, self._at = "".join(parts), 0
        return size > 0

    def peek(self) -> str:
        """Return the next character that is no space, "" at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in " \t\r\n\ufeff":
                    return self._text[self._at]
                self._at += 1
                self.taken += 1
            if not self._more():
                return ""

    def take(self, wanted: str) -> str:
        """Return the next character, which has to be one of those that are wanted."""
        found = self.peek()
        if not found or found not in wanted:
            raise _InvalidError(f"after {self.taken:,} characters, one of {' '.join(wanted)} is missing")
        self._at += 1
        self.taken += 1
        return found

    def value(self) -> Any:
        """Return the next value."""
        if not self.peek():
            raise _InvalidError(f"after {self.taken:,} characters, a value is missing")
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError:
                raise _InvalidError("it is nested too deeply to be an export") from None
            except json.JSONDecodeError as error:
                held = len(self._text) - self._at
                cut = error.msg.startswith("Unterminated string") or error.pos > len(self._text) - 16
                if not cut or held > _MAX_RECORD or not self._more():
                    raise _InvalidError(f"after {self.taken:,} characters, {error.msg}") from None
                continue
            # A number at the end of what is held may go on.
            if end == len(self._text) and not isinstance(value, dict | list | str) and self._more():
                continue
            self.taken += end - self._at
            self._at = end
            return value


class _Lists:
    """The lists of a document that may hold its records, found as `read_json` finds them: the longest is it."""

    def __init__(self, scanner: _Scanner, target: int | None) -> None:
        self._scanner = scanner
        self.target = target
        self._sizes: list[tuple[int, bool]] = []
        self._top = False

    def records(self) -> Iterator[Any]:
        """Yield the records of the list that is the target, by default the first that begins with an object."""
        if self._scanner.peek() == "[":
            self._top = True
            self.target = 0
            yield from self._list()
        else:
            yield from self._object(0)
        if self._scanner.peek():
            raise _InvalidError(f"after {self._scanner.taken:,} characters, extra data")

    def best(self) -> int | None:
        """Return the list with most records; None if there is none."""
        if self._top:
            return 0 if self._sizes[0][0] else None
        sizes = [size if has_record else 0 for size, has_record in self._sizes]
        return sizes.index(max(sizes)) if any(sizes) else None

    def _list(self) -> Iterator[Any]:
        scanner = self._scanner
        scanner.take("[")
        number = len(self._sizes)
        self._sizes.append((0, False))
        size, has_record = 0, False
        if self.target is None and scanner.peek() == "{":
            self.target = number
        if scanner.peek() == "]":
            scanner.take("]")
            return
        while True:
            item = scanner.value()
            size += 1
            has_record = has_record or isinstance(item, dict)
            self._sizes[number] = (size, has_record)
            if number == self.target:
                yield item
            if scanner.take(",]") == "]":
                return

    def _object(self, depth: int) -> Iterator[Any]:
        scanner = self._scanner
        scanner.take("{")
        if scanner.peek() == "}":
            scanner.take("}")
            return
        while True:
            if scanner.peek() != '"':
                raise _InvalidError(f"after {scanner.taken:,} characters, a name is missing")
            scanner.value()
            scanner.take(":")
            start = scanner.peek()
            if start == "[":
                yield from self._list()
            elif start == "{" and depth + 1 < _MAX_DEPTH:
                yield from self._object(depth + 1)
            else:
                scanner.value()
            if scanner.take(",}") == "}":
                return
