"""From tag probabilities of tokens to spans of whole words."""

from __future__ import annotations

from typing import Any

import numpy as np

Span = tuple[int, int]
_APOSTROPHES = "'’"


def decode_spans(scores: Any, offsets: list[Span], text: str, cut: float = 0.5) -> list[tuple[int, int, float]]:
    """Return (start token, end token, confidence) of the spans in tag probabilities of shape (tokens, 3).

    A token is inside one from the probability `cut` on. Spans are widened to whole words, and joined when that makes
    them meet inside a word.
    """
    inside = scores[:, 1:].sum(-1)
    tags = np.where(inside > cut, np.where(scores[:, 1] >= scores[:, 2], 1, 2), 0)
    spans: list[list[int]] = []
    for index in np.flatnonzero(tags):
        glued = index > 0 and same_word(offsets, text, int(index))
        if spans and spans[-1][1] == index and (tags[index] == 2 or glued):
            spans[-1][1] = int(index) + 1
        else:
            spans.append([int(index), int(index) + 1])
    whole: list[tuple[int, int, float]] = []
    for start, end in spans:
        confidence = float(inside[start:end].mean())
        while start > 0 and same_word(offsets, text, start):
            start -= 1
        while end < len(offsets) and same_word(offsets, text, end):
            end += 1
        if whole and start < whole[-1][1]:
            start, confidence = whole[-1][0], max(confidence, whole.pop()[2])
        if any(text[offsets[i][0]].isalnum() for i in range(start, end)):
            whole.append((start, end, confidence))
    return whole


def same_word(offsets: list[Span], text: str, index: int) -> bool:
    """Say whether tokens index - 1 and index stand in one word; an apostrophe between letters belongs to its word."""
    edge = offsets[index][0]
    if offsets[index - 1][1] != edge:
        return False
    left, right = text[edge - 1], text[edge]
    if left in _APOSTROPHES:
        left = text[edge - 2] if edge > 1 else " "
    if right in _APOSTROPHES:
        right = text[edge + 1] if edge + 1 < len(text) else " "
    return left.isalnum() and right.isalnum()
