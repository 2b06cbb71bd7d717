import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.benchmark.simulations.impacts import VALUES, simulate_ranks
from voc.insights.ranks import rank_sets


def noisy(rng, truth, error, replicates=400):
    estimate = truth + rng.normal(0, error, len(truth))
    return estimate, estimate + rng.normal(0, error, (replicates, len(truth)))


def test_what_lies_far_apart_has_one_rank():
    estimate, draws = noisy(np.random.default_rng(0), np.array([0.1, 0.9, 0.5]), np.full(3, 0.01))
    low, high = rank_sets(estimate, draws, 0.9)
    assert low.tolist() == high.tolist() == [3, 1, 2]


def test_what_cannot_be_told_apart_shares_its_ranks():
    estimate, draws = noisy(np.random.default_rng(0), np.array([0.5, 0.5, 0.5, 0.0]), np.array([0.1, 0.1, 0.1, 0.01]))
    low, high = rank_sets(estimate, draws, 0.9)
    assert low.tolist() == [1, 1, 1, 4]
    assert high.tolist() == [3, 3, 3, 4]


def test_the_same_reviews_cannot_be_told_apart():
    draws = np.random.default_rng(0).normal(0.5, 0.01, (100, 1)).repeat(2, axis=1)
    low, high = rank_sets(np.array([0.5, 0.5]), draws, 0.9)
    assert (low.tolist(), high.tolist()) == ([1, 1], [2, 2])
    low, high = rank_sets(np.zeros(2), np.zeros((100, 2)), 0.9)
    assert (low.tolist(), high.tolist()) == ([1, 1], [2, 2])
    assert [x.tolist() for x in rank_sets(np.zeros(1), np.zeros((100, 1)), 0.9)] == [[1], [1]]


def test_stepping_down_tells_apart_what_one_step_cannot():
    # Once the groups far below are told apart, only false claims about them are left to guard against, and the
    # critical value falls: a difference between the two values is found by the second step.
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 1, (4000, 12))
    error = (noise[:, :, None] - noise[:, None, :]).std(axis=0, ddof=1)
    np.fill_diagonal(error, np.inf)
    pairs = (noise[:, :, None] - noise[:, None, :]) / error
    first = np.quantile(pairs.max(axis=(1, 2)), 0.9)
    upward = pairs * np.tri(12, k=-1)  # the lower one above the higher one
    upward[:, 0, 1] = pairs[:, 0, 1]
    second = np.quantile(upward.max(axis=(1, 2)), 0.9)
    assert first - second > 0.1
    truth = np.array([(first + second) / 2 * error[0, 1], 0.0, *[-1000.0 * i for i in range(1, 11)]])
    low, high = rank_sets(truth, truth + noise, 0.9)
    assert (low[0], high[0]) == (1, 1)
    assert (low[1], high[1]) == (2, 2)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.integers(0, 5))
def test_sets_hold_the_rank_of_the_estimate(values, seed):
    estimate, draws = noisy(np.random.default_rng(seed), np.array(values), np.full(len(values), 0.1), 50)
    low, high = rank_sets(estimate, draws, 0.9)
    rank = 1 + (estimate[None, :] > estimate[:, None]).sum(axis=1)
    assert ((low >= 1) & (low <= rank) & (rank <= high) & (high <= len(values))).all()


@pytest.mark.parametrize("values", VALUES)
def test_all_sets_are_right_at_once_as_often_as_they_say(values):
    (right,) = simulate_ranks(runs=400, values=values)
    assert right["measured"] >= 0.9 - 3 * np.sqrt(0.9 * 0.1 / 400)
