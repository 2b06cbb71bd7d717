"""Reads exports as a stream and judges its duplicates, to compare the outcome with that of `read_exports`."""

from __future__ import annotations

from typing import Any

from voc.config import IngestConfig
from voc.ingest.duplicates import Deduplicator
from voc.ingest.streaming import StreamedFile, stream_exports


class Outcome:
    """What came out of a stream: reviews and rejects as dictionaries, and for each file its numbers and notes."""

    def __init__(self) -> None:
        self.reviews: list[dict[str, Any]] = []
        self.rejects: list[dict[str, Any]] = []
        self.files: list[StreamedFile] = []
        self.numbers: dict[str, tuple[int, int, int, int]] = {}
        self.notes: dict[str, list[str]] = {}
        self.sizes: list[int] = []


def judged(sources, *, batch_rows=3, config=None, **options) -> Outcome:
    """Stream exports, judge duplicates in order, and check the accounts of every batch."""
    out = Outcome()
    seen = Deduplicator()
    kept: list[dict[str, Any] | None] = []
    owners: list[str] = []
    taken: dict[str, int] = {}
    for file in stream_exports(sources, config=config or IngestConfig(), batch_rows=batch_rows, **options):
        out.files.append(file)
        rows = rejected = 0
        oddities: dict[str, int] = {}
        taken.setdefault(file.name, 0)
        for number, batch in enumerate(file.batches()):
            assert batch.number == number
            assert batch.file == file.name
            assert batch.reviews.num_rows == len(batch.offers) == len(batch.copies)
            with_row = [row for row in batch.rejects["row"].to_pylist() if row is not None]
            assert batch.rows_read == sum(batch.copies) + len(with_row) <= batch_rows
            out.sizes.append(batch.rows_read)
            rows += batch.rows_read
            rejected += len(with_row)
            out.rejects += batch.rejects.to_pylist()
            for what, count in batch.oddities.items():
                oddities[what] = oddities.get(what, 0) + count
            for row, offer in zip(batch.reviews.to_pylist(), batch.offers, strict=True):
                verdict = seen.offer(len(kept), offer)
                if verdict.duplicate:
                    continue
                if verdict.replaces is not None and verdict.replaces >= 0:
                    kept[verdict.replaces] = None
                    taken[owners[verdict.replaces]] -= 1
                kept.append({**row, "review_id": verdict.review_id})
                owners.append(file.name)
                taken[file.name] += 1
        out.numbers[file.name] = (rows, 0, 0, rejected)
        out.notes[file.name] = [*file.notes, *(f"{what}: {count:,}" for what, count in oddities.items())]
    out.numbers = {
        name: (rows, taken[name], rows - rejected - taken[name], rejected)
        for name, (rows, _, _, rejected) in out.numbers.items()
    }
    out.reviews = [row for row in kept if row is not None]
    return out


def assert_equal(out: Outcome, result) -> None:
    """Check that a stream gave what `read_exports` gave, but for when it was read."""
    expected = result.reviews.to_pylist()
    for row in [*out.reviews, *expected]:
        row.pop("ingested_at", None)
    assert out.reviews == expected
    assert out.rejects == [row for row in result.rejects.to_pylist() if row["row"] is not None] + [
        row for row in result.rejects.to_pylist() if row["row"] is None
    ]
    for report, file in zip([r for r in result.reports if r.format != "unreadable"], out.files, strict=False):
        assert out.numbers[report.file] == (report.rows_read, report.accepted, report.duplicates, report.rejected)
        assert (file.name, file.format, file.encoding) == (report.file, report.format, report.encoding)
        assert file.mapping == report.mapping
        # What is said of colliding ids comes from the judge of duplicates.
        assert sorted(out.notes[report.file]) == sorted(n for n in report.notes if not n.endswith("made distinct"))
        assert file.bytes_read == file.bytes_total
