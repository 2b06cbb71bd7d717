import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.benchmark.simulations.segments import simulate_mix
from voc.config import InsightsConfig, PhaseConfig
from voc.errors import VocError
from voc.insights import Facts, Scope, resolve_phases
from voc.insights.kitagawa import parts_of
from voc.insights.mix import decompose_mix
from voc.insights.parting import SEGMENTERS
from voc.tables.changes import MIX

from .build import day, facts

CONFIG = InsightsConfig(bootstrap=200)
PHASES = [
    PhaseConfig(name="one", start=dt.date(2020, 1, 1), end=dt.date(2021, 1, 1)),
    PhaseConfig(name="two", start=dt.date(2021, 1, 1), end=dt.date(2022, 1, 1)),
]
CELLS = st.lists(st.tuples(*(st.integers(0, 40) for _ in range(4))), min_size=1, max_size=5)


def written(phase, count, complaints, market="US", stars=(2, 5)):
    date = {1: "2020-06-01", 2: "2021-06-01"}[phase]
    return [
        {
            "rating": stars[0] if i < complaints else stars[1],
            "pains": ["t"] if i < complaints else [],
            "market": market,
            "written_at": day(date),
        }
        for i in range(count)
    ]


def in_phases(reviews, phases=PHASES):
    data = facts(reviews)
    return Facts(**{**vars(data), "phases": resolve_phases(phases, data.reviews, None)})


def rows(data, by="market", before="one", after="two", scope=None):
    table = decompose_mix(data, before, after, scope or Scope(), by=by, config=CONFIG)
    assert table.schema == MIX
    for column in table.columns:
        if pa.types.is_floating(column.type):
            assert not np.isnan(column.drop_null().to_numpy()).any()
    return {row["theme_id"]: row for row in table.to_pylist()}


def test_both_parts_by_hand():
    # Weights 0.8 and 0.2, then 0.4 and 0.6; reach 0.05 and 0.20, then 0.10 and 0.20.
    data = in_phases(
        [*written(1, 400, 20, "US"), *written(1, 100, 20, "DE"), *written(2, 200, 20, "US"), *written(2, 300, 60, "DE")]
    )
    row = rows(data)["t"]
    assert (row["value_before"], row["value_after"]) == (0.08, 0.16)
    assert row["change"] == pytest.approx(0.08)
    assert row["within"] == pytest.approx(0.6 * 0.05)
    assert row["mix"] == pytest.approx(-0.4 * 0.075 + 0.4 * 0.2)
    assert (row["reviews_before"], row["analysed_before"]) == (40, 500)
    assert (row["reviews_after"], row["analysed_after"]) == (80, 500)
    assert (row["segments"], row["unmatched_before"], row["unmatched_after"]) == (2, 0, 0)
    for name in ("change", "within", "mix"):
        assert row[f"{name}_low"] <= row[name] <= row[f"{name}_high"]
    stars = rows(data)[None]
    # Mean ratings 5 - 3 * reach: the same parts, three times as large the other way.
    assert (stars["within"], stars["mix"]) == pytest.approx((-3 * row["within"], -3 * row["mix"]))


@given(CELLS)
def test_the_parts_add_up_exactly_and_the_way_back_is_the_opposite(cells):
    a, b, c, d = np.array(cells, float).T
    size, value = (a + b, c + d), (a[:, None], c[:, None])
    if not (size[0].sum() and size[1].sum()):
        return
    within, mix = parts_of(size, value)
    assert within + mix == pytest.approx(c.sum() / size[1].sum() - a.sum() / size[0].sum(), abs=1e-12)
    back = parts_of(size[::-1], value[::-1])
    assert (back[0], back[1]) == (pytest.approx(-within, abs=1e-12), pytest.approx(-mix, abs=1e-12))


def test_only_the_mix_changed():
    data = in_phases(
        [
            *written(1, 900, 18, "US"),
            *written(1, 100, 30, "DE"),
            *written(2, 500, 10, "US"),
            *written(2, 500, 150, "DE"),
        ]
    )
    row = rows(data)["t"]
    assert row["within"] == pytest.approx(0)
    assert (row["conclusion"], row["reason"]) == ("mostly the mix", None)
    assert row["q_value"] < 0.01


def test_only_the_pain_changed():
    data = in_phases([r for m in ("US", "DE") for r in [*written(1, 500, 15, m), *written(2, 500, 75, m)]])
    row = rows(data)["t"]
    assert (row["mix"], row["conclusion"]) == (pytest.approx(0), "within segments")
    assert row["within_low"] > 0.05
    assert rows(data)[None]["conclusion"] == "within segments"


def test_both_and_against_each_other():
    both = in_phases(
        [
            *written(1, 900, 27, "US"),
            *written(1, 100, 20, "DE"),
            *written(2, 500, 50, "US"),
            *written(2, 500, 135, "DE"),
        ]
    )
    assert rows(both)["t"]["conclusion"] == "both"
    against = in_phases(
        [*written(1, 900, 90, "US"), *written(1, 100, 40, "DE"), *written(2, 300, 6, "US"), *written(2, 700, 126, "DE")]
    )
    row = rows(against)["t"]
    assert row["within"] < 0 < row["mix"]
    assert row["conclusion"] == "against each other"


def test_a_segment_of_one_phase_alone_is_mix():
    data = in_phases([*written(1, 200, 10, "US"), *written(2, 100, 5, "US"), *written(2, 100, 30, "DE")])
    row = rows(data)["t"]
    assert row["within"] == pytest.approx(0)
    assert row["mix"] == row["change"] == pytest.approx(0.175 - 0.05)
    assert (row["segments"], row["unmatched_before"], row["unmatched_after"]) == (1, 0, 0.5)
    assert row["conclusion"] == "mostly the mix"
    apart = rows(in_phases([*written(1, 100, 5, "US"), *written(2, 100, 30, "DE")]))["t"]
    assert (apart["conclusion"], apart["reason"]) == ("cannot be told", "the phases have no segment in common")
    assert (apart["mix"], apart["mix_low"], apart["unmatched_before"]) == (pytest.approx(0.25), None, 1)


def test_what_cannot_be_told_says_why():
    same = rows(in_phases([r for m in ("US", "DE") for p in (1, 2) for r in written(p, 100, 10, m)]))["t"]
    assert (same["conclusion"], same["reason"]) == ("cannot be told", "the change itself may be chance")
    few = rows(in_phases([*written(1, 100, 1), *written(1, 50, 1, "DE"), *written(2, 100, 4), *written(2, 9, 1, "DE")]))
    assert few["t"]["reason"] == "fewer than 10 reviews mention it"
    assert few["t"]["change"] is not None
    assert few["t"]["change_low"] is None
    short = rows(in_phases([*written(1, 100, 20), *written(2, 29, 9), *written(2, 0, 0)]))["t"]
    assert short["reason"] == "fewer than 30 reviews in a phase"
    one = rows(in_phases([*written(1, 100, 5), *written(2, 100, 40)]))["t"]
    assert (one["reason"], one["mix"]) == ("all reviews are of one segment", pytest.approx(0))
    nothing = rows(in_phases([*written(1, 100, 20)]))["t"]
    assert (nothing["change"], nothing["value_after"], nothing["conclusion"]) == (None, None, "cannot be told")
    flat = rows(in_phases([r for m in ("US", "DE") for p in (1, 2) for r in written(p, 50, 5, m, stars=(4, 4))]))[None]
    assert (flat["change"], flat["conclusion"]) == (0, "cannot be told")


def test_bad_input():
    data = in_phases([*written(1, 100, 5), *written(2, 100, 5)])
    with pytest.raises(VocError, match="both phases are 'one'; name two"):
        rows(data, after="one")
    with pytest.raises(VocError, match="no phase 'three'"):
        rows(data, after="three")
    with pytest.raises(VocError, match="cannot be parted by 'colour'"):
        rows(data, by="colour")
    versions = [{**r, "version": "V2", "product_id": "p"} for r in written(2, 40, 4)]
    mixed = in_phases([*written(1, 100, 5), *versions])
    with pytest.raises(VocError, match="share 40 reviews; choose two that do not overlap"):
        rows(mixed, before="two", after="p V2")


def test_all_columns_at_once_in_any_order_of_rows():
    rng = np.random.default_rng(4)
    reviews = [
        {**r, "market": str(rng.choice(["US", "DE"])), "verified": bool(rng.random() < 0.5)}
        for r in [*written(1, 150, 30), *written(2, 150, 10)]
    ]
    data = in_phases(reviews)
    whole = decompose_mix(data, "one", "two", Scope(), config=CONFIG)
    assert list(dict.fromkeys(whole["by"].to_pylist())) == list(SEGMENTERS)
    mixed = {
        name: getattr(data, name).take(rng.permutation(getattr(data, name).num_rows))
        for name in ("reviews", "readings", "mentions", "themes")
    }
    other = Facts(**{**mixed, "areas": data.areas, "phases": data.phases})
    assert decompose_mix(other, "one", "two", Scope(), config=CONFIG).equals(whole)
    change = [row["change"] for row in whole.to_pylist() if row["theme_id"] == "t"]
    assert change == pytest.approx([change[0]] * len(SEGMENTERS))  # however it is parted


def test_the_parts_cover_as_they_say():
    figures = {f["name"]: f for f in simulate_mix(runs=120, reviews=400, seed=5, config=InsightsConfig(bootstrap=500))}
    for name, figure in figures.items():
        if name.startswith("interval"):
            # Four themes a run, alike in market and phase: at least two independent ones; the rating is one. Bootstrap
            # intervals of small samples run a little short.
            runs = 120 * (1 if "rating" in name else 2)
            assert figure["measured"] >= 0.88 - 3 * np.sqrt(0.09 / runs), name
    assert figures["wrong conclusion"]["measured"] <= 0.15


@pytest.mark.slow
@pytest.mark.parametrize("reviews", [300, 2000])
def test_the_parts_cover_as_they_say_in_long_runs(reviews):
    figures = simulate_mix(runs=300, reviews=reviews, seed=2, config=InsightsConfig(bootstrap=500))
    for figure in figures:
        if figure["asked"] == "near":
            assert 0.84 <= figure["measured"] <= 0.95, figure["name"]
        if figure["name"].startswith("right") and reviews == 2000:
            assert figure["measured"] >= 0.9
        if figure["name"].startswith("wrong"):
            assert figure["measured"] <= 0.1
