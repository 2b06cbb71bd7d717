"""What all commands share: how faults become one sentence and an exit status, and the common options."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from voc.errors import VocError

if TYPE_CHECKING:
    from voc.store import Workspace

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("table", "json", "csv", "markdown", "xlsx")

_DEBUG = "voc.debug"
# What a shell reports for a program stopped by Ctrl-C: 128 + SIGINT.
INTERRUPTED = 130


class VocGroup(click.Group):
    """A group whose commands list in the order they were added and whose faults end in one sentence.

    Exit status: 1 for a fault of the input, the configuration or ours, 2 for wrong usage (click's own), 130 when the
    user interrupts. With --debug an unexpected exception keeps its traceback.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order they were added."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command and turn what it raises into a sentence on standard error."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except VocError as error:
            raise click.ClickException(str(error)) from None
        except KeyboardInterrupt:
            click.echo("Stopped; what was stored before is unchanged.", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None
        except Exception as error:
            if ctx.meta.get(_DEBUG) or (isinstance(error, OSError) and error.errno == errno.EPIPE):
                raise
            if isinstance(error, OSError) and error.filename is not None:
                raise click.ClickException(f"{error.filename}: {error.strerror}.") from None
            kind = type(error).__name__
            raise click.ClickException(
                f"This is a fault in voc itself ({kind}); run the same command with --debug and report what it prints."
            ) from None


def _note_debug(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        # `meta` is shared by a command's context and the group's.
        ctx.meta[_DEBUG] = True


def debug_option(command: F) -> F:
    """Add --debug, which lets an unexpected exception show its traceback."""
    return click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=_note_debug,
        help="Show the traceback of an unexpected error.",
    )(command)


def workspace_option(command: F) -> F:
    """Add --workspace."""
    return click.option(
        "--workspace",
        "-w",
        type=click.Path(path_type=Path),
        default=Path("voc-workspace"),
        show_default=True,
        envvar="VOC_WORKSPACE",
        help="Folder in which the results are kept.",
    )(command)


def open_workspace(path: Path, config_file: Path | None = None) -> Workspace:
    """Return the workspace at a path, with people's entries where `[workspace] entries` of the configuration says.

    Raises:
        VocError: the configuration is at fault.
    """
    from voc.config import load_config
    from voc.store import Workspace

    settings = load_config(config_file).workspace
    return Workspace(path, entries_url=settings.entries_url(), keep=settings.rule())


def config_option(command: F) -> F:
    """Add --config."""
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        default=None,
        metavar="voc.toml",
        help="Configuration file.",
    )(command)


def format_options(command: F) -> F:
    """Add --format and --output for a command that prints a table."""
    command = click.option(
        "--output",
        "-o",
        type=click.Path(path_type=Path, dir_okay=False),
        default=None,
        help="Write to this file instead of standard output.",
    )(command)
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="How to print it; xlsx needs --output.",
    )(command)


def pairs(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Turn COLUMN=HEADER values into a dictionary; a header may itself hold an equals sign."""
    mapping: dict[str, str] = {}
    for value in values:
        column, equals, header = value.partition("=")
        if not (column.strip() and equals and header.strip()):
            raise click.BadParameter(f"{value!r} is not of the form COLUMN=HEADER.", ctx, parameter)
        mapping[column.strip()] = header.strip()
    return mapping


def map_option(command: F) -> F:
    """Add --map COLUMN=HEADER."""
    return click.option(
        "--map",
        "mapping",
        multiple=True,
        callback=pairs,
        metavar="COLUMN=HEADER",
        help="Read a column of ours from this header of the export, e.g. rating=Score; may be given several times.",
    )(command)
