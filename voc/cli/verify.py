"""`voc verify`: did a fix work?"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voc.cli.analyses.frame import points, share
from voc.cli.figures import scope_options
from voc.cli.frame import config_option, debug_option, format_options, workspace_option

if TYPE_CHECKING:
    from voc.cli.output import Sheet
    from voc.insights.verification import Verification


@click.command()
@click.option("--theme", required=True, metavar="T", help="The theme that was to be fixed: its id or name.")
@click.option("--since", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day on which the fix was sold.")
@click.option(
    "--lag",
    type=int,
    metavar="DAYS",
    help="Days in which old stock is still sold, left out.  [default: 60; 0 for a phase that is a version]",
)
@workspace_option
@scope_options
@format_options
@config_option
@debug_option
def verify(
    theme: str,
    since: dt.datetime,
    lag: int | None,
    workspace: Path,
    product: str | None,
    brand: str | None,
    phase: str | None,
    form: str,
    output: Path | None,
    config_file: Path | None,
) -> None:
    """Say whether complaints changed at a date, beyond what they did elsewhere in the same weeks."""
    from voc.cli.output import emit
    from voc.cli.scopes import load_facts, open_snapshot, run_config, scope_of, theme_called
    from voc.insights.verification import verify as compute
    from voc.store import Workspace

    place = Workspace(workspace)
    snapshot = open_snapshot(place)
    facts = load_facts(place, snapshot).curated(place.entries.theme_names(), place.entries.hidden_themes())
    found = compute(
        facts,
        theme_called(facts, theme),
        since.date(),
        scope=scope_of(product, brand, phase),
        lag_days=lag,
        config=run_config(snapshot, config_file).insights,
    )
    emit(verification_sheet(found), form, output)


def verification_sheet(found: Verification) -> Sheet:
    """Return a verification as a table of its periods, with what it says around it."""
    from voc.cli.output import Sheet

    study = found.event_study.to_pylist()
    shown = [
        {
            "from": row["start"],
            "until": row["end"],
            "part": row["part"],
            "reviews": row["reviews"],
            "reach": share(row["reach_treated"]),
            "controls": share(row["reach_controls"]),
            "difference, points": points(row["difference"]),
            "interval": "" if row["low"] is None else f"{points(row['low'])} to {points(row['high'])}",
        }
        for row in study
    ]
    notes = [found.sentence, *found.reasons, *found.warnings]
    if found.control_kind is not None:
        notes.append(f"Compared with {found.control_kind}.")
    if found.pre_trend.verdict != "no trend seen":
        notes.append(f"Before the date: {found.pre_trend.verdict}.")
    title = f"{found.theme}, {found.treated}, since {found.since}: {found.conclusion}"
    return Sheet(title, shown, study, document(found), found.event_study.column_names, notes)


def document(found: Verification) -> dict[str, Any]:
    """Return a verification as JSON has it."""
    tables = ("reach", "controls", "placebo_dates", "event_study")
    plain = {key: value for key, value in vars(found).items() if key not in (*tables, "pre_trend")}
    return {**plain, "pre_trend": vars(found.pre_trend), **{name: getattr(found, name).to_pylist() for name in tables}}
