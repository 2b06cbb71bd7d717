"""The benchmark: which troubles only our products have, which everybody's, and which only the competitors'."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.arrays import distinct
from voc.insights.facts import Facts
from voc.insights.index import Floats, Ints
from voc.insights.intervals import benjamini_hochberg, newcombe, wilson
from voc.insights.ranking import number
from voc.insights.rival_sample import cautions, unsupported
from voc.insights.rival_shares import Share, Side, no_difference_p
from voc.insights.scope import Scope, population, select
from voc.tables.compared import RIVALS

#: A side has a trouble when surely more than this share of its reviews mention it, and lacks it when surely fewer do.
NEGLIGIBLE = 0.01
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
    (Cochran 1977, ratio estimators); at least that of independent reviews, and half of what all themes
    together exceed it by, since a handful of products measures one theme's spread badly. Shares and differences are
    then Wilson's and Newcombe's with the effective sample size of Korn and Graubard (1998, Survey Methodology 24),
    corrected for the degrees of freedom between products. A side with too few products for that (`MIN_FREEDOM` of
    `voc.insights.rival_shares`) is taken as these very products, and a caution says so. p-values: t test of two shares
    with the same variances, Satterthwaite's degrees of freedom, and Fisher's exact test of the effective counts where
    these are small.

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
    theirs, ours = (Side.of(index, shared & (side == s), (row, group), kept, category, both) for s in (0, 1))
    weight = ours.reviews * theirs.reviews / np.maximum(ours.reviews + theirs.reviews, 1)
    weight = weight / weight.sum() if weight.any() else weight
    reason = unsupported(index, owner, known & (side == 1), known & (side == 0), bool(shared.any()))
    rows = _rows(ours, theirs, Share.of(ours, weight, config), Share.of(theirs, weight, config), config)
    for values, g in zip(rows, kept.tolist(), strict=True):
        values.update(groups[g])
        if reason is not None:
            values.update({"class": TOO_LITTLE, "reason": "the sample does not support a comparison"})
    rows.sort(key=lambda r: (r["class"] == TOO_LITTLE, _last(r["q_value"]), -abs(r["difference"] or 0), r["id"]))
    return Rivals(
        pa.Table.from_pylist(rows, schema=RIVALS),
        reason,
        cautions(index, ours, theirs, weight, named) if shared.any() else (),
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
    about_product = ~m.target.equals("competitor")
    themes, areas = len(index.themes), len(index.areas)
    judged = np.where(m.is_specificity("judgement") & (index.complaint_area >= 0), themes + index.complaint_area, -1)
    size = max(themes + areas, 1)
    keys = [m.row[use] * size + group[use] for group in (m.theme, judged) for use in [about_product & (group >= 0)]]
    key = distinct(np.concatenate(keys))
    names = [{"level": "theme", "id": t.id, "name": t.name, "area": t.area} for t in index.themes]
    names += [{"level": "area", "id": a.id, "name": a.name, "area": a.name} for a in index.areas]
    return key // size, key % size, names


def _rows(ours: Side, theirs: Side, our: Share, their: Share, config: InsightsConfig) -> list[dict[str, Any]]:
    values: dict[str, Floats] = {}
    for name, one in (("own", our), ("rival", their)):
        _, low, high = wilson(one.share * one.adjusted, one.adjusted, config.confidence)
        values |= {f"{name}_reach": one.share, f"{name}_low": low, f"{name}_high": high}
    difference = newcombe(
        our.share * our.adjusted, our.adjusted, their.share * their.adjusted, their.adjusted, config.confidence
    )
    values |= dict(zip(("difference", "difference_low", "difference_high"), difference, strict=True))
    values["p_value"] = no_difference_p(our, their)
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
