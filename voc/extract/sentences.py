"""Sentence and clause bounds for text as customers type it, with or without punctuation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

Span = tuple[int, int]

# A full stop, an exclamation or question mark run or a line break ends a sentence; "3.5", "U.S." and "..." inside a
# word do not. Emoji often stand where a full stop would.
_SENTENCE_END = re.compile(
    r"(?:(?<![A-Z]\.)[.!?…]+[\"')\]]*(?=\s|$)|[.!?…]{2,}|[।。！？]+|\n+|[\U0001F300-\U0001FAFF☀-➿️]+(?=\s|$))"
)
_ABBREVIATION = re.compile(r"\b(?:mr|mrs|ms|dr|vs|etc|e\.g|i\.e|approx|no|rs|inc|st)\.$", re.IGNORECASE)
_CLAUSE_BREAK = re.compile(
    r"(?:\s*;\s*|\s+[-–—]+\s+|,?\s+(?=(?:but|however|although|though|yet|except|whereas|while|because)\b)"
    r"|,\s+(?=(?:and|so|then|which)\b)|,\s+(?=(?:the|it|its|my|i|they|this|these)\s)"
    r"|\s+(?=and\s+(?:the|it|its|my|i|they|this|then|now|after)\b))",
    re.IGNORECASE,
)
_MIN_CLAUSE = 3  # words


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return the half-open character spans of the sentences of `text`, without surrounding white space."""
    return list(_sentence_spans(text))


# A text is cut once for its windows and again for its opinions, with as many texts between as are read together.
@lru_cache(maxsize=4096)
def _sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        end = match.end()
        if match.group().startswith(".") and _ABBREVIATION.search(text[start : match.start() + 1]):
            continue
        _append(spans, text, start, end)
        start = end
    _append(spans, text, start, len(text))
    return tuple(spans)


def clause_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Split the sentence [start, end) of `text` into clauses of at least three words each."""
    cuts = [start]
    for match in _CLAUSE_BREAK.finditer(text, start, end):
        left, right = text[cuts[-1] : match.start()], text[match.end() : end]
        if len(left.split()) >= _MIN_CLAUSE and len(right.split()) >= _MIN_CLAUSE:
            cuts.append(match.end())
    cuts.append(end)
    spans: list[tuple[int, int]] = []
    for left_edge, right_edge in pairwise(cuts):
        _append(spans, text, left_edge, right_edge)
    return spans


def sentence_of(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Return the sentence of `text` that holds the beginning of `span`, or the span where none does."""
    return next(((start, end) for start, end in sentence_spans(text) if start <= span[0] < end), span)


def clause_of(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Return the clause of `text` that holds the beginning of `span`, widened to hold it whole."""
    sentence = sentence_of(text, span)
    clause = next((c for c in clause_spans(text, *sentence) if c[0] <= span[0] < c[1]), sentence)
    return clause[0], max(clause[1], span[1])


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append((start, end))


def nearest_place(
    aspect: Span | None, phrase: Span | None, found: Sequence[tuple[Span | None, Span | None, Span | None]]
) -> int | None:
    """Return which of the found (aspect, phrase, clause) shares most of its own words with an opinion's.

    Where none shares any, the one whose clause does; null where that is none either.
    """

    def common(place: int) -> tuple[int, int]:
        own_aspect, own_phrase, clause = found[place]
        named = _shared(aspect, own_aspect) + _shared(phrase, own_phrase)
        return named, _shared(aspect, clause) + _shared(phrase, clause)

    best = max(range(len(found)), key=common, default=None)
    return best if best is not None and any(common(best)) else None


def _shared(one: Span | None, other: Span | None) -> int:
    return 0 if one is None or other is None else max(0, min(one[1], other[1]) - max(one[0], other[0]))
