"""Opens the wrappers of a file (gzip, zip) as streams, so that what lies in them is never in memory as a whole."""

from __future__ import annotations

import io
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any, cast

from voc.errors import VocError
from voc.ingest.files import MAX_MEMBERS, STEP, Budget, Limits, is_workbook, tables_in
from voc.ingest.streaming_places import Place, UnreachableError

__all__ = ["Content", "contents", "read_exactly"]

_ENTRY = b"PK\x01\x02"
_NO_LIMIT = 1 << 62


@dataclass(frozen=True)
class Content:
    """The bytes of one table: `open` gives them from the beginning, however often it is called.

    `stamp` stands for them where they lie in an object store. `seekable` says that they may be read in any order.
    """

    name: str
    open: Callable[[], IO[bytes]]
    limits: Limits
    packed: int | None
    stamp: str | None = None
    seekable: bool = False
    notes: list[str] = field(default_factory=list)

    def head(self, size: int) -> bytes:
        """Return the first bytes."""
        with self.open() as stream:
            return read_exactly(stream, size)

    def whole(self) -> bytes:
        """Return all bytes of a format that cannot be read piece by piece.

        Raises:
            VocError: they are more than the limit.
        """
        budget = Budget(self.name, self.packed or _NO_LIMIT, Limits(self.limits.unpacked, _NO_LIMIT))
        parts = []
        with self.open() as stream:
            while part := stream.read(STEP):
                budget.take(len(part))
                parts.append(part)
        return b"".join(parts)

    def seekable_file(self) -> IO[bytes]:
        """Return a file that can be read in any order: the file itself, or a copy that is deleted when it is closed."""
        if self.seekable:
            return self.open()
        return _copied(self.open())


def read_exactly(stream: IO[bytes], size: int) -> bytes:
    """Return `size` bytes, fewer only at the end or before damage, which the next call meets again.

    Where pieces are cut must not depend on what a network hands out at once.
    """
    parts: list[bytes] = []
    while size > 0:
        try:
            part = stream.read(min(size, STEP))
        except UnreachableError:
            raise
        except VocError:
            if not parts:
                raise
            break
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _copied(stream: IO[bytes]) -> IO[bytes]:
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - who asked for it closes it
    with stream:
        while part := stream.read(STEP):
            copy.write(part)
    copy.seek(0)
    return cast("IO[bytes]", copy)


def contents(place: Place, limits: Limits) -> Iterator[Content | VocError]:
    """Yield the tables inside one file: one, or several from a zip; one that cannot be opened as its error."""
    try:
        seekable = place.path is not None
        if not seekable:
            with place.open() as stream:
                seekable = bool(stream.seekable())
        content = Content(place.name, place.open, limits, place.size, place.stamp, seekable)
        yield from _unwrapped(content, 0)
    except UnreachableError:
        raise
    except VocError as error:
        yield error
    except OSError as error:
        yield VocError(f"{place.name}: the file cannot be read ({error.strerror or error}).")


def _unwrapped(content: Content, depth: int) -> Iterator[Content | VocError]:
    name = content.name
    start = content.head(4)
    if not start:
        raise VocError(f"{name}: the file is empty; export it again.")
    if start[:2] == b"\x1f\x8b":
        if depth > 1:
            raise VocError(f"{name}: archives are nested too deeply; unpack the file first.")
        inner = Content(name, lambda: _gunzipped(content), content.limits, content.packed, content.stamp)
        yield from _unwrapped(inner, depth + 1)
    elif start in (b"PK\x03\x04", b"PK\x05\x06"):
        yield from _unzipped(content, depth)
    else:
        yield content


def _gunzipped(content: Content) -> IO[bytes]:
    budget = Budget(content.name, content.packed or _NO_LIMIT, Limits(_NO_LIMIT, content.limits.ratio))
    return cast("IO[bytes]", _Gunzip(content.name, content.open(), budget))


class _Gunzip(io.RawIOBase):
    """The content of all members of a gzip stream; what follows the last one is left out."""

    def __init__(self, name: str, packed: IO[bytes], budget: Budget) -> None:
        self._name, self._packed, self._budget = name, packed, budget
        self._given = packed.read(STEP)
        self._stream: Any = zlib.decompressobj(wbits=31)
        self._place = self._total = 0

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._packed.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        while self._stream is not None:
            if self._stream.eof:
                self._next_member()
                continue
            self._given = self._given or self._packed.read(STEP)
            ended = not self._given
            try:
                part = self._stream.decompress(self._given, len(buffer))
            except zlib.error as error:
                said = f"{self._name}: the gzip file is damaged ({error}); download or export it again."
                raise VocError(said) from None
            left = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            self._place += len(self._given) - len(left)
            self._given = left
            self._total += len(part)
            # Against what went in so far: a bomb is known before much of it was read.
            self._budget.take(len(part), ratio_of=(self._total, self._place))
            if part:
                buffer[: len(part)] = part
                return len(part)
            if ended and not self._stream.eof:
                raise VocError(f"{self._name}: the gzip file is cut short; download or export it again.")
        return 0

    def _next_member(self) -> None:
        while True:
            self._given = self._given.lstrip(b"\0")
            if len(self._given) < 2:
                more = self._packed.read(STEP)
                if more:
                    self._given += more
                    continue
            break
        self._stream = zlib.decompressobj(wbits=31) if self._given[:2] == b"\x1f\x8b" else None


def _unzipped(content: Content, depth: int) -> Iterator[Content | VocError]:
    name = content.name
    file = content.seekable_file()
    with file:
        # Counted before the directory is read: an object is made for each entry of it.
        if _entries(file) > MAX_MEMBERS:
            raise VocError(f"{name}: the zip holds more than {MAX_MEMBERS:,} files; unpack it first.")
        try:
            archive = zipfile.ZipFile(file)
            infos = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
            raise VocError(f"{name}: the zip file is damaged or cut short ({error}); download it again.") from None
        yield from _members(content, archive, infos, depth)


def _members(
    content: Content, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], depth: int
) -> Iterator[Content | VocError]:
    name = content.name
    if is_workbook(infos):
        yield content
        return
    if depth:
        raise VocError(f"{name}: the zip holds another zip; unpack it first.")
    tables, notes = tables_in(name, infos)
    for info in tables:
        inner = name if len(tables) == 1 else f"{name}/{info.filename}"
        stamp = f"{content.stamp}|{info.filename}" if content.stamp else None
        member = Content(inner, _member(content, archive, info), content.limits, info.compress_size, stamp, notes=notes)
        try:
            for found in _unwrapped(member, depth + 1):
                yield found if isinstance(found, VocError) else _with_notes(found, inner, notes)
        except UnreachableError:
            raise
        except VocError as error:
            yield error


def _with_notes(content: Content, name: str, notes: list[str]) -> Content:
    return Content(name, content.open, content.limits, content.packed, content.stamp, content.seekable, notes)


def _member(content: Content, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    """Return what opens a member; the sizes in the directory are only claims, so what comes out is counted."""

    def opened() -> IO[bytes]:
        budget = Budget(content.name, content.packed or _NO_LIMIT, Limits(_NO_LIMIT, content.limits.ratio))
        return cast("IO[bytes]", _Member(content.name, archive, info, budget))

    return opened


class _Member(io.RawIOBase):
    def __init__(self, name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> None:
        self._name, self._info, self._budget = name, info, budget
        self._damage: VocError | None = None
        with _damaged_as_sentence(self._name, self._info.filename):
            self._member = archive.open(info)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._damage is not None:
            raise self._damage
        try:
            with _damaged_as_sentence(self._name, self._info.filename):
                part = self._member.read(len(buffer))
        except UnreachableError:
            raise
        except VocError as error:
            self._damage = error
            raise
        self._budget.take(len(part))
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        if not self.closed and hasattr(self, "_member"):
            self._member.close()
        super().close()


@contextmanager
def _damaged_as_sentence(name: str, member: str) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError) as error:
        raise VocError(f"{name}: {member} in the zip is damaged ({error}); download it again.") from None


def _entries(file: IO[bytes]) -> int:
    """Return how many files the directory of a zip may list, at most."""
    found, last = 0, b""
    while part := file.read(STEP):
        found += (last + part).count(_ENTRY)
        last = part[-(len(_ENTRY) - 1) :]
    file.seek(0)
    return found
