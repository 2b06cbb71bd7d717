"""Shows what an export would become before anything is read for good: mapping, raw rows, cleaned rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from voc.config import IngestConfig
from voc.errors import VocError
from voc.ingest.files import Limits, expand, open_payloads
from voc.ingest.load import load
from voc.ingest.mapping import choose_mapping, detect_source, fold_field
from voc.ingest.normalise import normalise
from voc.ingest.raw import RawTable
from voc.ingest.reader import reviews_table
from voc.tables import empty

__all__ = ["Preview", "preview"]


@dataclass(frozen=True)
class Preview:
    """A look at one file; `problem` is the sentence that says why it cannot be read as it is, else null."""

    file: str
    format: str
    encoding: str | None
    headers: list[str]
    mapping: dict[str, str]
    unmapped: list[str]
    sample: pa.Table
    cleaned: pa.Table
    notes: list[str]
    problem: str | None


def preview(
    path: Path | str, *, config: IngestConfig, mapping: Mapping[str, str] | None = None, rows: int = 20
) -> Preview:
    """Read the first table of an export and show its first `rows` rows, raw and cleaned; nothing is raised or stored.

    The mapping and the order of dates are decided by the whole file, as `read_exports` does. Languages are not
    detected.
    """
    name = Path(path).name
    try:
        payload = next(iter(open_payloads(expand([path])[0], Limits.of(config))))
        if isinstance(payload, VocError):
            raise payload
        name = payload.name
        raw = load(payload)
    except VocError as error:
        none = pa.table({})
        return Preview(name, "unreadable", None, [], {}, [], none, empty("reviews"), [], str(error))
    sample = raw.table.slice(0, rows)
    label = f"{detect_source(raw.headers).label}, {raw.kind}"
    try:
        overrides = {fold_field(k): v for k, v in {**config.mapping, **(mapping or {})}.items()}
        chosen = choose_mapping(name, raw, overrides)
    except VocError as error:
        return Preview(
            name, label, raw.encoding, raw.headers, {}, raw.headers, sample, empty("reviews"), raw.notes, str(error)
        )
    unmapped = [header for header in raw.headers if header not in chosen.columns.values()]
    try:
        cleaned, notes = _cleaned(name, raw, chosen.columns, overrides, config, rows)
        problem = None
    except VocError as error:
        cleaned, notes, problem = empty("reviews"), [*raw.notes, *chosen.notes], str(error)
    return Preview(name, label, raw.encoding, raw.headers, chosen.columns, unmapped, sample, cleaned, notes, problem)


def _cleaned(
    name: str,
    raw: RawTable,
    columns: Mapping[str, str],
    overrides: Mapping[str, str],
    config: IngestConfig,
    rows: int,
) -> tuple[pa.Table, list[str]]:
    """Clean the first rows; the date and rating columns are read whole, because they decide how they are read."""
    chosen = choose_mapping(name, raw, overrides)
    now = dt.datetime.now(tz=dt.UTC)
    read = normalise(name, raw, chosen, config, now)
    kept = [i for i, reason in enumerate(read.reasons) if reason is None and read.copies[i][0] <= rows]
    return reviews_table(read, kept[:rows], chosen.source.name, "preview", now), read.notes
