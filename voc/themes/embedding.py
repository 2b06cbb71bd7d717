"""Vectors of short strings and of mentions.

By default they come from the weights that read the reviews: a mention's vector was made in the one pass over its
review, a string's is made in the same way. When the user names an encoder of their own, a mention's vector is the
normalised sum of that encoder's vectors of its aspect, of "aspect phrase" and of its clause: what the complaint is
about weighs most. The sentence alone puts complaints from one review together, not complaints about one thing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
WEIGHTS = (0.4, 1.0, 0.4)  # aspect, "aspect phrase", clause


def embed(strings: Sequence[str], *, encoder: str = "default", model: str = "opinions") -> Vectors:
    """Return unit vectors of shape (n, dimensions); equal strings are encoded once.

    Args:
        strings: what to encode.
        encoder: "default" for the weights of `model`, or the name or path of a sentence encoder.
        model: name or path of the weights that read reviews.

    Raises:
        VocError: the encoder cannot be loaded.
    """
    distinct = sorted(set(strings))
    if encoder != "default":
        vectors = _embed_with_hub_model(distinct, encoder)
    else:
        from voc.extract.reader import load_reader

        vectors = load_reader(model).meanings(distinct)
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


def _embed_with_hub_model(strings: Sequence[str], name: str) -> Vectors:
    from sentence_transformers import SentenceTransformer

    from voc.errors import VocError

    try:
        model = SentenceTransformer(name)
    except (OSError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise VocError(f"The encoder {name!r} cannot be loaded ({first}); give a local path or a hub name.") from None
    return np.asarray(model.encode(list(strings), normalize_embeddings=True), dtype=np.float32)
