"""Scores predictions against gold lines: exact spans, polarity, complaints and wishes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voc.errors import VocError
from voc.evaluate.gold import GoldLine
from voc.extract.prediction import Prediction

#: What can be measured; `themes` needs all texts at once (`voc.evaluate.themes`), `mentions` labels of its own
#: (`voc.evaluate.mentions`), `presence` the mentions that `voc run` would find (`voc.evaluate.presence`), the others
#: predictions on single texts.
TASKS = ("opinions", "pain", "wish", "themes", "mentions", "presence")

#: The figures of a result, all present in every result; null where the task or the labels do not give them.
KEYS = (
    "aspect_f1",
    "aspect_polarity_f1",
    "phrase_f1",
    "phrase_polarity_f1",
    "complaint_f1",
    "wish_f1",
    "theme_ami",
)

#: What tallies are made of, in the order in which figures are listed.
_MEASURES = ("aspect", "aspect_polarity", "phrase", "phrase_polarity", "complaint", "wish")
#: Measures of whole texts of which it also counts how often nothing is found where nothing is.
_WHOLE_TEXTS = ("pain_mention", "praise_mention")

Predict = Callable[[Sequence[str]], "list[Prediction]"]


@dataclass(frozen=True)
class Tally:
    """One measure as two parallel indicator lists, so that files can be pooled: is it gold, is it predicted."""

    gold: list[bool]
    predicted: list[bool]

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.gold + other.gold, self.predicted + other.predicted)


def evaluate(gold: Sequence[GoldLine], predict: Predict, task: str = "opinions") -> dict[str, Tally]:
    """Let `predict` read the texts and compare what it says with the labels.

    Args:
        gold: lines as `read_gold` returns them.
        predict: maps texts to one prediction each, in order.
        task: `opinions` (spans and complaints), `pain` (complaints) or `wish`.

    Returns:
        Tallies by measure name (`aspect`, `aspect_polarity`, `phrase`, `phrase_polarity`, `complaint`, `wish`);
        a measure that the lines do not label is absent. `pooled` turns them into figures.

    Raises:
        VocError: no line carries the labels that the task needs.
    """
    lines = [line for line in gold if (line.suggestion if task == "wish" else line.opinions) is not None]
    if not lines:
        needed = "suggestion" if task == "wish" else "opinions"
        raise VocError(f'No line has "{needed}", which the task {task} needs; choose another file or another --task.')
    predictions = predict([line.text for line in lines])
    if len(predictions) != len(lines):
        raise ValueError(f"{len(lines)} texts went in, {len(predictions)} predictions came out")
    if task == "wish":
        return {"wish": Tally([bool(line.suggestion) for line in lines], [p.wish for p in predictions])}
    complaints = Tally(
        [any(o.polarity == "negative" for o in line.opinions or ()) for line in lines],
        [p.complaint for p in predictions],
    )
    if task == "pain":
        return {"complaint": complaints}
    return {**_spans(lines, predictions), "complaint": complaints}


def _spans(lines: Sequence[GoldLine], predictions: Sequence[Prediction]) -> dict[str, Tally]:
    """Compare distinct spans text by text; a kind of span that no line has was not labelled and is left out."""
    tallies = {}
    for kind in ("aspect", "phrase"):
        gold = [
            {(*span, o.polarity) for o in line.opinions or () if (span := getattr(o, kind)) is not None}
            for line in lines
        ]
        if not any(gold):
            continue
        predicted = [set(p.aspects if kind == "aspect" else p.phrases) for p in predictions]
        tallies[f"{kind}_polarity"] = _items(gold, predicted)
        tallies[kind] = _items(
            [{item[:2] for item in items} for items in gold], [{item[:2] for item in items} for items in predicted]
        )
    return tallies


def _items(gold: Iterable[Iterable[Hashable]], predicted: Iterable[Iterable[Hashable]]) -> Tally:
    """Line up every item that either side names."""
    tally = Tally([], [])
    for here, there in zip(gold, predicted, strict=True):
        right, said = set(here), set(there)
        union = right | said
        tally.gold.extend(item in right for item in union)
        tally.predicted.extend(item in said for item in union)
    return tally


def pooled(results: Sequence[Mapping[str, Tally]]) -> dict[str, Any]:
    """Turn the tallies of one or several files into figures.

    Returns:
        Every key of `KEYS` (0..1 or null) and `counts`: for each measure precision, recall, and how many items are
        gold, predicted and correct. `pain_mention` and `praise_mention`, where they were counted, also have how many
        `texts` were labelled and the `specificity` (of those without it, the share in which none was found; null
        where all have it), and their F1 stands beside `KEYS`. Files are pooled item by item (micro average); a file
        that does not label a measure stays out of it.
    """
    figures: dict[str, Any] = dict.fromkeys(KEYS)
    counts: dict[str, dict[str, float | int | None]] = {}
    for name in _MEASURES + _WHOLE_TEXTS:
        tallies = [result[name] for result in results if name in result]
        if not tallies:
            continue
        total = Tally([], [])
        for tally in tallies:
            total += tally
        score = _score(total)
        figures[f"{name}_f1"] = score.pop("f1")
        counts[name] = score | _of_texts(total) if name in _WHOLE_TEXTS else score
    return {**figures, "counts": counts}


def _of_texts(tally: Tally) -> dict[str, float | int | None]:
    from sklearn.metrics import recall_score

    some_without = not all(tally.gold)
    specificity = float(recall_score(tally.gold, tally.predicted, pos_label=False)) if some_without else None
    return {"texts": len(tally.gold), "specificity": specificity}


def _score(tally: Tally) -> dict[str, Any]:
    from sklearn.metrics import precision_recall_fscore_support

    if tally.gold:
        precision, recall, f1, _ = precision_recall_fscore_support(
            tally.gold, tally.predicted, average="binary", pos_label=True, zero_division=0
        )
    else:
        precision = recall = f1 = 0.0
    return {
        "f1": float(f1),
        "precision": float(precision),
        "recall": float(recall),
        "gold": sum(tally.gold),
        "predicted": sum(tally.predicted),
        "correct": sum(g and p for g, p in zip(tally.gold, tally.predicted, strict=True)),
    }
