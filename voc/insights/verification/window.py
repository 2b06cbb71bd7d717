"""Which reviews are treated, which weeks are compared, and whether there are enough of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from voc.errors import VocError
from voc.insights.facts import Facts
from voc.insights.index import Ints, Mask
from voc.insights.phases import day_number
from voc.insights.scope import Scope, population, select
from voc.insights.verification.checks import date_of
from voc.insights.verification.panel import (
    MIN_BLOCKS,
    SHORTEST_BLOCK_DAYS,
    Cells,
    Panel,
    cells,
    cut,
)

#: Least number of treated reviews before and after the date.
MIN_REVIEWS = 30
#: Least number of treated reviews that mention the theme, before and after together.
MIN_MENTIONS = 5


@dataclass(frozen=True)
class Window:
    """The reviews compared, as masks over all reviews, and the days between them (from 1970-01-01, ends exclusive)."""

    frame: Mask  # dated reviews of all products, treated or not
    treated: Mask  # those of the treated products, with a version after the date of that version alone
    products: frozenset[int]  # codes of the treated products, -1 for reviews that name none
    start: int  # first day before the date
    since: int
    first: int  # first day after the lag
    end: int

    @property
    def rows(self) -> Ints:
        """The treated reviews of the window, the lag among them."""
        return np.flatnonzero(self.treated)


def find_window(facts: Facts, scope: Scope, since: dt.date, lag_days: int, window_days: int) -> Window:
    """Return the reviews and days that are compared.

    The first and the last day are those of treated reviews, at most `window_days` from the date and the lag's end.

    Raises:
        VocError: no review of the scope has a date, the date lies outside of them, or no day is left after the lag.
    """
    index = facts.index
    everywhere = replace(scope, products=(), brands=(), version=None)
    frame = population(index, select(facts, everywhere)) & index.dated
    # The version chooses products; before the date, all their reviews are compared.
    named = frame & select(facts, replace(scope, version=None))
    later = frame & select(facts, scope)
    products = np.unique(index.product.codes[later if scope.version is not None else named])
    earlier = named & np.isin(index.product.codes, products)
    if not earlier.any():
        raise VocError(
            "no analysed review of these products has a date, and a fix can only be verified by reviews from before "
            "and after it; read in an export with dates."
        )
    day, first_day, last_day = day_number(since), int(index.day[earlier].min()), int(index.day[earlier].max())
    if not first_day < day <= last_day:
        raise VocError(
            f"{since} lies outside the reviews, which were written from {date_of(first_day)} to {date_of(last_day)}; "
            "name a date after the first and not after the last."
        )
    if day + lag_days > last_day:
        raise VocError(
            f"with a lag of {lag_days} days after {since} no review is left, the last being of {date_of(last_day)}; "
            "shorten the lag or wait for reviews."
        )
    first = day + lag_days
    start, end = day - window_days, first + window_days
    treated = (earlier & (index.day >= start) & (index.day < day)) | (later & (index.day >= day) & (index.day < end))
    before, after = index.day[treated & (index.day < day)], index.day[treated & (index.day >= first)]
    start = int(before.min()) if len(before) else start
    end = int(after.max()) + 1 if len(after) else end
    return Window(frame, treated, frozenset(products.tolist()), start, day, first, end)


def treated_panel(facts: Facts, window: Window, about: Mask) -> tuple[Panel, tuple[str, ...]]:
    """Return the treated reviews in blocks, and why there are too few, if so; then each side is one block.

    Args:
        facts: the tables.
        window: what is compared.
        about: which reviews mention the theme, shape (n_reviews,).
    """
    index = facts.index
    rows = window.rows
    day = index.day[rows]
    sides = day < window.since, day >= window.first
    starts = [cut(day[sides[0]], window.start, window.since), cut(day[sides[1]], window.first, window.end)]
    reasons = _thin(window, about[rows], *sides)
    if not reasons and not all(len(s) for s in starts):
        reasons = ("the reviews come in too few days; more weeks are needed",)
    if reasons:
        starts = [np.array([window.start]), np.array([window.first])]
    lag = [window.since] if window.first > window.since else []
    start = np.concatenate([starts[0], lag, starts[1]]).astype(np.int64)
    part = np.repeat([-1, 0, 1], [len(starts[0]), len(lag), len(starts[1])])
    codes, unit = np.unique(index.product.codes[rows], return_inverse=True)
    end = np.append(start[1:], window.end)
    count, total = (
        cells(unit, day, weight, start, end, len(codes)) for weight in (about[rows].astype(float), np.ones(len(rows)))
    )
    return Panel(part, start, end, Cells(count, total)), reasons


def _thin(window: Window, about: Mask, before: Mask, after: Mask) -> tuple[str, ...]:
    reasons = []
    sides = (
        ("before", int(before.sum()), window.since - window.start, f"before {date_of(window.since)}"),
        ("after", int(after.sum()), window.end - window.first, f"from {date_of(window.first)} on"),
    )
    for name, count, span, words in sides:
        if count < MIN_REVIEWS:
            pace = span / count if count else 0.0
            until = (
                f" (at the pace so far by about {date_of(window.end + int((MIN_REVIEWS - count) * pace))})"
                if name == "after" and pace
                else ""
            )
            reasons.append(f"{count} reviews {words}, {MIN_REVIEWS} are needed{until}")
        elif span < MIN_BLOCKS * SHORTEST_BLOCK_DAYS:
            needed = MIN_BLOCKS * SHORTEST_BLOCK_DAYS
            reasons.append(f"the reviews {words} span {span} days, {needed} are needed")
    mentions = int(about[before | after].sum())
    if mentions < MIN_MENTIONS:
        reasons.append(f"{mentions} of the reviews before and after mention the theme, {MIN_MENTIONS} are needed")
    return tuple(reasons)
