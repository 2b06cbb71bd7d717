"""The losses of all heads over one batch."""

from __future__ import annotations

import torch
from pydantic import BaseModel
from torch import Tensor
from torch.nn import functional

from voc.extract import segments
from voc.extract.network import Described, Encoded, OpinionNetwork, context_edges, span_means
from voc.extract.training.batches import IGNORED, Batch
from voc.extract.windows import LEAD


class Weights(BaseModel, frozen=True, extra="forbid"):
    """What each head's loss counts for beside that of the spans.

    Little: the heads themselves learn as fast from a small loss, but the encoder is torn less from finding spans.
    """

    polarity: float = 0.12
    link: float = 0.08
    sentence: float = 0.12
    mention: float = 0.1
    stars: float = 0.04
    #: Of the spans that other models find in texts without labels.
    taught: float = 1.0
    label_smoothing: float = 0.03


class SpanVectors:
    """The mean vectors of all spans that the labels of a batch name, by what names them.

    They are taken in one go: each go costs a backward pass over all tokens.
    """

    def __init__(self, tokens: Tensor, batch: Batch) -> None:
        lengths = batch.mask.sum(1)
        wanted: dict[str, tuple[Tensor, Tensor, Tensor]] = {}
        row, start, end = batch.spans[:, :3].unbind(1)
        wanted["span"] = row, start, end
        wanted["context"] = row, *context_edges(lengths[row], start, end)
        row, a0, a1, p0, p1 = batch.links[:, :5].unbind(1)
        wanted["linked aspect"], wanted["linked phrase"] = (row, a0, a1), (row, p0, p1)
        wanted["sentence"] = tuple(batch.sentences[:, :3].unbind(1))  # type: ignore[assignment]
        row, a0, a1, p0, p1, c0, c1 = batch.mentions[:, :7].unbind(1)
        # A start below 0 says that there is no such span; what is taken in its place is not used.
        wanted["aspect"] = row, a0.clamp(min=0), a1.clamp(min=1)
        wanted["phrase"] = row, p0.clamp(min=0), p1.clamp(min=1)
        wanted["clause"] = row, c0, c1
        wanted["text"] = row, torch.full_like(row, LEAD), lengths[row] - 1
        row = batch.stars[:, 0].long()
        wanted["whole"] = row, torch.ones_like(row), lengths[row] - 1
        table = [torch.cat(column) for column in zip(*wanted.values(), strict=True)]
        sizes = [len(rows) for rows, _, _ in wanted.values()]
        parts = torch.split(span_means(tokens, *table), sizes)
        self.by_name = dict(zip(wanted, parts, strict=True))

    def __getitem__(self, name: str) -> Tensor:
        return self.by_name[name]


def batch_loss(network: OpinionNetwork, batch: Batch, weights: Weights) -> Tensor:
    """Sum the weighted losses of all heads that the batch has labels for."""
    encoded = network(batch.ids, batch.mask)
    vectors = SpanVectors(encoded.tokens, batch)
    loss = encoded.tokens.new_zeros(())
    for scores, tags in ((encoded.aspects, batch.aspect_tags), (encoded.phrases, batch.phrase_tags)):
        loss = loss + segments.loss(scores, tags, IGNORED)
    if batch.taught.any():
        loss = loss + weights.taught * _taught_loss(encoded, batch)
    if len(batch.spans):
        kind, polarity = batch.spans[:, 3:].unbind(1)
        scores = network.polarity(vectors["span"], vectors["context"], kind)
        loss = loss + weights.polarity * _choice(scores, polarity, weights)
    if len(batch.links):
        distance, linked = batch.links[:, 1] - batch.links[:, 3], batch.links[:, 5].float()
        scores = network.link(vectors["linked aspect"], vectors["linked phrase"], distance)
        loss = loss + weights.link * functional.binary_cross_entropy_with_logits(scores, linked)
    if len(batch.sentences):
        scores, wanted = network.sentences(vectors["sentence"]), batch.sentences[:, 3:]
        known = wanted >= 0
        loss = loss + weights.sentence * functional.binary_cross_entropy_with_logits(
            scores[known], wanted[known].float()
        )
    if len(batch.mentions):
        loss = loss + weights.mention * _mention_loss(network, vectors, batch, weights)
    if len(batch.stars):
        loss = loss + weights.stars * functional.mse_loss(network.stars(vectors["whole"]), batch.stars[:, 1])
    total: Tensor = loss
    return total


def _taught_loss(encoded: Encoded, batch: Batch) -> Tensor:
    inside = segments.text_places(batch.mask.sum(1), batch.ids.shape[1])
    number = batch.taught.cumsum(0) - 1  # of a row among those that are taught
    loss = encoded.tokens.new_zeros(())
    for kind, scores in enumerate((encoded.aspects, encoded.phrases)):
        here = batch.taught_spans[:, 1] == kind
        spans = batch.taught_spans[here][:, [0, 2, 3]]
        spans[:, 0] = number[spans[:, 0]]
        chosen = segments.Segments(scores.outside[batch.taught], scores.spans[batch.taught])
        probabilities = batch.taught_probabilities[here]
        loss = loss + segments.taught_loss(chosen, inside[batch.taught], spans, probabilities)
    return loss


def _mention_loss(network: OpinionNetwork, vectors: SpanVectors, batch: Batch, weights: Weights) -> Tensor:
    said = describe(network, vectors, batch)
    kind, specificity, target, severity = batch.mentions[:, 7:].unbind(1)
    loss = _choice(said.kind, kind, weights)
    loss = loss + _choice(said.specificity, specificity, weights) + _choice(said.target, target, weights)
    pains = severity >= 0
    if pains.any():
        loss = loss + 4 * functional.mse_loss(said.severity[pains], severity[pains].float() / 100)
    return loss


def describe(network: OpinionNetwork, vectors: SpanVectors, batch: Batch) -> Described:
    """Let the mention heads describe the mentions of a batch."""
    aspect_start, phrase_start = batch.mentions[:, 1:2], batch.mentions[:, 3:4]
    nothing = network.no_span.weight
    aspects = torch.where(aspect_start >= 0, vectors["aspect"], nothing[0])
    phrases = torch.where(phrase_start >= 0, vectors["phrase"], nothing[1])
    return network.describe(aspects, phrases, vectors["clause"], vectors["text"])


def _choice(scores: Tensor, wanted: Tensor, weights: Weights) -> Tensor:
    if not (wanted != IGNORED).any():
        return scores.new_zeros(())
    loss: Tensor = functional.cross_entropy(
        scores, wanted, ignore_index=IGNORED, label_smoothing=weights.label_smoothing
    )
    return loss
