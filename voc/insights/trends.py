"""How reach and rating move: from phase to phase with tests, and month by month."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights.facts import Facts
from voc.insights.index import Floats, Index, Ints, Mask, Pairs
from voc.insights.intervals import benjamini_hochberg, difference_p, mean_intervals, newcombe, wilson
from voc.insights.phases import listed, members, previous_phases
from voc.insights.ranking import number
from voc.insights.scope import Scope, population, select
from voc.tables import from_rows

#: Columns of `monthly`.
MONTHLY = pa.schema(
    [
        pa.field("month", pa.date32(), nullable=False),  # first day
        pa.field("analysed", pa.int64(), nullable=False),
        pa.field("reviews", pa.int64(), nullable=False),  # that mention the theme; without a theme, all analysed ones
        pa.field("reach", pa.float64()),
        pa.field("reach_low", pa.float64()),
        pa.field("reach_high", pa.float64()),
        pa.field("mean_rating", pa.float64()),
        pa.field("rating_low", pa.float64()),
        pa.field("rating_high", pa.float64()),
    ]
)


def phase_trends(facts: Facts, *, config: InsightsConfig, scope: Scope | None = None) -> pa.Table:
    """Return each theme's reach in each phase and its change from the phase before.

    All active pain themes are followed that are mentioned in any of the phases of one source and product. A change is
    the difference of two Wilson shares with Newcombe's interval, and is tested with the z test for two shares, or
    Fisher's exact test where counts are small. q-values (Benjamini-Hochberg) hold for the family of all themes and
    all pairs of neighbouring phases of one source; a theme nobody mentions in either phase is not tested. Rows with a
    null theme_id carry the mean rating of the whole phase (`reviews` are the rated ones). Ratings are the customers'
    own, or predicted from the text where there is none. Reviews are taken as independent of one another. Each phase
    is computed over its `population`.

    Args:
        facts: the tables; `facts.phases` from `resolve_phases`.
        config: confidence level.
        scope: the reviews under view; all without it.

    Returns:
        The table `trends`, in the order of `facts.phases`, the whole phase first, then themes by id.
    """
    index, pairs = facts.index, facts.index.theme_pairs
    phases = listed(facts.phases)
    before = previous_phases(phases)
    chosen = np.ones(index.size, bool) if scope is None else select(facts, scope)
    bases = {p.phase_id: population(index, members(index, p) & chosen) for p in phases}
    counts = {key: pairs.counts(base) for key, base in bases.items()}
    seen: dict[tuple[str, str | None], Ints] = {}
    for p in phases:
        family = (p.source, p.product_id)
        seen[family] = seen.get(family, np.zeros(pairs.size, np.int64)) + counts[p.phase_id]

    rows: list[dict[str, Any]] = []
    tests: dict[str, list[dict[str, Any]]] = {}
    for p in phases:
        base, earlier = bases[p.phase_id], before.get(p.phase_id)
        total = int(base.sum())
        common = {
            "phase_id": p.phase_id,
            "analysed": total,
            "previous_phase_id": earlier.phase_id if earlier else None,
        }
        stars = index.stars[base & ~np.isnan(index.stars)]
        mean = mean_intervals(stars.sum(), (stars**2).sum(), len(stars), config.confidence)
        rows.append({**common, "theme_id": None, "reviews": len(stars), **_rating(mean, 0)})
        themes = np.flatnonzero(seen[p.source, p.product_id])
        count = counts[p.phase_id][themes]
        reach = wilson(count, total, config.confidence)
        rating = _group_ratings(index, base, pairs, config.confidence)
        if earlier:
            old, old_total = counts[earlier.phase_id][themes], int(bases[earlier.phase_id].sum())
            change = newcombe(count, total, old, old_total, config.confidence)
            p_value = difference_p(count, total, old, old_total)
        else:
            change = (np.full(len(themes), np.nan),) * 3
            p_value = change[0]
        for i, theme in enumerate(themes.tolist()):
            row = {
                **common,
                "theme_id": index.themes[theme].id,
                "reviews": int(count[i]),
                "reach": number(reach[0][i]),
                "reach_low": number(reach[1][i]),
                "reach_high": number(reach[2][i]),
                "change": number(change[0][i]),
                "change_low": number(change[1][i]),
                "change_high": number(change[2][i]),
                "p_value": number(p_value[i]),
                **_rating(rating, theme),
            }
            rows.append(row)
            tests.setdefault(p.source, []).append(row)
    for family_rows in tests.values():
        p_values = np.array([np.nan if r["p_value"] is None else r["p_value"] for r in family_rows])
        for row, q in zip(family_rows, benjamini_hochberg(p_values), strict=True):
            row["q_value"] = number(q)
    return from_rows("trends", rows)


def monthly(facts: Facts, scope: Scope, theme_id: str | None, *, config: InsightsConfig, months: int = 1) -> pa.Table:
    """Return reach and mean rating of a theme, or the mean rating of all reviews, by calendar month.

    Undated reviews are left out. Months without reviews between the first and the last are rows with null figures,
    so that a line drawn through them breaks.

    Args:
        facts: the tables.
        scope: the reviews under view.
        theme_id: an active pain theme; None for the scope as a whole, whose reach is null.
        config: confidence level.
        months: calendar months per row, counted from January of year 0 (3 gives the quarters).

    Returns:
        A table with the schema `MONTHLY`, in order of time; empty without dates. With a theme, the rating is that of
        the reviews that mention it.

    Raises:
        VocError: the scope or the theme is unknown, or `months` is below one.
    """
    index = facts.index
    base = population(index, select(facts, scope)) & index.dated
    if months < 1:
        raise VocError(f"{months} months cannot be put into one row; give 1 or more.")
    about = base
    if theme_id is not None:
        numbers = [i for i, t in enumerate(index.themes) if t.id == theme_id]
        if not numbers:
            raise VocError(f"there is no active pain theme {theme_id!r}; list them with `voc opportunities`.")
        about = np.zeros(index.size, bool)
        about[index.theme_pairs.row[index.theme_pairs.group == numbers[0]]] = True
        about &= base
    if not base.any():
        return MONTHLY.empty_table()
    calendar = index.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    bucket = calendar // months
    first = int(bucket[base].min())
    size = int(bucket[base].max()) - first + 1
    analysed = np.bincount(bucket[base] - first, minlength=size)
    count = np.bincount(bucket[about] - first, minlength=size)
    nothing = np.full(size, np.nan)
    reach = (nothing,) * 3 if theme_id is None else wilson(count, analysed, config.confidence)
    rated = about & ~np.isnan(index.stars)
    rating = _ratings_by(bucket[rated] - first, index.stars[rated], size, config.confidence)
    rows = []
    for i in range(size):
        year, month = divmod((first + i) * months, 12)
        rows.append(
            {
                "month": dt.date(max(year, 1), month + 1, 1),
                "analysed": int(analysed[i]),
                "reviews": int(count[i]),
                "reach": number(reach[0][i]),
                "reach_low": number(reach[1][i]),
                "reach_high": number(reach[2][i]),
                **_rating(rating, i),
            }
        )
    return pa.Table.from_pylist(rows, schema=MONTHLY)


def _group_ratings(index: Index, base: Mask, pairs: Pairs, confidence: float) -> tuple[Floats, Floats, Floats]:
    use = (base & ~np.isnan(index.stars))[pairs.row]
    return _ratings_by(pairs.group[use], index.stars[pairs.row[use]], pairs.size, confidence)


def _ratings_by(group: Ints, stars: Floats, size: int, confidence: float) -> tuple[Floats, Floats, Floats]:
    return mean_intervals(
        np.bincount(group, weights=stars, minlength=size),
        np.bincount(group, weights=stars**2, minlength=size),
        np.bincount(group, minlength=size),
        confidence,
    )


def _rating(mean: tuple[Floats, Floats, Floats], i: int) -> dict[str, float | None]:
    return {"mean_rating": number(mean[0][i]), "rating_low": number(mean[1][i]), "rating_high": number(mean[2][i])}
