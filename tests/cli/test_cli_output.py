"""The formats: safe cells, readable figures, whole files."""

import csv
import datetime as dt
import io
import json
import string

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from voc.cli.output import as_text, write_file
from voc.sheets import Sheet, as_csv, as_json, as_markdown, as_xlsx, flat, readable
from voc.words import visible


def sheet(*rows):
    return Sheet("Title", rows, rows, list(rows))


@given(st.text(alphabet=string.printable + "é😀＝\u202e\x00", max_size=12))
def test_no_text_cell_of_csv_starts_a_formula(text):
    line = list(csv.reader(io.StringIO(as_csv(sheet({"a": text, "b": 1})), newline="")))[1]
    assert not line[0].startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
    kept = visible(text)
    assert line[0] in (kept, f"'{kept}")


def test_headings_are_safe_too():
    assert as_csv(Sheet("t", (), ({"=a": 1},), None)) == "'=a\n1\n"


def test_numbers_stay_numbers():
    assert as_csv(sheet({"a": -1.5, "b": None, "c": True})) == "a,b,c\n-1.5,,True\n"


def test_json_has_no_nan():
    assert json.loads(as_json(sheet({"a": float("nan"), "b": [float("inf"), 1.0]}))) == [{"a": None, "b": [None, 1.0]}]


def test_markdown_keeps_a_cell_in_its_cell():
    text = as_markdown(sheet({"a|b": "one\ntwo | three"}))
    assert text.splitlines()[-1] == "| one two \\| three |"


def test_a_review_cannot_steer_the_terminal():
    assert readable("a\x1b[31mred\x07 \x9b2J") == "a [31mred   2J"
    assert "\x1b" not in as_text(sheet({"a": "\x1b[2J[bold]x[/bold]"}))
    assert "[bold]x[/bold]" in as_text(sheet({"a": "[bold]x[/bold]"}))


def test_nothing_to_show_is_said():
    assert as_text(Sheet("Phases", (), (), [])) == "Phases: nothing to show.\n"
    assert as_markdown(Sheet("Phases", (), (), [])) == "Phases: nothing to show.\n"
    assert as_csv(Sheet("Phases", (), (), [], ("a", "b"))) == "a,b\n"


def test_a_cell_longer_than_a_spreadsheet_holds_is_cut(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(as_xlsx(sheet({"a": "x" * 40_000, "b": 2.5, "c": "https://example.com"})))
    cells = next(openpyxl.load_workbook(path).active.iter_rows(min_row=2))
    assert len(cells[0].value) == 32_767
    assert cells[0].value.endswith("…")
    assert (cells[1].value, cells[2].value, cells[2].hyperlink) == (2.5, "https://example.com", None)


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")
    write_file(path, b"new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mode & 0o077 == 0o044


def test_dates_and_figures_of_a_spreadsheet_are_dates_and_figures():
    moment = dt.datetime(2024, 5, 6, 7, 30, tzinfo=dt.UTC)
    row = {"day": dt.date(2024, 5, 6), "at": moment, "old": dt.date(1850, 1, 1), "n": 3, "share": 0.25, "told": True}
    page = openpyxl.load_workbook(io.BytesIO(as_xlsx(sheet(row)))).active
    cells = dict(zip(row, next(page.iter_rows(min_row=2)), strict=True))
    assert cells["day"].value == dt.datetime(2024, 5, 6)
    assert cells["day"].number_format == "yyyy-mm-dd"
    assert cells["at"].value == dt.datetime(2024, 5, 6, 7, 30)
    assert cells["old"].value == "1850-01-01"
    assert [cells[name].value for name in ("n", "share", "told")] == [3, 0.25, True]


def test_lists_and_quotes_are_written_as_a_person_reads_them():
    assert flat(["cable", "plug"]) == "cable, plug"
    assert flat([{"text": "It broke.", "start": 0}, {"text": "Frayed.", "start": 4}]) == "It broke. | Frayed."
    assert flat({"US": 3, "GB": 1}) == "US: 3, GB: 1"
    assert flat(0.5) == 0.5


def test_one_heading_may_stand_above_several_columns():
    labels = Sheet("t", (), ({"a": 1, "b": 2},), None, ("a", "b"), headings=("x", "x"))
    assert as_csv(labels) == "x,x\n1,2\n"


def test_markdown_shows_review_text_literally():
    said = as_markdown(sheet({"said": "![x](https://example.org/p.png) <b> | -1"}))
    assert "\\!\\[x\\]" in said
    assert "https:" not in said
    assert "\\<b\\> \\| -1 |" in said
