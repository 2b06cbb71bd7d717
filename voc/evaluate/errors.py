"""What goes wrong most often: spans too wide, too narrow, missed, made up, or with the wrong polarity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from voc.evaluate.gold import GoldLine
from voc.extract.prediction import Prediction

Item = tuple[int, int, str]
KINDS = ("aspect", "phrase")


def span_errors(gold: Sequence[GoldLine], predictions: Sequence[Prediction], *, most: int = 8) -> list[dict[str, Any]]:
    """Sort the errors of predicted spans and count them.

    Args:
        gold: lines with opinions.
        predictions: one for each line.
        most: how many examples of each sort are given.

    Returns:
        One row for each sort that occurs, the commonest first: `kind` (aspect or phrase), `error`, `count`, `share`
        (of all errors of that kind) and `examples`, the commonest pairs of what is marked in the gold lines and what
        was predicted. Errors are `polarity` (right span), `too wide`, `too narrow`, `crooked` (overlapping otherwise),
        `missed` (nothing predicted there) and `made up` (nothing marked there).
    """
    found: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    for line, prediction in zip(gold, predictions, strict=True):
        for kind in KINDS:
            wanted = {(*span, o.polarity) for o in line.opinions or () if (span := getattr(o, kind)) is not None}
            given = set(prediction.aspects if kind == "aspect" else prediction.phrases)
            for error, one, other in _compare(wanted, given):
                pair = tuple(line.text[span[0] : span[1]].lower() if span else "" for span in (one, other))
                found.setdefault((kind, error), Counter())[(pair[0], pair[1])] += 1
    totals = Counter[str]()
    for (kind, _), counter in found.items():
        totals[kind] += counter.total()
    rows = [
        {
            "kind": kind,
            "error": error,
            "count": counter.total(),
            "share": counter.total() / totals[kind],
            "examples": [
                {"gold": pair[0], "predicted": pair[1], "count": count} for pair, count in counter.most_common(most)
            ],
        }
        for (kind, error), counter in found.items()
    ]
    return sorted(rows, key=lambda row: (row["kind"], -row["count"], row["error"]))


def _compare(wanted: set[Item], given: set[Item]) -> list[tuple[str, Item | None, Item | None]]:
    errors: list[tuple[str, Item | None, Item | None]] = []
    spans = {item[:2] for item in wanted}, {item[:2] for item in given}
    for item in sorted(wanted):
        if item[:2] in spans[1]:
            if item not in given:
                errors.append(("polarity", item, next(other for other in sorted(given) if other[:2] == item[:2])))
            continue
        near = next((other for other in sorted(given) if other[0] < item[1] and item[0] < other[1]), None)
        errors.append((_shape(item, near) if near else "missed", item, near))
    for item in sorted(given):
        touches = any(other[0] < item[1] and item[0] < other[1] for other in wanted)
        if item[:2] not in spans[0] and not touches:
            errors.append(("made up", None, item))
    return errors


def _shape(gold: Item, predicted: Item) -> str:
    if predicted[0] <= gold[0] and gold[1] <= predicted[1]:
        return "too wide"
    if gold[0] <= predicted[0] and predicted[1] <= gold[1]:
        return "too narrow"
    return "crooked"
