"""A result: its forms, its rows and columns, its files, and how it shows text that nobody can trust."""

import json
import sys

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from voc import VocError
from voc.api import Result

HOSTILE = "<img src=x onerror=alert(1)> \x1b[31m & \u202eevil"
ROWS = [
    {"name": HOSTILE, "count": 1200, "share": 0.25, "said": [{"text": "=1+1"}]},
    {"name": "b", "count": None, "share": 0.5, "said": []},
    {"name": None, "count": 3, "share": None, "said": None},
]


@pytest.fixture
def result():
    return Result(pa.Table.from_pylist(ROWS), title="Things", notes=["How <to> read it."])


def test_rows_columns_and_parts(result):
    assert len(result) == 3
    assert list(result) == result.rows() == ROWS
    assert result[0] == result[-3] == ROWS[0]
    assert result["count"] == [1200, None, 3]
    assert result[1:].rows() == ROWS[1:]
    assert result[::-1].rows() == ROWS[::-1]
    assert result[5:].rows() == []
    assert result.head(2).rows() == ROWS[:2]
    assert result[:2].title == "Things"
    with pytest.raises(IndexError):
        result[3]
    with pytest.raises(KeyError):
        result["nothing"]


def test_forms(result):
    assert pa.table(result).equals(result.arrow)
    assert result.pandas()["name"].tolist()[1] == "b"
    assert result.polars()["count"].to_list() == [1200, None, 3]
    assert result.polars().equals(__import__("polars").DataFrame(result))


def test_without_polars_a_sentence_says_what_to_install(result, monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(VocError, match=r"pip install 'voc\[polars\]'"):
        result.polars()
    assert len(result.pandas()) == 3


def test_hostile_text_shows_literally(result):
    page, text = result._repr_html_(), repr(result)
    assert "<img" not in page
    assert "&lt;img" in page
    assert "How &lt;to&gt; read it." in page
    assert not {"\x1b", "\u202e"} & set(page + text)
    assert text.startswith("Things (3 rows)\n")


def test_a_long_table_says_how_much_of_it_is_shown():
    result = Result(pa.table({"n": range(25)}), title="Numbers")
    assert "10 of 25 rows are shown" in repr(result)
    assert result._repr_html_().count("<tr>") == 11


def test_what_a_reader_is_shown_may_differ_from_what_is_held():
    result = Result(
        pa.table({"n": [1, 2, 3]}), line=lambda row: {"twice": 2 * row["n"]}, first=lambda row: row["n"] > 1
    )
    assert "twice" in repr(result)
    assert "6" in repr(result)
    assert len(result) == len(result.pandas()) == 3


@pytest.mark.parametrize("empty", [pa.table({}), pa.table({"a": pa.nulls(0)})])
def test_an_empty_table_has_every_form(empty, tmp_path):
    result = Result(empty)
    assert not result
    assert list(result) == []
    assert "0 rows" in repr(result)
    assert "0 rows" in result._repr_html_()
    assert len(result.pandas()) == len(result.polars()) == 0
    assert result.save(tmp_path / "empty.csv").exists()


def test_files_hold_the_table(result, tmp_path):
    assert pq.read_table(result.save(tmp_path / "t.parquet")).equals(result.arrow)
    assert json.loads(result.save(tmp_path / "t.json").read_text(encoding="utf-8"))[1] == ROWS[1]
    lines = result.save(tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "name,count,share,said"
    assert lines[1].endswith(",'=1+1")
    sheet = openpyxl.load_workbook(result.save(str(tmp_path / "T.XLSX"))).active
    assert [cell.value for cell in sheet[1]] == result.columns
    assert "Things" in result.save(tmp_path / "t.md").read_text(encoding="utf-8")
