"""What speaks for or against an effect: the trend before the date, placebo dates, and the course of the gap."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from voc.insights.index import Floats
from voc.insights.ranking import number
from voc.insights.verification.effect import Contrast, Inference, blocks_suffice, contrast, permute, permute_blocks
from voc.insights.verification.panel import Panel

#: Blocks before the date that a trend needs.
TREND_BLOCKS = 5
#: How the parts of a panel are called.
PARTS = {-1: "before", 0: "lag", 1: "after"}
#: Days in the unit of the slope.
QUARTER = 91

#: Columns of `Verification.placebo_dates`: the fix pretended on earlier dates, from the reviews before the true one.
PLACEBO_DATES = pa.schema(
    [
        pa.field("date", pa.date32(), nullable=False),
        pa.field("reviews_before", pa.int64(), nullable=False),  # treated
        pa.field("reviews_after", pa.int64(), nullable=False),
        pa.field("effect", pa.float64(), nullable=False),  # difference in differences of reach, a share
        pa.field("effect_low", pa.float64(), nullable=False),
        pa.field("effect_high", pa.float64(), nullable=False),
        pa.field("p_value", pa.float64(), nullable=False),
    ]
)

#: Columns of `Verification.event_study`; reaches are shares.
EVENT_STUDY = pa.schema(
    [
        pa.field("period", pa.int32(), nullable=False),  # ..., -2, -1 before the date, 0 the lag, 1, 2, ... after it
        pa.field("part", pa.string(), nullable=False),  # before, lag, after
        pa.field("start", pa.date32(), nullable=False),
        pa.field("end", pa.date32(), nullable=False),  # exclusive
        pa.field("days", pa.float64(), nullable=False),  # from the date to the middle of the period; below 0 before it
        pa.field("reviews", pa.int64(), nullable=False),  # treated
        pa.field("mentions", pa.int64(), nullable=False),
        pa.field("reach_treated", pa.float64()),  # mix of products held fixed; null without reviews
        pa.field("reviews_controls", pa.int64()),  # null without controls, as the next
        pa.field("reach_controls", pa.float64()),
        pa.field("difference", pa.float64()),  # treated minus controls, less the mean of that before the date
        pa.field("low", pa.float64()),  # of the difference, for this period alone; normal approximation
        pa.field("high", pa.float64()),
    ]
)

_EPOCH = dt.date(1970, 1, 1)


def date_of(day: int) -> dt.date:
    """Return the date that is so many days after 1970-01-01."""
    return _EPOCH + dt.timedelta(days=int(day))


@dataclass(frozen=True)
class PreTrend:
    """Whether treated and controls drifted apart before the date; all but the verdict null where it is not checked."""

    slope: float | None  # change of the gap in shares per 91 days, by least squares over the blocks before
    slope_low: float | None
    slope_high: float | None
    p_value: float | None  # of "no slope", by permuting those blocks
    verdict: str  # no trend seen, trend, cannot be checked

    @property
    def slope_per_day(self) -> float | None:
        """The slope in shares per day."""
        return None if self.slope is None else self.slope / QUARTER


def pre_trend(found: Contrast, middle: Floats, *, confidence: float, seed: int) -> PreTrend:
    """Check for a trend of the gap before the date.

    Least squares over the blocks before the date, tested as the effect is, by permuting them. "No trend seen" is no
    proof that there is none: such checks find weak trends rarely (Roth 2022, Pretest with caution).

    Args:
        found: the gaps.
        middle: middle day of each block of `found`.
        confidence: a trend is called where its p-value is at most 1 - confidence.
        seed: of the permutations.
    """
    before = ~found.after
    if before.sum() < TREND_BLOCKS:
        return PreTrend(None, None, None, None, "cannot be checked")
    part = Contrast(*(getattr(found, name)[before] for name in found.__dataclass_fields__))
    days = middle[before] / QUARTER
    days = days - (part.weight @ days) / part.weight.sum()
    coefficient = part.weight * days / (part.weight @ days**2)
    result = permute(part, coefficient, days, confidence=confidence, seed=seed)
    verdict = "trend" if result.p_value <= 1 - confidence + 1e-9 else "no trend seen"
    return PreTrend(result.effect, result.low, result.high, result.p_value, verdict)


def widened(result: Inference, trend: PreTrend, days: float) -> tuple[float, float]:
    """Return the interval of an effect; after a trend, one that holds both that it stopped and that it went on.

    `days` is how much later the reviews after the date are, on average, than those before it.
    """
    if trend.verdict != "trend" or trend.slope_per_day is None:
        return result.low, result.high
    drift = trend.slope_per_day * days
    return min(result.low, result.low - drift), max(result.high, result.high - drift)


def placebo_dates(panel: Panel | None, *, confidence: float, seed: int) -> pa.Table:
    """Return `PLACEBO_DATES`: effects at the bounds of the blocks before the date that leave enough on either side.

    They share most of their reviews, so they are no independent tests; they show what sort of change happens by itself.
    """
    if panel is None:
        return PLACEBO_DATES.empty_table()
    before = panel.within(panel.before & panel.usable)
    rows: list[dict[str, Any]] = []
    for first in range(1, len(before.start)):
        pretended = replace(before, part=np.where(np.arange(len(before.start)) >= first, 1, -1))
        found = contrast(pretended)
        if found is None or not blocks_suffice(found.after, confidence):
            continue
        result = permute_blocks(found, confidence=confidence, seed=seed)
        rows.append(
            {
                "date": date_of(before.start[first]),
                "reviews_before": int(before.treated.sum(pretended.before)[1]),
                "reviews_after": int(before.treated.sum(pretended.after)[1]),
                "effect": result.effect,
                "effect_low": result.low,
                "effect_high": result.high,
                "p_value": result.p_value,
            }
        )
    return pa.Table.from_pylist(rows, schema=PLACEBO_DATES)


def event_study(panel: Panel, found: Contrast | None, since: int, *, confidence: float) -> pa.Table:
    """Return `EVENT_STUDY`: the course of the gap, block by block, its mean before the date set to zero.

    Intervals are for drawing: each for its own block, normal, with the counting error and the variance between blocks.

    Args:
        panel: treated and controls.
        found: the gaps of its usable blocks; None leaves the differences null.
        since: day of the fix.
        confidence: of the intervals.
    """
    from scipy.stats import norm

    nothing = np.full(len(panel.part), np.nan)
    lines = [nothing.copy() if group is None else group.line() for group in (panel.treated, panel.controls)]
    change = np.full((3, len(panel.part)), np.nan)
    if found is not None:
        change[:, panel.usable] = _differences(found, float(norm.ppf((1 + confidence) / 2)))
        lines[0][panel.usable] = found.treated
        if panel.controls is not None:
            lines[1][panel.usable] = found.controls
    counted = [panel.treated.total.sum(axis=0), panel.treated.count.sum(axis=0)]
    if panel.controls is not None:
        counted.append(panel.controls.total.sum(axis=0))
    last_before = int(panel.before.sum()) - 1
    rows: list[dict[str, Any]] = []
    for i, part in enumerate(panel.part.tolist()):
        rows.append(
            {
                "period": i - last_before - 1 if part < 0 else 0 if part == 0 else int(panel.after[: i + 1].sum()),
                "part": PARTS[part],
                "start": date_of(panel.start[i]),
                "end": date_of(panel.end[i]),
                "days": float(panel.middle[i] - since),
                "reviews": int(counted[0][i]),
                "mentions": int(counted[1][i]),
                "reach_treated": number(lines[0][i]),
                "reviews_controls": int(counted[2][i]) if panel.controls is not None else None,
                "reach_controls": number(lines[1][i]),
                **{name: number(change[k, i]) for k, name in enumerate(("difference", "low", "high"))},
            }
        )
    return pa.Table.from_pylist(rows, schema=EVENT_STUDY)


def _differences(found: Contrast, z: float) -> Floats:
    before = ~found.after
    weight = np.where(before, found.weight, 0.0) / found.weight[before].sum()
    difference = found.gap - weight @ found.gap
    # The variance of a block's gap less a mean that it may itself be part of.
    error = np.sqrt(found.variance * (1 - 2 * weight) + weight**2 @ found.variance)
    return np.stack([difference, difference - z * error, difference + z * error])
