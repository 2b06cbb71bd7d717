"""Several models read texts without labels; one learns from what they say together.

The mean of several models' probabilities is better than each of them; one that learns it keeps most of that, at the
price of one (Hinton, Vinyals and Dean 2015; for distributions over cuttings, the spans' probabilities are enough).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel
from safetensors.torch import load_file

from voc.extract.decoding import best_spans
from voc.extract.fast import fast_dtype
from voc.extract.network import STYLES, OpinionNetwork, context_means, span_means
from voc.extract.reader import SPAN_CUT
from voc.extract.segments import span_probabilities, text_places
from voc.extract.training.batches import IGNORED, MAX_LENGTH, Item, collate
from voc.extract.training.checkpoint import replace as replace_file
from voc.extract.training.gold import Example
from voc.extract.windows import cut_windows

#: Spans less probable than this are left out of what is taught.
_LEAST = 0.01
#: Of a sentence, what the teachers give a probability between these is not taught.
_UNSURE = (0.3, 0.7)
_ROWS = 32


class Distilling(BaseModel, frozen=True, extra="forbid"):
    """Settings of the stage; with no texts it is left out."""

    texts: int = 0
    #: The share of the texts that is read in the style of laptop sentences, the rest in that of reviews.
    laptop: float = 0.25
    #: How many of the texts are seen in each epoch.
    per_epoch: int = 6000


def teach(
    teachers: Sequence[Path],
    examples: Sequence[Example],
    settings: Distilling,
    file: Path,
    fresh: Callable[[], tuple[Any, Any]],
    *,
    log: Callable[[str], None],
) -> list[Item]:
    """Let the models in `teachers` read reviews with stars and return what they say; `file` keeps it for a resumption.

    `fresh` returns an encoder of the teachers' form and the tokenizer.
    """
    if file.exists():
        log("distilling: the teachers have spoken before")
        saved: list[Item] = torch.load(file, weights_only=False)
        return saved
    networks = []
    tokenizer = None
    for path in teachers:
        encoder, tokenizer = fresh()
        network = OpinionNetwork(encoder, encoder.config.hidden_size)
        network.load_state_dict(load_file(path))
        networks.append(network.eval())
    chance = random.Random(len(examples))
    chosen = chance.sample(list(examples), min(settings.texts, len(examples)))
    items = []
    for example in chosen:
        name = "laptop" if chance.random() < settings.laptop else "review"
        for window in cut_windows([example.text], tokenizer, STYLES[name]):
            unknown = [IGNORED] * len(window.ids)
            sentences = [(a, b, -1, -1, -1) for a, b, _, _ in window.sentences]
            if len(window.ids) <= MAX_LENGTH:
                items.append(Item(window.ids, unknown, unknown, [], [], sentences, [], example.stars, []))
    items.sort(key=lambda item: (item.ids[1], len(item.ids)))
    taught: list[Item] = []
    for style in sorted({item.ids[1] for item in items}):  # outside training a batch is of one style
        rows = [item for item in items if item.ids[1] == style]
        for begin in range(0, len(rows), _ROWS):
            taught.extend(_listen(networks, rows[begin : begin + _ROWS]))
            if begin // _ROWS % 50 == 0:
                log(f"distilling: {len(taught):,} of {len(items):,} texts")
    replace_file(file, lambda path: torch.save(taught, path))
    return taught


def _listen(networks: Sequence[OpinionNetwork], items: list[Item]) -> list[Item]:
    batch = collate(items)
    lengths = batch.mask.sum(1)
    inside = text_places(lengths, batch.ids.shape[1])
    half = fast_dtype(batch.ids.device) == torch.bfloat16
    with torch.inference_mode():
        encoded = []
        for network in networks:
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
                encoded.append(network(batch.ids, batch.mask))
        spans = [
            torch.stack([span_probabilities(scores, inside) for scores in both]).mean(0)
            for both in ([e.aspects for e in encoded], [e.phrases for e in encoded])
        ]
        tokens = [e.tokens.float() for e in encoded]
        found = [
            (row, start, end, kind)
            for kind in (0, 1)
            for row in range(len(items))
            for start, end, _ in best_spans(spans[kind][row].numpy(), SPAN_CUT)
        ]
        table = torch.tensor(found, dtype=torch.long).reshape(-1, 4)
        row, start, end, kinds = table.unbind(1)
        polarity = torch.stack(
            [
                n.polarity(span_means(t, row, start, end), context_means(t, lengths[row], row, start, end), kinds)
                for n, t in zip(networks, tokens, strict=True)
            ]
        )
        polarities = polarity.softmax(-1).mean(0).argmax(-1).tolist()
        sentences = batch.sentences
        said = torch.stack(
            [n.sentences(span_means(t, *sentences[:, :3].unbind(1))) for n, t in zip(networks, tokens, strict=True)]
        )
        sure = said.sigmoid().mean(0)
    judged = torch.where(sure >= _UNSURE[1], 1, torch.where(sure <= _UNSURE[0], 0, -1)).tolist()
    heard: list[list[tuple[int, int, int, float]]] = [[] for _ in items]
    results = [replace(item, spans=[], sentences=[], taught=rows) for item, rows in zip(items, heard, strict=True)]
    for (r, a, b, k), p in zip(found, polarities, strict=True):
        results[r].spans.append((a, b, k, p))
    for (r, a, b, *_), values in zip(sentences.tolist(), judged, strict=True):
        results[r].sentences.append((a, b, *values))
    for kind in (0, 1):
        for r, start, width in (spans[kind] > _LEAST).nonzero().tolist():
            heard[r].append((kind, start, width, float(spans[kind][r, start, width])))
    return results
