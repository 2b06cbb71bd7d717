"""Fix verification: did a complaint change at a date, beyond what it did elsewhere in the same weeks?"""

from voc.insights.verification.checks import EVENT_STUDY, PLACEBO_DATES, PreTrend
from voc.insights.verification.controls import CONTROLS
from voc.insights.verification.result import CONCLUSIONS, REACH, Verification
from voc.insights.verification.verifying import LAG_DAYS, WINDOW_DAYS, verify
from voc.insights.verification.window import MIN_MENTIONS, MIN_REVIEWS

__all__ = [
    "CONCLUSIONS",
    "CONTROLS",
    "EVENT_STUDY",
    "LAG_DAYS",
    "MIN_MENTIONS",
    "MIN_REVIEWS",
    "PLACEBO_DATES",
    "REACH",
    "WINDOW_DAYS",
    "PreTrend",
    "Verification",
    "verify",
]
