"""The tables of an analysis by name: those that are computed for a scope, and those that a run stores."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pyarrow as pa

from voc.analyses import ANALYSES, Options, phase_names
from voc.analyses.lines import area_line
from voc.api.result import Result
from voc.errors import VocError

if TYPE_CHECKING:
    from voc.api.state import State
    from voc.insights import Scope

#: Names of `Analysis.insight`.
InsightName: TypeAlias = Literal[
    "adjusted",
    "alerts",
    "answer",
    "areas",
    "benchmark",
    "change-points",
    "coverage",
    "decisions",
    "detected-phases",
    "failure",
    "hazards",
    "importance",
    "imports",
    "kano",
    "mix",
    "movements",
    "needs",
    "phases",
    "prices",
    "rating",
    "reach",
    "rejects",
    "satisfaction",
    "segments",
    "sides",
    "time-in-use",
    "trends",
    "units",
]
#: Names of `Analysis.table`.
TableName: TypeAlias = Literal[
    "adjusted",
    "alerts",
    "area_summary",
    "areas",
    "assignments",
    "change_points",
    "corrected",
    "embeddings",
    "failure_times",
    "found_themes",
    "further_embeddings",
    "hazard_products",
    "hazards",
    "importance",
    "imports",
    "kano",
    "lineage",
    "mentions",
    "mix_changes",
    "movements",
    "needs",
    "opportunities",
    "phases",
    "prices",
    "products",
    "rating_changes",
    "readings",
    "rejects",
    "reviews",
    "rivals",
    "segments",
    "suggested_phases",
    "summaries",
    "themes",
    "time_in_use",
    "trends",
    "units",
    "verifications",
    "wishes",
    "wordings",
]

#: What each insight tells, and the options it takes besides a scope.
INSIGHTS: dict[str, tuple[str, str]] = {
    "adjusted": ("the ranking once more, with stars that themes share counted once", ""),
    "alerts": ("what rose lately beyond its own history", ""),
    "answer": ("the reviews worth answering, and why", ""),
    "areas": ("the parts of the product, those that cost the most stars first", ""),
    "benchmark": ("our products against the competitors', theme by theme", ""),
    "change-points": ("when the mean rating and the number of reviews moved", ""),
    "coverage": ("how much of the data is behind the figures", ""),
    "decisions": ("what people decided about opportunities", ""),
    "detected-phases": ("phases that the data suggests", ""),
    "failure": ("after which time in use products fail", "theme"),
    "hazards": ("the reviews that report a possible danger, newest first", ""),
    "importance": ("importance and satisfaction of each theme (Ulwick)", ""),
    "imports": ("what came of each file that was read", ""),
    "kano": ("what kind of need each part of the product is", ""),
    "mix": ("whether pain changed within segments or by their mix", "by, from_phase, to_phase"),
    "movements": ("emerging, growing, steady, shrinking and resolved themes", ""),
    "needs": ("what customers wish for", ""),
    "phases": ("the phases there are: people's own, versions, detected ones", ""),
    "prices": ("price and rating of the products", ""),
    "rating": ("what moved the mean rating between two phases", "from_phase, to_phase"),
    "reach": ("reach of each theme, corrected for what reading misses", ""),
    "rejects": ("the rows that were not taken, and why", ""),
    "satisfaction": ("the mean rating with its interval", ""),
    "segments": ("how markets, variants and the like differ", "by"),
    "sides": ("any two products, brands, markets or variants, theme by theme", "by, side, against"),
    "time-in-use": ("when in a product's life its pains come", ""),
    "trends": ("reach of each theme from phase to phase", ""),
    "units": ("complaints per 1,000 units sold", ""),
}
#: Those that cover the whole workspace and take no scope.
WHOLE = frozenset({"phases", "trends", "imports", "rejects", "decisions"})


def listing() -> Result:
    """Return the names of all insights, what each tells and which options it takes."""
    rows = [
        {"name": name, "tells": tells, "options": options, "scope": name not in WHOLE}
        for name, (tells, options) in INSIGHTS.items()
    ]
    return Result(pa.Table.from_pylist(rows), title="Insights")


def insight(state: State, name: str, scope: Scope, options: Options) -> Result:
    """Return a table of `INSIGHTS`.

    Raises:
        VocError: an unknown name or option, or the data lacks what the table needs.
    """
    if name not in INSIGHTS:
        raise VocError(f"There is no insight {name!r}; there are {', '.join(INSIGHTS)}.")
    _refuse_what_is_ignored(name, scope, options)
    if name in ANALYSES:
        return _analysis(state, name, scope, options)
    return _MADE[name](state, scope)


def _refuse_what_is_ignored(name: str, scope: Scope, options: Options) -> None:
    """Refuse what would change nothing, rather than let somebody believe that it did.

    Raises:
        VocError: the insight takes no scope, or not this option.
    """
    if name in WHOLE and scope != type(scope)():
        raise VocError(f"{name} covers the whole workspace: leave out product, brand, phase and the like.")
    known = {"from_phase": "since", "to_phase": "until", "by": "by", "side": "side", "against": "against"}
    known["theme"] = "theme"
    taken = INSIGHTS[name][1].split(", ")
    for given, field in known.items():
        if getattr(options, field) is not None and given not in taken:
            raise VocError(f"{name} takes no {given}; leave it out.")


def _analysis(state: State, name: str, scope: Scope, options: Options) -> Result:
    analysis, facts = ANALYSES[name], state.facts
    found = None
    if analysis.stored is not None:
        table = state.stored(analysis.stored.table, scope)
        found = None if table is None else analysis.stored.found(table, facts, options)
    if found is None:
        found = analysis.compute(facts, scope, state.config.insights, options)
    names = phase_names(facts)
    return Result(
        found.table,
        title=analysis.title,
        notes=tuple(found.notes),
        line=lambda row: analysis.line(row, names),
        first=found.first,
    )


def _areas(state: State, scope: Scope) -> Result:
    from voc.insights import area_summary

    return Result(area_summary(state.facts, scope, config=state.config.insights), title="Areas", line=area_line)


def _hazards(state: State, scope: Scope) -> Result:
    from voc.insights import hazards

    return Result(hazards(state.facts, scope), title="Possible safety hazards", line=_hazard_line)


def _hazard_line(row: Any) -> dict[str, Any]:
    return {
        "written": None if row["written_at"] is None else row["written_at"].date(),
        "product": row["product"],
        "stars": "" if row["rating"] is None else f"{row['rating']:g}",
        "customers say": row["text"],
        "review": row["review_id"],
    }


def _coverage(state: State, scope: Scope) -> Result:
    from voc.insights import coverage

    return _figures("Coverage", coverage(state.facts, scope))


def _satisfaction(state: State, scope: Scope) -> Result:
    from voc.insights import satisfaction

    return _figures("Satisfaction", satisfaction(state.facts, scope, config=state.config.insights))


def _figures(title: str, figures: dict[str, Any]) -> Result:
    """Return the figures of a scope as a whole, in one row."""
    import json

    # What counts by names that differ from data to data is no column: it is written as JSON.
    row = {
        name: json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict) else value
        for name, value in figures.items()
    }
    table = pa.Table.from_pylist([row])
    return Result(table, title=title)


def _trends(state: State, scope: Scope) -> Result:
    """Return the stored trends with names beside the ids."""
    facts, found = state.facts, state.snapshot.table("trends")
    themes = dict(zip(*(facts.themes[column].to_pylist() for column in ("theme_id", "name")), strict=True))
    ids = found["theme_id"].to_pylist()
    kept = [theme_id is None or theme_id in themes for theme_id in ids]
    found = found.filter(pa.array(kept, pa.bool_()))
    named = pa.array([themes.get(theme_id) for theme_id in found["theme_id"].to_pylist()], pa.string())
    names = phase_names(facts)
    phases = pa.array([names.get(phase_id) for phase_id in found["phase_id"].to_pylist()], pa.string())
    found = found.add_column(0, "theme", named).add_column(0, "phase", phases)
    shown = ("reviews", "analysed", "reach", "change", "q_value", "mean_rating")
    return Result(
        found,
        title="Trends by phase",
        line=lambda row: {
            "phase": row["phase"],
            "theme": row["theme"] or "(all reviews)",
            **{name: row[name] for name in shown},
        },
    )


def _decisions(state: State, scope: Scope) -> Result:
    from voc.store.decision_entries import FIELDS

    columns = ("decision_id", "theme_id", *FIELDS, "created_at", "created_by", "updated_at", "updated_by", "revision")
    rows = [{name: row[name] for name in columns} for row in state.place.entries.decisions()]
    table = pa.Table.from_pylist(rows) if rows else pa.table({name: pa.nulls(0) for name in columns})
    return Result(table, title="Decisions")


def _as_stored(name: str, title: str) -> Callable[[State, Scope], Result]:
    return lambda state, scope: Result(state.snapshot.table(name), title=title)


_MADE: dict[str, Callable[[State, Scope], Result]] = {
    "areas": _areas,
    "coverage": _coverage,
    "decisions": _decisions,
    "hazards": _hazards,
    "imports": _as_stored("imports", "Imports"),
    "phases": lambda state, scope: Result(state.facts.phases, title="Phases"),
    "rejects": _as_stored("rejects", "Rejects"),
    "satisfaction": _satisfaction,
    "trends": _trends,
}
