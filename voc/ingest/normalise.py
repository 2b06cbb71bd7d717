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
from voc.ingest.clean import clean_text, join_text
from voc.ingest.dates import read_dates
from voc.ingest.headers import BARE_IDS
from voc.ingest.mapping import Chosen
from voc.ingest.mask import mask_personal
from voc.ingest.raw import BadRow, RawTable, fold
from voc.ingest.sources import GENERIC
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

_CHANNELS = frozenset({"review", "return", "ticket", "survey", "app"})
_ASIN = re.compile(r"(?<![A-Za-z0-9])B0[A-Z0-9]{8}(?![A-Za-z0-9])")
_EXCERPT = 200


@dataclass
class Rows:
    """The distinct rows of one file, by column; `copies[i]` are the file's row numbers that row i stands for.

    `reasons[i]` is null while row i is not rejected. `values` holds columns of `reviews` and the columns that are read
    for `products`. `digests` identify a row by all its fields.
    """

    copies: list[list[int]]
    reasons: list[str | None]
    values: dict[str, list[Any]]
    own_ids: list[bool]
    digests: list[str]
    bad: list[BadRow]
    notes: list[str]
    raw: pa.Table
    extra_headers: list[str]

    def __len__(self) -> int:
        return len(self.copies)

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


def normalise(name: str, raw: RawTable, chosen: Chosen, config: IngestConfig, now: dt.datetime) -> Rows:
    """Read, clean and check every row of a file.

    Raises:
        VocError: the order of day and month cannot be decided.
    """
    copies, table = _distinct(raw)
    counts = [len(c) for c in copies]
    columns = chosen.columns
    notes = [*raw.notes, *chosen.notes]
    size = len(copies)
    none: list[Any] = [None] * size

    def mapped(column: str, read: Callable[[str | None], Any]) -> list[Any]:
        return _each(table.column(columns[column]), read) if column in columns else list(none)

    values: dict[str, list[Any]] = {
        column: mapped(column, _short)
        for column in ("market", "product_id", "product", "brand", "version", "reason_code", "category", "currency")
    }
    values["title"] = mapped("title", _clean)
    values["body"] = mapped("body", _clean)
    values["variant"] = mapped("variant", read_variant)
    values["language"] = mapped("language", _language)
    for column in ("verified", "incentivised", "own"):
        values[column] = mapped(column, read_flag)
    for column in ("helpful_votes", "units_sold"):
        values[column] = mapped(column, read_count)
    prices = mapped("price", read_price)
    values["price"] = [p[0] if p else None for p in prices]
    values["currency"] = [c or (p[1] if p else None) for c, p in zip(values["currency"], prices, strict=True)]
    values["channel"] = [c or chosen.source.channel for c in mapped("channel", _channel)]
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
    _ratings(table, columns, counts, values, reasons, notes)
    _dates(name, table, columns, counts, values, reasons, notes, config, now)
    file_fields = _from_file_name(name, values)
    for i, product_id in enumerate(values["product_id"]):
        # A product known by name alone is identified by it.
        values["product_id"][i] = product_id or values["product"][i]
    digests = _digests(table, values["channel"], file_fields)
    own_ids = _review_ids(table, chosen, values, digests, notes)
    return Rows(copies, reasons, values, own_ids, digests, raw.bad, notes, table, chosen.extra)


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


def _clean(cell: str | None) -> str | None:
    if cell is None or is_missing(cell):
        return None
    return mask_personal(clean_text(cell)) or None


def _short(cell: str | None) -> str | None:
    """Clean a name or code: one line."""
    if cell is None or is_missing(cell):
        return None
    return re.sub(r"\s+", " ", mask_personal(_plain(cell))).strip() or None


def _plain(cell: str) -> str:
    return cell.strip() if cell.isascii() and "&" not in cell and "<" not in cell else clean_text(cell)


def _language(cell: str | None) -> str | None:
    match = re.fullmatch(r"([A-Za-z]{2})(?:[-_][A-Za-z]+)?", (cell or "").strip())
    return match.group(1).lower() if match else None


def _channel(cell: str | None) -> str | None:
    folded = (cell or "").strip().casefold().removesuffix("s")
    return folded if folded in _CHANNELS else None


def _has_letter(text: str) -> bool:
    return any(ch.isalpha() for ch in text)


def _ratings(
    table: pa.Table,
    columns: dict[str, str],
    counts: list[int],
    values: dict[str, list[Any]],
    reasons: list[str | None],
    notes: list[str],
) -> None:
    values["rating"] = [None] * len(counts)
    if "rating" not in columns:
        return
    scales = table.column(columns["rating_scale"]).to_pylist() if "rating_scale" in columns else None
    read = read_ratings(table.column(columns["rating"]).to_pylist(), counts, scales)
    values["rating"] = read.values
    notes.extend(read.notes)
    for i, out in enumerate(read.out_of_range):
        if out and reasons[i] is None:
            reasons[i] = BAD_RATING
    unreadable = sum(count for count, bad in zip(counts, read.unreadable, strict=True) if bad)
    if unreadable:
        notes.append(f"ratings that could not be read and were left empty: {unreadable:,}")


def _dates(
    name: str,
    table: pa.Table,
    columns: dict[str, str],
    counts: list[int],
    values: dict[str, list[Any]],
    reasons: list[str | None],
    notes: list[str],
    config: IngestConfig,
    now: dt.datetime,
) -> None:
    values["written_at"] = [None] * len(counts)
    if "written_at" not in columns:
        return
    header = columns["written_at"]
    cells = [None if is_missing(cell) else cell for cell in table.column(header).to_pylist()]
    distinct = list(dict.fromkeys(cells))
    read = read_dates(distinct, config.date_order, now, f"{name}, column {header!r}")
    at = {cell: position for position, cell in enumerate(distinct)}
    unreadable = 0
    for i, cell in enumerate(cells):
        found = at[cell]
        values["written_at"][i] = read.values[found]
        values["market"][i] = values["market"][i] or read.markets[found]
        unreadable += counts[i] * read.unreadable[found]
        if read.future[found] and reasons[i] is None:
            reasons[i] = FUTURE
    if unreadable:
        notes.append(f"dates that could not be read and were left empty: {unreadable:,}")


def _from_file_name(name: str, values: dict[str, list[Any]]) -> list[str]:
    """Take the ASIN out of the file's name where no column names the product (Helium 10)."""
    if any(values["product_id"]) or any(values["product"]):
        return []
    match = _ASIN.search(name.upper())
    if not match:
        return []
    values["product_id"][:] = [match.group()] * len(values["product_id"])
    return [match.group()]


def _digests(table: pa.Table, channels: Sequence[str], file_fields: list[str]) -> list[str]:
    """Hash all fields of each row; the same row gets the same digest in every file with the same headers."""
    headers = sorted((fold(header) or header, header) for header in table.column_names)
    cells = [table.column(header).to_pylist() for _, header in headers]
    digests = []
    for i in range(table.num_rows):
        fields = [channels[i], *file_fields]
        for (folded, _), column in zip(headers, cells, strict=True):
            value = column[i]
            if value and (value := re.sub(r"\s+", " ", value).strip()):
                fields += [folded, value]
        joined = "\x1f".join(fields).encode("utf-8", "replace")
        digests.append(hashlib.blake2b(joined, digest_size=12).hexdigest())
    return digests


def _review_ids(
    table: pa.Table, chosen: Chosen, values: dict[str, list[Any]], digests: list[str], notes: list[str]
) -> list[bool]:
    """Fill in the review ids: the export's own where they identify a review, else the digest of the row."""
    header = chosen.columns.get("review_id")
    values["review_id"] = list(digests)
    if header is None:
        return [False] * len(digests)
    cells = [None if is_missing(cell) else str(cell).strip() for cell in table.column(header).to_pylist()]
    given = [cell for cell in cells if cell]
    bare = fold(header) in BARE_IDS
    counter = bare and all(cell.isdigit() and len(cell) < 7 for cell in given)
    if bare and len(set(given)) < 0.99 * len(given):
        notes.append(f"column {header!r} repeats its values and was not taken for the review's id")
        return [False] * len(digests)
    if counter and chosen.source is GENERIC:
        notes.append(f"column {header!r} only counts the rows; ids were made from the rows' contents")
        return [False] * len(digests)
    prefix = f"{chosen.source.name}:" if counter else ""
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
    return mask_personal(re.sub(r"\s+", " ", text[:2_000]).strip())[:_EXCERPT]
