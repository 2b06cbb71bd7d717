import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from voc.config import InsightsConfig
from voc.insights.arrivals import arrivals

from .build import NOW, facts

CONFIG = InsightsConfig()
LATER = NOW + dt.timedelta(days=7)


def some(number, pains, stars, **columns):
    return [{"pains": pains, "rating": stars, **columns} for _ in range(number)]


def test_where_everything_came_at_once_nothing_is_new():
    assert arrivals(facts(some(5, ["a"], 2.0)), config=CONFIG) is None
    assert arrivals(facts([]), config=CONFIG) is None


def test_the_last_export_is_compared_with_all_before_it():
    before = some(10, ["a"], 1.0) + some(90, [], 5.0)
    new = some(12, ["a"], 1.0, ingested_at=LATER) + some(3, ["b"], 2.0, ingested_at=LATER)
    new += some(15, [], 4.0, ingested_at=LATER)
    found = arrivals(facts(before + new), config=CONFIG)
    assert (found.at, found.reviews, found.analysed) == (LATER, 30, 30)
    assert found.rating[0] == pytest.approx((12 + 6 + 60) / 30)
    assert found.rating_before[0] == pytest.approx((10 + 450) / 100)
    a, b = found.themes.to_pylist()
    assert (a["theme_id"], a["reviews"], a["reviews_before"]) == ("a", 12, 10)
    assert a["change"] == pytest.approx(0.4 - 0.1)
    assert a["change_low"] > 0.1
    assert a["q_value"] < 0.01
    assert (b["theme_id"], b["reviews_before"], b["reach_before"]) == ("b", 0, 0.0)


def test_only_new_reviews_that_were_read_count_and_hazards_are_told():
    new = [
        {"pains": ["a"], "ingested_at": LATER, "rating": 1.0},
        {"pains": [], "ingested_at": LATER, "analysed": False, "language": "de"},
    ]
    given = facts(some(4, [], 5.0) + new)
    hazard = given.mentions.set_column(
        given.mentions.schema.get_field_index("hazard"), "hazard", pa.array([True] * given.mentions.num_rows)
    )
    found = arrivals(replace(given, mentions=hazard), config=CONFIG)
    assert (found.reviews, found.analysed, found.hazards) == (2, 1, 1)


def test_the_order_of_rows_does_not_matter():
    rows = some(6, ["a"], 1.0) + some(20, [], 5.0) + some(4, ["b"], 2.0, ingested_at=LATER)
    rows = [{**row, "review_id": f"r{place}", "text": f"Text {place}."} for place, row in enumerate(rows)]
    shuffled = [rows[place] for place in np.random.default_rng(1).permutation(len(rows))]
    first, second = (arrivals(facts(order), config=CONFIG) for order in (rows, shuffled))
    assert first.themes.equals(second.themes)
    assert (first.rating, first.rating_before) == (second.rating, second.rating_before)
