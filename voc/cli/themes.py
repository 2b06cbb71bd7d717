"""`voc theme`: lists the themes of a workspace and changes them; people's word stands through every later run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voc.cli.frame import config_option, debug_option, format_options, open_workspace, workspace_option
from voc.errors import VocError

if TYPE_CHECKING:
    from voc.curation import Curator


@click.group()
def theme() -> None:
    """List themes and change them: your word stands through every later run."""


def _changes(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every command that changes something."""
    for option in (
        debug_option,
        config_option,
        click.option("--by", default="", envvar="VOC_USER", help="Who does this, for the history."),
        workspace_option,
    ):
        command = option(command)
    return command


def _do(workspace: Path, by: str, config_file: Path | None, change: Callable[[Curator], str]) -> None:
    """Make one change and bring it into the figures."""
    from voc.cli.scopes import open_snapshot, run_config
    from voc.curation import Curator
    from voc.errors import WorkspaceBusyError

    place = open_workspace(workspace, config_file)
    config = run_config(open_snapshot(place), config_file)
    curator = Curator(place, by)
    click.echo(change(curator))
    try:
        curator.apply(config)
    except WorkspaceBusyError as error:
        # The change stands, so this is no failure.
        click.echo(f"{error} The change is kept and comes into the figures with the next run.", err=True)


_ID = click.argument("theme_id", metavar="ID")


@theme.command("list")
@click.option("--all", "everything", is_flag=True, help="Also themes that were merged, retired or called no problem.")
@workspace_option
@format_options
@config_option
@debug_option
def list_themes(everything: bool, workspace: Path, config_file: Path | None, form: str, output: Path | None) -> None:
    """List the themes, largest first."""
    from voc.cli.output import emit
    from voc.cli.scopes import open_snapshot
    from voc.curation import shown_themes
    from voc.sheets import Sheet

    place = open_workspace(workspace, config_file)
    snapshot = open_snapshot(place)
    areas = {row["area_id"]: row["name"] for row in snapshot.table("areas").to_pylist()}
    rows = [
        {
            "theme_id": row["theme_id"],
            "name": row["name"],
            "area": areas.get(row["area_id"]),
            "mentions": row["size"],
            "stability": row["stability"],
            "state": row["state"],
            "hidden": row["hidden"],
            "renamed": row["renamed_by_user"],
            "keywords": ", ".join(row["keywords"]),
        }
        for row in shown_themes(snapshot, place.entries.edits())
        if everything or row["state"] == "active"
    ]
    shown = [{**row, "keywords": ", ".join(row["keywords"].split(", ")[:4])} for row in rows]
    columns = ("theme_id", "name", "area", "mentions", "stability", "state", "hidden", "renamed", "keywords")
    emit(Sheet("Themes", shown, rows, rows, columns), form, output)


@theme.command("mentions")
@_ID
@workspace_option
@format_options
@config_option
@debug_option
def list_mentions(theme_id: str, workspace: Path, config_file: Path | None, form: str, output: Path | None) -> None:
    """List the mentions of theme ID, surest first, with the ids that `voc theme correct` takes."""
    import pyarrow.compute as pc

    from voc.cli.output import emit
    from voc.cli.scopes import open_snapshot
    from voc.sheets import Sheet

    snapshot = open_snapshot(open_workspace(workspace, config_file))
    if theme_id not in snapshot.table("themes", ["theme_id"]).column("theme_id").to_pylist():
        raise VocError(f"There is no theme {theme_id!r} in {workspace}; `voc theme list` shows the ids.")
    mentions = snapshot.table("mentions")
    found = mentions.filter(pc.equal(mentions["theme_id"], theme_id))
    texts = snapshot.texts(found["review_id"].to_pylist())
    rows = [
        {
            **{key: row[key] for key in ("mention_id", "review_id", "aspect", "phrase", "confidence", "hazard")},
            "quote": texts[row["review_id"]][row["clause_start"] : row["clause_end"]],
        }
        for row in sorted(found.to_pylist(), key=lambda row: (-row["confidence"], row["mention_id"]))
    ]
    columns = ("mention_id", "review_id", "aspect", "phrase", "confidence", "hazard", "quote")
    emit(Sheet("Mentions", rows, rows, rows, columns), form, output)


@theme.command("rename")
@_ID
@click.argument("name")
@_changes
def rename_theme(theme_id: str, name: str, workspace: Path, by: str, config_file: Path | None) -> None:
    """Give theme ID another NAME."""
    if not name.strip():
        raise click.UsageError("The new name is empty.")
    _do(workspace, by, config_file, lambda curator: curator.rename(theme_id, name))


@theme.command("merge")
@_ID
@click.argument("into", metavar="INTO")
@_changes
def merge_themes(theme_id: str, into: str, workspace: Path, by: str, config_file: Path | None) -> None:
    """Make theme ID part of theme INTO: the same trouble in other words."""
    _do(workspace, by, config_file, lambda curator: curator.merge(theme_id, into))


@theme.command("split")
@_ID
@click.option("--words", default="", help='Take out what says one of these, e.g. "left, right ear"; else by meaning.')
@click.option("--name", default=None, help="What the new theme is called.")
@_changes
def split_theme(
    theme_id: str, words: str, name: str | None, workspace: Path, by: str, config_file: Path | None
) -> None:
    """Take a part of theme ID out as a theme of its own."""
    wanted = [word for word in words.split(",") if word.strip()]
    _do(workspace, by, config_file, lambda curator: curator.split(theme_id, words=wanted, name=name))


@theme.command("move")
@_ID
@click.argument("area")
@_changes
def move_theme(theme_id: str, area: str, workspace: Path, by: str, config_file: Path | None) -> None:
    """Put theme ID under another AREA: a part of the product, delivery, seller, service or price."""
    _do(workspace, by, config_file, lambda curator: curator.move(theme_id, area))


@theme.command("hide")
@_ID
@click.option("--show", is_flag=True, help="Show it again.")
@_changes
def hide_theme(theme_id: str, show: bool, workspace: Path, by: str, config_file: Path | None) -> None:
    """Leave theme ID out of the lists, or show it again; it is still counted."""
    _do(workspace, by, config_file, lambda curator: curator.hide(theme_id, not show))


@theme.command("dismiss")
@_ID
@click.option("--restore", is_flag=True, help="It is a problem after all.")
@_changes
def dismiss_theme(theme_id: str, restore: bool, workspace: Path, by: str, config_file: Path | None) -> None:
    """Call theme ID no problem: it is no longer ranked, and what it holds counts as no complaint."""
    _do(workspace, by, config_file, lambda curator: curator.dismiss(theme_id, not restore))


@theme.command("correct")
@click.argument("mention_id", metavar="MENTION")
@click.option("--theme", "theme_id", default=None, help="The theme it belongs to, or none.")
@click.option("--kind", type=click.Choice(("pain", "praise", "wish", "neutral")), default=None)
@click.option("--hazard/--no-hazard", "hazard", default=None, help="Whether it tells of a danger.")
@_changes
def correct_mention(
    mention_id: str,
    theme_id: str | None,
    kind: str | None,
    hazard: bool | None,
    workspace: Path,
    by: str,
    config_file: Path | None,
) -> None:
    """Correct what was read of one MENTION (`voc theme mentions` shows their ids)."""
    from voc.edits import NO_THEME

    into = NO_THEME if theme_id == "none" else theme_id
    _do(
        workspace,
        by,
        config_file,
        lambda curator: curator.correct(mention_id, theme_id=into, kind=kind, hazard=hazard),
    )


@theme.command("describe")
@click.argument("theme_ids", metavar="[ID]...", nargs=-1)
@click.option(
    "--top", type=click.IntRange(min=1), default=10, show_default=True, help="Without IDs: the largest themes."
)
@click.option("--names", is_flag=True, help="Also call themes by the name found, where nobody has named them.")
@workspace_option
@config_option
@debug_option
def describe_themes(
    theme_ids: tuple[str, ...], top: int, names: bool, workspace: Path, config_file: Path | None
) -> None:
    """Have the language model under [llm] in voc.toml summarise themes, every sentence with its quotes."""
    from voc import summaries
    from voc.cli.scopes import open_snapshot, run_config
    from voc.curation import shown_themes

    place = open_workspace(workspace, config_file)
    snapshot = open_snapshot(place)
    config = run_config(snapshot, config_file)
    shown = shown_themes(snapshot, place.entries.edits())
    active = [row["theme_id"] for row in shown if row["state"] == "active" and not row["hidden"]]
    done, left = summaries.describe_themes(place, theme_ids or active[:top], config, rename=names)
    for one in done:
        click.echo(f"{one.theme_id}  {one.name}")
        for sentence, quotes in one.sentences:
            click.echo(f"  {sentence}")
            for quote in quotes:
                click.echo(f"    - {' '.join(quote.text.split())} ({quote.review_id})")
    for sentence in left:
        click.echo(sentence, err=True)


@theme.command("undo")
@_changes
def undo(workspace: Path, by: str, config_file: Path | None) -> None:
    """Take back the last change; again, the one before it."""
    _do(workspace, by, config_file, lambda curator: curator.undo())


@theme.command("history")
@workspace_option
@format_options
@config_option
@debug_option
def history(workspace: Path, config_file: Path | None, form: str, output: Path | None) -> None:
    """List what people changed, the latest first."""
    from voc.cli.output import emit
    from voc.cli.scopes import open_snapshot
    from voc.curation import describe, shown_themes
    from voc.sheets import Sheet

    place = open_workspace(workspace, config_file)
    names = {row["theme_id"]: row["name"] for row in shown_themes(open_snapshot(place), place.entries.edits())}
    lines = place.entries.history()[::-1]
    rows: list[dict[str, Any]] = [
        {"when": f"{line['when']:%Y-%m-%d %H:%M}", "who": line["who"], "change": describe(line, names)}
        for line in lines
    ]
    full = [{**line, "when": line["when"].isoformat()} for line in lines]
    emit(Sheet("Changes", rows, rows, full, ("when", "who", "change")), form, output)


@theme.command("lineage")
@workspace_option
@format_options
@config_option
@debug_option
def lineage(workspace: Path, config_file: Path | None, form: str, output: Path | None) -> None:
    """List what became of themes in each run: born, emerged, matched, renamed, merged, retired."""
    from voc.cli.output import emit
    from voc.cli.scopes import open_snapshot
    from voc.sheets import Sheet

    table = open_snapshot(open_workspace(workspace, config_file)).table("lineage").to_pylist()
    ordered = sorted(table, key=lambda row: (row["event"], row["theme_id"]))
    ordered.sort(key=lambda row: row["happened_at"], reverse=True)
    rows = [{**row, "happened_at": f"{row['happened_at']:%Y-%m-%d %H:%M:%S}"} for row in ordered]
    columns = ("happened_at", "event", "theme_id", "name", "other_id", "share", "mentions")
    emit(Sheet("Lineage", rows, rows, rows, columns), form, output)


@theme.command("refit")
@workspace_option
@config_option
@debug_option
def refit(workspace: Path, config_file: Path | None) -> None:
    """Make the themes anew from everything; those found again keep their ids, and your changes stand."""
    from voc.cli.scopes import open_snapshot, run_config
    from voc.pipeline import refresh
    from voc.progress import progress_bars

    place = open_workspace(workspace, config_file)
    config = run_config(open_snapshot(place), config_file)
    with progress_bars() as progress:
        report = refresh(place, config=config, progress=progress)
    for message in report.messages:
        click.echo(message)
