import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights import HAZARD_PRODUCTS, HAZARDS, Scope, hazard_products, hazards, striking

from .build import day, facts, mention

SMOKE = "I saw smoke coming out of the plug at night."
SPARK = "There was a blue spark when I pulled it out."
SHOCK = "It gave my daughter an electric shock in the bath."


def report(review_id, text=SMOKE, clause=None, **fields):
    return mention(review_id, text, clause or text, hazard=True, severity=0.98, **fields)


def review(review_id, text=SMOKE, **fields):
    return {"review_id": review_id, "text": text, "product_id": "p1", "product": "Charger", "rating": 1.0, **fields}


def ids(table):
    return table["review_id"].to_pylist()


def test_a_report_counts_whatever_theme_it_is_in():
    reviews = [review(f"r{i}") for i in range(5)]
    mentions = [
        report("r0"),  # in no theme
        report("r1", theme_id="gone"),  # in a theme that is not listed
        report("r2", theme_id="t"),
        mention("r3", SMOKE, SMOKE, theme_id="t"),  # of the same theme, but no hazard
    ]
    found = hazards(facts(reviews, mentions=mentions, themes=[]), Scope())
    assert found.schema == HAZARDS
    assert ids(found) == ["r0", "r1", "r2"]
    assert found["theme_id"].to_pylist() == [None, "gone", "t"]


def test_returns_and_tickets_count_but_not_what_was_never_read():
    reviews = [
        review("r0", channel="return", rating=None),
        review("r1", channel="ticket", rating=None),
        review("r2", analysed=False),
    ]
    given = facts(reviews, mentions=[report(f"r{i}") for i in range(3)])
    assert hazards(given, Scope())["channel"].to_pylist() == ["return", "ticket"]
    assert hazard_products(given, Scope(), config=InsightsConfig()).to_pylist()[0]["analysed"] == 2


def test_newest_first_undated_last_then_by_id_and_limited():
    dates = {"r0": None, "r1": "2021-05-01", "r2": "2022-01-01", "r3": "2021-05-01", "r4": None}
    reviews = [review(key, written_at=value and day(value)) for key, value in dates.items()]
    given = facts(reviews, mentions=[report(key) for key in dates])
    assert ids(hazards(given, Scope())) == ["r2", "r1", "r3", "r0", "r4"]
    assert ids(hazards(given, Scope(), limit=2)) == ["r2", "r1"]
    assert ids(hazards(given, Scope(), limit=0)) == []
    assert ids(hazards(given, Scope(start=dt.date(2021, 6, 1)))) == ["r2"]


def test_a_review_is_quoted_once_by_its_most_readable_clause_with_its_place_in_the_text():
    text = f"🔥 DANGEROUS! {SPARK} Returned."
    at, spark = text.index(SPARK), text.index("blue spark")
    given = facts(
        [review("r0", text)],
        mentions=[
            report("r0", text, "DANGEROUS!", confidence=0.99),
            report("r0", text, SPARK, phrase_start=spark, phrase_end=spark + 10, aspect_start=None, theme_id="t"),
        ],
    )
    (row,) = hazards(given, Scope()).to_pylist()
    assert (row["text"], row["start"], row["end"]) == (SPARK, at, at + len(SPARK))
    assert text[row["phrase_start"] : row["phrase_end"]] == "blue spark"
    assert row["aspect_start"] is None


def test_nothing_reported_is_an_empty_table():
    given = facts([review("r0")], mentions=[mention("r0", SMOKE, SMOKE)])
    assert hazards(given, Scope()).equals(HAZARDS.empty_table())
    assert hazard_products(given, Scope(), config=InsightsConfig()).equals(HAZARD_PRODUCTS.empty_table())
    assert striking(hazards(given, Scope()), 3).num_rows == 0
    assert hazards(facts([]), Scope()).num_rows == 0


def test_products_with_most_reports_come_first_with_their_share_and_interval():
    reviews = [review(f"a{i}") for i in range(10)]
    reviews += [review(f"b{i}", product_id="p2", product="Cable") for i in range(4)]
    reviews += [review("c0", product_id=None, product=None)]
    given = facts(reviews, mentions=[report(key) for key in ("a0", "a1", "b0", "b1", "b2", "c0")])
    found = hazard_products(given, Scope(), config=InsightsConfig()).to_pylist()
    assert [(r["product"], r["reviews"], r["analysed"]) for r in found] == [
        ("Cable", 3, 4), ("Charger", 2, 10), (None, 1, 1),
    ]  # fmt: skip
    assert found[0]["share"] == pytest.approx(0.75)
    assert found[0]["share_low"] < 0.75 < found[0]["share_high"]
    only = hazard_products(given, Scope(products=("Cable",)), config=InsightsConfig())
    assert only["reviews"].to_pylist() == [3]
    with pytest.raises(VocError, match="there is no product 'Lamp'"):
        hazards(given, Scope(products=("Lamp",)))


def test_striking_reports_have_low_stars_and_come_from_different_products_and_say_different_things():
    reviews = [
        review("r0", SMOKE, rating=5.0, product_id="p9", written_at=day("2023-01-01")),
        review("r1", SMOKE, written_at=day("2022-03-01")),
        review("r2", SMOKE.upper(), written_at=day("2022-02-01")),
        review("r3", SHOCK, written_at=day("2022-01-01")),
        review("r4", SPARK, product_id="p2", rating=None, written_at=day("2020-01-01")),
        review("r5", "Smoke!", product_id="p1", written_at=day("2023-05-01")),
    ]
    given = facts(reviews, mentions=[report(r["review_id"], r["text"]) for r in reviews])
    found = hazards(given, Scope())
    assert ids(striking(found, 3)) == ["r1", "r4", "r3"]
    assert ids(striking(found, 6))[3:] == ["r5", "r0", "r2"]


stars = st.sampled_from([None, 1.0, 2.0, 3.0, 5.0])
said = st.sampled_from([SMOKE, SPARK, SHOCK, "Fire!", ""])


@given(st.lists(st.tuples(stars, said, st.sampled_from(["p1", "p2", None])), max_size=8), st.integers(1, 4))
def test_as_many_striking_reports_as_there_are_and_none_twice(rows, count):
    reviews = [review(f"r{i}", t, rating=r, product_id=p) for i, (r, t, p) in enumerate(rows)]
    found = hazards(facts(reviews, mentions=[report(r["review_id"], r["text"]) for r in reviews]), Scope())
    assert ids(found) == [r["review_id"] for r in reviews]
    chosen = ids(striking(found, count))
    assert len(chosen) == len(set(chosen)) == min(count, len(rows))


def test_the_order_of_rows_does_not_matter():
    reviews = [review(f"r{i}", written_at=day(f"202{i % 3}-01-01")) for i in range(9)]
    mentions = [report(f"r{i}") for i in range(9)]
    one = facts(reviews, mentions=mentions)
    other = facts(reviews[::-1], mentions=mentions[::-1])
    assert hazards(one, Scope()).equals(hazards(other, Scope()))
