from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from voc.config import IngestConfig
from voc.errors import VocError
from voc.ingest import files, read_exports
from voc.ingest.files import expand, open_payloads

CSV = b"Review,Stars\nThe cable works well,5\nIt broke after a week,1\n"


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


def test_gzip_is_opened_whatever_the_file_is_called(read):
    assert read(gzip.compress(CSV), "export.csv.gz").reviews.num_rows == 2
    assert read(gzip.compress(CSV), "export.csv").reviews.num_rows == 2


def test_gzip_of_several_members_is_read_to_the_end(read):
    both = gzip.compress(CSV) + gzip.compress(b"Great sound for the price,4\n")
    assert read(both, "export.csv.gz").reports[0].rows_read == 3


def test_truncated_gzip_is_refused_with_a_sentence(read):
    with pytest.raises(VocError) as caught:
        read(gzip.compress(CSV * 100)[:-12], "export.csv.gz")
    assert str(caught.value) == "export.csv.gz: the gzip file is cut short; download or export it again."


def test_damaged_gzip_is_refused(read):
    with pytest.raises(VocError, match="the gzip file is damaged"):
        read(b"\x1f\x8b\x08\x00rubbish that is no stream", "export.gz")


def test_zip_may_hold_several_exports_and_other_things(read):
    second = b"comment,rating\nAnother text about it,3\n"
    data = zipped(a__csv=CSV, b__csv=second, logo__png=b"\x89PNG", **{"__MACOSX/._a__csv": b"x"})
    result = read(data, "exports.zip")
    assert [r.file for r in result.reports] == ["exports.zip/a.csv", "exports.zip/b.csv"]
    assert [r.accepted for r in result.reports] == [2, 1]
    assert "left out of the zip, not an export: logo.png" in result.reports[0].notes


def test_zip_without_an_export(read):
    with pytest.raises(VocError, match="the zip holds no export"):
        read(zipped(logo__png=b"x"), "exports.zip")


def test_zip_in_a_zip_is_refused(read):
    with pytest.raises(VocError, match="the zip holds another zip; unpack it first"):
        read(zipped(inner__zip=zipped(a__csv=CSV)), "exports.zip")


def test_truncated_zip_is_refused(read):
    with pytest.raises(VocError, match="the zip file is damaged or cut short"):
        read(zipped(a__csv=CSV * 50)[:-30], "exports.zip")


def test_zip_with_a_password_is_refused(read):
    data = bytearray(zipped(a__csv=CSV))
    data[6] |= 1  # the flag in the local header ...
    data[data.index(b"PK\x01\x02") + 8] |= 1  # ... and in the directory
    with pytest.raises(VocError, match="protected by a password"):
        read(bytes(data), "exports.zip")


def test_bombs_are_refused_by_ratio_and_by_size(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "RATIO_COUNTS_FROM", 100_000)
    for name, data in (("a.gz", gzip.compress(b"a" * 2_000_000)), ("a.zip", zipped(a__csv=b"a" * 2_000_000))):
        path = tmp_path / name
        path.write_bytes(data)
        (found,) = open_payloads(path)
        assert isinstance(found, VocError)
        assert "unpacks to more than 200 times its size" in str(found)
    monkeypatch.setattr(files, "MAX_BYTES", 1_000_000)
    (found,) = open_payloads(tmp_path / "a.zip")
    assert "is larger than" in str(found)


def test_folders_patterns_and_files_are_expanded_once_and_in_order(tmp_path):
    for name in ("b.csv", "a.tsv", "notes.md", ".hidden.csv"):
        (tmp_path / name).write_bytes(CSV)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.jsonl").write_bytes(b"{}")
    names = [p.name for p in expand([tmp_path, tmp_path / "b.csv"])]
    assert names == ["a.tsv", "b.csv", "c.jsonl"]
    assert [p.name for p in expand([f"{tmp_path}/*.csv"])] == ["b.csv"]


def test_missing_files_are_named(tmp_path):
    with pytest.raises(VocError, match=r"none\.csv: there is no such file; check the path"):
        expand([tmp_path / "none.csv"])
    with pytest.raises(VocError, match="no file matches this pattern"):
        expand([f"{tmp_path}/*.csv"])
    with pytest.raises(VocError, match="this folder holds no export"):
        expand([tmp_path])
    with pytest.raises(VocError, match="No export was named"):
        expand([])


def test_a_bad_file_does_not_stop_the_others(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"")
    (tmp_path / "b.csv").write_bytes(CSV)
    result = read_exports([tmp_path], config=IngestConfig())
    assert result.reviews.num_rows == 2
    assert [(r.file, r.format) for r in result.reports] == [("b.csv", "generic, CSV (comma)"), ("a.csv", "unreadable")]
    assert result.reports[1].notes == ["a.csv: the file is empty; export it again."]
    assert result.rejects.to_pylist()[0]["row"] is None


def test_when_no_file_can_be_read_the_first_reason_is_told(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"")
    (tmp_path / "b.csv").write_bytes(b"x,y\n1,2\n3,4\n5,6\n")
    with pytest.raises(VocError) as caught:
        read_exports([tmp_path], config=IngestConfig())
    assert str(caught.value) == "a.csv: the file is empty; export it again. None of the 2 files could be read."
