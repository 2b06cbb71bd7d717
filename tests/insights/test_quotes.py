import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voc.insights.quotes import QuoteBook, _forms, _wordings, readable


def book(clauses, *, group=None, row=None, confidence=None, hazard=None):
    n = len(clauses)
    return QuoteBook.build(
        clauses,
        np.zeros(n, np.int64) if group is None else np.array(group),
        np.arange(n) if row is None else np.array(row),
        np.zeros(n, np.int64),
        np.array([len(c) for c in clauses]),
        np.full(n, 0.9) if confidence is None else np.array(confidence),
        np.zeros(n, bool) if hazard is None else np.array(hazard),
    )


def pick(quotes, count=3, *, allowed=None, preferred=None, hazards_first=False, reviews=50):
    every = np.ones(reviews, bool)
    allowed = every if allowed is None else np.isin(np.arange(reviews), allowed)
    preferred = every if preferred is None else np.isin(np.arange(reviews), preferred)
    return [q.text for q in quotes.pick(0, allowed, preferred, count, hazards_first=hazards_first)]


FRAYS = "The cable frays right at the connector after a few weeks."
BREAKS = "Second one whose cable frays close to the connector end."
ODD = "My sister got it as a present and was not too happy either."
OTHERS = ["It is a nice colour and looks good on my desk at work."] * 20


def test_typical_quotes_come_before_odd_ones():
    clauses = [ODD, FRAYS, BREAKS, "cable frays near connector, had to bin it last month", *OTHERS]
    found = pick(book(clauses, group=[0, 0, 0, 0, *[1] * 20]), 4)
    assert found[-1] == ODD
    assert len(found) == 4


def test_words_that_say_nothing_make_no_quote_typical():
    vague = "This product is not what the product was."
    clauses = [
        vague,
        "I got this product and the product is cracked.",
        "The product was cracked as the product came out.",
    ]
    assert vague not in pick(book([*clauses, *OTHERS], group=[0, 0, 0, *[1] * 20]), 2)


def test_readable_quotes_come_first_but_others_still_stand_for_the_theme():
    clauses = ["cable frays connector", "The cable frays. " * 20, FRAYS]
    assert pick(book(clauses), 1) == [FRAYS]
    assert pick(book(clauses[:2]), 1) in ([clauses[0]], [clauses[1]])


def test_a_quote_of_few_long_words_does_not_come_first():
    terse = "unfortunately malfunctioning charging-connector"
    assert len(terse) > 40
    assert pick(book([terse, FRAYS, terse.upper()], row=[0, 1, 2], confidence=[1.0, 0.2, 1.0]), 1) == [FRAYS]


def test_readable_alone_takes_five_words_and_neither_too_few_nor_too_many_characters():
    assert readable(FRAYS)
    assert readable(f"  {FRAYS}\n")
    assert not readable("Charging slow, as message.")
    assert readable("Bluetooth range is not good.")
    assert not readable("It is so so bad.")
    assert not readable(FRAYS * 10)


def test_each_review_and_each_statement_is_quoted_once():
    again = FRAYS.replace("few", "couple of").upper()
    assert pick(book([FRAYS, again, BREAKS, ODD], row=[1, 2, 3, 3])) in ([FRAYS, BREAKS], [again, BREAKS])


def test_certain_readings_come_first():
    one, other = "this cable frays at the plug side quickly", "that cable frays at the plug side quickly"
    assert pick(book([one, other], confidence=[0.5, 0.95]), 1) == [other]


def test_hazards_and_counted_reviews_come_first():
    quotes = book([FRAYS, ODD, "There was smoke coming out of the cable at night."], hazard=[False, False, True])
    assert pick(quotes, hazards_first=True)[0].startswith("There was smoke")
    assert pick(quotes, 1, preferred=[1]) == [ODD]
    assert pick(quotes, 5, allowed=[0]) == [FRAYS]
    assert pick(quotes, 5, allowed=[]) == []
    assert quotes.pick(7, np.ones(50, bool), np.ones(50, bool), 5, hazards_first=False) == []


@given(st.lists(st.text(max_size=30), min_size=1, max_size=12), st.integers(1, 5))
def test_any_text_can_be_quoted(clauses, count):
    found = pick(book(clauses), count)
    assert 1 <= len(found) <= count
    assert set(found) <= set(clauses)


def test_a_clause_in_the_words_of_the_name_goes_before_an_equally_typical_one():
    clauses = ["The sleeve cracks open behind the plug soon.", "The sleeve frayed open behind the plug soon.", *OTHERS]
    groups = np.array([0, 0, *[1] * 20])
    n = np.arange(len(clauses))
    ends = np.array([len(c) for c in clauses])
    for name, first in (("cable: cracks", 0), ("cable: frays at the end", 1), ("it", 0)):
        found = QuoteBook.build(
            clauses, groups, n, 0 * n, ends, np.full(len(n), 0.9), np.zeros(len(n), bool), [name, "looks"]
        )
        assert pick(found, 1) == [clauses[first]]


SAYING = st.lists(
    st.sampled_from(
        "it doesn't work don’t the cable frayed stopped working wont turn on never charges cannot keeps disconnecting "
        "lost connection battery want did not pair frays at Frays t s no".split()
    ),
    min_size=1,
    max_size=9,
).map(" ".join)


@given(st.lists(SAYING, min_size=1, max_size=8))
def test_a_clause_says_no_more_of_a_name_than_its_words_let_expect(clauses):
    names = ["stopped working / will not turn on", "cable: frayed / keeps disconnecting", "battery: stopped charging"]
    n = len(clauses)
    quotes = QuoteBook.build(
        clauses * 3,
        np.repeat(np.arange(3), n),
        np.arange(3 * n),
        np.zeros(3 * n, np.int64),
        np.full(3 * n, 9),
        np.full(3 * n, 0.9),
        np.zeros(3 * n, bool),
        names,
    )
    forms = [_forms(clause) for clause in clauses]
    wanted = [max(len(w & f) / len(w) for w in _wordings(name)) for name in names for f in forms]
    told = ~np.isnan(quotes._said)
    assert quotes._said[told].tolist() == np.array(wanted)[told].tolist()
    assert (quotes._at_most >= np.array(wanted)).all()
