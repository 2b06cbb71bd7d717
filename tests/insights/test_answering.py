"""Reviews worth answering: what counts, what it counts for, and which reviews are left out."""

import pytest

from tests.insights.build import day, facts, mention
from voc.errors import VocError
from voc.insights import Scope
from voc.insights.answering import worth_answering

NEWEST = {"review_id": "newest", "text": "Fine.", "written_at": day("2024-06-30")}


def told(*reviews, mentions=(), products=(), scope=None):
    data = facts([NEWEST, *reviews], mentions=mentions, products=products)
    return {row["review_id"]: row for row in worth_answering(data, scope or Scope()).to_pylist()}


def review(review_id, text="The cable broke.", **columns):
    return {"review_id": review_id, "text": text, **columns}


def said(review_id, text="The cable broke.", **columns):
    return mention(review_id, text, text, **columns)


def test_points_and_reasons_add_up():
    row = told(
        review("r", rating=1.0, written_at=day("2024-06-01"), verified=True, helpful_votes=12),
        mentions=[said("r", severity=0.9, hazard=True)],
    )["r"]
    assert row["reasons"] == [
        "reports a possible hazard",
        "says what goes wrong",
        "broken or worse",
        "1 star",
        "12 found it helpful",
        "of the last 30 days",
        "verified purchase",
    ]
    assert row["points"] == 5 + 3 + 1 + 2 + 2 + 3 + 1


@pytest.mark.parametrize(
    ("columns", "points"),
    [
        ({}, 3),
        ({"rating": 1.0}, 5),
        ({"rating": 2.0}, 5),
        ({"rating": 3.0}, 4),
        ({"rating": 4.0}, 3),
        ({"helpful_votes": 2}, 3),
        ({"helpful_votes": 3}, 4),
        ({"helpful_votes": 50}, 6),
        ({"written_at": day("2024-05-31")}, 6),
        ({"written_at": day("2024-04-02")}, 5),
        ({"written_at": day("2023-07-10")}, 4),
        ({"written_at": day("2020-01-01")}, 3),
        ({"verified": True}, 4),
        ({"verified": False}, 3),
    ],
)
def test_each_point(columns, points):
    assert told(review("r", **columns), mentions=[said("r")])["r"]["points"] == points


@pytest.mark.parametrize(
    ("columns", "fields", "there"),
    [
        ({}, {}, True),
        ({}, {"specificity": "judgement"}, False),
        ({}, {"kind": "praise"}, False),
        ({}, {"target": "service", "specificity": "judgement"}, True),
        ({}, {"target": "competitor", "hazard": True}, False),
        ({}, {"specificity": "verdict", "hazard": True}, True),
        ({"incentivised": True}, {}, False),
        ({"channel": "return"}, {}, False),
        ({"channel": "app"}, {}, True),
        ({"analysed": False}, {}, False),
        ({"product_id": "ours"}, {}, True),
        ({"product_id": "theirs"}, {}, False),
        ({"product_id": "unknown"}, {}, True),
    ],
)
def test_what_is_in_the_list(columns, fields, there):
    products = [
        {"product_id": "ours", "product": "A", "own": True},
        {"product_id": "theirs", "product": "B", "own": False},
        {"product_id": "unknown", "product": "C", "own": None},
    ]
    assert ("r" in told(review("r", **columns), mentions=[said("r", **fields)], products=products)) is there


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Nice. How do I reset it?", True),
        ("Can you send me a new cable?", True),
        ("Is there a longer one?", True),
        ("Who would buy this?", False),
        ("Really?", False),
        ("How nice it is.", False),
    ],
)
def test_questions_that_want_an_answer(text, asks):
    found = told(review("r", text, rating=4.0))
    assert ("r" in found) is asks
    assert not asks or found["r"]["reasons"] == ["asks a question"]


def test_most_points_first_then_the_newest_and_undated_last():
    rows = [
        review("a", rating=4.0, written_at=day("2020-01-01")),
        review("b", rating=4.0, written_at=day("2021-01-01")),
        review("c", rating=4.0),
        review("d", rating=1.0),
    ]
    found = told(*rows, mentions=[said(row["review_id"]) for row in rows])
    assert list(found) == ["d", "b", "a", "c"]


def test_the_scope_narrows_the_list_and_an_unknown_one_is_refused():
    rows = [review("a", market="US"), review("b", market="DE")]
    mentions = [said("a"), said("b")]
    assert list(told(*rows, mentions=mentions, scope=Scope(markets=("DE",)))) == ["b"]
    with pytest.raises(VocError, match="no market"):
        told(*rows, mentions=mentions, scope=Scope(markets=("FR",)))
