"""The files of a batch run: reviews that were cut, the mentions read in them, each whole or not there at all."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from voc.store.files import sync_directory, sync_file, temporary
from voc.tables import REVIEWS

if TYPE_CHECKING:
    from voc.config import ModelConfig

Progress = Callable[[str, int, int | None], None]

#: What reading a review needs of it; the rest is not kept in the work folder.
CUT_COLUMNS = ("review_id", "text", "language")
CUT = pa.schema([REVIEWS.field(name) for name in CUT_COLUMNS])
_META = b"voc"


class BrokenPartError(Exception):
    """A file of the work folder does not hold what was written into it; it can be made again."""

    def __init__(self, number: int, path: Path) -> None:
        super().__init__(f"{path} is broken")
        self.number = number


@dataclass(frozen=True)
class Part:
    """Reviews that are read together: the file `reviews` in the work folder, without its rows `dropped`.

    `digest` is the file's BLAKE2, `call` stands for all settings that decide what is read in it.
    """

    number: int
    digest: str
    dropped: tuple[int, ...]
    call: str

    @property
    def origin(self) -> str:
        """What the mentions of the part are made from; with the same origin they are the same."""
        return hashlib.blake2b(repr((self.digest, self.dropped, self.call)).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Scored:
    """The mentions of a part on disk: size and BLAKE2 of the file, rows, and how many reviews they were read in.

    `unread` counts the reviews that were not read, by language. `fault` is why nothing was written: "" for no
    fault, "reviews" where the cut file is broken, else a sentence. `adopted`: an earlier call had written them.
    """

    number: int
    size: int = 0
    digest: str = ""
    mentions: int = 0
    analysed: int = 0
    unread: dict[str, int] | None = None
    fault: str = ""
    adopted: bool = False


def reviews_file(folder: Path, number: int) -> Path:
    """Return the path of the reviews of part `number`."""
    return folder / f"reviews-{number:05}.parquet"


def mentions_file(folder: Path, number: int) -> Path:
    """Return the path of the mentions of part `number`."""
    return folder / f"mentions-{number:05}.parquet"


def rejects_file(folder: Path, number: int) -> Path:
    """Return the path of the rows that were rejected while part `number` was cut."""
    return folder / f"rejects-{number:05}.parquet"


def write_table(path: Path, table: pa.Table, meta: dict[str, Any] | None = None) -> tuple[int, str]:
    """Write a Parquet file whole or not at all, wait until it is on the disk, and return its size and digest."""
    content = _encoded(table, meta)
    write_whole(path, memoryview(content))
    return content.size, digest_of(content)


def _encoded(table: pa.Table, meta: dict[str, Any] | None) -> pa.Buffer:
    table = table.replace_schema_metadata({_META: json.dumps(meta, sort_keys=True)} if meta else None)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    return sink.getvalue()


def write_whole(path: Path, content: bytes | memoryview) -> None:
    """Write a file under another name, wait until it is on the disk, and give it its name."""
    draft = temporary(path.parent)
    try:
        draft.write_bytes(content)
        sync_file(draft)
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def digest_of(content: Any) -> str:
    """Return the BLAKE2 of bytes."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def is_whole(path: Path, size: int, digest: str) -> bool:
    """Return whether a file is there as it was written."""
    try:
        return path.stat().st_size == size and digest_of(path.read_bytes()) == digest
    except OSError:
        return False


def read_part(path: Path, number: int, digest: str) -> pa.Table:
    """Read a file of the work folder.

    Raises:
        BrokenPartError: it is not there, or is not what was written.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BrokenPartError(number, path) from error
    if digest_of(content) != digest:
        raise BrokenPartError(number, path)
    return pq.read_table(pa.BufferReader(content)).replace_schema_metadata(None)


def score_part(part: Part, folder: Path, config: ModelConfig, progress: Progress | None = None) -> Scored:
    """Read the reviews of a part and write their mentions; where an earlier call has done so, keep what it wrote.

    Reviews that are not what was cut are a fault of the part, as they can be cut again.

    Raises:
        VocError: the model cannot be loaded.
        OSError: the mentions cannot be written.
    """
    kept = _adopt(part, folder)
    if kept is not None:
        return kept
    from voc.extract import extract

    try:
        reviews = read_part(reviews_file(folder, part.number), part.number, part.digest)
    except BrokenPartError:
        return Scored(part.number, fault="reviews")
    if part.dropped:
        left = sorted(set(range(reviews.num_rows)).difference(part.dropped))
        reviews = reviews.take(pa.array(left, pa.int64()))
    read = extract(reviews, config=config, progress=progress)
    unread = read.readings.filter(pc.invert(read.readings["analysed"]))["review_id"]
    languages = reviews.filter(pc.is_in(reviews["review_id"], value_set=pa.array(unread, pa.string())))["language"]
    counts = {
        "mentions": read.mentions.num_rows,
        "analysed": reviews.num_rows - len(unread),
        "unread": dict(sorted(Counter(language or "unknown" for language in languages.to_pylist()).items())),
    }
    meta = {"origin": part.origin, **counts}
    size, digest = write_table(mentions_file(folder, part.number), read.mentions, meta)
    return Scored(part.number, size, digest, **counts)


def _adopt(part: Part, folder: Path) -> Scored | None:
    """Return what the ledger has lost: mentions that were made from just this, and are whole.

    Checksums stand for their pages; what is between these is whole if writing it again gives the same bytes.
    """
    try:
        content = mentions_file(folder, part.number).read_bytes()
        file = pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
        meta = json.loads(file.schema_arrow.metadata[_META])
        table = file.read()
        if meta["origin"] != part.origin or _encoded(table, meta) != pa.py_buffer(content):
            return None
        del meta["origin"]
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
        return None
    return Scored(part.number, len(content), digest_of(content), adopted=True, **meta)
