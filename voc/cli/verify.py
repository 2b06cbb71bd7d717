"""`voc verify`: did a fix work?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voc.analyses.fixes import fix_line, study_line
from voc.cli.figures import scope_options
from voc.cli.frame import config_option, debug_option, format_options, open_workspace, workspace_option

if TYPE_CHECKING:
    from voc.config import InsightsConfig
    from voc.insights import Facts
    from voc.insights.verification import Verification
    from voc.sheets import Sheet
    from voc.store import Workspace


@click.command()
@click.option("--theme", metavar="T", help="The theme that was to be fixed: its id or name.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day on which the fix was sold.")
@click.option(
    "--lag",
    type=int,
    metavar="DAYS",
    help="Days in which old stock is still sold, left out.  [default: 60; 0 for a phase that is a version]",
)
@click.option("--keep", is_flag=True, help="Remember this fix: every later run verifies it anew.")
@click.option("--drop", metavar="FIX", help="Remember this fix no longer; its id is in the list.")
@workspace_option
@scope_options
@format_options
@config_option
@debug_option
def verify(
    theme: str | None,
    since: dt.datetime | None,
    lag: int | None,
    keep: bool,
    drop: str | None,
    workspace: Path,
    product: str | None,
    brand: str | None,
    phase: str | None,
    form: str,
    output: Path | None,
    config_file: Path | None,
) -> None:
    """Say whether complaints changed at a date, beyond what they did elsewhere in the same weeks.

    Without --theme and --since it lists the fixes that are remembered, with what the data says of each today.
    """
    from voc.cli.output import emit
    from voc.cli.scopes import load_facts, open_snapshot, run_config, scope_of
    from voc.insights.scope import find_phase, find_theme
    from voc.insights.verification import verify as compute

    place = open_workspace(workspace, config_file)
    if drop is not None:
        if theme is not None or since is not None or keep:
            raise click.UsageError("--drop goes without --theme, --since and --keep.")
        place.entries.delete_fix(drop)
        click.echo(f"{drop} is remembered no longer.")
        return
    if (theme is None) != (since is None):
        raise click.UsageError("A fix is named by --theme and --since together; leave out both for the list.")
    snapshot = open_snapshot(place)
    facts = load_facts(place, snapshot).curated(place.entries.theme_names(), place.entries.hidden_themes())
    config = run_config(snapshot, config_file).insights
    if theme is None or since is None:
        if keep or lag is not None or product is not None or brand is not None or phase is not None:
            raise click.UsageError(
                "Name the fix by --theme and --since; without them all that are remembered are listed."
            )
        emit(_list(place, facts, config), form, output)
        return
    scope = scope_of(product, brand, phase)
    theme_id = find_theme(facts, theme)
    found = compute(facts, theme_id, since.date(), scope=scope, lag_days=lag, config=config)
    sheet = verification_sheet(found)
    if keep:
        # Under the phase's id, which stays when its name changes.
        phase_id = None if phase is None else find_phase(facts, phase).phase_id
        fix_id = place.entries.put_fix(
            theme_id, since.date(), lag_days=lag, product=product, brand=brand, phase_id=phase_id
        )
        kept = f"Remembered as {fix_id}: every run verifies it anew; `voc verify` lists all."
        sheet = replace(sheet, notes=[*sheet.notes, kept])
    emit(sheet, form, output)


def _list(place: Workspace, facts: Facts, config: InsightsConfig) -> Sheet:
    """Return the fixes that are remembered, verified on the reviews there are."""
    from voc.insights.stored import verified
    from voc.sheets import Sheet
    from voc.tables import SCHEMAS

    rows = [verified(facts, fix, config=config) for fix in place.entries.fixes()]
    notes = [] if rows else ["No fix is remembered; `voc verify --theme T --since DATE --keep` remembers one."]
    return Sheet("Fixes", [fix_line(row) for row in rows], rows, rows, SCHEMAS["verifications"].names, notes)


def verification_sheet(found: Verification) -> Sheet:
    """Return a verification as a table of its periods, with what it says around it."""
    from voc.sheets import Sheet

    study = found.event_study.to_pylist()
    notes = [found.sentence, *(note for note in (*found.reasons, *found.warnings) if note not in found.sentence)]
    if found.control_kind is not None:
        notes.append(f"Compared with {found.control_kind}.")
    if found.pre_trend.verdict != "no trend seen":
        notes.append(f"Before the date: {found.pre_trend.verdict}.")
    title = f"{found.theme}, {found.treated}, since {found.since}: {found.conclusion}"
    shown = [study_line(row) for row in study]
    return Sheet(title, shown, study, document(found), found.event_study.column_names, notes)


def document(found: Verification) -> dict[str, Any]:
    """Return a verification as JSON has it."""
    tables = ("reach", "controls", "placebo_dates", "event_study")
    plain = {key: value for key, value in vars(found).items() if key not in (*tables, "pre_trend")}
    return {**plain, "pre_trend": vars(found.pre_trend), **{name: getattr(found, name).to_pylist() for name in tables}}
