import numpy as np
import pyarrow as pa
import pytest

from voc.benchmark.simulations.time_in_use import simulate_failure
from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights import Facts, Scope
from voc.insights.failure import CAVEAT, HORIZONS, MIN_STATED, MIN_WORKS, time_to_failure
from voc.insights.intervals import wilson
from voc.insights.stated_times import rounded, turnbull
from voc.tables import empty

from .build import facts, mention

CONFIG = InsightsConfig()
TEXT = "It broke."


def told(failed=(), works=(), *, theme="t", product=None):
    """Return facts in which one review each states these days until failure, or of working."""
    reviews, mentions = [], []
    for i, days in enumerate([*failed, *works]):
        key = f"r{i:05d}"
        reviews.append({"review_id": key, "text": TEXT, "rating": 2, "product_id": product and product(i)})
        if i < len(failed):
            fields = {"theme_id": theme, "time_event": "failed_after"}
        else:
            fields = {"kind": "praise", "time_event": "works_after"}
        mentions.append(mention(key, TEXT, TEXT, days_in_use=int(days), **fields))
    return facts(reviews, mentions=mentions)


def test_what_people_round_to():
    days = np.array([0, 1, 3, 7, 10, 14, 30, 60, 182, 210, 365, 548, 730], float)
    low, high = rounded(days)
    assert list(zip(low, high, strict=True)) == [
        (0, 1), (0.5, 1.5), (2.5, 3.5), (3.5, 10.5), (7.5, 12.5), (10.5, 17.5), (15, 45), (45, 75),
        (90.75, 273.25), (195, 225), (182.5, 547.5), (456.75, 639.25), (547.5, 912.5),
    ]  # fmt: skip


def test_the_stated_times_by_hand():
    result = time_to_failure(told([7] * 6 + [30] * 3 + [365]), Scope(), config=CONFIG)
    assert (result.reviews, result.works, result.reason, result.caveat) == (10, 0, None, CAVEAT)
    assert result.stated.to_pylist()[0] == {"days": 7, "days_from": 3.5, "days_to": 10.5, "reviews": 6}
    within = result.within.to_pylist()
    assert [r["days"] for r in within] == list(HORIZONS)
    assert [r["said_reviews"] for r in within] == [6, 9, 9, 9, 10]
    assert (within[0]["said_low"], within[0]["said_high"]) == pytest.approx([x[0] for x in wilson(6, 10, 0.9)[1:]])
    # No statement overlaps another: the masses are 0.6, 0.3 and 0.1, evenly spread inside each interval.
    assert [r["share"] for r in within] == pytest.approx([0.3, 0.75, 0.9, 0.9, 0.95])
    quantiles = {r["probability"]: r["days"] for r in result.quantiles.to_pylist()}
    assert quantiles[0.5] == pytest.approx(3.5 + 7 * 0.5 / 0.6)
    assert quantiles[0.75] == pytest.approx(15 + 30 * 0.5)
    assert result.survival.num_rows == 0
    assert "at least 20" in result.survival_reason


def test_turnbull_is_the_estimate_of_lifelines():
    lifelines = pytest.importorskip("lifelines", reason="lifelines holds pandas below 3: it is no dependency")
    rng = np.random.default_rng(1)
    low = rng.integers(0, 30, 60).astype(float)
    high = low + rng.integers(2, 20, 60) + 0.5  # lifelines' intervals are closed: no end is a beginning
    high[::7] = np.inf
    _, end, mass = turnbull(low, high, np.ones(60))
    assert mass.sum() == pytest.approx(1)
    fitter = lifelines.KaplanMeierFitter()
    fitter.fit_interval_censoring(low, high, tol=1e-9)
    curve = fitter.survival_function_["NPMLE_estimate_lower"]
    for i in np.flatnonzero(np.isfinite(end)):
        assert mass[i + 1 :].sum() == pytest.approx(curve[end[i]], abs=5e-3)


def test_turnbull_with_exact_times_is_the_kaplan_meier_estimate():
    # Deaths at 1, 3, 3, 6, censored at 2 and 5: S = 5/6, 5/6 * 2/4, 5/6 * 2/4 * 0.
    low = np.array([1, 3, 3, 6, 2.5, 5], float)
    high = np.array([1.1, 3.1, 3.1, 6.1, np.inf, np.inf])
    start, _, mass = turnbull(low, high, np.ones(6))
    assert start.tolist() == [1, 3, 6]
    assert mass == pytest.approx([1 / 6, 5 / 12, 5 / 12], abs=1e-5)


def test_a_review_counts_once_and_only_the_theme_asked_for():
    text = "Died after a week. The case cracked after a month. Late by two weeks."
    fields = {"time_event": "failed_after"}
    mentions = [
        mention("r", text, "Died after a week.", theme_id="a", days_in_use=7, **fields),
        mention("r", text, "The case cracked", theme_id="b", days_in_use=30, **fields),
        mention("r", text, "Late by two weeks.", days_in_use=14, target="delivery", **fields),
        mention("s", text, "Died after a week.", theme_id="a", days_in_use=90, **fields),
        mention("s", text, "a week", theme_id="a", days_in_use=60, **fields),
        mention("u", text, "Died after a week.", theme_id="a", days_in_use=40_000, **fields),
        mention("v", text, "Died after a week.", theme_id="a", days_in_use=5),
    ]
    data = facts([{"review_id": r, "text": text, "rating": 1} for r in "rsuv"], mentions=mentions)
    days = {t: time_to_failure(data, Scope(), t, config=CONFIG).stated["days"].to_pylist() for t in (None, "a", "b")}
    assert days == {None: [7, 60], "a": [7, 60], "b": [30]}
    assert time_to_failure(data, Scope(), "a", config=CONFIG).implausible == 1


def test_too_few_statements_say_so():
    result = time_to_failure(told([7] * (MIN_STATED - 1), [365] * 50), Scope(), config=CONFIG)
    assert (result.quantiles.num_rows, result.survival.num_rows) == (0, 0)
    assert result.reason == result.survival_reason == "9 reviews state when it failed; at least 10 are needed."
    assert result.within["said_reviews"].to_pylist() == [9] * 5
    assert result.within["share"].to_pylist() == [None] * 5
    none = time_to_failure(told(), Scope(), config=CONFIG)
    assert none.within["said_share"].to_pylist() == [None] * 5
    nothing = Facts(**{n: empty(n) for n in ("reviews", "readings", "mentions", "themes")})
    assert time_to_failure(nothing, Scope(), config=CONFIG).reviews == 0
    with pytest.raises(VocError, match="no active pain theme 'x'"):
        time_to_failure(told([7]), Scope(), "x", config=CONFIG)


def test_those_that_still_work_make_the_curve_and_leave_the_stated_times():
    failed = [7] * 10 + [90] * 10 + [365] * 5
    alone = time_to_failure(told(failed, [365] * (MIN_WORKS - 1)), Scope(), config=CONFIG)
    assert (alone.survival.num_rows, alone.works) == (0, MIN_WORKS - 1)
    result = time_to_failure(told(failed, [730] * 75), Scope(), config=CONFIG)
    assert result.quantiles.equals(alone.quantiles)
    curve = {r["days"]: r["surviving"] for r in result.survival.to_pylist()}
    assert (curve[14], curve[180]) == pytest.approx((0.9, 0.8))
    values = list(curve.values())
    assert values == sorted(values, reverse=True)
    assert max(curve) == 365  # nothing is said of later days than the last failure


def test_products_without_the_trouble_say_nothing_of_how_long_it_works():
    data = told([7] * 12, [365] * 60, product=lambda i: "cable" if i < 40 else "lamp")
    assert time_to_failure(data, Scope(), "t", config=CONFIG).works == 28
    assert time_to_failure(data, Scope(), config=CONFIG).works == 60


def test_whole_products_are_drawn_where_there_are_enough():
    # Each product fails at its own time: products, not reviews, are what chance draws.
    failed = np.repeat([7, 30, 90, 180], 60)
    alike = told(failed, product=lambda i: f"p{i % 12}")
    lumped = told(failed, product=lambda i: f"p{i // 20:02d}")
    widths = []
    for data in (alike, lumped):
        row = time_to_failure(data, Scope(), config=CONFIG).within.to_pylist()[1]
        widths.append(row["share_high"] - row["share_low"])
    assert widths[1] > widths[0] + 0.1


def test_the_order_of_rows_does_not_matter():
    rng = np.random.default_rng(2)
    data = told(rng.choice([1, 7, 14, 30, 90], 40), rng.choice([180, 365], 30))
    tables = {n: t.take(rng.permutation(t.num_rows)) for n, t in vars(data).items() if isinstance(t, pa.Table)}
    one, other = (time_to_failure(d, Scope(), config=CONFIG) for d in (data, Facts(**tables)))
    for name in ("stated", "within", "quantiles", "survival"):
        assert getattr(one, name).equals(getattr(other, name))


@pytest.mark.parametrize("stated", [30, 200])
def test_intervals_cover_although_people_round(stated):
    # At least 0.9 less three standard errors: intervals hold rounding too and may cover more.
    assert min(f["measured"] for f in simulate_failure(stated=stated, runs=60)) >= 0.83


def test_the_curve_covers_where_working_ones_are_told_of():
    (curve,) = simulate_failure(stated=0, works=120, runs=40)
    assert curve["measured"] >= 0.8


@pytest.mark.slow
@pytest.mark.parametrize("stated", [15, 40, 150, 600])
def test_intervals_cover_in_long_runs(stated):
    assert min(f["measured"] for f in simulate_failure(stated=stated, runs=400)) >= 0.87
