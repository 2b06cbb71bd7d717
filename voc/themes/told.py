"""Vectors of short texts that an earlier run has made: what was wished for before is not encoded again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from voc.themes.embedding import Vectors, embed

#: One row for each text: a digest of it, and its unit vector.
TOLD = pa.schema([pa.field("text", pa.binary(16)), pa.field("vector", pa.list_(pa.float32()))])
#: Key of the metadata of such a table: which encoder made the vectors.
_ORIGIN = b"encoder"


class Told:
    """Encodes texts, and takes the vectors of those that were encoded before from a table.

    Args:
        stored: what `table` returned; None for nothing.
        encoder: "default" for the weights of `model`, or the name or path of a sentence encoder.
        model: name or path of the weights that read reviews.
    """

    def __init__(self, stored: pa.Table | None, *, encoder: str, model: str) -> None:
        self._encoder, self._model = encoder, model
        self._known: dict[bytes, int] = {}
        self._vectors: Vectors = np.zeros((0, 0), dtype=np.float32)
        self._used: dict[bytes, Vectors] = {}
        self.origin = _origin(encoder, model)
        if stored is not None and stored.num_rows and (stored.schema.metadata or {}).get(_ORIGIN) == self.origin:
            self._known = {text: row for row, text in enumerate(stored["text"].to_pylist())}
            flat = stored["vector"].combine_chunks().flatten().to_numpy()
            self._vectors = flat.reshape(stored.num_rows, -1)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (n, dimensions).

        Raises:
            VocError: the encoder cannot be loaded.
        """
        digests = [hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts]
        missing = [place for place, digest in enumerate(digests) if digest not in self._known]
        fresh = (
            embed([texts[place] for place in missing], encoder=self._encoder, model=self._model) if missing else None
        )
        width = fresh.shape[1] if fresh is not None else self._vectors.shape[1]
        found: Vectors = np.zeros((len(texts), width), dtype=np.float32)
        had = [place for place, digest in enumerate(digests) if digest in self._known]
        if had:
            found[had] = self._vectors[[self._known[digests[place]] for place in had]]
        if fresh is not None:
            found[missing] = fresh
        self._used.update(zip(digests, found, strict=True))
        return found

    def table(self) -> pa.Table:
        """Return the vectors that were asked for, by text; those of texts that are no more are left out."""
        digests = sorted(self._used)
        vectors = np.array([self._used[digest] for digest in digests], dtype=np.float32)
        steps = np.arange(len(digests) + 1, dtype=np.int32) * (vectors.shape[1] if len(digests) else 0)
        columns = [
            pa.array(digests, pa.binary(16)),
            pa.ListArray.from_arrays(pa.array(steps), pa.array(vectors.reshape(-1), pa.float32())),
        ]
        return pa.table(columns, schema=TOLD).replace_schema_metadata({_ORIGIN: self.origin})


def _origin(encoder: str, model: str) -> bytes:
    """Name what the vectors depend on."""
    from voc.extract.folder import model_version

    return (f"{encoder}" if encoder != "default" else model_version(model)).encode()
