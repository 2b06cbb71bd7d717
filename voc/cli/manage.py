"""`voc app`, `voc theme` and `voc forget`: opening a workspace and changing what people may change in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from voc.cli.frame import config_option, debug_option, format_options, workspace_option
from voc.errors import VocError

if TYPE_CHECKING:
    import subprocess

    from voc.store import Workspace


@click.command()
@workspace_option
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Port to listen on.")
@click.option(
    "--host", default="localhost", show_default=True, help="Address to listen on; others than localhost show it around."
)
@click.option("--browser/--no-browser", default=True, help="Open a browser window.")
@config_option
@debug_option
def app(workspace: Path, port: int, host: str, browser: bool, config_file: Path | None) -> None:
    """Open the app in the browser."""
    import os
    import subprocess

    from voc.config import load_config
    from voc.resources import app_path
    from voc.ui.launch import streamlit_args

    if not app_path().exists():
        raise VocError(f"{app_path()}: the app is missing from this installation; install voc again.")
    load_config(config_file)
    environment = {**os.environ, "VOC_WORKSPACE": str(workspace.resolve())}
    if config_file is not None:
        environment["VOC_CONFIG"] = str(config_file.resolve())
    click.echo(f"The app is at http://{host}:{port}; Ctrl-C closes it.", err=True)
    command = streamlit_args(port, address=host)
    try:
        with subprocess.Popen(command, env=environment) as server:
            if browser:
                _show(server, f"http://{'localhost' if host in ('0.0.0.0', '::') else host}:{port}")  # noqa: S104
            status = server.wait()
    except KeyboardInterrupt:
        # Ctrl-C is how one closes the app.
        return
    if status > 0:
        raise VocError(f"The app ended with status {status}; if port {port} is in use, choose another with --port.")


def _show(server: subprocess.Popen[bytes], address: str) -> None:
    """Open a browser window as soon as the server answers; without a browser the address on the screen must do."""
    import time
    import urllib.request
    import webbrowser

    while server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):  # noqa: S310 - our own server
                webbrowser.open(address)
            return
        except OSError:
            time.sleep(0.2)


@click.command()
@click.option("--review", "review_id", metavar="ID", help="Forget this review.")
@click.option("--import", "import_id", metavar="ID", help="Forget everything that came with this import.")
@click.option("--refresh/--no-refresh", default=True, help="Compute themes and figures anew without them.")
@workspace_option
@config_option
@debug_option
def forget(
    review_id: str | None, import_id: str | None, refresh: bool, workspace: Path, config_file: Path | None
) -> None:
    """Remove a review or a whole import, and everything derived from it, from every snapshot."""
    from voc.store import Workspace

    if (review_id is None) == (import_id is None):
        raise click.UsageError("Give one of --review ID and --import ID.")
    place = Workspace(workspace)
    if not place.exists():
        raise VocError(f"{workspace}: there is no workspace here; check --workspace.")
    removed = place.forget(review_id=review_id, import_id=import_id)
    if not removed:
        what = f"review {review_id!r}" if review_id is not None else f"import {import_id!r}"
        raise VocError(f"There is no {what} in {workspace}; nothing was removed.")
    what = "1 review was" if removed == 1 else f"{removed:,} reviews were"
    click.echo(f"{what} forgotten, with the mentions and quotes taken from the text.")
    if not refresh:
        click.echo("Figures and names of themes are still those of the last run; the next `voc run` renews them.")
        return
    from voc.cli.progress import progress_bars
    from voc.cli.scopes import run_config
    from voc.pipeline import refresh as compute_anew

    try:
        snapshot = place.current()
        if snapshot is not None:
            with progress_bars() as progress:
                compute_anew(place, config=run_config(snapshot, config_file), progress=progress)
    except VocError as error:
        # The removal stands, so this is no failure.
        click.echo(f"Figures and names of themes could not be computed anew: {error}", err=True)
        return
    click.echo("Figures and names of themes were computed anew without them.")


@click.group()
def theme() -> None:
    """List, rename or hide themes."""


@theme.command("list")
@workspace_option
@format_options
@debug_option
def list_themes(workspace: Path, form: str, output: Path | None) -> None:
    """List the themes, largest first."""
    from voc.cli.output import Sheet, emit
    from voc.cli.scopes import open_snapshot
    from voc.store import Workspace

    place = Workspace(workspace)
    snapshot = open_snapshot(place)
    names, hidden = place.entries.theme_names(), place.entries.hidden_themes()
    areas = {row["area_id"]: row["name"] for row in snapshot.table("areas").to_pylist()}
    found = sorted(snapshot.table("themes").to_pylist(), key=lambda row: (-row["size"], row["theme_id"]))
    rows = [
        {
            "theme_id": row["theme_id"],
            "name": names.get(row["theme_id"], row["name"]),
            "area": areas.get(row["area_id"]),
            "mentions": row["size"],
            "state": row["state"],
            "hidden": row["theme_id"] in hidden,
            "renamed": row["theme_id"] in names,
            "keywords": ", ".join(row["keywords"]),
        }
        for row in found
    ]
    shown = [{**row, "keywords": ", ".join(theme["keywords"][:4])} for row, theme in zip(rows, found, strict=True)]
    columns = ("theme_id", "name", "area", "mentions", "state", "hidden", "renamed", "keywords")
    emit(Sheet("Themes", shown, rows, rows, columns), form, output)


def _known(workspace: Path, theme_id: str) -> Workspace:
    """Open the workspace that holds the theme.

    Raises:
        VocError: it does not.
    """
    from voc.cli.scopes import open_snapshot
    from voc.store import Workspace

    place = Workspace(workspace)
    if theme_id not in open_snapshot(place).table("themes", ["theme_id"]).column("theme_id").to_pylist():
        raise VocError(f"There is no theme {theme_id!r} in {workspace}; `voc theme list` shows the ids.")
    return place


@theme.command("rename")
@click.argument("theme_id", metavar="ID")
@click.argument("name")
@workspace_option
@debug_option
def rename_theme(theme_id: str, name: str, workspace: Path) -> None:
    """Give theme ID another NAME, kept through every later run."""
    name = " ".join(name.split())
    if not name:
        raise click.UsageError("The new name is empty.")
    _known(workspace, theme_id).entries.rename_theme(theme_id, name)
    click.echo(f"{theme_id} is now called {name!r}.")


@theme.command("hide")
@click.argument("theme_id", metavar="ID")
@click.option("--show", is_flag=True, help="Show it again.")
@workspace_option
@debug_option
def hide_theme(theme_id: str, show: bool, workspace: Path) -> None:
    """Leave theme ID out of the lists, or show it again."""
    _known(workspace, theme_id).entries.hide_theme(theme_id, hidden=not show)
    click.echo(f"{theme_id} is {'shown' if show else 'hidden'} from now on.")
