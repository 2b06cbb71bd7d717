from __future__ import annotations

import datetime as dt
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.errors import VocError
from voc.ingest.dates import OpenDate, OpenDatesError, read_dates

NOW = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)


def read(*cells, order="auto"):
    return read_dates(cells, order, NOW, "x.csv, column 'Date'")


def day(year, month, day_, *time):
    return dt.datetime(year, month, day_, *time, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-07-18", day(2024, 7, 18)),
        ("2024-07-18T10:20:30Z", day(2024, 7, 18, 10, 20, 30)),
        ("2024-07-18T10:20:30.123+02:00", day(2024, 7, 18, 8, 20, 30, 123000)),
        ("2021-05-13 07:00:00 UTC", day(2021, 5, 13, 7)),
        ("2024/7/8", day(2024, 7, 8)),
        ("20240718", day(2024, 7, 18)),
        ("2024年7月18日", day(2024, 7, 18)),
        ("1382659200", day(2013, 10, 25)),
        ("1382659200.0", day(2013, 10, 25)),
        ("1588687728923", day(2020, 5, 5, 14, 8, 48, 923000)),
        ("45000", day(2023, 3, 15)),
        ("January 15, 2024", day(2024, 1, 15)),
        ("15 Jan 2024", day(2024, 1, 15)),
        ("31-Jul-18", day(2018, 7, 31)),
        ("Jul 31, 18", day(2018, 7, 31)),
        ("Wed, 31 Jul 2018 10:00:00 GMT", day(2018, 7, 31, 10)),
        ("May 2, 2021 3:04 PM", day(2021, 5, 2, 15, 4)),
        ("9. März 2025", day(2025, 3, 9)),
        ("10 25, 2013", day(2013, 10, 25)),
        ("31.12.2020", day(2020, 12, 31)),
        ("05/05/2021", day(2021, 5, 5)),
        ("7/18/24 9:30 AM", day(2024, 7, 18, 9, 30)),
        ("Reviewed in the United States on January 9, 2025", day(2025, 1, 9)),
        ("Reviewed in India on 9 January 2025", day(2025, 1, 9)),
    ],
)
def test_one_date(cell, expected):
    assert read(cell).values == [expected]


def test_market_of_amazons_phrase():
    assert read(
        "Reviewed in the United States 🇺🇸 on January 9, 2025", "Commenté en France le 9 janvier 2025"
    ).markets == [
        "United States 🇺🇸",
        "France",
    ]


@pytest.mark.parametrize(
    "cell", ["someday", "31/31/2020", "2024-13-40", "12", "1970-01-01", "99999999999999999999", "x" * 500]
)
def test_unreadable_dates_are_null_and_marked(cell):
    found = read(cell, None, "")
    assert found.values == [None, None, None]
    assert found.unreadable == [True, False, False]


def test_the_column_decides_the_order():
    assert read("01/02/2020", "13/02/2020").values == [day(2020, 2, 1), day(2020, 2, 13)]
    assert read("01/02/2020", "02/13/2020").values == [day(2020, 1, 2), day(2020, 2, 13)]
    assert read("03.04.2021").values == [day(2021, 4, 3)]
    assert read("03/04/2021", order="mdy").values == [day(2021, 3, 4)]
    assert read("21/04/03", order="ymd").values == [day(2021, 4, 3)]


def test_one_order_that_leads_into_the_future_is_not_taken():
    # In June 2025 the 1st of December 2025 has not come.
    assert read("01/12/2025").values == [day(2025, 1, 12)]


def test_an_undecidable_column_is_refused():
    with pytest.raises(OpenDatesError) as caught:
        read("01/02/2020", "03/04/2021")
    assert str(caught.value) == (
        "x.csv, column 'Date': the order of day and month cannot be told (as in 01/02/2020); "
        'set date_order = "dmy" or "mdy" under [ingest] in voc.toml, or choose it in the app where the file is shown.'
    )
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    assert caught.value.example == OpenDate("01/02/2020", dt.date(2020, 2, 1), dt.date(2020, 1, 2))


def test_a_mixed_column_is_refused():
    with pytest.raises(OpenDatesError, match="some dates put the day first and others the month") as caught:
        read("13/02/2020", "02/13/2020")
    assert caught.value.example is None
    with pytest.raises(OpenDatesError) as caught:
        read("13/02/2020", "02/13/2020", "04/05/2020")
    assert caught.value.example == OpenDate("04/05/2020", dt.date(2020, 5, 4), dt.date(2020, 4, 5))


def test_the_future_is_marked():
    found = read("2025-06-02", "2025-06-04", "2999-01-01")
    assert found.future == [False, True, True]
    assert found.values[1:] == [None, None]


@given(
    st.dates(dt.date(1996, 1, 1), dt.date(2025, 5, 31)),
    st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%b %d, %Y", "%Y%m%d", "%d-%b-%y"]),
)
def test_written_dates_are_read_back(date, form):
    assert read(date.strftime(form)).values[0].date() == date


@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_text_is_a_date_or_not(cells):
    try:
        found = read(*cells)
    except VocError:
        return
    assert len(found.values) == len(cells)
    assert all(value is None or value.tzinfo is not None for value in found.values)
