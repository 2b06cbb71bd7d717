"""Vectors of short strings and of mentions, from the base sentence encoder.

A mention's vector is the normalised sum of the vectors of its aspect, of "aspect phrase" and of its clause: what the
complaint is about weighs most. The sentence alone puts complaints from one review together, not complaints about
one thing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from voc.extract.encoder import load_encoder
from voc.extract.fast import prepare
from voc.extract.windows import shapes

Vectors = NDArray[np.float32]
_LONGEST = 48  # tokens
WEIGHTS = (0.4, 1.0, 0.4)  # aspect, "aspect phrase", clause


def embed(
    strings: Sequence[str], *, encoder: str = "default", progress: Callable[[int, int], None] | None = None
) -> Vectors:
    """Return unit vectors of shape (n, dimensions); equal strings are encoded once, in batches of fixed shape.

    Texts are cut after 48 tokens: what a complaint is about stands in its first words.

    Raises:
        VocError: the encoder cannot be loaded.
    """
    if encoder != "default":
        return _embed_with_hub_model(strings, encoder)
    distinct = sorted(set(strings))
    tokenizer, network = _default_encoder()
    encoded = tokenizer.encode_batch(distinct)
    vectors = np.zeros((len(distinct), network.config.hidden_size), dtype=np.float32)
    sizes = [min(len(item.ids), _LONGEST) for item in encoded]
    done = 0
    with torch.inference_mode():
        for rows, length, group in shapes(sizes):
            ids, mask = np.zeros((rows, length), dtype=np.int64), np.zeros((rows, length), dtype=np.int64)
            mask[:, 0] = 1
            for row, index in enumerate(group):
                kept = encoded[index].ids[: sizes[index]]
                ids[row, : len(kept)], mask[row, : len(kept)] = kept, 1
            attention = torch.from_numpy(mask)
            hidden = network(input_ids=torch.from_numpy(ids), attention_mask=attention).last_hidden_state
            weights = attention.unsqueeze(-1).float()
            pooled = (hidden.float() * weights).sum(1) / weights.sum(1)
            vectors[group] = torch.nn.functional.normalize(pooled, dim=-1)[: len(group)].numpy()
            done += len(group)
            if progress:
                progress(done, len(distinct))
    places = {string: index for index, string in enumerate(distinct)}
    picked: Vectors = vectors[[places[string] for string in strings]] if strings else vectors
    return picked


def compose(aspects: Vectors, pairs: Vectors, clauses: Vectors, named: NDArray[np.bool_]) -> Vectors:
    """Return the unit vectors of mentions from those of their parts, each (n, dimensions).

    Where no part is `named`, the aspect is left out: "product", "it" say nothing about the trouble.
    """
    total = WEIGHTS[0] * aspects * named[:, None] + WEIGHTS[1] * pairs + WEIGHTS[2] * clauses
    units: Vectors = (total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return units


@lru_cache(maxsize=1)
def _default_encoder() -> tuple[Any, Any]:
    wrapped, network = load_encoder()
    tokenizer = wrapped.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer, prepare(network, torch.device("cpu"))


def _embed_with_hub_model(strings: Sequence[str], name: str) -> Vectors:
    from sentence_transformers import SentenceTransformer

    from voc.errors import VocError

    try:
        model = SentenceTransformer(name)
    except (OSError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise VocError(f"The encoder {name!r} cannot be loaded ({first}); give a local path or a hub name.") from None
    return np.asarray(model.encode(list(strings), normalize_embeddings=True), dtype=np.float32)
