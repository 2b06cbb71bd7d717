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
#: Mentions whose inputs are held together: of each there are some thirty kilobytes.
_AT_ONCE = 8 * _ROWS


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
    parts = (mentions[begin : begin + _AT_ONCE] for begin in range(0, len(mentions), _AT_ONCE))
    return [said for part in parts for said in _describe(network, states, part, device)]


def _describe(network: OpinionNetwork, states: States, mentions: Sequence[Spans], device: torch.device) -> list[Said]:
    inputs, about = gather(network, states, mentions, device)

    def heads(block: Tensor) -> Tensor:
        said = network.describe(*torch.split(block, network.hidden, dim=1))
        parts = [part.softmax(-1) for part in (said.kind, said.specificity, said.target)]
        return torch.cat([*parts, said.severity.unsqueeze(1)], dim=1)

    scores = in_blocks(heads, inputs, device)
    vectors = unit(in_blocks(network.meaning.mentions, about, device)).astype(np.float16)
    first, second, third = np.cumsum([len(KINDS), len(SPECIFICITIES), len(TARGETS)]).tolist()
    return [
        Said(
            dict(zip(KINDS, row[:first], strict=True)),
            dict(zip(SPECIFICITIES, row[first:second], strict=True)),
            dict(zip(TARGETS, row[second:third], strict=True)),
            round(row[third], 3),
            vector,
        )
        for row, vector in zip(scores.round(3).tolist(), vectors, strict=True)
    ]


def gather(
    network: OpinionNetwork, states: States, mentions: Sequence[Spans], device: torch.device
) -> tuple[Floats, Floats]:
    """Return what the heads read of mentions: for `OpinionNetwork.describe`, and for `MeaningHead.mentions`."""
    last = slice(2 * network.hidden, None)
    texts = np.array([m.text for m in mentions], dtype=np.int64)
    aspect = _sums(states, texts, [m.aspect for m in mentions], last)
    phrase = _sums(states, texts, [m.phrase for m in mentions])
    clause = _sums(states, texts, [m.clause for m in mentions])
    sentence = _sums(states, texts, [m.sentence for m in mentions])
    whole = _sums(states, texts, [(0, 1 << 39)] * len(mentions), last)
    # "The product", "my earphones" say nothing of what is wrong: opinions are not alike for having them in common.
    part = _sums(states, texts, [m.part for m in mentions])
    pair = _pairs(part, phrase, clause)
    nothing = network.no_span.weight.detach().float().cpu().numpy()
    last_phrase, last_clause = phrase.means(last)[phrase.place], clause.means(last)[clause.place]
    inputs = [
        np.where((aspect.counts > 0)[aspect.place, None], aspect.means()[aspect.place], nothing[0]),
        np.where((phrase.counts > 0)[phrase.place, None], last_phrase, nothing[1]),
        last_clause,
        whole.means()[whole.place],
    ]
    words = [_words(network, stretches, device) for stretches in (part, pair, sentence, clause)]
    about = [*words, part.means(last)[part.place], last_phrase, last_clause, sentence.means(last)[sentence.place]]
    return np.concatenate(inputs, axis=1), np.concatenate(about, axis=1, dtype=np.float32)


@dataclass(frozen=True)
class _Stretches:
    """Summed states of the distinct stretches that mentions have, and which of them each mention has.

    Mentions share their clause, their sentence and their text with others: what is made of one is made once.
    """

    totals: Floats
    counts: Ints
    place: Ints

    def means(self, columns: slice = slice(None)) -> Floats:
        return mean_of(self.totals[:, columns], self.counts)


def _sums(states: States, texts: Ints, spans: Sequence[Span | None], columns: slice = slice(None)) -> _Stretches:
    starts, ends = _edges(spans)
    owners = np.where(starts < 0, 0, texts)  # what is missing is the same in all texts
    (owners, starts, ends), place = np.unique(np.stack([owners, starts, ends]), axis=1, return_inverse=True)
    totals, counts = states.sums(owners, starts, ends, columns)
    return _Stretches(totals, counts, place.reshape(-1))


def _pairs(part: _Stretches, phrase: _Stretches, clause: _Stretches) -> _Stretches:
    """Return what part and phrase say together; where an opinion has no words of its own, its clause."""
    bare = (part.counts[part.place] + phrase.counts[phrase.place]) == 0
    keys = np.stack([part.place, phrase.place, np.where(bare, clause.place, -1)])
    (parts, phrases, clauses), place = np.unique(keys, axis=1, return_inverse=True)
    totals, counts = part.totals[parts] + phrase.totals[phrases], part.counts[parts] + phrase.counts[phrases]
    alone = clauses >= 0
    totals[alone], counts[alone] = clause.totals[clauses[alone]], clause.counts[clauses[alone]]
    return _Stretches(totals, counts, place.reshape(-1))


def _words(network: OpinionNetwork, stretches: _Stretches, device: torch.device) -> Floats:
    """Return unit vectors (mentions, MEANING_DIM) of what the words of stretches mean; zero where there are none."""
    vectors = unit(in_blocks(network.meaning.words, stretches.means(), device))
    vectors *= (stretches.counts > 0)[:, None]
    return vectors[stretches.place]


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
