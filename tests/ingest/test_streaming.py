"""Streams give what `read_exports` gives, for every form of export, however small the pieces that they are cut into."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import tempfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from streamed import assert_equal, judged

from voc.config import IngestConfig
from voc.errors import VocError
from voc.ingest import read_exports, streaming_json, streaming_text
from voc.ingest.streaming import stream_exports
from voc.resources import sample_dir

TEXTS = [
    "The cable frays near the plug after three weeks of careful use, what a pity",
    'It says "fast" on the box, and it is',
    "Good",
    "First line\nsecond line; with a semicolon, a comma\tand a tab",
    "Das Kabel ist nach zwei Wochen kaputt gegangen",
    "Très déçu — la batterie ne tient pas la charge 👎",
    "",
    "call me at +49 170 1234567 or mail to jo@example.com",
]


def records(count=40, **more):
    for i in range(count):
        yield {
            "Review": TEXTS[i % len(TEXTS)],
            "Stars": str(i % 5 + 1),
            "Date": f"2024-0{i % 9 + 1}-1{i % 10}",
            "Product": f"Cable {i % 3}",
            "Colour": "black",
            **{name: make(i) for name, make in more.items()},
        }


def as_csv(rows, delimiter=",", **options):
    rows = list(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), delimiter=delimiter, lineterminator="\n", **options)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def as_workbook(rows):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        rows = list(rows)
        for at, row in enumerate([rows[0].keys(), *(row.values() for row in rows)]):
            sheet.write_row(at, 0, row)
    return out.getvalue()


def as_parquet(rows, **options):
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), out, **options)
    return out.getvalue()


def as_zip(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_", "."), data)
    return out.getvalue()


def plain(row):
    return {name: cell.replace("\n", " ").replace('"', "'").replace("\t", " ") for name, cell in row.items()}


LINES = "\n".join(json.dumps(row) for row in records())
TYPED = [
    {
        "Review": row["Review"],
        "Stars": i % 5 + 0.5 if i % 7 else None,
        "Date": dt.datetime(2024, 1, 1 + i % 28, tzinfo=dt.UTC),
        "Verified": i % 2 == 0,
        "tags": ["a", "b"] if i % 3 else None,
        "nested": {"x": i},
    }
    for i, row in enumerate(records())
]
EXPORTS = {
    "comma.csv": as_csv(records()).encode(),
    "semicolon.csv": as_csv(records(), ";").encode("utf-8-sig"),
    "windows.csv": as_csv(records(), ";").encode("cp1252", "replace"),
    "late.csv": as_csv([*records(30)][:4] * 1 + [{**next(records(1)), "Review": "Das geht überhaupt nicht"}]).encode(
        "cp1252"
    ),
    "wide.csv": as_csv(records(), "\t").encode("utf-16"),
    "unmarked.csv": as_csv(map(plain, records(4))).encode("utf-16-le"),
    "tabs.tsv": "\n".join(
        ["\t".join(next(records())), *("\t".join(plain(row).values()) for row in records())]
    ).encode(),
    "stray.tsv": (
        "Review\tStars\tProduct\n" + "".join(f'"{i} inch screen is fine\t{i % 5 + 1}\tCable\n' for i in range(30))
    ).encode(),
    "escaped.csv": (
        "Review,Stars\n" + "".join(f'"he said \\"good, {i}\\" to me",{i % 5 + 1}\n' for i in range(30))
    ).encode(),
    "bars.txt": as_csv(records(), "|").encode(),
    "returns.csv": as_csv(map(plain, records())).replace("\n", "\r\n").encode(),
    "old-mac.csv": as_csv(map(plain, records())).replace("\n", "\r").encode(),
    "preamble.csv": b"Reviews of March\n\n" + as_csv(records()).encode(),
    "declared.csv": b"sep=;\n" + as_csv(records(), ";").encode(),
    "padded.csv": ("Review,Stars\n" + "".join(f"It works well {i},{i % 5 + 1},,\n" for i in range(30))).encode(),
    "headless.csv": "".join(f"It is very good {i},{i % 5 + 1},2024-01-0{i % 9 + 1}\n" for i in range(30)).encode(),
    "ragged.csv": (as_csv(records(10)) + "too,few\n" + as_csv(records(10)) + "a,b,c,d,e,f,g\n\n\n,,,,\n").encode(),
    "nul.csv": as_csv(records()).replace("Good", "Go\x00od").encode(),
    "patched.csv": as_csv(records(40)).encode().replace(b"Good", b"G\xffd", 1),
    "one-column.txt": ("Review\n" + "\n".join(plain(row)["Review"] for row in records())).encode(),
    "ids-count.csv": as_csv(records(id=lambda i: i + 1)).encode(),
    "ids-repeat.csv": as_csv(records(id=lambda i: f"customer {i % 7}")).encode(),
    "ids-own.csv": as_csv(
        records(review_id=lambda i: f"R{i % 20}", Date=lambda i: f"2024-01-{i % 28 + 1:02}")
    ).encode(),
    "day-first.csv": as_csv(records(Date=lambda i: "31/12/2023" if i == 39 else f"0{i % 9 + 1}/02/2024")).encode(),
    "odd-dates.csv": as_csv(records(Date=lambda i: ["2999-01-01", "soon", "", "2020-05-05"][i % 4])).encode(),
    "scale-of-ten.csv": as_csv(records(Stars=lambda i: "0" if i < 3 else i % 10 + 1)).encode(),
    "named-scale.csv": as_csv(records(**{"Max rating": lambda i: "10", "Stars": lambda i: i % 10 + 1})).encode(),
    "Reviews of B012345678.csv": as_csv({k: v for k, v in row.items() if k != "Product"} for row in records()).encode(),
    "repeated.csv": as_csv([next(records())] * 50).encode(),
    "hidden.csv": as_csv(records(Status=lambda i: ["published", "hidden", "spam"][i % 3])).encode(),
    "packed.csv.gz": gzip.compress(as_csv(records(20)).encode()) + gzip.compress(as_csv(records(20)).encode()),
    "twice.csv.gz": gzip.compress(gzip.compress(as_csv(records()).encode())),
    "two.zip": as_zip(one_csv=as_csv(records()), two_jsonl=LINES, notes_md="# nothing"),
    "one.zip": as_zip(one_csv=gzip.compress(as_csv(records()).encode())),
    "parquet.zip": as_zip(one_parquet=as_parquet(TYPED)),
    "lines.jsonl": LINES.encode(),
    "lines-bom.jsonl": LINES.encode("utf-8-sig"),
    "broken-lines.jsonl": LINES.replace("\n", "\n{broken\n\n[1]\n", 5).encode(),
    "mostly-broken.jsonl": (LINES.split("\n")[0] + "\n{no\n{no\n{no\n").encode(),
    "growing.jsonl": "\n".join(
        json.dumps({**row, **({f"late {i // 10} ": {"a": i, "style": {"x": 1}}} if i > 9 else {})})
        for i, row in enumerate(records())
    ).encode(),
    "array.json": json.dumps([*records(), "a text alone", 7]).encode(),
    "pretty.json": json.dumps(list(records()), indent=2).encode("utf-16"),
    "document.json": json.dumps(
        {"about": {"made": [1, 2], "by": [{"who": "x"}]}, "data": {"deep": {"reviews": list(records())}}, "n": 12}
    ).encode(),
    "pretty-document.json": json.dumps({"n": 1.5, "reviews": list(records())}, indent=1).encode(),
    "lone.json": json.dumps({"text": "It broke after a week of use", "stars": 1}, indent=1).encode(),
    "table.parquet": as_parquet(TYPED, row_group_size=7),
    "book.xlsx": as_workbook(records()),
}


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch, request):
    block = getattr(request, "param", None) or 257
    monkeypatch.setattr(streaming_text, "BLOCK", block)
    monkeypatch.setattr(streaming_json, "_PIECE_RECORDS", 4)


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("batch_rows", [7, 1000])
def test_a_stream_gives_what_reading_at_once_gives(tmp_path, name, batch_rows):
    path = tmp_path / name
    path.write_bytes(EXPORTS[name])
    result = read_exports([path], config=IngestConfig())
    out = judged([path], batch_rows=batch_rows)
    assert_equal(out, result)
    if batch_rows == 7:
        assert max(out.sizes) <= 7


def test_a_folder_gives_its_files_in_order_and_those_that_cannot_be_read(tmp_path):
    for name in ("comma.csv", "table.parquet", "lines.jsonl"):
        (tmp_path / name).write_bytes(EXPORTS[name])
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "open.csv").write_text("Review,Date\nIt is fine,01/02/2024\n")
    (tmp_path / "picture.csv").write_bytes(bytes(range(256)) * 9)
    result = read_exports([tmp_path], config=IngestConfig())
    out = judged([tmp_path])
    by_source = lambda rows: sorted(rows, key=lambda r: (r["source"], r["row"] or 0))  # noqa: E731
    out.rejects, expected = by_source(out.rejects), by_source(result.rejects.to_pylist())
    assert out.rejects == expected
    assert [file.name for file in out.files if file.problem] == ["empty.csv", "open.csv", "picture.csv"]
    out.rejects, out.files = result.rejects.to_pylist(), [file for file in out.files if not file.problem]
    assert_equal(out, result)


def test_the_sample_is_streamed_as_it_is_read(monkeypatch):
    monkeypatch.setattr(streaming_text, "BLOCK", 50_000)
    path = sample_dir() / "reviews.csv"
    assert_equal(judged([path], batch_rows=500), read_exports([path], config=IngestConfig()))


def test_own_brands_mapping_and_date_order_count(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("What,Product,Date\nIt is very good,Anker Cable,01/02/2024\nNo good,Other thing,02/03/2024\n")
    config = IngestConfig(own_brands=["Anker"], date_order="dmy")
    result = read_exports([path], config=config, mapping={"title": "What", "body": ""})
    out = judged([path], config=config, mapping={"title": "What", "body": ""})
    assert [row["brand"] for row in out.reviews] == ["Anker", None]
    assert_equal(out, result)


def test_batches_from_the_middle_are_the_same(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(EXPORTS["comma.csv"])
    now = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    prints = []

    def skip(fingerprint):
        prints.append(fingerprint)
        return 4

    options = {"config": IngestConfig(), "batch_rows": 6, "now": now}
    [file] = stream_exports([path], **options)
    every = list(file.batches())
    [file] = stream_exports([path], skip=skip, **options)
    assert prints == [file.fingerprint]
    assert list(file.batches()) == every[4:]
    assert list(file.batches(start=2)) == every[2:]
    [other] = stream_exports([path], mapping={"title": "Colour"}, **options)
    assert other.fingerprint != file.fingerprint


CELL = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["Good", "It works well and I like it very much indeed", "5", "11", "4,6", "★★★", "NaN", "\ufffd"]),
    st.sampled_from(
        ["01/02/2020", "13/02/2020", "2999-01-01", '"', "a\nb", "👍", "\x00", "hidden", 'x"y"', "\\", '\\"']
    ),
)
HEADERS = ["Review", "Stars", "Date", "review_id", "Product", "Status"]
HARD = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=60
)


def both(data: bytes, name: str) -> None:
    """Whatever can be read at once gives the same as a stream; a stream never fails but with a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        out = judged([path], batch_rows=4)
        try:
            result = read_exports([path], config=IngestConfig())
        except VocError:
            return
    assert_equal(out, result)


@HARD
@given(st.lists(st.lists(CELL, min_size=6, max_size=6), min_size=1, max_size=12), st.sampled_from([",", ";", "\t"]))
def test_random_tables(table, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([HEADERS, *table])
    both(out.getvalue().encode("utf-8", "replace"), "a.csv")


@HARD
@given(st.lists(st.dictionaries(st.sampled_from(HEADERS), CELL | st.integers() | st.none()), min_size=1, max_size=12))
def test_random_records(rows):
    both("\n".join(json.dumps(row) for row in rows).encode(), "a.jsonl")
    both(json.dumps({"n": 1, "rows": rows}).encode(), "a.json")


@HARD
@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.json", "a.gz", "a.zip", "a.parquet"]))
@example(b"PAR1", "a.parquet")
@example(b"\x1f\x8b", "a.gz")
@example(b"PK\x05\x06" + b"\x00" * 18, "a.zip")
@example(b"{", "a.json")
@example(b"[", "a.json")
@example(b'{"a": [{"b": 1}', "a.json")
def test_random_bytes_never_raise(data, name):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        judged([path])
