"""Trends between phases: intervals of a change, and what is called over many themes."""

from __future__ import annotations

import numpy as np

from voc.benchmark.drawn import drawn_facts
from voc.benchmark.simulations.figures import Figure, Tally
from voc.benchmark.simulations.phases import days, in_phases
from voc.config import InsightsConfig
from voc.insights.trends import phase_trends


def simulate_trends(*, runs: int, reviews: int, themes: int = 40, planted: bool = False, seed: int = 0) -> list[Figure]:
    """Draw two phases of themes; where `planted`, one in four doubles its reach, and see what is called.

    Args:
        runs: how often.
        reviews: in each phase.
        themes: with shares from 0.5 to 8 %, evenly on a log scale.
        planted: whether any theme changes.
        seed: of the draws.
    """
    config = InsightsConfig()
    level = 1 - config.confidence
    before = np.geomspace(0.005, 0.08, themes)
    moved = (np.arange(themes) % 4 == 3) & planted
    after = np.where(moved, 2 * before, before)
    tally = Tally()
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        has = np.concatenate([rng.random((reviews, themes)) < share for share in (before, after)])
        rows = phase_trends(
            in_phases(drawn_facts(np.full(2 * reviews, 4.0), day=days(reviews), pain=has)), config=config
        )
        changes = [
            (int(row["theme_id"][1:]), row)
            for row in rows.to_pylist()
            if row["theme_id"] is not None and row["change"] is not None
        ]
        truth = after - before
        tally.add("covers", [row["change_low"] <= truth[t] <= row["change_high"] for t, row in changes])
        called = {t for t, row in changes if row["q_value"] is not None and row["q_value"] < level}
        false = sum(not moved[t] for t in called)
        tally.add("any false", bool(false))
        tally.note("false share", false / max(len(called), 1), 1.0)
        tally.add("found", [t in called for t in np.flatnonzero(moved)])
    figures = [tally.figure("covers", "interval of a change covers", nominal=config.confidence, asked="near")]
    if not planted:
        name = f"any of {themes} themes called where none changed"
        return [*figures, tally.figure("any false", name, nominal=level, asked="at most")]
    return [
        *figures,
        tally.figure("false share", "false share of what is called (BH)", nominal=level, asked="at most"),
        tally.figure("found", "themes that doubled and are called"),
    ]
