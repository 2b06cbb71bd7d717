"""Kano classes of product parts: is a part missed when it is bad, enjoyed when it is good, both, or neither?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.arrays import distinct
from voc.insights.facts import Facts
from voc.insights.impact import Draws, bca_interval, fill_undefined
from voc.insights.index import Floats, Index, Ints, Mask
from voc.insights.ranking import number
from voc.insights.regression import Regression
from voc.insights.sample import Sample
from voc.insights.scope import Scope, population, select
from voc.tables.compared import KANO
from voc.themes.areas import OTHER, WHOLE

#: Stars from which on a penalty or a reward matters.
NOTICEABLE = 0.25
#: Reviews with stars that must blame an area, and praise it, for a class.
MIN_SIDE = 20
#: Only to keep the equations solvable where two indicators are the same; in reviews.
_PENALTY = 1e-6

#: Class by (penalty matters, reward matters).
CLASSES = {
    (True, False): "must-be",
    (True, True): "one-dimensional",
    (False, True): "attractive",
    (False, False): "indifferent",
}

_ENDS = ("", "_low", "_high")


def kano(facts: Facts, scope: Scope, *, config: InsightsConfig) -> pa.Table:
    """Class the areas of a scope by what blame costs and praise brings (penalty-reward contrast analysis).

    Stars are regressed on two indicators for each area, "blamed" and "praised" (Brandt 1987, A procedure for
    identifying value-enhancing service components; Matzler and Sauerwein 2002). The penalty is the blamed coefficient
    with its sign turned, the reward the praised one. Brandt asks whether each differs from 0; with thousands of
    reviews everything does, so that here each must exceed `NOTICEABLE` stars: only the penalty does - must-be; only
    the reward - attractive; both - one-dimensional; neither - indifferent. Where an interval holds `NOTICEABLE`, or
    fewer than `MIN_SIDE` reviews are on a side, the class is "undetermined". Intervals are BCa bootstrap intervals
    over reviews, or over products where the headline draws these; a class is wrong by one of its two sides with a
    chance of at most (1 - confidence) / 2 each, for each area by itself.

    Verdicts on the whole product are left out on both sides. Only the customers' own stars count: a rating predicted
    from the text would find its own reading again. An indicator with enough reviews is held equal for the others
    even where its area has too few on the other side.

    What it does not mean: the class is about reviewers who speak of a part, not about buyers asked how they would
    feel with and without it, as in Kano's questionnaire. Stars end at five: where most customers are content, praise
    has little room to add stars, and more areas look must-be than are.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: least number of reviews of an area to be listed, confidence level, replicates, seed.

    Returns:
        A table with the schema `KANO`, largest penalty first, areas with nulls last, of equals by id.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index, areas = facts.index, len(facts.index.areas)
    base = population(index, select(facts, scope)) & ~np.isnan(index.own_rating)
    sample = _sides(index, base)
    counts = np.bincount(sample.group, minlength=sample.size)
    blamed, praised = counts[:areas], counts[areas:]
    penalty, reward = _effects(sample, counts, config)
    equal = len(sample.stars) > 0 and np.ptp(sample.stars) == 0
    rows: list[dict[str, Any]] = []
    for a in np.flatnonzero(np.maximum(blamed, praised) >= config.min_reviews).tolist():
        sides = {"penalty": penalty[a], "reward": reward[a]}
        kano_class, reason = _class(sides)
        if index.areas[a].name in (WHOLE, OTHER):
            kano_class, reason = "undetermined", f"{index.areas[a].name!r} is no single part"
        elif equal:
            reason = "all ratings are equal"
        elif min(blamed[a], praised[a]) < MIN_SIDE:
            reason = f"{blamed[a]} rated reviews blame it and {praised[a]} praise it; {MIN_SIDE} of each are needed"
        elif reason is None and kano_class == "undetermined":
            reason = "nearly every rated review speaks of it, so there is nothing to compare with"
        rows.append(
            {
                "area_id": index.areas[a].id,
                "name": index.areas[a].name,
                "blamed": int(blamed[a]),
                "praised": int(praised[a]),
                **{f"{k}{end}": number(x) for k, v in sides.items() for end, x in zip(_ENDS, v, strict=True)},
                "kano_class": kano_class,
                "reason": reason,
            }
        )
    rows.sort(key=lambda r: (r["penalty"] is None, -(r["penalty"] or 0.0), r["area_id"]))
    return pa.Table.from_pylist(rows, schema=KANO)


def _sides(index: Index, base: Mask) -> Sample:
    """Return the reviews with the areas they blame (group a) and praise (group areas + a)."""
    m, areas = index.mentions, len(index.areas)
    praise = m.is_kind("praise") & ~m.is_specificity("verdict") & (m.area >= 0)
    group = np.where(praise, areas + m.area, index.complaint_area)
    use = (group >= 0) & base[m.row]
    size = 2 * areas
    key = distinct((np.cumsum(base) - 1)[m.row[use]] * max(size, 1) + group[use])
    row, of = np.divmod(key, max(size, 1))
    return Sample(index.own_rating[base], index.product.codes[base], row, of, size)


def _effects(sample: Sample, counts: Ints, config: InsightsConfig) -> tuple[Floats, Floats]:
    """Return penalties and rewards with their bounds, each of shape (areas, 3); NaN where they cannot be told."""
    n = len(sample.stars)
    out = np.full((sample.size, 3), np.nan)
    enough = (counts >= MIN_SIDE) & (counts <= n - MIN_SIDE)
    if enough.any() and np.ptp(sample.stars) > 0:
        regression = Regression.of(sample.only(enough))
        fit = regression.fit(_PENALTY)
        drawn = regression.bootstrap(_PENALTY, replicates=config.bootstrap, seed=config.seed)
        fill_undefined(drawn.coefficient)
        draws = Draws(drawn.coefficient, regression.skew(fit, of_share=False), drawn.by_product)
        out[enough] = np.stack([fit.coefficient, *bca_interval(fit.coefficient, draws, config.confidence)], axis=1)
    penalty, reward = np.split(out, 2)
    return -penalty[:, [0, 2, 1]], reward


def _class(sides: dict[str, Floats]) -> tuple[str, str | None]:
    if any(np.isnan(v).any() for v in sides.values()):
        return "undetermined", None
    unsure = [name for name, (_, low, high) in sides.items() if low < NOTICEABLE <= high]
    if unsure:
        return "undetermined", f"its {' and its '.join(unsure)} may lie on either side of {NOTICEABLE:g} stars"
    return CLASSES[sides["penalty"][0] >= NOTICEABLE, sides["reward"][0] >= NOTICEABLE], None
