"""`voc snapshots` and `voc prune`: the earlier states of a workspace, going back to one, and which of them are kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voc.cli.frame import config_option, debug_option, format_options, open_workspace, workspace_option
from voc.errors import VocError

if TYPE_CHECKING:
    from voc.sheets import Sheet
    from voc.store import Snapshot, Workspace
    from voc.store.cleaning import Retained


@click.command()
@workspace_option
@click.option("--restore", metavar="ID", help="Make this snapshot the current state; the present one stays as another.")
@format_options
@config_option
@debug_option
def snapshots(workspace: Path, restore: str | None, form: str, output: Path | None, config_file: Path | None) -> None:
    """List the states that are kept, the newest first, or go back to one of them."""
    from voc.cli.output import emit
    from voc.cli.scopes import open_snapshot

    place = open_workspace(workspace, config_file)
    open_snapshot(place)
    if restore is None:
        emit(_sheet("Snapshots", place, place.retention()), form, output)
        return
    lines = _restored(place, restore, config_file)
    click.echo("\n".join(lines))


@click.command()
@workspace_option
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@format_options
@config_option
@debug_option
def prune(workspace: Path, dry_run: bool, form: str, output: Path | None, config_file: Path | None) -> None:
    """Remove the earlier states that the rule does not keep, as every run does at its end.

    The rule is keep under [workspace] in voc.toml, for example keep = { last = 5, daily = 7, monthly = 12 }; a run with
    that file remembers it.
    """
    from voc.cli.output import emit
    from voc.cli.scopes import open_snapshot
    from voc.pipeline import WAIT

    place = open_workspace(workspace, config_file)
    open_snapshot(place)
    listed = place.retention()
    going = [one for one in listed if not one.reasons]
    sheet = _sheet("What is kept", place, listed)
    freed = place.size({one.manifest.id for one in going})
    if not dry_run:
        with place.writing(wait=WAIT):
            pass  # whoever begins to write cleans up first
    verb = "would be" if dry_run else "were"
    count = "1 snapshot" if len(going) == 1 else f"{len(going):,} snapshots"
    click.echo(
        f"{count} {verb} removed, which frees {freed / 1e6:,.1f} MB; {len(listed) - len(going):,} stay.", err=True
    )
    emit(sheet, form, output)


def _sheet(title: str, place: Workspace, listed: list[Retained]) -> Sheet:
    from voc.sheets import Sheet

    there = {snapshot.id: snapshot for snapshot in place.snapshots()}
    rows = [_row(one, there.get(one.manifest.id), current=not number) for number, one in enumerate(listed)]
    shown = [
        {
            "snapshot": row["snapshot_id"],
            "stored": row["created_at"],
            "reviews": row["reviews"],
            "mentions": row["mentions"],
            "read by": row["models"],
            "kept as": row["kept_as"] or "goes",
        }
        for row in rows
    ]
    return Sheet(title, shown, rows, rows)


def _row(one: Retained, snapshot: Snapshot | None, *, current: bool) -> dict[str, Any]:
    from voc.reanalysis.states import other_readings

    models = sorted(other_readings(snapshot)) if snapshot is not None else []
    return {
        "snapshot_id": one.manifest.id,
        "created_at": f"{one.manifest.created_at:%Y-%m-%d %H:%M:%S}",
        "current": current,
        "reviews": snapshot.rows("reviews") if snapshot is not None else None,
        "mentions": snapshot.rows("mentions") if snapshot is not None else None,
        "models": ", ".join(models) if snapshot is not None else "damaged",
        "kept_as": ", ".join(["current"] * current + one.reasons),
    }


def _restored(place: Workspace, name: str, config_file: Path | None) -> list[str]:
    """Go back to a snapshot, with what people decided since, and tell what was run since."""
    from voc.cli.scopes import run_config
    from voc.pipeline import WAIT, apply_edits, make_index

    with place.writing(wait=WAIT) as writer:
        present = writer.base
        chosen = next((one for one in place.snapshots() if one.id == name), None)
        if chosen is None or present is None:
            raise VocError(f"There is no snapshot {name!r} in {place.path}; `voc snapshots` lists those that are kept.")
        if chosen.id == present.id:
            raise VocError(f"Snapshot {name} is the current state already.")
        had = set(chosen.table("imports", ["import_id"])["import_id"].to_pylist())
        later = [
            row["file"]
            for row in present.table("imports", ["import_id", "file"]).to_pylist()
            if row["import_id"] not in had
        ]
        restored = writer.adopt(chosen)
        make_index(restored)
    lines = [
        f"The state of {chosen.created_at:%Y-%m-%d %H:%M:%S} UTC is the current one again, as snapshot {restored.id}."
    ]
    if (chosen.info.get("entries") or 0) != place.entries.version():
        apply_edits(place, config=run_config(restored, config_file))
        lines.append("What was decided about themes since then was brought into it.")
    if later:
        files = ", ".join(dict.fromkeys(later))
        lines.append(f"What these files brought is not in it; run them again where it is wanted: {files}.")
    lines.append(f"The state before this is snapshot {present.id}.")
    return lines
