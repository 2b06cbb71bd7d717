"""What rose beyond its own history, how segments differ, and whether the pain changed or the mix of customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voc.analyses.frame import (
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


def _alerts(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.alerts import alerts

    return _watched(alerts(facts, scope, config=config))


def _watched(found: pa.Table) -> Found:
    rows = found.to_pylist()
    notes = []
    if rows:
        quiet = sum(row["level"] == "quiet" for row in rows)
        rate = share(max(row["workspace_rate"] for row in rows), 0)
        themes = "1 theme is" if quiet == 1 else f"{quiet:,} themes are"
        notes = [f"{themes} quiet. In a year in which nothing rises, the chance of any false alarm is {rate}."]
    if rows and all(row["level"] == "unknown" for row in rows):
        notes = [str(rows[0]["reason"])]
    return Found(found, notes, lambda row: row["level"] in ("new", "ongoing", "over"))


def _alert_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    return {
        "theme": row["name"],
        "level": row["level"],
        "since": row["since"],
        "until": row["until"],
        "reach before": between(lambda v: share(v, 2), row, "reach_before"),
        "reach since": between(lambda v: share(v, 2), row, "reach_since"),
        "reviews since": row["reviews_since"],
    }


def _segments(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.segments import segments

    level = 1 - config.confidence
    found = segments(facts, scope, by=options.by, config=config)
    note = "Shown are those that differ from the rest by more than chance."
    return Found(found, [note], lambda row: row["q_value"] is not None and row["q_value"] <= level)


def _segment_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    form, differs = (stars, signed) if row["theme_id"] is None else (share, points)
    return {
        "by": row["by"],
        "segment": row["segment"],
        "what": row["name"],
        "reviews": row["reviews"],
        "here": form(row["value"]),
        "the rest": form(row["rest_value"]),
        "difference": between(differs, row, "difference"),
        "q": chance(row["q_value"]),
    }


def _mix(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.mix import decompose_mix

    before, after = two_phases(facts, options)
    return _parted(decompose_mix(facts, before, after, scope, by=options.by, config=config), facts, before, after)


def _stored_mix(table: pa.Table, facts: Facts, options: Options) -> Found | None:
    """Return the rows of one pair of phases; a run stores those of neighbouring ones."""
    import pyarrow.compute as pc

    before, after = two_phases(facts, options)
    ids = table.column_names[:2]
    chosen = pc.and_(pc.equal(table[ids[0]], before), pc.equal(table[ids[1]], after))
    if options.by is not None:
        chosen = pc.and_(chosen, pc.equal(table["by"], options.by))
    rows = table.filter(chosen)
    return _parted(rows.drop_columns(ids), facts, before, after) if rows.num_rows else None


def _parted(found: pa.Table, facts: Facts, before: str, after: str) -> Found:
    names = phase_names(facts)
    notes = [f"From {names[before]} to {names[after]}: how much of a change came within segments, and how much by mix."]
    told = ("within segments", "mostly the mix", "both")
    return Found(found, notes, lambda row: row["conclusion"] in told)


def _mix_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    form = signed if row["theme_id"] is None else points
    return {
        "by": row["by"],
        "what": row["name"] or "mean rating",
        "change": between(form, row, "change"),
        "within segments": between(form, row, "within"),
        "by the mix": between(form, row, "mix"),
        "conclusion": row["conclusion"],
    }


ANALYSES = {
    "alerts": Analysis(
        "What rose beyond its own history",
        _alerts,
        _alert_line,
        Stored("alerts", lambda table, facts, options: _watched(table)),
    ),
    "segments": Analysis("How segments differ", _segments, _segment_line),
    "mix": Analysis("Within segments, or by their mix", _mix, _mix_line, Stored("mix_changes", _stored_mix)),
}
