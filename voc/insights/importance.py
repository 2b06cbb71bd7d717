"""Further columns of an opportunity on fixed scales: severity-weighted reach, Ulwick's opportunity, and the quadrant.

A score on a fixed scale depends on the theme's own counts alone: it is the same whatever other themes are in the scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.arrays import distinct
from voc.insights.facts import Facts
from voc.insights.index import Floats, Index, Ints, Mask
from voc.insights.intervals import wilson
from voc.insights.ranking import number
from voc.insights.scope import Scope, population, select
from voc.tables.compared import IMPORTANCE
from voc.themes.areas import OTHER, WHOLE

#: Importance rises by so many points with every tenfold of reach ...
POINTS_PER_TENFOLD = 4.0
#: ... from 0 at this reach on: 1 in 1,000 reviews 0, 1 in 100 4, 1 in 10 8, about 1 in 3 and more 10.
REACH_OF_ZERO = 0.001
#: The quadrants meet in the middle of both scales: at about 1.8 % of reviews, and where half of those who judge a part
#: are content with it.
IMPORTANCE_CUT, SATISFACTION_CUT = 5.0, 5.0
#: Satisfaction with an area is told from this many reviews on that judge it.
MIN_JUDGING = 10


#: Names of the quadrants (Martilla and James 1977) by (important, content with the area).
QUADRANTS = {
    (True, False): "concentrate here",
    (True, True): "keep up the good work",
    (False, False): "low priority",
    (False, True): "possible overkill",
}


def importance(facts: Facts, scope: Scope, *, config: InsightsConfig) -> pa.Table:
    """Score each ranked theme by how many it hurts, how badly, and how content people are with its area.

    Severity-weighted reach is the mean, over all counted reviews, of the worst severity with which a review mentions
    the theme (0 where it does not); its interval is that of `weighted_share`.

    Importance stands for reach on a scale of 0..10, satisfaction for the share of content reviews among those that
    judge the theme's area (troubles, judgements and praise count, verdicts on the whole product don't; a review that
    both praises the area and complains about it is not content). Opportunity is importance + max(importance -
    satisfaction, 0), 0..20 (Ulwick 2002, Turn customer input into innovation; 2005, What Customers Want). Ulwick asks
    customers for both ratings; here they are read from what customers bring up by themselves, so that his bands
    ("above 15: extreme opportunity") do not carry over. The bounds of reach and satisfaction are Wilson's; those of
    the opportunity combine them (MOVER: Zou and Donner 2008, Statistics in Medicine 27) with their correlation (as Zou
    2008, On the estimation of additive interaction by use of the four-by-two table and beyond).

    The quadrant is that of importance-performance analysis (Martilla and James 1977) with the fixed cuts
    `IMPORTANCE_CUT` and `SATISFACTION_CUT`; it is "undetermined" where either interval crosses its cut.

    What it does not mean: importance is how many bring the theme up, not how much they would pay to be rid of it;
    satisfaction is that of the reviewers who speak of the area, not of all buyers. No figure says what a fix gains.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: least number of reviews of a theme, confidence level.

    Returns:
        A table with the schema `IMPORTANCE`, largest opportunity first, themes without one last by importance.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index, pairs = facts.index, facts.index.theme_pairs
    base = population(index, select(facts, scope))
    total = int(base.sum())
    counts = pairs.counts(base)
    kept = np.flatnonzero(counts >= config.min_reviews)
    if not len(kept):
        return IMPORTANCE.empty_table()
    count = counts[kept]
    counted = base[pairs.row]
    group, severity = pairs.group[counted], pairs.severity[counted]
    sums, squares = (np.asarray(np.bincount(group, w, pairs.size)[kept], float) for w in (severity, severity**2))
    severe = weighted_share(sums, squares, total, config.confidence)
    wanted = [importance_scale(x) for x in wilson(count, total, config.confidence)]
    area = _areas_of_themes(facts)[kept]
    said = _judging(index, base, area, kept)
    shares = wilson(said.content, np.where(said.judging >= MIN_JUDGING, said.judging, 0), config.confidence)
    satisfied = [10 * x for x in shares]
    chance = _opportunity(wanted, satisfied, _correlation(count, said, total))
    rows: list[dict[str, Any]] = []
    for i, k in enumerate(kept.tolist()):
        theme = index.themes[k]
        quadrant, reason = quadrant_of([x[i] for x in wanted], [x[i] for x in satisfied])
        if area[i] < 0:
            reason = f"the theme belongs to no single part ({theme.area or 'no area'}), so satisfaction is not known"
        elif said.judging[i] < MIN_JUDGING:
            reason = f"fewer than {MIN_JUDGING} reviews judge the area {theme.area!r}"
        rows.append(
            {
                "theme_id": theme.id,
                "name": theme.name,
                "area": theme.area,
                "reviews": int(count[i]),
                "analysed": total,
                **_bounded("severe_reach", severe, i),
                **_bounded("importance", wanted, i),
                "judging": int(said.judging[i]),
                "content": int(said.content[i]),
                **_bounded("satisfaction", satisfied, i),
                **_bounded("opportunity", chance, i),
                "quadrant": quadrant,
                "reason": reason,
            }
        )
    rows.sort(key=lambda r: (-_or_less(r["opportunity"]), -_or_less(r["importance"]), r["theme_id"]))
    return pa.Table.from_pylist(rows, schema=IMPORTANCE)


def importance_scale(reach: Floats) -> Floats:
    """Return 0..10 for shares of reviews: `POINTS_PER_TENFOLD` x log10(reach / `REACH_OF_ZERO`), kept within 0..10."""
    points = POINTS_PER_TENFOLD * np.log10(np.maximum(reach, REACH_OF_ZERO / 10) / REACH_OF_ZERO)
    return np.asarray(np.clip(points, 0.0, 10.0))


def weighted_share(total: Floats, squares: Floats, reviews: int, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Return means over `reviews` of weights 0..1 that are 0 for most, with their intervals, shape (k,).

    The Wilson interval of an effective count, (sum of weights)^2 / sum of squares, times the weight of one such count,
    sum of squares / sum of weights: it has the variance of the mean and the skew of a rare share. Fay and Feuer (1997,
    Confidence intervals for directly standardized rates) scale an effective count so, with gamma in place of Wilson
    bounds; with equal weights it is Wilson's.

    Args:
        total: sums of the weights, shape (k,); where they are all 0, the bounds are Wilson's for none.
        squares: sums of their squares, shape (k,).
        reviews: what the mean is over.
        confidence: nominal coverage.
    """
    some = squares > 0
    unit = np.divide(squares, total, out=np.ones(len(total)), where=some)
    effective = np.divide(total**2, squares, out=np.zeros(len(total)), where=some)
    share, low, high = wilson(effective, reviews, confidence)
    return share * unit, low * unit, np.minimum(high * unit, 1.0)


@dataclass(frozen=True)
class _Judging:
    """Reviews that judge the area of each theme, shape (themes,)."""

    judging: Ints
    content: Ints
    with_theme: Ints  # of `judging`, those that mention the theme
    content_with_theme: Ints  # of `content`, those that mention the theme


def _areas_of_themes(facts: Facts) -> Ints:
    """Return the position of each active pain theme's area in `Index.areas`, -1 where it is no single part."""
    place = {area.id: i for i, area in enumerate(facts.index.areas) if area.name not in (WHOLE, OTHER)}
    ids = facts.themes.select(["theme_id", "area_id"]).to_pylist()
    area_of = {row["theme_id"]: place.get(row["area_id"], -1) for row in ids}
    return np.array([area_of[theme.id] for theme in facts.index.themes], np.int64)


def _judging(index: Index, base: Mask, area: Ints, kept: Ints) -> _Judging:
    m, size = index.mentions, max(len(index.areas), 1)
    speaks = base[m.row] & (m.area >= 0) & ~m.is_specificity("verdict")

    def keys(which: Mask) -> Ints:
        return distinct(m.row[which] * size + m.area[which])

    praised, blamed = keys(speaks & m.is_kind("praise")), keys(speaks & m.is_kind("pain"))
    content = praised[~_among(praised, blamed)]
    judging = distinct(np.concatenate([praised, blamed]))
    # The same reviews, looked up for each mention of a theme.
    pairs = index.theme_pairs
    place = np.full(pairs.size, -1)
    place[kept] = np.arange(len(kept))
    use = base[pairs.row] & (place[pairs.group] >= 0)
    theme = place[pairs.group[use]]
    key = np.where(area[theme] >= 0, pairs.row[use] * size + area[theme], -1)

    def by_area(some: Ints) -> Ints:
        return np.where(area >= 0, np.bincount(some % size, minlength=size)[area], 0)

    def by_theme(some: Ints) -> Ints:
        return np.bincount(theme[_among(key, some)], minlength=len(kept))

    return _Judging(by_area(judging), by_area(content), by_theme(judging), by_theme(content))


def _among(keys: Ints, known: Ints) -> Mask:
    """Return which keys are in the sorted `known`."""
    if not len(known):
        return np.zeros(len(keys), bool)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.asarray(known[place] == keys)


def _correlation(count: Ints, said: _Judging, total: int) -> Floats:
    """Return the correlation of log reach and dissatisfaction, to first order, shape (k,).

    Those who mention a theme are among those who are not content with its area, so that both rise together.
    """
    n, judging = float(total), np.maximum(said.judging, 1)
    share = said.content / judging
    together = (share * said.with_theme - said.content_with_theme) * n / (count * judging)
    spread = np.sqrt((n - count) / count * share * (1 - share) * n / judging)
    return np.clip(np.divide(together, spread, out=np.zeros(len(spread)), where=spread > 0), -1.0, 1.0)


def _opportunity(wanted: list[Floats], satisfied: list[Floats], correlation: Floats) -> list[Floats]:
    def score(important: Floats, content: Floats) -> Floats:
        return important + np.maximum(important - content, 0.0)

    (want, want_low, want_high), (have, have_low, have_high) = wanted, satisfied
    value = score(want, have)

    def away(important: Floats, content: Floats) -> Floats:
        one, other = score(important, have) - value, score(want, content) - value
        return np.sqrt(np.maximum(one**2 + other**2 + 2 * correlation * one * other, 0.0))

    low, high = value - away(want_low, have_high), value + away(want_high, have_low)
    return [value, np.maximum(low, 0.0), np.minimum(high, 20.0)]


def quadrant_of(wanted: Sequence[float], satisfied: Sequence[float]) -> tuple[str, str | None]:
    """Return the quadrant of importance and satisfaction, each with its bounds, and why it is undetermined."""
    if np.isnan(satisfied[0]):
        return "undetermined", None
    crossed = [
        f"{what} may lie on either side of {cut:g}"
        for what, (_, low, high), cut in (
            ("importance", wanted, IMPORTANCE_CUT),
            ("satisfaction", satisfied, SATISFACTION_CUT),
        )
        if low < cut <= high
    ]
    if crossed:
        return "undetermined", " and ".join(crossed)
    return QUADRANTS[wanted[0] >= IMPORTANCE_CUT, satisfied[0] >= SATISFACTION_CUT], None


def _bounded(name: str, values: list[Floats] | tuple[Floats, ...], i: int) -> dict[str, float | None]:
    return {f"{name}{end}": number(v[i]) for end, v in zip(("", "_low", "_high"), values, strict=True)}


def _or_less(value: float | None) -> float:
    return -1.0 if value is None else value
