"""`voc run`: from exports to a workspace."""

from __future__ import annotations

from pathlib import Path

import click

from voc.cli.frame import config_option, debug_option, map_option, open_workspace, workspace_option

_EXPORTS = click.argument("exports", metavar="EXPORT...", nargs=-1, required=True, type=click.Path(path_type=Path))


@click.command()
@_EXPORTS
@workspace_option
@config_option
@click.option(
    "--products",
    type=click.Path(path_type=Path),
    default=None,
    help="Small file about the products: product_id, brand, own, price, units_sold.",
)
@map_option
@click.option("--refit", is_flag=True, help="Make the themes anew from everything; those found again keep their ids.")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
@debug_option
def run(
    exports: tuple[Path, ...],
    workspace: Path,
    config_file: Path | None,
    products: Path | None,
    mapping: dict[str, str],
    refit: bool,
    form: str,
) -> None:
    """Read review exports, find the opinions in them and rank what to improve."""
    from voc.cli.scopes import run_config
    from voc.cli.summary import document, print_summary
    from voc.pipeline import run as run_pipeline
    from voc.progress import progress_bars
    from voc.sheets import dump

    # Today's export is read like yesterday's, without anybody naming the configuration again.
    place = open_workspace(workspace, config_file)
    config = run_config(place.current(), config_file)
    with progress_bars() as progress:
        report = run_pipeline(
            list(exports),
            workspace=place,
            config=config,
            mapping=mapping or None,
            products_file=products,
            refit=refit,
            progress=progress,
        )
    if form == "json":
        click.echo(dump(document(report, place)), nl=False)
    else:
        print_summary(report, place, workspace)
