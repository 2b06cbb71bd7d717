import datetime as dt

import numpy as np
import pytest

from voc.benchmark.simulations.trends import simulate_trends
from voc.config import InsightsConfig, PhaseConfig
from voc.errors import VocError
from voc.insights import MONTHLY, Facts, Scope, monthly, phase_trends, resolve_phases
from voc.insights.intervals import difference_p, newcombe, wilson
from voc.tables import SCHEMAS, empty

from .build import day, facts
from .synthetic import synthetic_facts

CONFIG = InsightsConfig()
PHASES = [
    PhaseConfig(name="one", start=dt.date(2020, 1, 1), end=dt.date(2021, 1, 1)),
    PhaseConfig(name="two", start=dt.date(2021, 1, 1)),
]


def written(date, count, complaints, **fields):
    return [
        {
            "rating": 2 if i < complaints else 5,
            "written_at": None if date is None else day(date),
            "pains": ["t"] if i < complaints else [],
            **fields,
        }
        for i in range(count)
    ]


def in_phases(reviews, phases=PHASES):
    data = facts(reviews)
    return Facts(**{**vars(data), "phases": resolve_phases(phases, data.reviews, None)})


def test_the_change_between_two_phases_by_hand():
    data = in_phases([*written("2020-05-01", 100, 20), *written("2021-05-01", 80, 4), *written(None, 10, 10)])
    whole_one, one, whole_two, two = phase_trends(data, config=CONFIG).to_pylist()
    assert (whole_one["theme_id"], whole_one["analysed"], whole_one["reach"]) == (None, 100, None)
    assert whole_one["mean_rating"] == pytest.approx(4.4)
    assert whole_one["rating_low"] < 4.4 < whole_one["rating_high"]
    assert (one["theme_id"], one["reviews"], one["reach"], one["previous_phase_id"]) == ("t", 20, 0.2, None)
    assert (one["change"], one["p_value"], one["q_value"]) == (None, None, None)
    assert (one["reach_low"], one["reach_high"]) == pytest.approx([x[0] for x in wilson(20, 100, 0.9)[1:]])
    assert two["previous_phase_id"] == one["phase_id"] == whole_two["previous_phase_id"]
    assert two["change"] == pytest.approx(-0.15)
    assert (two["change_low"], two["change_high"]) == pytest.approx([x[0] for x in newcombe(4, 80, 20, 100, 0.9)[1:]])
    assert two["p_value"] == two["q_value"] == pytest.approx(difference_p(4, 80, 20, 100)[0])
    assert two["mean_rating"] == 2.0


def test_the_trends_of_a_scope_are_those_of_its_reviews_alone():
    ours = [*written("2020-05-01", 60, 12, product_id="c"), *written("2021-05-01", 50, 4, product_id="c")]
    theirs = [*written("2020-06-01", 70, 30, product_id="p"), *written("2021-06-01", 40, 20, product_id="p")]
    both = [{**row, "review_id": f"r{place}"} for place, row in enumerate([*ours, *theirs])]
    scoped = phase_trends(in_phases(both), config=CONFIG, scope=Scope(products=("c",)))
    assert scoped.equals(phase_trends(in_phases(both[: len(ours)]), config=CONFIG))


def test_versions_are_compared_within_their_product_over_their_own_themes():
    reviews = [
        *written("2020-01-01", 50, 10, product_id="c", version="V1"),
        *written("2020-02-01", 50, 25, product_id="c", version="V2"),
        *written("2020-03-01", 40, 0, product_id="p", version="V1"),
        *written(None, 40, 0, product_id="p", version="V2"),
    ]
    data = in_phases(reviews, [])
    names = dict(zip(data.phases["phase_id"].to_pylist(), data.phases["name"].to_pylist(), strict=True))
    rows = phase_trends(data, config=CONFIG).to_pylist()
    themed = [(names[r["phase_id"]], r["change"]) for r in rows if r["theme_id"]]
    assert themed == [("c V1", None), ("c V2", 0.3)]
    assert sum(r["theme_id"] is None for r in rows) == 4


def test_q_values_are_of_one_family_per_source():
    data = synthetic_facts(3000, 10, 4, seed=1)
    phases = resolve_phases(
        [
            PhaseConfig(name="a", start=dt.date(2018, 1, 1), end=dt.date(2020, 1, 1)),
            PhaseConfig(name="b", start=dt.date(2020, 1, 1)),
        ],
        data.reviews,
        None,
    )
    rows = phase_trends(Facts(**{**vars(data), "phases": phases}), config=CONFIG).to_pylist()
    source = dict(zip(phases["phase_id"].to_pylist(), phases["source"].to_pylist(), strict=True))
    for family, size in (("user", 10), ("version", 40)):
        tested = sorted(
            (r["p_value"], r["q_value"]) for r in rows if source[r["phase_id"]] == family and r["p_value"] is not None
        )
        assert 0.8 * size <= len(tested) <= size
        p, q = np.array(tested).T
        stepped = p * len(p) / np.arange(1, len(p) + 1)
        assert q == pytest.approx(np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1))


def test_without_phases_dates_or_reviews_there_are_no_trends_but_no_error_either():
    assert phase_trends(facts(written(None, 9, 3)), config=CONFIG).equals(empty("trends"))
    rows = phase_trends(in_phases(written(None, 9, 3)), config=CONFIG)
    assert rows.schema == SCHEMAS["trends"]
    assert [(r["theme_id"], r["analysed"], r["mean_rating"]) for r in rows.to_pylist()] == [(None, 0, None)] * 2
    only_second = phase_trends(in_phases(written("2022-01-01", 9, 3)), config=CONFIG).to_pylist()
    assert [(r["theme_id"], r["reach"], r["change"]) for r in only_second] == [
        (None, None, None),
        ("t", None, None),
        (None, None, None),
        ("t", 3 / 9, None),
    ]
    nothing = Facts(**{n: empty(n) for n in ("reviews", "readings", "mentions", "themes")})
    assert phase_trends(nothing, config=CONFIG).num_rows == 0


def test_few_changes_are_called_where_nothing_changed():
    covers, called = simulate_trends(runs=40, reviews=600)
    assert 0.88 <= covers["measured"] <= 0.97
    assert called["measured"] <= 0.25  # 4 expected of 40


def test_what_changed_is_called():
    covers, false, found = simulate_trends(runs=10, reviews=1500, planted=True)
    assert covers["measured"] >= 0.85
    assert false["measured"] <= 0.2
    assert found["measured"] >= 0.5


def test_months_by_hand():
    reviews = [
        *written("2019-12-31", 10, 5),
        *written("2020-02-01", 4, 1),
        *written("2020-02-29", 4, 1),
        *written(None, 9, 9),
    ]
    rows = monthly(facts(reviews), Scope(), "t", config=CONFIG).to_pylist()
    assert [(r["month"], r["analysed"], r["reviews"], r["reach"], r["mean_rating"]) for r in rows] == [
        (dt.date(2019, 12, 1), 10, 5, 0.5, 2.0),
        (dt.date(2020, 1, 1), 0, 0, None, None),
        (dt.date(2020, 2, 1), 8, 2, 0.25, 2.0),
    ]
    assert rows[0]["reach_low"] < 0.5 < rows[0]["reach_high"]
    quarters = monthly(facts(reviews), Scope(), None, config=CONFIG, months=3).to_pylist()
    assert [(r["month"], r["reviews"], r["reach"], r["mean_rating"]) for r in quarters] == [
        (dt.date(2019, 10, 1), 10, None, 3.5),
        (dt.date(2020, 1, 1), 8, None, 4.25),
    ]


def test_months_without_dates_or_theme():
    data = facts(written(None, 5, 3))
    assert monthly(data, Scope(), "t", config=CONFIG).equals(MONTHLY.empty_table())
    with pytest.raises(VocError, match="no active pain theme 'x'"):
        monthly(data, Scope(), "x", config=CONFIG)
    with pytest.raises(VocError, match="give 1 or more"):
        monthly(data, Scope(), "t", config=CONFIG, months=0)
