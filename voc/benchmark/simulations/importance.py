"""Importance, satisfaction and opportunity on fixed scales, severity-weighted reach, and the quadrants."""

from __future__ import annotations

import numpy as np

from voc.benchmark.drawn import drawn_facts
from voc.benchmark.simulations.figures import Figure, Tally
from voc.config import InsightsConfig
from voc.insights.importance import IMPORTANCE_CUT, QUADRANTS, SATISFACTION_CUT, importance, importance_scale
from voc.insights.scope import Scope

#: Of four areas: share of reviews with the trouble, and of those that praise and blame the area beside it.
_REACH, _CONTENT, _BLAME = (
    np.array(shares)
    for shares in ([0.005, 0.012, 0.04, 0.10], [0.02, 0.06, 0.01, 0.15], [0.01, 0.02, 0.02, 0.05])
)  # fmt: skip
_SEVERITY = np.array([3.0, 1.0, 4.0, 2.0])  # beta distributed with mean severity / (severity + 2)


def simulate_importance(*, runs: int, reviews: int = 2000, seed: int = 2) -> list[Figure]:
    """Coverage of severity-weighted reach, importance, satisfaction and opportunity; quadrants called wrongly."""
    config = InsightsConfig()
    rng = np.random.default_rng(seed)
    only_content = _CONTENT * (1 - _REACH) * (1 - _BLAME)
    judging = 1 - (1 - _REACH) * (1 - _BLAME) * (1 - _CONTENT)
    want, have = importance_scale(_REACH), 10 * only_content / judging
    truth = {
        "severe_reach": _REACH * _SEVERITY / (_SEVERITY + 2),
        "importance": want,
        "satisfaction": have,
        "opportunity": want + np.maximum(want - have, 0),
    }
    quadrant = [
        QUADRANTS[bool(a >= IMPORTANCE_CUT), bool(b >= SATISFACTION_CUT)] for a, b in zip(want, have, strict=True)
    ]
    tally = Tally()
    for _ in range(runs):
        pain, praised, blamed = (rng.random((reviews, 4)) < p for p in (_REACH, _CONTENT, _BLAME))
        facts = drawn_facts(
            np.full(reviews, 4.0), pain=pain, severity=rng.beta(_SEVERITY, 2.0, (reviews, 4)),
            areas=[f"part {i}" for i in range(4)], area_of=range(4), blamed=blamed, praised=praised,
        )  # fmt: skip
        rows = [(int(row["theme_id"][1:]), row) for row in importance(facts, Scope(), config=config).to_pylist()]
        for name, value in truth.items():
            told = [(value[i], row) for i, row in rows if row[name] is not None]
            tally.add(name, [row[f"{name}_low"] <= true <= row[f"{name}_high"] for true, row in told])
        tally.add("called", [row["quadrant"] != "undetermined" for _, row in rows])
        tally.add("wrong", [row["quadrant"] not in ("undetermined", quadrant[i]) for i, row in rows])
    level = round(1 - config.confidence, 6)
    return [
        *(
            tally.figure(n, f"interval of {n.replace('_', ' ')} covers", nominal=config.confidence, asked="near")
            for n in truth
        ),
        tally.figure("called", "quadrants called"),
        tally.figure("wrong", "quadrants called wrongly", nominal=level, asked="at most"),
    ]
