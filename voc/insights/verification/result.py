"""What a verification says, as tables and plain values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pyarrow as pa

from voc.insights.verification.checks import PreTrend

#: All conclusions there are; `sentence.conclude` says how each is drawn.
CONCLUSIONS = ("fixed", "better", "no change seen", "worse", "not enough data")

#: Columns of `Verification.reach`: treated and controls, before, in the lag, and after.
REACH = pa.schema(
    [
        pa.field("group", pa.string(), nullable=False),  # treated, controls
        pa.field("part", pa.string(), nullable=False),  # before, lag, after
        pa.field("start", pa.date32(), nullable=False),
        pa.field("end", pa.date32(), nullable=False),  # exclusive
        pa.field("reviews", pa.int64(), nullable=False),  # with other themes as controls: the mean number of a theme
        pa.field("mentions", pa.int64(), nullable=False),
        pa.field("reach", pa.float64()),  # mentions / reviews; null without reviews, as the next two
        pa.field("reach_low", pa.float64()),  # Wilson
        pa.field("reach_high", pa.float64()),
        # Blocks of both groups weighted alike and the mix of products held fixed: of these, (treated after - treated
        # before) - (controls after - controls before) is the effect exactly. Null in the lag and without an effect.
        pa.field("matched", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Verification:
    """Whether a fix worked. Shares and differences of shares lie between -1 and 1; 0.05 is five share points.

    `effect` says how the theme's reach in the treated products changed at the date beyond what the controls did. It is
    the effect of whatever happened at that date, of reviewers and not of buyers; and where the date was chosen because
    complaints had piled up, part of a fall would have come by itself.
    """

    theme_id: str
    theme: str
    treated: str  # names of the treated products, as the sentence says them
    since: dt.date
    lag_days: int
    confidence: float
    conclusion: str  # of `CONCLUSIONS`
    sentence: str  # for a product manager
    reasons: tuple[str, ...]  # why the data is too thin, and what would be needed; empty otherwise
    warnings: tuple[str, ...]  # what weakens the conclusion
    effect: float | None  # difference in differences of reach; null where nothing can be computed, as all below
    effect_low: float | None  # widened where a trend before the date may have gone on
    effect_high: float | None
    p_value: float | None  # of "no change"
    method: str | None  # what was permuted: blocks of time, products, themes
    permuted: int | None  # how many blocks, products or themes that was, the treated included
    detectable: float | None  # a true change of this size would have been seen four times in five
    control_kind: str | None  # other products, competitors, other products and competitors, other themes of the same
    # products; null: none, the change is plainly before and after
    reach: pa.Table  # `REACH`
    controls: pa.Table  # `CONTROLS`
    pre_trend: PreTrend
    placebo_dates: pa.Table  # `PLACEBO_DATES`
    placebos_as_large: int | None  # placebo dates with an effect at least as far from zero
    event_study: pa.Table  # `EVENT_STUDY`
