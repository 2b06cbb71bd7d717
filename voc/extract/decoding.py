"""From probabilities of stretches of tokens to spans of whole words."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np

Span = tuple[int, int]
_APOSTROPHES = "'’"


def best_spans(probabilities: Any, cut: float) -> list[tuple[int, int, float]]:
    """Return (start token, end token, probability) of the spans that do not overlap and gain most.

    A span gains what its probability, `probabilities[start, width - 1]`, lies above the cut. With the cut at half the
    F1 that can be had, what is chosen so has the highest expected F1 (Lipton, Elkan and Naryanaswamy 2014).
    """
    starts, widths = np.nonzero(probabilities > cut)
    if not len(starts):
        return []
    candidates = sorted(
        (int(s + w + 1), int(s), float(probabilities[s, w])) for s, w in zip(starts, widths, strict=True)
    )
    # gains[i] is the most that candidates[:i] gain; candidates are sorted by where they end.
    gains, chosen = [0.0], [False]
    before = []
    ends = [end for end, _, _ in candidates]
    for number, (_, start, probability) in enumerate(candidates):
        fits = bisect_right(ends, start, hi=number)
        before.append(fits)
        gain = gains[fits] + probability - cut
        chosen.append(gain > gains[-1])
        gains.append(max(gain, gains[-1]))
    found = []
    at = len(candidates)
    while at:
        if chosen[at]:
            end, start, probability = candidates[at - 1]
            found.append((start, end, probability))
            at = before[at - 1]
        else:
            at -= 1
    return found[::-1]


def covering_spans(probabilities: Any, cut: float) -> list[tuple[int, int, float]]:
    """Return `best_spans` and, where some span is likelier than none but no single one reaches the cut, the likeliest.

    "went dead", "went dead after two weeks": that something is said there may be sure when its bounds are not. Whoever
    wants to know what is said must not lose it.
    """
    found = best_spans(probabilities, cut)
    length = len(probabilities)
    edges = np.zeros(length + 1)
    starts, widths = np.nonzero(probabilities > _LEAST)
    values = probabilities[starts, widths]
    np.add.at(edges, starts, values)
    np.add.at(edges, np.minimum(starts + widths + 1, length), -values)
    missed = np.cumsum(edges)[:length] > _LIKELIER
    for start, end, _ in found:
        missed[start:end] = False
    if not missed.any():
        return found
    taken = np.zeros(length, dtype=bool)
    for start, end, _ in found:
        taken[start:end] = True
    order = np.argsort(-values, kind="stable")
    for place in order.tolist():
        start, end = int(starts[place]), int(starts[place] + widths[place] + 1)
        if missed[start:end].any() and not taken[start:end].any():
            found.append((start, end, float(values[place])))
            missed[start:end] = False
            taken[start:end] = True
    return sorted(found)


#: Spans less probable than this are nobody's reading; a token is surely in some span from the second on.
_LEAST, _LIKELIER = 0.05, 0.55


def decode_spans(probabilities: Any, offsets: list[Span], text: str, cut: float) -> list[tuple[int, int, float]]:
    """Return (start token, end token, confidence) of the spans in probabilities of shape (tokens, widths).

    Spans are widened to whole words, and joined when that makes them overlap.
    """
    whole: list[tuple[int, int, float]] = []
    for first, last, probability in covering_spans(probabilities, cut):
        start, end, confidence = first, last, probability
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
