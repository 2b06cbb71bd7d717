import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from voc.benchmark.simulations.shares import simulate_difference
from voc.insights.intervals import benjamini_hochberg, difference_p, mean_intervals, newcombe, wilson


def test_wilson_gives_the_published_example():
    # Newcombe 1998 (two-sided 95 %): 81 of 263 -> 0.2553 to 0.3662; 0 of 20 -> 0 to 0.1611.
    share, low, high = wilson([81, 0], [263, 20], 0.95)
    assert share == pytest.approx([81 / 263, 0])
    assert low == pytest.approx([0.2553, 0], abs=5e-5)
    assert high == pytest.approx([0.3662, 0.1611], abs=5e-5)


def test_newcombe_gives_the_published_example():
    # Newcombe 1998, method 10: 56/70 against 48/80 -> 0.0524 to 0.3339.
    change, low, high = newcombe([56], [70], [48], [80], 0.95)
    assert (change[0], low[0], high[0]) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_shares_of_nothing_are_unknown():
    share, low, high = wilson([0, 1], [0, 2], 0.9)
    assert np.isnan([share[0], low[0], high[0]]).all()
    assert share[1] == 0.5
    assert np.isnan(newcombe([0], [0], [1], [5], 0.9)).all()
    assert np.isnan(difference_p([0, 0, 5], [5, 0, 5], [0, 1, 3], [9, 4, 3])).all()


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)), min_size=1))
def test_intervals_contain_their_estimates(rows):
    a, b, c, d = np.array(rows).T
    share, low, high = wilson(a, a + b, 0.9)
    some = a + b > 0
    assert ((low >= 0) & (low <= share) & (share <= high) & (high <= 1))[some].all()
    change, low, high = newcombe(a, a + b, c, c + d, 0.9)
    both = some & (c + d > 0)
    assert ((low >= -1) & (low <= change) & (change <= high) & (high <= 1))[both].all()
    p = difference_p(a, a + b, c, c + d)
    assert ((p >= 0) & (p <= 1))[~np.isnan(p)].all()


def test_large_counts_get_the_z_test_and_small_ones_the_exact_test():
    large, small = difference_p([60, 1], [500, 20], [30, 6], [500, 22])
    pooled = 90 / 1000
    z = (60 - 30) / 500 / np.sqrt(pooled * (1 - pooled) * 2 / 500)
    assert large == pytest.approx(2 * stats.norm.sf(z))
    assert small == pytest.approx(stats.fisher_exact([[1, 19], [6, 16]]).pvalue)


def test_q_values_leave_out_what_was_not_tested():
    p = np.array([0.01, np.nan, 0.04, 0.03, 0.005])
    # By hand: ordered .005 .01 .03 .04 times 4/1, 4/2, 4/3, 4/4, then made monotone.
    assert benjamini_hochberg(p) == pytest.approx([0.02, np.nan, 0.04, 0.04, 0.02], nan_ok=True)


def test_mean_interval_is_the_t_interval_within_the_scale():
    stars = np.array([1.0, 2, 4, 5, 5, 3])
    mean, low, high = mean_intervals(stars.sum(), (stars**2).sum(), 6, 0.9)
    expected = stats.t.interval(0.9, 5, stars.mean(), stats.sem(stars))
    assert (mean[0], low[0], high[0]) == pytest.approx((stars.mean(), *expected))
    mean, low, high = mean_intervals([9, 5, 0], [41, 25, 0], [2, 1, 0], 0.9)  # 4 and 5 stars; one review; none
    assert (mean[0], high[0]) == (4.5, 5.0)
    assert (mean[1], np.isnan(low[1]), np.isnan(mean[2])) == (5.0, True, True)


@pytest.mark.parametrize(("n", "p"), [(50, 0.05), (200, 0.02), (1000, 0.1)])
def test_wilson_covers_as_it_says(n, p):
    counts = np.arange(n + 1)
    _, low, high = wilson(counts, n, 0.9)
    covered = stats.binom.pmf(counts, n, p)[(low <= p) & (p <= high)].sum()
    assert 0.85 <= covered <= 0.97


def test_newcombe_covers_as_it_says():
    (covers,) = simulate_difference(runs=20_000, reviews=(300, 500), shares=(0.06, 0.03))
    assert 0.88 <= covers["measured"] <= 0.94


@pytest.mark.parametrize(("reviews", "share"), [(400, 0.05), (60, 0.03)])
def test_the_test_of_a_difference_keeps_its_level(reviews, share):
    _, called = simulate_difference(runs=4000, reviews=(reviews, reviews), shares=(share, share))
    assert called["measured"] <= 0.115


def test_the_exact_test_of_many_tables_at_once_is_scipys():
    rng = np.random.default_rng(5)
    n, m = rng.integers(1, 400, 300), rng.integers(1, 4000, 300)
    share = rng.beta(0.3, 20, 300)
    a, b = rng.binomial(n, share), rng.binomial(m, share * rng.uniform(0.3, 3, 300).clip(max=1))
    p = difference_p(a, n, b, m)
    pooled = (a + b) / (n + m)
    exact = ~np.isnan(p) & (np.minimum(n, m) * np.minimum(pooled, 1 - pooled) < 5)
    assert exact.sum() > 100
    for i in np.flatnonzero(exact):
        table = [[a[i], n[i] - a[i]], [b[i], m[i] - b[i]]]
        assert p[i] == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-8)
