"""The network: one MiniLM encoder and the heads that read opinions from its token vectors.

One pass over a text gives scores of its stretches as aspects and as opinion phrases; from the vectors of the
spans so found, their polarity and which phrase judges which aspect; from each sentence's mean vector, whether
it holds something negative, something positive or a wish; from the whole text's mean vector, the stars it would come
with. Of a mention put together from them (aspect, phrase, clause) further heads say its kind, how much it tells
(specificity), whom it is about (target) and how severe it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from voc.extract.fast import fast_dtype
from voc.extract.meaning import MEANING_LAYER, MeaningHead
from voc.extract.segments import WIDEST, Segments

#: Order of the polarity head's outputs.
POLARITIES = ("negative", "neutral", "positive")
#: Annotation styles of the training sets; each is told to the encoder by a marker token after [CLS].
STYLES = {"review": 1, "laptop": 2, "triplet": 3, "phone": 4, "quad": 5, "term": 6, "feature": 7}
#: Orders of the outputs of the heads that describe a mention.
KINDS = ("pain", "praise", "wish", "neutral")
SPECIFICITIES = ("trouble", "judgement", "verdict")
TARGETS = ("product", "delivery", "seller", "service", "competitor")
#: Distances between an aspect and a phrase, in tokens, fall into these buckets (upper bounds).
_DISTANCES = (0, 1, 2, 3, 5, 8, 12, 20, 40)
_LINK_DIM = 96
_EDGE_DIM = 64
#: Tokens on either side of a span that tell its polarity.
_CONTEXT = 12
_MENTION_DIM = 256


@dataclass
class Encoded:
    """What one pass gives: `tokens` of shape (batch, length, hidden) and the scores of aspects and of phrases.

    `first` and `middle`, of the shape of `tokens`, are the states that go into the first layer and those of layer
    MEANING_LAYER; null in training.
    """

    tokens: Tensor
    aspects: Segments
    phrases: Segments
    first: Tensor | None = None
    middle: Tensor | None = None


@dataclass
class Described:
    """What the mention heads say of n mentions, as scores before softmax; `severity` (n,) is between 0 and 1."""

    kind: Tensor
    specificity: Tensor
    target: Tensor
    severity: Tensor


class OpinionNetwork(nn.Module):
    """Encoder and heads; `encoder` is a BERT of ours or of transformers."""

    def __init__(self, encoder: Any, hidden: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.hidden = hidden
        self.dropout = nn.Dropout(dropout)
        # Each style marks in its own way: a shared head, and what each style changes of it.
        self.aspect_head = SpanScores(hidden)
        self.phrase_head = SpanScores(hidden)
        self.span_type = nn.Embedding(2, hidden)
        self.polarity_hidden = nn.Linear(2 * hidden, hidden)
        self.polarity_out = nn.Linear(hidden, len(POLARITIES))
        self.link_aspect = nn.Linear(hidden, _LINK_DIM)
        self.link_phrase = nn.Linear(hidden, _LINK_DIM)
        self.link_distance = nn.Embedding(2 * (len(_DISTANCES) + 1), 1)
        self.sentence_hidden = nn.Linear(hidden, hidden)
        self.sentence_head = nn.Linear(hidden, 3)  # holds a negative opinion, a positive one, a wish
        self.stars_head = nn.Linear(hidden, 1)
        self.no_span = nn.Embedding(2, hidden)  # stands for an aspect, a phrase that is only implied
        self.mention_hidden = nn.Linear(4 * hidden, _MENTION_DIM)
        self.mention_out = nn.Linear(_MENTION_DIM, len(KINDS) + len(SPECIFICITIES) + len(TARGETS) + 1)
        self.meaning = MeaningHead(hidden)
        self.distance_bounds: Tensor
        self.register_buffer("distance_bounds", torch.tensor(_DISTANCES), persistent=False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Encoded:
        """Encode token ids of shape (batch, length)."""
        first = middle = None
        if self.training:
            states = fast_encode(self.encoder, input_ids, attention_mask)
        else:
            output = self.encoder(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
            states = output.last_hidden_state
            first = output.hidden_states[0]
            middle = output.hidden_states[min(MEANING_LAYER, len(output.hidden_states) - 1)]
        tokens = self.dropout(states.float())  # the encoder may run in half precision, the heads do not
        styles = input_ids[:, 1]
        return Encoded(tokens, self.aspect_head(tokens, styles), self.phrase_head(tokens, styles), first, middle)

    def polarity(self, spans: Tensor, sentences: Tensor, types: Tensor) -> Tensor:
        """Score the polarities of spans from their mean vectors and their sentences', both (n, hidden).

        `types` is 0 for aspects and 1 for phrases. Returns (n, 3) in the order of POLARITIES.
        """
        joined = torch.cat([spans + self.span_type(types), sentences], dim=-1)
        scores: Tensor = self.polarity_out(self.dropout(torch.tanh(self.polarity_hidden(joined))))
        return scores

    def link(self, aspects: Tensor, phrases: Tensor, distance: Tensor) -> Tensor:
        """Score (n,) whether phrase i judges aspect i, from mean vectors (n, hidden) and signed distance in tokens.

        A negative distance says that the phrase stands before the aspect.
        """
        bucket = torch.bucketize(distance.abs(), self.distance_bounds) + (distance < 0) * (len(_DISTANCES) + 1)
        product = (self.link_aspect(aspects) * self.link_phrase(phrases)).sum(-1) / _LINK_DIM**0.5
        bias: Tensor = self.link_distance(bucket).squeeze(-1)
        total: Tensor = product + bias
        return total

    def sentences(self, means: Tensor) -> Tensor:
        """Score (n, 3) whether sentences with these mean vectors hold a negative, a positive opinion, a wish."""
        hidden = torch.tanh(self.sentence_hidden(self.dropout(means)))
        scores: Tensor = self.sentence_head(self.dropout(hidden))
        return scores

    def stars(self, means: Tensor) -> Tensor:
        """Predict stars (n,), 1..5, from mean vectors of whole texts."""
        scores: Tensor = self.stars_head(self.dropout(means)).squeeze(-1)
        return 3.0 + 2.0 * torch.tanh(scores)

    def describe(self, aspects: Tensor, phrases: Tensor, clauses: Tensor, texts: Tensor) -> Described:
        """Describe mentions by the mean vectors (n, hidden) of their aspect, phrase and clause and of the whole text.

        Where a mention has no aspect or no phrase the caller gives `no_span`.
        """
        joined = self.dropout(torch.cat([aspects, phrases, clauses, texts], dim=-1))
        hidden = self.dropout(functional.gelu(self.mention_hidden(joined)))
        sizes = (len(KINDS), len(SPECIFICITIES), len(TARGETS), 1)
        kind, specificity, target, severity = self.mention_out(hidden).split(sizes, dim=-1)
        return Described(kind, specificity, target, severity.squeeze(-1).sigmoid())


class SpanScores(nn.Module):
    """Scores of spans: what its tokens say each, how its two ends go together, how wide it is, what stands around it.

    What tokens say is a linear head for all annotation styles and a correction for each; so is the width.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        styles = max(STYLES.values()) + 1
        self.shared = nn.Linear(hidden, 3)  # outside, begins, inside
        self.change = nn.Parameter(torch.zeros(styles, 3, hidden))
        self.shift = nn.Parameter(torch.zeros(styles, 3))
        self.width = nn.Parameter(torch.zeros(styles, WIDEST))
        self.begin = nn.Linear(hidden, _EDGE_DIM)
        self.end = nn.Linear(hidden, _EDGE_DIM)
        self.around = nn.Linear(hidden, 2)  # stands before, stands after

    def forward(self, tokens: Tensor, styles: Tensor) -> Segments:
        """Score spans of tokens (batch, length, hidden); outside training all rows must be of one style."""
        length = tokens.shape[1]
        outside, begins, inside = self._tags(tokens, styles).unbind(-1)
        before, after = self.around(tokens).unbind(-1)
        ends = self.begin(tokens) @ self.end(tokens).transpose(1, 2) / _EDGE_DIM**0.5
        first = torch.arange(length, device=tokens.device).unsqueeze(1)
        last = first + torch.arange(WIDEST, device=tokens.device)
        # Spans that would end after the last token get some score; whoever uses the scores rules them out.
        held = last.clamp(max=length - 1)
        sums = torch.cumsum(inside, dim=1)
        spans = (
            (begins + functional.pad(before, (1, -1)) - sums).unsqueeze(-1)
            + (sums + functional.pad(after, (-1, 1)))[:, held]
            + ends.gather(2, held.expand(len(tokens), -1, -1))
            + (self.width[styles] if self.training else self.width[styles[:1]]).unsqueeze(1)
        )
        return Segments(outside, spans)

    def _tags(self, tokens: Tensor, styles: Tensor) -> Tensor:
        if not self.training:
            # One product with one matrix, the same whatever rows stand beside a row.
            weight, bias = self.shared.weight + self.change[styles[0]], self.shared.bias + self.shift[styles[0]]
            return functional.linear(tokens, weight, bias)
        own = torch.einsum("blh,bch->blc", tokens, self.change[styles]) + self.shift[styles].unsqueeze(1)
        scores: Tensor = self.shared(tokens) + own
        return scores


def fast_encode(encoder: Any, ids: Tensor, mask: Tensor) -> Tensor:
    """Return the last hidden states (batch, length, hidden) of a pass in `fast_dtype`.

    Gradients reach the true weights. Autocast would convert at every layer normalisation, which costs a CPU more than
    the products do.
    """
    words = encoder.get_input_embeddings()
    dtype = fast_dtype(ids.device)
    copies = {
        name: value.to(dtype)
        for name, value in encoder.named_parameters()
        if value is not words.weight  # half of all weights, of which a step needs a few rows
    }
    vectors = words(ids).to(dtype)
    output = torch.func.functional_call(encoder, copies, (), {"inputs_embeds": vectors, "attention_mask": mask})
    states: Tensor = output.last_hidden_state
    return states


def span_means(tokens: Tensor, rows: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
    """Mean vectors (n, hidden) of token spans [start, end) of the given rows of `tokens` (batch, length, hidden)."""
    return means_between(running_sums(tokens), rows, starts, ends)


def running_sums(tokens: Tensor) -> Tensor:
    """Sum up the vectors of tokens (batch, length, hidden) to each token, for `means_between`."""
    return torch.cumsum(tokens.float(), dim=1)


def means_between(sums: Tensor, rows: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
    """Mean vectors (n, hidden) of token spans [start, end) of the given rows of `running_sums`."""
    last = sums[rows, ends - 1]
    before = torch.where((starts > 0).unsqueeze(-1), sums[rows, (starts - 1).clamp(min=0)], torch.zeros_like(last))
    return (last - before) / (ends - starts).unsqueeze(-1)


def context_edges(lengths: Tensor, starts: Tensor, ends: Tensor) -> tuple[Tensor, Tensor]:
    """Return the token spans around spans; `lengths` (n,) is the length of each span's row."""
    return (starts - _CONTEXT).clamp(min=1), torch.minimum(ends + _CONTEXT, lengths - 1)


def context_means(tokens: Tensor, lengths: Tensor, rows: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
    """Mean vectors (n, hidden) of the tokens around spans; `lengths` (n,) is the length of each span's row."""
    return span_means(tokens, rows, *context_edges(lengths, starts, ends))
