"""Filters, orders, and how the lists of words and meaning become one."""

import datetime as dt

import numpy as np
import pytest

from voc import tables
from voc.search.catalogue import Catalogue, Filters, best_first
from voc.search.index import Hits
from voc.search.meaning import Near


def at(day):
    return dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def catalogue():
    dates = [at("2024-01-01"), at("2024-03-01"), None, at("2024-02-01T23:59:59")]
    rows = [
        {
            "review_id": f"r{i}",
            "channel": "review" if i else "return",
            "source": "test",
            "text": "text",
            "language": "en" if i < 3 else "de",
            "rating": rating,
            "written_at": date,
            "verified": verified,
            "helpful_votes": votes,
            "ingested_at": at("2024-03-02"),
            "import_id": "i",
        }
        for i, (rating, date, verified, votes) in enumerate(
            zip([1.0, 3.0, None, 5.0], dates, [True, False, None, True], [0, 9, None, 2], strict=True)
        )
    ]
    said = [("r0", "pain", "t1", 0.9, True), ("r0", "praise", None, 0.0, False), ("r1", "pain", "t2", 0.4, False),
            ("r3", "wish", None, 0.0, False), ("gone", "pain", "t1", 1.0, True)]  # fmt: skip
    mentions = [
        {
            "mention_id": f"m{i}", "review_id": review, "kind": kind, "specificity": "trouble", "target": "product",
            "clause_start": 0, "clause_end": 4, "polarity": 0.0, "confidence": 0.9, "severity": severity,
            "hazard": hazard, "theme_id": theme, "model_version": "test",
        }
        for i, (review, kind, theme, severity, hazard) in enumerate(said)
    ]  # fmt: skip
    names = ["review_id", "kind", "theme_id", "severity", "hazard"]
    return Catalogue(tables.from_rows("reviews", rows), tables.from_rows("mentions", mentions).select(names))


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        (Filters(), [1, 3, 0, 2]),
        (Filters(stars=(0.0, 2.49)), [0]),
        (Filters(since=dt.date(2024, 2, 1)), [1, 3]),
        (Filters(until=dt.date(2024, 2, 1)), [3, 0]),
        (Filters(since=dt.date(2024, 2, 1), until=dt.date(2024, 2, 1)), [3]),
        (Filters(channel="return"), [0]),
        (Filters(language="de"), [3]),
        (Filters(verified=True), [3, 0]),
        (Filters(verified=False), [1]),
        (Filters(theme="t1"), [0]),
        (Filters(kind="pain"), [1, 0]),
        (Filters(kind="praise", hazard=True), []),
        (Filters(kind="pain", hazard=True), [0]),
        (Filters(condition="r.rating = ?", values=(3.0,)), [1]),
        (Filters(channel="' OR true --"), []),
        (Filters(theme="t1", kind="pain", stars=(1, 1), condition="r.channel = ?", values=("return",)), [0]),
    ],
)
def test_filters(catalogue, filters, rows):
    assert catalogue.choose(filters, "newest").tolist() == rows


def test_orders(catalogue):
    assert catalogue.choose(Filters(), "helpful").tolist() == [1, 3, 0, 2]
    assert catalogue.choose(Filters(), "severity").tolist() == [0, 1, 3, 2]
    assert catalogue.choose(Filters(kind="praise"), "severity").tolist() == [0]
    assert catalogue.choose(Filters(), "relevance", [2, 0, 1]).tolist() == [2, 0, 1]
    assert catalogue.choose(Filters(), "newest", [2, 0, 1]).tolist() == [1, 0, 2]
    assert catalogue.choose(Filters(), "relevance").tolist() == [1, 3, 0, 2]
    assert catalogue.choose(Filters(), "relevance", []).tolist() == []


def test_a_review_is_found_by_its_id(catalogue):
    assert catalogue.row_of("r2") == 2
    assert catalogue.row_of("gone") is None


def test_what_both_lists_hold_comes_first_then_the_better_rank():
    hits = Hits(np.array([1, 2, 3]), np.array([1.0, 5.0, 3.0]))
    near = Near(np.array([7, 3]), np.array([0.9, 0.8], np.float32), np.array([0, 1]))
    assert best_first(hits, near).tolist() == [3, 2, 7, 1]
    assert best_first(hits, None).tolist() == [2, 3, 1]
    assert best_first(None, near).tolist() == [7, 3]
    assert best_first(None, None).tolist() == []
