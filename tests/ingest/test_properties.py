"""The reader under random files: the accounts always balance, and only VocError is ever raised."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from voc.config import IngestConfig
from voc.errors import VocError
from voc.ingest import IngestResult, preview, read_exports
from voc.ingest.delimited import read_delimited

HARD = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def attempt(data: bytes, name: str) -> IngestResult | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        shown = preview(path, config=IngestConfig())
        try:
            result = read_exports([path], config=IngestConfig())
        except VocError as error:
            result, sentence = None, str(error)
    if result is None:
        assert "\n" not in sentence
        assert sentence.endswith(".")
        return None
    assert shown.problem is None
    for report in result.reports:
        assert report.accepted + report.duplicates + report.rejected == report.rows_read
    assert sum(report.accepted for report in result.reports) == result.reviews.num_rows
    assert sum(report.rejected for report in result.reports) == result.rejects["row"].drop_null().length()
    return result


CELL = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["Good", "It works well and I like it very much indeed", "5", "11", "4,6", "★★★", "2024-01-01", "NaN"]
    ),
    st.sampled_from(["2999-01-01", "01/02/2020", "13/02/2020", '"', "a\nb", "👍", "\x00", "hidden", "x" * 300]),
)
HEADERS = ["Review", "Stars", "Date", "review_id", "Product", "Status"]


@HARD
@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.json", "a.xlsx", "a.gz"]))
@example(b"PK\x03\x04", "a.zip")
@example(b"PK\x05\x06" + b"\x00" * 18, "a.zip")
@example(b'"', "a.csv")
@example(b"\xff\xfe", "a.csv")
@example(b"Review\n\xff\xfe\x00", "a.csv")
@example(b"[1, 2]", "a.json")
def test_random_bytes(data, name):
    attempt(data, name)


@HARD
@given(st.text(max_size=300), st.sampled_from([",", ";", "\t"]))
def test_random_text_under_a_known_header(text, delimiter):
    attempt(f"Review{delimiter}Stars\n{text}".encode(), "a.csv")


@HARD
@given(st.lists(st.lists(CELL, min_size=6, max_size=6), min_size=1, max_size=8), st.sampled_from([",", ";", "\t"]))
def test_random_rows_of_csv(table, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([HEADERS, *table])
    result = attempt(out.getvalue().encode(), "a.csv")
    if result is not None:
        assert result.reports[0].rows_read <= len(table) + sum(
            cell.count("\n") + cell.count("\r") for r in table for cell in r
        )


@HARD
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                h: st.one_of(CELL, st.none(), st.integers(), st.floats(), st.booleans(), st.lists(CELL, max_size=2))
                for h in HEADERS
            },
        ),
        min_size=1,
        max_size=8,
    )
)
def test_random_records_of_json_lines(records):
    result = attempt("\n".join(json.dumps(r) for r in records).encode(), "a.jsonl")
    if result is not None:
        assert result.reports[0].rows_read == len(records)


@HARD
@given(
    st.lists(
        st.lists(
            st.text(
                alphabet=st.characters(codec="utf-8", exclude_characters='\x00\x1f"\r\n,;\t|'), min_size=1, max_size=12
            ),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_plain_cells_come_back_as_they_were(table):
    text = "Review,Product,Colour\n" + "".join(",".join(row) + "\n" for row in table)
    raw = read_delimited("a.csv", text, "UTF-8", [])
    assert raw.rows_read == len(table)
