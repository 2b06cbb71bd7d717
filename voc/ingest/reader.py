"""Reads review exports into the `reviews` table, and accounts for every row."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from voc.config import IngestConfig
from voc.errors import VocError
from voc.ingest.duplicates import Deduplicator, Memory
from voc.ingest.files import Limits, Payload, expand, open_payloads
from voc.ingest.language import detect_languages
from voc.ingest.load import load
from voc.ingest.mapping import choose_mapping, fold_field
from voc.ingest.normalise import Rows, mask_excerpt, normalise
from voc.ingest.products import Catalogue, read_products_file
from voc.tables import REVIEWS, empty, from_rows, with_column

__all__ = [
    "FileReport",
    "IngestResult",
    "Progress",
    "failure_id",
    "import_id_of",
    "read_exports",
    "reject_lines",
    "reviews_table",
]

Progress = Callable[[str, int, int | None], None]

_DUPLICATE = "duplicate"


@dataclass(frozen=True)
class FileReport:
    """What became of one file: `accepted + duplicates + rejected == rows_read`."""

    file: str
    format: str
    mapping: dict[str, str]
    encoding: str | None
    rows_read: int
    accepted: int
    duplicates: int
    rejected: int
    notes: list[str]


@dataclass(frozen=True)
class IngestResult:
    """The new rows of `reviews`, `products`, `rejects` and `imports`, and a report for each file.

    `superseded`: ids of reviews of the workspace that a row of `reviews` replaces.
    """

    reviews: pa.Table
    products: pa.Table
    rejects: pa.Table
    imports: pa.Table
    reports: list[FileReport]
    superseded: list[str]


@dataclass
class _File:
    """A file under way; `duplicate[i]` says that the i-th distinct row is not taken."""

    name: str
    format: str
    source: str
    mapping: dict[str, str]
    encoding: str | None
    import_id: str
    rows: Rows
    duplicate: list[bool]


def read_exports(
    paths: Sequence[Path | str],
    *,
    config: IngestConfig,
    mapping: Mapping[str, str] | None = None,
    products_file: Path | None = None,
    existing: pa.Table | None = None,
    memory: Memory | None = None,
    progress: Progress | None = None,
) -> IngestResult:
    """Read exports (files, folders, patterns) into reviews.

    A file that cannot be read does not stop the others: its report has no rows and says why, and `rejects` has a line
    for it without a row number.

    Args:
        paths: what to read, in the order that decides which of two equal reviews stays.
        config: date order, mapping and own brands.
        mapping: column of `reviews` -> header; goes before `config.mapping`.
        products_file: table of products (CSV, JSON, ...) with product_id or product and further facts.
        existing: the `reviews` table of the workspace, so that nothing is added twice.
        memory: what is remembered of these reviews, in place of the table.
        progress: called with a stage, how much is done, and the total where it is known.

    Raises:
        VocError: nothing could be read, or no row of any file was usable.
    """
    now = dt.datetime.now(tz=dt.UTC)
    overrides = {fold_field(k): v for k, v in {**config.mapping, **(mapping or {})}.items()}
    files = expand(paths)
    entered = read_products_file(Path(products_file)) if products_file is not None else []
    catalogue = Catalogue(entered, config.own_brands)
    seen = Deduplicator(existing, memory)
    done: list[_File] = []
    failed: list[tuple[str, VocError]] = []
    positions: list[tuple[_File, int]] = []
    for number, path in enumerate(files):
        if progress:
            progress("Reading", number, len(files))
        for payload in open_payloads(path, Limits.of(config)):
            if isinstance(payload, VocError):
                failed.append((path.name, payload))
                continue
            try:
                file = _read(payload, overrides, config, now)
            except VocError as error:
                failed.append((payload.name, error))
                continue
            _judge(file, seen, positions)
            done.append(file)
    if progress:
        progress("Reading", len(files), len(files))
    if not done:
        message = str(failed[0][1])
        raise VocError(message if len(failed) == 1 else f"{message} None of the {len(failed)} files could be read.")
    _refuse_if_nothing(done)
    reviews = _accepted(done, catalogue, now, progress)
    reports = [_report(file) for file in done] + [_failure(name, error) for name, error in failed]
    if seen.collisions:
        reports[len(done) - 1].notes.append(
            f"{seen.collisions:,} review ids were taken by reviews of other products and were made distinct"
        )
    return IngestResult(
        reviews=reviews,
        products=catalogue.table(),
        rejects=_rejects(done, failed),
        imports=_imports(done, reports, now),
        reports=reports,
        superseded=list(dict.fromkeys(seen.superseded)),
    )


def _read(payload: Payload, overrides: Mapping[str, str], config: IngestConfig, now: dt.datetime) -> _File:
    raw = load(payload)
    chosen = choose_mapping(payload.name, raw, overrides)
    rows = normalise(payload.name, raw, chosen, config, now)
    return _File(
        name=payload.name,
        format=f"{chosen.source.label}, {raw.kind}",
        source=chosen.source.name,
        mapping=chosen.columns,
        encoding=raw.encoding,
        import_id=import_id_of(hashlib.sha256(payload.data), chosen.columns),
        rows=rows,
        duplicate=[False] * len(rows),
    )


def import_id_of(content: Any, columns: Mapping[str, str]) -> str:
    """Return the id of an import: of the SHA-256 (a hashlib object) of a table's bytes, and how it was mapped."""
    digest = content.copy()
    digest.update(json.dumps(dict(columns), sort_keys=True).encode())
    return str(digest.hexdigest()[:20])


def failure_id(name: str, said: str) -> str:
    """Return what stands for the id of an import that failed with this sentence."""
    return hashlib.sha256(f"{name}\x1f{said}".encode()).hexdigest()[:20]


def _judge(file: _File, seen: Deduplicator, positions: list[tuple[_File, int]]) -> None:
    """Mark the file's rows that repeat a review, and earlier rows that one of them replaces."""
    values = file.rows.values
    for i, reason in enumerate(file.rows.reasons):
        if reason is not None:
            continue
        offer = file.rows.offer(i)
        verdict = seen.offer(len(positions), offer)
        file.duplicate[i] = verdict.duplicate
        values["review_id"][i] = verdict.review_id
        if verdict.duplicate:
            continue
        positions.append((file, i))
        if verdict.replaces is not None and verdict.replaces >= 0:
            older, at = positions[verdict.replaces]
            older.duplicate[at] = True


def _refuse_if_nothing(done: Sequence[_File]) -> None:
    reasons: Counter[str] = Counter()
    for file in done:
        for reason, copies in zip(file.rows.reasons, file.rows.copies, strict=True):
            if reason is None:
                return
            reasons[reason] += len(copies)
        reasons.update(bad.reason for bad in file.rows.bad)
    rows = sum(reasons.values())
    listed = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common(4))
    names = done[0].name if len(done) == 1 else f"{len(done)} files"
    raise VocError(
        f"{names}: none of the {rows:,} rows holds a usable review ({listed}); check the mapping with --map."
    )


def _accepted(done: Sequence[_File], catalogue: Catalogue, now: dt.datetime, progress: Progress | None) -> pa.Table:
    parts = []
    taken = [[i for i, r in enumerate(f.rows.reasons) if r is None and not f.duplicate[i]] for f in done]
    for file, kept in zip(done, taken, strict=True):
        values = file.rows.values
        for i in kept:
            brand = catalogue.brand_of(values["product_id"][i], values["product"][i], values["brand"][i])
            values["brand"][i] = brand
            catalogue.note(values["product_id"][i], {column: values[column][i] for column in _PRODUCT_COLUMNS})
        parts.append(reviews_table(file.rows, kept, file.source, file.import_id, now))
    table = pa.concat_tables(parts)
    if progress:
        progress("Detecting languages", 0, table.num_rows)
    languages = detect_languages(table.column("text").to_pylist(), progress)
    given = table.column("language").to_pylist()
    if progress:
        progress("Detecting languages", table.num_rows, table.num_rows)
    merged = [own or found for own, found in zip(given, languages, strict=True)]
    return with_column("reviews", table, "language", merged)


_PRODUCT_COLUMNS = ("product", "brand", "own", "category", "price", "currency", "units_sold")


def reviews_table(rows: Rows, kept: Sequence[int], source: str, import_id: str, now: dt.datetime) -> pa.Table:
    """Return the rows `kept` as a `reviews` table; the languages are those that the export names."""
    constants: dict[str, Any] = {"source": source, "import_id": import_id, "ingested_at": now}
    arrays = []
    for column in REVIEWS:
        if column.name in constants:
            cells = [constants[column.name]] * len(kept)
        elif column.name == "extra":
            cells = [rows.extra_json(i) for i in kept]
        else:
            cells = [rows.values[column.name][i] for i in kept]
        arrays.append(pa.array(cells, column.type))
    return pa.Table.from_arrays(arrays, schema=REVIEWS) if kept else empty("reviews")


def _report(file: _File) -> FileReport:
    accepted = duplicates = rejected = 0
    for i, copies in enumerate(file.rows.copies):
        if file.rows.reasons[i] is not None:
            rejected += len(copies)
        else:
            taken = 0 if file.duplicate[i] else 1
            accepted += taken
            duplicates += len(copies) - taken
    rejected += len(file.rows.bad)
    rows = accepted + duplicates + rejected
    return FileReport(
        file.name,
        file.format,
        file.mapping,
        file.encoding,
        rows,
        accepted,
        duplicates,
        rejected,
        list(file.rows.notes),
    )


def _failure(name: str, error: VocError) -> FileReport:
    return FileReport(name, "unreadable", {}, None, 0, 0, 0, 0, [str(error)])


def _rejects(done: Sequence[_File], failed: Sequence[tuple[str, VocError]]) -> pa.Table:
    rows = [line for file in done for line in reject_lines(file.rows, file.name, file.import_id)]
    for name, error in failed:
        rows.append(
            {
                "import_id": failure_id(name, str(error)),
                "source": name,
                "row": None,
                "reason": str(error),
                "excerpt": None,
            }
        )
    return from_rows("rejects", rows)


def reject_lines(rows: Rows, name: str, import_id: str) -> list[dict[str, Any]]:
    """Return a line of `rejects` for each row of a file that is not taken, in the order of the file."""
    found = [(bad.row, bad.reason, mask_excerpt(bad.excerpt)) for bad in rows.bad]
    for i, reason in enumerate(rows.reasons):
        if reason is not None:
            excerpt = rows.excerpt(i)
            found.extend((row, reason, excerpt) for row in rows.copies[i])
    found.sort(key=lambda r: r[0])
    return [
        {"import_id": import_id, "source": name, "row": row, "reason": reason, "excerpt": excerpt}
        for row, reason, excerpt in found
    ]


def _imports(done: Sequence[_File], reports: Sequence[FileReport], now: dt.datetime) -> pa.Table:
    rows = [
        {
            "import_id": file.import_id,
            "file": report.file,
            "format": report.format,
            "mapping": json.dumps(report.mapping, ensure_ascii=False),
            "encoding": report.encoding,
            "rows_read": report.rows_read,
            "accepted": report.accepted,
            "duplicates": report.duplicates,
            "rejected": report.rejected,
            "imported_at": now,
        }
        for file, report in zip(done, reports, strict=False)
    ]
    return from_rows("imports", rows)
