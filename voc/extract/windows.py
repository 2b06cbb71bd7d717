"""Texts cut into windows that the encoder can hold, and windows put into batches of fixed shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from voc.extract.sentences import sentence_spans

Span = tuple[int, int]
#: Windows are padded to one of these lengths, in tokens.
LENGTHS = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192)
TOKENS_PER_BATCH = 3072
# Matrix products of fewer tokens, or of a number of rows that is no multiple, take another path through the processor.
_FEWEST_TOKENS = 512
_ROWS = 8
#: Tokens before a window's text: [CLS] and the style marker.
LEAD = 2
_ROOM = LENGTHS[-1] - LEAD - 1


@dataclass
class Window:
    """A stretch of whole sentences of text number `text`.

    `ids` are its tokens with the edges, `offsets` the character spans of the tokens of its text in the whole text,
    `sentences` their bounds as (first token, end token, first character, end character).
    """

    text: int
    ids: list[int]
    offsets: list[Span]
    sentences: list[tuple[int, int, int, int]]


def cut_windows(texts: Sequence[str], tokenizer: Any, marker: int) -> list[Window]:
    """Cut texts at sentence ends, and inside a sentence only where it is too long by itself; nothing is left out."""
    begin_id, end_id = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    windows: list[Window] = []
    encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    for index, (text, encoding) in enumerate(zip(texts, encodings, strict=True)):
        group: list[tuple[int, int, int, int]] = []
        for piece in [*_pieces(text, encoding.offsets), None]:
            if group and (piece is None or piece[1] - group[0][0] > _ROOM):
                first, last = group[0][0], group[-1][1]
                ids = [begin_id, marker, *encoding.ids[first:last], end_id]
                sentences = [(a - first + LEAD, b - first + LEAD, start, end) for a, b, start, end in group]
                windows.append(Window(index, ids, encoding.offsets[first:last], sentences))
                group = []
            if piece is not None:
                group.append(piece)
    return windows


def _pieces(text: str, offsets: Sequence[Span]) -> list[tuple[int, int, int, int]]:
    """Return the sentences as (first token, end token, first character, end character), the overlong in parts."""
    pieces = []
    at = 0
    for start, end in sentence_spans(text):
        while at < len(offsets) and offsets[at][1] <= start:
            at += 1
        first = at
        while at < len(offsets) and offsets[at][0] < end:
            at += 1
        for begin in range(first, at, _ROOM):
            stop = min(begin + _ROOM, at)
            pieces.append((begin, stop, max(start, offsets[begin][0]), min(end, offsets[stop - 1][1])))
    return pieces


def shapes(lengths: Sequence[int], tokens: int = TOKENS_PER_BATCH) -> Iterator[tuple[int, int, list[int]]]:
    """Group sequences of at most LENGTHS[-1] tokens into batches: yield (rows, length, places of the sequences).

    Sequences are padded to the next of LENGTHS, and a batch has at most about as many `tokens`. The last batch of a
    length may have fewer rows, but never so few that the processor multiplies them in another way: a sequence's result
    must not depend on what is read beside it.
    """
    by_length: dict[int, list[int]] = {}
    for place, size in enumerate(lengths):
        by_length.setdefault(next(length for length in LENGTHS if size <= length), []).append(place)
    for length, places in sorted(by_length.items()):
        step = _ROWS * -(-_FEWEST_TOKENS // (length * _ROWS))
        most = max(step, tokens // length // step * step)
        for begin in range(0, len(places), most):
            group = places[begin : begin + most]
            yield -(-len(group) // step) * step, length, group
