"""What the tests of this room share: writing an export and reading it."""

from __future__ import annotations

import pytest

from voc.config import IngestConfig
from voc.ingest import IngestResult, read_exports


@pytest.fixture
def read(tmp_path):
    """Return a function that writes `content` to a file called `name`, reads it and checks the accounts."""

    def _read(content, name="export.csv", *, config=None, **options) -> IngestResult:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        result = read_exports([path], config=config or IngestConfig(), **options)
        check_accounts(result)
        return result

    return _read


def check_accounts(result: IngestResult) -> None:
    for report in result.reports:
        assert report.accepted + report.duplicates + report.rejected == report.rows_read
    assert sum(r.accepted for r in result.reports) == result.reviews.num_rows
    with_row = [row for row in result.rejects.column("row").to_pylist() if row is not None]
    assert sum(r.rejected for r in result.reports) == len(with_row)


@pytest.fixture
def rows(read):
    """Like `read`, but returns the reviews as dictionaries."""

    def _rows(*args, **options):
        return read(*args, **options).reviews.to_pylist()

    return _rows
