"""Goes through a file once, in memory that does not grow, to find out how it has to be read."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import pyarrow as pa

from voc.config import IngestConfig
from voc.errors import VocError
from voc.ingest.evidence import Decisions, Evidence
from voc.ingest.files import STEP, Payload
from voc.ingest.load import check_is_text, load, starts_as_json
from voc.ingest.mapping import SAMPLE_ROWS, Chosen, choose_mapping
from voc.ingest.raw import RawTable, unique_headers
from voc.ingest.streaming_bytes import Content
from voc.ingest.streaming_delimited import Delimited
from voc.ingest.streaming_json import Json
from voc.ingest.streaming_parquet import Parquet
from voc.ingest.streaming_text import Text

__all__ = ["Source", "Survey", "survey"]

#: Times that a file is gone through until it is understood: encoding, form, quoting and header may each prove wrong.
_TRIES = 10


class Source(Protocol):
    """A table that is gone through several times, piece by piece.

    `settled` says after a pass whether the file was understood rightly in it; `damage` why it ended before the end.
    """

    @property
    def kind(self) -> str:
        """What the form of the file is called."""
        ...

    @property
    def encoding(self) -> str | None:
        """How its text is encoded, null where it is no text."""
        ...

    @property
    def settled(self) -> bool:
        """Whether the file was understood rightly in the last pass."""
        ...

    @property
    def headers(self) -> list[str]:
        """The headers of the table."""
        ...

    @property
    def notes(self) -> list[str]:
        """What was noticed."""
        ...

    @property
    def damage(self) -> VocError | None:
        """Why the table ends before its end."""
        ...

    def pieces(self) -> Iterator[RawTable]:
        """Yield the rows in order."""


@dataclass(frozen=True)
class Survey:
    """How a file has to be read: its table, the columns, what was decided, and the SHA-256 of its bytes.

    `size` is the number of bytes that a pass goes through, `read` returns how many the present one went through.
    """

    source: Source
    chosen: Chosen
    decided: Decisions
    digest: Any
    size: int
    text: Text | None

    def read(self) -> int:
        """Return how many bytes the present pass went through."""
        place = self.text if self.text is not None else self.source
        return int(getattr(place, "read", self.size))


class _Whole:
    """A table of a format that cannot be read piece by piece."""

    settled = True
    damage: VocError | None = None

    def __init__(self, payload: Payload) -> None:
        self._raw = load(payload)
        self.kind, self.encoding = self._raw.kind, self._raw.encoding
        self.headers, self.notes = self._raw.headers, self._raw.notes

    def pieces(self) -> Iterator[RawTable]:
        yield self._raw


def survey(content: Content, overrides: Mapping[str, str], config: IngestConfig, now: dt.datetime) -> Survey:
    """Go through a table until it is known how it has to be read.

    Raises:
        VocError: it is empty, no table, or cannot be read.
    """
    start = content.head(4)
    if start == b"PAR1":
        parquet = Parquet(content)
        found = _settled(content.name, parquet, overrides, config, now)
        return Survey(parquet, *found, _digest(content), parquet.size, None)
    if start in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return _of_whole(content, overrides, config, now)
    text = Text(content)
    source: Delimited | Json | None = None
    for _ in range(_TRIES):
        if source is None:
            source = _source(text)
        understood = _gone_through(content.name, source, overrides, config, now)
        if not text.settled:
            # The text is decoded in another way from here on.
            source = None
        elif isinstance(source, Json) and source.lone:
            return _of_whole(content, overrides, config, now)
        elif understood is not None:
            return Survey(source, *understood, text.digest, text.size, text)
    raise VocError(f"{content.name}: it cannot be told how this file is to be read; export it again.")


def _source(text: Text) -> Delimited | Json:
    head = text.head(1 << 20)
    if not head.strip("\x00 \t\r\n\x0b\x0c\ufeff"):
        raise VocError(f"{text.name}: the file is empty; export it again.")
    check_is_text(text.name, head)
    return Json(text, head.lstrip("\ufeff \t\r\n")[:1]) if starts_as_json(head) else Delimited(text)


def _of_whole(content: Content, overrides: Mapping[str, str], config: IngestConfig, now: dt.datetime) -> Survey:
    data = content.whole()
    whole = _Whole(Payload(content.name, data, list(content.notes)))
    found = _settled(content.name, whole, overrides, config, now)
    return Survey(whole, *found, hashlib.sha256(data), len(data), None)


def _digest(content: Content) -> Any:
    """Return the SHA-256 of the bytes, or of what stands for them where they lie in an object store."""
    if content.stamp is not None:
        return hashlib.sha256(content.stamp.encode())
    digest = hashlib.sha256()
    with content.open() as stream:
        while part := stream.read(STEP):
            digest.update(part)
    return digest


def _settled(
    name: str, source: Source, overrides: Mapping[str, str], config: IngestConfig, now: dt.datetime
) -> tuple[Chosen, Decisions]:
    """Return the mapping and the decisions for a form that cannot be misunderstood."""
    found = _gone_through(name, source, overrides, config, now)
    if found is None:
        raise VocError(f"{name}: it cannot be told how this file is to be read; export it again.")
    return found


def _gone_through(
    name: str, source: Source, overrides: Mapping[str, str], config: IngestConfig, now: dt.datetime
) -> tuple[Chosen, Decisions] | None:
    """Return the mapping and the decisions; None where the file was misunderstood and has to be gone through again."""
    head = _Head()
    supposed: Chosen | None = None
    evidence: Evidence | None = None
    for raw in source.pieces():
        if not head.full:
            head.add(raw)
        elif evidence is not None:
            evidence.add(raw.table)
        if head.full and supposed is None:
            with contextlib.suppress(VocError):
                supposed = choose_mapping(name, head.raw(head.headers), overrides)
                evidence = Evidence(name, supposed, config, now)
                evidence.add(head.raw(head.headers).table)
    if not source.settled:
        return None
    if not head.pieces:
        raise source.damage or VocError(f"{name}: no row could be read from this file; export it again.")
    chosen = choose_mapping(name, head.raw(unique_headers(source.headers)), overrides)
    if evidence is None or supposed is None or supposed.columns != chosen.columns:
        # All rows are in the head; or fields that turned up late changed what the others are taken for.
        evidence = Evidence(name, chosen, config, now)
        if head.full:
            for raw in source.pieces():
                evidence.add(raw.table)
        else:
            evidence.add(head.raw(unique_headers(source.headers)).table)
    return chosen, evidence.decide()


class _Head:
    """The first rows of a table, by which its columns are understood."""

    def __init__(self) -> None:
        self.pieces: list[RawTable] = []
        self.full = False

    @property
    def headers(self) -> list[str]:
        """The headers of these rows; the last piece has all of them."""
        return self.pieces[-1].headers

    def add(self, raw: RawTable) -> None:
        self.pieces.append(raw)
        self.full = sum(piece.table.num_rows for piece in self.pieces) >= SAMPLE_ROWS

    def raw(self, headers: list[str]) -> RawTable:
        """Return the rows with these columns, null where a piece came before a column."""
        tables = []
        for piece in self.pieces:
            missing = pa.nulls(piece.table.num_rows, pa.string())
            have = set(piece.headers)
            columns = [piece.table.column(h) if h in have else pa.chunked_array([missing]) for h in headers]
            tables.append(pa.Table.from_arrays(columns, names=headers))
        return replace(self.pieces[0], table=pa.concat_tables(tables))
