import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc import words


@pytest.mark.parametrize(
    ("share", "expected"), [(0.041, "4.1 %"), (0.004, "0.40 %"), (0.0, "0.0 %"), (1.0, "100.0 %"), (None, "–")]
)
def test_percent(share, expected):
    assert words.percent(share) == expected


def test_intervals_use_one_number_of_digits():
    assert words.percent_interval(0.032, 0.052) == "3.2–5.2"
    assert words.percent_interval(0.002, 0.006) == "0.20–0.60"
    assert words.percent_interval(-0.004, 0.012) == "−0.4 to 1.2"
    assert words.percent_interval(None, 0.1) == "–"


def test_stars_lost_are_written_as_a_fall_of_the_mean():
    assert words.lost(0.12) == "−0.12 stars"
    assert words.lost(0.004) == "−0.004 stars"
    assert words.lost(-0.05) == "+0.05 stars"
    assert words.lost(0.0) == "0.000 stars"
    assert words.lost_interval(0.09, 0.15) == "−0.15 to −0.09"


def test_rank_interval():
    assert words.rank_interval(2, 1, 4, 0.9) == "#2, 90 %: 1–4"
    assert words.rank_interval(1, 1, 1, 0.95) == "#1, 95 %: 1"


@pytest.mark.parametrize(
    ("change", "q", "word"),
    [
        (0.1, 0.01, "growing"),
        (-0.1, 0.01, "shrinking"),
        (0.1, 0.2, "no clear change"),
        (None, None, "not compared"),
        (0.1, float("nan"), "not compared"),
    ],
)
def test_direction_follows_the_q_value(change, q, word):
    assert words.direction(change, q) == word


def test_momentum_is_clear_only_when_its_interval_keeps_to_one_side():
    assert words.momentum(0.01, 0.02) == "growing"
    assert words.momentum(-0.02, -0.01) == "shrinking"
    assert words.momentum(-0.01, 0.02) == "no clear change"
    assert words.momentum(None, None) == "not compared"


def test_a_phase_is_written_with_its_last_month_included():
    assert words.span(dt.date(2011, 1, 1), dt.date(2013, 1, 1)) == "Jan 2011 – Dec 2012"
    assert words.span(dt.date(2016, 1, 1), None) == "Jan 2016 – today"
    assert words.span(dt.date(2016, 11, 20), dt.date(2016, 12, 1)) == "Nov 2016"


def test_counts():
    assert words.count(1234567) == "1 234 567"
    assert words.plural(1, "review") == "1 review"
    assert words.plural(2, "review") == "2 reviews"


def test_unseen_characters_are_left_out_and_everything_seen_stays():
    assert words.visible("a\x00b\x1b[31mc\u202ed\u2066e\ufffef\r\ng\th") == "ab[31mcdef\ng\th"
    kept = "é 日本 שלום\u200f 👩\u200d🔧 zero\u200bwidth"
    assert words.visible(kept) == kept
    assert words.safe("\u202egnp.exe<b>") == "gnp.exe&lt;b&gt;"
    assert "\u202e" not in words.literal("\u202e*x*")
    assert words.literal("https://a WWW.b") == "https\\:\u2060//a WWW\u2060\\.b"
    assert words.literal("ann@example.com") == "ann@\u2060example\\.com"


@given(st.text())
def test_escaped_text_holds_no_tag_and_no_attribute_end(text):
    escaped = words.safe(text)
    assert not set('<>"') & set(escaped)


@given(st.floats(min_value=-1, max_value=1))
def test_no_figure_is_written_as_minus_zero(value):
    assert words.percent(value) not in {"−0.0 %", "−0.00 %"}
    assert not words.points(value).startswith(("−0.0 ", "+0.0 "))


@given(st.text())
def test_printable_text_holds_nothing_unseen(text):
    if text.isprintable():
        assert words._UNSEEN.search(text) is None
        assert "\r" not in text
