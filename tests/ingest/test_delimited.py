from __future__ import annotations

import pytest

from voc.errors import VocError
from voc.ingest.delimited import read_delimited
from voc.ingest.raw import unique_headers


def parse(text):
    return read_delimited("x.csv", text, "UTF-8", [])


@pytest.mark.parametrize(
    ("delimiter", "kind"), [(",", "CSV (comma)"), (";", "CSV (semicolon)"), ("\t", "TSV"), ("|", "CSV (bar)")]
)
def test_delimiters(delimiter, kind):
    raw = parse(f"Review{delimiter}Stars\nGood{delimiter}5\nBad{delimiter}1\n")
    assert raw.kind == kind
    assert raw.table.to_pydict() == {"Review": ["Good", "Bad"], "Stars": ["5", "1"]}
    assert raw.rows.tolist() == [1, 2]


def test_other_separators_inside_the_text_do_not_confuse():
    raw = parse("Review;Stars\nGood, cheap, light;5\nBad, heavy;1\n")
    assert raw.kind == "CSV (semicolon)"
    assert raw.table["Review"].to_pylist() == ["Good, cheap, light", "Bad, heavy"]


def test_quoted_line_breaks_and_doubled_quotes():
    raw = parse('Review,Stars\r\n"He said ""wow"",\r\n\r\nreally",5\r\nplain,4\r\n')
    assert raw.table["Review"].to_pylist() == ['He said "wow",\r\n\r\nreally', "plain"]


def test_quotes_escaped_with_backslashes():
    raw = parse('Review,Stars\n"he said \\"wow, great\\" ok",5\n"fine, ok",4\n')
    assert raw.table["Review"].to_pylist() == ['he said "wow, great" ok', "fine, ok"]


def test_stray_quotes_in_an_unquoted_tsv_swallow_nothing():
    lines = ['"Great sound\t5', 'a 6" screen\t4', "plain\t3", '"wow" it said\t2', 'unfinished "quote\t1']
    raw = parse("Review\tStars\n" + "\n".join(lines) + "\n")
    assert raw.table["Stars"].to_pylist() == ["5", "4", "3", "2", "1"]
    assert raw.table["Review"].to_pylist()[0] == '"Great sound'
    assert raw.bad == []


def test_ragged_rows_are_set_aside_with_their_number():
    raw = parse("Review,Stars\nGood,5\nOne,two,three\nalone\n\nBad,1\n")
    assert [(b.row, b.reason, b.excerpt) for b in raw.bad] == [
        (2, "3 cells instead of 2", "One,two,three"),
        (3, "1 cells instead of 2", "alone"),
    ]
    assert raw.rows.tolist() == [1, 4]
    assert raw.rows_read == 4


def test_header_repeated_in_the_middle():
    raw = parse("Review,Stars\nGood,5\nReview,Stars\nBad,1\nreview ,STARS\n")
    assert [(b.row, b.reason) for b in raw.bad] == [(2, "header repeated"), (4, "header repeated")]
    assert raw.rows.tolist() == [1, 3]


def test_sep_line_and_title_lines_above_the_header():
    assert parse("sep=;\nReview;Stars\nGood;5\n").headers == ["Review", "Stars"]
    raw = parse("Export of our shop\nJanuary\nReview,Stars\nGood,5\n")
    assert raw.headers == ["Review", "Stars"]
    assert raw.notes == ["lines above the header, skipped: 2"]


def test_lines_of_text_without_header():
    raw = parse("Great, loved it, and it works with my phone since the first day of use\nBad, broke\n")
    assert raw.kind == "text, one column"
    assert raw.table.num_rows == 2
    assert raw.rows.tolist() == [1, 2]


def test_trailing_separators_widen_the_header():
    raw = parse("Review,Stars\nGood,5,\nBad,1,\n")
    assert raw.headers == ["Review", "Stars", "column 3"]
    assert raw.table["Stars"].to_pylist() == ["5", "1"]


def test_headers_are_made_usable():
    assert unique_headers([" a ", "a", None, "", "b\nc"]) == ["a", "a (2)", "column 3", "column 4", "b c"]


def test_old_mac_line_ends():
    assert parse("Review,Stars\rGood,5\rBad,1\r").table.num_rows == 2


def test_empty_text():
    with pytest.raises(VocError, match="the file is empty"):
        parse("\x00 \n")
