"""What moved the mean rating between two groups of reviews: parts by theme that add up exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights.facts import Facts
from voc.insights.index import Floats, Ints, Mask
from voc.insights.moments import Side, moments, resampled
from voc.insights.phases import members
from voc.insights.ranking import number
from voc.insights.scope import Scope, find_phase, population, select
from voc.tables.changes import DECOMPOSITION

#: With fewer rated reviews on one side the change is not split by theme.
MIN_RATED = 30
#: A theme is told apart from this many rated reviews on, both sides together.
MIN_MENTIONS = 5
#: Of the rated reviews of the smaller side, at most one theme for so many is told apart.
REVIEWS_PER_THEME = 5
#: Weight, in reviews, with which a side's stars per theme are drawn to those of both sides together.
RIDGE = 1.0
#: Weight, in reviews, with which those of both sides are drawn to 0; it tells collinear themes apart.
POOLED_RIDGE = 0.1


@dataclass(frozen=True)
class Decomposition:
    """The change of the mean rating and its parts."""

    table: pa.Table  # schema DECOMPOSITION, largest contribution first, everything else last
    change: float | None  # mean after minus mean before; null where one side has no rating
    change_low: float | None  # null with fewer than two ratings on one side
    change_high: float | None
    mean_before: float | None
    mean_after: float | None
    rated_before: int
    rated_after: int
    left_out: int  # themes mentioned too rarely to be told apart; they are part of everything else
    reason: str | None  # plain words: why the change is not split by theme; null where it is


def decompose_rating(
    facts: Facts,
    before: Scope | str | Mask,
    after: Scope | str | Mask,
    scope: Scope = Scope(),  # noqa: B008 - frozen
    *,
    config: InsightsConfig,
) -> Decomposition:
    """Split the change of the mean rating between two groups of reviews into parts that add up exactly.

    On each side the stars are regressed on indicators of the active pain themes, so that with a constant the mean
    rating is constant + sum of reach x stars, exactly. The change of each product of two factors is shared between
    them by the average over both orders (Shapley value; Shorrocks 2013, Decomposition procedures for distributional
    analysis): change of reach x mean stars, and change of stars x mean reach. This is the two-fold decomposition of
    Oaxaca (1973) and Blinder (1973) with the symmetric weights of Reimers (1983); see Jann 2008, The Blinder-Oaxaca
    decomposition for linear regression models, section 2. What the constant adds is "everything else": praise,
    troubles in no theme, the mix of products, mood.

    The stars of a side are drawn a little (`RIDGE`) towards those of both sides together, estimated within the sides.
    A theme that nobody mentions on one side takes the stars of the other, and all its part is by reach. Themes
    in fewer than `MIN_MENTIONS` rated reviews of both sides, and the rarest where there are more than one for
    `REVIEWS_PER_THEME` reviews of the smaller side, stay in everything else. A prediction stands for a missing rating.

    Intervals have the standard error of a bootstrap over the reviews of either side, which draws reach and regression
    anew. The quantile is normal for the part by reach, else t with the degrees of freedom that Satterthwaite (1946)
    gives to two sides with so many mentions. They are of each part alone, and take reviews as independent of one
    another. The interval of the change is Welch's. With many reviews fewer replicates are drawn, at least 200.

    The parts say what goes together with the change, not what caused it: reviews that mention a theme may differ in
    other ways, and fixing a theme need not bring its stars back.

    Args:
        facts: the tables.
        before: a scope, the id or name of a phase, or a mask of reviews in the order of `facts.index`.
        after: likewise; no review may be on both sides.
        scope: narrows both sides.
        config: confidence level, replicates, seed.

    Raises:
        VocError: a scope or phase is unknown, a mask has the wrong length, or both sides share reviews.
    """
    index = facts.index
    masks = [select(facts, scope) & _members(facts, side) for side in (before, after)]
    shared = int((masks[0] & masks[1]).sum())
    if shared:
        raise VocError(f"before and after share {shared} reviews; choose two groups without common reviews.")
    rated = population(index, masks[0] | masks[1]) & ~np.isnan(index.stars)
    rows = [np.flatnonzero(mask & rated) for mask in masks]
    sizes = [len(r) for r in rows]
    pairs = index.theme_pairs
    counts = [np.bincount(pairs.group[np.isin(pairs.row, r)], minlength=pairs.size) for r in rows]
    mentioned = counts[0] + counts[1]
    split = min(sizes) >= MIN_RATED
    themes = _told_apart(mentioned, min(sizes) // REVIEWS_PER_THEME if split else 0)
    sides = [Side.of(index.stars, pairs, r, themes) for r in rows]
    reason = None
    if not min(sizes):
        reason = f"there is no rating {'before' if not sizes[0] else 'after'}"
    elif not split:
        where = "before" if sizes[0] < MIN_RATED else "after"
        reason = f"fewer than {MIN_RATED} rated reviews {where}, so the change is not split by theme"
    elif not mentioned.any():
        reason = "no theme is mentioned in these reviews"
    elif not len(themes):
        reason = f"no theme is mentioned in {MIN_MENTIONS} of these reviews"
    table, means = DECOMPOSITION.empty_table(), [s.stars.mean() if len(s.stars) else np.nan for s in sides]
    if min(sizes):
        table = _table(facts, sides, themes, config)
    low, high = _welch(sides, config.confidence)
    return Decomposition(
        table, number(means[1] - means[0]), number(low), number(high), number(means[0]), number(means[1]),
        sizes[0], sizes[1], int((mentioned > 0).sum()) - len(themes), reason,
    )  # fmt: skip


def _members(facts: Facts, side: Scope | str | Mask) -> Mask:
    if isinstance(side, Scope):
        return select(facts, side)
    if isinstance(side, str):
        return members(facts.index, find_phase(facts, side))
    if side.shape != (facts.index.size,) or side.dtype != bool:
        raise VocError(
            f"a mask of shape {side.shape} and type {side.dtype} does not choose among {facts.index.size} reviews; "
            "give one boolean for each review."
        )
    return side


def _told_apart(mentioned: Ints, most: int) -> Ints:
    """Return the themes that get a part of their own: the most mentioned ones, in the order of their ids."""
    enough = np.flatnonzero(mentioned >= MIN_MENTIONS)
    return np.sort(enough[np.argsort(-mentioned[enough], kind="stable")][:most])


def _welch(sides: list[Side], confidence: float) -> tuple[float, float]:
    from scipy.stats import t

    if min(len(s.stars) for s in sides) < 2:
        return np.nan, np.nan
    parts = np.array([s.stars.var(ddof=1) / len(s.stars) for s in sides])
    change, error = sides[1].stars.mean() - sides[0].stars.mean(), float(np.sqrt(parts.sum()))
    if error == 0:
        return change, change
    freedom = parts.sum() ** 2 / sum(p**2 / (len(s.stars) - 1) for p, s in zip(parts, sides, strict=True))
    half = float(t.ppf((1 + confidence) / 2, freedom)) * error
    return change - half, change + half


def parts(before: dict[str, Floats], after: dict[str, Floats]) -> dict[str, Floats]:
    """Return reach, stars and contributions from the moments of both sides (see `moments.moments`).

    Returns:
        `change` (r,), and of shape (r, themes) `reach_before`, `reach_after`, `stars_before`, `stars_after`,
        `by_reach`, `by_stars`.
    """
    sides = (before, after)
    n = [s["n"][:, None] for s in sides]
    reach = [s["x"] / size for s, size in zip(sides, n, strict=True)]
    mean = [s["y"] / s["n"] for s in sides]
    themes = reach[0].shape[1]
    # Sums of products around the means of the side: a constant of its own is taken out.
    gram = [s["xx"] - s["x"][:, :, None] * r[:, None, :] for s, r in zip(sides, reach, strict=True)]
    with_y = [s["xy"] - r * s["y"][:, None] for s, r in zip(sides, reach, strict=True)]
    unit = np.eye(themes)
    pooled = _solve(gram[0] + gram[1] + POOLED_RIDGE * unit, with_y[0] + with_y[1])
    stars = [_solve(g + RIDGE * unit, c + RIDGE * pooled) for g, c in zip(gram, with_y, strict=True)]
    stars = [np.where(s["x"] > 0, own, other) for s, own, other in zip(sides, stars, stars[::-1], strict=True)]
    return {
        "change": mean[1] - mean[0],
        "reach_before": reach[0],
        "reach_after": reach[1],
        "stars_before": stars[0],
        "stars_after": stars[1],
        "by_reach": (reach[1] - reach[0]) * (stars[0] + stars[1]) / 2,
        "by_stars": (stars[1] - stars[0]) * (reach[0] + reach[1]) / 2,
    }


def _solve(matrix: Floats, right: Floats) -> Floats:
    return np.asarray(np.linalg.solve(matrix, right[:, :, None])[:, :, 0])


def _contributions(found: dict[str, Floats]) -> Floats:
    """Return all contributions side by side: by reach, by stars and in all for each theme, and the rest."""
    total = found["by_reach"] + found["by_stars"]
    rest = found["change"] - total.sum(axis=1)
    return np.concatenate([found["by_reach"], found["by_stars"], total, rest[:, None]], axis=1)


def _table(facts: Facts, sides: list[Side], themes: Ints, config: InsightsConfig) -> pa.Table:
    point = parts(*(moments(s, np.ones((len(s.stars), 1))) for s in sides))
    value = _contributions(point)[0]
    draws = np.concatenate(
        [_contributions(parts(b, a)) for b, a in resampled(sides, replicates=config.bootstrap, seed=config.seed)]
    )
    count = np.array([s.themes.sum(axis=0) for s in sides])
    half = _quantiles(count, [len(s.stars) for s in sides], config.confidence) * draws.std(axis=0, ddof=1)
    k = len(themes)
    rows: list[dict[str, Any]] = []
    for i in np.lexsort((np.arange(k), -np.abs(value[2 * k : 3 * k]))).tolist():
        named = facts.index.themes[themes[i]]
        row: dict[str, Any] = {"theme_id": named.id, "name": named.name}
        for column, at in (("by_reach", i), ("by_stars", k + i), ("contribution", 2 * k + i)):
            known = column != "by_stars" or count[:, i].all()
            row |= _with_interval(column, value[at], half[at] if known else None)
        for side, mentions in zip(("before", "after"), count[:, i], strict=True):
            row[f"reviews_{side}"] = int(mentions)
            row[f"reach_{side}"] = float(point[f"reach_{side}"][0, i])
            row[f"stars_{side}"] = float(point[f"stars_{side}"][0, i]) if mentions else None
        rows.append(row)
    rows.append({"theme_id": None, "name": "everything else", **_with_interval("contribution", value[-1], half[-1])})
    return pa.Table.from_pylist(rows, schema=DECOMPOSITION)


def _quantiles(count: Floats, sizes: list[int], confidence: float) -> Floats:
    """Return by how many standard errors each contribution's interval reaches out, shape (3 * themes + 1,).

    The variance of stars on a side with m mentions goes as 1 / m, that of reach x stars as m / reviews^2.
    """
    from scipy.stats import norm, t

    def freedom(variance: Floats) -> Floats:
        return np.asarray(variance.sum(axis=0) ** 2 / (variance**2 / np.maximum(count - 1, 1)).sum(axis=0))

    level = (1 + confidence) / 2
    z = norm.ppf(level)
    by_stars = t.ppf(level, freedom(1 / np.maximum(count, 1)))
    total = t.ppf(level, freedom(count / np.array(sizes)[:, None] ** 2))
    return np.concatenate([np.full(count.shape[1], z), by_stars, total, [z]])


def _with_interval(column: str, value: float, half: float | None) -> dict[str, float | None]:
    low, high = (None, None) if half is None else (float(value - half), float(value + half))
    return {column: float(value), f"{column}_low": low, f"{column}_high": high}
