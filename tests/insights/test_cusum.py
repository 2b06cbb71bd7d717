from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from voc.benchmark.simulations.alerts import RATE, simulate_detection, simulate_false_alarms
from voc.insights.cusum import allowance, watch
from voc.insights.limits import HORIZON, STEPS, Limits


def chart(counts, n, *, history=(10, 1000, 20), rate=0.01, **options):
    """Follow one theme; `history` is the reviews that mention it, all reviews, and periods before."""
    seen = watch(
        np.array(counts, np.int64)[:, None],
        np.broadcast_to(n, (len(counts),)),
        rate,
        history=even(*history),
        **options,
    )
    return {name: getattr(seen, name)[0] for name in vars(seen)}


def even(count, total, periods):
    """Return a history of so many alike periods, as near as whole numbers come."""
    each = [np.diff(np.arange(periods + 1) * x // max(periods, 1)) for x in (count, total)]
    return each[0][:, None], each[1]


def steady(share_of_ten, weeks):
    """Return counts of 1 in so many of ten weeks, as even as can be."""
    return [int((w + 1) * share_of_ten // 10) - int(w * share_of_ten // 10) for w in range(weeks)]


def binomial_error(rate, runs):
    return np.sqrt(rate * (1 - rate) / runs)


def test_the_allowance_lies_between_the_share_and_its_double():
    # (9 + 1/2) / (99 + 1) = 0.095; log2(1.095) = 0.13094.
    assert allowance(np.array(9.0), np.array(99.0)) == pytest.approx(0.13094, abs=1e-5)
    count = np.arange(0, 500.0)
    share = (count + 0.5) / 1001
    assert ((allowance(count, np.array(1000.0)) > share) & (allowance(count, np.array(1000.0)) < 2 * share)).all()


def test_a_chart_by_hand():
    # The history allows log2(1 + 10.5 / 1001) = 0.01505 of 100 reviews: 1.505, or 6.02 quarters of a review.
    assert chart([5], 100)["score"] == 3.5
    assert chart([5, 0], 100)["score"] == 2.0
    assert chart([5, 0, 0, 0], 100)["score"] == 0.0
    assert chart([5, 0, 0, 0, 2], 100)["score"] == 0.5
    # What rounding left is made up for: after 60 weeks 361.2 quarters were allowed, not 360.
    assert chart([2] * 60, 100, min_periods=100, history=(10, 1000, 100))["score"] == 2 * 60 - 361 / 4


@pytest.mark.parametrize(("count", "total", "n"), [(3, 1000, 40), (30, 1000, 60), (30, 1000, 300), (700, 10_000, 400)])
def test_thresholds_hold_the_rate_when_the_share_is_as_uncertain_as_its_history_leaves_it(count, total, n):
    rate, runs = 0.1, 20_000
    rng = np.random.default_rng(4)
    p = rng.beta(count + 0.5, total - count + 0.5, runs)
    limits = Limits(1, rate)
    score, alive, rest = np.zeros(runs), np.ones(runs, bool), 0.0
    for _ in range(HORIZON):
        wanted = STEPS * n * float(allowance(np.array(count), np.array(total))) + rest
        taken = round(wanted)
        rest = wanted - taken
        limit = limits.step(np.array([0]), np.array([count]), np.array([total]), np.zeros(1), n, np.array([taken]))[0]
        score = np.maximum(score + STEPS * rng.binomial(n, p) - taken, 0)
        alive &= score <= limit
    alarms = 1 - alive.mean()
    assert alarms <= rate + 4 * binomial_error(rate, runs)
    assert alarms >= 0.85 * rate  # counts are discrete: a little of the rate may stay unspent


def test_a_rise_is_reported_once_and_dated():
    counts = steady(10, 12) + [4] * 30
    found = chart(counts, 100)
    assert (found["alarms"], found["ended"]) == (1, -1)
    assert 11 <= found["since"] <= 12
    assert found["since"] < found["fired"] <= 22
    assert found["alarm_score"] > found["alarm_threshold"]
    # The history at the alarm: all before the rise.
    assert (found["before_count"], found["before_total"]) == (10 + found["since"], 1000 + 100 * found["since"])


def test_a_further_rise_is_another_alarm_and_a_return_ends_it():
    further = chart(steady(10, 12) + [5] * 30 + [15] * 20, 100)
    assert further["alarms"] == 2
    assert further["since"] == 42
    assert further["before_count"] / further["before_total"] == pytest.approx(0.05, abs=0.005)
    back = chart(steady(10, 12) + [5] * 30 + steady(10, 40), 100)
    assert back["alarms"] == 1
    assert back["ended"] == 42
    again = chart(steady(10, 12) + [5] * 30 + steady(10, 40) + [5] * 20, 100)
    assert (again["alarms"], again["ended"], again["since"]) == (2, -1, 82)


def test_later_periods_do_not_rewrite_earlier_ones():
    rng = np.random.default_rng(2)
    share = np.where(np.arange(45) < 25, 0.02, 0.1)[:, None] * np.array([0.5, 1.0, 2.0])
    totals = rng.poisson(100, 45)
    counts = rng.binomial(totals[:, None], share)
    raised = [watch(counts[:t], totals[:t], 0.01).fired for t in range(1, 46)]
    for earlier, later in pairwise(raised):
        assert ((later == earlier) | (later > earlier)).all()
        assert (later[later != earlier] >= 0).all()
    last = raised[-1]
    assert (last >= 25).all()
    assert all(raised[t][c] == t for c, t in enumerate(last))  # raised at once, in its own week


def test_the_order_of_charts_does_not_matter():
    rng = np.random.default_rng(5)
    totals = rng.poisson(120, 40)
    counts = rng.binomial(totals[:, None], np.geomspace(0.002, 0.07, 60))
    together = watch(counts, totals, 0.02)
    mixed = rng.permutation(60)
    shuffled = watch(counts[:, mixed], totals, 0.02)
    for name in ("score", "threshold", "fired", "since", "history_count"):
        assert np.allclose(getattr(together, name)[mixed], getattr(shuffled, name), equal_nan=True)


def test_one_more_complaint_never_lowers_the_score():
    rng = np.random.default_rng(6)
    for _ in range(20):
        counts = rng.binomial(100, 0.01, 12)
        more = counts.copy()
        more[-1] += 1
        assert chart(more, 100, rate=1e-6)["score"] >= chart(counts, 100, rate=1e-6)["score"]


def test_nothing_is_watched_before_there_is_enough_history():
    nothing = chart([30] * 8, 40, history=(0, 0, 0))
    assert not nothing["watched"]
    assert (nothing["fired"], nothing["history_count"], nothing["history_total"]) == (-1, 240, 320)
    assert chart([1] * 9, 40, history=(0, 0, 0))["watched"]
    assert not chart([1] * 9, 10, history=(0, 0, 0))["watched"]  # nine weeks, but 80 reviews before the last
    assert not chart([0] * 5, 0)["watched"]  # weeks without reviews say nothing
    quiet = chart([2, 0, 0, 1], [200, 0, 0, 40])
    assert quiet["score"] == chart([2, 1], [200, 40])["score"]


def test_a_theme_that_was_never_there_is_noticed():
    found = chart([0, 0, 0, 2, 3, 3], 100, history=(0, 4000, 40), rate=0.001)
    assert found["fired"] >= 3
    assert (found["since"], found["before_count"]) == (3, 0)


def test_a_longer_history_lets_a_chart_decide_sooner():
    thresholds = [chart([0] * 12, 60, history=(n // 100, n, 20))["threshold"] for n in (300, 1000, 10_000)]
    assert thresholds[0] > thresholds[1] > thresholds[2]


@pytest.mark.parametrize(("history", "reviews"), [(8, 200), (52, 40)])
def test_false_alarms_are_as_rare_as_set(history, reviews):
    theme, _ = simulate_false_alarms(runs=4, history=history, reviews=reviews, rate=0.05, themes=150, seed=1)
    # 600 charts; those of a workspace share its weeks, which adds little.
    assert theme["measured"] <= 0.05 + 3 * binomial_error(0.05, theme["cases"])
    assert theme["measured"] >= 0.01


def test_planted_rises_are_found():
    found, delay, off = simulate_detection(runs=60, history=52, reviews=100, share=0.03, times=3, rate=0.0015, seed=2)
    assert found["measured"] == 1
    assert delay["measured"] <= 6
    assert off["measured"] <= 1


def test_themes_that_come_in_bursts_raise_few_false_alarms_either():
    theme, _ = simulate_false_alarms(runs=4, history=60, reviews=150, rate=0.05, themes=100, bursts=0.3, seed=5)
    # Without regard to bursts it would be 0.25 and more.
    assert theme["measured"] <= 0.07 + 3 * binomial_error(0.07, theme["cases"])


@pytest.mark.slow
@pytest.mark.parametrize("bursts", [0.2, 0.4])
def test_bursts_raise_few_false_alarms_in_long_runs(bursts):
    theme, _ = simulate_false_alarms(runs=60, history=100, reviews=200, bursts=bursts, seed=6)
    assert theme["measured"] <= 2 * RATE


@pytest.mark.slow
@pytest.mark.parametrize("history", [8, 26, 100])
@pytest.mark.parametrize("reviews", [30, 200])
def test_false_alarms_of_themes_and_workspaces_are_as_rare_as_set_in_long_runs(history, reviews):
    theme, workspace = simulate_false_alarms(runs=60, history=history, reviews=reviews, seed=3)
    assert theme["measured"] <= RATE + 3 * binomial_error(RATE, theme["cases"])
    assert workspace["measured"] <= 0.2 + 3 * binomial_error(0.2, 60)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("share", "times", "least", "weeks"), [(0.01, 2, 0.8, 20), (0.01, 3, 0.97, 8), (0.03, 2, 0.97, 9)]
)
def test_planted_rises_are_found_in_long_runs(share, times, least, weeks):
    found, delay, _ = simulate_detection(
        runs=400, history=52, reviews=200, share=share, times=times, rate=0.0015, seed=4
    )
    assert found["measured"] >= least
    assert delay["measured"] <= weeks


def test_the_score_is_the_likelihood_ratio_of_doubled_odds():
    p, x, n = 10.5 / 1001, 5, 100
    doubled = 2 * p / (1 + p)
    ratio = stats.binom.logpmf(x, n, doubled) - stats.binom.logpmf(x, n, p)
    assert chart([x], n)["score"] == pytest.approx(ratio / np.log(2), abs=0.5 / STEPS)
