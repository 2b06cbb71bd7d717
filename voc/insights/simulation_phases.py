"""Checks change points, the decomposition of the rating and movements on drawn reviews whose truth is known."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig, PhaseConfig
from voc.insights.decomposition import decompose_rating
from voc.insights.detected import change_points
from voc.insights.facts import Facts
from voc.insights.index import Floats, Ints, Mask
from voc.insights.movement import movements
from voc.insights.phases import resolve_phases
from voc.insights.scope import Scope
from voc.tables import conform, empty, from_rows

Figure = dict[str, Any]
_START = dt.date(2020, 1, 1)
_DAYS = 730  # from 2020-01-01 to the end of 2021-12-30
_STARS = np.arange(1.0, 6.0)
_SHAPE = np.array([0.06, 0.05, 0.08, 0.20, 0.61])  # of stars, as marketplaces show them; mean 4.25


def drawn_facts(day: Ints, stars: Floats, mentions: Mask) -> Facts:
    """Return facts of reviews with days (since 2020-01-01), stars, and themes, shape (reviews, themes)."""
    n = len(day)
    ids = np.char.add("r", np.char.zfill(np.arange(n).astype(str), 7)).tolist()
    now = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    written = (np.datetime64(_START) + day.astype("timedelta64[D]")).astype("datetime64[us]")
    row, theme = np.nonzero(mentions)
    said = pa.array(ids).take(pa.array(row))
    reviews = {
        "review_id": pa.array(ids),
        "channel": ["review"] * n,
        "source": ["drawn"] * n,
        "rating": stars,
        "text": ["x"] * n,
        "written_at": pa.array(written).cast(pa.timestamp("us", tz="UTC")),
        "ingested_at": [now] * n,
        "import_id": ["i"] * n,
    }
    found = {
        "mention_id": [f"m{i}" for i in range(len(row))],
        "review_id": said,
        "theme_id": [f"t{t:03d}" for t in theme.tolist()],
        **dict.fromkeys(("clause_start", "clause_end"), np.zeros(len(row), np.int32)),
        **dict.fromkeys(("polarity", "confidence", "severity"), np.zeros(len(row))),
        "hazard": np.zeros(len(row), bool),
    }
    words = {"kind": "pain", "specificity": "trouble", "target": "product", "model_version": "drawn"}
    themes = [
        {
            "theme_id": f"t{t:03d}", "kind": "pain", "name": f"theme {t}", "keywords": [], "size": 1,
            "state": "active", "first_run": now, "renamed_by_user": False,
        }
        for t in range(mentions.shape[1])
    ]  # fmt: skip
    read = {"review_id": ids, "analysed": [True] * n, "truncated": [False] * n, "model_version": ["drawn"] * n}
    return Facts(
        reviews=conform("reviews", pa.table(reviews)),
        readings=conform("readings", pa.table(read)),
        mentions=conform("mentions", pa.table(found | {k: [v] * len(row) for k, v in words.items()})),
        themes=from_rows("themes", themes),
    )


def simulate_change_points(
    *, runs: int, reviews: int, drop: float, spread: float = 0.0, growth: float = 1.0, seed: int = 0
) -> list[Figure]:
    """Draw two years of reviews whose mean rating falls by `drop` stars on 2021-01-01, and search them.

    Args:
        runs: how often.
        reviews: drawn in each run.
        drop: 0 draws flat data, and the false alarms are counted.
        spread: standard deviation of a level that all reviews of a month share.
        growth: how many times as many reviews the last day has as the first; other than 1, the volume is not flat.
        seed: of the random numbers.

    Returns:
        On flat data the share of runs with a suggested change of the rating, and of the volume; else the share in
        which one is suggested within two months of the truth, and the coverage of the means before and after in them.
    """
    config = InsightsConfig(bootstrap=200)
    level = 1 - config.confidence
    alarms, near, off, covered = {"rating": 0, "volume": 0}, 0, 0, []
    cdf = np.cumsum(_SHAPE)
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        day = np.floor(_drawn_days(rng, reviews, growth)).astype(np.int64)
        month = rng.normal(0, 1, 24)[np.minimum(day * 24 // _DAYS, 23)] * spread
        # A share of the reviews loses stars: the shape stays that of marketplaces.
        stars = _STARS[np.searchsorted(cdf, rng.random(reviews))]
        shift = month - drop * (day >= 366)
        low, high = stars - 1, 5 - stars
        share = np.where(shift < 0, -shift / (_SHAPE @ (_STARS - 1)), shift / (_SHAPE @ (5 - _STARS)))
        stars = np.where(rng.random(reviews) < share, np.where(shift < 0, stars - low, stars + high), stars)
        found = change_points(drawn_facts(day, stars, np.zeros((reviews, 0), bool)), Scope(), config=config)
        calls = [r for r in found.table.to_pylist() if r["suggested"]]
        for measure in alarms:
            alarms[measure] += any(r["measure"] == measure for r in calls)
        times = [r for r in calls if r["measure"] == "rating"]
        hits = [r for r in times if abs((r["at"] - dt.date(2021, 1, 1)).days) <= 62]
        near, off = near + bool(hits), off + (len(times) > len(hits[:1]))
        mean = float(_SHAPE @ _STARS)
        if len(times) == len(hits) == 1:
            for side, truth in (("before", mean), ("after", mean - drop)):
                covered.append(hits[0][f"{side}_low"] <= truth <= hits[0][f"{side}_high"])
    if not drop:
        names = {"rating": "false alarm: change of a flat rating", "volume": "false alarm: change of a flat volume"}
        kept = names if growth == 1 else {"rating": names["rating"]}
        return [_figure(name, level, alarms[m] / runs, runs) for m, name in kept.items()]
    return [
        _figure(f"power: a fall by {drop} stars found within two months", None, near / runs, runs),
        _figure("a further change suggested beside it", level, off / runs, runs),
        _figure(
            "coverage: means before and after", config.confidence, float(np.mean(covered or [np.nan])), len(covered)
        ),
    ]


def _drawn_days(rng: np.random.Generator, size: int, growth: float) -> Floats:
    """Return times whose density grows in a straight line, by inverting its distribution function."""
    u = rng.random(size)
    slope = growth - 1
    share = u if slope == 0 else (np.sqrt(1 + u * (growth**2 - 1)) - 1) / slope
    return share * _DAYS


def simulate_decomposition(*, runs: int, reviews: int, seed: int = 0) -> list[Figure]:
    """Draw two phases with known reach and stars of five themes, and see how often the intervals hold the truth.

    Themes: one that grows, one whose stars fall, one that stays, a rare one that doubles, and one that nobody
    mentions before. `reviews` are those of each phase.
    """
    config = InsightsConfig(bootstrap=300)
    reach = np.array([[0.10, 0.15, 0.08, 0.01, 0.00], [0.20, 0.15, 0.08, 0.02, 0.06]])
    stars = np.array([[-1.2, -0.5, -0.8, -1.0, -1.5], [-1.2, -1.3, -0.8, -1.0, -1.5]])
    constant = np.array([4.4, 4.3])
    by_reach = (reach[1] - reach[0]) * stars.mean(axis=0)
    by_stars = (stars[1] - stars[0]) * reach.mean(axis=0)
    names = ["growing", "stars fall", "same", "rare", "new"]
    held: dict[str, list[bool]] = {}
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        has = [rng.random((reviews, 5)) < r for r in reach]
        given = [
            c + h @ s + rng.choice([-0.5, 0.1, 0.4], size=reviews) for c, h, s in zip(constant, has, stars, strict=True)
        ]
        data = drawn_facts(np.zeros(2 * reviews, np.int64), np.concatenate(given), np.concatenate(has))
        after = np.arange(2 * reviews) >= reviews
        found = decompose_rating(data, ~after, after, config=config)
        for row in found.table.to_pylist():
            if row["theme_id"] is None:
                truths = {"contribution": constant[1] - constant[0]}
                name = "everything else"
            else:
                t = int(row["theme_id"][1:])
                truths = {"by_reach": by_reach[t], "by_stars": by_stars[t], "contribution": by_reach[t] + by_stars[t]}
                name = names[t]
            for column, truth in truths.items():
                if row[f"{column}_low"] is None:
                    continue
                inside = row[f"{column}_low"] - 1e-9 <= truth <= row[f"{column}_high"] + 1e-9
                held.setdefault(f"coverage: {column}, {name}", []).append(inside)
    return [_figure(k, config.confidence, float(np.mean(v)), len(v)) for k, v in held.items()]


def simulate_movements(*, runs: int, reviews: int, planted: bool, seed: int = 0) -> list[Figure]:
    """Draw two phases of 40 themes; where `planted`, one in four moves, and see what is called.

    Planted are, of ten themes: four that grow from 5 to 12 %, two that shrink from 12 to 5 %, two that emerge (0 to
    8 %) and two that resolve (8 to 0 %). The other thirty have 0.5 to 12 %. Besides, a theme whose reach changes by
    exactly the margin of "steady" shows how often it is called steady wrongly.
    """
    config = InsightsConfig()
    themes = 40
    share = np.tile(np.geomspace(0.005, 0.12, themes), (2, 1))
    truth = np.array(["same"] * themes, dtype=object)
    if planted:
        moved = np.arange(0, themes, 4)
        truth[moved] = ["growing"] * 4 + ["shrinking"] * 2 + ["emerging"] * 2 + ["resolved"] * 2
        for kind, (was, now) in {"growing": (0.05, 0.12), "shrinking": (0.12, 0.05), "emerging": (0, 0.08),
                                 "resolved": (0.08, 0)}.items():  # fmt: skip
            share[:, truth == kind] = [[was], [now]]
    share = np.concatenate([share, [[0.03], [0.05]]], axis=1)
    phases = [
        PhaseConfig(name="one", start=_START, end=dt.date(2021, 1, 1)),
        PhaseConfig(name="two", start=dt.date(2021, 1, 1)),
    ]
    wrong, right, steady, any_wrong = [], [], [], 0
    table = resolve_phases(phases, empty("reviews"), None)
    for run in range(runs):
        rng = np.random.default_rng([seed, run])
        has = np.concatenate([rng.random((reviews, themes + 1)) < s for s in share])
        day = np.repeat([10, 400], reviews)
        data = drawn_facts(day, np.full(2 * reviews, 4.0), has[:, :themes])
        found = movements(Facts(**{**vars(data), "phases": table}), config=config).to_pylist()
        calls = {int(r["theme_id"][1:]): r["movement"] for r in found}
        kinds = {t: m for t, m in calls.items() if m in ("emerging", "growing", "shrinking", "resolved")}
        up, down = ("growing", "emerging"), ("shrinking", "resolved")
        false = [t for t, m in kinds.items() if not any(truth[t] in way and m in way for way in (up, down))]
        any_wrong += bool(false)
        wrong.append(len(false) / max(len(kinds), 1))
        right += [calls.get(t) == truth[t] for t in range(themes) if truth[t] != "same"]
        edge = drawn_facts(day, np.full(2 * reviews, 4.0), has[:, themes:])
        alone = movements(Facts(**{**vars(edge), "phases": table}), config=config).to_pylist()
        steady.append(bool(alone) and alone[0]["movement"] == "steady")
    level = 1 - config.confidence
    figures = [
        _figure("false discovery rate of movements", level, float(np.mean(wrong)), runs),
        _figure("steady called at the margin itself", level / 2, float(np.mean(steady)), runs),
    ]
    if planted:
        return [*figures, _figure("power: planted movements called by name", None, float(np.mean(right)), len(right))]
    return [*figures, _figure("any false movement among 40 themes", level, any_wrong / runs, runs)]


def _figure(name: str, nominal: float | None, measured: float, runs: int) -> Figure:
    return {"name": name, "nominal": nominal, "measured": measured, "runs": runs}
