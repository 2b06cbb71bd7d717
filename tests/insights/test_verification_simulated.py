"""Verification where the truth is known: levels, coverage and power."""

from dataclasses import replace

import numpy as np
import pytest

from voc.benchmark.simulations.verification import WORLDS, World, simulate_verify, simulate_world

BY_NAME = {w.name: w for w in WORLDS}


def measured(figures):
    return {f["name"]: f["measured"] for f in figures}


def bound(rate, runs, sigmas=3.0):
    return sigmas * np.sqrt(rate * (1 - rate) / runs)


CALLED, COVERS, TREND = (
    "a change called where there is none", "interval of the effect covers", "a trend before the date called",
)  # fmt: skip


def test_no_effect_is_called_one_time_in_ten_at_most():
    figures = simulate_world(World("none"), runs=150)
    assert [f["runs"] for f in figures] == [150, 150]
    assert measured(figures)[CALLED] <= 0.1 + bound(0.1, 150)


def test_a_season_that_all_share_is_taken_out_by_controls():
    got = measured(simulate_world(World("season", controls=4, season=0.5), runs=150))
    assert got[CALLED] <= 0.1 + bound(0.1, 150)


def test_a_fix_is_found_and_covered():
    got = measured(simulate_world(World("gone", effect=-0.9), runs=100))
    assert got["fix found"] >= 0.8
    assert got[COVERS] >= 0.9 - bound(0.1, 100)


def test_twelve_controls_hold_the_level_even_where_products_drift_by_themselves():
    got = measured(simulate_world(World("own", controls=12, control_reviews=10, own_shock=0.4), runs=80))
    assert got[CALLED] <= 0.1 + bound(0.1, 80)


def test_a_drift_before_the_date_is_called_and_no_fix_is_claimed():
    world = World("drift", drift=-2.0, reviews=40, control_reviews=40)
    got = measured(simulate_world(world, runs=40))
    assert got["its trend before the date found"] >= 0.8
    assert got[CALLED] <= 0.1
    assert measured(simulate_world(replace(world, drift=0.0), runs=100))[TREND] <= 0.1 + bound(0.1, 100)


def test_what_cannot_be_verified_is_counted():
    *_, verified = simulate_world(World("thin", reviews=0.3, control_reviews=0.3), runs=10)
    assert verified["name"] == "could be verified"
    assert verified["measured"] < 1


def test_choosing_the_controls_does_not_bend_the_level():
    assert measured(simulate_verify(runs=25, reach_after=0.08))[CALLED] <= 0.1 + bound(0.1, 25)


@pytest.mark.slow
def test_choosing_the_controls_does_not_bend_the_level_in_many_runs():
    got = measured(simulate_verify(runs=200, reach_after=0.08))
    assert got[CALLED] <= 0.1 + bound(0.1, 200)
    assert got[COVERS] >= 0.9 - bound(0.1, 200)
    assert measured(simulate_verify(runs=60, reach_after=0.01))["fix found"] >= 0.8


@pytest.mark.slow
@pytest.mark.parametrize("name", [w.name for w in WORLDS if w.sound and "(0.8)" not in w.name])
def test_intervals_cover_and_false_alarms_are_few(name):
    got = measured(simulate_world(BY_NAME[name], runs=400))
    if BY_NAME[name].effect:
        assert got[COVERS] >= 0.9 - bound(0.1, 400)
    else:
        assert got[CALLED] <= 0.1 + bound(0.1, 400)


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in BY_NAME if "(0.8)" in n])
def test_weeks_much_alike_cost_little(name):
    assert measured(simulate_world(BY_NAME[name], runs=400))[CALLED] <= 0.16
