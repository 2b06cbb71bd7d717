"""What the commands of `voc benchmark` share: options, and what becomes of the figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voc.cli.frame import debug_option, map_option

if TYPE_CHECKING:
    from collections.abc import Callable


def result_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what every benchmark takes that computes in threads: --threads, --format and --output."""
    for option in (
        debug_option,
        click.option(
            "--output",
            "-o",
            type=click.Path(path_type=Path, dir_okay=False),
            default=None,
            help="Also write the figures to this JSON file.",
        ),
        click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True),
        click.option("--threads", type=click.IntRange(min=1), default=None, help="Threads; by default all cores."),
    ):
        command = option(command)
    return command


def export_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the same, and the export to measure with."""
    export = click.option(
        "--export",
        type=click.Path(path_type=Path),
        default=None,
        help="Review export to measure with; by default the sample data.",
    )
    return export(map_option(result_options(command)))


def emit(result: dict[str, Any], rows: list[dict[str, Any]], title: str, form: str, output: Path | None) -> None:
    """Print figures as a table of `rows` with the result's notes, or as JSON; store them where a file is given."""
    from voc.cli.output import print_table, write_file
    from voc.sheets import Sheet, dump

    if output is not None:
        write_file(output, dump(result).encode())
    if form == "json":
        click.echo(dump(result), nl=False)
    else:
        print_table(Sheet(title, rows, rows, result, notes=result["notes"]))


def keeper(output: Path | None) -> Callable[[dict[str, Any]], None]:
    """Return what stores the figures measured so far in the file, so that an interrupted run can go on."""
    from voc.cli.output import write_file
    from voc.sheets import dump

    def keep(result: dict[str, Any]) -> None:
        if output is not None:
            write_file(output, dump(result).encode())

    return keep


def measured_before(output: Path | None, benchmark: str) -> dict[str, Any] | None:
    """Return what the file of an earlier measurement holds; null where there is none, or another thing."""
    import json

    try:
        found = json.loads(output.read_text(encoding="utf-8")) if output is not None else None
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("benchmark") == benchmark else None
