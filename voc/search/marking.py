"""Shows where in a text the words of a query stand, and which stretch of it to show."""

from __future__ import annotations

import contextlib
import re
import secrets
import sqlite3
from collections.abc import Sequence

from voc.search.index import TOKENIZERS
from voc.search.query import Query, by_table, spaced

Span = tuple[int, int]

#: About how many characters of a long review are shown.
WIDTH = 320
_ENDS = re.compile(r"[.!?…]+[\"')\]]*\s+|\n+")


def spans(texts: Sequence[str], query: Query) -> list[list[Span]]:
    """Return for each text where the words that a query looks for stand, in code points, half open and in order.

    The same tokenizers as the index's find them: what is marked is what was matched.
    """
    found: list[list[Span]] = [[] for _ in texts]
    wanted = by_table(query.terms, " OR ")
    if not wanted or not texts:
        return found
    # No text can hold these two marks.
    begin, end = f"\x02{secrets.token_hex(8)}\x02", f"\x03{secrets.token_hex(8)}\x03"
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        for table, match in wanted:
            connection.execute(f"CREATE VIRTUAL TABLE {table} USING fts5(text, tokenize='{TOKENIZERS[table]}')")
            connection.executemany(
                f"INSERT INTO {table}(rowid, text) VALUES (?, ?)",  # noqa: S608 - ours
                [(place, spaced(text.replace("\x00", " "))) for place, text in enumerate(texts)],
            )
            statement = f"SELECT rowid, highlight({table}, 0, ?, ?) FROM {table} WHERE {table} MATCH ?"  # noqa: S608
            for place, marked in connection.execute(statement, (begin, end, match)):
                found[place] += _unspaced(texts[place], _pieces(marked, begin, end))
    return [_joined(listed) for listed in found]


def passage(text: str, marks: Sequence[Span], width: int = WIDTH) -> Span:
    """Return the stretch of a text that holds most of the marks, from the beginning of a sentence where one is near.

    Args:
        text: a review.
        marks: spans in it, in order; without any, the text's beginning is taken.
        width: about how many characters; a text little longer is taken whole.
    """
    if len(text) <= width * 1.3:
        return 0, len(text)
    first = 0
    if marks:
        ends = [stop for _, stop in marks]
        inside = [sum(stop <= start + width for stop in ends[i:]) for i, (start, _) in enumerate(marks)]
        first = marks[max(range(len(marks)), key=inside.__getitem__)][0]
    sentences = [0, *(found.end() for found in _ENDS.finditer(text))]
    begin = max(start for start in sentences if start <= first)
    if first - begin > width // 2:
        begin = _word_from(text, first - width // 3)
    stop = next((start for start in sentences if start >= begin + int(width * 0.8)), len(text))
    if stop > begin + int(width * 1.5):
        stop = _word_to(text, begin + width)
    last = max((end for start, end in marks if start < stop), default=stop)
    return begin, min(len(text), max(stop, last) if last - begin < 2 * width else stop)


def _word_from(text: str, place: int) -> int:
    blank = text.find(" ", max(place, 0))
    return place if blank < 0 else blank + 1


def _word_to(text: str, place: int) -> int:
    blank = text.find(" ", place)
    return len(text) if blank < 0 else blank


def _pieces(marked: str, begin: str, end: str) -> list[Span]:
    before, *pieces = marked.split(begin)
    at, found = len(before), []
    for piece in pieces:
        inside, _, after = piece.partition(end)
        found.append((at, at + len(inside)))
        at += len(inside) + len(after)
    return found


def _unspaced(text: str, found: list[Span]) -> list[Span]:
    """Return spans of `spaced(text)` as spans of the text."""
    wide = spaced(text)
    if len(wide) == len(text):
        return found
    places, at = [], 0
    for character in wide:
        places.append(at)
        if at < len(text) and text[at] == character:
            at += 1
    places.append(len(text))
    return [(places[start], places[stop - 1] + 1) for start, stop in found if stop > start]


def _joined(listed: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, stop in sorted(listed):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(stop, joined[-1][1])
        else:
            joined.append((start, stop))
    return joined
