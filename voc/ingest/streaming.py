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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from voc import __version__
from voc.config import IngestConfig
from voc.errors import VocError
from voc.ingest.duplicates import Offer
from voc.ingest.evidence import Decisions, Evidence
from voc.ingest.files import Limits, expand, open_payloads
from voc.ingest.language import detect_languages
from voc.ingest.load import load
from voc.ingest.mapping import Chosen, choose_mapping, fold_field
from voc.ingest.normalise import Rows, normalise
from voc.ingest.products import Catalogue
from voc.ingest.raw import RawTable
from voc.ingest.reader import import_id_of, reject_lines, reviews_table
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


@dataclass
class StreamedFile:
    """A table of reviews that is read in batches.

    `fingerprint` stands for its bytes and all settings that decide what is read from them: with the same one the
    batches are the same. `problem` is the sentence that says why it cannot be read at all, else null; then it has one
    batch, with a reject without a row number. `bytes_total` and `bytes_read` are for a progress bar.
    """

    name: str
    fingerprint: str
    format: str
    encoding: str | None
    mapping: dict[str, str]
    notes: list[str]
    import_id: str
    problem: str | None = None
    bytes_total: int = 0
    bytes_read: int = 0
    _read: Callable[[int], Iterator[ReviewBatch]] = field(default=lambda start: iter(()), repr=False)
    _start: int = 0

    def batches(self, start: int | None = None) -> Iterator[ReviewBatch]:
        """Yield the batches from number `start` on, by default from the one that `skip` named, else from the first."""
        yield from self._read(self._start if start is None else start)


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
    """
    overrides = {fold_field(k): v for k, v in {**config.mapping, **(mapping or {})}.items()}
    reader = _Reader(config, overrides, batch_rows, skip or (lambda _: 0), now or dt.datetime.now(tz=dt.UTC))
    return reader.files(expand(sources))


@dataclass(frozen=True)
class _Reader:
    config: IngestConfig
    overrides: Mapping[str, str]
    batch_rows: int
    skip: Callable[[str], int]
    now: dt.datetime

    def files(self, paths: Sequence[Path]) -> Iterator[StreamedFile]:
        for path in paths:
            for payload in open_payloads(path, Limits.of(self.config)):
                if isinstance(payload, VocError):
                    yield _unreadable(path.name, payload)
                    continue
                try:
                    raw = load(payload)
                    file = self._file(payload.name, raw, hashlib.sha256(payload.data))
                except VocError as error:
                    yield _unreadable(payload.name, error)
                    continue
                file.bytes_total = len(payload.data)
                yield file

    def _file(self, name: str, raw: RawTable, content: Any) -> StreamedFile:
        chosen = choose_mapping(name, raw, self.overrides)
        evidence = Evidence(name, chosen, self.config, self.now)
        evidence.add(raw.table)
        decided = evidence.decide()
        import_id = import_id_of(content, chosen.columns)
        fingerprint = self._fingerprint(name, import_id)
        work = _Work(name, chosen, decided, self.config, self.now, import_id, self.batch_rows)
        return StreamedFile(
            name=name,
            fingerprint=fingerprint,
            format=f"{chosen.source.label}, {raw.kind}",
            encoding=raw.encoding,
            mapping=chosen.columns,
            notes=[*raw.notes, *chosen.notes, *decided.notes],
            import_id=import_id,
            _read=lambda start: work.batches(iter([raw]), start),
            _start=self.skip(fingerprint),
        )

    def _fingerprint(self, name: str, import_id: str) -> str:
        settings = [name, import_id, self.config.date_order, sorted(self.config.own_brands), self.batch_rows]
        settings += [sorted(self.overrides.items()), __version__]
        return hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:32]


def _unreadable(name: str, error: VocError) -> StreamedFile:
    said = str(error)
    import_id = hashlib.sha256(f"{name}\x1f{said}".encode()).hexdigest()[:20]
    line = {"import_id": import_id, "source": name, "row": None, "reason": said, "excerpt": None}
    batch = ReviewBatch(name, 0, empty("reviews"), [], [], from_rows("rejects", [line]), 0, {})
    return StreamedFile(
        name=name,
        fingerprint=import_id,
        format="unreadable",
        encoding=None,
        mapping={},
        notes=[said],
        import_id=import_id,
        problem=said,
        _read=lambda start: iter([batch][start:]),
    )


@dataclass(frozen=True)
class _Work:
    """How the pieces of a file become batches."""

    name: str
    chosen: Chosen
    decided: Decisions
    config: IngestConfig
    now: dt.datetime
    import_id: str
    batch_rows: int

    def batches(self, pieces: Iterator[RawTable], start: int) -> Iterator[ReviewBatch]:
        catalogue = Catalogue([], self.config.own_brands)
        for number, raw in enumerate(rebatched(pieces, self.batch_rows)):
            if number >= start:
                yield self._batch(number, raw, catalogue)

    def _batch(self, number: int, raw: RawTable, catalogue: Catalogue) -> ReviewBatch:
        rows = normalise(self.name, raw, self.chosen, self.config, self.now, self.decided)
        kept = [i for i, reason in enumerate(rows.reasons) if reason is None]
        return ReviewBatch(
            file=self.name,
            number=number,
            reviews=self._reviews(rows, kept, catalogue),
            offers=[rows.offer(i) for i in kept],
            copies=[len(rows.copies[i]) for i in kept],
            rejects=from_rows("rejects", reject_lines(rows, self.name, self.import_id)),
            rows_read=raw.rows_read,
            oddities=rows.oddities,
        )

    def _reviews(self, rows: Rows, kept: Sequence[int], catalogue: Catalogue) -> pa.Table:
        values = rows.values
        for i in kept:
            values["brand"][i] = catalogue.brand_of(values["product_id"][i], values["product"][i], values["brand"][i])
        table = reviews_table(rows, kept, self.chosen.source.name, self.import_id, self.now)
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
