"""What stands behind the figures of a scope: how much was read, rated and grouped, and how satisfied people are."""

from __future__ import annotations

from typing import Any

import numpy as np

from voc.config import InsightsConfig
from voc.insights.arrays import distinct
from voc.insights.facts import Facts
from voc.insights.index import Mask
from voc.insights.intervals import mean_intervals, wilson
from voc.insights.ranking import number
from voc.insights.scope import Scope, population, select
from voc.themes.areas import OTHER, WHOLE


def coverage(facts: Facts, scope: Scope) -> dict[str, Any]:
    """Count what the figures of a scope rest on, so that nothing is left out silently.

    Args:
        facts: the tables.
        scope: the reviews under view.

    Returns:
        `reviews`; `analysed` (read by a model); `counted` (the reviews shares are computed over, see `population`)
        and `counted_channels`; `not_analysed` {language or "unknown": reviews}; `truncated`; `rated` (own rating)
        and `predicted` (rating predicted) among the counted; `dated`; `products`; `first_day` and `last_day`;
        `channels` {channel: {"reviews", "analysed"}}; `mentions`; `mentions_by_kind` {kind: {specificity: mentions}};
        `reviews_with_mentions`; `troubles` (trouble pain mentions), `troubles_unassigned` and their share
        `troubles_unassigned_share` (None without troubles); `judgements` (pain mentions that judge something) and
        `judgements_placed` (those of them under a named part, or under who else is to mend it); `verdicts`.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index, m = facts.index, facts.index.mentions
    mask = select(facts, scope)
    base = population(index, mask)
    unread = mask & ~index.analysed
    languages = ["unknown" if c < 0 else index.language.values[c] for c in index.language.codes[unread]]
    inside = mask[m.row]
    kinds: dict[str, dict[str, int]] = {}
    for k, kind in enumerate(m.kind.values):
        for s, specificity in enumerate(m.specificity.values):
            n = int((inside & (m.kind.codes == k) & (m.specificity.codes == s)).sum())
            if n:
                kinds.setdefault(kind, {})[specificity] = n
    troubles = inside & m.is_kind("pain") & m.is_specificity("trouble")
    n_troubles, n_left = int(troubles.sum()), int((troubles & ~m.has_theme).sum())
    judged = inside & m.is_kind("pain") & m.is_specificity("judgement")
    named = np.array([area.name not in (WHOLE, OTHER) for area in index.areas] + [False])
    days = index.day[mask & index.dated].astype("datetime64[D]")
    return {
        "reviews": int(mask.sum()),
        "analysed": int((mask & index.analysed).sum()),
        "counted": int(base.sum()),
        "counted_channels": [c for i, c in enumerate(index.channel.values) if (index.channel.codes[base] == i).any()],
        "not_analysed": {name: languages.count(name) for name in sorted(set(languages))},
        "truncated": int((mask & index.truncated).sum()),
        "rated": int((base & ~np.isnan(index.own_rating)).sum()),
        "predicted": int((base & index.predicted).sum()),
        "dated": int((mask & index.dated).sum()),
        "products": len(np.unique(index.product.codes[mask & (index.product.codes >= 0)])),
        "first_day": days.min().item() if len(days) else None,
        "last_day": days.max().item() if len(days) else None,
        "channels": {
            channel: {
                "reviews": int((mask & (index.channel.codes == i)).sum()),
                "analysed": int((mask & index.analysed & (index.channel.codes == i)).sum()),
            }
            for i, channel in enumerate(index.channel.values)
            if (mask & (index.channel.codes == i)).any()
        },
        "mentions": int(inside.sum()),
        "mentions_by_kind": kinds,
        "reviews_with_mentions": len(distinct(m.row[inside])),
        "troubles": n_troubles,
        "troubles_unassigned": n_left,
        "troubles_unassigned_share": n_left / n_troubles if n_troubles else None,
        "judgements": int(judged.sum()),
        "judgements_placed": int((judged & named[m.area]).sum()),
        "verdicts": int((inside & m.is_kind("pain") & m.is_specificity("verdict")).sum()),
    }


def satisfaction(facts: Facts, scope: Scope, *, config: InsightsConfig) -> dict[str, Any]:
    """Say how satisfied the scope's customers are as a whole; this is where verdicts ("worst product") belong.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: confidence level.

    Returns:
        `analysed`; `rated` (with stars, own or predicted) and `predicted` among them; `mean_rating`, `rating_low`,
        `rating_high` (t interval, None where it cannot be told); `stars` {1..5: customers' own ratings, rounded};
        `verdict_pain`, `verdict_praise` and `pain` (reviews with such a verdict, or with any pain), each a dict of
        `reviews`, `share`, `share_low`, `share_high` (Wilson).

    Raises:
        VocError: the scope names something the data lacks.
    """
    index, m = facts.index, facts.index.mentions
    base = population(index, select(facts, scope))
    total = int(base.sum())
    stars = index.stars[base & ~np.isnan(index.stars)]
    mean, low, high = mean_intervals(stars.sum(), (stars**2).sum(), len(stars), config.confidence)
    own = index.own_rating[base & ~np.isnan(index.own_rating)]

    def share(which: Mask) -> dict[str, float | int | None]:
        n = len(distinct(m.row[which & base[m.row]]))
        value, lower, upper = wilson(n, total, config.confidence)
        return {
            "reviews": n,
            "share": number(value[0]),
            "share_low": number(lower[0]),
            "share_high": number(upper[0]),
        }

    verdict = m.is_specificity("verdict")
    return {
        "analysed": total,
        "rated": len(stars),
        "predicted": int((base & index.predicted).sum()),
        "mean_rating": number(mean[0]),
        "rating_low": number(low[0]),
        "rating_high": number(high[0]),
        "stars": {s: int((np.floor(own + 0.5) == s).sum()) for s in range(1, 6)},
        "verdict_pain": share(verdict & m.is_kind("pain")),
        "verdict_praise": share(verdict & m.is_kind("praise")),
        "pain": share(m.is_kind("pain")),
    }
