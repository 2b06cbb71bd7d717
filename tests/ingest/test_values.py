from __future__ import annotations

import pytest

from voc.ingest.values import hidden_reason, read_count, read_flag, read_price, read_ratings, read_variant, reason_text


def ratings(*cells, counts=None):
    return read_ratings(cells, counts or [1] * len(cells))


@pytest.mark.parametrize(
    ("cell", "rating"),
    [
        ("5", 5), ("4,6", 4.6), ("3.5", 3.5), ("5.0 out of 5 stars", 5), ("4 von 5 Sternen", 4), ("★★★★☆", 4),
        ("⭐⭐⭐", 3), ("80%", 4), ("8/10", 4), ("two stars", 2), ("4 stars", 4), ("", None), ("NaN", None),
        ("☆☆☆☆☆", None), ("great", None), (None, None),
    ],
)  # fmt: skip
def test_one_rating(cell, rating):
    read = ratings(cell)
    assert read.values == [pytest.approx(rating) if rating else None]
    assert read.out_of_range == [False]
    assert read.unreadable == [cell == "great"]


def test_a_lone_eleven_is_out_of_range():
    read = ratings("1", "5", "4", "11", counts=[20, 50, 30, 1])
    assert read.out_of_range == [False, False, False, True]
    assert read.values == [1, 5, 4, None]


@pytest.mark.parametrize(("top", "cells"), [(10, ["10", "9", "7", "2"]), (100, ["100", "90", "70", "20"])])
def test_other_scales_are_proven_by_the_column(top, cells):
    read = ratings(*cells, counts=[30, 30, 20, 20])
    assert read.values == [5, 4.5, 3.5, 1]
    assert read.scale == top


def test_a_lone_eleven_on_a_scale_of_ten_is_out_of_range_too():
    read = ratings("10", "9", "3", "11", counts=[400, 300, 300, 1])
    assert read.out_of_range == [False, False, False, True]
    assert read.values[:3] == [5, 4.5, 1.5]


def test_zero_is_no_rating_and_negatives_are_out_of_range():
    read = ratings("0", "-1", "0.5", "3")
    assert read.values == [None, None, None, 3]
    assert read.out_of_range == [False, True, True, False]
    assert read.zeros == 1


def test_a_named_scale_decides():
    assert read_ratings(["4", "4"], [1, 1], ["10", "5"]).values == [2, 4]


@pytest.mark.parametrize(
    ("cell", "flag"),
    [("TRUE", True), ("Verified Purchase", True), ("1", True), ("1.0", True), ("y", True), ("no", False), ("0", False),
     ("maybe", None), ("", None), (None, None), ("nan", None)],
)  # fmt: skip
def test_flags_are_true_only_when_said(cell, flag):
    assert read_flag(cell) is flag


@pytest.mark.parametrize(
    ("cell", "count"),
    [("1,234", 1234), ("[2, 3]", 2), ("12 people found this helpful", 12), ("One person found this helpful", 1),
     ("7.0", 7), ("", None), ("none", None), ("99999999999999", 2**31 - 1)],
)  # fmt: skip
def test_counts(cell, count):
    assert read_count(cell) == count


@pytest.mark.parametrize(
    ("cell", "price"),
    [("$1,299.00", (1299.0, "USD")), ("19,99 €", (19.99, "EUR")), ("GBP 5", (5.0, "GBP")), ("1.299,50", (1299.5, None)),
     ("₹ 999", (999.0, "INR")), ("", (None, None)), ("free", (None, None))],
)  # fmt: skip
def test_prices(cell, price):
    assert read_price(cell) == price


def test_variants_statuses_and_reasons():
    assert read_variant('{"Color:": " Black", "Size:": ""}') == "Color: Black"
    assert read_variant("White  Spot") == "White Spot"
    assert [hidden_reason(s) for s in ("Published", "ok", "", None, "SPAM", "hidden", "Unpublished")] == [
        *(None, None, None, None),
        *("spam", "hidden", "unpublished"),
    ]
    assert reason_text("DEFECTIVE") == "Item is defective or does not work"
    assert reason_text("CR-SOMETHING_ELSE") == "Cr something else"
