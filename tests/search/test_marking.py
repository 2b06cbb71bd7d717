"""Where the words of a query stand in a text, and which stretch of it is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.search.marking import passage, spans
from voc.search.query import parse


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("It charges, it charged.", "charge", ["charges", "charged"]),
        ("The charger charges.", '"charges"', ["charges"]),
        ("It falls out, it falls.", '"falls out"', ["falls out"]),
        ("A \U0001f600 café, Cafe!", "cafe", ["café", "Cafe"]),
        ("接头的地方断了，断了。", "断了", ["断了", "断了"]),
        ("plug <b>plug</b>", "plug -cable", ["plug", "plug"]),
        ("Nothing here", "plug", []),
        ("the plug is hot", "the plug", ["plug"]),
    ],
)
def test_what_was_matched_is_marked(text, typed, marked):
    (found,) = spans([text], parse(typed))
    assert [text[start:stop] for start, stop in found] == marked


@given(st.text(max_size=900), st.lists(st.tuples(st.integers(0, 900), st.integers(1, 30)), max_size=5))
def test_a_passage_lies_in_the_text_and_is_short(text, starts):
    marks = sorted((start, min(start + length, len(text))) for start, length in starts if start < len(text))
    begin, end = passage(text, marks, width=100)
    assert 0 <= begin <= end <= len(text)
    assert bool(text) == (end > begin)


def test_a_passage_holds_the_words_that_were_found():
    text = "Long ago. " * 80 + "Then the plug broke and the cable too. " + "And so on. " * 80
    (marks,) = spans([text], parse("plug cable"))
    begin, end = passage(text, marks)
    assert text[begin:end].startswith("Then the plug broke and the cable too.")
    assert end - begin < 500
