"""Finds the files a user named and opens their wrappers (gzip, zip) with limits that keep bombs out."""

from __future__ import annotations

import glob
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from voc.errors import VocError

if TYPE_CHECKING:
    from voc.config import IngestConfig

__all__ = ["Budget", "Limits", "Payload", "expand", "is_workbook", "open_payloads", "tables_in"]

#: Endings that a folder is searched for; a file named outright may have any ending.
SUFFIXES = frozenset(
    f".{ending}"
    for ending in re.split(r"\W+", "csv tsv tab txt json jsonl ndjson parquet pq xlsx xlsm xls xlsb ods gz zip")
)
MAX_BYTES = 4 * 1024**3
#: A ratio is suspicious only in something large: a small file of equal rows compresses as well.
MAX_RATIO = 200
RATIO_COUNTS_FROM = 100 * 1000**2
#: Files in one archive; a directory of millions fills the memory before one of them is read.
MAX_MEMBERS = 10_000
STEP = 1 << 18


@dataclass(frozen=True)
class Limits:
    """How much one file may hold: bytes unpacked, and how many times its own size that may be."""

    unpacked: int
    ratio: int

    @classmethod
    def of(cls, config: IngestConfig) -> Limits:
        """Return the limits of a configuration."""
        return cls(config.max_unpacked_mb * 1024**2, config.max_ratio)


class Budget:
    """What may still be unpacked of one file, whatever archives lie in one another."""

    def __init__(self, name: str, packed: int, limits: Limits) -> None:
        self._name, self._packed, self._limits = name, packed, limits
        self._total = 0

    def take(self, count: int, ratio_of: tuple[int, int] | None = None) -> None:
        """Count bytes that came out; refuse the file when they are too many.

        Args:
            count: how many.
            ratio_of: bytes that came out of one stream so far, and those that went in.
        """
        self._total += count
        self.check(self._total)
        if ratio_of is not None and ratio_of[0] > max(RATIO_COUNTS_FROM, self._limits.ratio * ratio_of[1]):
            raise self._too_steep()

    def check(self, unpacked: int) -> None:
        """Refuse the file if it says of itself that it unpacks to so much."""
        limits = self._limits
        if unpacked > limits.unpacked:
            raise VocError(
                f"{self._name}: unpacked, the file is larger than {limits.unpacked / 1024**3:.3g} GiB; split it and "
                "pass the parts, or raise max_unpacked_mb under [ingest] in voc.toml."
            )
        if unpacked > RATIO_COUNTS_FROM and unpacked > limits.ratio * self._packed:
            raise self._too_steep()

    def _too_steep(self) -> VocError:
        return VocError(
            f"{self._name}: the archive unpacks to more than {self._limits.ratio} times its size, which no export "
            "does; unpack it yourself if you trust it, or raise max_ratio under [ingest] in voc.toml."
        )


@dataclass(frozen=True)
class Payload:
    """One table to read: `name` as shown to the user, the unwrapped bytes, and what was noticed on the way."""

    name: str
    data: bytes
    notes: list[str] = field(default_factory=list)


def expand(paths: Sequence[Path | str]) -> list[Path]:
    """Return the files that `paths` (files, folders, patterns such as ``exports/*.csv``) stand for, in a stable order.

    Raises:
        VocError: a path does not exist, or a folder or pattern holds no export.
    """
    if not paths:
        raise VocError("No export was named; give at least one file, folder or pattern.")
    found: list[Path] = []
    for given in paths:
        path = Path(given)
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and _visible(p, path))
            if not inside:
                raise VocError(f"{path}: this folder holds no export (CSV, TSV, JSON, JSON Lines, Parquet, XLSX).")
            found.extend(inside)
        elif path.exists():
            found.append(path)
        elif glob.has_magic(str(given)):
            matches = sorted(Path(match) for match in glob.glob(str(given), recursive=True))
            matches = [match for match in matches if match.is_file()]
            if not matches:
                raise VocError(f"{given}: no file matches this pattern; check the folder and the ending.")
            found.extend(matches)
        else:
            raise VocError(f"{path}: there is no such file; check the path.")
    return list(dict.fromkeys(found))


def _visible(path: Path, root: Path) -> bool:
    return path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)


def open_payloads(path: Path, limits: Limits | None = None) -> Iterator[Payload | VocError]:
    """Yield the tables inside one file: one, or several from a zip; a member that cannot be opened as its error."""
    limits = limits or Limits(MAX_BYTES, MAX_RATIO)
    try:
        size = path.stat().st_size
        Budget(path.name, size, limits).check(size)
        data = path.read_bytes()
    except OSError as error:
        yield VocError(f"{path.name}: the file cannot be read ({error.strerror or error}).")
        return
    except VocError as error:
        yield error
        return
    try:
        yield from _unwrap(path.name, data, Budget(path.name, len(data), limits))
    except VocError as error:
        yield error


def _unwrap(name: str, data: bytes, budget: Budget, depth: int = 0) -> Iterator[Payload | VocError]:
    if not data:
        raise VocError(f"{name}: the file is empty; export it again.")
    if data[:2] == b"\x1f\x8b":
        if depth > 1:
            raise VocError(f"{name}: archives are nested too deeply; unpack the file first.")
        inner = name[:-3] if name.lower().endswith(".gz") else name
        for payload in _unwrap(inner, _gunzip(name, data, budget), budget, depth + 1):
            yield Payload(name, payload.data, payload.notes) if isinstance(payload, Payload) else payload
    elif data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        yield from _unzip(name, data, budget, depth)
    else:
        yield Payload(name, data)


def _gunzip(name: str, data: bytes, budget: Budget) -> bytes:
    """Return the content of all gzip members; zlib is driven by hand because limits must hold while it runs."""
    parts: list[bytes] = []
    place = 0
    total = 0
    while data[place : place + 2] == b"\x1f\x8b":
        stream = zlib.decompressobj(wbits=31)
        try:
            while not stream.eof:
                given = data[place : place + STEP]
                if not given:
                    raise VocError(f"{name}: the gzip file is cut short; download or export it again.")
                while not stream.eof and (given or stream.unconsumed_tail):
                    part = stream.decompress(given or stream.unconsumed_tail, STEP)
                    place += len(given) if given else 0
                    given = b""
                    total += len(part)
                    # Against what went in so far: a bomb is known before most of it is in the memory.
                    budget.take(len(part), ratio_of=(total, place))
                    parts.append(part)
        except zlib.error as error:
            raise VocError(f"{name}: the gzip file is damaged ({error}); download or export it again.") from None
        place -= len(stream.unused_data)
        while data[place : place + 1] == b"\0":
            place += 1
    return b"".join(parts)


def _unzip(name: str, data: bytes, budget: Budget, depth: int) -> Iterator[Payload | VocError]:
    # Counted before the directory is read: an object is made for each entry of it.
    if data.count(b"PK\x01\x02") > MAX_MEMBERS:
        raise VocError(f"{name}: the zip holds more than {MAX_MEMBERS:,} files; unpack it first.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise VocError(f"{name}: the zip file is damaged or cut short ({error}); download it again.") from None
    budget.check(sum(info.file_size for info in infos))
    if is_workbook(infos):
        # A workbook is itself a zip. What unpacks it believes its directory, so everything is counted here first.
        for info in infos:
            if not info.flag_bits & 1:
                for part in _read_member(name, archive, info):
                    budget.take(len(part))
        yield Payload(name, data)
        return
    if depth:
        raise VocError(f"{name}: the zip holds another zip; unpack it first.")
    tables, notes = tables_in(name, infos)
    for info in tables:
        inner = name if len(tables) == 1 else f"{name}/{info.filename}"
        try:
            parts = []
            for part in _read_member(name, archive, info):
                budget.take(len(part))
                parts.append(part)
            for payload in _unwrap(inner, b"".join(parts), budget, depth + 1):
                yield Payload(inner, payload.data, notes + payload.notes) if isinstance(payload, Payload) else payload
        except VocError as error:
            yield error


def is_workbook(infos: Sequence[zipfile.ZipInfo]) -> bool:
    """Return whether the members of a zip are the parts of a workbook."""
    return any(info.filename in ("[Content_Types].xml", "mimetype") for info in infos)


def tables_in(name: str, infos: Sequence[zipfile.ZipInfo]) -> tuple[list[zipfile.ZipInfo], list[str]]:
    """Return the members of a zip that may be exports, and what is to be said of the others.

    Raises:
        VocError: there is none, or they are protected by a password.
    """
    members = [info for info in infos if not info.is_dir() and _is_member(info.filename)]
    tables = [info for info in members if PurePosixPath(info.filename).suffix.lower() in SUFFIXES]
    if not tables:
        raise VocError(f"{name}: the zip holds no export (CSV, TSV, JSON, JSON Lines, Parquet, XLSX).")
    if any(info.flag_bits & 1 for info in tables):
        raise VocError(f"{name}: the zip is protected by a password; unpack it first.")
    skipped = [info.filename for info in members if info not in tables]
    return tables, [f"left out of the zip, not an export: {', '.join(skipped[:5])}"] if skipped else []


def _read_member(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield what comes out of a member piece by piece; the sizes in the directory are only claims."""
    try:
        with archive.open(info) as member:
            while part := member.read(STEP):
                yield part
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError) as error:
        raise VocError(f"{name}: {info.filename} in the zip is damaged ({error}); download it again.") from None


def _is_member(filename: str) -> bool:
    parts = PurePosixPath(filename).parts
    return bool(parts) and "__MACOSX" not in parts and not parts[-1].startswith(".")
