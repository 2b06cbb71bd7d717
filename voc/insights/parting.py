"""Parts reviews into segments: by product, brand, market, variant, channel, time in use, verified or incentivised."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voc.errors import VocError
from voc.insights.facts import Facts
from voc.insights.index import Coded, Mask

#: What a scope can be parted by.
SEGMENTERS = ("market", "variant", "verified", "incentivised", "channel", "time_in_use")
#: Besides that, what reviews were written about: products and brands are compared when somebody asks for it.
DIMENSIONS = (*SEGMENTERS, "product", "brand")
#: Users who state more days in use than this are long-term users.
NEW_USER_DAYS = 30
#: The largest values of a column are segments of their own; the others are put together.
MAX_VALUES = 20
#: Names of the segments of reviews that state nothing, and of all values beyond `MAX_VALUES`.
NOT_STATED, OTHERS = "not stated", "all others"

_FLAGS = {"verified": ("not verified", "verified"), "incentivised": ("not incentivised", "incentivised")}


def aligned(facts: Facts, column: str) -> pa.Array:
    """Return a column of `reviews` in the order of `facts.index`."""
    return facts.reviews.column(column).combine_chunks().take(facts.index.place)


def segment_of(facts: Facts, by: str, counted: Mask) -> Coded:
    """Return the segment of each review, with no null among them; the values are sorted.

    Time in use is the longest that any opinion of the review states: `new` up to `NEW_USER_DAYS` days, `long-term`
    beyond. Of a column with many values the `MAX_VALUES` commonest among the reviews `counted` are kept (of equals
    the first by letter) and the others become one segment.

    Raises:
        VocError: `by` is not one of `DIMENSIONS`.
    """
    if by not in DIMENSIONS:
        raise VocError(f"reviews cannot be parted by {by!r}; there is {', '.join(DIMENSIONS)}.")
    stated = _stated(facts, by)
    codes, values = stated.codes, stated.values
    sizes = np.bincount(codes[counted], minlength=len(values))
    ranked = sorted(range(len(values)), key=lambda v: (-sizes[v], values[v]))
    kept = {values[v]: values[v] for v in ranked[:MAX_VALUES]}
    joined = [kept.get(v, OTHERS) for v in values]
    final = sorted(set(joined))
    place = np.array([final.index(v) for v in joined], np.int64)
    return Coded(place[codes] if len(values) else codes.astype(np.int64), final)


def _stated(facts: Facts, by: str) -> Coded:
    """Return what each review states, kept with the index: it is asked for again for every two phases compared."""
    held = facts.index.stated
    if by not in held:
        encoded = pc.fill_null(_named(facts, by), NOT_STATED).dictionary_encode()
        held[by] = Coded(encoded.indices.to_numpy(zero_copy_only=False), encoded.dictionary.to_pylist())
    return held[by]


def _named(facts: Facts, by: str) -> pa.Array:
    if by in ("product", "brand"):
        # Not from the table: the index knows the brands of products whose reviews name none.
        known = facts.index.product if by == "product" else facts.index.brand
        return pa.array(known.values, pa.string()).take(pa.array(known.codes, mask=known.codes < 0))
    if by == "time_in_use":
        return _time_in_use(facts)
    if by in _FLAGS:
        no, yes = (pa.scalar(word, pa.string()) for word in _FLAGS[by])
        return pc.if_else(aligned(facts, by), yes, no)
    return aligned(facts, by)


def _time_in_use(facts: Facts) -> pa.Array:
    stated = facts.mentions.select(["review_id", "days_in_use"]).filter(pc.is_valid(facts.mentions["days_in_use"]))
    longest = stated.group_by("review_id").aggregate([("days_in_use", "max")])
    place = pc.index_in(facts.index.review_id, value_set=longest.column("review_id").combine_chunks())
    days = longest.column("days_in_use_max").combine_chunks().take(place)
    return pc.if_else(pc.less_equal(days, NEW_USER_DAYS), pa.scalar("new"), pa.scalar("long-term"))
