"""Turns the mapped rows of one file into cleaned reviews, each accepted so far or rejected with its reason."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from voc.config import IngestConfig
from voc.ingest.cells import read_channel, read_language, read_short, read_text
from voc.ingest.clean import join_text
from voc.ingest.dates import read_dates
from voc.ingest.duplicates import Offer
from voc.ingest.evidence import Decisions, Evidence
from voc.ingest.mapping import Chosen
from voc.ingest.mask import mask_personal
from voc.ingest.raw import BadRow, RawTable, fold
from voc.ingest.values import (
    hidden_reason,
    is_missing,
    read_count,
    read_flag,
    read_price,
    read_ratings,
    read_variant,
    reason_text,
)

__all__ = ["NO_TEXT", "Rows", "mask_excerpt", "normalise"]

NO_TEXT = "no text"
UNREADABLE_TEXT = "no readable text"
BAD_RATING = "rating out of range"
FUTURE = "date in the future"

_EXCERPT = 200


@dataclass
class Rows:
    """The distinct rows of one file, by column; `copies[i]` are the file's row numbers that row i stands for.

    `reasons[i]` is null while row i is not rejected. `values` holds columns of `reviews` and the columns that are read
    for `products`. `digests` identify a row by all its fields. `oddities` say how many rows were odd, and in what way.
    """

    copies: list[list[int]]
    reasons: list[str | None]
    values: dict[str, list[Any]]
    own_ids: list[bool]
    digests: list[str]
    bad: list[BadRow]
    notes: list[str]
    oddities: dict[str, int]
    raw: pa.Table
    extra_headers: list[str]

    def __len__(self) -> int:
        return len(self.copies)

    def offer(self, index: int) -> Offer:
        """Return what is compared of row `index` to find duplicates."""
        values = self.values
        return Offer(
            values["review_id"][index],
            self.own_ids[index],
            values["channel"][index],
            values["product_id"][index],
            values["product"][index],
            values["text"][index],
            values["body"][index],
            values["rating"][index],
            values["written_at"][index],
            self.digests[index],
        )

    def extra_json(self, index: int) -> str | None:
        """Return the unmapped columns of row `index` as JSON, personal data masked."""
        found: dict[str, str] = {}
        for header in self.extra_headers:
            value = self.raw.column(header)[index].as_py()
            if value and value.strip():
                found[header] = _mask_extra(value.strip())
        return json.dumps(found, ensure_ascii=False) if found else None

    def excerpt(self, index: int) -> str:
        """Return the beginning of row `index` for the list of rejects, personal data masked."""
        return mask_excerpt(self.values["text"][index] or self.values["excerpt"][index] or "")


def normalise(
    name: str,
    raw: RawTable,
    chosen: Chosen,
    config: IngestConfig,
    now: dt.datetime,
    decided: Decisions | None = None,
) -> Rows:
    """Read, clean and check every row of a file, or of a piece of one.

    Args:
        name: of the file.
        raw: its rows.
        chosen: which column holds what.
        config: order of dates, where the user names one.
        now: the present.
        decided: what the whole file has told, where these rows are a piece of it; by default these rows tell it.

    Raises:
        OpenDatesError: the order of day and month cannot be decided.
    """
    copies, table = _distinct(raw)
    counts = [len(c) for c in copies]
    if decided is None:
        evidence = Evidence(name, chosen, config, now)
        evidence.add(table, counts)
        decided = evidence.decide()
    columns = chosen.columns
    oddities: dict[str, int] = {}
    size = len(copies)
    none: list[Any] = [None] * size

    def mapped(column: str, read: Callable[[str | None], Any]) -> list[Any]:
        return _each(table.column(columns[column]), read) if column in columns else list(none)

    values: dict[str, list[Any]] = {
        column: mapped(column, read_short)
        for column in ("market", "product_id", "product", "brand", "version", "reason_code", "category", "currency")
    }
    values["title"] = mapped("title", read_text)
    values["body"] = mapped("body", read_text)
    values["variant"] = mapped("variant", read_variant)
    values["language"] = mapped("language", read_language)
    for column in ("verified", "incentivised", "own"):
        values[column] = mapped(column, read_flag)
    for column in ("helpful_votes", "units_sold"):
        values[column] = mapped(column, read_count)
    prices = mapped("price", read_price)
    values["price"] = [p[0] if p else None for p in prices]
    values["currency"] = [c or (p[1] if p else None) for c, p in zip(values["currency"], prices, strict=True)]
    values["channel"] = [c or chosen.source.channel for c in mapped("channel", read_channel)]
    reasons: list[str | None] = mapped("status", hidden_reason)

    values["text"] = [join_text(t or "", b or "") for t, b in zip(values["title"], values["body"], strict=True)]
    if "reason_code" in columns:
        # A return without a comment still says why.
        values["text"] = [
            t or (reason_text(r) if r else "") for t, r in zip(values["text"], values["reason_code"], strict=True)
        ]
    values["excerpt"] = list(none)
    for i, text in enumerate(values["text"]):
        if reasons[i] is None and not _has_letter(text):
            reasons[i] = UNREADABLE_TEXT if text else NO_TEXT
            values["excerpt"][i] = _first_cells(table, i)
    if "rating" in columns:
        scales = table.column(columns["rating_scale"]).to_pylist() if "rating_scale" in columns else None
        _ratings(table.column(columns["rating"]).to_pylist(), counts, scales, decided.scale, values, reasons, oddities)
    else:
        values["rating"] = list(none)
    if "written_at" in columns:
        _dates(
            table.column(columns["written_at"]).to_pylist(), counts, decided.date_order, values, reasons, oddities, now
        )
    else:
        values["written_at"] = list(none)
    if decided.file_product is not None:
        # Where no column names the product (Helium 10).
        values["product_id"] = [decided.file_product] * size
    for i, product_id in enumerate(values["product_id"]):
        # A product known by name alone is identified by it.
        values["product_id"][i] = product_id or values["product"][i]
    digests = _digests(table, values["channel"], [decided.file_product] if decided.file_product is not None else [])
    own_ids = _review_ids(table, chosen, decided, values, digests)
    notes = [*raw.notes, *chosen.notes, *decided.notes, *(f"{what}: {count:,}" for what, count in oddities.items())]
    return Rows(copies, reasons, values, own_ids, digests, raw.bad, notes, oddities, table, chosen.extra)


def _distinct(raw: RawTable) -> tuple[list[list[int]], pa.Table]:
    """Group rows whose cells are all equal; a million equal rows are then one."""
    key: npt.NDArray[np.int64] = np.zeros(raw.table.num_rows, dtype=np.int64)
    for column in raw.table.columns:
        codes = column.combine_chunks().dictionary_encode("encode")
        codes = codes.chunk(0) if isinstance(codes, pa.ChunkedArray) else codes
        key = key * len(codes.dictionary) + codes.indices.to_numpy(zero_copy_only=False)
        key = np.unique(key, return_inverse=True)[1].astype(np.int64)
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    copies: list[list[int]] = [[] for _ in order]
    for row, member in zip(raw.rows.tolist(), place[group].tolist(), strict=True):
        copies[member].append(row)
    return copies, raw.table.take(pa.array(first[order]))


def _each(column: pa.ChunkedArray, read: Callable[[str | None], Any]) -> list[Any]:
    """Apply `read` once to each distinct cell and return the results by row."""
    cells = column.to_pylist()
    read_before: dict[str | None, Any] = {cell: read(cell) for cell in dict.fromkeys(cells)}
    return [read_before[cell] for cell in cells]


def _has_letter(text: str) -> bool:
    return any(ch.isalpha() for ch in text)


def _ratings(
    cells: list[str | None],
    counts: list[int],
    scales: list[str | None] | None,
    scale: float,
    values: dict[str, list[Any]],
    reasons: list[str | None],
    oddities: dict[str, int],
) -> None:
    read = read_ratings(cells, counts, scales, scale)
    values["rating"] = read.values
    for i, out in enumerate(read.out_of_range):
        if out and reasons[i] is None:
            reasons[i] = BAD_RATING
    unreadable = sum(count for count, bad in zip(counts, read.unreadable, strict=True) if bad)
    if read.zeros:
        oddities["ratings of 0, read as no rating"] = read.zeros
    if unreadable:
        oddities["ratings that could not be read and were left empty"] = unreadable


def _dates(
    cells: list[str | None],
    counts: list[int],
    order: str,
    values: dict[str, list[Any]],
    reasons: list[str | None],
    oddities: dict[str, int],
    now: dt.datetime,
) -> None:
    cells = [None if is_missing(cell) else cell for cell in cells]
    distinct = list(dict.fromkeys(cells))
    read = read_dates(distinct, order, now)
    at = {cell: position for position, cell in enumerate(distinct)}
    values["written_at"] = [read.values[at[cell]] for cell in cells]
    unreadable = 0
    for i, cell in enumerate(cells):
        found = at[cell]
        values["market"][i] = values["market"][i] or read.markets[found]
        unreadable += counts[i] * read.unreadable[found]
        if read.future[found] and reasons[i] is None:
            reasons[i] = FUTURE
    if unreadable:
        oddities["dates that could not be read and were left empty"] = unreadable


def _digests(table: pa.Table, channels: Sequence[str], file_fields: list[str]) -> list[str]:
    """Hash all fields of each row; the same row gets the same digest in every file with the same headers."""
    headers = sorted((fold(header) or header, header) for header in table.column_names)
    cells = [table.column(header).to_pylist() for _, header in headers]
    digests = []
    for i in range(table.num_rows):
        fields = [channels[i], *file_fields]
        for (folded, _), column in zip(headers, cells, strict=True):
            value = column[i]
            if value and (value := " ".join(value.split())):
                fields += [folded, value]
        joined = "\x1f".join(fields).encode("utf-8", "replace")
        digests.append(hashlib.blake2b(joined, digest_size=12).hexdigest())
    return digests


def _review_ids(
    table: pa.Table, chosen: Chosen, decided: Decisions, values: dict[str, list[Any]], digests: list[str]
) -> list[bool]:
    """Fill in the review ids: the export's own where they identify a review, else the digest of the row."""
    values["review_id"] = list(digests)
    if not decided.own_ids:
        return [False] * len(digests)
    column = table.column(chosen.columns["review_id"]).to_pylist()
    cells = [None if is_missing(cell) else str(cell).strip() for cell in column]
    prefix = decided.id_prefix
    values["review_id"] = [prefix + cell if cell else digest for cell, digest in zip(cells, digests, strict=True)]
    return [bool(cell) for cell in cells]


def _first_cells(table: pa.Table, index: int) -> str:
    cells = (column[index].as_py() for column in table.columns)
    return " | ".join(cell[:100] for cell in cells if cell)


def _mask_extra(value: str) -> str:
    """A long number by itself is an id or a time, which the mask for running text would take for a telephone."""
    return value if re.fullmatch(r"[\d.]+", value) and value.count(".") < 3 else mask_personal(value)


def mask_excerpt(text: str) -> str:
    """Return at most 200 characters of a text, personal data masked before it is cut."""
    return mask_personal(" ".join(text[:2_000].split()))[:_EXCERPT]
