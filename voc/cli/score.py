"""`voc score`: the opinions of large exports as Parquet, without a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voc.cli.frame import INTERRUPTED, config_option, debug_option, map_option

if TYPE_CHECKING:
    from voc.scoring import ScoreReport

# Reasons and languages that a line lists.
_LISTED = 5


@click.command()
@click.argument("exports", metavar="EXPORT...", nargs=-1, required=True)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    required=True,
    help="Parquet file to write, one row per mention (x.parquet), or a folder of such files with a manifest.",
)
@click.option("--device", type=click.Choice(("auto", "cpu", "cuda")), default=None, help="Where the model runs.")
@click.option(
    "--engine",
    type=click.Choice(("local", "ray")),
    default="local",
    show_default=True,
    help="ray: on all cores of this machine, or on the cluster that RAY_ADDRESS names.",
)
@click.option("--resume", is_flag=True, help="Go on with what an interrupted call left; refuse if that was another.")
@click.option("--overwrite", is_flag=True, help="Throw away what another call left, and replace any output.")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
@config_option
@map_option
@debug_option
def score(
    exports: tuple[str, ...],
    output: Path,
    device: str | None,
    engine: Any,
    resume: bool,
    overwrite: bool,
    form: str,
    config_file: Path | None,
    mapping: dict[str, str],
) -> None:
    """Write the opinions found in large exports to Parquet, without a workspace.

    An EXPORT is a file, a folder, a pattern, or an address such as s3://bucket/reviews/*.parquet. Rows that cannot be
    used are listed in NAME.rejects.parquet. What was done when a call was interrupted is kept beside the output, and
    the same call goes on with it.
    """
    from voc.config import Config, load_config
    from voc.progress import progress_bars
    from voc.scoring import score as score_exports
    from voc.scoring.outputs import Output
    from voc.sheets import dump

    if not Output(output).is_named_well:
        raise click.UsageError("--output names the Parquet file to write, e.g. mentions.parquet, or a folder.")
    config = load_config(config_file)
    if device is not None:
        raw: dict[str, Any] = config.model_dump()
        raw["model"]["device"] = device
        config = Config.model_validate(raw)
    try:
        with progress_bars() as progress:
            report = score_exports(
                exports,
                output,
                config=config,
                mapping=mapping or None,
                engine=engine,
                resume=resume,
                overwrite=overwrite,
                progress=progress,
            )
    except KeyboardInterrupt:
        click.echo("Stopped; what was done is kept, and the same command with --resume goes on with it.", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None
    if form == "json":
        click.echo(dump({"output": str(output), **report.document()}), nl=False)
    else:
        _print(report, output)


def _print(report: ScoreReport, output: Path) -> None:
    files = f"{len(report.files):,} file{'s' if len(report.files) != 1 else ''}"
    click.echo(f"{output}: {report.mentions:,} mentions of {report.reviews:,} reviews in {files}.")
    click.echo(
        f"  {report.rows_read:,} rows read: {report.accepted:,} accepted, {report.duplicates:,} duplicates, "
        f"{report.rejected:,} rejected"
    )
    if report.reject_reasons:
        click.echo(f"  rejected because: {_listed(report.reject_reasons)}")
    if report.rejects:
        click.echo(f"  rejects are listed in {report.rejects}")
    if report.unread:
        count = sum(report.unread.values())
        reviews = "1 review was" if count == 1 else f"{count:,} reviews were"
        click.echo(f"  {reviews} not analysed, in languages that the model does not read: {_listed(report.unread)}")
    if report.kept:
        click.echo(f"  kept from an interrupted call: {report.kept:,} of {report.parts:,} parts")
    for file in report.files:
        if file.problem:
            click.echo(file.problem, err=True)


def _listed(counts: dict[str, int]) -> str:
    items = list(counts.items())
    more = f"; {len(items) - _LISTED} more" if len(items) > _LISTED else ""
    return "; ".join(f"{name} ({count:,})" for name, count in items[:_LISTED]) + more
