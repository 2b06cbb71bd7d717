"""Kano classes of areas: penalties and rewards, and the classes called from them."""

from __future__ import annotations

import numpy as np

from voc.benchmark.drawn import Floats, Mask, drawn_facts
from voc.benchmark.simulations.figures import Figure, Tally
from voc.benchmark.simulations.stars import rated
from voc.config import InsightsConfig
from voc.insights.kano import CLASSES, NOTICEABLE, kano
from voc.insights.scope import Scope

#: Penalty and reward of four areas, in stars.
_EFFECTS = np.array([[1.2, 0.0], [0.9, 0.8], [0.0, 0.9], [0.0, 0.0]])
_LARGE = 2_000_000  # reviews that tell the truth


def simulate_kano(*, runs: int, reviews: int = 6000, share: float = 0.08, seed: int = 3) -> list[Figure]:
    """Coverage of penalties and rewards, and classes recovered, missed and mistaken; `share` blames, and praises."""
    config = InsightsConfig()
    rng = np.random.default_rng(seed)
    classes = [CLASSES[bool(p >= NOTICEABLE), bool(r >= NOTICEABLE)] for p, r in _EFFECTS]

    def draw(n: int) -> tuple[Floats, Mask, Mask]:
        blamed, praised = rng.random((n, 4)) < share, rng.random((n, 4)) < share
        # A middling rating with room above and below, so that the stars' ends do not bend the effects.
        return rated(rng, 3.0 - blamed @ _EFFECTS[:, 0] + praised @ _EFFECTS[:, 1]), blamed, praised

    stars, blamed, praised = draw(_LARGE)
    sides = np.concatenate([-blamed.astype(np.float32), praised], axis=1)
    sides -= sides.mean(axis=0)
    truth = np.linalg.solve(sides.T @ sides, sides.T @ (stars - stars.mean()).astype(np.float32)).reshape(2, 4)
    names = [f"part {i}" for i in range(4)]
    tally = Tally()
    for _ in range(runs):
        stars, blamed, praised = draw(reviews)
        facts = drawn_facts(stars, areas=names, blamed=blamed, praised=praised)
        rows = [(int(row["area_id"][1:]), row) for row in kano(facts, Scope(), config=config).to_pylist()]
        tally.add(
            "covers",
            [
                row[f"{name}_low"] <= truth[side, i] <= row[f"{name}_high"]
                for i, row in rows
                for side, name in enumerate(("penalty", "reward"))
                if row[name] is not None
            ],
        )
        called = [(row["kano_class"], classes[i]) for i, row in rows]
        tally.add("right", [is_ == true for is_, true in called])
        tally.add("unsure", [is_ == "undetermined" for is_, _ in called])
        tally.add("wrong", [is_ not in ("undetermined", true) for is_, true in called])
    return [
        tally.figure("covers", "interval of a penalty or reward covers", nominal=config.confidence, asked="near"),
        tally.figure("right", "class recovered"),
        tally.figure("unsure", "class left undetermined"),
        tally.figure("wrong", "class mistaken", nominal=round(1 - config.confidence, 6), asked="at most"),
    ]
