"""What the mention heads say of opinions once their spans are put together: kind, target, severity, meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from voc.extract.network import KINDS, SPECIFICITIES, TARGETS, OpinionNetwork
from voc.extract.states import Floats, Ints, States

Span = tuple[int, int]
#: Rows of one product: the arithmetic that a mention sees must not depend on how many are described with it.
_ROWS = 256


@dataclass(frozen=True)
class Spans:
    """Where a mention stands in text number `text`; `part` is its aspect unless that names the whole product."""

    text: int
    aspect: Span | None
    phrase: Span | None
    clause: Span
    sentence: Span
    part: Span | None


@dataclass(frozen=True)
class Said:
    """Probabilities of each kind, specificity and target in the network's order, severity 0..1, and the meaning.

    `meaning` has the shape (MEANING_DIM,) and length 1.
    """

    kind: dict[str, float]
    specificity: dict[str, float]
    target: dict[str, float]
    severity: float
    meaning: NDArray[np.float16]


def describe(network: OpinionNetwork, states: States, mentions: Sequence[Spans], device: torch.device) -> list[Said]:
    """Describe mentions from the states of their texts; each alone, whatever stands beside it."""
    if not mentions:
        return []
    inputs, about = gather(network, states, mentions, device)

    def heads(block: Tensor) -> Tensor:
        said = network.describe(*torch.split(block, network.hidden, dim=1))
        parts = [part.softmax(-1) for part in (said.kind, said.specificity, said.target)]
        return torch.cat([*parts, said.severity.unsqueeze(1)], dim=1)

    scores = in_blocks(heads, inputs, device)
    vectors = unit(in_blocks(network.meaning.mentions, about, device)).astype(np.float16)
    bounds = np.cumsum([len(KINDS), len(SPECIFICITIES), len(TARGETS)])
    described = []
    for row, vector in zip(scores.round(3), vectors, strict=True):
        kind, specificity, target, severity = np.split(row, bounds)
        described.append(
            Said(
                _named(KINDS, kind),
                _named(SPECIFICITIES, specificity),
                _named(TARGETS, target),
                round(float(severity[0]), 3),
                vector,
            )
        )
    return described


def gather(
    network: OpinionNetwork, states: States, mentions: Sequence[Spans], device: torch.device
) -> tuple[Floats, Floats]:
    """Return what the heads read of mentions: for `OpinionNetwork.describe`, and for `MeaningHead.mentions`."""
    texts = np.array([m.text for m in mentions], dtype=np.int64)
    aspect, n_aspect = states.sums(texts, *_edges([m.aspect for m in mentions]))
    phrase, n_phrase = states.sums(texts, *_edges([m.phrase for m in mentions]))
    clause, n_clause = states.sums(texts, *_edges([m.clause for m in mentions]))
    sentence, n_sentence = states.sums(texts, *_edges([m.sentence for m in mentions]))
    last = slice(2 * network.hidden, None)
    whole, n_whole = states.sums(texts, np.zeros_like(texts), np.full_like(texts, 1 << 39), last)
    # "The product", "my earphones" say nothing of what is wrong: opinions are not alike for having them in common.
    part, n_part = states.sums(texts, *_edges([m.part for m in mentions]))
    pair, n_pair = part + phrase, n_part + n_phrase
    # Of an opinion without any words of its own its clause is all there is.
    pair, n_pair = np.where(n_pair[:, None] > 0, pair, clause), np.where(n_pair > 0, n_pair, n_clause)
    counts = (n_part, n_pair, n_sentence, n_clause)
    means = [mean_of(total, count) for total, count in zip((part, pair, sentence, clause), counts, strict=True)]
    last_part, _, last_sentence, last_clause = (mean[:, last] for mean in means)
    last_aspect, last_phrase = mean_of(aspect[:, last], n_aspect), mean_of(phrase[:, last], n_phrase)
    nothing = network.no_span.weight.detach().float().cpu().numpy()
    inputs = [
        np.where(n_aspect[:, None] > 0, last_aspect, nothing[0]),
        np.where(n_phrase[:, None] > 0, last_phrase, nothing[1]),
        last_clause,
        mean_of(whole, n_whole),
    ]
    words = [
        unit(in_blocks(network.meaning.words, mean, device)) * (count > 0)[:, None]
        for mean, count in zip(means, counts, strict=True)
    ]
    about = [*words, last_part, last_phrase, last_clause, last_sentence]
    return np.concatenate(inputs, axis=1), np.concatenate(about, axis=1, dtype=np.float32)


def in_blocks(head: Callable[[Tensor], Tensor], inputs: Floats, device: torch.device) -> Floats:
    """Apply a head to rows of inputs (n, width) as `by_blocks` does."""
    with torch.inference_mode():
        found: Floats = by_blocks(head, torch.from_numpy(np.ascontiguousarray(inputs)).to(device)).cpu().numpy()
    return found


def by_blocks(head: Callable[..., Tensor], *inputs: Tensor) -> Tensor:
    """Apply a head to rows of inputs, always as many at once; the last block is filled with zeros.

    A product of few rows takes another path through the processor than one of many, and rounds otherwise.
    """
    results = []
    for begin in range(0, len(inputs[0]), _ROWS):
        parts = [values[begin : begin + _ROWS] for values in inputs]
        size = len(parts[0])
        if size < _ROWS:
            parts = [torch.cat([part, part.new_zeros((_ROWS - size, *part.shape[1:]))]) for part in parts]
        results.append(head(*parts)[:size].float())
    return torch.cat(results)


def unit(vectors: Floats) -> Floats:
    """Return vectors (n, dimensions) at length 1; zero stays zero."""
    lengths = np.sqrt(np.add.reduce(vectors * vectors, axis=1, keepdims=True))
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def mean_of(totals: Floats, counts: Ints) -> Floats:
    """Return the mean states (n, width) from summed ones; zero where nothing was summed."""
    means: Floats = totals / np.maximum(counts, 1).astype(np.float32)[:, None]
    return means


def _edges(spans: Sequence[Span | None]) -> tuple[Ints, Ints]:
    table = np.array([span or (-1, -1) for span in spans], dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _named(names: Sequence[str], values: Floats) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}
