"""Reading reviews step by step: what is read is kept until the run is stored, so that a killed run loses one step."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow as pa

from voc import __version__

if TYPE_CHECKING:
    from voc.config import ModelConfig
    from voc.extract import Extracted
    from voc.store.journal import Journal

#: Reviews of one step, which take some seconds on two cores.
STEP = 1024
_TABLES = ("mentions", "readings", "embeddings")


def extract_in_steps(
    reviews: pa.Table,
    *,
    config: ModelConfig,
    journal: Journal,
    progress: Callable[[str, int, int | None], None] | None = None,
    step: int = STEP,
) -> Extracted:
    """Read `reviews` as `voc.extract.extract` does, with the same result, taking finished steps from the journal.

    Args:
        reviews: rows of table `reviews`.
        config: the model.
        journal: where steps are kept.
        progress: called with stage, how many were read, how many there are.
        step: reviews of one step; fewer of them are read at once and not kept.

    Raises:
        VocError: the model cannot be loaded, or the journal cannot be written.
    """
    from voc.extract import Extracted, extract
    from voc.extract.folder import model_version

    if reviews.num_rows <= step:
        return extract(reviews, config=config, progress=progress)
    version = model_version(config.opinions)
    found: list[dict[str, pa.Table]] = []
    for begin in range(0, reviews.num_rows, step):
        part = reviews.slice(begin, step)
        key = _key(part, version, config)
        kept = journal.get(key)
        if kept is None:
            read = extract(part, config=config, progress=_from(begin, reviews.num_rows, progress))
            kept = {name: getattr(read, name) for name in _TABLES}
            journal.put(key, kept)
        elif progress:
            progress("Reading reviews", begin + part.num_rows, reviews.num_rows)
        found.append(kept)
    whole = {name: pa.concat_tables([kept[name] for kept in found]) for name in _TABLES}
    return Extracted(
        whole["mentions"].sort_by(
            [("review_id", "ascending"), ("clause_start", "ascending"), ("mention_id", "ascending")]
        ),
        whole["readings"].sort_by("review_id"),
        whole["embeddings"].sort_by("mention_id"),
    )


def _from(
    begin: int, total: int, progress: Callable[[str, int, int | None], None] | None
) -> Callable[[str, int, int | None], None] | None:
    if progress is None:
        return None
    return lambda stage, done, _: progress(stage, begin + done, total)


def _key(part: pa.Table, version: str, config: ModelConfig) -> str:
    """Name a step after everything that its result depends on."""
    digest = hashlib.sha256(json.dumps([__version__, version, config.model_dump(mode="json")]).encode())
    for column in ("review_id", "text", "language"):
        digest.update(json.dumps(part.column(column).to_pylist()).encode())
    return digest.hexdigest()
