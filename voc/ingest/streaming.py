"""Reads exports of any size as a stream of batches of reviews, in memory that does not grow with them.

Each file is gone through twice. The first time tells what only the whole file can tell: encoding, quoting, headers,
scale of the ratings, order of the dates, kind of the ids. The second time its rows are cleaned batch by batch, by the
same functions as `read_exports` uses, so that the reviews are the same.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from voc import __version__
from voc.config import IngestConfig
from voc.errors import VocError
from voc.ingest.duplicates import Offer
from voc.ingest.files import Limits
from voc.ingest.language import detect_languages
from voc.ingest.mapping import fold_field
from voc.ingest.normalise import Rows, normalise
from voc.ingest.products import Catalogue
from voc.ingest.raw import RawTable
from voc.ingest.reader import failure_id, import_id_of, reject_lines, reviews_table
from voc.ingest.streaming_bytes import contents
from voc.ingest.streaming_places import Place, UnreachableError, find_places
from voc.ingest.streaming_survey import Survey, survey
from voc.tables import empty, from_rows, with_column

__all__ = ["BATCH_ROWS", "ReviewBatch", "StreamedFile", "stream_exports"]

#: Rows of a file that are cleaned together, and thus the longest that a batch can be.
BATCH_ROWS = 4096
#: A batch ends before it when its raw texts take this much.
_BATCH_BYTES = 64 * 1024**2


class ReviewBatch(NamedTuple):
    """Some consecutive rows of a file: the reviews in them, and what became of the others.

    `rows_read == sum(copies) + rejects.num_rows`, where a reject has a row number. `offers` are for the judging of
    duplicates, one for each row of `reviews`. `oddities` say how many rows were odd, and in what way.
    """

    file: str
    number: int
    reviews: pa.Table
    offers: list[Offer]
    copies: list[int]
    rejects: pa.Table
    rows_read: int
    oddities: dict[str, int]


class StreamedFile:
    """A table of reviews that is read in batches.

    `name` is the file as the reports show it, `format` what it was taken for, `mapping` column of `reviews` -> header,
    `notes` what was noticed of the whole file. `fingerprint` stands for its bytes and all settings that decide what is
    read from them: with the same one (and the same `now`) the batches are the same. `problem` is the sentence that says
    why nothing of it can be read, else null; then it has one batch, with a reject without a row number. Such a reject
    ends also a file of which a part could not be read.
    """

    def __init__(self, name: str, work: _Work | None, problem: VocError | None, start: Callable[[str], int]) -> None:
        self.name, self._work = name, work
        self.problem = str(problem) if problem is not None else None
        if work is None:
            self.format, self.encoding, self.mapping = "unreadable", None, dict[str, str]()
            self.import_id = failure_id(name, str(problem))
            self.fingerprint = self.import_id
            self.notes = [str(problem)]
            self.bytes_total = 0
            self._start = 0
            return
        read = work.survey
        self.format = f"{read.chosen.source.label}, {read.source.kind}"
        self.encoding = read.source.encoding
        self.mapping = read.chosen.columns
        self.notes = [*read.source.notes, *read.chosen.notes, *read.decided.notes]
        self.import_id = work.import_id
        self.fingerprint = work.fingerprint
        self.bytes_total = read.size
        self._start = start(self.fingerprint)

    @property
    def bytes_read(self) -> int:
        """How many of `bytes_total` were read for the batches so far."""
        return self._work.survey.read() if self._work is not None else 0

    def batches(self, start: int | None = None) -> Iterator[ReviewBatch]:
        """Yield the batches from number `start` on, by default from the one that `skip` named, else from the first."""
        start = self._start if start is None else start
        if self._work is not None:
            yield from self._work.batches(start)
        elif start == 0:
            yield _failed(self.name, self.import_id, self.problem or "", 0)


def stream_exports(
    sources: Sequence[str | Path],
    *,
    config: IngestConfig,
    mapping: Mapping[str, str] | None = None,
    batch_rows: int = BATCH_ROWS,
    skip: Callable[[str], int] | None = None,
    now: dt.datetime | None = None,
) -> Iterator[StreamedFile]:
    """Open exports one after the other; the batches of each are read before the next is opened.

    Args:
        sources: files, folders, patterns and addresses such as ``s3://bucket/reviews/*.parquet``.
        config: date order, mapping, own brands and limits.
        mapping: column of `reviews` -> header; goes before `config.mapping`.
        batch_rows: rows of a file that make a batch.
        skip: called with a fingerprint; returns how many batches of the file are not wanted, from its beginning.
        now: the present, by which dates in the future are known; part of every review as `ingested_at`.

    Raises:
        VocError: a source does not exist, or the mapping names a column that there is not.
        UnreachableError: a store cannot be reached, or not any more.
    """
    overrides = {fold_field(k): v for k, v in {**config.mapping, **(mapping or {})}.items()}
    settings = _Settings(config, overrides, batch_rows, now or dt.datetime.now(tz=dt.UTC))
    return _files(find_places(sources), settings, skip or (lambda _: 0))


@dataclass(frozen=True)
class _Settings:
    config: IngestConfig
    overrides: Mapping[str, str]
    batch_rows: int
    now: dt.datetime


def _files(places: Sequence[Place], settings: _Settings, skip: Callable[[str], int]) -> Iterator[StreamedFile]:
    for place in places:
        for content in contents(place, Limits.of(settings.config)):
            if isinstance(content, VocError):
                yield StreamedFile(place.name, None, content, skip)
                continue
            try:
                read = survey(content, settings.overrides, settings.config, settings.now)
            except UnreachableError:
                raise
            except VocError as error:
                yield StreamedFile(content.name, None, error, skip)
                continue
            yield StreamedFile(content.name, _Work(content.name, read, settings), None, skip)


def _failed(name: str, import_id: str, reason: str, number: int) -> ReviewBatch:
    line = {"import_id": import_id, "source": name, "row": None, "reason": reason, "excerpt": None}
    return ReviewBatch(name, number, empty("reviews"), [], [], from_rows("rejects", [line]), 0, {})


class _Work:
    """How the pieces of a file become batches."""

    def __init__(self, name: str, read: Survey, settings: _Settings) -> None:
        self.name, self.survey, self._settings = name, read, settings
        self.import_id = import_id_of(read.digest, read.chosen.columns)
        config = settings.config
        decisive = [name, self.import_id, config.date_order, sorted(config.own_brands), settings.batch_rows]
        decisive += [sorted(settings.overrides.items()), __version__]
        self.fingerprint = hashlib.sha256(json.dumps(decisive).encode()).hexdigest()[:32]
        self._catalogue = Catalogue([], config.own_brands)

    def batches(self, start: int) -> Iterator[ReviewBatch]:
        """Yield the batches from number `start` on."""
        number = -1
        for number, raw in enumerate(rebatched(self.survey.source.pieces(), self._settings.batch_rows)):
            if number >= start:
                yield self._batch(number, raw)
        damage = self.survey.source.damage
        if damage is not None and number + 1 >= start:
            yield _failed(self.name, self.import_id, f"{damage} What comes before was read.", number + 1)

    def _batch(self, number: int, raw: RawTable) -> ReviewBatch:
        read, now = self.survey, self._settings.now
        rows = normalise(self.name, raw, read.chosen, self._settings.config, now, read.decided)
        kept = [i for i, reason in enumerate(rows.reasons) if reason is None]
        return ReviewBatch(
            file=self.name,
            number=number,
            reviews=self._reviews(rows, kept),
            offers=[rows.offer(i) for i in kept],
            copies=[len(rows.copies[i]) for i in kept],
            rejects=from_rows("rejects", reject_lines(rows, self.name, self.import_id)),
            rows_read=raw.rows_read,
            oddities=rows.oddities,
        )

    def _reviews(self, rows: Rows, kept: Sequence[int]) -> pa.Table:
        values = rows.values
        brand_of = self._catalogue.brand_of
        for i in kept:
            values["brand"][i] = brand_of(values["product_id"][i], values["product"][i], values["brand"][i])
        table = reviews_table(rows, kept, self.survey.chosen.source.name, self.import_id, self._settings.now)
        found = detect_languages([values["text"][i] for i in kept])
        languages = [values["language"][i] or code for i, code in zip(kept, found, strict=True)]
        return with_column("reviews", table, "language", languages)


def rebatched(pieces: Iterator[RawTable], batch_rows: int) -> Iterator[RawTable]:
    """Yield the rows of consecutive pieces in batches of `batch_rows`, fewer where their texts are very long."""
    held: RawTable | None = None
    for piece in pieces:
        held = piece if held is None else _joined(held, piece)
        while held is not None and held.rows_read >= batch_rows:
            batch, held = _cut(held, batch_rows)
            yield batch
        if held is not None and held.table.nbytes > _BATCH_BYTES:
            yield held
            held = None
    if held is not None and held.rows_read:
        yield held


def _joined(one: RawTable, other: RawTable) -> RawTable:
    return RawTable(
        one.kind,
        pa.concat_tables([one.table, other.table]),
        np.concatenate([one.rows, other.rows]),
        one.bad + other.bad,
        one.encoding,
        one.notes,
    )


def _cut(raw: RawTable, batch_rows: int) -> tuple[RawTable, RawTable | None]:
    """Return the first rows of a piece and what is left of it."""
    if raw.rows_read == batch_rows:
        return raw, None
    end = min(*raw.rows[:1].tolist(), *(bad.row for bad in raw.bad[:1]), sys.maxsize) + batch_rows
    at = int(np.searchsorted(raw.rows, end))
    before = [bad for bad in raw.bad if bad.row < end]
    after = raw.bad[len(before) :]
    batch = RawTable(raw.kind, raw.table.slice(0, at), raw.rows[:at], before, raw.encoding, raw.notes)
    return batch, RawTable(raw.kind, raw.table.slice(at), raw.rows[at:], after, raw.encoding, raw.notes)
