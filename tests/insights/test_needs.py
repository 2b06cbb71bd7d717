import dataclasses

import pytest

from tests.insights.build import NOW, facts, mention
from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights.needs import needs
from voc.insights.scope import Scope
from voc.tables import from_rows

CONFIG = InsightsConfig()


def wished(reviews, wishes):
    """Facts whose reviews wish: `wishes` are (review number, need, depth)."""
    rows = [{"review_id": f"r{i}", "text": f"I wish {i} it had more.", **review} for i, review in enumerate(reviews)]
    found, listed = [], []
    for number, need, depth in wishes:
        text = rows[number]["text"]
        found.append(mention(f"r{number}", text, text, kind="wish") | {"mention_id": f"m{number}{need}"})
        listed.append(
            {
                "mention_id": f"m{number}{need}",
                "wanted": need,
                "depth": depth,
                "area_id": "a1",
                "need_id": need,
                "need": f"more {need}",
                "need_area_id": "a1",
                "first_run": NOW,
            }
        )
    data = facts(rows, mentions=found, areas={"a1": "cable"})
    return dataclasses.replace(data, wishes=from_rows("wishes", listed))


def test_what_most_reviews_wish_for_comes_first_with_its_reach_and_their_rating():
    data = wished(
        [{"rating": r} for r in (5, 4, 3, 1, 1)], [(0, "b", "idea"), (1, "a", "variant"), (2, "a", "variant")]
    )
    rows = needs(data, config=CONFIG).to_pylist()
    assert [(row["name"], row["area"], row["depth"], row["reviews"]) for row in rows] == [
        ("more a", "cable", "variant", 2),
        ("more b", "cable", "idea", 1),
    ]
    assert rows[0]["reach"] == pytest.approx(0.4)
    assert rows[0]["reach_low"] < 0.4 < rows[0]["reach_high"]
    assert rows[0]["mean_rating"] == pytest.approx(3.5)
    assert rows[1]["rating_low"] is None
    assert rows[0]["quotes"][0]["text"].startswith("I wish")


def test_two_wishes_of_one_review_for_one_need_count_once():
    data = wished([{}, {}], [(0, "a", "idea"), (0, "a", "idea")])
    again = dataclasses.replace(data, wishes=data.wishes.slice(0, 1), mentions=data.mentions.slice(0, 1))
    assert (
        needs(data, config=CONFIG)["reviews"].to_pylist() == needs(again, config=CONFIG)["reviews"].to_pylist() == [1]
    )


def test_a_scope_counts_its_own_reviews_and_what_is_no_wish_any_more_is_left_out():
    data = wished([{"market": "US"}, {"market": "DE"}], [(0, "a", "idea"), (1, "a", "idea")])
    assert needs(data, Scope(markets=("DE",)), config=CONFIG)["reviews"].to_pylist() == [1]
    corrected = data.mentions.set_column(
        data.mentions.schema.get_field_index("kind"), data.mentions.schema.field("kind"), [["pain", "wish"]]
    )
    assert needs(dataclasses.replace(data, mentions=corrected), config=CONFIG)["reviews"].to_pylist() == [1]


def test_without_wishes_there_is_no_need():
    assert needs(facts([{"rating": 1}]), config=CONFIG).num_rows == 0


def test_an_unknown_market_is_refused():
    with pytest.raises(VocError, match="no market 'Mars'"):
        needs(wished([{}], [(0, "a", "idea")]), Scope(markets=("Mars",)), config=CONFIG)
