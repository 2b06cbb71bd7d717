import re
import time

import numpy as np
import pyarrow as pa
import pytest

from voc.benchmark.simulations.rivals import market, simulate_rivals
from voc.benchmark.simulations.shares import simulate_units
from voc.config import InsightsConfig
from voc.insights import Facts, Scope
from voc.insights.intervals import newcombe
from voc.insights.rivals import NEGLIGIBLE, rivals
from voc.insights.units import OF_REVIEWERS, units
from voc.tables import empty
from voc.tables.compared import RIVALS

from .build import facts, mention

CONFIG = InsightsConfig()


def rows(data, config=CONFIG):
    return {r["id"]: r for r in rivals(data, Scope(), config=config).table.to_pylist()}


def test_two_products_by_hand():
    data = market([[60, 0, 20, 0, 0], [5, 30, 16, 1, 2]], [400, 300], [True, False])
    result = rivals(data, Scope(), config=CONFIG)
    found = {r["id"]: r for r in result.table.to_pylist()}
    first = found["t0"]
    assert (first["own_reviews"], first["own_reach"]) == (60, 0.15)
    assert (first["rival_reviews"], first["rival_reach"]) == (5, pytest.approx(5 / 300))
    expected = [x[0] for x in newcombe(60, 400, 5, 300, 0.9)]
    assert [first["difference"], first["difference_low"], first["difference_high"]] == pytest.approx(expected)
    # 5 of 300 may be more than one in a hundred, none of 400 surely is not; t03 and t04 are below `min_reviews` of 3.
    assert {key: r["class"] for key, r in found.items()} == {
        "t0": "worse than theirs",
        "t1": "only theirs",
        "t2": "everybody's",
    }
    assert result.reason is None
    assert (result.own_reviews, result.rival_reviews, result.own_products, result.rival_products) == (400, 300, 1, 1)
    assert "very products" in result.cautions[0]
    assert result.table.schema == RIVALS


def test_classes_change_sides_with_the_owner():
    counts, sizes = [[60, 0, 20], [0, 30, 16]], [400, 400]
    ours = rows(market(counts, sizes, [True, False]))
    theirs = rows(market(counts, sizes, [False, True]))
    swapped = {"only ours": "only theirs", "only theirs": "only ours", "everybody's": "everybody's"}
    assert {k: swapped[r["class"]] for k, r in ours.items()} == {k: r["class"] for k, r in theirs.items()}
    for key, row in ours.items():
        assert row["difference"] == pytest.approx(-theirs[key]["difference"])
        assert row["difference_low"] == pytest.approx(-theirs[key]["difference_high"])


def test_a_difference_is_no_class_before_it_is_sure():
    few = rows(market([[4], [1]], [150, 150], [True, False]))["t0"]
    assert few["class"] == "too little data"
    assert "chance" in few["reason"]
    rare = rows(market([[5], [5]], [2000, 2000], [True, False]))["t0"]
    assert (rare["class"], rare["reason"]) == ("too little data", "rare on both sides")
    assert rare["own_high"] < NEGLIGIBLE


def test_only_reviews_of_shared_categories_are_compared_and_with_one_mix():
    # Cables: 10 % on both sides; plugs: 2 % on both. We sell more cables, they more plugs: no difference.
    counts, sizes = [[60], [2], [20], [10], [9]], [600, 100, 200, 500, 200]
    data = market(counts, sizes, [True, True, False, False, True], category=["Cable", "Plug", "cable", "Plug ", "Buds"])
    result = rivals(data, Scope(), config=CONFIG)
    (row,) = result.table.to_pylist()
    assert result.categories == ("cable", "plug")
    assert result.unmatched_reviews == 200
    assert row["own_reach"] == pytest.approx(row["rival_reach"])
    assert row["difference"] == pytest.approx(0)
    assert (row["own_reviews"], row["rival_reviews"]) == (62, 30)
    unnamed = rivals(market(counts, sizes, [True, True, False, False, True]), Scope(), config=CONFIG)
    assert unnamed.table["difference"][0].as_py() > 0.03
    assert any("category" in c for c in unnamed.cautions)


def test_judgements_count_for_their_area_and_opinions_on_other_makers_for_nobody():
    text = "The sound is bad and theirs broke."
    reviews, mentions = [], []
    for i in range(800):
        reviews.append({"review_id": f"r{i}", "product_id": "ab"[i % 2], "rating": 2 + i % 4, "text": text})
        if i % 2 == 0 and i < 80:
            fields = {"specificity": "judgement", "area_id": "s"}
            mentions.append(mention(f"r{i}", text, "The sound is bad", **fields))
            mentions.append(mention(f"r{i}", text, "theirs broke", target="competitor", theme_id="t", area_id="s"))
    products = [{"product_id": "a", "own": True}, {"product_id": "b", "own": False}]
    data = facts(reviews, mentions=mentions, areas={"s": "sound"}, products=products)
    (row,) = rivals(data, Scope(), config=CONFIG).table.to_pylist()
    assert (row["level"], row["name"], row["class"], row["own_reviews"]) == ("area", "sound", "only ours", 40)


def test_products_of_unknown_owners_are_left_out_and_counted():
    data = market([[40], [20], [30]], [400, 400, 300], [True, False, None])
    result = rivals(data, Scope(), config=CONFIG)
    assert (result.unknown_reviews, result.own_reviews, result.rival_reviews) == (300, 400, 400)
    assert result.table["rival_reviews"].to_pylist() == [20]


@pytest.mark.parametrize(
    ("own", "sizes", "low", "said"),
    [
        ([None, None], [300, 300], 0.3, "No product is marked as ours.*own_brands.*voc.toml"),
        ([False, False], [300, 300], 0.3, "No product is marked as ours"),
        ([True, True], [300, 300], 0.3, "No product is marked as a competitor's"),
        ([True, False], [300, 40], 0.3, "40 reviews of the competitors' products are too few"),
        ([True, False], [300, 300], 0.02, "of the reviews of our products have 5 stars"),
        ([True, False], [120, 900], 0.15, "of 120 reviews of our products have three stars or fewer"),
    ],
)
def test_the_sample_that_supports_nothing_says_so(own, sizes, low, said):
    result = rivals(market([[30], [0]], sizes, own, low=low), Scope(), config=CONFIG)
    assert result.reason is not None
    assert re.search(said, result.reason)
    assert set(result.table["class"].to_pylist()) <= {"too little data"}


def test_different_categories_a_narrow_scope_and_no_data_at_all():
    data = market([[30], [20]], [300, 300], [True, False], category=["cables", "lamps"])
    result = rivals(data, Scope(), config=CONFIG)
    assert "different categories" in result.reason
    assert (result.table.num_rows, result.unmatched_reviews) == (0, 600)
    ours = rivals(market([[30], [20]], [300, 300], [True, False]), Scope(products=("p0",)), config=CONFIG)
    assert "0 reviews of the competitors' products" in ours.reason
    assert ours.table["rival_reach"].to_pylist() == [None]
    nothing = Facts(**{n: empty(n) for n in ("reviews", "readings", "mentions", "themes")})
    assert rivals(nothing, Scope(), config=CONFIG).table.num_rows == 0


def test_an_export_cut_off_at_the_same_number_for_each_product_is_named():
    result = rivals(market(np.full((8, 1), 10), [100] * 8, [True] * 4 + [False] * 4), Scope(), config=CONFIG)
    assert any("exactly 100 reviews" in c for c in result.cautions)
    varied = rivals(market(np.full((8, 1), 10), range(90, 98), [True] * 4 + [False] * 4), Scope(), config=CONFIG)
    assert not any("exactly" in c for c in varied.cautions)


def test_a_trouble_of_one_product_widens_the_interval():
    spread = rows(market([[10]] * 8, [100] * 8, [True] * 4 + [False] * 4))["t0"]
    lumped = rows(market([[40], [0], [0], [0], *[[10]] * 4], [100] * 8, [True] * 4 + [False] * 4))["t0"]
    assert lumped["own_reach"] == spread["own_reach"]
    assert lumped["own_high"] - lumped["own_low"] > 2 * (spread["own_high"] - spread["own_low"])


def test_the_order_of_rows_does_not_matter():
    data = market(np.arange(24).reshape(8, 3), [120] * 8, [True] * 4 + [False] * 4)
    rng = np.random.default_rng(1)
    tables = {n: t.take(rng.permutation(t.num_rows)) for n, t in vars(data).items() if isinstance(t, pa.Table)}
    one, other = (rivals(d, Scope(), config=CONFIG).table for d in (data, Facts(**tables)))
    assert one.drop_columns(["p_value", "q_value"]).equals(other.drop_columns(["p_value", "q_value"]))


def measured(figures):
    return [f["measured"] for f in figures]


@pytest.mark.parametrize(("products", "per_product"), [((4, 12), 60), ((10, 10), 40)])
def test_intervals_cover_with_products_as_clusters_and_false_classes_are_few(products, per_product):
    figures = simulate_rivals(own=0.05, theirs=0.05, products=products, per_product=per_product, likeness=0.06, runs=25)
    covers, independent, any_sure = measured(figures)
    # 500 intervals: 0.9 less three standard errors.
    assert covers >= 0.86
    assert independent < 0.8
    assert any_sure <= 0.32  # 2.5 expected of 25; eight or fewer with probability above 0.999


def test_few_products_are_compared_as_these_very_products():
    covers, _ = simulate_rivals(
        own=0.05, theirs=0.05, products=(2, 3), per_product=150, likeness=0.05, runs=25, of="these products"
    )
    assert covers["measured"] >= 0.86


def test_a_planted_difference_is_found():
    figures = simulate_rivals(own=0.15, theirs=0.03, products=(8, 8), per_product=100, likeness=0.02, runs=5)
    covers, _, sure = measured(figures)
    assert sure > 0.8
    assert covers >= 0.8


@pytest.mark.slow
@pytest.mark.parametrize("products", [(4, 4), (4, 40), (8, 12), (20, 20)])
@pytest.mark.parametrize(("share", "likeness"), [(0.02, 0.03), (0.05, 0.1), (0.1, 0.03)])
def test_intervals_cover_in_long_runs(products, share, likeness):
    figures = simulate_rivals(own=share, theirs=share, products=products, per_product=90, likeness=likeness, runs=60)
    covers, _, any_sure = measured(figures)
    assert covers >= 0.87
    assert any_sure <= 0.22  # 0.1 and three standard errors


def test_units_by_hand():
    text = "It broke."
    reviews = [{"review_id": f"r{i}", "product_id": "a", "rating": 2, "text": text} for i in range(30)]
    reviews += [{"review_id": f"x{i}", "product_id": "a", "channel": "return", "text": text} for i in range(7)]
    reviews += [{"review_id": "y", "product_id": "b", "rating": 3, "text": text}]
    mentions = [mention(f"r{i}", text, text, theme_id="t") for i in range(10)]
    mentions += [mention(r, text, text, theme_id="t") for r in ("x0", "x1", "y")]
    products = [{"product_id": "a", "units_sold": 4000, "product": "Lamp"}, {"product_id": "b"}]
    data = facts(reviews, mentions=mentions, products=products)
    whole, broke, other, _ = units(data, Scope(), config=CONFIG).to_pylist()
    assert (whole["theme_id"], whole["reviews"], whole["returns"], whole["per_1000_sold"]) == (None, 30, 7, 7.5)
    assert (broke["product"], broke["reviews"], broke["per_1000_sold"]) == ("Lamp", 10, 2.5)
    # Garwood's 90 % interval for a count of 10 is 5.425 to 16.962.
    assert (broke["per_1000_low"] * 4, broke["per_1000_high"] * 4) == pytest.approx((5.425, 16.962), abs=1e-3)
    assert (broke["returns"], broke["returns_per_1000"], broke["label"]) == (2, 0.5, OF_REVIEWERS)
    assert (other["per_1000_sold"], other["reason"]) == (None, "units sold are not known")
    no_returns = units(facts(reviews[:30], products=products), Scope(), config=CONFIG).to_pylist()
    assert [(r["returns"], r["returns_per_1000"]) for r in no_returns] == [(None, None)]


def test_units_of_part_of_the_reviews_are_unknown():
    reviews = [{"product_id": "a", "market": "US", "rating": 2, "pains": ["t"]}]
    data = facts(reviews, products=[{"product_id": "a", "units_sold": 10}])
    for row in units(data, Scope(markets=("US",)), config=CONFIG).to_pylist():
        assert row["per_1000_sold"] is None
        assert "whole product" in row["reason"]


@pytest.mark.parametrize("mean", [0.5, 3.0, 40.0])
def test_rates_per_unit_cover_as_they_say(mean):
    (figure,) = simulate_units(runs=4000, mean=mean)
    assert figure["measured"] >= 0.88  # exact: at least nominal


def test_many_reviews_are_compared_quickly():
    rng = np.random.default_rng(2)
    data = market(rng.binomial(500, 0.02, (40, 100)), [500] * 40, [True] * 20 + [False] * 20)
    _ = data.index
    rivals(data, Scope(), config=CONFIG)
    started = time.process_time()
    rivals(data, Scope(), config=CONFIG)
    assert time.process_time() - started < 3
