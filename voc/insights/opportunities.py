"""The ranked list: which troubles cost the most stars in a scope."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.facts import Facts
from voc.insights.index import Mask
from voc.insights.phases import listed, members
from voc.insights.ranking import rank_groups
from voc.insights.scope import Scope, population, select
from voc.tables import from_rows

#: `all_opportunities` ranks a product, brand or phase from this many counted reviews on.
MIN_SCOPE = 20


def opportunities(
    facts: Facts,
    scope: Scope = Scope(),  # noqa: B008 - frozen
    *,
    config: InsightsConfig,
    scope_type: str = "workspace",
    scope_name: str = "",
) -> pa.Table:
    """Rank the active pain themes of a scope by the stars that go with them.

    Only pain in active pain themes counts: judgements and verdicts belong to no theme and never rank. A theme is
    ranked from `config.min_reviews` reviews on. The figures are explained in `voc.insights.ranking` and
    `voc.insights.impact`; where there are no themes at all, `area_summary` ranks the areas in the same way.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: confidence level, replicates, seed, least number of reviews, number of quotes.
        scope_type: written into the column of that name.
        scope_name: written into the column `scope`.

    Returns:
        The table `opportunities`, best first; empty where nothing can be ranked.

    Raises:
        VocError: the scope names something the data lacks.
    """
    return from_rows("opportunities", _rows(facts, select(facts, scope), config, scope_type, scope_name))


def all_opportunities(facts: Facts, *, config: InsightsConfig) -> pa.Table:
    """Rank the themes of the workspace, and of each product, brand and phase with at least `MIN_SCOPE` counted reviews.

    Smaller scopes are left out: their lists would hold little but noise, and `opportunities` computes any of them
    when asked.

    Args:
        facts: the tables.
        config: as for `opportunities`.

    Returns:
        The table `opportunities`: the workspace, products, brands, phases, each list best first.
    """
    index = facts.index
    rows = _rows(facts, np.ones(index.size, bool), config, "workspace", "")
    scopes: list[tuple[str, str, Mask]] = [
        *(("product", value, index.product.codes == code) for code, value in enumerate(index.product.values)),
        *(("brand", value, index.brand.codes == code) for code, value in enumerate(index.brand.values)),
        *(("phase", phase.phase_id, members(index, phase)) for phase in listed(facts.phases)),
    ]
    for scope_type, name, mask in scopes:
        if population(index, mask).sum() >= MIN_SCOPE:
            rows += _rows(facts, mask, config, scope_type, name)
    return from_rows("opportunities", rows)


def _rows(facts: Facts, mask: Mask, config: InsightsConfig, scope_type: str, name: str) -> list[dict[str, Any]]:
    index = facts.index
    ranked = rank_groups(index, mask, index.theme_pairs, index.themes, index.theme_quotes, config)
    for row in ranked:
        row.update(scope_type=scope_type, scope=name, theme_id=row.pop("id"))
    return ranked
