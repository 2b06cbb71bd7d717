"""The token states that a reading leaves behind, and the mean states of spans of characters in them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from voc.extract.windows import Window

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
_TEXT = 1 << 40  # characters; no text is longer
_BLOCK = 4096  # tokens whose states are added up at once
_ALL = slice(None)
_TOKENS = 1 << 31  # more than are held together


class States:
    """States of all tokens of some texts, one row for each token in the order of the texts.

    `layers` has the shape (tokens, width): the states of several layers side by side, in half precision, on the CPU.
    """

    def __init__(self, windows: Sequence[Window], texts: int, width: int) -> None:
        sizes = [len(window.offsets) for window in windows]
        self.bases = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self.layers = torch.zeros((int(self.bases[-1]), width), dtype=torch.float16)
        owner = np.repeat(np.array([w.text for w in windows], dtype=np.int64), sizes)
        places = np.array([o for w in windows for o in w.offsets], dtype=np.int64).reshape(-1, 2)
        self.starts: Ints = owner * _TEXT + places[:, 0]
        self.ends: Ints = owner * _TEXT + places[:, 1]
        self.edges: Ints = np.searchsorted(owner, np.arange(texts + 1))  # first token of each text

    def put(self, window: int, states: Tensor) -> None:
        """Keep the states (tokens, width) of window number `window`."""
        self.layers[self.bases[window] : self.bases[window + 1]] = states

    def sums(self, texts: Ints, starts: Ints, ends: Ints, columns: slice = _ALL) -> tuple[Floats, Ints]:
        """Return the summed states (n, width) of the tokens that n spans of characters touch, and how many they are.

        A negative start stands for no span: nothing is summed. A span that touches no token counts as the token
        nearest to it. Each sum depends on its own tokens alone. `columns` says which of the states are wanted.
        """
        first = np.searchsorted(self.ends, texts * _TEXT + starts, side="right")
        last = np.searchsorted(self.starts, texts * _TEXT + ends, side="left")
        low, high = self.edges[texts], self.edges[texts + 1]
        first = np.clip(first, low, np.maximum(high - 1, low))
        last = np.clip(last, first + 1, np.maximum(high, first + 1))
        counts = np.where((starts < 0) | (low == high), 0, last - first)
        layers = self.layers[:, columns]
        # Many mentions share their sentence and their text: each stretch of tokens is added up once.
        full = np.flatnonzero(counts)
        stretches, place = np.unique(first[full] * _TOKENS + last[full], return_inverse=True)
        begins, ends_at = np.divmod(stretches, _TOKENS)
        found = _sums(layers, begins, ends_at - begins)[torch.from_numpy(place)]
        if len(full) == len(texts):
            return found.numpy(), counts
        total = np.zeros((len(texts), layers.shape[1]), dtype=np.float32)
        total[full] = found.numpy()
        return total, counts


def _sums(layers: Tensor, first: Ints, sizes: Ints) -> Tensor:
    total = torch.zeros((len(first), layers.shape[1]))
    # As many stretches at once as have about _BLOCK tokens, and one at least.
    group_of = (np.cumsum(sizes) - sizes) // _BLOCK
    edges = np.flatnonzero(np.diff(group_of, prepend=-1, append=-1))
    for low, high in pairwise(edges.tolist()):
        here = sizes[low:high]
        begins = np.cumsum(here) - here
        rows = np.repeat(first[low:high] - begins, here) + np.arange(int(here.sum()))
        states = layers[torch.from_numpy(rows)].float()
        # Adds the rows of each stretch up in their order, whatever stretches stand beside it.
        bags = functional.embedding_bag(torch.arange(len(rows)), states, torch.from_numpy(begins), mode="sum")
        total[low:high] = bags
    return total
