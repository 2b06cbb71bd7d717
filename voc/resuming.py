"""Reading reviews step by step: what is read is kept until the run is stored, so that a killed run loses one step."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
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
    parts = [reviews.slice(begin, step) for begin in range(0, reviews.num_rows, step)]
    keys = [_key(part, version, config) for part in parts]
    found = {key: kept for key in keys if (kept := journal.get(key)) is not None}
    left = {key: part for key, part in zip(keys, parts, strict=True) if key not in found}
    done = reviews.num_rows - sum(part.num_rows for part in left.values())
    if progress:
        progress("Reading reviews", done, reviews.num_rows)
    for key, read in _read(left, config, _from(reviews.num_rows, done, progress)):
        found[key] = {name: getattr(read, name) for name in _TABLES}
        journal.put(key, found[key])
    whole = {name: pa.concat_tables([kept[name] for kept in (found[key] for key in keys)]) for name in _TABLES}
    return Extracted(
        whole["mentions"].sort_by(
            [("review_id", "ascending"), ("clause_start", "ascending"), ("mention_id", "ascending")]
        ),
        whole["readings"].sort_by("review_id"),
        whole["embeddings"].sort_by("mention_id"),
    )


def _read(
    parts: Mapping[str, pa.Table], config: ModelConfig, progress: Callable[[int], None]
) -> Iterator[tuple[str, Extracted]]:
    """Read parts, each with its key, as they are done; `progress` is called with how many reviews were read."""
    from voc.extract import extract
    from voc.extract.fast import resolve
    from voc.workers import processes, shared

    count = processes(resolve(config), len(parts))
    done = 0
    if count > 1:
        keys = list(parts)
        for place, read in shared(partial(extract, config=config), list(parts.values()), count):
            done += read.readings.num_rows
            progress(done)
            yield keys[place], read
        return
    for key, part in parts.items():
        yield key, extract(part, config=config, progress=_within(done, progress))
        done += part.num_rows
        progress(done)


def _within(before: int, progress: Callable[[int], None]) -> Callable[[str, int, int | None], None]:
    return lambda _, done, __: progress(before + done)


def _from(total: int, before: int, progress: Callable[[str, int, int | None], None] | None) -> Callable[[int], None]:
    def told(done: int) -> None:
        if progress:
            progress("Reading reviews", before + done, total)

    return told


def _key(part: pa.Table, version: str, config: ModelConfig) -> str:
    """Name a step after everything that its result depends on."""
    digest = hashlib.sha256(
        json.dumps([__version__, version, config.model_dump(mode="json", exclude={"workers"})]).encode()
    )
    for column in ("review_id", "text", "language"):
        digest.update(json.dumps(part.column(column).to_pylist()).encode())
    return digest.hexdigest()
