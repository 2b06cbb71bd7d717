"""What the analyses of needs and of time in use return."""

from __future__ import annotations

import pyarrow as pa

from voc.tables.base import TIMESTAMP
from voc.tables.ranked import QUOTE

#: When in its life a product is said to trouble: 0 to 3 days, 4 to 60, more.
STAGES = ("box", "weeks", "long")

#: One row for each need, what most customers wish for first.
NEEDS = pa.schema(
    [
        pa.field("need_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("area", pa.string(), nullable=False),
        pa.field("depth", pa.string(), nullable=False),  # variant, idea, personal: that of most of its wishes
        pa.field("reviews", pa.int64(), nullable=False),  # in scope that wish for it
        pa.field("analysed", pa.int64(), nullable=False),  # reviews in scope that were read
        pa.field("reach", pa.float64(), nullable=False),
        pa.field("reach_low", pa.float64(), nullable=False),
        pa.field("reach_high", pa.float64(), nullable=False),
        pa.field("mean_rating", pa.float64()),  # of these reviews; null without stars
        pa.field("rating_low", pa.float64()),  # null below two ratings
        pa.field("rating_high", pa.float64()),
        pa.field("first_run", TIMESTAMP, nullable=False),
        pa.field("quotes", pa.list_(QUOTE), nullable=False),
    ]
)

#: One row for each need asked for: whether customers of other makers praise what it wishes for.
OFFERED = pa.schema(
    [
        pa.field("need_id", pa.string(), nullable=False),
        pa.field("words", pa.list_(pa.string()), nullable=False),  # stems that a praising clause must hold, all of them
        pa.field("reviews", pa.int64(), nullable=False),  # of competitors' products, that praise it
        pa.field("products", pa.list_(pa.string()), nullable=False),  # product_ids of these, most praised first
        pa.field("quotes", pa.list_(QUOTE), nullable=False),
    ]
)

#: Columns of `time_in_use`: one row per active pain theme that a counted review mentions.
TIME_IN_USE = pa.schema(
    [
        pa.field("theme_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("area", pa.string()),
        pa.field("reviews", pa.int64(), nullable=False),  # counted reviews that mention the theme
        pa.field("stated", pa.int64(), nullable=False),  # of these, those that state a time in use with it
        *(
            field
            for stage in STAGES  # box: 0 to 3 days; weeks: 4 to 60; long: more
            for field in (
                pa.field(f"{stage}_reviews", pa.int64(), nullable=False),
                pa.field(f"{stage}_share", pa.float64()),  # of `stated`; null where that is 0
                pa.field(f"{stage}_low", pa.float64()),
                pa.field(f"{stage}_high", pa.float64()),
            )
        ),
        pa.field("unstated_reviews", pa.int64(), nullable=False),
        pa.field("unstated_share", pa.float64(), nullable=False),  # of `reviews`
        pa.field("unstated_low", pa.float64(), nullable=False),
        pa.field("unstated_high", pa.float64(), nullable=False),
        pa.field("median_days", pa.float64()),  # of the times stated; null without any
        pa.field("others_stated", pa.int64(), nullable=False),  # statements about other pains that it is tested against
        pa.field("p_value", pa.float64()),  # of "as early as the other pains"; null where it was not tested
        pa.field("q_value", pa.float64()),  # Benjamini-Hochberg over the themes tested
        pa.field("timing", pa.string()),  # "early" or "late"; null where neither is sure
        pa.field("reason", pa.string()),  # why it was not tested
    ]
)

#: One row per horizon.
WITHIN = pa.schema(
    [
        pa.field("days", pa.int64(), nullable=False),
        pa.field("said_reviews", pa.int64(), nullable=False),  # state a time of so many days or fewer, as stated
        pa.field("said_share", pa.float64()),  # of those who state a time; null without any
        pa.field("said_low", pa.float64()),  # Wilson
        pa.field("said_high", pa.float64()),
        pa.field("share", pa.float64()),  # Turnbull's estimate; null where the times are too few
        pa.field("share_low", pa.float64()),  # of chance and rounding together
        pa.field("share_high", pa.float64()),
    ]
)

#: As the store keeps the times to failure: of all troubles (theme_id is null), and of themes with enough said of them.
FAILURE_TIMES = pa.schema([pa.field("theme_id", pa.string()), *WITHIN])
