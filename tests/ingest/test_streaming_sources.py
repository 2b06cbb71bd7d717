"""Streams from object stores, of what is damaged, and in bounded memory."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.registry import _registry
from streamed import judged

from voc.config import IngestConfig
from voc.errors import VocError
from voc.ingest import streaming_delimited, streaming_text
from voc.ingest.streaming import stream_exports

ROWS = [{"Review": f"It works well, number {i}", "Stars": str(i % 5 + 1)} for i in range(300)]
LINES = "\n".join(map(json.dumps, ROWS)).encode()
CSV = b"Review,Stars\n" + b"".join(f'"{row["Review"]}",{row["Stars"]}\n'.encode() for row in ROWS)


def parquet(rows=ROWS, **options):
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out, **options)
    return out.getvalue()


def test_addresses_are_read_as_files_are():
    store = fsspec.filesystem("memory")
    for name, data in {"a.csv": CSV, "deep/b.parquet": parquet(), "c.jsonl.gz": gzip.compress(LINES)}.items():
        store.pipe_file(f"/reviews/{name}", data)
    store.pipe_file("/reviews/readme.md", b"no export")
    out = judged(["memory://reviews"], batch_rows=100)
    assert [file.name for file in out.files] == ["a.csv", "c.jsonl.gz", "b.parquet"]
    assert {name: numbers[0] for name, numbers in out.numbers.items()} == dict.fromkeys(out.numbers, 300)
    [one] = judged(["memory://reviews/*.csv"]).files
    assert one.name == "a.csv"
    with pytest.raises(VocError, match=r"nothing\.csv: there is no such file"):
        stream_exports(["memory://reviews/nothing.csv"], config=IngestConfig())
    store.rm("/reviews", recursive=True)


def test_what_reads_an_address_may_have_to_be_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    # It may have been read by it before.
    monkeypatch.delitem(_registry, "s3", raising=False)
    with pytest.raises(VocError, match=r's3:// is not installed; pip install "voc\[s3\]"\.$'):
        stream_exports(["s3://bucket/reviews.csv"], config=IngestConfig())


@pytest.mark.parametrize("data", [gzip.compress(LINES)[:-300], json.dumps(ROWS).encode()[:-3000]])
def test_what_comes_before_the_damage_is_kept(tmp_path, monkeypatch, data):
    monkeypatch.setattr(streaming_text, "BLOCK", 500)
    path = tmp_path / "export"
    path.write_bytes(data)
    out = judged([path], batch_rows=50)
    assert 100 < len(out.reviews) < 300
    assert out.rejects[-1]["row"] is None
    assert out.rejects[-1]["reason"].endswith("What comes before was read.")


def test_of_a_damaged_parquet_file_the_other_parts_are_read(tmp_path):
    data = bytearray(parquet(row_group_size=100, compression="zstd", use_dictionary=False))
    group = pq.ParquetFile(io.BytesIO(bytes(data))).metadata.row_group(1).column(0)
    data[group.data_page_offset : group.data_page_offset + 60] = b"\xff" * 60
    path = tmp_path / "a.parquet"
    path.write_bytes(bytes(data))
    out = judged([path], batch_rows=64)
    assert out.numbers["a.parquet"] == (300, 200, 0, 100)
    assert [row["row"] for row in out.rejects] == list(range(101, 201))
    assert {row["reason"] for row in out.rejects} == {"this part of the Parquet file is damaged"}


def test_a_quote_that_is_never_closed_costs_one_row(tmp_path, monkeypatch):
    monkeypatch.setattr(streaming_text, "BLOCK", 2_000)
    monkeypatch.setattr(streaming_delimited, "_MAX_ROW", 1_000)
    lines = CSV.decode().splitlines(keepends=True)
    lines[150] = '"It broke and this quote stays open,1\n'
    path = tmp_path / "a.csv"
    # An odd number of quotes in all: those of the rows below open and close the other way round.
    path.write_text("".join(lines[:151] + [line.replace('"', "").replace(",", "", 1) for line in lines[151:]]))
    out = judged([path], batch_rows=64)
    assert out.numbers["a.csv"] == (300, 299, 0, 1)
    assert out.rejects[0]["row"] == 150


GENERATE = """
import json, random, sys
import pyarrow as pa, pyarrow.parquet as pq
kind, path = sys.argv[1:]
words = "the cable broke after two weeks of use and the charger gets hot but it is not worth the money".split()
choose = random.Random(1)
def rows(count):
    return [{"Review": " ".join(choose.choices(words, k=30)), "Stars": i % 5 + 1} for i in range(count)]
if kind == "parquet":
    with pq.ParquetWriter(path, pa.schema([("Review", pa.string()), ("Stars", pa.int64())])) as writer:
        for _ in range(10):
            writer.write_table(pa.Table.from_pylist(rows(50_000)))
else:
    with open(path, "w") as file:
        if kind == "csv":
            file.write("Review,Stars\\n")
        for _ in range(50):
            for row in rows(10_000):
                file.write(json.dumps(row) + "\\n" if kind == "jsonl" else f'"{row["Review"]}",{row["Stars"]}\\n')
"""
READ = """
import resource, sys
from voc.config import IngestConfig
from voc.ingest.streaming import stream_exports
rows = 0
for file in stream_exports(sys.argv[1:], config=IngestConfig()):
    rows += sum(batch.rows_read for batch in file.batches())
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_half_a_million_reviews_need_little_memory(tmp_path, kind):
    path = tmp_path / f"big.{kind}"
    subprocess.run([sys.executable, "-c", GENERATE, kind, path], check=True)
    read = subprocess.run([sys.executable, "-c", READ, path], check=True, capture_output=True, text=True)
    rows, megabytes = map(int, read.stdout.split())
    assert rows == 500_000
    # The detector of languages takes 300 of them, whatever the size.
    assert megabytes < 700
