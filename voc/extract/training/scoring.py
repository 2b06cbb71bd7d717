"""Quick figures on dev examples, by which an epoch and a seed are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from sklearn.metrics import f1_score

from voc.extract.decoding import best_spans
from voc.extract.fast import fast_dtype
from voc.extract.network import KINDS, SPECIFICITIES, TARGETS, OpinionNetwork
from voc.extract.segments import Segments, span_probabilities
from voc.extract.training.batches import IGNORED, collate, encode
from voc.extract.training.gold import Example
from voc.extract.training.losses import SpanVectors, describe

_ROWS = 32
_CUT = 0.35  # about half the F1 that is had


def quick_scores(examples: Sequence[Example], network: OpinionNetwork, tokenizer: Any) -> dict[str, float]:
    """Return what the examples' labels let one measure, each between 0 and 1.

    `aspect` and `phrase`: F1 of spans of tokens; `polarity`: accuracy on gold spans; `complaint` and `wish`: F1 of
    sentences; `kind`, `specificity`, `target`: macro F1 of mentions; `severity`: 1 less the mean absolute error.
    """
    counts = {"aspect": [0, 0, 0], "phrase": [0, 0, 0]}
    seen: dict[str, tuple[list[Any], list[Any]]] = {}

    def note(name: str, wanted: Sequence[Any], given: Sequence[Any]) -> None:
        pair = seen.setdefault(name, ([], []))
        pair[0].extend(wanted)
        pair[1].extend(given)

    items = sorted((item for e in examples if (item := encode(e, tokenizer))), key=lambda item: len(item.ids))
    device = next(network.parameters()).device
    half = fast_dtype(device) == torch.bfloat16
    with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
        for begin in range(0, len(items), _ROWS):
            batch = collate(items[begin : begin + _ROWS]).to(device)
            encoded = network(batch.ids, batch.mask)
            tokens = encoded.tokens.float()
            _count(counts["aspect"], encoded.aspects, batch.aspect_tags)
            _count(counts["phrase"], encoded.phrases, batch.phrase_tags)
            vectors = SpanVectors(tokens, batch)
            if len(batch.spans):
                kind, polarity = batch.spans[:, 3:].unbind(1)
                guess = network.polarity(vectors["span"], vectors["context"], kind).argmax(-1)
                note("polarity", polarity.tolist(), guess.tolist())
            if len(batch.sentences):
                found = network.sentences(vectors["sentence"]) > 0
                for column, name in ((0, "complaint"), (2, "wish")):
                    known = batch.sentences[:, 3 + column] >= 0
                    note(name, batch.sentences[known, 3 + column].tolist(), found[known, column].int().tolist())
            if len(batch.mentions):
                said = describe(network, vectors, batch)
                for column, name in ((7, "kind"), (8, "specificity"), (9, "target")):
                    known = batch.mentions[:, column] != IGNORED
                    note(name, batch.mentions[known, column].tolist(), getattr(said, name)[known].argmax(-1).tolist())
                pains = batch.mentions[:, 10] >= 0
                note("severity", (batch.mentions[pains, 10] / 100).tolist(), said.severity[pains].float().tolist())
    result = {k: 2 * hit / (given + wanted) for k, (hit, given, wanted) in counts.items() if wanted}
    for name, (wanted, given) in seen.items():
        if wanted:
            result[name] = _figure(name, wanted, given)
    return result


def _figure(name: str, wanted: list[Any], given: list[Any]) -> float:
    if name == "severity":
        return 1.0 - float(sum(abs(w - g) for w, g in zip(wanted, given, strict=True))) / len(wanted)
    if name == "polarity":
        return float(sum(w == g for w, g in zip(wanted, given, strict=True))) / len(wanted)
    if name in ("complaint", "wish"):
        return float(f1_score(wanted, given, zero_division=0.0))
    sizes = {"kind": len(KINDS), "specificity": len(SPECIFICITIES), "target": len(TARGETS)}
    labels = [label for label in range(sizes[name]) if label in wanted]
    return float(f1_score(wanted, given, labels=labels, average="macro", zero_division=0.0))


def _count(counts: list[int], scores: Segments, tags: torch.Tensor) -> None:
    known = tags != IGNORED
    found = span_probabilities(scores, known).cpu().numpy()
    for row in known.any(dim=1).nonzero()[:, 0].tolist():
        wanted = set(tag_spans(tags[row].tolist()))
        given = {(start, end) for start, end, _ in best_spans(found[row], _CUT)}
        counts[0] += len(wanted & given)
        counts[1] += len(given)
        counts[2] += len(wanted)


def tag_spans(tags: list[int]) -> list[tuple[int, int]]:
    """Return the half-open spans that tags mark; an INSIDE without a BEGIN before it begins a span."""
    spans: list[tuple[int, int]] = []
    start = -1
    for index, tag in enumerate([*tags, 0]):
        if start >= 0 and tag != 2:
            spans.append((start, index))
            start = -1
        if tag == 1 or (tag == 2 and start < 0):
            start = index
    return spans
