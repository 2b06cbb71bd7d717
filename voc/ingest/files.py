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

from voc.errors import VocError

__all__ = ["Payload", "expand", "open_payloads"]

#: Endings that a folder is searched for; a file named outright may have any ending.
SUFFIXES = frozenset(
    f".{ending}"
    for ending in re.split(r"\W+", "csv tsv tab txt json jsonl ndjson parquet pq xlsx xlsm xls xlsb ods gz zip")
)
MAX_BYTES = 4 * 1024**3
#: A ratio is suspicious only in something large: a small file of equal rows compresses as well.
MAX_RATIO = 200
RATIO_COUNTS_FROM = 100 * 1000**2
_STEP = 1 << 20


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


def open_payloads(path: Path) -> Iterator[Payload | VocError]:
    """Yield the tables inside one file: one, or several from a zip; a member that cannot be opened as its error."""
    try:
        if path.stat().st_size > MAX_BYTES:
            yield VocError(f"{path.name}: the file is larger than 4 GiB; split it and pass the parts.")
            return
        data = path.read_bytes()
    except OSError as error:
        yield VocError(f"{path.name}: the file cannot be read ({error.strerror or error}).")
        return
    try:
        yield from _unwrap(path.name, data)
    except VocError as error:
        yield error


def _unwrap(name: str, data: bytes, depth: int = 0) -> Iterator[Payload | VocError]:
    if not data:
        raise VocError(f"{name}: the file is empty; export it again.")
    if data[:2] == b"\x1f\x8b":
        if depth > 1:
            raise VocError(f"{name}: archives are nested too deeply; unpack the file first.")
        inner = name[:-3] if name.lower().endswith(".gz") else name
        for payload in _unwrap(inner, _gunzip(name, data), depth + 1):
            yield Payload(name, payload.data, payload.notes) if isinstance(payload, Payload) else payload
    elif data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        yield from _unzip(name, data, depth)
    else:
        yield Payload(name, data)


def _gunzip(name: str, data: bytes) -> bytes:
    """Return the content of all gzip members; zlib is driven by hand because limits must hold while it runs."""
    parts: list[bytes] = []
    total = 0
    rest = data
    while rest[:2] == b"\x1f\x8b":
        stream = zlib.decompressobj(wbits=31)
        try:
            while not stream.eof:
                part = stream.decompress(rest, _STEP)
                rest = stream.unconsumed_tail
                total += len(part)
                _check_size(name, total, len(data))
                parts.append(part)
                if not part and not rest and not stream.eof:
                    raise VocError(f"{name}: the gzip file is cut short; download or export it again.")
        except zlib.error as error:
            raise VocError(f"{name}: the gzip file is damaged ({error}); download or export it again.") from None
        rest = stream.unused_data.lstrip(b"\x00")
    return b"".join(parts)


def _unzip(name: str, data: bytes, depth: int) -> Iterator[Payload | VocError]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise VocError(f"{name}: the zip file is damaged or cut short ({error}); download it again.") from None
    _check_size(name, sum(info.file_size for info in infos), len(data))
    if any(info.filename in ("[Content_Types].xml", "mimetype") for info in infos):
        yield Payload(name, data)  # a workbook is itself a zip
        return
    if depth:
        raise VocError(f"{name}: the zip holds another zip; unpack it first.")
    members = [info for info in infos if not info.is_dir() and _is_member(info.filename)]
    tables = [info for info in members if PurePosixPath(info.filename).suffix.lower() in SUFFIXES]
    if not tables:
        raise VocError(f"{name}: the zip holds no export (CSV, TSV, JSON, JSON Lines, Parquet, XLSX).")
    if any(info.flag_bits & 1 for info in tables):
        raise VocError(f"{name}: the zip is protected by a password; unpack it first.")
    skipped = [info.filename for info in members if info not in tables]
    notes = [f"left out of the zip, not an export: {', '.join(skipped[:5])}"] if skipped else []
    total = 0
    for info in tables:
        inner = name if len(tables) == 1 else f"{name}/{info.filename}"
        try:
            content = _read_member(name, archive, info, MAX_BYTES - total)
            total += len(content)
            for payload in _unwrap(inner, content, depth + 1):
                yield Payload(inner, payload.data, notes + payload.notes) if isinstance(payload, Payload) else payload
        except VocError as error:
            yield error


def _read_member(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, allowed: int) -> bytes:
    parts = []
    total = 0
    try:
        with archive.open(info) as member:
            while part := member.read(_STEP):
                total += len(part)
                # The sizes in the directory are only claims; what comes out is counted.
                _check_size(name, total + MAX_BYTES - allowed, 0)
                parts.append(part)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError) as error:
        raise VocError(f"{name}: {info.filename} in the zip is damaged ({error}); download it again.") from None
    return b"".join(parts)


def _is_member(filename: str) -> bool:
    parts = PurePosixPath(filename).parts
    return bool(parts) and "__MACOSX" not in parts and not parts[-1].startswith(".")


def _check_size(name: str, unpacked: int, packed: int) -> None:
    if unpacked > MAX_BYTES:
        raise VocError(f"{name}: unpacked, the archive is larger than 4 GiB; split it and pass the parts.")
    if packed and unpacked > RATIO_COUNTS_FROM and unpacked > MAX_RATIO * packed:
        raise VocError(
            f"{name}: the archive unpacks to more than {MAX_RATIO} times its size, which no export does; "
            "unpack it yourself if you trust it."
        )
