"""Price against score: which products are cheap, which are liked, and where a cheap one could score high."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.facts import Facts
from voc.insights.impact import star_impact
from voc.insights.index import Floats, Index, Ints, Mask
from voc.insights.intervals import mean_intervals
from voc.insights.ranking import number
from voc.insights.sample import effective_products, rated_sample
from voc.insights.scope import Scope, population, select
from voc.tables.compared import PRICE_MAP

#: Cut point of the map's one axis: a product is liked with at least so many stars. The other axis is cut at the median
#: price of the category: below it is cheap, from it on dear.
LIKED = 4.0
#: A median price needs this many products of one category and currency.
MIN_PRICED = 2
#: So many of a category's costliest themes are taken out for the score it reaches without them.
COSTLIEST = 3
#: Products' true mean ratings differ by no greater standard deviation.
WIDEST = 2.0
#: That score needs this many reviews.
MIN_WITHOUT = 30


def price_map(facts: Facts, scope: Scope, *, config: InsightsConfig) -> pa.Table:
    """Place each product by price and score, and say which cheap ones leave room for a high score.

    Prices are compared within one category and currency only, with the median over all products of the table
    `products` that have both, so that a product does not move when the scope changes. Scores are shrunken over all
    products of the scope (see `shrunken_means`). A quadrant is given where the shrunken score's interval lies on one
    side of `LIKED`.

    `without_rating` is the mean rating of the category's reviews that mention none of its `COSTLIEST` themes with the
    greatest star impact. These stars are associated with the absence of such complaints, not promised to whoever
    mends them: contented people complain of nothing, and choosing the themes by the same reviews flatters the figure
    a little. `opening` is "yes" for a cheap product whose score surely lies below that, where that is surely liked
    (lower bound at least `LIKED`); "no" for a dear product, or where either is surely not so.

    Args:
        facts: the tables; prices, currencies and categories from `products`.
        scope: the reviews under view.
        config: confidence level, least number of reviews of a theme.

    Returns:
        A table with the schema `PRICE_MAP`, openings first, then by headroom, then by id; empty without prices.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index = facts.index
    rated = population(index, select(facts, scope)) & ~np.isnan(index.stars)
    listed = {p["product_id"]: p for p in facts.products.to_pylist()}
    of = [listed.get(value, {}) for value in index.product.values]
    category = np.array([_fold(p.get("category")) for p in of] + [""], dtype=object)
    medians = _medians(list(listed.values()))

    named = rated & (index.product.codes >= 0)
    code, stars, size = index.product.codes[named], index.stars[named], len(of)
    n = np.bincount(code, minlength=size)
    total, squares = (np.bincount(code, weights=stars**k, minlength=size).astype(float) for k in (1, 2))
    mean = mean_intervals(total, squares, n, config.confidence)
    some = np.flatnonzero(n)
    drawn = tuple(np.full(size, np.nan) for _ in range(3))
    for whole, part in zip(drawn, shrunken_means(total[some], squares[some], n[some], config.confidence), strict=True):
        whole[some] = part

    without: dict[str, dict[str, Any]] = {}
    rows = []
    for i in some.tolist():
        about = of[i]
        if not _priced(about):
            continue
        kind = category[i]
        if kind not in without:
            without[kind] = _without(index, rated & (category[index.product.codes] == kind), config) if kind else {}
        row: dict[str, Any] = {name: about.get(name) for name in ("own", "category", "price", "currency", "brand")}
        key = index.product.values[i]
        row |= {"product_id": key, "product": index.product_names.get(key), "reviews": int(n[i])}
        row |= dict(zip(("mean_rating", "rating_low", "rating_high"), (number(x[i]) for x in mean), strict=True))
        row |= dict(zip(("shrunk_rating", "shrunk_low", "shrunk_high"), (number(x[i]) for x in drawn), strict=True))
        median = medians.get((kind, about["currency"]))
        row["price_ratio"] = None if median is None else about["price"] / median
        row |= without[kind] or {"costliest": [], "without_reviews": 0}
        _judge(row)
        rows.append(row)
    rank = {"yes": 0, "not sure": 1, "no": 2}
    rows.sort(key=lambda r: (rank.get(r["opening"], 3), -(r["headroom"] or 0), r["product_id"]))
    return pa.Table.from_pylist(rows, schema=PRICE_MAP)


def shrunken_means(total: Floats, squares: Floats, count: Ints, confidence: float) -> tuple[Floats, Floats, Floats]:
    """Return empirical-Bayes means of groups and their intervals, shape (k,), from sums; every count is at least 1.

    Normal-normal model with one variance within groups for all; the variance between groups is integrated out over a
    flat prior, as far as a standard deviation of `WIDEST` stars (Morris and Tang 2011, Estimating Random Effects via
    Adjustment for Density Maximization): a single estimate of it is 0 too often, and intervals then too
    narrow. They hold their level on average over the groups, not for each. Below four groups there is no spread to
    learn from: the plain means with the common variance.
    """
    from scipy.stats import norm

    mean = total / count
    left = max(float((count - 1).sum()), 1.0)
    within = max(float((squares - count * mean**2).sum()) / left, 1e-4)
    if count.sum() == len(count):
        within = 1.0  # nobody was rated twice: one star of standard deviation is what ratings usually have
    noise, k = within / count, len(count)
    estimate, variance = mean, noise
    if k >= 4:
        spread = np.linspace(0, WIDEST, 201)[1:, None]  # of the true means, shape (grid, 1)
        weight = 1 / (spread**2 + noise)
        centre = (weight * mean).sum(axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
        fit = np.log(weight).sum(axis=1) - np.log(weight.sum(axis=1)) - (weight * (mean - centre) ** 2).sum(axis=1)
        belief = np.exp((fit - fit.max()) / 2) * spread[:, 0]  # flat in the variance
        belief /= belief.sum()
        pull = noise * weight
        each = mean - pull * (mean - centre)
        estimate = belief @ each
        inside = (1 - pull) * noise + pull**2 / weight.sum(axis=1, keepdims=True)
        variance = belief @ (inside + (each - estimate) ** 2)
    half = norm.ppf((1 + confidence) / 2) * np.sqrt(variance)
    return estimate, np.maximum(estimate - half, 1.0), np.minimum(estimate + half, 5.0)


def _without(index: Index, mask: Mask, config: InsightsConfig) -> dict[str, Any]:
    """Return the mean rating of a category's reviews that mention none of its costliest themes."""
    pairs = index.theme_pairs
    sample = rated_sample(index, mask, pairs, np.arange(pairs.size))
    impact = star_impact(sample)
    cost = np.where(impact.rated >= config.min_reviews, impact.impact, 0.0)
    worst = [g for g in np.lexsort((np.arange(pairs.size), -cost))[:COSTLIEST].tolist() if cost[g] > 0]
    left = np.ones(len(sample.stars), bool)
    left[sample.row[np.isin(sample.group, worst)]] = False
    value = _mean(sample.stars[left], sample.product[left], config.confidence)
    names = ("without_rating", "without_low", "without_high")
    found: dict[str, Any] = {"costliest": [index.themes[g].name for g in worst], "without_reviews": int(left.sum())}
    return found | dict(zip(names, value if left.sum() >= MIN_WITHOUT else (None,) * 3, strict=True))


def _mean(stars: Floats, product: Ints, confidence: float) -> tuple[float | None, float | None, float | None]:
    """Return a mean and its t interval, with the variance between products where three or more (Kish) give one."""
    from scipy.stats import t

    mean, low, high = mean_intervals(stars.sum(), (stars**2).sum(), len(stars), confidence)
    freedom = effective_products(product) - 1
    if freedom >= 2:
        _, place = np.unique(product, return_inverse=True)
        residual = np.bincount(place.ravel(), weights=stars - mean[0])
        spread = np.sqrt(len(residual) / (len(residual) - 1) * (residual**2).sum()) / len(stars)
        half = t.ppf((1 + confidence) / 2, freedom) * spread
        low, high = np.minimum(low, np.maximum(mean - half, 1.0)), np.maximum(high, np.minimum(mean + half, 5.0))
    return number(mean[0]), number(low[0]), number(high[0])


def _judge(row: dict[str, Any]) -> None:
    """Add headroom, quadrant, opening and reason to a row that has the rest."""
    row |= dict.fromkeys(("headroom", "headroom_low", "headroom_high", "quadrant", "opening", "reason"))
    low, high, reach = row["shrunk_low"], row["shrunk_high"], row.get("without_rating")
    if reach is not None:
        gap = reach - row["shrunk_rating"]
        down = np.hypot(reach - row["without_low"], high - row["shrunk_rating"])
        up = np.hypot(row["without_high"] - reach, row["shrunk_rating"] - low)
        row |= {"headroom": gap, "headroom_low": gap - down, "headroom_high": gap + up}
    reasons = []
    if row["price_ratio"] is None:
        what = "category" if not _fold(row["category"]) else "currency" if not row["currency"] else None
        few = f"fewer than {MIN_PRICED} products of this category and currency have a price"
        reasons.append(f"its {what} is unknown" if what else few)
    else:
        side = "cheap" if row["price_ratio"] < 1 else "dear"
        if low >= LIKED or high < LIKED:
            row["quadrant"] = f"{side}, {'liked' if low >= LIKED else 'not liked'}"
        else:
            reasons.append(f"the score may lie on either side of {LIKED:g} stars")
        if side == "dear":
            row["opening"] = "no"
        elif reach is None:
            reasons.append(f"fewer than {MIN_WITHOUT} reviews of the category are without its costliest themes")
        elif row["without_low"] >= LIKED and row["headroom_low"] > 0:
            row["opening"] = "yes"
        else:
            row["opening"] = "no" if row["without_high"] < LIKED or row["headroom_high"] < 0 else "not sure"
    row["reason"] = "; ".join(reasons) or None


def _medians(products: list[dict[str, Any]]) -> dict[tuple[str, str | None], float]:
    prices: dict[tuple[str, str | None], list[float]] = {}
    for p in products:
        if _priced(p) and _fold(p["category"]) and p["currency"]:
            prices.setdefault((_fold(p["category"]), p["currency"]), []).append(p["price"])
    return {key: float(np.median(values)) for key, values in prices.items() if len(values) >= MIN_PRICED}


def _priced(product: dict[str, Any]) -> bool:
    price = product.get("price")
    return price is not None and 0 < price < float("inf")


def _fold(text: str | None) -> str:
    return (text or "").strip().casefold()
