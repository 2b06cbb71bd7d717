"""What changed between phases: movements of themes, change points, detected phases, what moved the rating."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voc.analyses.frame import (
    NO_TWO_PHASES,
    Analysis,
    Found,
    Options,
    Row,
    Stored,
    between,
    chance,
    phase_names,
    points,
    share,
    signed,
    stars,
    two_phases,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from voc.config import InsightsConfig
    from voc.insights import Facts, Scope


def _movements(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.movement import movements

    return _moved(movements(facts, scope, config=config))


def _moved(found: pa.Table) -> Found:
    if not found.num_rows:
        return Found(found, [NO_TWO_PHASES])
    moved = ("emerging", "growing", "shrinking", "resolved")
    counts = Counter(row["movement"] for row in found.to_pylist() if row["against"] == "previous")
    others = ", ".join(f"{counts[name]:,} {name}" for name in ("steady", "no clear change", "too little data"))
    notes = [f"Of themes from one phase to the next: {others}."]
    return Found(found, notes, lambda row: row["against"] == "previous" and row["movement"] in moved)


def _movement_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    return {
        "phase": phases.get(row["phase_id"], row["phase_id"]),
        "theme": row["name"],
        "movement": row["movement"],
        "reach before": share(row["reach_before"]),
        "reach": share(row["reach"]),
        "change, points": between(points, row, "change"),
        "q": chance(row["q_value"]),
    }


def _change_points(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.detected import change_points

    found = change_points(facts, scope, config=config)
    return Found(found.table, [found.reason] if found.reason else [])


def _change_point_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    return {
        "of": row["measure"],
        "at": row["at"],
        "before": between(stars, row, "before"),
        "after": between(stars, row, "after"),
        "p": chance(row["p_value"]),
        "clear enough for a phase": "yes" if row["suggested"] else "no",
    }


def _detected(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.detected import detected_phases

    found = detected_phases(facts, scope, config=config)
    return Found(found.table, [found.reason] if found.reason else [])


def _rating(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.decomposition import decompose_rating

    before, after = two_phases(facts, options)
    found = decompose_rating(facts, before, after, scope, config=config)
    names = phase_names(facts)
    notes = [
        f"From {names[before]} ({stars(found.mean_before)} stars, {found.rated_before:,} rated reviews) to "
        f"{names[after]} ({stars(found.mean_after)}, {found.rated_after:,}): "
        f"{between(signed, vars(found), 'change')}. The parts add up to it; they go with the themes, "
        "and are no proof of a cause."
    ]
    notes += [found.reason] if found.reason else []
    return Found(found.table, notes, ends=(found.mean_before, found.mean_after))


def _rating_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    return {
        "what": row["name"],
        "stars": between(signed, row, "contribution"),
        "by reach": between(signed, row, "by_reach"),
        "by stars": between(signed, row, "by_stars"),
        "reach before": share(row["reach_before"]),
        "reach after": share(row["reach_after"]),
    }


ANALYSES = {
    "movements": Analysis(
        "Where themes are going",
        _movements,
        _movement_line,
        Stored("movements", lambda table, facts, options: _moved(table)),
    ),
    "change-points": Analysis("When rating and volume moved", _change_points, _change_point_line),
    "detected-phases": Analysis("Phases that the data suggests", _detected, lambda row, phases: dict(row)),
    "rating": Analysis("What moved the mean rating", _rating, _rating_line),
}
