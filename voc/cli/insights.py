"""`voc insights`: prints any other table, as the run stored it or computed for the scope that is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from voc.analyses import ANALYSES, Options
from voc.cli.analyses import analysis_sheet
from voc.cli.figures import area_sheet, scope_options
from voc.cli.frame import config_option, debug_option, format_options, open_workspace, workspace_option

if TYPE_CHECKING:
    from voc.config import InsightsConfig
    from voc.insights import Facts, Scope
    from voc.sheets import Sheet
    from voc.store import Snapshot, Workspace

_STORED = ("phases", "trends", "imports", "rejects", "decisions")
INSIGHTS = (*_STORED, "coverage", "areas", "satisfaction", "hazards", *ANALYSES)


@click.command()
@click.argument("table", type=click.Choice(INSIGHTS))
@workspace_option
@scope_options
@click.option("--from", "since", metavar="F", help="Earlier phase to compare with, by name or id (rating, mix).")
@click.option("--to", "until", metavar="F", help="Later phase of the two (rating, mix).")
@click.option("--by", metavar="COLUMN", help="What tells segments apart: market, variant ... (segments, mix, sides).")
@click.option("--side", metavar="V", help="One side: a product_id, brand, market or variant, by --by (sides).")
@click.option("--against", metavar="V", help="The other side (sides).")
@click.option("--theme", metavar="T", help="Only this theme, by id or name (failure).")
@format_options
@config_option
@debug_option
def insights(
    table: str,
    workspace: Path,
    product: str | None,
    brand: str | None,
    phase: str | None,
    since: str | None,
    until: str | None,
    by: str | None,
    side: str | None,
    against: str | None,
    theme: str | None,
    form: str,
    output: Path | None,
    config_file: Path | None,
) -> None:
    """Print another table; imports and rejects tell what came of each file."""
    from voc.cli.hazards import hazard_sheet
    from voc.cli.output import emit
    from voc.cli.scopes import load_facts, open_snapshot, run_config, scope_of

    scoped = product is not None or brand is not None or phase is not None
    if table in _STORED and scoped:
        raise click.UsageError(f"{table} covers the whole workspace: leave out --product, --brand and --phase.")
    place = open_workspace(workspace, config_file)
    snapshot = open_snapshot(place)
    facts = load_facts(place, snapshot)
    if table in _STORED:
        sheet = _stored(table, snapshot, facts, place)
    else:
        scope, configuration = scope_of(product, brand, phase), run_config(snapshot, config_file)
        if table == "hazards":
            sheet = hazard_sheet(facts, scope, configuration.insights, place.entries.theme_names())
        elif table == "areas":
            sheet = area_sheet(facts, scope, configuration.insights)
        elif table in ("coverage", "satisfaction"):
            sheet = _single(table, facts, scope, configuration.insights)
        else:
            options = Options(since, until, by, theme, configuration.model.opinions, side, against)
            shown = facts.curated(place.entries.theme_names(), place.entries.hidden_themes())
            sheet = analysis_sheet(table, shown, scope, configuration.insights, options)
    emit(sheet, form, output)


def _single(table: str, facts: Facts, scope: Scope, config: InsightsConfig) -> Sheet:
    """Return figures of a scope as a whole."""
    from voc.insights import coverage, satisfaction
    from voc.sheets import Sheet

    figures = coverage(facts, scope) if table == "coverage" else satisfaction(facts, scope, config=config)
    rows = [{"figure": key, "value": value} for key, value in figures.items()]
    return Sheet(table.capitalize(), rows, rows, figures, ("figure", "value"))


def _stored(table: str, snapshot: Snapshot, facts: Facts, place: Workspace) -> Sheet:
    """Take a table as stored; in trends with names beside the ids."""
    from voc.sheets import Sheet

    if table in ("imports", "rejects"):
        found = snapshot.table(table)
        rows = found.to_pylist()
        return Sheet(table.capitalize(), rows, rows, rows, found.column_names)

    if table == "decisions":
        return _decisions(facts, place)
    if table == "phases":
        rows = facts.phases.to_pylist()
        return Sheet("Phases", rows, rows, rows, facts.phases.column_names)
    found = snapshot.table("trends")
    renamed = place.entries.theme_names()
    hidden = place.entries.hidden_themes()
    themes = {
        row["theme_id"]: renamed.get(row["theme_id"], row["name"])
        for row in facts.themes.select(["theme_id", "name"]).to_pylist()
    }
    phases = {row["phase_id"]: row["name"] for row in facts.phases.select(["phase_id", "name"]).to_pylist()}
    rows = [
        {"phase": phases.get(row["phase_id"]), "theme": themes.get(row["theme_id"]), **row}
        for row in found.to_pylist()
        if row["theme_id"] not in hidden
    ]
    shown = [
        {
            "phase": row["phase"],
            "theme": row["theme"] or "(all reviews)",
            "reviews": row["reviews"],
            "analysed": row["analysed"],
            "reach": row["reach"],
            "change": row["change"],
            "from": row["change_low"],
            "to": row["change_high"],
            "q": row["q_value"],
            "mean rating": row["mean_rating"],
        }
        for row in rows
    ]
    return Sheet("Trends by phase", shown, rows, rows, ["phase", "theme", *found.column_names])


def _decisions(facts: Facts, place: Workspace) -> Sheet:
    """Return what was decided about opportunities, the oldest decision first."""
    from voc.sheets import Sheet
    from voc.store.decision_entries import FIELDS

    names = dict(zip(*(facts.themes[column].to_pylist() for column in ("theme_id", "name")), strict=True))
    names |= place.entries.theme_names()
    stamps = ("created_at", "created_by", "updated_at", "updated_by", "revision")
    rows = [
        {
            "decision_id": row["decision_id"],
            "theme": names.get(row["theme_id"], row["theme_id"]),
            **{name: row[name] for name in (*FIELDS, *stamps)},
        }
        for row in place.entries.decisions()
    ]
    shown = [
        {
            **{name: row[name] for name in ("title", "state", "theme")},
            "owner": row["owner"] or "",
            "release": row["release"] or "",
            "planned": row["planned_on"] or "",
            "sold since": row["released_on"] or "",
        }
        for row in rows
    ]
    notes = [] if rows else ["Nothing has been decided yet; decide from an opportunity in the app."]
    return Sheet("Decisions", shown, rows, rows, ("decision_id", "theme", *FIELDS, *stamps), notes)
