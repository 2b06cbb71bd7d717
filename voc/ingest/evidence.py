"""Decides what only a whole file can tell: the scale of its ratings, the order in its dates, what its ids are.

The evidence is gathered piece by piece in memory that does not grow, so that a file of any size is decided on as one
that is read at once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from voc.config import IngestConfig
from voc.ingest.cells import read_short
from voc.ingest.dates import DateEvidence
from voc.ingest.headers import BARE_IDS
from voc.ingest.mapping import Chosen
from voc.ingest.raw import fold
from voc.ingest.sources import GENERIC
from voc.ingest.values import ScaleEvidence, is_missing

__all__ = ["Decisions", "Evidence", "IdEvidence"]

_ASIN = re.compile(r"(?<![A-Za-z0-9])B0[A-Z0-9]{8}(?![A-Za-z0-9])")
#: Cells that begin so are no day and month whose order is open.
_SURE_DATE = r"^\s*-?\d{3}"


@dataclass(frozen=True)
class Decisions:
    """How the cells of a file are read.

    `scale` is the top of the scale of plain ratings; `date_order` is "dmy", "mdy" or "ymd". `own_ids` says that the
    column of ids identifies reviews, each then after `id_prefix`. `file_product` is the product that the file's name
    names, where no column does.
    """

    scale: float
    date_order: str
    own_ids: bool
    id_prefix: str
    file_product: str | None
    notes: list[str] = field(default_factory=list)


class Evidence:
    """Gathers from the rows of a file what decides how they are read."""

    def __init__(self, name: str, chosen: Chosen, config: IngestConfig, now: dt.datetime) -> None:
        self._name, self._chosen, self._config, self._now = name, chosen, config, now
        self._scale = ScaleEvidence()
        self._dates = DateEvidence()
        self._names_product = False
        header = chosen.columns.get("review_id")
        self._ids = IdEvidence() if header is not None and fold(header) in BARE_IDS else None

    def add(self, table: pa.Table, counts: Sequence[int] | None = None) -> None:
        """Take in rows of the raw table; `counts[i]` rows of the file are equal to row i, by default one."""
        columns = self._chosen.columns
        rows = _Rows(table)

        def cells(field: str) -> list[str | None] | None:
            return table.column(columns[field]).to_pylist() if field in columns else None

        ratings = cells("rating")
        if ratings is not None:
            self._scale.add(ratings, counts or [1] * len(ratings), cells("rating_scale"), rows)
        if "written_at" in columns and self._config.date_order == "auto":
            distinct = pc.unique(table.column(columns["written_at"]))
            distinct = distinct.filter(pc.invert(pc.match_substring_regex(distinct, _SURE_DATE)))
            self._dates.add(cell for cell in distinct.to_pylist() if not is_missing(cell))
        for field_ in ("product_id", "product"):
            if not self._names_product and field_ in columns:
                distinct = pc.unique(table.column(columns[field_]))
                self._names_product = any(read_short(cell) for cell in distinct.to_pylist())
        if self._ids is not None:
            self._ids.add(cells("review_id") or [], rows)

    def decide(self) -> Decisions:
        """Return the decisions.

        Raises:
            OpenDatesError: the order of day and month cannot be decided.
        """
        columns = self._chosen.columns
        scale = self._scale.decide()
        notes = [f"ratings run to {scale:g} and were brought to 1-5"] if scale != 5 else []
        order = self._config.date_order
        if "written_at" in columns:
            where = f"{self._name}, column {columns['written_at']!r}"
            order = self._dates.decide(order, self._now, where)  # type: ignore[assignment]
        match = None if self._names_product else _ASIN.search(self._name.upper())
        own_ids, prefix = self._decide_ids(notes)
        return Decisions(scale, order, own_ids, prefix, match.group() if match else None, notes)

    def _decide_ids(self, notes: list[str]) -> tuple[bool, str]:
        header = self._chosen.columns.get("review_id")
        if self._ids is None:
            return header is not None, ""
        if self._ids.repeats():
            notes.append(f"column {header!r} repeats its values and was not taken for the review's id")
            return False, ""
        if not self._ids.counts:
            return True, ""
        if self._chosen.source is GENERIC:
            notes.append(f"column {header!r} only counts the rows; ids were made from the rows' contents")
            return False, ""
        return True, f"{self._chosen.source.name}:"


class _Rows(Sequence[bytes]):
    """What tells the rows of a table apart, made only for those that are asked for."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._columns: list[list[str | None]] | None = None

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __getitem__(self, index: int) -> bytes:  # type: ignore[override]
        if self._columns is None:
            self._columns = [column.to_pylist() for column in self._table.columns]
        cells = ("\x00" if column[index] is None else str(column[index]) for column in self._columns)
        return _hash("\x1f".join(cells))


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()


class IdEvidence:
    """Whether the numbers in a bare column of ids identify rows or repeat themselves, or only count them.

    Pairs of an id and its row are remembered by their hashes; when they are too many, only those of the ids whose hash
    is small, a sample of all ids with all rows of each.
    """

    LIMIT = 1 << 18

    def __init__(self) -> None:
        self.counts = True
        self._pairs: npt.NDArray[np.uint64] = np.empty((0, 2), dtype=np.uint64)
        self._new: list[bytes] = []
        self._bound = np.iinfo(np.uint64).max
        self._one_for_all = False

    def add(self, cells: Sequence[str | None], rows: Sequence[bytes]) -> None:
        """Take in the ids and what tells their rows apart."""
        for position, cell in enumerate(cells):
            if is_missing(cell):
                continue
            given = str(cell).strip()
            self.counts = self.counts and given.isdigit() and len(given) < 7
            self._new.append(_hash(given) + rows[position])
        if len(self._new) > self.LIMIT // 4:
            self._merge()

    def repeats(self) -> bool:
        """Return whether more than one in a hundred rows has an id that another row has too."""
        self._merge()
        ids = np.unique(self._pairs[:, 0])
        return self._one_for_all or len(ids) < 0.99 * len(self._pairs)

    def _merge(self) -> None:
        new = np.frombuffer(b"".join(self._new), dtype=">u8").astype(np.uint64).reshape(-1, 2)
        self._new = []
        pairs = np.concatenate([self._pairs, new[new[:, 0] <= self._bound]])
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
        fresh = np.ones(len(pairs), dtype=bool)
        fresh[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
        pairs = pairs[fresh]
        while len(pairs) > self.LIMIT:
            middle = pairs[len(pairs) // 2, 0]
            below = int(np.searchsorted(pairs[:, 0], middle))
            if below == 0:
                self._one_for_all = True
                pairs = pairs[: self.LIMIT // 2]
                break
            self._bound = int(middle) - 1
            pairs = pairs[:below]
        self._pairs = pairs
