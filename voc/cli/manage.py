"""`voc app` and `voc forget`: opening a workspace, and taking reviews out of it."""

from __future__ import annotations

from pathlib import Path

import click

from voc.cli.frame import config_option, debug_option, open_workspace, workspace_option
from voc.errors import VocError


@click.command()
@workspace_option
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Port to listen on.")
@click.option(
    "--host", default="localhost", show_default=True, help="Address to listen on; others than localhost show it around."
)
@click.option("--read-only", is_flag=True, help="Show everything, and let nobody change anything.")
@click.option(
    "--sign-in",
    "secrets",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="TOML file with the table [auth] of your OpenID Connect provider: nobody sees anything before signing in.",
)
@click.option(
    "--data-dir",
    "data_dirs",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    multiple=True,
    help="Folder whose files may be analysed by their path; without it the current one, on localhost only.",
)
@click.option(
    "--max-upload-mb",
    type=click.IntRange(1, 100_000),
    default=500,
    show_default=True,
    help="Largest file that may be uploaded, in megabytes.",
)
@click.option("--browser/--no-browser", default=True, help="Open a browser window.")
@config_option
@debug_option
def app(
    workspace: Path,
    port: int,
    host: str,
    read_only: bool,
    secrets: Path | None,
    data_dirs: tuple[Path, ...],
    max_upload_mb: int,
    browser: bool,
    config_file: Path | None,
) -> None:
    """Open the app in the browser."""
    import contextlib
    import os
    import subprocess
    import sys

    from voc.config import load_config
    from voc.resources import app_path
    from voc.ui import launch

    if not app_path().exists():
        raise VocError(f"{app_path()}: the app is missing from this installation; install voc again.")
    load_config(config_file)
    if secrets is not None:
        launch.check_secrets(secrets)
    launch.check_port(host, port)
    local = launch.is_local(host)
    told = launch.environment(read_only=read_only, sign_in=secrets is not None, local=local, data_dirs=data_dirs)
    environment = {**os.environ, "VOC_WORKSPACE": str(workspace.resolve()), **told}
    if config_file is not None:
        environment["VOC_CONFIG"] = str(config_file.resolve())
    if not local and not read_only and secrets is None:
        click.echo(launch.OPEN_TO_ALL, err=True)
    click.echo(f"The app is at http://{host}:{port}; Ctrl-C closes it. It opens once the workspace is read.", err=True)
    # Who may change nothing has nothing to upload.
    uploads = 1 if read_only else max_upload_mb
    command = launch.streamlit_args(port, address=host, max_upload_mb=uploads, secrets=secrets)
    if browser:
        environment[launch.OPEN_VARIABLE] = f"http://{'localhost' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104
    if os.name == "posix":
        # The server takes this process's place: one that waited for it would hold a hundred megabytes.
        sys.stderr.flush()
        os.execve(command[0], command, environment)  # noqa: S606 - our own server
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how one closes the app
        subprocess.run(command, env=environment, check=False)


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
    if (review_id is None) == (import_id is None):
        raise click.UsageError("Give one of --review ID and --import ID.")
    place = open_workspace(workspace, config_file)
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
    from voc.cli.scopes import run_config
    from voc.pipeline import refresh as compute_anew
    from voc.progress import progress_bars

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
