"""The network: one MiniLM encoder and the heads that read opinions from its token vectors.

One pass over a text gives, for each token, tags of aspects and of opinion phrases; from the vectors of the
spans so found, their polarity and which phrase judges which aspect; from each sentence's mean vector, whether
it holds something negative or positive; from the whole text's mean vector, the stars it would come with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

#: Tags of a token: outside, begins a span, inside a span.
OUTSIDE, BEGIN, INSIDE = 0, 1, 2
#: Order of the polarity head's outputs.
POLARITIES = ("negative", "neutral", "positive")
#: Annotation styles of the training sets; each is told to the encoder by a marker token after [CLS].
STYLES = {"review": 1, "laptop": 2, "triplet": 3, "phone": 4, "quad": 5, "term": 6}
#: Distances between an aspect and a phrase, in tokens, fall into these buckets (upper bounds).
_DISTANCES = (0, 1, 2, 3, 5, 8, 12, 20, 40)
_LINK_DIM = 96
#: Tokens on either side of a span that tell its polarity.
_CONTEXT = 12


@dataclass
class Encoded:
    """What one pass gives: `tokens` of shape (batch, length, hidden) and the two tag scores (batch, length, 3)."""

    tokens: Tensor
    aspect_tags: Tensor
    phrase_tags: Tensor


class OpinionNetwork(nn.Module):
    """Encoder and heads; `encoder` is a transformers model whose output has `last_hidden_state`."""

    def __init__(self, encoder: Any, hidden: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.aspect_head = nn.Linear(hidden, 3)
        self.phrase_head = nn.Linear(hidden, 3)
        self.span_type = nn.Embedding(2, hidden)
        self.polarity_hidden = nn.Linear(2 * hidden, hidden)
        self.polarity_out = nn.Linear(hidden, len(POLARITIES))
        self.link_aspect = nn.Linear(hidden, _LINK_DIM)
        self.link_phrase = nn.Linear(hidden, _LINK_DIM)
        self.link_distance = nn.Embedding(2 * (len(_DISTANCES) + 1), 1)
        self.sentence_head = nn.Linear(hidden, 2)  # holds a negative opinion, holds a positive one
        self.stars_head = nn.Linear(hidden, 1)
        self.distance_bounds: Tensor
        self.register_buffer("distance_bounds", torch.tensor(_DISTANCES), persistent=False)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Encoded:
        """Encode token ids of shape (batch, length)."""
        tokens = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        tokens = self.dropout(tokens.float())  # the encoder may run in half precision, the heads do not
        return Encoded(tokens, self.aspect_head(tokens), self.phrase_head(tokens))

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
        """Score (n, 2) whether sentences with these mean vectors hold a negative, a positive opinion."""
        scores: Tensor = self.sentence_head(self.dropout(means))
        return scores

    def stars(self, means: Tensor) -> Tensor:
        """Predict stars (n,), 1..5, from mean vectors of whole texts."""
        scores: Tensor = self.stars_head(self.dropout(means)).squeeze(-1)
        return 3.0 + 2.0 * torch.tanh(scores)


def span_means(tokens: Tensor, rows: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
    """Mean vectors (n, hidden) of token spans [start, end) of the given rows of `tokens` (batch, length, hidden)."""
    sums = torch.cumsum(tokens.float(), dim=1)
    last = sums[rows, ends - 1]
    before = torch.where((starts > 0).unsqueeze(-1), sums[rows, (starts - 1).clamp(min=0)], torch.zeros_like(last))
    return (last - before) / (ends - starts).unsqueeze(-1)


def context_means(tokens: Tensor, lengths: Tensor, rows: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
    """Mean vectors (n, hidden) of the tokens around spans; `lengths` (n,) is the length of each span's row."""
    return span_means(tokens, rows, (starts - _CONTEXT).clamp(min=1), torch.minimum(ends + _CONTEXT, lengths - 1))
