"""`voc report`: an opportunity, or the whole state of a scope, as a report or as issues for a tracker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from voc.cli.figures import scope_options
from voc.cli.frame import config_option, debug_option, open_workspace, workspace_option

if TYPE_CHECKING:
    from voc.report.basis import Basis
    from voc.store import Snapshot, Workspace

FORMATS = ("html", "markdown", "jira", "linear")


@click.command()
@workspace_option
@scope_options
@click.option("--theme", metavar="T", help="Only this opportunity: its theme's id or name.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="html",
    show_default=True,
    help="A report to print or to paste, or issues as CSV for the importer of a tracker.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=10, show_default=True, help="Issues for a tracker at most."
)
@click.option("--link", default="", metavar="URL", help="Address of the app, for links back to it.")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file; needed for html."
)
@config_option
@debug_option
def report(
    workspace: Path,
    product: str | None,
    brand: str | None,
    phase: str | None,
    theme: str | None,
    form: str,
    limit: int,
    link: str,
    output: Path | None,
    config_file: Path | None,
) -> None:
    """Write a report for a meeting, or issues for a tracker."""
    from voc.cli.output import write_file
    from voc.cli.scopes import open_snapshot
    from voc.insights.scope import find_theme
    from voc.report import made

    if form == "html" and output is None:
        raise click.UsageError("--format html needs --output FILE.html.")
    place = open_workspace(workspace, config_file)
    basis = _basis(place, open_snapshot(place), product, brand, phase, link, config_file)
    content = made(basis, form, None if theme is None else find_theme(basis.facts, theme), limit)
    if output is None:
        click.echo(content.decode(), nl=False)
    else:
        write_file(output, content)


def _basis(
    place: Workspace,
    snapshot: Snapshot,
    product: str | None,
    brand: str | None,
    phase: str | None,
    link: str,
    config_file: Path | None,
) -> Basis:
    from voc.cli.figures import ranked
    from voc.cli.scopes import load_facts, run_config, scope_of, stored_scope
    from voc.insights.stored import verified
    from voc.report.basis import Basis

    config = run_config(snapshot, config_file).insights
    entries = place.entries
    facts = load_facts(place, snapshot).curated(entries.theme_names(), entries.hidden_themes())
    given = {"product": product, "brand": brand, "phase": phase}
    # By their ids: the links back to the app name those.
    ids = {
        what: stored_scope(facts, **(dict.fromkeys(given) | {what: name}))[1]
        for what, name in given.items()
        if name is not None
    }
    scope = scope_of(ids.get("product"), ids.get("brand"), ids.get("phase"))
    return Basis(
        facts=facts,
        config=config,
        scope=scope,
        scope_words=", ".join(name for name in (product, brand, f"phase {phase}" if phase else "") if name),
        workspace=place.path.name,
        day=snapshot.created_at.date(),
        ranked=ranked(place, snapshot, config, product, brand, phase),
        address=link.rstrip("/"),
        parameters=ids,
        decisions=entries.decisions(),
        fixes=[verified(facts, fix, config=config) for fix in entries.fixes()],
    )
