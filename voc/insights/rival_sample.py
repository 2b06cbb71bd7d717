"""Whether the reviews of both sides support the benchmark at all, and what its figures do not say."""

from __future__ import annotations

import numpy as np

from voc.insights.arrays import Floats, Ints, Mask
from voc.insights.index import Index
from voc.insights.rival_shares import MIN_FREEDOM, Side

#: Each side needs this many counted reviews, and this many of them with at most `CRITICAL` stars.
MIN_REVIEWS, MIN_CRITICAL, CRITICAL = 100, 30, 3.5
#: From this share of five stars (or of one star) on, a side's reviews are a choice of praise (or of blame).
ONE_SIDED = 0.9
#: An export looks cut off when this share of its products (five or more) has the very same number of reviews (ten up).
CUT_OFF = 1 / 3


def unsupported(index: Index, owner: Ints, ours: Mask, theirs: Mask, comparable: bool) -> str | None:
    """Say why the sample supports no comparison and what to do, or return None.

    Args:
        index: the facts as arrays.
        owner: whose each product of the index is: 1 ours, 0 a competitor's, -1 unknown.
        ours: our reviews that count, of all categories, shape (n_reviews,).
        theirs: the competitors', likewise.
        comparable: both sides sell something of one category.
    """
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


def cautions(index: Index, ours: Side, theirs: Side, weight: Floats, named: bool) -> tuple[str, ...]:
    """Say what the figures do not, one sentence each.

    Args:
        index: the facts as arrays.
        ours: our compared reviews by product.
        theirs: the competitors'.
        weight: of each compared category in the standard mix, shape (categories,).
        named: every product has a category.
    """
    said = []
    for who, side in (("our side", ours), ("the competitors' side", theirs)):
        if side.freedom(weight) < MIN_FREEDOM:
            n = len(side.sizes)
            said.append(
                f"The {n} product{'s' if n > 1 else ''} compared on {who} are too few to speak of a brand: "
                "the figures hold for these very products."
            )
    cut = _cut_off(index)
    if cut:
        said.append(f"Many products have exactly {cut} reviews: shares are of the reviews exported, not of all.")
    if not named:
        said.append("Not every product has a category: products of all kinds are compared with one another.")
    return tuple(said)


def _cut_off(index: Index) -> int | None:
    """Return the number of reviews at which the export seems cut off for each product, None where it does not."""
    sizes = np.bincount(index.product.codes[index.product.codes >= 0])
    sizes = sizes[sizes >= 10]
    values, times = np.unique(sizes, return_counts=True)
    if len(sizes) < 5 or times.max() < max(3, CUT_OFF * len(sizes)):
        return None
    return int(values[times.argmax()])
