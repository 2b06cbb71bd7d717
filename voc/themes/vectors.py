"""Vectors of troubles: those that are known as they are, others made from the mention's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voc.themes.areas import OTHER, Areas
from voc.themes.embedding import Vectors, compose, embed
from voc.themes.terms import same_wording
from voc.themes.trouble import Trouble


def trouble_vectors(
    troubles: Sequence[Trouble], areas: Areas, *, encoder: str, model: str, embeddings: pa.Table | None
) -> Vectors:
    """Return unit vectors (n, dimensions), one per trouble: from the table `embeddings`, or made where it lacks one."""
    known, stored = vectors_in(embeddings) if embeddings is not None else ({}, np.zeros((0, 0), dtype=np.float32))
    places = [known.get(trouble.row["mention_id"], -1) for trouble in troubles]
    new = [i for i, place in enumerate(places) if place < 0]
    if not new:
        return stored[places]
    fresh = [troubles[i] for i in new]
    # Synonyms share their area's vector ("battery backup" has that of "battery"), the pair keeps the word itself.
    aspects = [_shared_name(t.part, areas) or "product" for t in fresh]
    pairs = [f"{t.part} {same_wording((t.row['phrase'] or t.clause).lower())}".strip() for t in fresh]
    strings = [*aspects, *pairs, *(same_wording(t.clause.lower()) for t in fresh)]
    stacked = embed(strings, encoder=encoder, model=model)
    n = len(new)
    named = np.array([bool(t.part) for t in fresh])
    composed = compose(stacked[:n], stacked[n : 2 * n], stacked[2 * n :], named)
    vectors = np.zeros((len(troubles), composed.shape[1]), dtype=np.float32)
    # Stored in half precision: rounded here, so that a vector is the same when it is read back.
    vectors[new] = composed.astype(np.float16).astype(np.float32)
    old = [i for i, place in enumerate(places) if place >= 0]
    if old:
        vectors[old] = stored[[places[i] for i in old]]
    return vectors


def vectors_in(embeddings: pa.Table) -> tuple[dict[str, int], Vectors]:
    """Return the row of each mention id, and the vectors of the table `embeddings`, shape (n, dimensions)."""
    if not embeddings.num_rows:
        return {}, np.zeros((0, 0), dtype=np.float32)
    known = {m: i for i, m in enumerate(embeddings.column("mention_id").to_pylist())}
    flat = embeddings.column("vector").combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return known, flat.reshape(embeddings.num_rows, -1).astype(np.float32)


def vectors_of(mention_ids: Iterable[str], embeddings: pa.Table) -> pa.Table:
    """Return the rows of the table `embeddings` for these mentions."""
    wanted = pa.array(sorted(mention_ids), pa.string())
    return embeddings.filter(pc.is_in(embeddings["mention_id"], value_set=wanted))


def _shared_name(part: str, areas: Areas) -> str:
    name = areas.of_term.get(part, part)
    return part if name == OTHER else name
