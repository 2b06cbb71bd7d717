"""The two phases that drawn reviews lie in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from voc.benchmark.drawn import START, Ints
from voc.config import PhaseConfig
from voc.insights.phases import resolve_phases

if TYPE_CHECKING:
    from voc.insights import Facts

#: Names of the phases, and where one ends and the other begins.
BEFORE, AFTER = "before", "after"
CUT = dt.date(2021, 1, 1)


def days(reviews: int) -> Ints:
    """Return a day in the first phase for so many reviews, and one in the second for as many, shape (2 reviews,)."""
    return np.repeat([10, 400], reviews)


def in_phases(facts: Facts) -> Facts:
    """Return the facts with both phases."""
    phases = [PhaseConfig(name=BEFORE, start=START, end=CUT), PhaseConfig(name=AFTER, start=CUT)]
    return replace(facts, phases=resolve_phases(phases, facts.reviews, None))
