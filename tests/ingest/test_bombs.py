"""Small files that unfold to more than the memory are refused with a sentence, by real bombs."""

import gzip
import io
import json
import time
import zipfile
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from voc.config import IngestConfig
from voc.errors import VocError
from voc.ingest import preview, read_exports

GB = 1000**3
CSV = b"text,stars\n" + b"".join(b"The cable of order %d frays near the plug,1\n" % i for i in range(20))


def deflated(size):
    """Return a raw deflate stream that expands to `size` bytes of a CSV's lines, made in a moment."""
    block = (b"the cable frays near the plug of it\n" * 30_000)[:1_000_000]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.flush()
    # After a full flush a block stands for itself, so it may be repeated.
    return first + again * (size // len(block) - 1) + end


@pytest.fixture(scope="module")
def twelve_gigabytes():
    return deflated(12 * GB)


def lying_zip(name, stream, claimed=1000):
    """Return a zip whose directory claims that its member is small."""
    local = b"PK\x03\x04" + (20).to_bytes(2, "little") + bytes(2) + (8).to_bytes(2, "little") + bytes(8)
    sizes = len(stream).to_bytes(4, "little") + claimed.to_bytes(4, "little")
    head = local + sizes + len(name).to_bytes(2, "little") + bytes(2) + name
    entry = b"PK\x01\x02" + (20).to_bytes(2, "little") * 2 + bytes(2) + (8).to_bytes(2, "little") + bytes(8) + sizes
    entry += len(name).to_bytes(2, "little") + bytes(12) + bytes(4) + name
    body = head + stream
    end = b"PK\x05\x06" + bytes(4) + (1).to_bytes(2, "little") * 2 + len(entry).to_bytes(4, "little")
    return body + entry + end + len(body).to_bytes(4, "little") + bytes(2)


def refused(tmp_path, name, data, seconds=30):
    """Return the sentence with which an export is refused, which must not take long; the preview says the same."""
    path = tmp_path / name
    path.write_bytes(data)
    began = time.monotonic()
    with pytest.raises(VocError) as caught:
        read_exports([path], config=IngestConfig())
    assert time.monotonic() - began < seconds
    assert preview(path, config=IngestConfig()).problem == str(caught.value)
    return str(caught.value)


def test_a_gzip_bomb(tmp_path, twelve_gigabytes):
    data = b"\x1f\x8b\x08" + bytes(7) + twelve_gigabytes + bytes(8)
    assert len(data) < 60_000_000
    assert "unpacks to more than 200 times its size" in refused(tmp_path, "a.csv.gz", data)


def test_a_zip_bomb_that_lies_about_its_size(tmp_path, twelve_gigabytes):
    said = refused(tmp_path, "a.zip", lying_zip(b"a.csv", twelve_gigabytes))
    assert "unpacks to more than 200 times" in said or "is damaged" in said


def test_a_workbook_bomb_that_lies_about_its_size(tmp_path, twelve_gigabytes):
    data = lying_zip(b"[Content_Types].xml", twelve_gigabytes)
    said = refused(tmp_path, "a.xlsx", data)
    assert "unpacks to more than 200 times" in said or "is damaged" in said


def test_gzip_in_gzip_and_many_small_bombs_share_one_limit(tmp_path):
    assert "times its size" in refused(tmp_path, "a.csv.gz", gzip.compress(gzip.compress(bytes(300_000_000), 9), 9))
    inner = gzip.compress(b"the cable frays\n" * 5_000_000, 9)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(12):
            archive.writestr(f"{number}.csv.gz", inner)
    path = tmp_path / "many.zip"
    path.write_bytes(buffer.getvalue())
    from voc.ingest.files import open_payloads

    said = [str(one) for one in open_payloads(path) if isinstance(one, VocError)]
    assert len(said) >= 8
    assert all("times its size" in one for one in said)


def test_a_zip_of_too_many_files(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"{number}.csv", b"")
    assert "more than 10,000 files" in refused(tmp_path, "a.zip", buffer.getvalue())


def test_a_workbook_of_two_cells_in_opposite_corners(tmp_path):
    book = Workbook()
    book.active["A1"], book.active["XFD1048576"] = "text", "The cable frays."
    buffer = io.BytesIO()
    book.save(buffer)
    assert len(buffer.getvalue()) < 10_000
    assert "unfolds to more than fits in memory" in refused(tmp_path, "a.xlsx", buffer.getvalue())


def test_a_table_of_a_dictionary_that_repeats_one_text(tmp_path):
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 3_000_000, pa.int32()), ["the cable frays " * 1000])
    buffer = io.BytesIO()
    pq.write_table(pa.table({"text": column}), buffer)
    assert len(buffer.getvalue()) < 100_000
    assert "larger than 4 GiB" in refused(tmp_path, "a.parquet", buffer.getvalue())


def test_json_of_a_key_for_every_record_and_json_without_a_bottom(tmp_path):
    records = [{f"key {i}": "x", "text": "The cable frays."} for i in range(30_000)]
    assert "more than 2,000 columns" in refused(tmp_path, "a.json", json.dumps(records).encode())
    assert "nested too deeply" in refused(tmp_path, "b.json", b"[" * 200_000)


def test_what_a_guarded_process_reads_is_what_is_read_here(tmp_path):
    from voc.ingest.guarded import read_guarded
    from voc.ingest.parquet import read_parquet

    buffer = io.BytesIO()
    pq.write_table(pa.table({"text": ["The cable frays.", None, "Fine."], "stars": [1, None, 5]}), buffer)
    here, there = (read("a.parquet", buffer.getvalue()) for read in (read_parquet, read_guarded))
    assert there.table.equals(here.table)
    assert there.rows.tolist() == here.rows.tolist()
    assert there.bad == here.bad
    with pytest.raises(VocError, match="the Parquet file is damaged"):
        read_guarded("a.parquet", b"PAR1" + bytes(50))


def test_limits_can_be_raised_and_lowered(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(CSV * 2000))
    with pytest.raises(VocError, match="raise max_unpacked_mb"):
        read_exports([path], config=IngestConfig(max_unpacked_mb=1))
    path.write_bytes(gzip.compress(CSV))
    assert read_exports([path], config=IngestConfig(max_unpacked_mb=1)).reviews.num_rows == 20


def test_nothing_is_ever_unpickled_or_run(tmp_path):
    import pickle

    class Boom:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    for name, data in (("a.csv", pickle.dumps([Boom()] * 50)), ("b.csv", b"\x7fELF" + bytes(range(256)) * 20)):
        refused(tmp_path, name, data)
    assert not (tmp_path / "ran").exists()
