"""What the analyses of changes return: alerts, movements, change points, what moved the rating."""

from __future__ import annotations

import pyarrow as pa

#: Columns of `alerts`. Dates are the first days of weeks, or the days of imports where there are no dates.
ALERTS = pa.schema(
    [
        pa.field("theme_id", pa.string()),  # null in rows of areas
        pa.field("area_id", pa.string()),  # null in rows of themes
        pa.field("name", pa.string(), nullable=False),
        pa.field("level", pa.string(), nullable=False),  # new, ongoing, over, quiet, unknown
        pa.field("raised", pa.date32()),  # the period that raised the alert; null where quiet or unknown, as are
        pa.field("since", pa.date32()),  # the change point, by the chart
        pa.field("until", pa.date32()),  # first period after the rise; null while it goes on
        pa.field("new_theme", pa.bool_(), nullable=False),  # not mentioned before the rise, or formed after it began
        pa.field("reviews_before", pa.int64()),  # that mention it, in its history; null where unknown
        pa.field("analysed_before", pa.int64()),
        pa.field("reach_before", pa.float64()),
        pa.field("reach_before_low", pa.float64()),
        pa.field("reach_before_high", pa.float64()),
        pa.field("reviews_since", pa.int64()),  # from `since` to `until`; null without an alert
        pa.field("analysed_since", pa.int64()),
        pa.field("reach_since", pa.float64()),
        pa.field("reach_since_low", pa.float64()),
        pa.field("reach_since_high", pa.float64()),
        pa.field("statistic", pa.float64()),  # reviews above what the history allows, when raised, else now
        pa.field("threshold", pa.float64()),  # an alert is raised above it; null where none was possible
        pa.field("theme_rate", pa.float64(), nullable=False),  # of false alerts in 52 periods, for this row
        pa.field("workspace_rate", pa.float64(), nullable=False),  # for any of the rows
        pa.field("period", pa.string(), nullable=False),  # week, import
        pa.field("reason", pa.string()),  # why nothing can be said, or what to keep in mind
    ]
)

#: Columns of `movements`.
MOVEMENTS = pa.schema(
    [
        pa.field("against", pa.string(), nullable=False),  # previous: the phase before; first: the first of all
        pa.field("phase_id", pa.string(), nullable=False),
        pa.field("earlier_phase_id", pa.string(), nullable=False),  # the phase compared with
        pa.field("theme_id", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        # emerging, growing, steady, shrinking, resolved, no clear change, too little data
        pa.field("movement", pa.string(), nullable=False),
        pa.field("analysed_before", pa.int64(), nullable=False),  # reviews of the earlier phase that were read
        pa.field("analysed", pa.int64(), nullable=False),
        pa.field("reviews_before", pa.int64(), nullable=False),  # of them, those that mention the theme
        pa.field("reviews", pa.int64(), nullable=False),
        pa.field("reach_before", pa.float64()),  # null where no review was read
        pa.field("reach", pa.float64()),
        pa.field("change", pa.float64()),  # reach minus reach_before
        pa.field("change_low", pa.float64()),
        pa.field("change_high", pa.float64()),
        pa.field("p_value", pa.float64()),  # of "no change"; null where nothing was tested
        pa.field("q_value", pa.float64()),  # Benjamini-Hochberg within the family that `movements` names
        pa.field("reason", pa.string()),  # why nothing is called; null where something is
    ]
)

#: Columns of `change_points`.
CHANGE_POINTS = pa.schema(
    [
        pa.field("measure", pa.string(), nullable=False),  # rating, volume
        pa.field("at", pa.date32(), nullable=False),  # first day of the new level, the start of a week, month, quarter
        pa.field("unit", pa.string(), nullable=False),  # week, month, quarter: how finely time was looked at
        pa.field("from", pa.date32(), nullable=False),  # start of the stretch before
        pa.field("until", pa.date32(), nullable=False),  # end of the stretch after, exclusive
        pa.field("reviews_before", pa.int64(), nullable=False),  # in the stretch before; for the rating, rated ones
        pa.field("reviews_after", pa.int64(), nullable=False),
        pa.field("before", pa.float64()),  # mean stars; for the volume, reviews in 30 days
        pa.field("before_low", pa.float64()),
        pa.field("before_high", pa.float64()),
        pa.field("after", pa.float64()),
        pa.field("after_low", pa.float64()),
        pa.field("after_high", pa.float64()),
        pa.field("p_value", pa.float64(), nullable=False),  # by repeating the search, over the whole series
        pa.field("suggested", pa.bool_(), nullable=False),  # p is small enough and either side has enough reviews
    ]
)

#: Columns of `Decomposition.table`. Contributions are stars of change in the mean rating, after minus before.
DECOMPOSITION = pa.schema(
    [
        pa.field("theme_id", pa.string()),  # null: everything else
        pa.field("name", pa.string(), nullable=False),
        pa.field("contribution", pa.float64(), nullable=False),  # they add up to the change of the mean rating
        pa.field("contribution_low", pa.float64()),
        pa.field("contribution_high", pa.float64()),
        pa.field("by_reach", pa.float64()),  # the part by more or fewer reviews mentioning it; null for everything else
        pa.field("by_reach_low", pa.float64()),
        pa.field("by_reach_high", pa.float64()),
        pa.field("by_stars", pa.float64()),  # the part by more or fewer stars going with a mention
        pa.field("by_stars_low", pa.float64()),  # null where one side does not mention it: by_stars is 0 by convention
        pa.field("by_stars_high", pa.float64()),
        pa.field("reviews_before", pa.int64()),  # rated reviews that mention it
        pa.field("reviews_after", pa.int64()),
        pa.field("reach_before", pa.float64()),  # of the rated reviews
        pa.field("reach_after", pa.float64()),
        # Stars that go with a mention, other themes equal, mostly below 0; null where nobody mentions it.
        pa.field("stars_before", pa.float64()),
        pa.field("stars_after", pa.float64()),
    ]
)

#: Columns of `decompose_mix`. Rows with a null theme_id are of the mean rating (in stars), the others of a reach.
MIX = pa.schema(
    [
        pa.field("by", pa.string(), nullable=False),  # what the reviews are parted by
        pa.field("theme_id", pa.string()),
        pa.field("name", pa.string()),
        pa.field("reviews_before", pa.int64(), nullable=False),  # that mention the theme; rating rows: the rated ones
        pa.field("analysed_before", pa.int64(), nullable=False),
        pa.field("reviews_after", pa.int64(), nullable=False),
        pa.field("analysed_after", pa.int64(), nullable=False),
        pa.field("value_before", pa.float64()),  # null without reviews
        pa.field("value_after", pa.float64()),
        pa.field("change", pa.float64()),  # within + mix; null where either phase has no reviews, as are the parts
        pa.field("change_low", pa.float64()),  # null where the data is too thin, as are all bounds
        pa.field("change_high", pa.float64()),
        pa.field(
            "q_value", pa.float64()
        ),  # of "no change", Benjamini-Hochberg over the themes; the rating is by itself
        pa.field("within", pa.float64()),  # the share or rating of the same segments changed
        pa.field("within_low", pa.float64()),
        pa.field("within_high", pa.float64()),
        pa.field("mix", pa.float64()),  # the segments' shares of all reviews changed
        pa.field("mix_low", pa.float64()),
        pa.field("mix_high", pa.float64()),
        pa.field("segments", pa.int64(), nullable=False),  # in both phases
        pa.field("unmatched_before", pa.float64()),  # share of the reviews in segments that the other phase lacks
        pa.field("unmatched_after", pa.float64()),
        pa.field("conclusion", pa.string(), nullable=False),  # one of the words above
        pa.field("reason", pa.string()),  # of "cannot be told"
    ]
)


def _of_phases(schema: pa.Schema) -> pa.Schema:
    """Return a schema with the two phases that are compared before its columns."""
    ids = [
        pa.field("previous_phase_id", pa.string(), nullable=False),
        pa.field("phase_id", pa.string(), nullable=False),
    ]
    return pa.schema([*ids, *schema])


#: As the store keeps what moved the mean rating from one phase to the next.
RATING_CHANGES = _of_phases(DECOMPOSITION)
#: As the store keeps how much of a change came within segments.
MIX_CHANGES = _of_phases(MIX)

#: What the data says of each fix that people entered; the event study is computed when it is asked for.
VERIFICATIONS = pa.schema(
    [
        pa.field("fix_id", pa.string(), nullable=False),
        pa.field("theme_id", pa.string(), nullable=False),
        pa.field("theme", pa.string()),  # null where there is a fault, as are all columns below but those entered
        pa.field("since", pa.date32(), nullable=False),
        pa.field("lag_days", pa.int32()),
        pa.field("product", pa.string()),  # as entered, by id or name
        pa.field("brand", pa.string()),
        pa.field("phase_id", pa.string()),
        pa.field("treated", pa.string()),  # names of the treated products
        pa.field("conclusion", pa.string()),  # fixed, better, no change seen, worse, not enough data
        pa.field("sentence", pa.string()),
        pa.field("reasons", pa.list_(pa.string()), nullable=False),
        pa.field("warnings", pa.list_(pa.string()), nullable=False),
        pa.field("effect", pa.float64()),  # difference in differences of reach; null where the data is too thin
        pa.field("effect_low", pa.float64()),
        pa.field("effect_high", pa.float64()),
        pa.field("p_value", pa.float64()),
        pa.field("control_kind", pa.string()),
        pa.field("fault", pa.string()),  # why it could not be verified at all
    ]
)
