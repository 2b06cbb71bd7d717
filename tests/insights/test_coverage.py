import datetime as dt

import pytest

from voc.config import InsightsConfig
from voc.insights import Facts, Scope, coverage, satisfaction
from voc.tables import empty

from .build import day, facts, mention

CONFIG = InsightsConfig()
TEXT = "Worst product ever, the left side went dead."


@pytest.fixture
def data():
    reviews = [
        {"review_id": "a", "rating": 1, "text": TEXT, "written_at": day("2020-01-05"), "product_id": "p"},
        {"review_id": "b", "rating": 5, "text": TEXT, "market": "US"},
        {"review_id": "c", "predicted_rating": 3.0, "text": TEXT, "written_at": day("2021-01-05")},
        {"review_id": "d", "rating": 4, "language": "de", "analysed": False},
        {"review_id": "e", "rating": 4, "analysed": False},
        {"review_id": "f", "channel": "return", "text": TEXT},
    ]
    left = "the left side went dead"
    mentions = [
        mention("a", TEXT, "Worst product ever", specificity="verdict"),
        mention("a", TEXT, left, theme_id="t"),
        mention("c", TEXT, left),
        mention("b", TEXT, "product", kind="praise", specificity="verdict"),
        mention("f", TEXT, left, theme_id="t"),
        mention("f", TEXT, "Worst product ever", specificity="verdict"),
        mention("gone", TEXT, left, theme_id="t"),  # of a review that was forgotten
    ]
    return facts(reviews, mentions=mentions)


def test_everything_is_counted(data):
    assert coverage(data, Scope()) == {
        "reviews": 6,
        "analysed": 4,
        "counted": 3,
        "counted_channels": ["review"],
        "not_analysed": {"de": 1, "unknown": 1},
        "truncated": 0,
        "rated": 2,
        "predicted": 1,
        "dated": 2,
        "products": 1,
        "first_day": dt.date(2020, 1, 5),
        "last_day": dt.date(2021, 1, 5),
        "channels": {"return": {"reviews": 1, "analysed": 1}, "review": {"reviews": 5, "analysed": 3}},
        "mentions": 6,
        "mentions_by_kind": {"pain": {"trouble": 3, "verdict": 2}, "praise": {"verdict": 1}},
        "reviews_with_mentions": 4,
        "troubles": 3,
        "troubles_unassigned": 1,
        "troubles_unassigned_share": pytest.approx(1 / 3),
        "judgements": 0,
        "judgements_placed": 0,
        "verdicts": 2,
    }
    assert coverage(data, Scope(markets=("US",)))["reviews"] == 1


def test_verdicts_belong_to_satisfaction(data):
    found = satisfaction(data, Scope(), config=CONFIG)
    assert (found["analysed"], found["rated"], found["predicted"], found["mean_rating"]) == (3, 3, 1, 3.0)
    assert 1 <= found["rating_low"] < 3 < found["rating_high"] <= 5
    assert found["stars"] == {1: 1, 2: 0, 3: 0, 4: 0, 5: 1}
    assert (found["verdict_pain"]["reviews"], found["verdict_praise"]["reviews"], found["pain"]["reviews"]) == (1, 1, 2)
    pain = found["pain"]
    assert pain["share"] == pytest.approx(2 / 3)
    assert pain["share_low"] < pain["share"] < pain["share_high"]


def test_nothing_is_counted_as_nothing():
    nothing = Facts(**{n: empty(n) for n in ("reviews", "readings", "mentions", "themes")})
    counts = coverage(nothing, Scope())
    assert (counts["reviews"], counts["not_analysed"], counts["troubles_unassigned_share"]) == (0, {}, None)
    assert (counts["first_day"], counts["channels"], counts["mentions_by_kind"]) == (None, {}, {})
    found = satisfaction(nothing, Scope(), config=CONFIG)
    assert (found["analysed"], found["mean_rating"], found["pain"]["share"]) == (0, None, None)
