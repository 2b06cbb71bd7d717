"""A second opinion beside the headline: star impacts that don't count the same stars twice where themes occur together.

The headline (`voc.insights.impact`) gives every theme all the stars that go with it, also those that go with another
theme named in the same reviews. Here the stars are regressed on all ranked themes at once; what a theme keeps when the
others are held equal is its adjusted star impact.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.arrays import Floats
from voc.insights.facts import Facts
from voc.insights.impact import Draws, bca_interval, star_impact
from voc.insights.regression import Fit, Regression
from voc.insights.sample import Sample, rated_sample
from voc.insights.scope import Scope, population, select
from voc.tables.compared import ADJUSTED

#: Headline and adjusted impact disagree strongly from this share of the larger of the two on.
STRONG = 0.25
#: A theme is named in `shared_with` when at least this share of the disagreement goes to it.
NAMED_FROM = 0.25
#: From this variance inflation on, a theme is hardly ever mentioned without the others (Marquardt 1970).
INFLATED = 10.0


def adjusted_impacts(facts: Facts, scope: Scope, *, config: InsightsConfig) -> pa.Table:
    """Return the star impact of each ranked theme with the other themes held equal.

    Ridge regression (Hoerl and Kennard 1970) of stars on one indicator per ranked theme, over the rated reviews that
    the headline is computed over. A theme's adjusted impact is the share of reviews that mention it times the stars
    that such a review lacks, other themes equal; with a single theme and no penalty it is the headline. The adjusted
    impacts add up exactly to the fitted mean rating of a review without any theme, minus the mean of all; headlines
    do not add up. The penalty is chosen by generalised cross-validation (`chosen_penalty`) and kept in all bootstrap
    replicates. The bootstrap draws reviews, or whole products where the headline does, and intervals are BCa; they
    don't hold the small pull towards 0 that a penalty of `penalty` reviews has on a theme of few reviews, and so run a
    little short in scopes of a few hundred reviews.

    The difference to the headline is divided among the other themes (Gelbach 2016, When do covariates matter?): to
    theme j goes its coefficient times how much oftener j is mentioned with the theme than without; that adds up but
    for the pull of the penalty. `disagrees` is true where the difference is at least `STRONG` of the larger figure and
    its interval excludes 0; then `shared_with` names the themes to which at least `NAMED_FROM` of the difference goes.

    What it does not mean: an adjusted impact is no gain if the theme were fixed. Other themes are held equal, but not
    what no theme speaks of, such as the price paid; and where one trouble brings another about ("battery dead" -
    "does not switch on"), holding the second equal takes away stars that the first cost by way of it.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: least number of reviews of a theme, confidence level, replicates (see `Regression.bootstrap`), seed.

    Returns:
        A table with the schema `ADJUSTED`, largest adjusted impact first; empty where no theme is ranked.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index, pairs = facts.index, facts.index.theme_pairs
    base = population(index, select(facts, scope))
    kept = np.flatnonzero(pairs.counts(base) >= config.min_reviews)
    if not len(kept):
        return ADJUSTED.empty_table()
    sample = rated_sample(index, base, pairs, kept)
    impact = star_impact(sample)
    rows: list[dict[str, Any]] = [
        {
            "theme_id": index.themes[k].id,
            "name": index.themes[k].name,
            "area": index.themes[k].area,
            "rated": int(impact.rated[i]),
            "share": impact.rated[i] / len(sample.stars) if len(sample.stars) else None,
            "disagrees": False,
            "shared_with": [],
            "shared_with_ids": [],
            "reason": _unknown(sample, int(impact.rated[i])),
        }
        for i, k in enumerate(kept.tolist())
    ]
    known = np.array([row["reason"] is None for row in rows])
    if known.any():
        _fill([row for row in rows if row["reason"] is None], sample.only(known), impact.impact[known], config)
    rows.sort(key=lambda r: (-r.get("adjusted_impact", -np.inf), r["theme_id"]))
    for rank, row in enumerate(rows, start=1):
        row["rank"] = rank
    return pa.Table.from_pylist(rows, schema=ADJUSTED)


def _unknown(sample: Sample, rated: int) -> str | None:
    n = len(sample.stars)
    if rated == 0:
        return "no review that mentions it has a rating"
    if rated == n:
        return "every rated review mentions it, so there is nothing to compare with"
    if np.ptp(sample.stars) == 0:
        return "all ratings are equal"
    return None


def _fill(rows: list[dict[str, Any]], sample: Sample, headline: Floats, config: InsightsConfig) -> None:
    regression = Regression.of(sample)
    fit = regression.fit(regression.chosen_penalty())
    estimate = -fit.share * fit.coefficient
    drawn = regression.bootstrap(fit.penalty, replicates=config.bootstrap, seed=config.seed)
    # A replicate without the theme has no stars to give it.
    values = -drawn.share * np.nan_to_num(drawn.coefficient)
    draws = Draws(values, regression.skew(fit, of_share=True), drawn.by_product)
    low, high = bca_interval(estimate, draws, config.confidence)
    gap = headline - estimate
    moved = Draws(np.nan_to_num(drawn.headline) - values, np.zeros(len(gap)), drawn.by_product)
    gap_low, gap_high = bca_interval(gap, moved, config.confidence)
    large = np.abs(gap) >= STRONG * np.maximum(np.abs(headline), np.abs(estimate))
    disagrees = large & ((gap_low > 0) | (gap_high < 0))
    parts, inflation = shared_stars(fit), regression.inflation(fit)
    for i, row in enumerate(rows):
        row.update(
            star_impact=float(headline[i]),
            per_review=float(-fit.coefficient[i]),
            adjusted_impact=float(estimate[i]),
            adjusted_low=float(low[i]),
            adjusted_high=float(high[i]),
            shared=float(gap[i]),
            disagrees=bool(disagrees[i]),
            penalty=fit.penalty,
        )
        if disagrees[i]:
            to = parts[i] / gap[i]
            others = [j for j in np.argsort(-to, kind="stable").tolist() if j != i and to[j] >= NAMED_FROM]
            row["shared_with"] = [rows[j]["name"] for j in others]
            row["shared_with_ids"] = [rows[j]["theme_id"] for j in others]
        if inflation[i] >= INFLATED:
            row["reason"] = "hardly ever mentioned apart from other themes: how the stars divide among them is unsure"


def shared_stars(fit: Fit) -> Floats:
    """Return the stars of group i's headline that go with group j: row i, column j, shape (size, size)."""
    oftener = fit.normal / np.diag(fit.normal)[:, None]  # share of j among reviews with i, minus among those without
    return -fit.share[:, None] * oftener * fit.coefficient
