import datetime as dt

import numpy as np
import pytest

from voc.benchmark.simulations.changepoints import simulate_change_points
from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights import Scope
from voc.insights.changepoints import find, pelt, search
from voc.insights.detected import change_points, detected_phases
from voc.insights.facts import Facts
from voc.insights.phases import listed, members, resolve_phases
from voc.tables import SCHEMAS, empty
from voc.tables.changes import CHANGE_POINTS

from .build import facts

CONFIG = InsightsConfig(bootstrap=200)
FIRST = dt.date(2020, 1, 1)


def monthly_reviews(months, **fields):
    """Return reviews from January 2020 on; each month is a list of ratings, spread over its days."""
    rows = []
    for m, ratings in enumerate(months):
        year, month = divmod(m, 12)
        rows += [
            {
                "review_id": f"{fields.get('product_id', 'r')}-{m:03d}-{i:04d}",
                "rating": stars,
                "written_at": dt.datetime(2020 + year, month + 1, 1 + i % 28, tzinfo=dt.UTC),
                **fields,
            }
            for i, stars in enumerate(ratings)
        ]
    return rows


MIXED = [5, 4, 5, 3, 5, 4, 5, 5, 2, 5]  # mean 4.3
LOWER = [5, 4, 3, 3, 1, 4, 5, 2, 2, 5]  # mean 3.4


def test_a_fall_of_the_mean_is_dated_with_its_means():
    data = facts(monthly_reviews([MIXED * 3] * 10 + [LOWER * 3] * 8))
    found = change_points(data, Scope(), config=CONFIG)
    assert found.table.schema == CHANGE_POINTS
    (row,) = found.table.to_pylist()
    assert (row["measure"], row["at"], row["unit"]) == ("rating", dt.date(2020, 11, 1), "month")
    assert (row["from"], row["until"]) == (dt.date(2020, 1, 1), dt.date(2021, 7, 1))
    assert (row["reviews_before"], row["reviews_after"]) == (300, 240)
    assert (row["before"], row["after"]) == pytest.approx((4.3, 3.4))
    assert row["before_low"] < 4.3 < row["before_high"] < 4.6
    assert 3.1 < row["after_low"] < 3.4 < row["after_high"]
    assert row["p_value"] == 1 / 200  # no shuffled series of 199 gains as much
    assert row["suggested"]
    assert found.reason == "number of reviews: no change point was found in 18 months"


def test_a_short_span_is_looked_at_by_week():
    rng = np.random.default_rng(0)
    rows = [
        {
            "rating": int(rng.choice(MIXED if day < 105 else LOWER)),
            "written_at": dt.datetime(2021, 3, 1, tzinfo=dt.UTC) + dt.timedelta(days=day),
        }
        for day in range(210)
        for _ in range(4)
    ]
    rating = [r for r in change_points(facts(rows), Scope(), config=CONFIG).table.to_pylist() if r["suggested"]]
    assert [(r["measure"], r["unit"]) for r in rating] == [("rating", "week")]
    assert abs((rating[0]["at"] - dt.date(2021, 6, 14)).days) <= 14
    assert rating[0]["at"].weekday() == 0


def test_a_month_with_two_reviews_weighs_little():
    months = [MIXED * 5] * 20
    months[9] = months[10] = [1]
    found = change_points(facts(monthly_reviews(months)), Scope(), config=CONFIG)
    assert not any(r["suggested"] for r in found.table.to_pylist() if r["measure"] == "rating")


@pytest.mark.parametrize(
    ("reviews", "reason"),
    [
        ([], "no review is in scope"),
        ([{"rating": 3}] * 50, "no review in scope has a date"),
        (monthly_reviews([[1], [5], [3]]), "fewer than 30 dated reviews"),
        (monthly_reviews([MIXED * 3]), "the reviews span fewer than 8 weeks"),
    ],
)
def test_where_nothing_can_be_said_there_is_a_reason(reviews, reason):
    data = facts(reviews)
    for found, schema in (
        (change_points(data, Scope(), config=CONFIG), CHANGE_POINTS),
        (detected_phases(data, Scope(), config=CONFIG), SCHEMAS["phases"]),
    ):
        assert found.table.equals(schema.empty_table())
        assert found.reason == reason


def test_equal_ratings_still_leave_the_number_of_reviews():
    data = facts(monthly_reviews([[5] * 5] * 9 + [[5] * 50] * 9))
    found = change_points(data, Scope(), config=CONFIG)
    assert found.reason == "mean rating: all ratings are equal"
    (row,) = found.table.to_pylist()
    assert (row["measure"], row["at"], row["suggested"]) == ("volume", dt.date(2020, 10, 1), True)
    assert row["before"] == pytest.approx(45 * 30 / 274)  # January to September 2020, 274 days
    assert row["before_low"] < row["before"] < row["before_high"] < row["after_low"] < row["after_high"]


def test_reviews_without_stars_or_dates_are_said():
    rows = [{**r, "rating": None} for r in monthly_reviews([MIXED] * 12)]
    found = change_points(facts([*rows, {"rating": 1}, {"rating": 2}]), Scope(), config=CONFIG)
    assert "mean rating: fewer than 30 dated reviews have a rating" in found.reason
    assert found.undated == 2


def test_the_order_of_rows_does_not_matter():
    rows = monthly_reviews([MIXED * 2] * 10 + [LOWER * 4] * 8)
    data = facts(rows)
    order = np.random.default_rng(0).permutation(len(rows))
    shuffled = Facts(**{**vars(data), "reviews": data.reviews.take(order), "readings": data.readings.take(order[::-1])})
    for function in (change_points, detected_phases):
        assert function(data, Scope(), config=CONFIG) == function(shuffled, Scope(), config=CONFIG)


def test_an_unknown_product_is_an_error():
    with pytest.raises(VocError, match="no product 'x'"):
        change_points(facts(monthly_reviews([MIXED])), Scope(products=("x",)), config=CONFIG)


def names_and_starts(found):
    return [(p.name, p.start, p.end) for p in listed(found.table)]


def test_start_up_growth_transition_and_decline_follow_the_number_of_reviews():
    sizes = [1] * 10 + [8] * 12 + [5] * 10 + [1] * 10
    found = detected_phases(facts(monthly_reviews([MIXED * s for s in sizes])), Scope(), config=CONFIG)
    assert found.reason is None
    assert names_and_starts(found) == [
        ("Start-up", dt.date(2020, 1, 1), dt.date(2020, 11, 1)),
        ("Growth", dt.date(2020, 11, 1), dt.date(2021, 11, 1)),
        ("Transition", dt.date(2021, 11, 1), dt.date(2022, 9, 1)),
        ("Decline", dt.date(2022, 9, 1), None),
    ]


def test_a_change_of_the_rating_at_the_peak_begins_the_transition():
    months = [MIXED] * 10 + [MIXED * 5] * 10 + [LOWER * 5] * 10
    assert names_and_starts(detected_phases(facts(monthly_reviews(months)), Scope(), config=CONFIG)) == [
        ("Start-up", dt.date(2020, 1, 1), dt.date(2020, 11, 1)),
        ("Growth", dt.date(2020, 11, 1), dt.date(2021, 9, 1)),
        ("Transition", dt.date(2021, 9, 1), None),
    ]


def test_growth_that_has_not_ended_is_still_running():
    found = detected_phases(
        facts(monthly_reviews([MIXED * s for s in [1] * 9 + [3] * 9 + [8] * 9])), Scope(), config=CONFIG
    )
    assert [(name, end) for name, _, end in names_and_starts(found)] == [
        ("Start-up", dt.date(2020, 10, 1)),
        ("Growth", None),
    ]


def test_what_only_falls_is_in_decline_once_it_has_halved():
    for after, phases in ((6, []), (3, [("Decline", dt.date(2020, 11, 1), None)])):
        months = [MIXED * 10] * 10 + [MIXED * after] * 10
        found = detected_phases(facts(monthly_reviews(months)), Scope(), config=CONFIG)
        assert names_and_starts(found) == phases
        assert (found.reason is None) == bool(phases)


def test_a_flat_number_of_reviews_has_no_phases():
    found = detected_phases(facts(monthly_reviews([MIXED] * 20)), Scope(), config=CONFIG)
    assert found.table.equals(empty("phases"))
    assert found.reason == "the number of reviews did not clearly change, so no phases can be told apart"


def test_phases_of_one_product_carry_it_and_keep_their_ids():
    rows = monthly_reviews([MIXED * s for s in [1] * 9 + [8] * 9], product_id="a", product="Box")
    rows += monthly_reviews([MIXED] * 18, product_id="b")
    data = facts(rows)
    mine = listed(detected_phases(data, Scope(products=("Box",)), config=CONFIG).table)
    assert [(p.source, p.product_id, p.version) for p in mine] == [("detected", "a", None)] * 2
    everything = listed(detected_phases(data, Scope(), config=CONFIG).table)
    assert {p.product_id for p in everything} == {None}
    assert not {p.phase_id for p in mine} & {p.phase_id for p in everything}
    later = facts([*rows, *monthly_reviews([[]] * 18 + [MIXED * 8], product_id="a", product="Box")])
    assert [p.phase_id for p in listed(detected_phases(later, Scope(products=("a",)), config=CONFIG).table)] == [
        p.phase_id for p in mine
    ]
    together = resolve_phases([], data.reviews, detected_phases(data, Scope(products=("a",)), config=CONFIG).table)
    assert sum(members(data.index, p).sum() for p in listed(together)) == 9 * 10 + 9 * 80


def test_the_search_of_many_series_finds_what_ruptures_finds():
    rng = np.random.default_rng(3)
    for least in (2, 4):
        for _ in range(60):
            n = int(rng.integers(2 * least, 40))
            weight = rng.integers(1, 60, n).astype(float)
            value = rng.normal(0, 1, n) / np.sqrt(weight) + rng.choice([0, 0.4]) * (np.arange(n) > n // 2)
            last, largest = search(value[None], weight[None], least=least, penalty=5.0)
            at, end = [], n
            while last[0, end] > 0:
                end = int(last[0, end])
                at.append(end)
            assert pelt(value, weight, least=least, penalty=5.0).tolist() == at[::-1]
            assert (largest[0] > 5.0 - 1e-9) == bool(at)


def test_p_values_of_a_flat_series_are_not_too_small():
    rng = np.random.default_rng(4)
    small = 0
    for seed in range(200):
        variance = 1 / rng.integers(1, 40, 24)
        found = find(rng.normal(0, np.sqrt(variance)), variance, least=2, permutations=99, seed=seed)
        small += bool((found.p_value <= 0.1).any())
    assert small <= 31  # of 200 at 0.1: 20 expected, more than 31 with probability below 0.005


def by_name(figures):
    return {f["name"]: f["measured"] for f in figures}


def test_flat_reviews_raise_few_alarms():
    for measured in by_name(simulate_change_points(runs=50, reviews=600, drop=0.0, seed=1)).values():
        assert measured <= 0.22  # 0.1 expected; more than 11 of 50 with probability below 0.004


def test_a_planted_fall_is_found_within_two_months():
    figures = by_name(simulate_change_points(runs=30, reviews=1500, drop=0.5, seed=1))
    assert figures["a fall by 0.5 stars found within two months"] >= 0.85
    assert figures["interval of a mean before or after covers"] >= 0.75


@pytest.mark.slow
@pytest.mark.parametrize(("reviews", "spread", "growth"), [(400, 0.0, 8.0), (1000, 0.0, 1.0), (3000, 0.15, 1.0)])
def test_false_alarms_stay_at_their_level(reviews, spread, growth):
    runs = 500
    figures = simulate_change_points(runs=runs, reviews=reviews, drop=0.0, spread=spread, growth=growth, seed=2)
    for figure in figures:
        assert figure["measured"] <= 0.1 + 3 * np.sqrt(0.09 / runs), figure


@pytest.mark.slow
def test_a_fall_is_found_through_months_that_differ():
    figures = by_name(simulate_change_points(runs=200, reviews=3000, drop=0.4, spread=0.1, growth=4.0, seed=2))
    assert figures["a fall by 0.4 stars found within two months"] >= 0.85
    assert figures["a further change called beside it"] <= 0.17
    assert figures["interval of a mean before or after covers"] >= 0.82  # the date was chosen by the data
