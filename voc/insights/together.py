"""Which other troubles come in the same reviews as a theme, more often than chance brings them together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights.arrays import Floats, Ints
from voc.insights.facts import Facts
from voc.insights.intervals import SMALL_EXPECTED, benjamini_hochberg, wilson
from voc.insights.ranking import number
from voc.insights.scope import Scope, population, select

#: One row per other theme of the scope, the largest surplus over chance first.
TOGETHER = pa.schema(
    [
        pa.field("theme_id", pa.string(), nullable=False),  # the other theme
        pa.field("name", pa.string(), nullable=False),
        pa.field("area", pa.string()),
        pa.field("reviews", pa.int64(), nullable=False),  # that mention the other theme
        pa.field("both", pa.int64(), nullable=False),  # that mention both
        pa.field("share", pa.float64(), nullable=False),  # `both` over the reviews of the theme asked about
        pa.field("share_low", pa.float64(), nullable=False),  # Wilson
        pa.field("share_high", pa.float64(), nullable=False),
        pa.field("expected", pa.float64(), nullable=False),  # of `both`, if chance brought them together
        pa.field("lift", pa.float64()),  # both / expected; null where they share no product
        pa.field("lift_low", pa.float64()),  # Garwood
        pa.field("lift_high", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("q_value", pa.float64()),  # Benjamini-Hochberg over the other themes
    ]
)


def together(facts: Facts, scope: Scope, theme_id: str, *, config: InsightsConfig) -> pa.Table:
    """Compare how many reviews mention a theme and each other theme with what chance would bring together.

    Two troubles of one product meet in its reviews for that reason alone. Chance is therefore taken product by
    product: `expected` is the sum over products of (reviews with the one) x (reviews with the other) / reviews.
    "No more than that" is tested two-sided by the test of Cochran, Mantel and Haenszel (1959) with correction for
    continuity, or exactly, with the sum of hypergeometric counts, where fewer than `SMALL_EXPECTED` are expected; with
    one product that is Fisher's exact test. The interval of the lift is that of a Poisson count (Garwood 1936) over
    `expected`. Reviews that mention both don't say that one trouble brings the other about.

    Args:
        facts: the tables.
        scope: the reviews under view.
        theme_id: an active pain theme.
        config: least number of reviews of the other theme, confidence level.

    Returns:
        A table with the schema `TOGETHER`.

    Raises:
        VocError: the scope or the theme is unknown.
    """
    from scipy.stats import chi2

    index, pairs = facts.index, facts.index.theme_pairs
    own = next((i for i, theme in enumerate(index.themes) if theme.id == theme_id), None)
    if own is None:
        raise VocError(f"there is no active pain theme {theme_id!r}; list them with `voc opportunities`.")
    base = population(index, select(facts, scope))
    counts = pairs.counts(base)
    others = np.flatnonzero(counts >= config.min_reviews)
    others = others[others != own]
    if not counts[own] or not len(others):
        return TOGETHER.empty_table()
    about = np.zeros(index.size, bool)
    about[pairs.row[pairs.group == own]] = True
    about &= base
    both = pairs.counts(about)[others]
    product = index.product.codes + 1  # 0: no product
    products = int(product.max()) + 1
    total = np.bincount(product[base], minlength=products)
    mine = np.bincount(product[about], minlength=products)
    use = base[pairs.row]
    key = pairs.group[use] * products + product[pairs.row[use]]
    theirs = np.bincount(key, minlength=pairs.size * products).reshape(pairs.size, products)[others]
    met = np.flatnonzero(mine)  # elsewhere nothing can come together
    total, mine, theirs = total[met], mine[met], theirs[:, met]
    expected = (theirs * mine / total).sum(axis=1)
    p = _p_values(both, expected, theirs, mine, total)
    q = benjamini_hochberg(p)
    share = wilson(both, counts[own], config.confidence)
    known = expected > 0
    lift = [np.full(len(others), np.nan) for _ in range(3)]
    tail = (1 - config.confidence) / 2
    bounds = (both, np.where(both > 0, chi2.ppf(tail, 2 * both) / 2, 0.0), chi2.ppf(1 - tail, 2 * both + 2) / 2)
    for one, bound in zip(lift, bounds, strict=True):
        np.divide(bound, expected, out=one, where=known)
    rows: list[dict[str, Any]] = []
    for i in np.lexsort((others, expected - both)).tolist():
        theme = index.themes[others[i]]
        rows.append(
            {
                "theme_id": theme.id,
                "name": theme.name,
                "area": theme.area,
                "reviews": int(counts[others[i]]),
                "both": int(both[i]),
                **dict(zip(("share", "share_low", "share_high"), (float(s[i]) for s in share), strict=True)),
                "expected": float(expected[i]),
                **dict(zip(("lift", "lift_low", "lift_high"), (number(x[i]) for x in lift), strict=True)),
                "p_value": number(p[i]),
                "q_value": number(q[i]),
            }
        )
    return pa.Table.from_pylist(rows, schema=TOGETHER)


def _p_values(both: Ints, expected: Floats, theirs: Ints, mine: Ints, total: Ints) -> Floats:
    """Return two-sided p-values, shape (others,), NaN where chance could bring nothing together or nothing varies."""
    from scipy.special import gammaln
    from scipy.stats import chi2

    log_factorial = gammaln(np.arange(int(total.max()) + 1) + 1.0)
    spread = theirs * (total - theirs) * (mine * (total - mine) / (total.astype(float) ** 2 * np.maximum(total - 1, 1)))
    variance = spread.sum(axis=1)
    p = np.full(len(both), np.nan)
    tested = (variance > 0) & (expected > 0)
    normal = tested & (expected >= SMALL_EXPECTED)
    away = np.maximum(np.abs(both - expected) - 0.5, 0.0)
    p[normal] = chi2.sf(away[normal] ** 2 / variance[normal], 1)
    for i in np.flatnonzero(tested & ~normal).tolist():
        p[i] = _exact(int(both[i]), theirs[i], mine, total, log_factorial)
    return p


def _exact(both: int, theirs: Ints, mine: Ints, total: Ints, log_factorial: Floats) -> float:
    """Return the chance of counts no likelier than `both`, given how many reviews of each product mention either."""
    some = theirs > 0
    distribution = np.ones(1)
    for n, a, b in zip(total[some].tolist(), mine[some].tolist(), theirs[some].tolist(), strict=True):
        # The hypergeometric distribution; scipy's checks its arguments for longer than this takes.
        k = np.arange(max(0, a + b - n), min(a, b) + 1)
        ways = log_factorial[[a, n - a, b, n - b]].sum() - log_factorial[n]
        chance = np.exp(ways - log_factorial[np.stack([k, a - k, b - k, n - a - b + k])].sum(axis=0))
        distribution = np.convolve(distribution, np.append(np.zeros(k[0]), chance))
    # A hair of room, as in scipy's fisher_exact: equally likely counts differ by rounding.
    return float(min(distribution[distribution <= distribution[both] * (1 + 1e-7)].sum(), 1.0))
