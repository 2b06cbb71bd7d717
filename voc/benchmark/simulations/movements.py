"""Movements: what is called growing, shrinking, emerging, resolved or steady, and how often wrongly."""

from __future__ import annotations

import numpy as np

from voc.benchmark.drawn import drawn_facts
from voc.benchmark.simulations.figures import Figure, Tally
from voc.benchmark.simulations.phases import days, in_phases
from voc.config import InsightsConfig
from voc.insights.movement import movements

_PLANTED = {"growing": (0.05, 0.12), "shrinking": (0.12, 0.05), "emerging": (0.0, 0.08), "resolved": (0.08, 0.0)}
_UP, _DOWN = ("growing", "emerging"), ("shrinking", "resolved")
_THEMES = 40


def simulate_movements(*, runs: int, reviews: int, planted: bool, seed: int = 0) -> list[Figure]:
    """Draw two phases of 40 themes; where `planted`, one in four moves, and see what is called.

    Planted are, of ten themes: four that grow from 5 to 12 %, two that shrink from 12 to 5 %, two that emerge (0 to
    8 %) and two that resolve (8 to 0 %). The other thirty have 0.5 to 12 %. Besides, a theme whose reach changes by
    exactly the margin of "steady" shows how often it is called steady wrongly.
    """
    config = InsightsConfig()
    share = np.tile(np.geomspace(0.005, 0.12, _THEMES), (2, 1))
    truth = np.array(["same"] * _THEMES, dtype=object)
    if planted:
        moved = np.arange(0, _THEMES, 4)
        truth[moved] = ["growing"] * 4 + ["shrinking"] * 2 + ["emerging"] * 2 + ["resolved"] * 2
        for kind, (was, now) in _PLANTED.items():
            share[:, truth == kind] = [[was], [now]]
    share = np.concatenate([share, [[0.03], [0.05]]], axis=1)
    stars, day = np.full(2 * reviews, 4.0), days(reviews)
    tally = Tally()
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        has = np.concatenate([rng.random((reviews, _THEMES + 1)) < s for s in share])
        found = movements(in_phases(drawn_facts(stars, day=day, pain=has[:, :_THEMES])), config=config).to_pylist()
        calls = {int(r["theme_id"][1:]): r["movement"] for r in found}
        kinds = {t: m for t, m in calls.items() if m in _PLANTED}
        false = [t for t, m in kinds.items() if not any(truth[t] in way and m in way for way in (_UP, _DOWN))]
        tally.add("any false", bool(false))
        tally.note("false share", len(false) / max(len(kinds), 1), 1.0)
        tally.add("right", [calls.get(t) == truth[t] for t in range(_THEMES) if truth[t] != "same"])
        edge = movements(in_phases(drawn_facts(stars, day=day, pain=has[:, _THEMES:])), config=config).to_pylist()
        tally.add("steady", bool(edge) and edge[0]["movement"] == "steady")
    level = 1 - config.confidence
    figures = [
        tally.figure("false share", "false share of the movements called", nominal=level, asked="at most"),
        tally.figure("steady", "steady called at the margin itself", nominal=level / 2, asked="at most"),
    ]
    if planted:
        return [*figures, tally.figure("right", "planted movements called by name")]
    name = f"any false movement among {_THEMES} themes"
    return [*figures, tally.figure("any false", name, nominal=level, asked="at most")]
