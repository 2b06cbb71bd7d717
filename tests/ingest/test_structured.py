from __future__ import annotations

import datetime as dt
import io
import json

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from voc.errors import VocError

RECORDS = [
    {"text": "The cable works well", "rating": 5, "verified": True, "helpful": None},
    {"text": "It broke after a week", "rating": 1.0, "verified": False, "note": {"a": [1]}},
]


def test_array_object_and_lines_give_the_same(rows):
    array = rows(json.dumps(RECORDS), "a.json")
    wrapped = rows(json.dumps({"meta": {"n": 2}, "data": {"reviews": RECORDS}}, indent=2), "b.json")
    lines = rows("\n".join(json.dumps(r) for r in RECORDS), "c.jsonl")
    for found in (array, wrapped, lines):
        assert [(r["text"], r["rating"], r["verified"]) for r in found] == [
            ("The cable works well", 5.0, True),
            ("It broke after a week", 1.0, False),
        ]
    assert [r["review_id"] for r in array] == [r["review_id"] for r in lines]


def test_nested_records_become_dotted_columns(read):
    record = {"review": {"body": "The plug is loose", "stars": 2}, "product": {"name": "Cable", "id": "P1"}}
    report = read(json.dumps([record, record | {"n": 1}]), "a.json", mapping={"body": "review.body"}).reports[0]
    assert report.mapping["body"] == "review.body"


def test_bad_lines_are_rejected_with_their_number(read):
    result = read('{"text":"good one here"}\nnot json\n\n[1]\n{"text":"bad \\ud83d one"}\n', "a.jsonl")
    assert result.rejects.select(["row", "reason"]).to_pylist() == [
        {"row": 2, "reason": "not valid JSON"},
        {"row": 3, "reason": "not a JSON object"},
    ]
    assert result.reviews["text"].to_pylist() == ["good one here", "bad one"]


def test_array_of_strings_is_text(rows):
    assert [r["text"] for r in rows('["It works well", "It broke"]', "a.json")] == ["It works well", "It broke"]


@pytest.mark.parametrize("content", ["[]", "{}", '{"a": 1', "[" * 5000])
def test_json_without_records(read, content):
    with pytest.raises(VocError):
        read(content, "a.json")


def test_parquet_keeps_types_readable(rows):
    table = pa.table(
        {
            "Review": ["It works well", "It broke"],
            "Rating": pa.array([5.0, 1.0]),
            "Date": pa.array([dt.datetime(2021, 5, 1), dt.datetime(2021, 6, 1)], pa.timestamp("us")),
            "Product": pa.array(["Cable", "Cable"]).dictionary_encode(),
            "__index_level_0__": [0, 1],
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    found = rows(buffer.getvalue(), "a.parquet")
    assert found[0]["rating"] == 5.0
    assert found[0]["written_at"] == dt.datetime(2021, 5, 1, tzinfo=dt.UTC)
    assert found[0]["product"] == "Cable"
    assert found[0]["extra"] is None


def workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, cells in sheets.items():
        sheet = book.create_sheet(name)
        for row in cells:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_workbook_with_title_row_dates_and_another_sheet(read):
    data = workbook(
        About=[["This is our export"]],
        Reviews=[
            ["Reviews of May"],
            ["Review", "Stars", "Date"],
            ["It works\nwell", 5, dt.datetime(2021, 5, 1)],
            [None, None, None],
            ["It broke", 1, dt.datetime(2021, 5, 2)],
        ],
    )
    result = read(data, "a.xlsx")
    found = result.reviews.to_pylist()
    assert [(r["text"], r["rating"]) for r in found] == [("It works\nwell", 5.0), ("It broke", 1.0)]
    assert found[1]["written_at"] == dt.datetime(2021, 5, 2, tzinfo=dt.UTC)
    assert "workbook" in result.reports[0].format


def test_sheets_with_one_header_are_read_together(read):
    header = ["Review", "Stars"]
    data = workbook(May=[header, ["It works", 5]], June=[header, ["It broke", 1]], Other=[["a"], ["b"]])
    report = read(data, "a.xlsx").reports[0]
    assert report.accepted == 2
    assert report.notes == ["sheets with the same header were read together: May, June", "sheets left out: Other"]


def test_workbook_inside_gzip_or_named_csv(read):
    data = workbook(A=[["Review", "Stars"], ["It works", 5]])
    assert read(data, "export.csv").reports[0].accepted == 1
