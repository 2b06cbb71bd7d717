"""The head that says what words, and what mentions, are about: as vectors, near to one another for the same thing."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

#: Length of the vectors, and the layer whose states words are read from beside the first and last.
MEANING_DIM = 128
MEANING_LAYER = 3
#: Of a mention: aspect, aspect with phrase, sentence, clause; each gives a vector of its words.
MENTION_PARTS = 4
#: What the parts weigh in the vector of a mention, as far as its own words go.
PART_WEIGHTS = (1.0, 1.0, 0.5, 0.0)
_WORDS_HIDDEN = 768
_MENTION_HIDDEN = 512
#: Brings the numbers of vectors of length 1 to the size of an encoder's states.
_SCALE = MEANING_DIM**0.5


class MeaningHead(nn.Module):
    """Vectors of words from their states alone, and of mentions from their parts' vectors and the states around.

    Before training a mention's vector is the sum of those of its parts, weighed by PART_WEIGHTS.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.words_hidden = nn.Linear(3 * hidden, _WORDS_HIDDEN)
        self.words_out = nn.Linear(_WORDS_HIDDEN, MEANING_DIM)
        self.parts = nn.Linear(MENTION_PARTS * MEANING_DIM, MEANING_DIM, bias=False)
        self.mention_hidden = nn.Linear(MENTION_PARTS * (MEANING_DIM + hidden), _MENTION_HIDDEN)
        self.mention_out = nn.Linear(_MENTION_HIDDEN, MEANING_DIM)
        with torch.no_grad():
            self.parts.weight.copy_(torch.cat([weight * torch.eye(MEANING_DIM) for weight in PART_WEIGHTS], dim=1))
            self.mention_out.weight.zero_()
            self.mention_out.bias.zero_()

    def words(self, features: Tensor) -> Tensor:
        """Return vectors (n, MEANING_DIM) of what words mean.

        `features` (n, 3 * hidden) are the means over the words' tokens of the states that go into the first layer, of
        those of layer MEANING_LAYER and of the last.
        """
        vectors: Tensor = self.words_out(functional.gelu(self.words_hidden(features)))
        return vectors

    def mentions(self, features: Tensor, drop: float = 0.0) -> Tensor:
        """Return vectors (n, MEANING_DIM) of what mentions are about, in the space of `words`.

        `features` (n, MENTION_PARTS * (MEANING_DIM + hidden)) are the unit vectors of the words of aspect, aspect with
        phrase, sentence and clause, and then the last layer's mean states of aspect, phrase, clause and sentence; zero
        for what a mention has not. `drop` is the share of inputs left out, in training.
        """
        parts, states = features[:, : self.parts.in_features], features[:, self.parts.in_features :]
        joined = functional.dropout(torch.cat([_SCALE * parts, states], dim=1), drop, training=drop > 0)
        hidden = functional.dropout(functional.gelu(self.mention_hidden(joined)), 1.5 * drop, training=drop > 0)
        vectors: Tensor = self.parts(parts) + self.mention_out(hidden)
        return vectors
