"""`voc opportunities` and `voc insights`: prints what the last run found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voc.analyses.lines import HOW_TO_READ, area_line, opportunity_line, parts_of, without_structure
from voc.cli.frame import config_option, debug_option, format_options, open_workspace, workspace_option

if TYPE_CHECKING:
    import pyarrow as pa

    from voc.config import InsightsConfig
    from voc.insights import Facts, Scope
    from voc.sheets import Sheet
    from voc.store import Snapshot, Workspace

# Opportunities that a table shows unless told otherwise; the other formats hold all.
_SHOWN = 20


def scope_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add --product, --brand and --phase."""
    command = click.option("--phase", metavar="F", help="Only this phase: its name or id.")(command)
    command = click.option("--brand", metavar="B", help="Only this brand.")(command)
    return click.option("--product", metavar="P", help="Only this product: its name or id.")(command)


@click.command()
@workspace_option
@scope_options
@click.option("--limit", type=click.IntRange(min=1), help="Only the best so many.")
@format_options
@config_option
@debug_option
def opportunities(
    workspace: Path,
    product: str | None,
    brand: str | None,
    phase: str | None,
    limit: int | None,
    form: str,
    output: Path | None,
    config_file: Path | None,
) -> None:
    """Print what to improve first, best first."""
    from voc.cli.output import emit
    from voc.cli.scopes import load_facts, open_snapshot, run_config, scope_of

    place = open_workspace(workspace, config_file)
    snapshot = open_snapshot(place)
    config = run_config(snapshot, config_file).insights
    table = _ranked(place, snapshot, config, product, brand, phase)
    listed, hidden = _as_people_named_them(table, place)
    notes = [f"{hidden} hidden; `voc theme list` shows them."] if hidden else []
    if not listed:
        for sentence in _why_empty(snapshot, hidden):
            click.echo(sentence, err=True)
        if form in ("table", "markdown") and not hidden:
            facts = load_facts(place, snapshot)
            emit(area_sheet(facts, scope_of(product, brand, phase), config), form, output)
            return
    if limit is None and form == "table" and len(listed) > _SHOWN:
        limit = _SHOWN
        notes.append(f"The first {limit} of {len(listed)}; --limit {len(listed)} shows all.")
    title = "Opportunities" + "".join(f", {what}" for what in (product, brand, phase) if what)
    emit(_opportunity_sheet(title, listed[:limit], notes), form, output)


def ranked(
    place: Workspace,
    snapshot: Snapshot,
    config: InsightsConfig,
    product: str | None,
    brand: str | None,
    phase: str | None,
) -> list[dict[str, Any]]:
    """Return the opportunities of a scope as people named them, best first, without those they hid."""
    return _as_people_named_them(_ranked(place, snapshot, config, product, brand, phase), place)[0]


def _ranked(
    place: Workspace,
    snapshot: Snapshot,
    config: InsightsConfig,
    product: str | None,
    brand: str | None,
    phase: str | None,
) -> pa.Table:
    """Return the opportunities of the scope, stored if the run stored it, else computed."""
    import pyarrow.compute as pc

    from voc.cli.scopes import load_facts, scope_of, stored_scope

    def stored(kind: str, name: str) -> pa.Table:
        table = snapshot.table("opportunities")
        return table.filter(pc.and_(pc.equal(table["scope_type"], kind), pc.equal(table["scope"], name)))

    if product is None and brand is None and phase is None:
        return stored("workspace", "").sort_by("rank")
    facts = load_facts(place, snapshot)
    kind, name = stored_scope(facts, product, brand, phase)
    chosen = stored(kind, name)
    if not chosen.num_rows:
        from voc.insights import opportunities as compute

        scope = scope_of(product, brand, phase)
        chosen = compute(facts, scope, config=config, scope_type=kind, scope_name=name)
    return chosen.sort_by("rank")


def _as_people_named_them(table: pa.Table, place: Workspace) -> tuple[list[dict[str, Any]], int]:
    """Apply renames, leave hidden themes out, and say how many were."""
    names, hidden = place.entries.theme_names(), place.entries.hidden_themes()
    rows = table.to_pylist()
    shown = [{**row, "name": names.get(row["theme_id"], row["name"])} for row in rows if row["theme_id"] not in hidden]
    return shown, len(rows) - len(shown)


def _why_empty(snapshot: Snapshot, hidden: int) -> list[str]:
    if hidden:
        return [f"All {hidden} opportunities are hidden; `voc theme list` shows them."]
    with snapshot.connect() as database:
        found = database.execute("SELECT count(*) FILTER (analysed) FROM readings").fetchone()
    if found is None or not found[0]:
        return ["None of the stored reviews could be analysed, so there is nothing to rank."]
    return ["There are too few troubles here to make themes of; `voc insights areas` ranks the product's parts."]


def _opportunity_sheet(title: str, listed: Sequence[Mapping[str, Any]], notes: Sequence[str]) -> Sheet:
    from voc.sheets import Sheet
    from voc.tables import OPPORTUNITIES

    documents = [{**row, "parts": parts_of(row)} for row in listed]
    rows = [without_structure(row) for row in listed]
    columns = OPPORTUNITIES.names
    if listed:
        notes = [*notes, HOW_TO_READ]
    return Sheet(title, [opportunity_line(row) for row in listed], rows, documents, columns, notes)


def area_sheet(facts: Facts, scope: Scope, config: InsightsConfig) -> Sheet:
    """Return the product parts of a scope, those that cost the most stars first.

    Raises:
        VocError: the scope names something the data lacks.
    """
    from voc.insights import area_summary
    from voc.sheets import Sheet

    found = area_summary(facts, scope, config=config)
    documents = found.to_pylist()
    rows = [without_structure(row) for row in documents]
    return Sheet("Areas", [area_line(row) for row in documents], rows, documents, found.column_names)
