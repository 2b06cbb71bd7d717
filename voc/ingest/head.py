"""Reads the beginning of an export, so that one of any size can be looked at in a moment and in little memory."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, cast

from voc.errors import VocError
from voc.ingest.files import MAX_MEMBERS, RATIO_COUNTS_FROM, STEP, Budget, Limits, Payload, is_workbook, tables_in
from voc.ingest.guarded import is_small_parquet, read_guarded
from voc.ingest.load import load
from voc.ingest.parquet import read_parquet
from voc.ingest.raw import RawTable
from voc.ingest.records import NoRecordInPartError

__all__ = ["HEAD_BYTES", "HEAD_ROWS", "Head", "read_head"]

#: How much of a text is looked at, in bytes: some thousand reviews.
HEAD_BYTES = 512 * 1024
#: How much is looked at of what cannot be cut by bytes.
HEAD_ROWS = 3_000
_ENTRY = b"PK\x01\x02"


@dataclass(frozen=True)
class Head:
    """The first rows of the first table of a file; `whole` says that there are no others."""

    name: str
    raw: RawTable
    whole: bool


@dataclass(frozen=True)
class _Opened:
    name: str
    data: bytes
    whole: bool
    notes: list[str]


class _NotInPartError(Exception):
    """What lies here has no beginning that means something alone; all of it has to be opened."""


def read_head(path: Path, limits: Limits) -> Head:
    """Read the beginning of the first table in a file.

    A bomb is refused as when the file is read: sizes that an archive claims are checked, and of a gzip as much is
    unpacked, and thrown away, as it takes to know one.

    Raises:
        VocError: as where the whole file is read; what is wrong further down is not seen.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            budget = Budget(path.name, size, limits)
            budget.check(size)
            if file.peek(4)[:4] == b"PAR1":
                return _parquet(path)
            opened = _opened(path.name, file, budget)
        raw = load(Payload(opened.name, opened.data, opened.notes), cut=not opened.whole)
    except OSError as error:
        raise VocError(f"{path.name}: the file cannot be read ({error.strerror or error}).") from None
    except (_NotInPartError, NoRecordInPartError):
        return _unpacked(path, limits)
    return Head(opened.name, raw, opened.whole)


def _parquet(path: Path) -> Head:
    if is_small_parquet(path):
        raw = read_parquet(path.name, path, rows=HEAD_ROWS + 2)
    else:
        raw = read_guarded(path.name, path, rows=HEAD_ROWS + 2)
    return _first_rows(path.name, raw)


def _unpacked(path: Path, limits: Limits) -> Head:
    """Open the whole first table of a file and return its first rows."""
    from voc.ingest.files import open_payloads

    payload = next(iter(open_payloads(path, limits)))
    if isinstance(payload, VocError):
        raise payload
    return _first_rows(payload.name, load(payload, rows=HEAD_ROWS + 2))


def _first_rows(name: str, raw: RawTable) -> Head:
    if raw.table.num_rows <= HEAD_ROWS:
        return Head(name, raw, True)
    rows = raw.rows[:HEAD_ROWS]
    bad = [one for one in raw.bad if one.row < rows[-1]]
    return Head(name, replace(raw, table=raw.table.slice(0, HEAD_ROWS), rows=rows, bad=bad), False)


def _opened(name: str, stream: IO[bytes], budget: Budget, depth: int = 0) -> _Opened:
    """Return the beginning of what lies in the wrappers of a stream, which is one that can be peeked into."""
    start = stream.peek(4)[:4]  # type: ignore[attr-defined]
    if not start:
        raise VocError(f"{name}: the file is empty; export it again.")
    if start[:2] == b"\x1f\x8b":
        if depth > 1:
            raise VocError(f"{name}: archives are nested too deeply; unpack the file first.")
        try:
            return _opened(name, cast("IO[bytes]", gzip.GzipFile(fileobj=stream, mode="rb")), budget, depth + 1)
        except EOFError:
            raise VocError(f"{name}: the gzip file is cut short; download or export it again.") from None
        except (zlib.error, gzip.BadGzipFile) as error:
            raise VocError(f"{name}: the gzip file is damaged ({error}); download or export it again.") from None
    if start in (b"PK\x03\x04", b"PK\x05\x06"):
        if depth:
            raise _NotInPartError
        return _unzipped(name, stream, budget)
    if start in (b"PAR1", b"\xd0\xcf\x11\xe0"):
        raise _NotInPartError
    data, whole = _beginning(name, stream, budget)
    return _Opened(name, data, whole, [])


def _beginning(name: str, stream: IO[bytes], budget: Budget) -> tuple[bytes, bool]:
    """Return the first bytes of a stream, and whether they are all; a gzip is unpacked until a bomb would be known."""
    packed = isinstance(stream, gzip.GzipFile)
    wanted = RATIO_COUNTS_FROM + STEP if packed else HEAD_BYTES
    parts: list[bytes] = []
    total = 0
    try:
        while total <= wanted:
            part = stream.read1(STEP)  # type: ignore[attr-defined]
            if not part:
                break
            if total <= HEAD_BYTES:
                parts.append(part)
            total += len(part)
            budget.take(len(part), ratio_of=(total, stream.fileobj.tell()) if packed else None)  # type: ignore[attr-defined]
    except gzip.BadGzipFile:
        # What follows the last member is left out, as where the whole file is read.
        if not total:
            raise
    data = b"".join(parts)
    return data[:HEAD_BYTES], total <= HEAD_BYTES


def _unzipped(name: str, file: IO[bytes], budget: Budget) -> _Opened:
    # Counted before the directory is read: an object is made for each entry of it.
    if _entries(file) > MAX_MEMBERS:
        raise VocError(f"{name}: the zip holds more than {MAX_MEMBERS:,} files; unpack it first.")
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            budget.check(sum(info.file_size for info in infos))
            if is_workbook(infos):
                raise _NotInPartError
            tables, notes = tables_in(name, infos)
            inner = name if len(tables) == 1 else f"{name}/{tables[0].filename}"
            try:
                with archive.open(tables[0]) as member:
                    opened = _opened(inner, member, budget, 1)
            except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, NotImplementedError) as error:
                said = f"{name}: {tables[0].filename} in the zip is damaged ({error}); download it again."
                raise VocError(said) from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise VocError(f"{name}: the zip file is damaged or cut short ({error}); download it again.") from None
    return replace(opened, name=inner, notes=notes + opened.notes)


def _entries(file: IO[bytes]) -> int:
    """Return how many files the directory of a zip may list, at most."""
    found, last = 0, b""
    while part := file.read(STEP):
        found += (last + part).count(_ENTRY)
        last = part[-(len(_ENTRY) - 1) :]
    file.seek(0, io.SEEK_SET)
    return found
