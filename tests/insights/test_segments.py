import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from voc.benchmark.simulations.segments import simulate_segments
from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights import Facts, Scope
from voc.insights.intervals import benjamini_hochberg, difference_p, newcombe, wilson
from voc.insights.parting import MAX_VALUES, NEW_USER_DAYS, NOT_STATED, OTHERS, SEGMENTERS, segment_of
from voc.insights.segments import SILENT, segments
from voc.tables import empty
from voc.tables.compared import SEGMENTS

from .build import facts, mention
from .synthetic import synthetic_facts

CONFIG = InsightsConfig()


def written(count, complaints, stars=(2, 5), **fields):
    """Return so many reviews, the first of which complain about t; stars of those that do and do not."""
    return [
        {"rating": stars[0] if i < complaints else stars[1], "pains": ["t"] if i < complaints else [], **fields}
        for i in range(count)
    ]


def rows(data, by, scope=None):
    table = segments(data, scope or Scope(), by=by, config=CONFIG)
    assert table.schema == SEGMENTS
    for column in table.columns:
        if pa.types.is_floating(column.type):
            assert not np.isnan(column.drop_null().to_numpy()).any()
    return {(row["segment"], row["theme_id"]): row for row in table.to_pylist()}


def test_a_market_against_the_rest_by_hand():
    data = facts([*written(100, 20, market="US"), *written(80, 4, market="DE"), *written(40, 2)])
    found = rows(data, "market")
    us = found["US", "t"]
    assert (us["by"], us["name"], us["reviews"], us["analysed"], us["value"]) == ("market", "theme t", 20, 100, 0.2)
    assert (us["low"], us["high"]) == pytest.approx([x[0] for x in wilson(20, 100, 0.9)[1:]])
    assert (us["rest_analysed"], us["rest_value"]) == (120, 0.05)
    assert us["difference"] == pytest.approx(0.15)
    bounds = [x[0] for x in newcombe(20, 100, 6, 120, 0.9)[1:]]
    assert (us["difference_low"], us["difference_high"]) == pytest.approx(bounds)
    assert us["p_value"] == pytest.approx(difference_p(20, 100, 6, 120)[0])
    assert {segment for segment, _ in found} == {"US", "DE", NOT_STATED}
    p = np.array([row["p_value"] for (_, theme), row in found.items() if theme])
    q = [row["q_value"] for (_, theme), row in found.items() if theme]
    assert q == pytest.approx(list(benjamini_hochberg(p)))


def test_ratings_against_the_rest_are_welchs():
    rng = np.random.default_rng(1)
    here, there = rng.integers(1, 6, 60), rng.integers(3, 6, 90)
    reviews = [{"rating": int(s), "market": "US"} for s in here] + [{"rating": int(s), "market": "DE"} for s in there]
    row = rows(facts([*reviews, {"rating": None, "market": "US"}]), "market")["US", None]
    expected = stats.ttest_ind(here, there, equal_var=False)
    interval = expected.confidence_interval(0.9)
    assert (row["analysed"], row["rest_analysed"], row["value"]) == (60, 90, pytest.approx(here.mean()))
    assert row["rest_value"] == pytest.approx(there.mean())
    assert row["difference"] == pytest.approx(here.mean() - there.mean())
    assert (row["difference_low"], row["difference_high"]) == pytest.approx((interval.low, interval.high))
    assert row["p_value"] == pytest.approx(expected.pvalue)


@pytest.mark.parametrize(
    ("column", "names"),
    [("verified", ("verified", "not verified")), ("incentivised", ("incentivised", "not incentivised"))],
)
def test_yes_no_and_not_stated(column, names):
    data = facts([*written(40, 8, **{column: True}), *written(50, 5, **{column: False}), *written(30, 3)])
    found = rows(data, column)
    counts = {segment: row["analysed"] for (segment, theme), row in found.items() if theme}
    assert counts == {names[0]: 40, names[1]: 50, NOT_STATED: 30}


def test_variants_are_segments():
    found = rows(facts([*written(40, 8, variant="black"), *written(40, 2, variant="white")]), "variant")
    assert found["black", "t"]["difference"] == pytest.approx(0.15)
    assert found["white", "t"]["difference"] == pytest.approx(-0.15)


def test_returns_are_a_channel_against_customers_opinions():
    data = facts([*written(60, 6), *written(40, 30, channel="return"), *written(40, 2, channel="survey")])
    found = rows(data, "channel")
    returned, review = found["return", "t"], found["review", "t"]
    assert (returned["analysed"], returned["rest_analysed"], returned["rest_value"]) == (40, 100, 0.08)
    assert (review["analysed"], review["rest_analysed"]) == (60, 40)
    assert ("return", "t") not in {(k, "t") for k, _ in rows(data, "market")}
    assert rows(data, "market")[NOT_STATED, "t"]["analysed"] == 100


def test_new_users_against_long_term_users():
    reviews = [{"review_id": f"r{i:03d}", "rating": 3, "text": "It broke."} for i in range(150)]
    stated = {
        **dict.fromkeys(range(40), 3),
        **dict.fromkeys(range(40, 50), NEW_USER_DAYS),
        **dict.fromkeys(range(50, 90), 31),
    }
    data = facts(
        reviews,
        mentions=[
            mention(f"r{i:03d}", "It broke.", "It broke.", theme_id="t" if i % 2 or i >= 50 else None, days_in_use=d)
            for i, d in stated.items()
        ]
        + [
            mention("r000", "It broke.", "broke.", days_in_use=400),
            mention("r149", "It broke.", "broke.", theme_id="t"),
        ],
    )
    found = rows(data, "time_in_use")
    new, long_term, silent = (found[s, "t"] for s in ("new", "long-term", NOT_STATED))
    assert (new["reviews"], new["analysed"]) == (25, 49)  # the longest time a review states counts
    assert (long_term["reviews"], long_term["analysed"]) == (40, 41)
    assert (new["rest_analysed"], long_term["rest_analysed"]) == (41, 49)
    assert new["difference"] == pytest.approx(25 / 49 - 40 / 41)
    assert (silent["analysed"], silent["reviews"]) == (60, 1)
    assert (silent["difference"], silent["q_value"], silent["reason"]) == (None, None, SILENT)


def test_thin_segments_are_shown_and_not_tested():
    found = rows(facts([*written(29, 9, market="US"), *written(100, 5, market="DE")]), "market")
    us, de = found["US", "t"], found["DE", "t"]
    assert us["difference"] == pytest.approx(9 / 29 - 0.05)
    assert (us["p_value"], us["q_value"], us["reason"]) == (None, None, "fewer than 30 reviews in the segment")
    assert de["reason"] == "fewer than 30 reviews in the rest"
    alone = rows(facts(written(50, 5, market="US")), "market")["US", "t"]
    assert (alone["value"], alone["difference"]) == (0.1, None)
    assert alone["reason"] == "there are no reviews outside this segment"


def test_equal_stars_are_not_tested():
    data = facts([*written(40, 4, stars=(5, 5), market="US"), *written(40, 4, stars=(5, 5), market="DE")])
    row = rows(data, "market")["US", None]
    assert (row["difference"], row["difference_low"], row["p_value"]) == (0, None, None)


def test_many_values_leave_the_rare_ones_together():
    reviews = [r for i in range(30) for r in written(40 - i, 4, variant=f"v{i:02d}")]
    data = facts(reviews)
    found = rows(data, "variant")
    names = {segment for segment, _ in found}
    assert len(names) == MAX_VALUES + 1
    assert found[OTHERS, "t"]["analysed"] == sum(40 - i for i in range(MAX_VALUES, 30))
    assert sum(row["analysed"] for (_, theme), row in found.items() if theme) == len(reviews)


def test_segments_add_up_to_the_scope():
    data = synthetic_facts(2000, 12, 5, seed=1)
    rng = np.random.default_rng(2)
    market = pa.array(rng.choice(["US", "DE", None], 2000).tolist(), pa.string())
    at = data.reviews.schema.get_field_index("market")
    data = Facts(**{**vars(data), "reviews": data.reviews.set_column(at, data.reviews.schema.field(at), market)})
    table = segments(data, Scope(), by="market", config=CONFIG).to_pylist()
    for theme in {row["theme_id"] for row in table}:
        same = [row for row in table if row["theme_id"] == theme]
        assert {row["analysed"] + row["rest_analysed"] for row in same} == {2000}
        total = sum(row["value"] * row["analysed"] for row in same)
        for row in same:
            assert row["value"] * row["analysed"] + row["rest_value"] * row["rest_analysed"] == pytest.approx(total)


def test_all_columns_at_once_in_any_order_of_rows():
    data = synthetic_facts(600, 6, 3, seed=3)
    whole = segments(data, Scope(), config=CONFIG)
    assert list(dict.fromkeys(whole["by"].to_pylist())) == list(SEGMENTERS)
    mixed = {
        name: getattr(data, name).take(np.random.default_rng(1).permutation(getattr(data, name).num_rows))
        for name in ("reviews", "readings", "mentions", "themes")
    }
    other = Facts(**{**mixed, "areas": data.areas, "phases": data.phases})
    assert segments(other, Scope(), config=CONFIG).equals(whole)


def test_bad_and_empty_input():
    data = facts(written(3, 1))
    with pytest.raises(VocError, match="cannot be parted by 'colour'; there is market, variant"):
        segments(data, Scope(), by="colour", config=CONFIG)
    with pytest.raises(VocError, match="no brand 'x'"):
        segments(data, Scope(brands=("x",)), by="market", config=CONFIG)
    assert [row["theme_id"] for row in rows(data, "market").values()] == [None]  # one complaint is no theme yet
    nothing = Facts(**{n: empty(n) for n in ("reviews", "readings", "mentions", "themes")})
    assert segments(nothing, Scope(), config=CONFIG).equals(SEGMENTS.empty_table())
    assert segment_of(nothing, "market", np.zeros(0, bool)).values == []


def test_differences_cover_as_they_say():
    reach, rating, called = simulate_segments(runs=25, reviews=600, seed=1, config=InsightsConfig(bootstrap=100))
    assert reach["measured"] >= 0.9 - 3 * np.sqrt(0.09 / (25 * 6))  # about two of three segments say something new
    assert rating["measured"] >= 0.9 - 3 * np.sqrt(0.09 / 50)
    assert called["measured"] <= 0.1 + 3 * np.sqrt(0.09 / 25)


@pytest.mark.slow
@pytest.mark.parametrize("reviews", [400, 3000])
def test_differences_cover_as_they_say_in_long_runs(reviews):
    reach, rating, called = simulate_segments(runs=300, reviews=reviews, seed=2)
    assert 0.88 <= reach["measured"] <= 0.95
    assert 0.87 <= rating["measured"] <= 0.93
    assert called["measured"] <= 0.1 + 3 * np.sqrt(0.09 / 300)


def test_products_and_brands_are_segments_when_asked_for_and_no_part_of_the_table_of_all():
    reviews = [*written(40, 12, product_id="p1"), *written(60, 3, product_id="p2", brand="B"), *written(40, 2)]
    data = facts(reviews, products=[{"product_id": "p1", "brand": "A"}, {"product_id": "p2", "brand": "B"}])
    products, brands = rows(data, "product"), rows(data, "brand")
    assert (products["p1", "t"]["reviews"], products["p1", "t"]["rest_analysed"]) == (12, 100)
    assert {segment for segment, _ in products} == {"p1", "p2", NOT_STATED}
    assert brands["A", "t"]["analysed"] == 40  # the list of products knows the brand that these reviews lack
    assert "product" not in SEGMENTERS
