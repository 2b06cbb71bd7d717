"""What the analyses that compare return: segments, competitors, prices, units sold, other views of the list."""

from __future__ import annotations

import pyarrow as pa

#: Columns of `segments`. Rows with a null theme_id carry the mean rating; `analysed` are then the rated reviews.
SEGMENTS = pa.schema(
    [
        pa.field("by", pa.string(), nullable=False),  # one of `SEGMENTERS`
        pa.field("segment", pa.string(), nullable=False),
        pa.field("theme_id", pa.string()),
        pa.field("name", pa.string()),
        pa.field("reviews", pa.int64(), nullable=False),  # that mention the theme; rating rows: the rated ones
        pa.field("analysed", pa.int64(), nullable=False),
        pa.field("value", pa.float64()),  # reach (0..1), or mean rating (1..5)
        pa.field("low", pa.float64()),  # Wilson, or t interval
        pa.field("high", pa.float64()),
        pa.field("rest_analysed", pa.int64(), nullable=False),
        pa.field("rest_value", pa.float64()),  # of the rest of the scope; see `segments` for time in use
        pa.field("difference", pa.float64()),  # segment minus rest
        pa.field("difference_low", pa.float64()),  # Newcombe, or Welch
        pa.field("difference_high", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("q_value", pa.float64()),  # Benjamini-Hochberg over the themes, or the ratings, of the whole table
        pa.field("reason", pa.string()),  # why the difference is not tested
    ]
)

#: Columns of `Sides.table`: one row for the mean rating, one for reports of hazards, and one per theme.
SIDES = pa.schema(
    [
        pa.field("measure", pa.string(), nullable=False),  # rating, hazards, theme
        pa.field("theme_id", pa.string()),  # null for rating and hazards
        pa.field("name", pa.string(), nullable=False),
        pa.field("area", pa.string()),
        pa.field("class", pa.string(), nullable=False),  # see `sides`
        pa.field("first_reviews", pa.int64(), nullable=False),  # that mention it; rating: the rated ones
        pa.field("first_analysed", pa.int64(), nullable=False),  # reviews counted; rating: the rated ones
        pa.field("first_value", pa.float64()),  # reach (0..1), or mean rating (1..5)
        pa.field("first_low", pa.float64()),  # Wilson, or t interval
        pa.field("first_high", pa.float64()),
        pa.field("second_reviews", pa.int64(), nullable=False),
        pa.field("second_analysed", pa.int64(), nullable=False),
        pa.field("second_value", pa.float64()),
        pa.field("second_low", pa.float64()),
        pa.field("second_high", pa.float64()),
        pa.field("difference", pa.float64()),  # first minus second
        pa.field("difference_low", pa.float64()),  # Newcombe, or Welch
        pa.field("difference_high", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("q_value", pa.float64()),  # Benjamini-Hochberg over the themes; rating and hazards: null
        pa.field("reason", pa.string()),  # why nothing is told of it
    ]
)

#: Columns of `Rivals.table`: a theme's or area's reach on both sides, comparable by category.
RIVALS = pa.schema(
    [
        pa.field("level", pa.string(), nullable=False),  # theme: its troubles; area: judgements of it ("sound is bad")
        pa.field("id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("area", pa.string()),
        pa.field("class", pa.string(), nullable=False),  # see `rivals`
        pa.field("reason", pa.string()),  # why the class is "too little data"
        pa.field("own_reviews", pa.int64(), nullable=False),  # of our compared products, that mention it
        pa.field("own_reach", pa.float64()),  # share; null without compared reviews
        pa.field("own_low", pa.float64()),
        pa.field("own_high", pa.float64()),
        pa.field("rival_reviews", pa.int64(), nullable=False),
        pa.field("rival_reach", pa.float64()),
        pa.field("rival_low", pa.float64()),
        pa.field("rival_high", pa.float64()),
        pa.field("difference", pa.float64()),  # own_reach - rival_reach
        pa.field("difference_low", pa.float64()),
        pa.field("difference_high", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("q_value", pa.float64()),  # Benjamini-Hochberg over all rows
    ]
)

#: Columns of `price_map`: one row per product with a known price and at least one rated review in scope.
PRICE_MAP = pa.schema(
    [
        pa.field("product_id", pa.string(), nullable=False),
        pa.field("product", pa.string()),
        pa.field("brand", pa.string()),
        pa.field("own", pa.bool_()),  # ours, a competitor's, unknown (null)
        pa.field("category", pa.string()),
        pa.field("price", pa.float64(), nullable=False),
        pa.field("currency", pa.string()),
        pa.field("price_ratio", pa.float64()),  # price over the median of its category and currency
        pa.field("reviews", pa.int64(), nullable=False),  # counted reviews with stars, own or predicted
        pa.field("mean_rating", pa.float64(), nullable=False),
        pa.field("rating_low", pa.float64()),  # t interval; null below two reviews
        pa.field("rating_high", pa.float64()),
        pa.field("shrunk_rating", pa.float64()),  # drawn towards all products' mean the fewer reviews there are
        pa.field("shrunk_low", pa.float64()),
        pa.field("shrunk_high", pa.float64()),
        pa.field("quadrant", pa.string()),  # "cheap, liked" ... "dear, not liked"; null where it is not sure
        pa.field("costliest", pa.list_(pa.string()), nullable=False),  # names of the category's costliest themes
        pa.field("without_reviews", pa.int64(), nullable=False),  # the category's reviews that mention none of them
        pa.field("without_rating", pa.float64()),  # their mean rating: stars associated with, not promised
        pa.field("without_low", pa.float64()),
        pa.field("without_high", pa.float64()),
        pa.field("headroom", pa.float64()),  # without_rating - shrunk_rating
        pa.field("headroom_low", pa.float64()),
        pa.field("headroom_high", pa.float64()),
        pa.field("opening", pa.string()),  # "yes", "no", "not sure"; null where it cannot be asked
        pa.field("reason", pa.string()),  # why quadrant or opening is null
    ]
)

#: Columns of `units`: one row per product and theme that a counted review or a return mentions, and one per product.
UNITS = pa.schema(
    [
        pa.field("product_id", pa.string(), nullable=False),
        pa.field("product", pa.string()),
        pa.field("theme_id", pa.string()),  # null: the product as a whole
        pa.field("name", pa.string()),  # of the theme
        pa.field("units_sold", pa.int64()),
        pa.field("reviews", pa.int64(), nullable=False),  # counted reviews that mention the theme
        pa.field("per_1000_sold", pa.float64()),  # null without units sold
        pa.field("per_1000_low", pa.float64()),
        pa.field("per_1000_high", pa.float64()),
        pa.field("returns", pa.int64()),  # returns that mention it; null where no return of the scope was read
        pa.field("returns_per_1000", pa.float64()),
        pa.field("returns_low", pa.float64()),
        pa.field("returns_high", pa.float64()),
        pa.field("label", pa.string(), nullable=False),  # `OF_REVIEWERS`
        pa.field("reason", pa.string()),  # why the rates are null
    ]
)

#: Columns of `adjusted_impacts`.
ADJUSTED = pa.schema(
    [
        pa.field("rank", pa.int32(), nullable=False),  # by adjusted impact; those without one last
        pa.field("theme_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("area", pa.string()),
        pa.field("rated", pa.int64(), nullable=False),  # rated reviews that mention the theme
        pa.field("share", pa.float64()),  # of the rated reviews; null without rated reviews
        pa.field("star_impact", pa.float64()),  # the headline: mean without minus mean of all, in stars
        pa.field("per_review", pa.float64()),  # stars that a review with the theme lacks, all other themes equal
        pa.field("adjusted_impact", pa.float64()),  # share x per_review, in stars, comparable with the headline
        pa.field("adjusted_low", pa.float64()),
        pa.field("adjusted_high", pa.float64()),
        pa.field("shared", pa.float64()),  # headline minus adjusted: stars that go with other themes too
        pa.field("disagrees", pa.bool_(), nullable=False),  # strongly, and surely: see `adjusted_impacts`
        pa.field(
            "shared_with", pa.list_(pa.string()), nullable=False
        ),  # names of those themes, the largest share first
        pa.field("shared_with_ids", pa.list_(pa.string()), nullable=False),
        pa.field("penalty", pa.float64()),  # of the ridge, in reviews; the same in all rows
        pa.field("reason", pa.string()),  # in plain words: why there is no figure, or how far it can be trusted
    ]
)

#: Columns of `importance`.
IMPORTANCE = pa.schema(
    [
        pa.field("theme_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("area", pa.string()),
        pa.field("reviews", pa.int64(), nullable=False),  # that mention the theme
        pa.field("analysed", pa.int64(), nullable=False),  # reviews counted, see `population`
        pa.field("severe_reach", pa.float64(), nullable=False),  # reach x mean severity, 0..1
        pa.field("severe_reach_low", pa.float64(), nullable=False),
        pa.field("severe_reach_high", pa.float64(), nullable=False),
        pa.field("importance", pa.float64(), nullable=False),  # 0..10, from reach
        pa.field("importance_low", pa.float64(), nullable=False),
        pa.field("importance_high", pa.float64(), nullable=False),
        pa.field("judging", pa.int64(), nullable=False),  # reviews that praise the theme's area or complain about it
        pa.field("content", pa.int64(), nullable=False),  # of these, those that only praise it
        pa.field("satisfaction", pa.float64()),  # 0..10, from these two; null: too few, or the area is no single part
        pa.field("satisfaction_low", pa.float64()),
        pa.field("satisfaction_high", pa.float64()),
        pa.field("opportunity", pa.float64()),  # 0..20; null without satisfaction
        pa.field("opportunity_low", pa.float64()),
        pa.field("opportunity_high", pa.float64()),
        pa.field("quadrant", pa.string(), nullable=False),  # one of `QUADRANTS`, or "undetermined"
        pa.field("reason", pa.string()),  # in plain words: why something is null or undetermined
    ]
)

#: Columns of `kano`.
KANO = pa.schema(
    [
        pa.field("area_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("blamed", pa.int64(), nullable=False),  # reviews with stars of their own that complain about the area
        pa.field("praised", pa.int64(), nullable=False),  # of the same reviews, those that praise it
        pa.field("penalty", pa.float64()),  # stars fewer in reviews that blame it, all else equal; null: too few
        pa.field("penalty_low", pa.float64()),
        pa.field("penalty_high", pa.float64()),
        pa.field("reward", pa.float64()),  # stars more in reviews that praise it, all else equal; null: too few
        pa.field("reward_low", pa.float64()),
        pa.field("reward_high", pa.float64()),
        pa.field("kano_class", pa.string(), nullable=False),  # one of `CLASSES`, or "undetermined"
        pa.field("reason", pa.string()),  # in plain words: why it is undetermined
    ]
)

#: Columns of `corrected_reach`; "as extracted" means that the corrected columns are null.
CORRECTED = pa.schema(
    [
        pa.field("subject", pa.string(), nullable=False),  # "kind" or "theme"
        pa.field("id", pa.string(), nullable=False),  # pain, praise, wish, or a theme_id
        pa.field("name", pa.string(), nullable=False),
        pa.field("reviews", pa.int64(), nullable=False),  # reviews in which it was found
        pa.field("analysed", pa.int64(), nullable=False),  # reviews counted, see `population`
        pa.field("reach", pa.float64()),  # as extracted; null without analysed reviews
        pa.field("reach_low", pa.float64()),
        pa.field("reach_high", pa.float64()),
        pa.field("corrected", pa.float64()),  # reach there would be with perfect extraction
        pa.field("corrected_low", pa.float64()),
        pa.field("corrected_high", pa.float64()),
        pa.field("star_impact", pa.float64()),  # as extracted; null where there is nothing to compare
        pa.field("corrected_impact", pa.float64()),  # in stars
        pa.field("corrected_impact_low", pa.float64()),
        pa.field("corrected_impact_high", pa.float64()),
        pa.field("sensitivity", pa.float64()),  # of the reviews where it is, the share in which it is found
        pa.field("specificity", pa.float64()),  # of those where it is not, the share in which it is not found
        pa.field("precision", pa.float64()),  # of those where it is found, the share in which it is
        pa.field("method", pa.string(), nullable=False),  # "labels", "checks" or "as extracted"
        pa.field("reason", pa.string()),  # in plain words: why it is as extracted
    ]
)
