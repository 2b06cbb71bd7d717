"""The benchmark: which troubles only our products have, which everybody's, and which only the competitors'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.facts import Facts
from voc.insights.index import Floats, Index, Ints, Mask
from voc.insights.intervals import SMALL_EXPECTED, benjamini_hochberg, difference_p, newcombe, wilson
from voc.insights.ranking import number
from voc.insights.scope import Scope, population, select
from voc.insights.time_in_use import in_order
from voc.tables.compared import RIVALS

#: Each side needs this many counted reviews, and this many of them with at most `CRITICAL` stars.
MIN_REVIEWS, MIN_CRITICAL, CRITICAL = 100, 30, 3.5
#: From this share of five stars (or of one star) on, a side's reviews are a choice of praise (or of blame).
ONE_SIDED = 0.9
#: A side has a trouble when surely more than this share of its reviews mention it, and lacks it when surely fewer do.
NEGLIGIBLE = 0.01
#: A side with at least this many degrees of freedom between its products is compared as a brand.
MIN_FREEDOM = 2.0
#: An export looks cut off when this share of its products (five or more) has the very same number of reviews (ten up).
CUT_OFF = 1 / 3

#: The class of all that cannot be told.
TOO_LITTLE = "too little data"


@dataclass(frozen=True)
class Rivals:
    """Our products against the competitors', and how far the sample carries."""

    table: pa.Table  # RIVALS, the surest and largest differences first
    reason: str | None  # why no conclusion is drawn and what to do; then every class is "too little data"
    cautions: tuple[str, ...]  # what the figures do not say, one sentence each
    own_reviews: int  # compared
    rival_reviews: int
    own_products: int
    rival_products: int
    unknown_reviews: int  # left out: nobody says whose product it is
    unmatched_reviews: int  # left out: of categories that only one side sells
    categories: tuple[str, ...]  # compared; empty where no category is known


def rivals(facts: Facts, scope: Scope, *, config: InsightsConfig) -> Rivals:
    """Compare the reach of each theme, and of judgements of each area, in our reviews and the competitors'.

    Only like is compared with like: where categories are known, reviews of categories that one side lacks are left
    out, and both sides' shares are standardised to one mix of categories (weights of Mantel and Haenszel 1959,
    n m / (n + m)). Opinions about another maker's product count for neither side.

    Reviews of one product resemble one another. A side's variance is that between its products, by linearisation
    (Cochran 1977, Sampling Techniques, chapter 3); at least that of independent reviews, and half of what all themes
    together exceed it by, since a handful of products measures one theme's spread badly. Shares and differences are
    then Wilson's and Newcombe's with the effective sample size of Korn and Graubard (1998, Survey Methodology 24),
    corrected for the degrees of freedom between products. A side with too few products for that (`MIN_FREEDOM`) is
    taken as these very products, and a caution says so. p-values: t test of two shares with the same variances,
    Satterthwaite's degrees of freedom, and Fisher's exact test of the effective counts where these are small.

    Classes; "sure" is a difference whose interval lies on one side of 0, with q at most 1 - `config.confidence`:
    "only ours": surely more, our lower bound above `NEGLIGIBLE` and theirs surely below it; "only theirs": the same
    the other way round; "worse than theirs", "better than theirs": other sure differences; "everybody's": no sure
    difference, both lower bounds above `NEGLIGIBLE`; "too little data": all else.

    Reach is of reviewers, not of buyers, and no cause: who buys the cheaper product may expect less.

    Args:
        facts: the tables; `products.own` says whose a product is.
        scope: the reviews under view.
        config: confidence level, least number of reviews (of both sides together) for a row.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index = facts.index
    base = population(index, select(facts, scope))
    owner, category = _ownership(facts)
    side = np.append(owner, -1)[index.product.codes]  # 1 ours, 0 theirs, -1 unknown
    known = base & (side >= 0)
    kinds = [np.unique(category[np.unique(index.product.codes[known & (side == s)])]) for s in (0, 1)]
    named = not any("" in kind for kind in kinds)
    if not named:
        category[:] = ""
    both = np.intersect1d(kinds[0], kinds[1]) if named else np.array([""])
    shared = known & np.isin(np.append(category, "")[index.product.codes], both)

    row, group, groups = _groups(facts)
    kept = np.flatnonzero(np.bincount(group[shared[row]], minlength=len(groups)) >= config.min_reviews)
    theirs, ours = (_tally(index, shared & (side == s), (row, group), kept, category, both) for s in (0, 1))
    weight = ours.reviews * theirs.reviews / np.maximum(ours.reviews + theirs.reviews, 1)
    weight = weight / weight.sum() if weight.any() else weight
    reason = _unsupported(facts, known & (side == 1), known & (side == 0), bool(shared.any()))
    rows = _rows(ours, theirs, _share(ours, weight, config), _share(theirs, weight, config), config)
    for values, g in zip(rows, kept.tolist(), strict=True):
        values.update(groups[g])
        if reason is not None:
            values.update({"class": TOO_LITTLE, "reason": "the sample does not support a comparison"})
    rows.sort(key=lambda r: (r["class"] == TOO_LITTLE, _last(r["q_value"]), -abs(r["difference"] or 0), r["id"]))
    cautions = _cautions(facts, ours, theirs, weight, named) if shared.any() else ()
    return Rivals(
        pa.Table.from_pylist(rows, schema=RIVALS),
        reason,
        cautions,
        int(ours.sizes.sum()),
        int(theirs.sizes.sum()),
        len(ours.sizes),
        len(theirs.sizes),
        int((base & (side < 0)).sum()),
        int((known & ~shared).sum()),
        tuple(c for c in both.tolist() if c),
    )


def _ownership(facts: Facts) -> tuple[Ints, Any]:
    """Return for each product of the index whose it is (1, 0, -1 unknown) and its category ("" unknown)."""
    listed = {p["product_id"]: p for p in facts.products.select(["product_id", "own", "category"]).to_pylist()}
    about = [listed.get(value, {}) for value in facts.index.product.values]
    owner = [-1 if p.get("own") is None else int(p["own"]) for p in about]
    category = [(p.get("category") or "").strip().casefold() for p in about]
    return np.array(owner, np.int64), np.array(category, dtype=object).astype(str)


def _groups(facts: Facts) -> tuple[Ints, Ints, list[dict[str, Any]]]:
    """Return which reviews mention which groups (row, group), each pair once, and what the groups are called."""
    index, m = facts.index, facts.index.mentions
    target = in_order(facts, ["target"]).column("target").to_pylist()
    ours = np.array([t != "competitor" for t in target], bool)
    themes, areas = len(index.themes), len(index.areas)
    judged = np.where(m.is_specificity("judgement") & (index.complaint_area >= 0), themes + index.complaint_area, -1)
    size = max(themes + areas, 1)
    keys = [m.row[use] * size + group[use] for group in (m.theme, judged) for use in [ours & (group >= 0)]]
    key = np.unique(np.concatenate(keys))
    names = [{"level": "theme", "id": t.id, "name": t.name, "area": t.area} for t in index.themes]
    names += [{"level": "area", "id": a.id, "name": a.name, "area": a.name} for a in index.areas]
    return key // size, key % size, names


@dataclass(frozen=True)
class _Side:
    """One side's compared reviews by product."""

    counts: Floats  # (products, groups), reviews that mention the group
    sizes: Floats  # (products,), reviews
    stratum: Ints  # (products,), position of its category
    reviews: Floats  # (categories,)


def _tally(index: Index, mask: Mask, pairs: tuple[Ints, Ints], kept: Ints, category: Any, both: Any) -> _Side:
    codes, product = np.unique(index.product.codes[mask], return_inverse=True)
    place = np.full(index.size, -1)
    place[mask] = product.ravel()
    column = np.full(int(max(pairs[1].max(initial=0), kept.max(initial=0))) + 1, -1)
    column[kept] = np.arange(len(kept))
    use = mask[pairs[0]] & (column[pairs[1]] >= 0)
    key = place[pairs[0][use]] * len(kept) + column[pairs[1][use]]
    counts = np.bincount(key, minlength=len(codes) * len(kept)).reshape(len(codes), len(kept)).astype(float)
    sizes = np.bincount(place[mask], minlength=len(codes)).astype(float)
    stratum = np.searchsorted(both, category[codes])
    return _Side(counts, sizes, stratum, np.bincount(stratum, weights=sizes, minlength=len(both)).astype(float))


@dataclass(frozen=True)
class _Share:
    """Standardised shares of one side; arrays of shape (groups,)."""

    share: Floats
    effective: Floats  # reviews that would tell as much if they were independent
    adjusted: Floats  # the same, less for the few products the spread is known from
    freedom: float  # degrees of freedom between products; infinite for "these very products"


def _freedom(side: _Side, weight: Floats) -> float:
    """Return the effective number of products (Kish 1965) less the categories they fall into."""
    part = (weight / np.maximum(side.reviews, 1))[side.stratum] * side.sizes
    return float(part.sum() ** 2 / max((part**2).sum(), 1e-300)) - len(np.unique(side.stratum))


def _share(side: _Side, weight: Floats, config: InsightsConfig) -> _Share:
    from scipy.stats import norm, t

    size = side.counts.shape[1]
    if not len(side.sizes) or not weight.any():
        return _Share(np.full(size, np.nan), np.zeros(size), np.zeros(size), np.inf)
    each = weight / np.maximum(side.reviews, 1)  # a review's weight, by category
    total = np.zeros((len(weight), size))
    np.add.at(total, side.stratum, side.counts)
    by_category = total / np.maximum(side.reviews, 1)[:, None]
    share = weight @ by_category
    independent = (weight * each) @ (by_category * (1 - by_category))
    variance, freedom = independent, _freedom(side, weight)
    excess = 1.0
    if freedom >= MIN_FREEDOM:
        products = np.bincount(side.stratum, minlength=len(weight))[side.stratum]
        # A category with one product has no spread of its own: it is taken about the mean of all.
        centre = np.where((products > 1)[:, None], by_category[side.stratum], share)
        residual = each[side.stratum][:, None] * (side.counts - side.sizes[:, None] * centre)
        between = (products / np.maximum(products - 1, 1)) @ residual**2
        excess = max(1.0, float(between.sum() / max(independent.sum(), 1e-300)))
        variance = np.maximum(between, independent * (1 + excess) / 2)
    else:
        freedom = np.inf
    most = 1 / (weight * each).sum()
    effective = np.divide(share * (1 - share), variance, out=np.full(size, most / excess), where=variance > 0)
    effective = np.minimum(effective, side.sizes.sum())
    tail = (1 + config.confidence) / 2
    return _Share(share, effective, effective * (norm.ppf(tail) / t.ppf(tail, freedom)) ** 2, freedom)


def _p_values(ours: _Share, theirs: _Share) -> Floats:
    from scipy.stats import t

    a, n, b, m = ours.share, ours.effective, theirs.share, theirs.effective
    pooled = np.divide(a * n + b * m, n + m, out=np.zeros_like(n), where=n + m > 0)
    testable = (n > 0) & (m > 0) & (pooled > 0) & (pooled < 1)
    n, m = np.where(testable, n, 1), np.where(testable, m, 1)
    z = np.where(testable, (a - b) / np.sqrt(np.maximum(pooled * (1 - pooled), 1e-12) * (1 / n + 1 / m)), np.nan)
    freedom = (1 / n + 1 / m) ** 2 / np.maximum(1 / (n**2 * ours.freedom) + 1 / (m**2 * theirs.freedom), 1e-12)
    p = 2 * t.sf(np.abs(z), freedom)
    small = testable & (np.minimum(n, m) * np.minimum(pooled, 1 - pooled) < SMALL_EXPECTED)
    n, m = np.round(ours.adjusted[small]), np.round(theirs.adjusted[small])
    exact = difference_p(np.round(a[small] * n), n, np.round(b[small] * m), m)
    p[small] = np.fmax(p[small], exact)
    return np.asarray(p)


def _rows(ours: _Side, theirs: _Side, our: _Share, their: _Share, config: InsightsConfig) -> list[dict[str, Any]]:
    values: dict[str, Floats] = {}
    for name, one in (("own", our), ("rival", their)):
        _, low, high = wilson(one.share * one.adjusted, one.adjusted, config.confidence)
        values |= {f"{name}_reach": one.share, f"{name}_low": low, f"{name}_high": high}
    difference = newcombe(
        our.share * our.adjusted, our.adjusted, their.share * their.adjusted, their.adjusted, config.confidence
    )
    values |= dict(zip(("difference", "difference_low", "difference_high"), difference, strict=True))
    values["p_value"] = _p_values(our, their)
    values["q_value"] = benjamini_hochberg(values["p_value"])
    rows = []
    for i in range(len(our.share)):
        row: dict[str, Any] = {name: number(column[i]) for name, column in values.items()}
        row["class"], row["reason"] = _class(row, 1 - config.confidence)
        row["own_reviews"] = int(ours.counts[:, i].sum())
        row["rival_reviews"] = int(theirs.counts[:, i].sum())
        rows.append(row)
    return rows


def _class(row: dict[str, Any], level: float) -> tuple[str, str | None]:
    """Return the class of a row by its intervals, and why it is "too little data"."""
    if row["difference_low"] is None or row["difference_high"] is None:
        return TOO_LITTLE, "one side has no reviews"
    certain = row["q_value"] is not None and row["q_value"] <= level
    if certain and row["difference_low"] > 0:
        only = row["own_low"] > NEGLIGIBLE > row["rival_high"]
        return ("only ours" if only else "worse than theirs"), None
    if certain and row["difference_high"] < 0:
        only = row["rival_low"] > NEGLIGIBLE > row["own_high"]
        return ("only theirs" if only else "better than theirs"), None
    if min(row["own_low"], row["rival_low"]) > NEGLIGIBLE:
        return "everybody's", None
    if max(row["own_high"], row["rival_high"]) < NEGLIGIBLE:
        return TOO_LITTLE, "rare on both sides"
    return TOO_LITTLE, "the difference may be chance, and one side may hardly have it"


def _last(value: float | None) -> float:
    return 2.0 if value is None else value


def _unsupported(facts: Facts, ours: Mask, theirs: Mask, comparable: bool) -> str | None:
    """Say why the sample supports no comparison and what to do, or return None."""
    index, owner = facts.index, _ownership(facts)[0]
    how = "name your brands as own_brands under [ingest] in voc.toml, or give a products file with a column own"
    if not (owner == 1).any():
        return f"No product is marked as ours: {how}."
    if not (owner == 0).any():
        return f"No product is marked as a competitor's: add competitors' reviews, and {how}."
    found = []
    for who, mask in (("our products", ours), ("the competitors' products", theirs)):
        total, stars = int(mask.sum()), index.own_rating[mask]
        stars = stars[~np.isnan(stars)]
        critical = int((index.stars[mask] <= CRITICAL).sum())
        if total < MIN_REVIEWS:
            found.append(f"{total} reviews of {who} are too few (at least {MIN_REVIEWS})")
        for value, share in ((5, np.mean(stars >= 4.5)), (1, np.mean(stars < 1.5))) if len(stars) else ():
            if share >= ONE_SIDED:
                found.append(f"{share:.0%} of the reviews of {who} have {value} star{'s' if value > 1 else ''}")
        if total >= MIN_REVIEWS and critical < MIN_CRITICAL:
            found.append(
                f"only {critical} of {total} reviews of {who} have three stars or fewer (at least {MIN_CRITICAL})"
            )
    if not found and not comparable:
        found.append("our products and the competitors' are of different categories")
    if not found:
        return None
    cut = _cut_off(index)
    if cut:
        found.append(f"and many products have exactly {cut} reviews, so the export holds a choice of them")
    return (
        f"The sample cannot support a comparison: {'; '.join(found)}. "
        "Export all reviews of both sides, not only the top ones, or widen the scope."
    )


def _cut_off(index: Index) -> int | None:
    """Return the number of reviews at which the export seems cut off for each product, None where it does not."""
    sizes = np.bincount(index.product.codes[index.product.codes >= 0])
    sizes = sizes[sizes >= 10]
    values, times = np.unique(sizes, return_counts=True)
    if len(sizes) < 5 or times.max() < max(3, CUT_OFF * len(sizes)):
        return None
    return int(values[times.argmax()])


def _cautions(facts: Facts, ours: _Side, theirs: _Side, weight: Floats, named: bool) -> tuple[str, ...]:
    said = []
    for who, side in (("our side", ours), ("the competitors' side", theirs)):
        if _freedom(side, weight) < MIN_FREEDOM:
            n = len(side.sizes)
            said.append(
                f"The {n} product{'s' if n > 1 else ''} compared on {who} are too few to speak of a brand: "
                "the figures hold for these very products."
            )
    cut = _cut_off(facts.index)
    if cut:
        said.append(f"Many products have exactly {cut} reviews: shares are of the reviews exported, not of all.")
    if not named:
        said.append("Not every product has a category: products of all kinds are compared with one another.")
    return tuple(said)
