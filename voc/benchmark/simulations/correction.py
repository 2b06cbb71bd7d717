"""Reach and star impact through reading that errs: as extracted, and corrected by what is known of its quality."""

from __future__ import annotations

from typing import Any

import numpy as np

from voc.benchmark.drawn import Floats, Mask, drawn_facts
from voc.benchmark.simulations.figures import Figure, Tally
from voc.benchmark.simulations.stars import rated
from voc.config import InsightsConfig
from voc.insights.across import across
from voc.insights.correction import corrected_reach
from voc.insights.misreading import Checks, Labels, from_labels
from voc.insights.opportunities import opportunities
from voc.insights.scope import Scope

#: Of the reading that is drawn.
RECALL, PRECISION = 0.75, 0.85
_LARGE = 2_000_000  # reviews that tell the truth


def simulate_extraction(
    *, runs: int, reviews: int = 3000, reach: float = 0.08, labelled: int = 300, grim: float = 1.0, seed: int = 4
) -> list[Figure]:
    """Coverage of reach and star impact read with precision 0.85 and recall 0.75, as extracted and corrected.

    Labels are `labelled` reviews with the trouble and twice as many without it; checks are `labelled` reviews each.
    With `grim` above 1, reviews of three stars and fewer are so many times as often mistaken for the trouble, which the
    correction of the star impact takes not to be so: nothing is asked of it then, nor of what is as extracted.
    """
    config = InsightsConfig()
    rng = np.random.default_rng(seed)
    alarms = reach * RECALL * (1 / PRECISION - 1) / (1 - reach)  # share found of the reviews without it

    def draw(n: int) -> tuple[Floats, Mask, Mask]:
        there = rng.random(n) < reach
        stars = rated(rng, 4.5 - 1.5 * there.astype(float))
        odds = np.where(stars <= 3, grim, 1.0)
        mistaken = alarms * odds / odds[~there].mean()
        return stars, there, np.where(there, rng.random(n) < RECALL, rng.random(n) < mistaken)

    stars, there, _ = draw(_LARGE)
    impact = stars[~there].mean() - stars.mean()
    tally = Tally()

    def note(name: str, row: dict[str, Any], column: str, truth: float) -> None:
        if row[f"{column}_low"] is not None:
            tally.add(name, row[f"{column}_low"] <= truth <= row[f"{column}_high"])

    for _ in range(runs):
        stars, _, found = draw(reviews)
        facts = drawn_facts(stars, pain=found[:, None])
        labels = Labels(labelled, rng.binomial(labelled, RECALL), 2 * labelled, rng.binomial(2 * labelled, 1 - alarms))
        checks = Checks(labelled, rng.binomial(labelled, PRECISION), labelled, rng.binomial(labelled, RECALL))
        for name, counts in (("labels", labels), ("checks", checks)):
            rows = corrected_reach(facts, Scope(), config=config, themes={"t0": counts}).to_pylist()
            (row,) = (r for r in rows if r["id"] == "t0")
            note(f"reach corrected by {name}", row, "corrected", reach)
            note(f"star impact corrected by {name}", row, "corrected_impact", impact)
            if name == "labels":
                note("reach as extracted", row, "reach", reach)
        (headline,) = opportunities(facts, Scope(), config=config).to_pylist()
        note("star impact as extracted", headline, "star_impact", impact)
    return [
        tally.figure(
            name,
            f"interval of {name} covers",
            nominal=config.confidence,
            asked="near" if "corrected" in name and (grim == 1 or name.startswith("reach")) else None,
        )
        for name in sorted(tally.names)
    ]


def simulate_across(*, runs: int, sets: int = 5, spread: float = 0.05, seed: int = 5) -> list[Figure]:
    """Coverage of corrected reach where sensitivity and specificity differ from one sort of product to the next."""
    confidence = InsightsConfig().confidence
    rng = np.random.default_rng(seed)
    tally = Tally()
    for _ in range(runs):
        seen = np.clip(rng.normal(0.88, spread, sets + 1), 0.5, 0.995)
        quiet = np.clip(rng.normal(0.86, spread / 2, sets + 1), 0.5, 0.995)
        labels = [
            Labels(100, rng.binomial(100, s), 250, rng.binomial(250, q))
            for s, q in zip(seen[1:], quiet[1:], strict=True)
        ]
        count = rng.binomial(3000, 0.3 * seen[0] + 0.7 * (1 - quiet[0]))
        added = Labels(
            *(sum(getattr(x, name) for x in labels) for name in ("positives", "found", "negatives", "cleared"))
        )
        for name, known in (("added", added), ("apart", across(labels, confidence))):
            _, low, high, reason = from_labels(count, 3000, known, confidence)
            if reason is None:
                tally.add(name, low <= 0.3 <= high)
    of = f"labels of {sets} sorts of products"
    return [
        tally.figure("added", f"interval corrected by {of}, simply added up, covers", nominal=confidence),
        tally.figure("apart", f"interval corrected by {of}, as voc does it, covers", nominal=confidence, asked="near"),
    ]
