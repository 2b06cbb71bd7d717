"""Change points of the mean rating and of the number of reviews, and life-cycle phases, offered as suggestions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.buckets import MIN_BUCKETS, Timeline, mean_stars, root_volume, star_levels, timeline, volume_levels
from voc.insights.changepoints import Found, find
from voc.insights.facts import Facts
from voc.insights.index import Index, Mask
from voc.insights.phases import phase_id_of
from voc.insights.ranking import number
from voc.insights.scope import Scope, population, select
from voc.tables import empty, from_rows
from voc.tables.changes import CHANGE_POINTS

#: Fewer dated reviews (for the rating, rated ones) than this say nothing about change.
MIN_REVIEWS = 30
#: A stretch on either side of a suggested change point has at least this many reviews.
MIN_SIDE = 10
#: Of the peak's reviews per day, at most this share is low: a start, or a decline.
LOW_SHARE = 0.5


@dataclass(frozen=True)
class Detected:
    """A table of suggestions, and what could not be suggested."""

    table: pa.Table
    reason: str | None  # plain words: why the table is empty, or what is missing from it; null if nothing is
    undated: int  # reviews of the scope left out because they have no date


@dataclass(frozen=True)
class _Search:
    """The change points of a measure, and the series they are in."""

    time: Timeline
    found: Found


def change_points(facts: Facts, scope: Scope, *, config: InsightsConfig) -> Detected:
    """Return when the mean rating and the number of reviews of a scope moved to another level.

    The scope's `population` is counted by week (up to a year), else by month, or by quarter where reviews are sparse;
    a level lasts at least four weeks, two months or two quarters. The search, its penalty and the p-value are
    explained in `voc.insights.changepoints`; the number of reviews is searched on the scale of its square root, on
    which chance has the same size at every level (Anscombe 1948). `suggested`: the p-value is at most
    1 - `config.confidence`, and the stretches before and after have at least `MIN_SIDE` reviews each. The p-value
    holds for all change points of one measure together. Reviews are taken as independent within a bucket apart from a
    spread that buckets share; seasons and slow drifts are found as steps, and a change of the mix of products or
    customers looks like any other.

    The means before and after go with the stretches between neighbouring change points. Their intervals (t for the
    rating, on the square-root scale for the number; both with the spread between buckets) take the dates as given:
    the search has picked the largest differences, so the true difference is likely a little smaller. A change point
    says when, not why; the number of reviews is that of the export, not of sales.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: confidence level, seed; the search is repeated `config.bootstrap` - 1 times.

    Returns:
        A table with the schema `CHANGE_POINTS`, the rating first, by date; and a reason where a measure has none.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index = facts.index
    searches, reasons, undated = _searched(index, population(index, select(facts, scope)), config)
    rows: list[dict[str, Any]] = []
    for measure, search in searches.items():
        rows += _rows(search, measure, config)
        if not len(search.found.at):
            reasons[measure] = f"no change point was found in {len(search.time.days)} {search.time.unit}s"
    return Detected(pa.Table.from_pylist(rows, schema=CHANGE_POINTS), _joined(reasons), undated)


def detected_phases(facts: Facts, scope: Scope, *, config: InsightsConfig) -> Detected:
    """Return the phases of a life cycle that the number of reviews and the mean rating suggest.

    They are read from the suggested change points (`change_points`), whose stretches between have a level each:

    - "Start-up": before the number of reviews first rises, if its level there is at most `LOW_SHARE` of the highest.
    - "Growth": from that rise to the end of the stretch with the highest level, but no longer than to a suggested
      change of the mean rating within that stretch.
    - "Transition": from the end of growth on: the number has fallen from its peak, or customers judge differently
      than in growth.
    - "Decline": the stretches at the end whose level is at most `LOW_SHARE` of the highest.

    The order start-up, growth, transition follows the phases told of the car maker NIO; take-off as the first large
    rise and the end of growth as the first fall follow Golder and Tellis (1997, 2004). Maturity is not called: a
    number that did not move clearly has not been shown to be steady. Time that fits none of these is left out, and
    whether growth has ended is only known afterwards. All is said of the reviews in the data, not of sales: an export
    that holds only the latest reviews makes an old product look young.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: as for `change_points`.

    Returns:
        The table `phases` with source `detected`, in order of time; the last one may have no end. A phase belongs to
        a product where the scope chooses exactly one. Its id comes from the scope's product (or its other choices)
        and its name, so that it stays when the dates move. A reason where no phase can be told.

    Raises:
        VocError: the scope names something the data lacks.
    """
    index = facts.index
    chosen = select(facts, scope)
    searches, reasons, undated = _searched(index, population(index, chosen), config)
    volume, rating = searches.get("volume"), searches.get("rating")
    if volume is None:
        return Detected(empty("phases"), _joined(reasons), undated)
    time = volume.time
    steps = _suggested(volume, "volume", config)
    moods = [] if rating is None else _suggested(rating, "rating", config)
    product_id = None
    if scope.products:
        products = np.unique(index.product.codes[chosen])
        product_id = index.product.values[products[0]] if len(products) == 1 else None
    others = [str(x) for x in (scope.brands, scope.markets, scope.channels, scope.version, scope.phase_id) if x]
    others += [] if product_id else list(scope.products)
    rows = [
        {
            "phase_id": phase_id_of("detected", product_id or "", *others, name),
            "name": name,
            "start": time.day(start),
            "end": None if end == len(time.days) else time.day(end),
            "source": "detected",
            "product_id": product_id,
        }
        for name, start, end in _life_cycle(time, steps, moods)
    ]
    reason = None
    if not steps:
        reason = "the number of reviews did not clearly change, so no phases can be told apart"
    elif not rows:
        reason = "the number of reviews did not rise, and has not fallen by half, so no phases can be told apart"
    return Detected(from_rows("phases", rows), reason, undated)


def _life_cycle(time: Timeline, steps: list[int], moods: list[int]) -> Iterator[tuple[str, int, int]]:
    """Yield name, first bucket and end of each phase; `steps` and `moods` are change points of volume and rating."""
    edges = np.array([0, *steps, len(time.days)])
    level = np.add.reduceat(time.reviews, edges[:-1]) / np.add.reduceat(time.days, edges[:-1])
    peak = int(level.argmax())
    rise = next((k for k in range(1, peak + 1) if level[k] > level[k - 1]), None)
    if rise is not None and level[:rise].max() <= LOW_SHARE * level[peak]:
        yield "Start-up", 0, int(edges[rise])
    turns = [m for m in moods if edges[peak] < m < edges[peak + 1]]
    end = min([int(edges[peak + 1]), *turns])
    if rise is not None:
        yield "Growth", int(edges[rise]), end
    low = len(level)
    while low - 1 > peak and level[low - 1] <= LOW_SHARE * level[peak]:
        low -= 1
    decline = int(edges[low])
    if rise is not None and end < decline:
        yield "Transition", end, decline
    if decline < len(time.days):
        yield "Decline", decline, len(time.days)


def _searched(index: Index, base: Mask, config: InsightsConfig) -> tuple[dict[str, _Search], dict[str, str], int]:
    """Return the search of each measure, why the others were not searched, and the number of undated reviews."""
    dated = base & index.dated
    total, undated = int(dated.sum()), int((base & ~index.dated).sum())
    if total < MIN_REVIEWS:
        why = f"fewer than {MIN_REVIEWS} dated reviews"
        if not total:
            why = "no review in scope has a date" if undated else "no review is in scope"
        return {}, {"rating": why, "volume": why}, undated
    time = timeline(index.day[dated], index.stars[dated])
    if len(time.days) < MIN_BUCKETS:
        why = f"the reviews span fewer than {MIN_BUCKETS} {time.unit}s"
        return {}, {"rating": why, "volume": why}, undated
    series, reasons = {"rating": mean_stars(time), "volume": root_volume(time)}, {}
    stars = index.stars[dated & ~np.isnan(index.stars)]
    if len(stars) < MIN_REVIEWS:
        reasons["rating"] = f"fewer than {MIN_REVIEWS} dated reviews have a rating"
    elif np.ptp(stars) == 0:
        reasons["rating"] = "all ratings are equal"
    searches = {
        measure: _Search(time, find(*s, least=time.least, permutations=config.bootstrap - 1, seed=config.seed))
        for measure, s in series.items()
        if measure not in reasons
    }
    return searches, reasons, undated


def _joined(reasons: dict[str, str]) -> str | None:
    """Return the reasons of both measures as one text, said once where they are the same."""
    if len(reasons) == 2 and len(set(reasons.values())) == 1:
        return next(iter(reasons.values()))
    names = {"rating": "mean rating", "volume": "number of reviews"}
    return "; ".join(f"{names[m]}: {reasons[m]}" for m in names if m in reasons) or None


def _suggested(search: _Search, measure: str, config: InsightsConfig) -> list[int]:
    at = search.found.at
    if not len(at):
        return []
    count = search.time.rated if measure == "rating" else search.time.reviews
    sizes = np.add.reduceat(count, np.concatenate([[0], at]))
    certain = search.found.p_value <= 1 - config.confidence + 1e-9
    return [int(a) for a in at[certain & (np.minimum(sizes[:-1], sizes[1:]) >= MIN_SIDE)]]


def _rows(search: _Search, measure: str, config: InsightsConfig) -> list[dict[str, Any]]:
    time, found = search.time, search.found
    edges = [0, *found.at.tolist(), len(time.days)]
    level = star_levels if measure == "rating" else volume_levels
    count, value, low, high = level(time, np.array(edges), found.spread, config.confidence)
    suggested = _suggested(search, measure, config)
    return [
        {
            "measure": measure,
            "at": time.day(at),
            "unit": time.unit,
            "from": time.day(edges[k]),
            "until": time.day(edges[k + 2]),
            "reviews_before": int(count[k]),
            "reviews_after": int(count[k + 1]),
            "before": number(value[k]),
            "before_low": number(low[k]),
            "before_high": number(high[k]),
            "after": number(value[k + 1]),
            "after_low": number(low[k + 1]),
            "after_high": number(high[k + 1]),
            "p_value": float(found.p_value[k]),
            "suggested": at in suggested,
        }
        for k, at in enumerate(edges[1:-1])
    ]
