"""When in the life of a product each trouble is met: out of the box, in the first weeks, or after long use."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.facts import Facts
from voc.insights.index import Floats, Ints, Mask
from voc.insights.intervals import benjamini_hochberg, wilson
from voc.insights.scope import Scope, population, select
from voc.tables.use import STAGES, TIME_IN_USE

#: Up to this many days in use count as "out of the box", up to the second as "in the first weeks".
BOX_DAYS, WEEKS_DAYS = 3, 60
#: A theme is tested from this many reviews that state a time on (and from as many about the other pains).
MIN_STATED = 5


def time_in_use(facts: Facts, scope: Scope, *, config: InsightsConfig) -> pa.Table:
    """Split each theme's reviews by the time in use that they state, and test which themes come early or late.

    A review counts once per theme, with the earliest time that it states with it. Shares have Wilson intervals. A
    theme's stated days are compared with those of all other pains of the scope (other themes, and pains in none,
    which count as one more group) by the Mann-Whitney test: normal approximation with correction for ties and
    continuity, as `scipy.stats.mannwhitneyu` has it, which days rounded to weeks and months need. `timing` is set
    where q is at most 1 - `config.confidence`. Reviews are taken as independent of one another.

    The shares are of those who say when: who writes within days of buying cannot tell of the second year, so shares
    compare troubles with one another; they are not the shares of all failures.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: confidence level.

    Returns:
        A table with the schema `TIME_IN_USE`, the theme with most reviews first, then by id.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index, m = facts.index, facts.index.mentions
    base = population(index, select(facts, scope))
    size = len(index.themes)
    group = np.where(m.theme >= 0, m.theme, size)  # the last group: pains in no active theme
    use = base[m.row] & m.is_kind("pain")
    key, back = np.unique(m.row[use] * (size + 1) + group[use], return_inverse=True)
    earliest = np.full(len(key), np.inf)
    np.fmin.at(earliest, back.ravel(), m.days_in_use[use])  # fmin: an unstated time leaves a stated one
    group = key % (size + 1)
    stated = np.isfinite(earliest)

    reviews = np.bincount(group, minlength=size + 1)[:size]
    kept = np.flatnonzero(reviews)
    level = np.searchsorted([BOX_DAYS, WEEKS_DAYS], earliest[stated])
    counts = _table(group[stated], level, size + 1, len(STAGES))
    columns: dict[str, Any] = {"reviews": reviews, "stated": counts.sum(axis=1)[:size]}
    for stage, count in zip(STAGES, counts.T[:, :size], strict=True):
        values = wilson(count, columns["stated"], config.confidence)
        columns |= {f"{stage}_reviews": count, **_named(stage, values)}
    unstated = reviews - columns["stated"]
    columns |= {"unstated_reviews": unstated, **_named("unstated", wilson(unstated, reviews, config.confidence))}

    when, place = np.unique(earliest[stated], return_inverse=True)
    table = _table(group[stated], place.ravel(), size + 1, max(len(when), 1))
    z, p = mann_whitney(table)
    others = table.sum() - columns["stated"]
    enough = (columns["stated"] >= MIN_STATED) & (others >= MIN_STATED)
    p = np.where(enough, p[:size], np.nan)
    q = np.full(size, np.nan)
    q[kept] = benjamini_hochberg(p[kept])
    columns |= {"median_days": _medians(table[:size], when), "others_stated": others, "p_value": p, "q_value": q}
    columns |= {"timing": _timing(z, q, config), "reason": _reasons(columns["stated"], enough, p)}

    order = kept[np.lexsort((kept, -reviews[kept]))]  # themes are numbered by id
    columns |= {name: np.array([getattr(t, name) for t in index.themes], object) for name in ("name", "area")}
    columns["theme_id"] = np.array([t.id for t in index.themes], object)
    arrays = [pa.array(columns[f.name][order], f.type, from_pandas=True) for f in TIME_IN_USE]  # NaN becomes null
    return pa.Table.from_arrays(arrays, schema=TIME_IN_USE)


def mann_whitney(table: Ints) -> tuple[Floats, Floats]:
    """Test for each group whether its values tend to be larger or smaller than those of all other groups.

    Args:
        table: shape (groups, values), how often each value, in ascending order, occurs in each group.

    Returns:
        z (positive: larger than the others) and two-sided p-values, shape (groups,); NaN where a group or all others
        are empty, or all values are equal.
    """
    from scipy.stats import norm

    total = table.sum(axis=0).astype(float)
    n = total.sum()
    first = table.sum(axis=1).astype(float)
    rank = np.cumsum(total) - (total - 1) / 2  # mean rank of tied values
    excess = table @ rank - first * (n + 1) / 2
    ties = (total**3 - total).sum()
    variance = first * (n - first) / 12 * (n + 1 - ties / max(n * (n - 1), 1))
    z = np.sign(excess) * np.maximum(np.abs(excess) - 0.5, 0)
    z = np.divide(z, np.sqrt(np.maximum(variance, 0)), out=np.full(len(first), np.nan), where=variance > 1e-9)
    return z, np.asarray(2 * norm.sf(np.abs(z)))


def _timing(z: Floats, q: Floats, config: InsightsConfig) -> Any:
    said = np.full(len(q), None, dtype=object)
    sure = q <= 1 - config.confidence
    said[sure] = np.where(z[: len(q)][sure] > 0, "late", "early")
    return said


def _reasons(stated: Ints, enough: Mask, p: Floats) -> Any:
    """Say why a theme was not tested, None where it was."""
    said: list[str | None] = [None] * len(p)
    for i in np.flatnonzero(np.isnan(p)).tolist():
        if stated[i] < MIN_STATED:
            said[i] = f"fewer than {MIN_STATED} reviews state a time with it"
        elif not enough[i]:
            said[i] = f"fewer than {MIN_STATED} other pains come with a stated time"
        else:
            said[i] = "all stated times are the same"
    return np.array(said, dtype=object)


def _table(row: Ints, column: Ints, rows: int, columns: int) -> Ints:
    return np.bincount(row * columns + column, minlength=rows * columns).reshape(rows, columns)


def _named(stage: str, values: tuple[Floats, Floats, Floats]) -> dict[str, Floats]:
    return dict(zip((f"{stage}_share", f"{stage}_low", f"{stage}_high"), values, strict=True))


def _medians(table: Ints, when: Floats) -> Floats:
    """Return each group's median; `table` as in `mann_whitney`, `when` the values."""
    count, below = table.sum(axis=1), np.cumsum(table, axis=1)
    if not len(when):
        return np.full(len(count), np.nan)
    low = when[(below <= ((count - 1) // 2)[:, None]).sum(axis=1).clip(max=len(when) - 1)]
    high = when[(below <= (count // 2)[:, None]).sum(axis=1).clip(max=len(when) - 1)]
    return np.asarray(np.where(count > 0, (low + high) / 2, np.nan))
