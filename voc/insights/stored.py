"""The analyses of the whole workspace that a run stores beside the list and the trends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from voc import tables
from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights.alerts import alerts
from voc.insights.areas import area_summary
from voc.insights.correction import reach_as_corrected
from voc.insights.decomposition import decompose_rating
from voc.insights.detected import change_points, detected_phases
from voc.insights.facts import Facts
from voc.insights.failure import time_to_failure
from voc.insights.hazards import hazard_products, hazards
from voc.insights.importance import importance
from voc.insights.kano import kano
from voc.insights.labels import labels_of_model
from voc.insights.mix import decompose_mix
from voc.insights.movement import movements
from voc.insights.needs import needs
from voc.insights.phases import listed, previous_phases
from voc.insights.prices import price_map
from voc.insights.rivals import rivals
from voc.insights.scope import Scope
from voc.insights.second_opinion import adjusted_impacts
from voc.insights.segments import segments
from voc.insights.time_in_use import MIN_STATED, time_in_use
from voc.insights.units import units
from voc.insights.verification import verify

#: Pairs of versions that are compared where nobody named phases; of more, those that are looked at are computed.
MOST_PAIRS = 12
#: Themes whose times to failure are stored, those first of which most reviews say when it failed.
MOST_TIMED = 10

#: Name of the table -> how it is computed; each function says in its docstring what its figures mean.
_OF_EVERYTHING: Mapping[str, Callable[[Facts, Scope, InsightsConfig], pa.Table]] = {
    "area_summary": lambda facts, scope, config: area_summary(facts, scope, config=config),
    "hazards": lambda facts, scope, config: hazards(facts, scope),
    "hazard_products": lambda facts, scope, config: hazard_products(facts, scope, config=config),
    "alerts": lambda facts, scope, config: alerts(facts, scope, config=config),
    "movements": lambda facts, scope, config: movements(facts, scope, config=config),
    "change_points": lambda facts, scope, config: change_points(facts, scope, config=config).table,
    "suggested_phases": lambda facts, scope, config: detected_phases(facts, scope, config=config).table,
    "segments": lambda facts, scope, config: segments(facts, scope, config=config),
    "rivals": lambda facts, scope, config: rivals(facts, scope, config=config).table,
    "prices": lambda facts, scope, config: price_map(facts, scope, config=config),
    "units": lambda facts, scope, config: units(facts, scope, config=config),
    "adjusted": lambda facts, scope, config: adjusted_impacts(facts, scope, config=config),
    "importance": lambda facts, scope, config: importance(facts, scope, config=config),
    "kano": lambda facts, scope, config: kano(facts, scope, config=config),
    "needs": lambda facts, scope, config: needs(facts, scope, config=config),
    "time_in_use": lambda facts, scope, config: time_in_use(facts, scope, config=config),
}


def stored_analyses(
    facts: Facts, fixes: Sequence[Mapping[str, Any]] = (), *, config: InsightsConfig, model: str = "opinions"
) -> dict[str, pa.Table]:
    """Compute what a run stores of the whole workspace: one table for each analysis, by its name in `voc.tables`.

    An analysis that the data does not allow (no dates, no ratings, no second phase) is a table without rows; asked for
    by `voc insights` or in the app it says why.

    Args:
        facts: the tables.
        fixes: as `voc.store.Entries.fixes` returns them.
        config: confidence, seed.
        model: that the reviews were read with, as `[model] opinions` in voc.toml names it.

    Returns:
        `area_summary`, `hazards`, `hazard_products`, `corrected` (`reach_as_corrected`), `alerts`, `movements`,
        `change_points`, `suggested_phases`, `rating_changes` and `mix_changes` (`phase_pairs`), `segments`, `rivals`,
        `prices`, `units`, `adjusted`, `importance`, `kano`, `needs`, `time_in_use`, `failure_times` (of all troubles,
        and of the `MOST_TIMED` themes of which most reviews say when it failed), `verifications` (of each fix).
    """
    scope = Scope()
    found = {name: _or_empty(name, compute, facts, scope, config) for name, compute in _OF_EVERYTHING.items()}
    found["corrected"] = reach_as_corrected(facts, scope, labels=labels_of_model(model), config=config).table
    pairs = phase_pairs(facts)
    found["rating_changes"] = _of_pairs(
        "rating_changes",
        pairs,
        lambda before, after: decompose_rating(facts, before, after, scope, config=config).table,
    )
    found["mix_changes"] = _of_pairs(
        "mix_changes", pairs, lambda before, after: decompose_mix(facts, before, after, scope, config=config)
    )
    found["failure_times"] = failure_times(facts, found["time_in_use"], config)
    found["verifications"] = tables.from_rows("verifications", [verified(facts, fix, config=config) for fix in fixes])
    return found


def phase_pairs(facts: Facts) -> list[tuple[str, str]]:
    """Return the phases that follow one another, as pairs of ids: those that people named, else a few of versions."""
    phases = listed(facts.phases)
    before = previous_phases(phases)
    for source in ("user", "version"):
        pairs = [
            (before[phase.phase_id].phase_id, phase.phase_id)
            for phase in phases
            if phase.source == source and phase.phase_id in before
        ]
        if pairs:
            return pairs if source == "user" or len(pairs) <= MOST_PAIRS else []
    return []


def verified(facts: Facts, fix: Mapping[str, Any], *, config: InsightsConfig) -> dict[str, Any]:
    """Return a row of `verifications`, with all its columns, for a fix that somebody entered; `fault` says why not."""
    row: dict[str, Any] = dict.fromkeys(tables.SCHEMAS["verifications"].names)
    row |= {name: value for name, value in fix.items() if name in row} | {"reasons": [], "warnings": []}
    scope = Scope(
        products=() if fix["product"] is None else (fix["product"],),
        brands=() if fix["brand"] is None else (fix["brand"],),
        markets=() if fix.get("market") is None else (fix["market"],),
        phase_id=fix["phase_id"],
    )
    try:
        found = verify(facts, fix["theme_id"], fix["since"], scope=scope, lag_days=fix["lag_days"], config=config)
    except VocError as error:
        return {**row, "fault": str(error)}
    taken = ("theme", "lag_days", "treated", "conclusion", "sentence", "effect", "effect_low", "effect_high")
    more = {name: getattr(found, name) for name in (*taken, "p_value", "control_kind")}
    return {**row, **more, "reasons": list(found.reasons), "warnings": list(found.warnings)}


def _or_empty(
    name: str,
    compute: Callable[[Facts, Scope, InsightsConfig], pa.Table],
    facts: Facts,
    scope: Scope,
    config: InsightsConfig,
) -> pa.Table:
    try:
        return compute(facts, scope, config)
    except VocError:
        return tables.empty(name)


def _of_pairs(name: str, pairs: Sequence[tuple[str, str]], compute: Callable[[str, str], pa.Table]) -> pa.Table:
    """Return the tables of all pairs of phases as one, with the phases before the columns."""
    schema = tables.SCHEMAS[name]
    parts = []
    for before, after in pairs:
        try:
            part = compute(before, after)
        except VocError:
            continue
        ids = [pa.array([phase] * part.num_rows, pa.string()) for phase in (before, after)]
        columns = [column.combine_chunks() for column in part.columns]
        parts.append(pa.Table.from_arrays([*ids, *columns], schema=schema))
    return pa.concat_tables(parts) if parts else schema.empty_table()


def failure_times(facts: Facts, timed: pa.Table, config: InsightsConfig) -> pa.Table:
    """Return the table `failure_times`.

    Args:
        facts: the tables.
        timed: of `time_in_use`, over the whole workspace.
        config: confidence, seed.
    """

    def parts() -> Iterator[pa.Table]:
        rows = [row for row in timed.select(["theme_id", "stated"]).to_pylist() if row["stated"] >= MIN_STATED]
        rows.sort(key=lambda row: (-row["stated"], row["theme_id"]))
        said = [row["theme_id"] for row in rows[:MOST_TIMED]]
        for theme_id in (None, *said):
            try:
                found = time_to_failure(facts, Scope(), theme_id, config=config)
            except VocError:
                continue
            if theme_id is None or found.reviews >= MIN_STATED:
                ids = pa.array([theme_id] * found.within.num_rows, pa.string())
                yield pa.Table.from_arrays(
                    [ids, *(column.combine_chunks() for column in found.within.columns)],
                    schema=tables.SCHEMAS["failure_times"],
                )

    return pa.concat_tables([tables.empty("failure_times"), *parts()])
