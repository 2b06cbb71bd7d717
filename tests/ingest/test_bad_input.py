"""What bad input gets: one plain sentence, or counted rejects; never a traceback."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from voc.errors import VocError


@pytest.mark.parametrize("content", [b"", b"\n\n  \t\n", b"\x00\x00\x00", b"\xef\xbb\xbf"])
def test_empty_file(read, content):
    with pytest.raises(VocError) as caught:
        read(content)
    assert str(caught.value) == "export.csv: the file is empty; export it again."


def test_header_without_rows(read):
    with pytest.raises(VocError) as caught:
        read("Review,Stars\n")
    assert str(caught.value) == "export.csv: the file has a header but no rows; export it again."


def test_no_text_column(read):
    with pytest.raises(VocError) as caught:
        read("sku,price\nA1,9.99\nA2,8.50\nA3,7\n")
    assert str(caught.value) == (
        "export.csv: no column holds review text (columns: sku, price); name it with --map body=HEADER."
    )


def test_neither_text_nor_table(read):
    with pytest.raises(VocError) as caught:
        read(bytes(range(256)) * 20)
    assert str(caught.value) == (
        "export.csv: this is neither text nor a known table; "
        "save the export as CSV, TSV, JSON, JSON Lines, Parquet or XLSX."
    )


def test_wrong_encoding_is_detected_and_noted(read):
    text = "Review;Stars\nLe câble est très fragile, il s’est cassé après deux jours;1\nQualité médiocre – déçu;2\n"
    report = (result := read(text.encode("cp1252"))).reports[0]
    assert report.encoding == "cp1252"
    assert "the file is not UTF-8; it was read as cp1252" in report.notes
    assert result.reviews["text"][0].as_py() == "Le câble est très fragile, il s'est cassé après deux jours"


def test_ten_megabytes_in_one_cell(read):
    result = read('Review,Stars\n"' + "so bad " * 1_500_000 + '",1\nIt works as it should,4\n')
    assert result.rejects.select(["row", "reason"]).to_pylist() == [
        {"row": 1, "reason": "cell longer than 100,000 characters"}
    ]
    assert len(result.rejects["excerpt"][0].as_py()) <= 200
    assert result.reviews.num_rows == 1


def test_a_million_identical_rows(read):
    started = time.monotonic()
    report = read("Review,Stars\n" + "A very good product indeed,5\n" * 1_000_000).reports[0]
    assert (report.rows_read, report.accepted, report.duplicates) == (1_000_000, 1, 999_999)
    assert time.monotonic() - started < 60


def test_ratings_of_eleven(read):
    result = read("Review,Stars\nIt is good,5\nIt is bad,1\nIt is odd,11\n")
    assert result.rejects.select(["row", "reason", "excerpt"]).to_pylist() == [
        {"row": 3, "reason": "rating out of range", "excerpt": "It is odd"}
    ]


def test_dates_in_the_future(read):
    soon = (dt.datetime.now(tz=dt.UTC) + dt.timedelta(days=1)).date().isoformat()
    result = read(f"Review,Date\nIt is good,2020-05-01\nA time zone away,{soon}\nFrom tomorrow's world,2999-01-01\n")
    assert result.reviews.num_rows == 2
    assert result.rejects["reason"].to_pylist() == ["date in the future"]


def test_nul_characters(read):
    result = read(b"Review,Stars\nGre\x00at cable\x00,5\n")
    assert result.reviews["text"].to_pylist() == ["Great cable"]
    assert "NUL characters removed: 2" in result.reports[0].notes


def test_only_emoji(read):
    with pytest.raises(VocError) as caught:
        read("Review,Stars\n👍👍,5\n😀,4\n")
    assert str(caught.value) == (
        "export.csv: none of the 2 rows holds a usable review (2 no readable text); check the mapping with --map."
    )


def test_emoji_and_empty_rows_among_others_are_counted(read):
    result = read("Review,Stars\n👍,5\n,3\nIt works,4\n10/10,5\nNaN,1\n")
    assert result.rejects.select(["row", "reason"]).to_pylist() == [
        {"row": 1, "reason": "no readable text"},
        {"row": 2, "reason": "no text"},
        {"row": 4, "reason": "no readable text"},
        {"row": 5, "reason": "no text"},
    ]


def test_only_chinese_is_stored_as_chinese(read):
    result = read("评论,评分\n这个产品很好用，我很喜欢,5\n不好,1\n质量很差，用了两天就坏了,1\n")
    assert result.reviews["language"].to_pylist() == ["zh", "zh", "zh"]
    assert result.reviews["text"][0].as_py() == "这个产品很好用，我很喜欢"


def test_cut_off_json(read):
    with pytest.raises(VocError, match=r"this is not valid JSON .* the file may be cut short"):
        read('[{"text": "It is good", "rating": 5}, {"text": "It', "export.json")


def test_damaged_parquet_and_workbook(read):
    with pytest.raises(VocError, match="the Parquet file is damaged"):
        read(b"PAR1" + b"\x00rubbish" * 20 + b"PAR1", "export.parquet")
    with pytest.raises(VocError, match="the workbook cannot be opened"):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "export.xls")
