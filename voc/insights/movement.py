"""Where each theme is going: emerging, growing, steady, shrinking or resolved from phase to phase."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.facts import Facts
from voc.insights.index import Floats, Ints, Mask
from voc.insights.intervals import benjamini_hochberg, difference_p, newcombe, wilson
from voc.insights.phases import Phase, listed, members, previous_phases
from voc.insights.scope import Scope, find_phase, population, select
from voc.tables.changes import MOVEMENTS

#: Reach is practically nothing where the upper bound of its interval is below this, clearly present where the lower
#: bound is above: one review in fifty.
PRESENT = 0.02
#: A theme is steady where the whole interval of its change lies within plus and minus this share of reviews.
STEADY_MARGIN = 0.02


def movements(facts: Facts, scope: Scope = Scope(), *, config: InsightsConfig) -> pa.Table:  # noqa: B008 - frozen
    """Say for each theme and phase how its reach moved against the phase before, and against the first phase.

    Phases are those of `facts.phases`, compared within one source and product (`previous_phases`); "against first"
    compares the last phase with the first where there are more than two. Rows are the active pain themes that a review
    of either phase mentions. The change is the difference of shares with Newcombe's interval; p-values are those of
    `difference_p`. In this order:

    - "emerging": the change is significant, the upper Wilson bound of the earlier reach is below `PRESENT` and the
      lower bound now is above it; "resolved": the reverse. "growing", "shrinking": any other significant change.
    - "steady": the interval of the change lies within +- `STEADY_MARGIN`. This is an equivalence test (Schuirmann
      1987, two one-sided tests at level (1 - confidence) / 2 each): steadiness has to be shown, and a theme without a
      significant change is not steady for that alone. It is of each theme alone, not adjusted for their number.
    - "too little data": no test could have called a change, even if all reviews that mention the theme had been in one
      phase (Tarone 1990: the smallest attainable p-value is above the level). "no clear change": the rest.

    Significant: q at most 1 - `config.confidence`. q-values (Benjamini and Hochberg 1995) hold for this family: all
    themes and all comparisons with the phase before of one source in the scope; those with the first phase are a family
    of their own. Comparisons that could not have called a change are no part of it and have no p. The family is the
    same when the scope names one phase; only its rows are returned then. Reviews are taken as independent, and both
    phases are of the same `population`.

    "resolved" says that customers who write no longer mention it, not that a fix was made or is why; a theme's share
    also falls when another trouble, or praise, brings more reviews.

    Args:
        facts: the tables; `facts.phases` from `resolve_phases`, or detected ones.
        scope: the reviews under view.
        config: confidence level.

    Returns:
        A table with the schema `MOVEMENTS`: against the phase before in the order of `facts.phases`, then against the
        first; themes by id. Empty without two phases of one source.

    Raises:
        VocError: the scope names something the data lacks.
    """
    only = None if scope.phase_id is None else find_phase(facts, scope.phase_id).phase_id
    base = select(facts, replace(scope, phase_id=None))
    phases = listed(facts.phases)
    families: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for against, earlier, later in _comparisons(phases):
        family = families.setdefault((against, later.source), [])
        family.append(_counted(facts, base, against, earlier, later))
    place = {p.phase_id: i for i, p in enumerate(phases)}
    rows = [row for family in families.values() for row in _compared(facts, family, config)]
    rows.sort(key=lambda r: (r["against"] == "first", place[r["phase_id"]], r["theme_id"]))
    return pa.Table.from_pylist([r for r in rows if only in (None, r["phase_id"])], schema=MOVEMENTS)


def _comparisons(phases: Sequence[Phase]) -> Iterator[tuple[str, Phase, Phase]]:
    """Yield what is compared: against, earlier phase, later phase."""
    before = previous_phases(phases)
    followed = {p.phase_id for p in before.values()}
    for later in phases:
        if later.phase_id not in before:
            continue
        previous = first = before[later.phase_id]
        yield "previous", previous, later
        while first.phase_id in before:
            first = before[first.phase_id]
        if later.phase_id not in followed and first is not previous:
            yield "first", first, later


def _counted(facts: Facts, base: Mask, against: str, earlier: Phase, later: Phase) -> dict[str, Any]:
    """Return what one comparison counts: arrays of a row for each theme that either phase mentions."""
    index, pairs = facts.index, facts.index.theme_pairs
    was, now = (base & members(index, p) for p in (earlier, later))
    counted = population(index, was | now)
    was, now = was & counted, now & counted
    old, count = pairs.counts(was), pairs.counts(now)
    themes = np.flatnonzero(old + count)
    total_before, total = (np.full(len(themes), int(side.sum())) for side in (was, now))
    return {
        "against": [against] * len(themes),
        "phase_id": [later.phase_id] * len(themes),
        "earlier_phase_id": [earlier.phase_id] * len(themes),
        "theme": themes,
        "analysed_before": total_before,
        "analysed": total,
        "reviews_before": old[themes],
        "reviews": count[themes],
    }


def _compared(facts: Facts, counted: list[dict[str, Any]], config: InsightsConfig) -> list[dict[str, Any]]:
    """Return the rows of the comparisons of one family.

    All are computed at once: a workspace with the versions of forty products compares a hundred pairs of phases.
    """
    names = ("theme", "analysed_before", "analysed", "reviews_before", "reviews")
    themes, total_before, total, old, count = (np.concatenate([part[name] for part in counted]) for name in names)
    level = 1 - config.confidence
    reach_before, low_before, high_before = wilson(old, total_before, config.confidence)
    reach, low, high = wilson(count, total, config.confidence)
    change, change_low, change_high = newcombe(count, total, old, total_before, config.confidence)
    testable = _smallest_p(count + old, total, total_before) <= level + 1e-12
    p_value = np.full(len(themes), np.nan)
    p_value[testable] = difference_p(count[testable], total[testable], old[testable], total_before[testable])
    arrays = {
        "reach_before": reach_before, "low_before": low_before, "high_before": high_before,
        "reach": reach, "low": low, "high": high,
        "change": change, "change_low": change_low, "change_high": change_high,
        "p_value": p_value, "q_value": benjamini_hochberg(p_value),
    }  # fmt: skip
    index = facts.index
    columns: dict[str, list[Any]] = {
        **{name: [x for part in counted for x in part[name]] for name in ("against", "phase_id", "earlier_phase_id")},
        "theme_id": [index.themes[theme].id for theme in themes.tolist()],
        "name": [index.themes[theme].name for theme in themes.tolist()],
        "analysed_before": total_before.tolist(),
        "analysed": total.tolist(),
        "reviews_before": old.tolist(),
        "reviews": count.tolist(),
        **{name: [None if value != value else value for value in array.tolist()] for name, array in arrays.items()},
    }
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    for row in rows:
        row["movement"], row["reason"] = _called(row, level)
    return rows


def _smallest_p(mentioning: Ints, total: Ints, total_before: Ints) -> Floats:
    """Return the smallest p-value that so many mentioning reviews could have given; NaN where a phase is empty."""
    now, before = np.minimum(mentioning, total), np.minimum(mentioning, total_before)
    return np.fmin(
        difference_p(now, total, mentioning - now, total_before),
        difference_p(mentioning - before, total, before, total_before),
    )


def _called(row: dict[str, Any], level: float) -> tuple[str, str | None]:
    """Return the movement of a row, and the reason where nothing is called."""
    if row["change"] is None:
        return "too little data", "no review was read in one of the phases"
    if row["q_value"] is not None and row["q_value"] <= level:
        if row["change"] > 0:
            return ("emerging" if row["high_before"] < PRESENT < row["low"] else "growing"), None
        return ("resolved" if row["high"] < PRESENT < row["low_before"] else "shrinking"), None
    if row["change_low"] >= -STEADY_MARGIN and row["change_high"] <= STEADY_MARGIN:
        return "steady", None
    if row["p_value"] is None:
        return "too little data", "so few reviews mention it, or were read, that no change could have been called"
    wide = f"the change lies between {row['change_low']:+.1%} and {row['change_high']:+.1%}"
    return "no clear change", f"{wide} of reviews, which is neither clearly a change nor clearly small"
