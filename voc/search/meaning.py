"""Ranks reviews by what their opinions mean: the vectors of opinions against the vector of a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from voc.config import ModelConfig
from voc.errors import VocError
from voc.store import Snapshot

Rows = NDArray[np.int64]
Vector = NDArray[np.float32]

#: Cosine from which an opinion is near enough to a query. Below it stand opinions that share a tone or a word with the
#: query and nothing else: the nearest of speakers' reviews to "bought for my grandmother" lie at 0.48 to 0.57.
NEAR = 0.55
_AT_ONCE = 32_768  # vectors that are widened to single precision at a time


class Near(NamedTuple):
    """Reviews with an opinion near to a query, nearest first: row of `reviews`, cosine, row of `mentions`."""

    rows: Rows
    cosines: NDArray[np.float32]
    mentions: Rows


@dataclass(frozen=True)
class Meanings:
    """The vectors of a snapshot's opinions, shape (n, dimensions) in half precision, and where each belongs."""

    vectors: NDArray[np.float16]
    reviews: Rows  # row of the snapshot's table `reviews`
    mentions: Rows  # row of the snapshot's table `mentions`

    @classmethod
    def of(cls, snapshot: Snapshot) -> Meanings:
        """Read the vectors of a snapshot; those of opinions that are no longer there are left out.

        Raises:
            VocError: the snapshot is gone or damaged.
        """
        tables = [snapshot.table(name) for name in ("embeddings", "further_embeddings")]
        stored = pa.concat_tables(table for table in tables if table.num_rows) if any(map(len, tables)) else tables[0]
        mentions = snapshot.table("mentions", ["mention_id", "review_id"])
        mention = _places(stored["mention_id"], mentions["mention_id"])
        reviews = snapshot.table("reviews", ["review_id"])["review_id"]
        review = _places(mentions["review_id"], reviews)[mention]
        flat = stored["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        vectors = flat.reshape(len(mention), -1) if len(mention) else np.zeros((0, 0), np.float16)
        known = (mention >= 0) & (review >= 0)
        if not known.all():
            vectors, review, mention = vectors[known], review[known], mention[known]
        return cls(np.ascontiguousarray(vectors, np.float16), review, mention)

    def near(self, vector: Vector, above: float = NEAR) -> Near:
        """Return the reviews whose nearest opinion lies at a cosine of `above` or more; of equals the first row."""
        # In blocks: a whole copy in single precision would take as much memory again, twice.
        parts = [
            self.vectors[begin : begin + _AT_ONCE].astype(np.float32) @ vector
            for begin in range(0, len(self.vectors), _AT_ONCE)
        ]
        cosines = np.concatenate(parts) if parts else np.zeros(0, np.float32)
        found = np.flatnonzero(cosines >= above)
        order = found[np.lexsort((self.mentions[found], self.reviews[found], -cosines[found]))]
        _, first = np.unique(self.reviews[order], return_index=True)
        best = order[np.sort(first)]
        return Near(self.reviews[best], cosines[best], self.mentions[best])


def obstacle(snapshot: Snapshot, config: ModelConfig) -> str | None:
    """Say in a sentence why a snapshot cannot be searched by meaning; None where it can."""
    if not snapshot.rows("embeddings") + snapshot.rows("further_embeddings"):
        return "This analysis holds no vectors of opinions, so that only words can be searched."
    made = snapshot.info.get("config", {}).get("model", {})
    other = "The opinions were read by another model than the one that is set now; only words can be searched."
    if made.get("encoder", config.encoder) != config.encoder:
        return other
    if config.encoder != "default":
        return None
    from voc.extract.folder import model_version

    try:
        version = model_version(config.opinions)
    except VocError as error:
        return f"{error} Only words can be searched."
    read_by = pc.unique(snapshot.table("readings", ["model_version"])["model_version"]).to_pylist()
    return None if read_by == [version] else other


def _places(values: pa.ChunkedArray, among: pa.ChunkedArray) -> Rows:
    found = pc.fill_null(pc.index_in(values, value_set=among.combine_chunks()), -1)
    return np.asarray(found.to_numpy(), dtype=np.int64)
