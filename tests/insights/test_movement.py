import datetime as dt

import numpy as np
import pytest

from voc.benchmark.simulations.movements import simulate_movements
from voc.config import InsightsConfig, PhaseConfig
from voc.errors import VocError
from voc.insights import Scope
from voc.insights.facts import Facts
from voc.insights.intervals import benjamini_hochberg, difference_p, newcombe
from voc.insights.movement import movements
from voc.insights.phases import resolve_phases
from voc.tables.changes import MOVEMENTS

from .build import day, facts

CONFIG = InsightsConfig()
PHASES = [
    PhaseConfig(name="one", start=dt.date(2020, 1, 1), end=dt.date(2021, 1, 1)),
    PhaseConfig(name="two", start=dt.date(2021, 1, 1), end=dt.date(2022, 1, 1)),
    PhaseConfig(name="three", start=dt.date(2022, 1, 1)),
]


def phase(year, total, **themes):
    """Return `total` reviews of a year; each theme is mentioned by so many of them, the first ones."""
    return [
        {
            "review_id": f"{year}-{i:05d}",
            "rating": 4,
            "written_at": day(f"{year}-06-01"),
            "pains": [t for t, n in themes.items() if i < n],
        }
        for i in range(total)
    ]


def in_phases(reviews, phases=PHASES):
    data = facts(reviews)
    return Facts(**{**vars(data), "phases": resolve_phases(phases, data.reviews, None)})


def called(rows):
    return {r["theme_id"]: r["movement"] for r in rows if r["against"] == "previous"}


def test_each_movement_by_hand():
    data = in_phases(
        [
            *phase(2020, 1000, emerging=2, growing=50, steady=100, shrinking=120, resolved=80, unclear=100, rare=1),
            *phase(2021, 1000, emerging=80, growing=120, steady=102, shrinking=50, resolved=0, unclear=115, rare=2),
        ],
        PHASES[:2],
    )
    table = movements(data, config=InsightsConfig(confidence=0.8))
    assert table.schema == MOVEMENTS
    rows = {r["theme_id"]: r for r in table.to_pylist()}
    assert {t: r["movement"] for t, r in rows.items()} == {
        "emerging": "emerging",
        "growing": "growing",
        "rare": "steady",  # one in a thousand, then two: practically nothing both times
        "resolved": "resolved",
        "shrinking": "shrinking",
        "steady": "steady",
        "unclear": "no clear change",
    }
    row = rows["growing"]
    assert (row["analysed_before"], row["analysed"], row["reviews_before"], row["reviews"]) == (1000, 1000, 50, 120)
    assert (row["reach_before"], row["reach"], row["reason"]) == (0.05, 0.12, None)
    assert (row["change"], row["change_low"], row["change_high"]) == pytest.approx(
        [x[0] for x in newcombe(120, 1000, 50, 1000, 0.8)]
    )
    assert row["p_value"] == pytest.approx(difference_p(120, 1000, 50, 1000)[0])
    assert rows["unclear"]["reason"] == (
        "the change lies between -0.3% and +3.3% of reviews, which is neither clearly a change nor clearly small"
    )


def test_the_family_is_all_tested_themes_and_phases_of_a_source():
    data = in_phases([*phase(2020, 400, a=20, b=30, c=1), *phase(2021, 400, a=35, b=31), *phase(2022, 400, a=20, b=60)])
    rows = movements(data, config=CONFIG).to_pylist()
    for against, size in (("previous", 4), ("first", 2)):
        tested = [r for r in rows if r["against"] == against and r["p_value"] is not None]
        assert len(tested) == size  # "c" could not have been called, whichever phase its one review was in
        q = benjamini_hochberg(np.array([r["p_value"] for r in tested]))
        assert [r["q_value"] for r in tested] == pytest.approx(q)
    assert [(r["theme_id"], r["earlier_phase_id"] == rows[0]["earlier_phase_id"]) for r in rows[-3:]] == [
        ("a", True), ("b", True), ("c", True),
    ]  # fmt: skip


def test_one_phase_in_scope_keeps_the_figures_of_all():
    data = in_phases([*phase(2020, 400, a=20, b=30), *phase(2021, 400, a=35, b=31), *phase(2022, 400, a=20, b=60)])
    everything = movements(data, config=CONFIG).to_pylist()
    two = data.phases["phase_id"][1].as_py()
    assert movements(data, Scope(phase_id="two"), config=CONFIG).to_pylist() == [
        r for r in everything if r["phase_id"] == two
    ]


def test_few_reviews_are_too_little_data_and_never_steady():
    data = in_phases([*phase(2020, 12, a=1), *phase(2021, 9, b=1), *phase(2022, 0)])
    rows = movements(data, config=CONFIG).to_pylist()
    assert {(r["theme_id"], r["movement"], r["p_value"], r["q_value"]) for r in rows} == {
        ("a", "too little data", None, None),
        ("b", "too little data", None, None),
    }
    gone = [r for r in rows if r["phase_id"] == data.phases["phase_id"][2].as_py()]
    assert {(r["reach"], r["change"], r["reason"]) for r in gone} == {
        (None, None, "no review was read in one of the phases")
    }


def test_a_small_phase_may_grow_but_not_emerge():
    # None of 60 before: up to 4 % may have been there.
    data = in_phases([*phase(2020, 60, b=30), *phase(2021, 60, a=20, b=30)], PHASES[:2])
    rows = movements(data, config=CONFIG).to_pylist()
    assert called(rows) == {"a": "growing", "b": "no clear change"}


def test_without_phases_or_with_one_there_is_no_movement():
    reviews = [*phase(2020, 50, a=5), *phase(2021, 50, a=5)]
    for phases in ([], PHASES[:1]):
        assert movements(in_phases(reviews, phases), config=CONFIG).equals(MOVEMENTS.empty_table())


def test_versions_are_compared_within_their_product():
    reviews = [
        {**r, "product_id": "c", "version": v}
        for v, y, n in (("V1", 2020, 5), ("V2", 2021, 40))
        for r in phase(y, 200, a=n)
    ]
    reviews += [
        {**r, "review_id": f"x{i}", "product_id": "d", "version": "V1"} for i, r in enumerate(phase(2022, 90, a=9))
    ]
    data = in_phases(reviews, [])
    assert called(movements(data, config=CONFIG).to_pylist()) == {"a": "growing"}
    assert movements(data, Scope(products=("d",)), config=CONFIG).num_rows == 0


def test_returns_of_one_phase_are_not_compared_with_reviews_of_the_other():
    returns = [{**r, "channel": "return"} for r in phase(2021, 50, a=50)]
    (row,) = movements(in_phases([*phase(2020, 200, a=10), *returns], PHASES[:2]), config=CONFIG).to_pylist()
    assert (row["analysed"], row["movement"]) == (0, "too little data")


def test_the_order_of_rows_does_not_matter():
    data = in_phases([*phase(2020, 300, a=20, b=30), *phase(2021, 300, a=35, b=31)])
    order = np.random.default_rng(0).permutation(600)
    shuffled = Facts(
        **{
            **vars(data),
            "reviews": data.reviews.take(order),
            "mentions": data.mentions.take(np.arange(data.mentions.num_rows)[::-1]),
            "themes": data.themes.take([1, 0]),
        }
    )
    assert movements(data, config=CONFIG) == movements(shuffled, config=CONFIG)


def test_an_unknown_phase_is_an_error():
    with pytest.raises(VocError, match="no phase 'nine'"):
        movements(in_phases(phase(2020, 9)), Scope(phase_id="nine"), config=CONFIG)


def by_name(figures):
    return {f["name"]: f["measured"] for f in figures}


def test_little_is_called_where_nothing_moved():
    figures = by_name(simulate_movements(runs=40, reviews=500, planted=False, seed=1))
    assert figures["any false movement among 40 themes"] <= 0.25  # 0.1 expected; above with probability below 0.003
    assert figures["steady called at the margin itself"] <= 0.175  # 0.05 expected


def test_planted_movements_are_called_by_name():
    figures = by_name(simulate_movements(runs=15, reviews=700, planted=True, seed=1))
    assert figures["planted movements called by name"] >= 0.85
    assert figures["false share of the movements called"] <= 0.16


@pytest.mark.slow
@pytest.mark.parametrize(("reviews", "planted"), [(300, False), (1500, False), (700, True)])
def test_false_discoveries_stay_at_their_level(reviews, planted):
    runs = 400
    figures = by_name(simulate_movements(runs=runs, reviews=reviews, planted=planted, seed=2))
    assert figures["false share of the movements called"] <= 0.1 + 3 * np.sqrt(0.09 / runs)
    assert figures["steady called at the margin itself"] <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
