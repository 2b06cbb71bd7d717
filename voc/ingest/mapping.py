"""Decides which header holds what: a known source, names of hand-made sheets, or the content itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from voc.errors import VocError
from voc.ingest.headers import SAFE_TO_ADD, SYNONYMS, is_person
from voc.ingest.raw import RawTable, fold
from voc.ingest.sources import FIELDS, GENERIC, SOURCES, Source

__all__ = ["SAMPLE_ROWS", "Chosen", "choose_mapping", "detect_source"]

_ALIASES = {"text": "body", "date": "written_at", "stars": "rating", "id": "review_id"}
_SAMPLE = 2_000
#: Rows of a table that are looked at.
SAMPLE_ROWS = 5 * _SAMPLE
_NO_TEXT = "no column holds review text"


@dataclass(frozen=True)
class Chosen:
    """The source a file was taken for, and field -> header; `extra` are the headers that ride along."""

    source: Source
    columns: dict[str, str]
    extra: list[str]
    notes: list[str]


def detect_source(headers: list[str]) -> Source:
    """Return the known source with the most of its headers present, else the generic one."""
    present = {fold(header) for header in headers}
    fitting = [source for source in SOURCES if set(source.signature) <= present]
    return max(
        fitting,
        key=lambda s: (len(s.signature) + len(present & set(s.optional)), len(s.signature)),
        default=GENERIC,
    )


def choose_mapping(name: str, raw: RawTable, overrides: Mapping[str, str]) -> Chosen:
    """Map the headers of a file; `overrides` (field -> header, "" for none) go before everything found.

    Raises:
        VocError: an override names an unknown field or header, or no column holds text.
    """
    headers = raw.headers
    fixed = _check_overrides(name, headers, overrides)
    source = detect_source(headers)
    by_fold: dict[str, str] = {}
    for header in headers:
        by_fold.setdefault(fold(header), header)
    columns: dict[str, str] = {}
    taken = {header for header in fixed.values() if header}
    notes: list[str] = []

    def claim(field: str, candidates: tuple[str, ...]) -> None:
        if field in columns or field in fixed:
            return
        for candidate in candidates:
            header = by_fold.get(candidate)
            if header is None or header in taken or (field == "body" and _is_not_text(raw.table.column(header))):
                continue
            columns[field] = header
            taken.add(header)
            return

    for field, candidates in source.columns.items():
        claim(field, candidates)
    for field, candidates in SYNONYMS.items():
        if source is GENERIC or field in SAFE_TO_ADD or field == "body":
            claim(field, candidates)
    columns.update({field: header for field, header in fixed.items() if header})
    if "body" not in columns and "body" not in fixed:
        _body_from_content(raw, columns, notes)
    if not {"body", "title", "reason_code"} & columns.keys():
        listed = ", ".join(headers[:20])
        raise VocError(f"{name}: {_NO_TEXT} (columns: {listed}); name it with --map body=HEADER.")
    used = set(columns.values())
    extra = [header for header in headers if header not in used and not is_person(header)]
    return Chosen(source, {f: columns[f] for f in FIELDS if f in columns}, extra, notes)


def _check_overrides(name: str, headers: list[str], overrides: Mapping[str, str]) -> dict[str, str]:
    fixed: dict[str, str] = {}
    for given, wanted in overrides.items():
        field = fold_field(given)
        if not wanted.strip():
            fixed[field] = ""
            continue
        matches = [h for h in headers if h == wanted] or [h for h in headers if fold(h) == fold(wanted)]
        if not matches:
            listed = ", ".join(headers[:40])
            raise VocError(f"{name}: there is no column {wanted!r} to map {field} to; the file has {listed}.")
        fixed[field] = matches[0]
    return fixed


def fold_field(given: str) -> str:
    """Return the field that a user means.

    Raises:
        VocError: there is no such field; the message lists them.
    """
    field = given.strip().lower().replace("-", "_").replace(" ", "_")
    field = _ALIASES.get(field, field)
    if field not in FIELDS:
        raise VocError(f"{given!r} is no column that can be mapped; the columns are {', '.join(FIELDS)}.")
    return field


def _values(column: pa.ChunkedArray) -> list[str]:
    values = (value.strip() for value in column.slice(0, SAMPLE_ROWS).to_pylist() if value)
    return [value for value in values if value][:_SAMPLE]


def _is_not_text(column: pa.ChunkedArray) -> bool:
    """A column of numbers, flags or codes cannot be the review's text whatever its name; an empty one may be."""
    values = _values(column)
    if not values:
        return False
    numeric = sum(not re.search(r"[^\W\d_]", value) and not re.search(r"[^\x00-\u2bff]", value) for value in values)
    flags = sum(value.lower() in {"true", "false", "yes", "no", "y", "n"} for value in values)
    return numeric + flags > 0.8 * len(values) and len(values) >= 3


def _body_from_content(raw: RawTable, columns: dict[str, str], notes: list[str]) -> None:
    """Take the column with the longest average free text; a recognised title is better than nothing."""
    best, best_length = None, 0.0
    for header in raw.headers:
        if is_person(header) or (header in columns.values() and header != columns.get("title")):
            continue
        values = _values(raw.table.column(header))
        if not values or not _is_free_text(values):
            continue
        length = sum(map(len, values)) / len(values)
        if length > best_length:
            best, best_length = header, length
    if best is None:
        return
    if best == columns.get("title"):
        del columns["title"]
    columns["body"] = best
    notes.append(f"no header names the text; column {best!r} was taken because it holds the longest free text")


def _is_free_text(values: list[str]) -> bool:
    """Most values have letters, many have several words, few are links, and they are not the same few values."""
    letters = sum(bool(re.search(r"[^\W\d_]{2}", value)) for value in values)
    wordy = sum(len(value.split()) >= 3 or bool(re.search(r"[\u3040-\u9fff\uac00-\ud7af]", value)) for value in values)
    links = sum(value.startswith(("http://", "https://", "[", "{")) for value in values)
    few = len(values) >= 50 and len(set(values)) <= 5
    return letters > 0.5 * len(values) and wordy >= 0.2 * len(values) and links < 0.5 * len(values) and not few
