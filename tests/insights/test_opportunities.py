import datetime as dt
import random
import time

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.config import InsightsConfig
from voc.insights import Facts, Scope, all_opportunities, area_summary, opportunities
from voc.tables import SCHEMAS, empty, from_rows

from .build import day, facts, mention, theme
from .synthetic import synthetic_facts

CONFIG = InsightsConfig(bootstrap=200)
ANY = InsightsConfig(bootstrap=100, min_reviews=1)


def rows(table):
    return table.to_pylist()


def plain(count, **fields):
    return [{"rating": 5, **fields} for _ in range(count)]


def test_the_list_by_hand():
    data = facts(
        [
            *plain(14),
            *[{"rating": 1, "pains": ["cable"]} for _ in range(4)],
            *[{"rating": 3, "pains": ["bag"]} for _ in range(2)],
        ],
        themes=[theme("cable", name="cable: frays", area_id="a"), theme("bag")],
        areas={"a": "cable"},
    )
    first, second = rows(opportunities(data, config=InsightsConfig(min_reviews=2)))
    assert (first["rank"], first["theme_id"], first["name"], first["area"]) == (1, "cable", "cable: frays", "cable")
    assert (first["reviews"], first["analysed"], first["reach"]) == (4, 20, 0.2)
    assert (first["mean_with"], first["mean_without"]) == (1.0, (14 * 5 + 2 * 3) / 16)
    assert first["star_impact"] == pytest.approx(0.2 * (76 / 16 - 1))
    assert first["severity"] == pytest.approx(0.5)
    assert (second["theme_id"], second["rank"], second["area"]) == ("bag", 2, None)
    assert (first["scope_type"], first["scope"]) == ("workspace", "")


def test_only_pain_in_active_pain_themes_ranks():
    text = "The cable frays near the plug."
    other = [
        mention(f"r{i:06d}", text, text, **fields)
        for i in range(6)
        for fields in (
            {"theme_id": "t"},
            {"theme_id": None},
            {"theme_id": "merged"},
            {"theme_id": "nice", "kind": "praise"},
            {"theme_id": "t2", "kind": "praise"},
            {"theme_id": None, "specificity": "verdict"},
        )
    ]
    data = facts(
        [{"rating": 2, "text": text} for _ in range(6)] + plain(6),
        mentions=other,
        themes=[theme("t"), theme("t2"), theme("merged", state="merged"), theme("nice", kind="praise")],
    )
    assert [r["theme_id"] for r in rows(opportunities(data, config=CONFIG))] == ["t"]


def test_shares_are_of_customers_own_opinions_that_were_read():
    data = facts(
        [
            *plain(6),
            *[{"rating": 1, "pains": ["t"]} for _ in range(4)],
            *[{"channel": "return", "pains": ["t"], "predicted_rating": 1.0} for _ in range(30)],
            *plain(50, language="de", analysed=False),
        ]
    )
    (row,) = rows(opportunities(data, config=CONFIG))
    assert (row["reviews"], row["analysed"], row["reach"], row["predicted_ratings"]) == (4, 10, 0.4, 0)
    # Where there are only returns, they are what there is.
    (row,) = rows(opportunities(data, Scope(channels=("return",)), config=CONFIG))
    assert (row["reviews"], row["analysed"], row["predicted_ratings"]) == (30, 30, 30)
    assert (row["star_impact"], row["mean_without"]) == (0, None)


def test_ratings_are_predicted_where_there_are_none():
    data = facts(
        [
            *[{"predicted_rating": 4.5} for _ in range(8)],
            *[{"predicted_rating": 1.5, "pains": ["t"]} for _ in range(3)],
            {"rating": 2, "pains": ["t"]},
        ]
    )
    (row,) = rows(opportunities(data, config=CONFIG))
    assert (row["reviews"], row["predicted_ratings"]) == (4, 3)
    assert row["mean_with"] == pytest.approx(6.5 / 4)
    assert row["star_impact"] == pytest.approx(4.5 - (8 * 4.5 + 6.5) / 12)
    assert row["quotes"][0]["rating"] in (None, 2.0)


def test_without_any_rating_themes_are_listed_by_size():
    data = facts(
        [*({} for _ in range(9)), *({"pains": ["a"]} for _ in range(3)), *({"pains": ["b"]} for _ in range(5))]
    )
    found = rows(opportunities(data, config=CONFIG))
    assert [(r["theme_id"], r["score"], r["mean_with"]) for r in found] == [("b", 0, None), ("a", 0, None)]
    assert [(r["rank"], r["rank_low"], r["rank_high"]) for r in found] == [(1, 1, 2), (2, 1, 2)]


def test_rare_themes_are_not_ranked():
    data = facts([*plain(9), *({"rating": 1, "pains": ["t"]} for _ in range(2))])
    assert opportunities(data, config=CONFIG).num_rows == 0
    assert opportunities(data, config=ANY).num_rows == 1


def test_hazards_are_counted_over_all_channels_and_quoted_first():
    text = "It works but one day the plug began to smoke badly."
    data = facts(
        [
            *plain(9),
            *({"rating": 2, "pains": ["t"]} for _ in range(5)),
            {"review_id": "h", "channel": "return", "text": text},
        ],
        mentions=[mention("h", text, "one day the plug began to smoke badly", theme_id="t", hazard=True)],
    )
    (row,) = rows(opportunities(data, config=CONFIG))
    assert (row["reviews"], row["hazard"], row["hazard_reviews"]) == (5, True, 1)
    quote = row["quotes"][0]
    assert quote["review_id"] == "h"
    assert text[quote["start"] : quote["end"]] == quote["text"] == "one day the plug began to smoke badly"


def test_a_review_counts_once_with_its_worst_mention():
    text = "Frays here and burns there."
    data = facts(
        [{"review_id": "x", "rating": 1, "text": text}, *plain(3)],
        mentions=[
            mention("x", text, "Frays here", theme_id="t", severity=0.2),
            mention("x", text, "burns there", theme_id="t", severity=0.75),
        ],
    )
    (row,) = rows(opportunities(data, config=ANY))
    assert (row["reviews"], row["reach"], row["severity"]) == (1, 0.25, 0.75)


def test_momentum_compares_the_halves_and_needs_dates():
    old = [{"rating": 4, "written_at": day("2020-01-01"), "pains": ["t"] if i < 2 else []} for i in range(20)]
    new = [{"rating": 4, "written_at": day("2021-01-01"), "pains": ["t"] if i < 12 else []} for i in range(20)]
    undated = [{"rating": 4, "pains": ["t"]} for _ in range(7)]
    (row,) = rows(opportunities(facts([*old, *new, *undated]), config=CONFIG))
    assert row["reviews"] == 21
    assert row["momentum"] == pytest.approx(0.5)
    assert 0 < row["momentum_low"] < 0.5 < row["momentum_high"] < 1
    (row,) = rows(opportunities(facts([*undated, *plain(3)]), config=CONFIG))
    assert (row["momentum"], row["momentum_low"], row["momentum_high"]) == (None, None, None)
    (row,) = rows(opportunities(facts(old), config=ANY))  # one day only: nothing to compare
    assert row["momentum"] is None


def test_one_review_and_equal_ratings_have_an_answer():
    (row,) = rows(opportunities(facts([{"rating": 1, "pains": ["t"]}]), config=ANY))
    assert (row["rank"], row["rank_low"], row["rank_high"], row["star_impact"], row["mean_without"]) == (
        1,
        1,
        1,
        0,
        None,
    )
    equal = facts([{"rating": 4, "pains": ["a", "b"] if i < 4 else []} for i in range(9)])
    assert [r["star_impact"] for r in rows(opportunities(equal, config=CONFIG))] == pytest.approx([0, 0], abs=1e-12)


def test_empty_tables_give_an_empty_list():
    nothing = Facts(**{n: empty(n) for n in ("reviews", "readings", "mentions", "themes")})
    for table in (opportunities(nothing, config=CONFIG), all_opportunities(nothing, config=CONFIG)):
        assert table.schema == SCHEMAS["opportunities"]
        assert table.num_rows == 0
    assert area_summary(nothing, Scope(), config=CONFIG).num_rows == 0
    unread = Facts(**{**vars(facts(plain(3))), "readings": empty("readings")})
    assert opportunities(unread, config=CONFIG).num_rows == 0


REVIEWS = st.lists(
    st.fixed_dictionaries(
        {
            "rating": st.sampled_from([None, 1, 2, 3, 4, 5]),
            "predicted_rating": st.sampled_from([None, 1.5, 4.25]),
            "channel": st.sampled_from(["review", "review", "return", "app"]),
            "product_id": st.sampled_from([None, "p1", "p2"]),
            "written_at": st.sampled_from([None, day("2020-05-01"), day("2022-05-01")]),
            "analysed": st.sampled_from([True, True, True, False]),
            "pains": st.lists(st.sampled_from("abcd"), max_size=3, unique=True),
        }
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(REVIEWS)
def test_every_row_agrees_with_itself(reviews):
    found = rows(opportunities(facts(reviews), config=ANY))
    assert [r["rank"] for r in found] == list(range(1, len(found) + 1))
    keys = [(-r["score"], -r["reviews"], r["theme_id"]) for r in found]
    assert keys == sorted(keys)
    for r in found:
        assert 1 <= r["rank_low"] <= r["rank"] <= r["rank_high"] <= len(found)
        assert r["reach"] == r["reviews"] / r["analysed"]
        assert r["reach_low"] <= r["reach"] <= r["reach_high"]
        assert r["star_impact_low"] <= r["star_impact"] <= r["star_impact_high"]
        assert r["momentum"] is None or r["momentum_low"] <= r["momentum"] <= r["momentum_high"]
        assert 0 <= r["predicted_ratings"] <= r["reviews"]
        assert r["quotes"]
        assert len({q["review_id"] for q in r["quotes"]}) == len(r["quotes"])


@settings(max_examples=30, deadline=None)
@given(REVIEWS, st.randoms(use_true_random=False))
def test_order_of_rows_never_matters(reviews, chance):
    data = facts(reviews)
    mixed = {}
    for name, table in vars(data).items():
        order = list(range(table.num_rows))
        chance.shuffle(order)
        mixed[name] = table.take(pa.array(order, pa.int64()))
    assert opportunities(Facts(**mixed), config=ANY).equals(opportunities(data, config=ANY))


@settings(max_examples=60, deadline=None)
@given(REVIEWS, st.sampled_from("abcd"))
def test_one_more_one_star_complaint_never_lowers_the_star_impact(reviews, about):
    # The scope must already have customers' own opinions: with returns only, the first review changes who is counted.
    reviews = [*reviews, {"rating": 5}]
    more = [*reviews, {"rating": 1, "product_id": "p1", "pains": [about]}]
    before, after = (
        {r["theme_id"]: r["star_impact"] for r in rows(opportunities(facts(r_), config=ANY))} for r_ in (reviews, more)
    )
    assert after[about] >= before.get(about, 0.0) - 1e-12


def test_all_scopes_hold_what_each_alone_would():
    data = synthetic_facts(1500, 12, 20, seed=3)
    stored = all_opportunities(data, config=CONFIG)
    scopes = {(r["scope_type"], r["scope"]) for r in rows(stored)}
    assert {kind for kind, _ in scopes} == {"workspace", "product", "brand", "phase"}
    phase = next(name for kind, name in sorted(scopes) if kind == "phase")
    for kind, name, scope in (
        ("workspace", "", Scope()),
        ("product", "p000", Scope(products=("p000",))),
        ("brand", "b1", Scope(brands=("b1",))),
        ("phase", phase, Scope(phase_id=phase)),
    ):
        part = pa.Table.from_pylist(
            [r for r in rows(stored) if (r["scope_type"], r["scope"]) == (kind, name)], schema=stored.schema
        )
        assert part.num_rows
        assert part.equals(opportunities(data, scope, config=CONFIG, scope_type=kind, scope_name=name))


def test_small_products_get_no_list_of_their_own():
    data = facts(
        [*plain(30, product_id="big"), *({"rating": 1, "pains": ["t"], "product_id": "big"} for _ in range(5))]
        + [{"rating": 1, "pains": ["t"], "product_id": "small"} for _ in range(19)]
    )
    stored = rows(all_opportunities(data, config=CONFIG))
    assert [(r["scope_type"], r["scope"]) for r in stored] == [("workspace", ""), ("product", "big")]


def test_a_merged_theme_hands_over_its_place():
    data = facts([*plain(9), *({"rating": 1, "pains": ["old"]} for _ in range(5))])
    themes = from_rows("themes", [theme("old", state="retired")])
    assert opportunities(Facts(**{**vars(data), "themes": themes}), config=CONFIG).num_rows == 0


def test_areas_are_ranked_like_themes():
    text = "The sound is not good and the cable frays."
    chance = random.Random(1)
    reviews, mentions = [], []
    for i in range(40):
        reviews.append({"review_id": f"a{i:02d}", "rating": 2 if i < 12 else 5, "text": text})
        if i < 12:
            kind = "judgement" if i < 8 else "trouble"
            mentions.append(mention(f"a{i:02d}", text, "The sound is not good", area_id="s", specificity=kind))
        if i in (3, 20, 21):
            mentions.append(mention(f"a{i:02d}", text, "the cable frays", area_id="c"))
        if i > 30:
            mentions.append(
                mention(f"a{i:02d}", text, "The sound", area_id="s", kind="praise", specificity="judgement")
            )
        mentions.append(mention(f"a{i:02d}", text, text, area_id="c", specificity="verdict"))
    chance.shuffle(mentions)
    data = facts(reviews, mentions=mentions, areas={"s": "sound quality", "c": "cable", "x": "box"})
    first, second = rows(area_summary(data, Scope(), config=CONFIG))
    assert (first["area_id"], first["name"], first["rank"]) == ("s", "sound quality", 1)
    assert (first["pain_reviews"], first["judgement_reviews"], first["trouble_reviews"]) == (12, 8, 4)
    assert (first["praise_reviews"], first["reach"]) == (9, 0.3)
    assert first["star_impact"] == pytest.approx(5 - (12 * 2 + 28 * 5) / 40)
    assert first["star_impact_low"] < first["star_impact"] < first["star_impact_high"]
    assert (second["area_id"], second["reviews"], second["praise_reviews"]) == ("c", 3, 0)
    assert second["quotes"][0]["text"] == "the cable frays"


def test_a_free_scope_takes_less_than_a_second():
    data = synthetic_facts(10_000, 60, 75)
    opportunities(data, Scope(products=("p001",)), config=CONFIG)  # imports, arrays and quotes, once per snapshot
    config = InsightsConfig()
    for scope in (Scope(), Scope(brands=("b1",)), Scope(start=dt.date(2020, 1, 1)), Scope(products=("p003", "p004"))):
        started = time.process_time()
        assert opportunities(data, scope, config=config).num_rows > 20
        assert time.process_time() - started < 1


def test_every_scope_of_ten_thousand_reviews_takes_less_than_ten_seconds():
    data = synthetic_facts(10_000, 60, 75)
    started = time.process_time()
    stored = all_opportunities(data, config=InsightsConfig())
    assert time.process_time() - started < 10
    assert len({(r["scope_type"], r["scope"]) for r in rows(stored)}) > 75


def test_a_pleased_customer_is_quoted_last():
    pleased = [{"rating": 5, "pains": ["t"]} for _ in range(3)]
    data = facts([*plain(9), *pleased, *({"rating": 1, "pains": ["t"]} for _ in range(3))])
    (row,) = rows(opportunities(data, config=InsightsConfig(bootstrap=200, quotes=2)))
    assert row["quotes"][0]["rating"] == 1
