import re
import time

import numpy as np
import pyarrow as pa
import pytest

from voc.config import InsightsConfig
from voc.insights import Facts, Scope
from voc.insights.intervals import newcombe
from voc.insights.rivals import NEGLIGIBLE, RIVALS, rivals
from voc.insights.units import OF_REVIEWERS, units
from voc.tables import conform, empty, from_rows

from .build import NOW, facts, mention, theme

CONFIG = InsightsConfig()
SURE = {"only ours", "only theirs", "worse than theirs", "better than theirs"}


def market(counts, sizes, own, *, category=None, seed=0, low=0.3):
    """Return facts in which `counts[p, g]` of the `sizes[p]` reviews of product p mention theme g, at random."""
    rng = np.random.default_rng(seed)
    counts, sizes = np.atleast_2d(counts), np.asarray(sizes)
    first = np.cumsum(sizes) - sizes
    n = int(sizes.sum())
    row, group = [], []
    for p, g in zip(*np.nonzero(counts), strict=True):
        row.append(first[p] + rng.choice(sizes[p], counts[p, g], replace=False))
        group.append(np.full(counts[p, g], g))
    row = np.concatenate([*row, np.array([], int)])
    group = np.concatenate([*group, np.array([], int)])
    ids = np.array([f"r{i:06d}" for i in range(n)])
    rating = np.where(rng.random(n) < low, 2.0, 5.0)
    reviews = {
        "review_id": ids,
        "channel": ["review"] * n,
        "source": ["test"] * n,
        "product_id": [f"p{p:02d}" for p in np.repeat(np.arange(len(sizes)), sizes)],
        "rating": rating,
        "text": ["it broke"] * n,
        "ingested_at": [NOW] * n,
        "import_id": ["i"] * n,
    }
    k = len(row)
    mentions = {
        "mention_id": [f"m{i}" for i in range(k)],
        "review_id": ids[row],
        "theme_id": [f"t{g:02d}" for g in group],
        **{name: [value] * k for name, value in FIXED.items()},
    }
    readings = {"review_id": ids, "analysed": [True] * n, "truncated": [False] * n, "model_version": ["test"] * n}
    products = [
        {"product_id": f"p{p:02d}", "own": o, "category": None if category is None else category[p]}
        for p, o in enumerate(own)
    ]
    return Facts(
        reviews=conform("reviews", pa.table(reviews)),
        readings=conform("readings", pa.table(readings)),
        mentions=conform("mentions", pa.table(mentions)),
        themes=from_rows("themes", [theme(f"t{g:02d}") for g in range(counts.shape[1])]),
        products=from_rows("products", products),
    )


FIXED = {
    "kind": "pain",
    "specificity": "trouble",
    "target": "product",
    "clause_start": 0,
    "clause_end": 8,
    "polarity": -0.8,
    "confidence": 0.9,
    "severity": 0.5,
    "hazard": False,
    "model_version": "test",
}


def rows(data, config=CONFIG):
    return {r["id"]: r for r in rivals(data, Scope(), config=config).table.to_pylist()}


def test_two_products_by_hand():
    data = market([[60, 0, 20, 0, 0], [5, 30, 16, 1, 2]], [400, 300], [True, False])
    result = rivals(data, Scope(), config=CONFIG)
    found = {r["id"]: r for r in result.table.to_pylist()}
    first = found["t00"]
    assert (first["own_reviews"], first["own_reach"]) == (60, 0.15)
    assert (first["rival_reviews"], first["rival_reach"]) == (5, pytest.approx(5 / 300))
    expected = [x[0] for x in newcombe(60, 400, 5, 300, 0.9)]
    assert [first["difference"], first["difference_low"], first["difference_high"]] == pytest.approx(expected)
    # 5 of 300 may be more than one in a hundred, none of 400 surely is not; t03 and t04 are below `min_reviews` of 3.
    assert {key: r["class"] for key, r in found.items()} == {
        "t00": "worse than theirs",
        "t01": "only theirs",
        "t02": "everybody's",
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
    few = rows(market([[4], [1]], [150, 150], [True, False]))["t00"]
    assert few["class"] == "too little data"
    assert "chance" in few["reason"]
    rare = rows(market([[5], [5]], [2000, 2000], [True, False]))["t00"]
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
    ours = rivals(market([[30], [20]], [300, 300], [True, False]), Scope(products=("p00",)), config=CONFIG)
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
    spread = rows(market([[10]] * 8, [100] * 8, [True] * 4 + [False] * 4))["t00"]
    lumped = rows(market([[40], [0], [0], [0], *[[10]] * 4], [100] * 8, [True] * 4 + [False] * 4))["t00"]
    assert lumped["own_reach"] == spread["own_reach"]
    assert lumped["own_high"] - lumped["own_low"] > 2 * (spread["own_high"] - spread["own_low"])


def test_the_order_of_rows_does_not_matter():
    data = market(np.arange(24).reshape(8, 3), [120] * 8, [True] * 4 + [False] * 4)
    rng = np.random.default_rng(1)
    tables = {n: t.take(rng.permutation(t.num_rows)) for n, t in vars(data).items() if isinstance(t, pa.Table)}
    one, other = (rivals(d, Scope(), config=CONFIG).table for d in (data, Facts(**tables)))
    assert one.drop_columns(["p_value", "q_value"]).equals(other.drop_columns(["p_value", "q_value"]))


def simulate(name, *, own, theirs, products, per_product, likeness, runs, groups=20, seed=3, of="brands"):
    """Draw markets whose products' true shares spread with an intra-class correlation of `likeness` (beta-binomial).

    The true difference is that of the brands, or `of` "these products" that of the products drawn. Returns figures:
    coverage of the difference, the same for Newcombe's interval as if reviews were independent, the share of markets
    with any sure class, and the mean number of sure classes and of "everybody's" per theme.
    """
    rng = np.random.default_rng(seed)
    covered = plain = any_sure = sure = common = 0.0
    for run in range(runs):
        sizes = rng.integers(per_product // 2, per_product * 3 // 2, sum(products))
        mean = np.repeat([own, theirs], products)[:, None]
        spread = (1 - likeness) / likeness
        true = rng.beta(mean * spread, (1 - mean) * spread, (sum(products), groups))
        counts = rng.binomial(sizes[:, None], true)
        owner = [True] * products[0] + [False] * products[1]
        config = InsightsConfig(min_reviews=1)
        found = rows(market(counts, sizes, owner, seed=run, low=0.5), config=config)
        ours, n = counts[: products[0]].sum(0), sizes[: products[0]].sum()
        others, m = counts[products[0] :].sum(0), sizes[products[0] :].sum()
        truth = np.full(groups, own - theirs)
        if of == "these products":
            truth = sizes[: products[0]] @ true[: products[0]] / n - sizes[products[0] :] @ true[products[0] :] / m
        _, low, high = newcombe(ours, n, others, m, 0.9)
        plain += ((low <= truth) & (truth <= high)).mean()
        told = [(found.get(f"t{g:02d}"), true_one) for g, true_one in enumerate(truth)]  # None: nobody mentions it
        covered += np.mean([r["difference_low"] <= t <= r["difference_high"] for r, t in told if r])
        classes = [r["class"] for r in found.values()]
        called = sum(c in SURE for c in classes)
        any_sure += called > 0
        sure += called / groups
        common += classes.count("everybody's") / groups
    measured = {
        "coverage": covered,
        "coverage as if independent": plain,
        "any": any_sure,
        "sure": sure,
        "everybody's": common,
    }
    return {"name": name, "nominal": 0.9, "runs": runs, **{k: float(v / runs) for k, v in measured.items()}}


@pytest.mark.parametrize(("products", "per_product"), [((4, 12), 60), ((10, 10), 40)])
def test_intervals_cover_with_products_as_clusters_and_false_classes_are_few(products, per_product):
    figures = simulate(
        "no difference", own=0.05, theirs=0.05, products=products, per_product=per_product, likeness=0.06, runs=25
    )
    # 500 intervals: 0.9 less three standard errors.
    assert figures["coverage"] >= 0.86
    assert figures["coverage as if independent"] < 0.8
    assert figures["any"] <= 0.32  # 2.5 expected of 25; eight or fewer with probability above 0.999


def test_few_products_are_compared_as_these_very_products():
    figures = simulate(
        "these products", own=0.05, theirs=0.05, products=(2, 3), per_product=150, likeness=0.05, runs=25,
        of="these products",
    )  # fmt: skip
    assert figures["coverage"] >= 0.86


def test_a_planted_difference_is_found():
    figures = simulate("worse", own=0.15, theirs=0.03, products=(8, 8), per_product=100, likeness=0.02, runs=5)
    assert figures["sure"] > 0.8
    assert figures["coverage"] >= 0.8


@pytest.mark.slow
@pytest.mark.parametrize("products", [(4, 4), (4, 40), (8, 12), (20, 20)])
@pytest.mark.parametrize(("share", "likeness"), [(0.02, 0.03), (0.05, 0.1), (0.1, 0.03)])
def test_intervals_cover_in_long_runs(products, share, likeness):
    figures = simulate(
        "no difference", own=share, theirs=share, products=products, per_product=90, likeness=likeness, runs=60
    )
    assert figures["coverage"] >= 0.87
    assert figures["any"] <= 0.22  # 0.1 and three standard errors


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


def test_rates_per_unit_cover_as_they_say():
    from voc.insights.units import poisson_rate

    rng = np.random.default_rng(1)
    for mean in (0.5, 3.0, 40.0):
        _, low, high = poisson_rate(rng.poisson(mean, 4000), np.full(4000, 1000.0), 0.9)
        assert ((low <= mean) & (mean <= high)).mean() >= 0.88  # exact: at least nominal


def test_many_reviews_are_compared_quickly():
    rng = np.random.default_rng(2)
    data = market(rng.binomial(500, 0.02, (40, 100)), [500] * 40, [True] * 20 + [False] * 20)
    _ = data.index
    rivals(data, Scope(), config=CONFIG)
    started = time.process_time()
    rivals(data, Scope(), config=CONFIG)
    assert time.process_time() - started < 3
