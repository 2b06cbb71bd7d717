"""What is typed and what is looked for: any string is a query, and none of them can be anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.search.marking import spans
from voc.search.query import LONGEST, MOST_TERMS, Query, Term, parse


def found(index, typed):
    return index.find(parse(typed)).rows.tolist()


def test_words_phrases_exclusions_alternatives_and_beginnings_are_told_apart():
    assert parse('plug "falls out" -cable OR hot charg* -"any more"') == Query(
        ((Term("plug"),), (Term("falls out", exact=True), Term("hot")), (Term("charg", exact=True, prefix=True),)),
        (Term("cable"), Term("any more", exact=True)),
    )


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ("cable", [0]),
        ("charge", [1, 3]),
        ('"charge"', [3]),
        ("charg*", [1, 3]),
        ("chargi*", [1]),
        ("falls", [2, 4]),
        ("falls out", [2, 4]),
        ('"falls out"', [2]),
        ("“falls out”", [2]),
        ("plug -cable", [4]),
        ("cable OR ear", [0, 2]),
        ('slow OR "falls out"', [1, 2]),
        ("-plug", [1, 2, 3, 5]),
        ("plug the", [0, 4]),
        ("the", [0, 1, 2, 4]),
        ('"the charger"', [1]),
        ("CAFE", [2]),
        ("断了", [5]),
        ("断头", []),
        ("plug ear", []),
        ("", []),
        ("!!! ...", []),
    ],
)
def test_what_a_query_finds(index, typed, rows):
    assert found(index, typed) == rows


def test_the_rarer_word_and_the_shorter_text_count_more(index):
    hits = index.find(parse("plug OR frays"))
    assert hits.rows.tolist() == [0, 4]
    assert hits.scores[0] > hits.scores[1] > 0


SYNTAX = st.text(alphabet="ab\"*-()^:+{}|ORNEARAND \x00\t\ud800é接'%;", max_size=60)


@given(st.one_of(st.text(max_size=80), SYNTAX))
def test_no_string_breaks_the_search_or_is_more_than_words(index, typed):
    query = parse(typed)
    before = index.size
    hits = index.find(query)
    assert set(hits.rows.tolist()) <= set(range(before))
    assert all(term.match().strip(" *").startswith('"') for term in query.terms)
    for term in query.terms:
        # In the string for MATCH nothing stands outside one pair of quotation marks.
        inside = term.match().removesuffix(" *")[1:-1]
        assert inside.replace('""', "").count('"') == 0
    # No table holds half characters.
    texts = ["falls out", typed.encode("utf-8", "ignore").decode()]
    for text, marks in zip(texts, spans(texts, query), strict=True):
        assert all(0 <= start < stop <= len(text) for start, stop in marks)
    assert len(found(index, "plug")) == 2


@given(st.text(max_size=30).filter(lambda word: any(letter.isalnum() for letter in word)))
def test_what_is_quoted_is_found_where_it_stands(word):
    text = f"before {word} after"
    quoted = '"' + word.replace('"', " ") + '"'
    assert isinstance(spans([text], parse(quoted)), list)


def test_endless_input_is_cut():
    assert len(parse("word " * 10_000).terms) == MOST_TERMS
    assert len(parse("a" * 10_000).terms[0].text) == LONGEST


def test_a_sign_with_a_meaning_for_sqlite_is_a_word_like_others(index):
    for typed in (
        'plug" OR text MATCH "x',
        "text:plug",
        "NEAR(plug cable)",
        "plug AND cable",
        "plug; DROP TABLE stems",
    ):
        index.find(parse(typed))
    assert found(index, "plug") == [0, 4]
