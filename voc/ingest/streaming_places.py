"""Finds the files that a user named, on this machine or in an object store, and opens them as often as needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from voc.errors import VocError
from voc.ingest.files import SUFFIXES, expand

__all__ = ["Place", "find_places"]

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?:::[A-Za-z][A-Za-z0-9+.-]*)*://")
#: Scheme -> the extra of voc that reads it.
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs"}


@dataclass(frozen=True)
class Place:
    """A file somewhere: `name` as the reports show it, its size where it is known, and how it is opened.

    `stamp` changes when the file does (etag, size, time of change); null for a file on this machine.
    """

    name: str
    size: int | None
    stamp: str | None
    open: Callable[[], IO[bytes]]
    path: Path | None = None


def find_places(sources: Sequence[str | Path]) -> list[Place]:
    """Return the files that paths, folders, patterns and addresses stand for, each once and in a stable order.

    Raises:
        VocError: a source does not exist or cannot be reached, a folder or pattern holds no export, or what reads such
            an address is not installed.
    """
    if not sources:
        return [_local(path) for path in expand([])]
    found: dict[str, Place] = {}
    for source in sources:
        for place in _remote(str(source)) if _ADDRESS.match(str(source)) else map(_local, expand([source])):
            found.setdefault(str(place.path or place.stamp), place)
    return list(found.values())


def _local(path: Path) -> Place:
    return Place(path.name, path.stat().st_size if path.exists() else None, None, lambda: path.open("rb"), path)


def _remote(address: str) -> Iterator[Place]:
    if address.startswith("file://"):
        yield from map(_local, expand([unquote(urlsplit(address).path)]))
        return
    with _plainly(address):
        system, path = _system(address)
        if address.startswith(("http://", "https://")):
            paths = [path]
        elif any(mark in path for mark in "*?["):
            paths = sorted(p for p in system.glob(path) if system.isfile(p))
            if not paths:
                raise VocError(f"{address}: no file matches this pattern; check the folder and the ending.")
        elif system.isdir(path):
            paths = sorted(p for p in system.find(path) if _is_export(p, path))
            if not paths:
                raise VocError(f"{address}: this folder holds no export (CSV, TSV, JSON, JSON Lines, Parquet, XLSX).")
        else:
            paths = [path]
        for one in paths:
            yield _place(system, one, address)


def _system(address: str) -> tuple[Any, str]:
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(address)
    except ImportError as error:
        scheme = address.split("://")[0].split("::")[-1]
        extra = _EXTRAS.get(scheme)
        needed = f'pip install "voc[{extra}]"' if extra else f"it says: {error}"
        raise VocError(f"{address}: what reads {scheme}:// is not installed; {needed}.") from None
    return system, str(path)


def _place(system: Any, path: str, address: str) -> Place:
    info = system.info(path)
    size = info.get("size")
    changed = [
        str(info[key])
        for key in ("ETag", "etag", "md5Hash", "mtime", "LastModified", "updated", "created")
        if key in info
    ]
    name = PurePosixPath(urlsplit(path).path if path.startswith("http") else path).name or path

    def opened() -> IO[bytes]:
        with _plainly(address):
            file: IO[bytes] = system.open(path, "rb")
            return file

    return Place(name, size, "|".join([str(system.unstrip_protocol(path)), str(size), *changed]), opened)


@contextmanager
def _plainly(address: str) -> Iterator[None]:
    """Say in a sentence what a file system of any maker complains about."""
    try:
        yield
    except VocError:
        raise
    except FileNotFoundError:
        raise VocError(f"{address}: there is no such file; check the address.") from None
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise VocError(
            f"{address}: cannot be reached ({reason}); check the address, the network and your keys."
        ) from None


def _is_export(path: str, folder: str) -> bool:
    inside = PurePosixPath(path.removeprefix(folder).lstrip("/"))
    return inside.suffix.lower() in SUFFIXES and not any(part.startswith(".") for part in inside.parts)
