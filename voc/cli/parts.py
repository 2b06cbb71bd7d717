"""The parts of `voc score`: one Parquet file of mentions per export, kept until all are joined."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voc import __version__
from voc.cli.progress import Progress
from voc.errors import VocError

if TYPE_CHECKING:
    from voc.config import Config

_META = b"voc"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Part:
    """The scored mentions of one export, on disk."""

    path: Path
    reviews: list[str]  # review ids that were read
    unread: int  # reviews that the model does not read


def _path(folder: Path, export: Path, config: Config, mapping: Mapping[str, str]) -> Path:
    """Name the part after everything that its content depends on."""
    digest = hashlib.sha256()
    try:
        with export.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise VocError(f"{export}: this file cannot be read ({error.strerror}); check the path.") from None
    settings = {
        "voc": __version__,
        "ingest": config.ingest.model_dump(mode="json"),
        "model": config.model.model_dump(mode="json"),
    }
    digest.update(json.dumps([settings, dict(mapping)], sort_keys=True).encode())
    return folder / f"{digest.hexdigest()[:32]}.parquet"


def read_part(folder: Path, export: Path, config: Config, mapping: Mapping[str, str]) -> Part | None:
    """Return the part that an earlier call finished for this export, if there is one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = _path(folder, export, config, mapping)
    if not path.exists():
        return None
    try:
        meta = json.loads(pq.read_schema(path).metadata[_META])
    except (pa.ArrowInvalid, KeyError, TypeError, ValueError):
        return None
    return Part(path, meta["reviews"], meta["unread"])


def score_file(folder: Path, export: Path, config: Config, mapping: Mapping[str, str], progress: Progress) -> Part:
    """Read one export, extract its mentions and store them as a part.

    Raises:
        VocError: the export cannot be read.
    """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from voc.extract import extract
    from voc.ingest import read_exports

    def show(stage: str, done: int, total: int | None) -> None:
        progress(f"{export.name}: {stage}", done, total)

    taken = read_exports([export], config=config.ingest, mapping=dict(mapping) or None, progress=show)
    read = extract(taken.reviews, config=config.model, progress=show)
    mentions, readings = read.mentions, read.readings
    analysed = readings.filter(pc.field("analysed"))["review_id"].to_pylist()
    part = Part(_path(folder, export, config, mapping), analysed, readings.num_rows - len(analysed))
    meta = json.dumps({"reviews": part.reviews, "unread": part.unread}).encode()
    unfinished = part.path.with_suffix(".writing")
    pq.write_table(mentions.replace_schema_metadata({_META: meta}), unfinished, compression="zstd")
    unfinished.replace(part.path)
    return part


def join_parts(parts: Sequence[Part], output: Path, seen: set[str]) -> tuple[int, int]:
    """Write all parts to `output` whole or not at all; a review that several exports hold is taken once.

    Returns:
        How many reviews and mentions it holds.

    Raises:
        VocError: the file cannot be written.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from voc.tables import MENTIONS

    unfinished = output.with_name(f".{output.name}.writing")
    written = 0
    try:
        with pq.ParquetWriter(unfinished, MENTIONS, compression="zstd") as writer:
            for part in parts:
                mentions = pq.read_table(part.path).replace_schema_metadata(None)
                again = seen.intersection(part.reviews)
                if again:
                    repeated = pc.is_in(mentions["review_id"], value_set=pa.array(sorted(again), pa.string()))
                    mentions = mentions.filter(pc.invert(repeated))
                seen.update(part.reviews)
                written += mentions.num_rows
                writer.write_table(mentions.cast(MENTIONS))
        unfinished.replace(output)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise VocError(f"{output}: this file cannot be written ({error}); choose another --output.") from None
    return len(seen), written
