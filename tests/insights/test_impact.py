import time

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from voc.benchmark.simulations.impacts import simulate_shrinkage, simulate_star_impact
from voc.benchmark.simulations.stars import drawn_sample
from voc.insights.impact import bca_interval, bootstrap, star_impact
from voc.insights.sample import Sample, effective_products
from voc.insights.shrinkage import shrink


def sample(stars, groups, size, product=None):
    """Return a sample; `groups` lists for each review the groups it mentions."""
    pairs = [(i, g) for i, review in enumerate(groups) for g in sorted(set(review))]
    row, group = (np.array(pairs, np.int64).reshape(-1, 2)).T
    codes = np.full(len(stars), -1) if product is None else np.asarray(product)
    return Sample(np.asarray(stars, float), codes, row, group, size)


REVIEWS = st.lists(
    st.tuples(st.integers(1, 5), st.lists(st.integers(0, 3), max_size=3), st.integers(-1, 2)), min_size=1, max_size=40
)


def test_by_hand():
    # Mean of all 3; group 0: 1 and 3 stars, without it (5+4+2)/3; group 1: nobody.
    result = star_impact(sample([1, 3, 5, 4, 2], [[0], [0], [], [], []], 2))
    assert result.mean_with[0] == 2
    assert result.mean_without[0] == pytest.approx(11 / 3)
    assert result.impact == pytest.approx([11 / 3 - 3, 0])
    assert np.isnan(result.mean_with[1])


@given(REVIEWS)
def test_impact_is_share_times_gap(reviews):
    stars, groups, product = zip(*reviews, strict=True)
    result = star_impact(sample(stars, groups, 4, product))
    gap = np.nan_to_num(result.mean_without - result.mean_with)
    assert result.impact == pytest.approx(result.rated / len(stars) * gap, abs=1e-12)


@given(REVIEWS, st.integers(0, 3), st.lists(st.integers(0, 3), max_size=2), st.integers(-1, 2))
def test_one_more_one_star_complaint_never_lowers_the_impact(reviews, group, others, new_product):
    stars, groups, product = zip(*reviews, strict=True)
    before = star_impact(sample(stars, groups, 4, product)).impact[group]
    after = star_impact(sample([*stars, 1], [*groups, [group, *others]], 4, [*product, new_product])).impact[group]
    if any(group in g for g in groups):
        assert after >= before - 1e-12
    else:  # from nobody: the impact was 0, and a one-star review cannot lie above the others' mean
        assert after >= -1e-12


@given(REVIEWS, st.randoms(use_true_random=False))
def test_order_of_reviews_never_matters(reviews, random):
    shuffled = list(reviews)
    random.shuffle(shuffled)
    results = []
    for some in (reviews, shuffled):
        stars, groups, product = zip(*some, strict=True)
        results.append(bootstrap(sample(stars, groups, 4, product), replicates=20, seed=1))
    assert results[0].values == pytest.approx(results[1].values, abs=1e-12)
    assert results[0].skew == pytest.approx(results[1].skew, abs=1e-9)


@given(REVIEWS, st.booleans())
def test_intervals_contain_their_estimates(reviews, many):
    if many:
        reviews = reviews * 12
    stars, groups, product = zip(*reviews, strict=True)
    if many:
        product = np.arange(len(stars)) % 12
    some = sample(stars, groups, 4, product)
    estimate = star_impact(some).impact
    draws = bootstrap(some, replicates=30, seed=1)
    low, high = bca_interval(estimate, draws, 0.9)
    assert np.isfinite([low, high]).all()
    assert ((low <= estimate) & (estimate <= high)).all()


def test_counting_alike_reviews_together_is_the_ordinary_bootstrap():
    rng = np.random.default_rng(3)
    some = drawn_sample(rng, 300, [0.05, 0.2, 0.2], [1.5, 1.0, 0.0])
    has = np.zeros((300, 3), bool)
    has[some.row, some.group] = True
    plain = []
    for _ in range(3000):
        i = rng.integers(0, 300, 300)
        stars, mentions = some.stars[i], has[i]
        plain.append([stars[~mentions[:, g]].mean() - stars.mean() for g in range(3)])
    draws = bootstrap(some, replicates=3000, seed=4)
    assert not draws.by_product
    assert draws.values.mean(axis=0) == pytest.approx(np.mean(plain, axis=0), abs=4e-3)
    assert draws.standard_error == pytest.approx(np.std(plain, axis=0), rel=0.06)
    assert np.corrcoef(draws.values.T) == pytest.approx(np.corrcoef(np.array(plain).T), abs=0.08)


def test_whole_products_are_drawn_where_there_are_enough():
    rng = np.random.default_rng(3)
    alike = drawn_sample(rng, 2000, [0.1], [1.5], products=40)
    assert bootstrap(alike, replicates=200, seed=1).by_product
    # The trouble sits in two of forty products: the spread between products must be in the interval.
    product = np.arange(2000) % 40
    row = np.flatnonzero((product < 2) & (rng.random(2000) < 0.8))
    stars = np.clip(np.round(4.4 - 2 * np.isin(np.arange(2000), row) + rng.normal(0, 1, 2000)), 1, 5)
    clustered = Sample(stars, product, row, np.zeros(len(row), np.int64), 1)
    single = Sample(stars, np.full(2000, -1), row, np.zeros(len(row), np.int64), 1)
    by_product, by_review = (bootstrap(s, replicates=500, seed=1).standard_error[0] for s in (clustered, single))
    assert by_product > 3 * by_review


def test_effective_products():
    assert effective_products(np.array([], np.int64)) == 0
    assert effective_products(np.repeat(np.arange(7), 5)) == pytest.approx(7)
    assert effective_products(np.array([0] * 99 + [1])) < 1.1


def test_degenerate_samples_have_plain_answers():
    nobody = star_impact(sample([], [], 2))
    assert (nobody.impact == 0).all()
    assert bootstrap(sample([], [], 2), replicates=10, seed=1).values.shape == (10, 2)
    everybody = sample([1, 2, 3], [[0], [0], [0]], 1)
    assert star_impact(everybody).impact[0] == 0
    assert np.isnan(star_impact(everybody).mean_without[0])
    assert (bootstrap(everybody, replicates=10, seed=1).values == 0).all()
    equal = sample([3, 3, 3, 3], [[0], [], [0], []], 1)
    draws = bootstrap(equal, replicates=100, seed=1)
    assert (np.abs(draws.values) < 1e-12).all()
    low, high = bca_interval(star_impact(equal).impact, draws, 0.9)
    assert (low[0], high[0]) == pytest.approx((0, 0), abs=1e-12)
    # Replicates without the only review that lacks the group are replaced, not taken as zero.
    nearly = bootstrap(sample([1, 2, 5], [[0], [0], []], 1), replicates=200, seed=1)
    assert (nearly.values >= 0).all()
    assert nearly.values.max() == pytest.approx(5 - (1 + 1 + 5) / 3)


@pytest.mark.parametrize(("reviews", "products"), [(10_000, 1), (10_000, 75)])
def test_a_thousand_replicates_of_sixty_themes_are_fast(reviews, products):
    some = drawn_sample(np.random.default_rng(1), reviews, 0.05 / np.arange(1, 61) ** 0.5, np.ones(60), products)
    bootstrap(some, replicates=10, seed=1)  # imports
    started = time.process_time()
    bootstrap(some, replicates=1000, seed=1)
    assert time.process_time() - started < 2


def covering(figures):
    average, *each, ranks = (f["measured"] for f in figures)
    return average, min(each), ranks


@pytest.mark.parametrize(("products", "spread"), [(1, 0.0), (30, 0.3)])
def test_the_interval_covers_as_it_says(products, spread):
    average, least, ranks = covering(
        simulate_star_impact(reviews=1000, products=products, spread=spread, runs=250, bootstraps=250)
    )
    # 0.9 less three standard errors of 250 runs; bootstrap intervals of small samples run a little short.
    assert least >= 0.82
    assert 0.86 <= average <= 0.94
    assert ranks >= 0.84


@pytest.mark.slow
@pytest.mark.parametrize(("reviews", "products", "spread"), [(400, 1, 0.0), (5000, 1, 0.0), (3000, 20, 0.3)])
def test_the_interval_covers_as_it_says_in_long_runs(reviews, products, spread):
    average, least, _ = covering(simulate_star_impact(reviews=reviews, products=products, spread=spread, runs=2000))
    assert least >= 0.83
    assert 0.86 <= average <= 0.93


def test_shrinking_brings_estimates_closer_to_the_truth_on_average():
    (error,) = simulate_shrinkage(runs=200)
    assert error["measured"] < 0.6


def test_certain_values_stay_and_uncertain_ones_move_to_the_mean():
    estimate = np.array([0.0, 0.1, 0.2, 0.6])
    values = shrink(estimate, np.array([0.001, 0.001, 0.001, 0.3]))
    assert values[:3] == pytest.approx(estimate[:3], abs=1e-3)
    assert 0.0 < values[3] < 0.3


@given(st.lists(st.tuples(st.floats(-1, 4), st.floats(0, 2)), min_size=1, max_size=30))
@example([(0.0, 1.0), (1.192092896e-07, 0.0), (1.192092896e-07, 0.0)])
def test_shrunken_values_lie_between_the_estimates(pairs):
    estimate, error = np.array(pairs).T
    values = shrink(estimate, error)
    assert np.isfinite(values).all()
    assert values.min() >= estimate.min() - 1e-9
    assert values.max() <= estimate.max() + 1e-9
