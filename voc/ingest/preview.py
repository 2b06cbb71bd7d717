"""Shows what an export would become before anything is read for good: mapping, raw rows, cleaned rows."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from voc.config import IngestConfig
from voc.errors import VocError
from voc.ingest.dates import OpenDate, OpenDatesError
from voc.ingest.files import Limits, expand
from voc.ingest.head import read_head
from voc.ingest.mapping import Chosen, choose_mapping, detect_source, fold_field
from voc.ingest.normalise import normalise
from voc.ingest.raw import RawTable
from voc.ingest.reader import reviews_table
from voc.tables import empty

__all__ = ["Preview", "preview"]


@dataclass(frozen=True)
class Preview:
    """A look at one file; `problem` is the sentence that says why it cannot be read as it is, else null.

    `whole` says that all of it was looked at, and not only the beginning. `open_dates` says in a clause that these rows
    do not tell whether dates put the day first or the month, else null; `open_date` is one that can be read both ways.
    """

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
    whole: bool = True
    open_dates: str | None = None
    open_date: OpenDate | None = None


def preview(
    path: Path | str, *, config: IngestConfig, mapping: Mapping[str, str] | None = None, rows: int = 20
) -> Preview:
    """Return `rows` rows of the first table of an export, raw and cleaned; nothing is raised or stored.

    Of a large file the beginning is read alone: by it the mapping is found, as `read_exports` does, while the order of
    dates may depend on what follows. Languages are not detected.
    """
    name = Path(path).name
    try:
        head = read_head(expand([path])[0], Limits.of(config))
    except VocError as error:
        none = pa.table({})
        return Preview(name, "unreadable", None, [], {}, [], none, empty("reviews"), [], str(error))
    name, raw = head.name, head.raw
    # Taken, not sliced: a slice would keep the whole table in the memory.
    sample = raw.table.take(pa.array(range(min(rows, raw.table.num_rows)), pa.int64()))
    label = f"{detect_source(raw.headers).label}, {raw.kind}"
    try:
        overrides = {fold_field(k): v for k, v in {**config.mapping, **(mapping or {})}.items()}
        chosen = choose_mapping(name, raw, overrides)
    except VocError as error:
        return Preview(
            name, label, raw.encoding, raw.headers, {}, raw.headers, sample, empty("reviews"), raw.notes, str(error)
        )
    unmapped = [header for header in raw.headers if header not in chosen.columns.values()]
    problem = None
    undecided: OpenDatesError | None = None
    try:
        cleaned, notes = _cleaned(name, raw, chosen, config, rows)
    except VocError as error:
        cleaned, notes, problem = empty("reviews"), [*raw.notes, *chosen.notes], str(error)
        undecided = error if isinstance(error, OpenDatesError) else None
        if not head.whole and "written_at" in chosen.columns:
            # What the first rows leave open, such as the order of day and month, later ones may tell.
            with contextlib.suppress(VocError):
                cleaned, notes = _cleaned(name, raw, _without(chosen, "written_at"), config, rows)
                notes.append("the first rows do not tell how the dates are to be read; the analysis looks at all rows")
                problem = None
    return Preview(
        name, label, raw.encoding, raw.headers, chosen.columns, unmapped, sample, cleaned, notes, problem, head.whole,
        undecided.fact if undecided else None, undecided.example if undecided else None,
    )  # fmt: skip


def _without(chosen: Chosen, field: str) -> Chosen:
    return replace(chosen, columns={name: header for name, header in chosen.columns.items() if name != field})


def _cleaned(name: str, raw: RawTable, chosen: Chosen, config: IngestConfig, rows: int) -> tuple[pa.Table, list[str]]:
    """Clean the first rows; all dates and ratings that are there are read, because they decide how they are read."""
    now = dt.datetime.now(tz=dt.UTC)
    read = normalise(name, raw, chosen, config, now)
    kept = [i for i, reason in enumerate(read.reasons) if reason is None and read.copies[i][0] <= rows]
    return reviews_table(read, kept[:rows], chosen.source.name, "preview", now), read.notes
