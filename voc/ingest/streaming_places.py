"""Finds the files that a user named, on this machine or in an object store, and opens them as often as needed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast
from urllib.parse import unquote, urlsplit

from voc.errors import VocError
from voc.ingest.files import SUFFIXES, expand

__all__ = ["Place", "UnreachableError", "find_places"]

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?:::[A-Za-z][A-Za-z0-9+.-]*)*://")
#: Scheme -> the extra of voc that reads it, and what its keys are called in the environment.
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs"}
_KEYS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
}
#: What a store says that stands for the contents of a file, and, where it says no such thing, what changes with them.
_CONTENTS = ("ETag", "etag", "md5Hash")
_CHANGES = ("mtime", "LastModified", "updated", "created")


class UnreachableError(VocError):
    """A store cannot be reached, or refuses; what was to be read may be whole, so nothing is known of it."""


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
            paths = sorted(p for p in _matching(system, path) if system.isfile(p))
            if not paths:
                _see_bucket(system, path, address)
                raise VocError(f"{address}: no file matches this pattern; check the folder and the ending.")
        elif system.isdir(path):
            paths = sorted(p for p in system.find(path) if _is_export(p, path))
            if not paths:
                raise VocError(f"{address}: this folder holds no export (CSV, TSV, JSON, JSON Lines, Parquet, XLSX).")
        else:
            if not system.exists(path):
                _see_bucket(system, path, address)
            paths = [path]
        for one in paths:
            yield _place(system, one, address)


def _matching(system: Any, pattern: str) -> list[str]:
    try:
        return list(system.glob(pattern))
    except FileNotFoundError:  # as some say of a bucket that does not exist
        return []


def _see_bucket(system: Any, path: str, address: str) -> None:
    """Raise what is said of a bucket that does not exist; a pattern in it just matches nothing."""
    bucket = path.split("/")[0]
    if _extra(address) and not system.exists(bucket):
        raise VocError(f"{address}: there is no bucket {bucket}; check its name and the endpoint.")


def _extra(address: str) -> str | None:
    return _EXTRAS.get(address.split("://")[0].split("::")[-1])


def _system(address: str) -> tuple[Any, str]:
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(address)
    except ImportError as error:
        scheme = address.split("://")[0].split("::")[-1]
        extra = _extra(address)
        needed = f'pip install "voc[{extra}]"' if extra else f"it says: {error}"
        raise VocError(f"{address}: what reads {scheme}:// is not installed; {needed}.") from None
    # What an earlier call of this process has listed may have changed.
    system.invalidate_cache()
    return system, str(path)


def _place(system: Any, path: str, address: str) -> Place:
    info = system.info(path)
    size = info.get("size")
    changed = [str(info[key]) for key in _CONTENTS if info.get(key)]
    changed = changed or [str(info[key]) for key in _CHANGES if key in info]
    name = PurePosixPath(urlsplit(path).path if path.startswith("http") else path).name or path

    own = str(system.unstrip_protocol(path))

    def opened() -> IO[bytes]:
        with _plainly(own):
            return cast("IO[bytes]", _Told(system.open(path, "rb"), own))

    return Place(name, size, "|".join([own, str(size), *changed]), opened)


class _Told(io.RawIOBase):
    """A file of a store that says in a sentence what goes wrong while it is read."""

    def __init__(self, file: IO[bytes], address: str) -> None:
        self._file, self._address = file, address

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._file.seekable()

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        with _plainly(self._address):
            return self._file.seek(place, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        with _plainly(self._address):
            return self._file.read(size)

    def readinto(self, buffer: Any) -> int:
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._file.close()
        super().close()


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
        reason = " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
        if isinstance(error, PermissionError) or "credentials" in reason.lower():
            keys = _KEYS.get(_extra(address) or "")
            raise UnreachableError(
                f"{address}: access is refused ({reason}); check your keys{f' ({keys})' if keys else ''} and what they "
                "may read."
            ) from None
        raise UnreachableError(
            f"{address}: cannot be reached ({reason}); check the address, the network and the endpoint."
        ) from None


def _is_export(path: str, folder: str) -> bool:
    inside = PurePosixPath(path.removeprefix(folder).lstrip("/"))
    return inside.suffix.lower() in SUFFIXES and not any(part.startswith(".") for part in inside.parts)
