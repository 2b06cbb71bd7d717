"""What moved the rating between two phases: the intervals of each theme's parts."""

from __future__ import annotations

import numpy as np

from voc.benchmark.drawn import drawn_facts
from voc.benchmark.simulations.figures import Figure, Tally
from voc.config import InsightsConfig
from voc.insights.decomposition import decompose_rating

#: Reach and stars of the themes before and after, and the mean of reviews without any.
_REACH = np.array([[0.10, 0.15, 0.08, 0.01, 0.00], [0.20, 0.15, 0.08, 0.02, 0.06]])
_STARS = np.array([[-1.2, -0.5, -0.8, -1.0, -1.5], [-1.2, -1.3, -0.8, -1.0, -1.5]])
_OTHERWISE = np.array([4.4, 4.3])
_NAMES = ("a theme that grows", "a theme whose stars fall", "a theme that stays", "a rare theme", "a new theme")
_PARTS = {"by_reach": "part by reach", "by_stars": "part by stars", "contribution": "whole"}


def simulate_decomposition(*, runs: int, reviews: int, seed: int = 0) -> list[Figure]:
    """Draw two phases with known reach and stars of five themes, and see how often the intervals hold the truth.

    Themes: one that grows, one whose stars fall, one that stays, a rare one that doubles, and one that nobody
    mentions before. `reviews` are those of each phase. Each part comes on average over the themes, then by theme.
    """
    config = InsightsConfig(bootstrap=300)
    by_reach = (_REACH[1] - _REACH[0]) * _STARS.mean(axis=0)
    by_stars = (_STARS[1] - _STARS[0]) * _REACH.mean(axis=0)
    truths = {"by_reach": by_reach, "by_stars": by_stars, "contribution": by_reach + by_stars}
    after = np.arange(2 * reviews) >= reviews
    tally = Tally()
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        has = [rng.random((reviews, 5)) < share for share in _REACH]
        given = [
            base + some @ stars + rng.choice([-0.5, 0.1, 0.4], size=reviews)
            for base, some, stars in zip(_OTHERWISE, has, _STARS, strict=True)
        ]
        data = drawn_facts(np.concatenate(given), day=np.zeros(2 * reviews, np.int64), pain=np.concatenate(has))
        pooled: dict[str, list[bool]] = {}
        for row in decompose_rating(data, ~after, after, config=config).table.to_pylist():
            if row["theme_id"] is None:
                name, expected = "everything else", {"contribution": _OTHERWISE[1] - _OTHERWISE[0]}
            else:
                theme = int(row["theme_id"][1:])
                name, expected = _NAMES[theme], {column: value[theme] for column, value in truths.items()}
            for column, truth in expected.items():
                if row[f"{column}_low"] is not None:
                    inside = row[f"{column}_low"] - 1e-9 <= truth <= row[f"{column}_high"] + 1e-9
                    tally.add(f"interval covers, {_PARTS[column]} of {name}", inside)
                    if name in _NAMES:
                        pooled.setdefault(column, []).append(inside)
        for column, hits in pooled.items():
            tally.add(column, hits)
    level = config.confidence
    return [
        *(
            tally.figure(column, f"interval covers, {part} of a theme on average", nominal=level, asked="near")
            for column, part in _PARTS.items()
        ),
        *(
            tally.figure(name, name, nominal=level, asked="near", detail="everything" not in name)
            for name in tally.names
            if name not in _PARTS
        ),
    ]
