"""Stage "cut": exports are read batch by batch, duplicates are left out, and parts of some thousand reviews written."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa

from voc.ingest.duplicates import Deduplicator
from voc.ingest.streaming import ReviewBatch, StreamedFile
from voc.ingest.streaming_places import UnreachableError
from voc.scoring.ledger import ROWS, CutPart, FileState, Ledger, Piece
from voc.scoring.parts import CUT, CUT_COLUMNS, Progress, digest_of, rejects_file, reviews_file, write_table
from voc.scoring.seen import SeenOnDisk
from voc.tables import REJECTS

#: Rows of an export that are judged together; a part is closed once it has half as many reviews, so that it never has
#: more than one and a half times as many.
PART_ROWS = 2048
#: Or so many rejected rows, or batches of which nothing was taken.
_PART_REJECTS = 16_384
_PART_BATCHES = 64
_One = TypeVar("_One")
_RENAMED = "review ids that other products' reviews had too and that were made distinct"


class OtherExportsError(Exception):
    """The exports are not those that the interrupted call read; the message says which."""


@dataclass
class _Draft:
    """The part that is being cut."""

    number: int
    limit: int = PART_ROWS // 2
    reviews: list[pa.Table] = field(default_factory=list)
    rejects: list[pa.Table] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    rows: int = 0

    @property
    def full(self) -> bool:
        rejects = sum(table.num_rows for table in self.rejects)
        return self.rows >= self.limit or rejects >= _PART_REJECTS or len(self.pieces) >= _PART_BATCHES


def cut(
    files: Iterable[StreamedFile],
    count: int,
    ledger: Ledger,
    folder: Path,
    progress: Progress,
    part_rows: int = PART_ROWS,
) -> None:
    """Read exports into parts, going on where the ledger says that an earlier call stopped.

    The same exports give the same parts, however often this is interrupted.

    Args:
        files: the exports, opened one after the other.
        count: about how many there are.
        ledger: of this run.
        folder: where the parts are written.
        progress: called with rows read and about how many there are.
        part_rows: rows of a batch of `files`.

    Raises:
        OtherExportsError: the exports are not those that the ledger knows.
        UnreachableError: an export lies in a store that cannot be reached, or not any more.
        VocError: an export cannot be read.
        OSError: a part cannot be written.
    """
    recorded = ledger.files()
    judge = Deduplicator(memory=SeenOnDisk(ledger.database))
    limit = max(1, part_rows // 2)
    draft = _Draft(ledger.next_part(), limit)
    finished, rows = 0, sum(state.rows_read for state in recorded)
    ledger.begin()
    for number, file in enumerate(_told_how_to_go_on(files)):
        state = _state(number, file, recorded)
        if not state.finished:
            for batch in _told_how_to_go_on(file.batches(state.batches)):
                _take(batch, state, draft, judge, ledger)
                if draft.full:
                    _close(draft, ledger, folder)
                    draft = _Draft(draft.number + 1, limit)
                    ledger.begin()
                rows += batch.rows_read
                within = file.bytes_read / file.bytes_total if file.bytes_total else 0.0
                progress("Reading exports", rows, _expected(rows, (number + within) / max(count, number + 1)))
            state.finished = True
            state.notes = json.dumps(file.notes)
            ledger.put_file(state)
        finished = number + 1
    if finished < len(recorded):
        raise OtherExportsError(f"{recorded[finished].name} is not among its exports")
    if draft.pieces:
        _close(draft, ledger, folder)
    else:
        ledger.commit()
    progress("Reading exports", rows, rows)


def _told_how_to_go_on(found: Iterable[_One]) -> Iterator[_One]:
    """Yield what is read, and where a store cannot be reached any more say that what is cut is kept."""
    try:
        yield from found
    except UnreachableError as error:
        raise UnreachableError(
            f"{str(error).removesuffix('.')}, and give the same command with --resume: what was read is kept."
        ) from None


def _expected(rows: int, share: float) -> int | None:
    return max(rows, round(rows / share)) if share > 0.01 else None


def _state(number: int, file: StreamedFile, recorded: Sequence[FileState]) -> FileState:
    if number >= len(recorded):
        return FileState(
            number,
            file.name,
            file.fingerprint,
            file.format,
            file.encoding,
            json.dumps(file.mapping),
            "[]",
            file.problem,
        )
    state = recorded[number]
    if (state.name, state.fingerprint) == (file.name, file.fingerprint):
        return state
    if state.name == file.name:
        raise OtherExportsError(f"{file.name} has changed since")
    raise OtherExportsError(f"{file.name} stands where {state.name} was")


def _take(batch: ReviewBatch, state: FileState, draft: _Draft, judge: Deduplicator, ledger: Ledger) -> None:
    """Judge the reviews of a batch and add those that are taken to the part."""
    taken = np.zeros(len(batch.offers), dtype=bool)
    renamed: dict[int, str] = {}
    collisions = judge.collisions
    row = draft.rows
    for at, offer in enumerate(batch.offers):
        verdict = judge.offer(draft.number * ROWS + row, offer)
        if verdict.duplicate:
            continue
        taken[at] = True
        row += 1
        if verdict.review_id != offer.review_id:
            renamed[at] = verdict.review_id
        if verdict.replaces is not None:
            ledger.supersede(verdict.replaces)
    accepted = row - draft.rows
    piece = Piece(state.number, batch.number, draft.rows, accepted, np.packbits(taken).tobytes(), renamed)
    draft.pieces.append(piece)
    draft.reviews.append(_taken(batch, piece))
    draft.rejects.append(batch.rejects)
    draft.rows = row
    lines = Counter(batch.rejects["reason"].to_pylist())
    ledger.count_reasons(state.number, "reject", lines)
    oddities = {**batch.oddities}
    if judge.collisions > collisions:
        oddities[_RENAMED] = judge.collisions - collisions
    ledger.count_reasons(state.number, "oddity", oddities)
    state.batches = batch.number + 1
    state.rows_read += batch.rows_read
    state.accepted += accepted
    state.duplicates += sum(batch.copies) - accepted
    state.rejected += batch.rows_read - sum(batch.copies)
    ledger.put_file(state)


def _taken(batch: ReviewBatch, piece: Piece) -> pa.Table:
    """Return the rows of a batch that were taken, as a part keeps them."""
    bits = np.unpackbits(np.frombuffer(piece.taken, dtype=np.uint8), count=len(batch.offers)).astype(bool)
    table = batch.reviews.select(list(CUT_COLUMNS)).cast(CUT)
    if piece.renamed:
        ids = table["review_id"].to_pylist()
        for at, review_id in piece.renamed.items():
            ids[at] = review_id
        table = table.set_column(0, CUT.field(0), pa.array(ids, pa.string()))
    return table.filter(pa.array(bits))


def _close(draft: _Draft, ledger: Ledger, folder: Path) -> None:
    """Write a part, and tell the ledger once it is on the disk."""
    ledger.put_part(_write(draft, folder), draft.pieces)
    ledger.commit()


def _write(draft: _Draft, folder: Path) -> CutPart:
    reviews = pa.concat_tables(draft.reviews, promote_options="none").combine_chunks()
    _, digest = write_table(reviews_file(folder, draft.number), reviews)
    rejects = pa.concat_tables([REJECTS.empty_table(), *draft.rejects]).combine_chunks()
    found = write_table(rejects_file(folder, draft.number), rejects)[1] if rejects.num_rows else ""
    return CutPart(draft.number, reviews.num_rows, digest, rejects.num_rows, found)


def cut_again(files: Iterator[StreamedFile], broken: Iterable[int], ledger: Ledger, folder: Path) -> None:
    """Write parts anew whose files are broken, as the ledger says that they were cut.

    Raises:
        OtherExportsError: the exports are not those that the parts were cut from.
        sqlite3.DatabaseError: the ledger does not fit them.
    """
    drafts = {number: _Draft(number, pieces=ledger.pieces(number)) for number in broken}
    recorded = ledger.files()
    # Each export's batches that are wanted, with the part and the place in it that they are wanted for.
    wanted: dict[int, dict[int, tuple[int, Piece]]] = {}
    for number, draft in drafts.items():
        for piece in draft.pieces:
            wanted.setdefault(piece.file, {})[piece.batch] = (number, piece)
    for number, file in enumerate(files):
        batches = wanted.pop(number, None)
        if batches is None:
            continue
        _state(number, file, recorded)
        for batch in file.batches(min(batches)):
            if batch.number in batches:
                part, piece = batches[batch.number]
                drafts[part].reviews.append(_taken(batch, piece))
                drafts[part].rejects.append(batch.rejects)
            if batch.number >= max(batches):
                break
        if not wanted:
            break
    known = {part.number: part for part in ledger.cut_parts()}
    for number, draft in drafts.items():
        if len(draft.reviews) != len(draft.pieces) or _write(draft, folder) != known[number]:
            # The exports are the same, so it is the ledger that does not hold what was written into it.
            raise sqlite3.DatabaseError("the ledger does not fit the exports")


def broken_parts(ledger: Ledger, folder: Path, numbers: Iterable[int]) -> list[int]:
    """Return which of these parts' reviews or rejects are not on the disk as they were cut."""
    looked_at = set(numbers)
    return [
        part.number
        for part in ledger.cut_parts()
        if part.number in looked_at
        and not (
            _holds(reviews_file(folder, part.number), part.digest)
            and (not part.rejects or _holds(rejects_file(folder, part.number), part.rejects_digest))
        )
    ]


def _holds(path: Path, digest: str) -> bool:
    try:
        return digest_of(path.read_bytes()) == digest
    except OSError:
        return False
