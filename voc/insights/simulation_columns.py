"""Simulations with known truth for the further columns: second opinion, fixed scales, Kano classes, correction.

Each function draws reviews many times over, asks the column as a user would, and returns figures as dictionaries of
`name`, `nominal` (what the figure should be; None where there is no set level), `measured` and `runs`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.correction import Checks, Labels, across, corrected_reach, from_labels
from voc.insights.facts import Facts
from voc.insights.importance import IMPORTANCE_CUT, QUADRANTS, SATISFACTION_CUT, importance, importance_scale
from voc.insights.index import Floats, Ints, Mask
from voc.insights.kano import CLASSES, NOTICEABLE, kano
from voc.insights.opportunities import opportunities
from voc.insights.scope import Scope
from voc.insights.second_opinion import adjusted_impacts
from voc.tables import conform, from_rows

Figure = dict[str, Any]
_NOW = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def _figure(name: str, nominal: float | None, hits: list[bool], runs: int) -> Figure:
    return {"name": name, "nominal": nominal, "measured": float(np.mean(hits)) if len(hits) else None, "runs": runs}


def drawn_facts(
    stars: Floats,
    product: Ints,
    *,
    pain: Mask | None = None,
    severity: Floats | None = None,
    areas: Sequence[str] = (),
    area_of: Sequence[int] | None = None,
    blamed: Mask | None = None,
    praised: Mask | None = None,
) -> Facts:
    """Return facts of drawn reviews.

    Args:
        stars: of each review, shape (n,).
        product: number of each review's product, shape (n,).
        pain: which reviews mention which themes ("t0", "t1" ...) as troubles, shape (n, themes).
        severity: of these mentions, shape (n, themes); 0.5 if not given.
        areas: names of areas.
        area_of: position in `areas` for each theme.
        blamed: which reviews judge which areas as bad, in no theme, shape (n, areas).
        praised: which reviews judge which areas as good, shape (n, areas).
    """
    ids = np.char.add("r", np.char.zfill(np.arange(len(stars)).astype(str), 7))
    themes = 0 if pain is None else pain.shape[1]
    place = np.array([-1] * themes if area_of is None else area_of)
    parts = []
    for which, kind, specificity in ((pain, "pain", "trouble"), (blamed, "pain", "judgement"), (praised, "praise", "")):
        row, column = np.nonzero(np.zeros((0, 0), bool) if which is None else which)
        in_theme = specificity == "trouble"
        area = place[column] if in_theme else column
        depth = severity[row, column] if in_theme and severity is not None else np.full(len(row), 0.5)
        themed = [f"t{c}" if in_theme else None for c in column]
        parts.append((ids[row], [kind] * len(row), [specificity or "judgement"] * len(row), depth, area, themed))
    review_id, kinds, specificities, depths, area, theme = (
        np.concatenate([np.asarray(part[i], object) for part in parts]) for i in range(6)
    )
    n = len(review_id)
    mentions = {
        "mention_id": [f"m{i}" for i in range(n)],
        "review_id": review_id,
        "kind": kinds,
        "specificity": specificities,
        "target": ["product"] * n,
        "clause_start": [0] * n,
        "clause_end": [4] * n,
        "polarity": [0.0] * n,
        "confidence": [0.9] * n,
        "severity": depths.astype(float),
        "hazard": [False] * n,
        "area_id": pa.array([None if a < 0 else f"a{a}" for a in area], pa.string()),
        "theme_id": pa.array(theme, pa.string()),
        "model_version": ["drawn"] * n,
    }
    common = {"ingested_at": [_NOW] * len(ids), "import_id": ["i"] * len(ids), "source": ["drawn"] * len(ids)}
    reviews = {
        "review_id": ids,
        "channel": ["review"] * len(ids),
        "text": ["text"] * len(ids),
        "rating": stars,
        **common,
    }
    reviews["product_id"] = np.char.add("p", product.astype(str))
    read = {"review_id": ids, "analysed": [True] * len(ids), "truncated": [False] * len(ids)}
    named: list[Figure] = [
        {"theme_id": f"t{t}", "kind": "pain", "name": f"trouble {t}", "keywords": [], "size": 1, "state": "active",
         "first_run": _NOW, "renamed_by_user": False, "area_id": f"a{place[t]}" if place[t] >= 0 else None}
        for t in range(themes)
    ]  # fmt: skip
    return Facts(
        reviews=conform("reviews", pa.table(reviews)),
        readings=conform("readings", pa.table(read | {"model_version": ["drawn"] * len(ids)})),
        mentions=conform("mentions", pa.table(mentions)),
        themes=from_rows("themes", named),
        areas=from_rows("areas", [{"area_id": f"a{i}", "name": a, "synonyms": []} for i, a in enumerate(areas)]),
    )


def _overlapping(rng: np.random.Generator, n: int) -> Mask:
    """Draw five troubles: the second is named in 60 % of the reviews with the first, and seldom without it."""
    has = rng.random((n, 5)) < np.array([0.10, 0.02, 0.09, 0.03, 0.01])
    has[:, 1] |= has[:, 0] & (rng.random(n) < 0.6)
    return np.asarray(has)


def _rated(rng: np.random.Generator, base: Floats) -> Floats:
    return np.clip(np.round(base + rng.normal(0, 1, len(base))), 1, 5)


#: Stars that a review with each of the drawn troubles lacks: the second costs nothing by itself.
_COST = np.array([1.5, 0.0, 0.8, 1.0, 1.0])


def simulate_adjusted(
    *, runs: int, reviews: int = 1500, products: int = 1, config: InsightsConfig | None = None, seed: int = 1
) -> list[Figure]:
    """Coverage of the adjusted impacts, and how often each opinion has the first three themes in their true order.

    With `products` above 10, products differ by 0.3 stars (standard deviation) and the bootstrap draws products.
    """
    config = config or InsightsConfig()
    rng = np.random.default_rng(seed)
    spread = 0.3 if products > 1 else 0.0

    def draw(n: int, groups: int) -> tuple[Floats, Ints, Mask]:
        product, has = rng.integers(0, groups, n), _overlapping(rng, n)
        return _rated(rng, 4.6 + rng.normal(0, spread, groups)[product] - has @ _COST), product, has

    stars, _, has = draw(2_000_000, 20_000 if products > 1 else 1)
    share = has.mean(axis=0)
    centred = (has - share).astype(np.float32)
    truth = -share * np.linalg.solve(centred.T @ centred, centred.T @ (stars - stars.mean()).astype(np.float32))
    order = np.argsort(-truth[:3]).tolist()
    covered: list[bool] = []
    named: list[bool] = []
    adjusted: list[bool] = []
    headline: list[bool] = []
    for _ in range(runs):
        stars, product, has = draw(reviews, products)
        rows = adjusted_impacts(drawn_facts(stars, product, pain=has), Scope(), config=config).to_pylist()
        by = {row["theme_id"]: row for row in rows}
        some = [by[f"t{i}"] for i in range(5) if f"t{i}" in by]
        covered += [r["adjusted_low"] <= truth[int(r["theme_id"][1])] <= r["adjusted_high"] for r in some]
        for column, hits in (("adjusted_impact", adjusted), ("star_impact", headline)):
            hits.append(np.argsort([-by[f"t{i}"][column] for i in range(3)]).tolist() == order)
        named.append(by["t1"]["shared_with_ids"] == ["t0"])
    what = "products drawn" if products > 1 else "reviews drawn"
    return [
        _figure(f"adjusted star impact covers its truth ({what})", config.confidence, covered, runs),
        _figure(f"true order of three troubles, two of which overlap by 60 %: adjusted ({what})", None, adjusted, runs),
        _figure(f"the same: headline ({what})", None, headline, runs),
        _figure(f"'shared with' names the trouble that takes the stars, and no other ({what})", None, named, runs),
    ]


def simulate_importance(*, runs: int, reviews: int = 2000, seed: int = 2) -> list[Figure]:
    """Coverage of severity-weighted reach, importance, satisfaction and opportunity; quadrants called wrongly."""
    config = InsightsConfig()
    rng = np.random.default_rng(seed)
    reach = np.array([0.005, 0.012, 0.04, 0.10])
    scale = np.array([3.0, 1.0, 4.0, 2.0])  # of severity: beta with mean scale / (scale + 2)
    content, blame = np.array([0.02, 0.06, 0.01, 0.15]), np.array([0.01, 0.02, 0.02, 0.05])
    only_content = content * (1 - reach) * (1 - blame)
    judging = 1 - (1 - reach) * (1 - blame) * (1 - content)
    want, have = importance_scale(reach), 10 * only_content / judging
    truth = {
        "severe_reach": reach * scale / (scale + 2),
        "importance": want,
        "satisfaction": have,
        "opportunity": want + np.maximum(want - have, 0),
    }
    quadrant = [
        QUADRANTS[bool(a >= IMPORTANCE_CUT), bool(b >= SATISFACTION_CUT)] for a, b in zip(want, have, strict=True)
    ]
    hits: dict[str, list[bool]] = {name: [] for name in truth}
    wrong, called = [], []
    for _ in range(runs):
        pain, praised, blamed = (rng.random((reviews, 4)) < p for p in (reach, content, blame))
        facts = drawn_facts(
            np.full(reviews, 4.0), np.zeros(reviews, int), pain=pain, severity=rng.beta(scale, 2.0, (reviews, 4)),
            areas=[f"part {i}" for i in range(4)], area_of=range(4), blamed=blamed, praised=praised,
        )  # fmt: skip
        for row in importance(facts, Scope(), config=config).to_pylist():
            i = int(row["theme_id"][1])
            for name, value in truth.items():
                if row[name] is not None:
                    hits[name].append(row[f"{name}_low"] <= value[i] <= row[f"{name}_high"])
            called.append(row["quadrant"] != "undetermined")
            wrong.append(row["quadrant"] not in ("undetermined", quadrant[i]))
    figures = [_figure(f"{n.replace('_', ' ')} covers its truth", config.confidence, h, runs) for n, h in hits.items()]
    return [
        *figures,
        _figure("quadrants called", None, called, runs),
        _figure("quadrants called wrongly (at most)", round(1 - config.confidence, 6), wrong, runs),
    ]


#: Penalty and reward of the areas of `simulate_kano`, in stars.
_EFFECTS = np.array([[1.2, 0.0], [0.9, 0.8], [0.0, 0.9], [0.0, 0.0]])


def simulate_kano(*, runs: int, reviews: int = 6000, share: float = 0.08, seed: int = 3) -> list[Figure]:
    """Coverage of penalties and rewards, and classes recovered, missed and mistaken; `share` blames, and praises."""
    config = InsightsConfig()
    rng = np.random.default_rng(seed)
    # A middling rating with room above and below, so that the stars' ends do not bend the effects.
    classes = [CLASSES[bool(p >= NOTICEABLE), bool(r >= NOTICEABLE)] for p, r in _EFFECTS]

    def draw(n: int) -> tuple[Floats, Mask, Mask]:
        blamed, praised = rng.random((n, 4)) < share, rng.random((n, 4)) < share
        return _rated(rng, 3.0 - blamed @ _EFFECTS[:, 0] + praised @ _EFFECTS[:, 1]), blamed, praised

    stars, blamed, praised = draw(2_000_000)
    sides = np.concatenate([-blamed.astype(np.float32), praised], axis=1)
    sides -= sides.mean(axis=0)
    truth = np.linalg.solve(sides.T @ sides, sides.T @ (stars - stars.mean()).astype(np.float32)).reshape(2, 4)
    covered, right, wrong, unsure = [], [], [], []
    for _ in range(runs):
        stars, blamed, praised = draw(reviews)
        names = [f"part {i}" for i in range(4)]
        facts = drawn_facts(stars, np.zeros(reviews, int), areas=names, blamed=blamed, praised=praised)
        for row in kano(facts, Scope(), config=config).to_pylist():
            i = int(row["area_id"][1])
            for side, name in enumerate(("penalty", "reward")):
                if row[name] is not None:
                    covered.append(row[f"{name}_low"] <= truth[side, i] <= row[f"{name}_high"])
            right.append(row["kano_class"] == classes[i])
            unsure.append(row["kano_class"] == "undetermined")
            wrong.append(not (right[-1] or unsure[-1]))
    where = f"{reviews:,} reviews, {share:.1%} on each side of an area"
    return [
        _figure(f"penalty or reward covers its truth ({where})", config.confidence, covered, runs),
        _figure(f"Kano class recovered ({where})", None, right, runs),
        _figure(f"Kano class undetermined ({where})", None, unsure, runs),
        _figure(f"Kano class mistaken (at most; {where})", round(1 - config.confidence, 6), wrong, runs),
    ]


def simulate_extraction(
    *, runs: int, reviews: int = 3000, reach: float = 0.08, labelled: int = 300, grim: float = 1.0, seed: int = 4
) -> list[Figure]:
    """Coverage of reach and star impact read with precision 0.85 and recall 0.75, as extracted and corrected.

    Labels are `labelled` reviews with the trouble and twice as many without it; checks are `labelled` reviews each.
    With `grim` above 1, reviews of three stars and fewer are so many times as often mistaken for the trouble, which the
    correction of the star impact takes not to be so.
    """
    config = InsightsConfig()
    rng = np.random.default_rng(seed)
    recall, precision = 0.75, 0.85
    alarms = reach * recall * (1 / precision - 1) / (1 - reach)  # share found of the reviews without it

    def draw(n: int) -> tuple[Floats, Mask, Mask]:
        there = rng.random(n) < reach
        stars = _rated(rng, 4.5 - 1.5 * there.astype(float))
        odds = np.where(stars <= 3, grim, 1.0)
        mistaken = alarms * odds / odds[~there].mean()
        return stars, there, np.where(there, rng.random(n) < recall, rng.random(n) < mistaken)

    stars, there, _ = draw(2_000_000)
    impact = stars[~there].mean() - stars.mean()
    hits: dict[str, list[bool]] = {}

    def note(name: str, row: dict[str, Any], column: str, truth: float) -> None:
        if row[f"{column}_low"] is not None:
            hits.setdefault(name, []).append(row[f"{column}_low"] <= truth <= row[f"{column}_high"])

    for _ in range(runs):
        stars, _, found = draw(reviews)
        facts = drawn_facts(stars, np.zeros(reviews, int), pain=found[:, None])
        labels = Labels(labelled, rng.binomial(labelled, recall), 2 * labelled, rng.binomial(2 * labelled, 1 - alarms))
        checks = Checks(labelled, rng.binomial(labelled, precision), labelled, rng.binomial(labelled, recall))
        for name, counts in (("labels", labels), ("checks", checks)):
            (row,) = (
                r
                for r in corrected_reach(facts, Scope(), config=config, themes={"t0": counts}).to_pylist()
                if r["id"] == "t0"
            )
            note(f"reach corrected by {name}", row, "corrected", reach)
            note(f"star impact corrected by {name}", row, "corrected_impact", impact)
            note("reach as extracted", row, "reach", reach)
        (headline,) = opportunities(facts, Scope(), config=config).to_pylist()
        note("star impact as extracted", headline, "star_impact", impact)
    level = {True: config.confidence, False: None}
    where = f"{reach:.0%} of {reviews:,} reviews" + (
        f", low stars mistaken {grim:g} times as often" if grim != 1 else ""
    )
    named = {f"{name} covers its truth ({where})": name for name in sorted(hits)}
    return [_figure(text, level["corrected" in name], hits[name], runs) for text, name in named.items()]


def simulate_across(*, runs: int, sets: int = 5, spread: float = 0.05, seed: int = 5) -> list[Figure]:
    """Coverage of corrected reach where sensitivity and specificity differ from one sort of product to the next."""
    confidence = InsightsConfig().confidence
    rng = np.random.default_rng(seed)
    hits: dict[str, list[bool]] = {"sets added up": [], "sets as different sorts of products": []}
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
        for name, known in zip(hits, (added, across(labels, confidence)), strict=True):
            _, low, high, reason = from_labels(count, 3000, known, confidence)
            if reason is None:
                hits[name].append(low <= 0.3 <= high)
    return [_figure(f"reach corrected by labels of {sets} {n}", confidence, h, runs) for n, h in hits.items()]
