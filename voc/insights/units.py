"""Reviews that mention a theme per thousand units sold, with the returns beside them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.facts import Facts
from voc.insights.index import Floats, Ints, Mask
from voc.insights.scope import Scope, population, select
from voc.tables.compared import UNITS

#: What the rates are of: most buyers write nothing, so a rate is no failure rate.
OF_REVIEWERS = "of reviewers, not of buyers"


def units(facts: Facts, scope: Scope, *, config: InsightsConfig) -> pa.Table:
    """Set the reviews that mention each theme, and the returns that do, against the units sold of each product.

    Rates have the exact Poisson interval of Garwood (1936). They say how often a customer writes of the trouble per
    thousand units, not how often it happens: most buyers write nothing. Units sold are of a product's whole life, so
    a scope that chooses markets, dates, a phase or a version has none.

    Args:
        facts: the tables; `products.units_sold` where it is known.
        scope: the reviews under view.
        config: confidence level.

    Returns:
        A table with the schema `UNITS`: products by id, each product's whole first, then its themes, most reviews
        first.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index, pairs = facts.index, facts.index.theme_pairs
    mask = select(facts, scope)
    counted = population(index, mask)
    returned = mask & index.analysed & (index.channel.codes == index.channel.position.get("return", -2))
    sold = {p["product_id"]: p["units_sold"] for p in facts.products.select(["product_id", "units_sold"]).to_pylist()}
    part = scope.markets or scope.start or scope.end or scope.phase_id or scope.version
    shape = (len(index.product.values), pairs.size)

    def by_theme(rows: Mask) -> tuple[Ints, Ints]:
        use = (rows & (index.product.codes >= 0))[pairs.row]
        key = index.product.codes[pairs.row[use]] * pairs.size + pairs.group[use]
        whole = np.bincount(index.product.codes[rows & (index.product.codes >= 0)], minlength=shape[0])
        return np.bincount(key, minlength=shape[0] * shape[1]).reshape(shape), whole

    reviews, all_reviews = by_theme(counted)
    returns, all_returns = by_theme(returned)
    any_returns = bool(returned.any())
    product, theme = np.nonzero(reviews + returns)
    whole = np.flatnonzero(all_reviews + all_returns)
    product, theme = np.append(whole, product), np.append(np.full(len(whole), -1), theme)
    first = theme < 0
    said = np.append(all_reviews[whole], reviews[product[~first], theme[~first]])
    back = np.append(all_returns[whole], returns[product[~first], theme[~first]])
    of = [sold.get(value) for value in index.product.values]
    known = np.array([np.nan if n is None or n <= 0 or part else n for n in of], float)[product]
    order = np.lexsort((theme, -said, ~first, product))
    rate, rate_back = poisson_rate(said, known, config.confidence), poisson_rate(back, known, config.confidence)
    partial = "units sold are of the whole product, not of this part of its reviews"
    rows: dict[str, Any] = {
        "product_id": [index.product.values[i] for i in product[order]],
        "product": [index.product_names.get(index.product.values[i]) for i in product[order]],
        "theme_id": [index.themes[g].id if g >= 0 else None for g in theme[order]],
        "name": [index.themes[g].name if g >= 0 else None for g in theme[order]],
        "units_sold": [of[i] for i in product[order]],
        "reviews": said[order],
        "returns": back[order] if any_returns else [None] * len(order),
        "label": [OF_REVIEWERS] * len(order),
        "reason": [
            None if not np.isnan(n) else partial if part and of[i] else "units sold are not known"
            for i, n in zip(product[order], known[order], strict=True)
        ],
    }
    for names, values in (
        (("per_1000_sold", "per_1000_low", "per_1000_high"), rate),
        (("returns_per_1000", "returns_low", "returns_high"), rate_back),
    ):
        unknown = names[0] == "returns_per_1000" and not any_returns
        rows |= {k: [None] * len(order) if unknown else v[order] for k, v in zip(names, values, strict=True)}
    return pa.Table.from_arrays([pa.array(rows[f.name], f.type, from_pandas=True) for f in UNITS], schema=UNITS)


def poisson_rate(count: Ints, units_sold: Floats, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Return counts per thousand units and Garwood's exact intervals, shape (k,); NaN where the units are NaN."""
    from scipy.stats import chi2

    tail = (1 - confidence) / 2
    low = np.where(count > 0, chi2.ppf(tail, 2 * np.maximum(count, 1)) / 2, 0.0)
    high = chi2.ppf(1 - tail, 2 * (count + 1)) / 2
    per = 1000 / units_sold
    return count * per, low * per, high * per
