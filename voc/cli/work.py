"""`voc run` and `voc score`: from exports to a workspace, or to one Parquet file of mentions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voc.cli.frame import config_option, debug_option, map_option, open_workspace, workspace_option
from voc.errors import VocError

if TYPE_CHECKING:
    from voc.config import Config

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
    from voc.cli.progress import progress_bars
    from voc.cli.scopes import run_config
    from voc.cli.summary import document, print_summary
    from voc.pipeline import run as run_pipeline
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


@click.command()
@_EXPORTS
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Parquet file to write, one row per mention.",
)
@click.option("--device", type=click.Choice(("auto", "cpu", "cuda")), default=None, help="Where the model runs.")
@click.option("--engine", type=click.Choice(("local", "ray")), default="local", show_default=True)
@click.option("--resume", is_flag=True, help="Keep the files already scored by an earlier, interrupted call.")
@config_option
@map_option
@debug_option
def score(
    exports: tuple[Path, ...],
    output: Path,
    device: str | None,
    engine: str,
    resume: bool,
    config_file: Path | None,
    mapping: dict[str, str],
) -> None:
    """Write the opinions found in large exports to one Parquet file, without a workspace."""
    if engine == "ray":
        raise VocError("The Ray engine is not in this version; use --engine local.")
    from voc.config import Config, load_config

    config = load_config(config_file)
    if device is not None:
        raw: dict[str, Any] = config.model_dump()
        raw["model"]["device"] = device
        config = Config.model_validate(raw)
    if output.suffix.lower() not in (".parquet", ".pq"):
        raise click.UsageError("--output names the Parquet file to write, e.g. mentions.parquet.")
    counts = _score(exports, output, config, mapping, resume)
    kept = f", {counts['kept']} of them kept from before" if counts["kept"] else ""
    click.echo(
        f"{output}: {counts['mentions']:,} mentions of {counts['reviews']:,} reviews "
        f"in {len(exports)} file{'s' if len(exports) != 1 else ''}{kept}."
    )
    if counts["unread"]:
        reviews = "1 review was" if counts["unread"] == 1 else f"{counts['unread']:,} reviews were"
        click.echo(f"{reviews} not analysed: the model does not read the language.", err=True)


def _score(
    exports: tuple[Path, ...], output: Path, config: Config, mapping: dict[str, str], resume: bool
) -> dict[str, int]:
    """Score file by file into parts beside the output, then join them and switch the result in.

    A part is written whole or not at all and named after what it was made from, so that --resume takes only what
    still holds: the same bytes, read with the same mapping and configuration.
    """
    import shutil

    from voc.cli.parts import Part, join_parts, read_part, score_file
    from voc.cli.progress import progress_bars

    missing = next((export for export in exports if not export.is_file()), None)
    if missing is not None:
        # Said now rather than after hours of scoring the files before it.
        raise VocError(f"{missing}: there is no such file; check the path.")
    parts_folder = output.with_name(f".{output.name}.parts")
    try:
        if not resume and parts_folder.exists():
            shutil.rmtree(parts_folder)
        parts_folder.mkdir(exist_ok=True)
    except OSError as error:
        raise VocError(f"{output}: nothing can be written there ({error.strerror}); choose another --output.") from None
    parts: list[Part] = []
    seen: set[str] = set()
    kept = 0
    with progress_bars() as progress:
        for number, export in enumerate(exports):
            progress("scoring files", number, len(exports))
            part = read_part(parts_folder, export, config, mapping)
            if part is None:
                part = score_file(parts_folder, export, config, mapping, progress)
            else:
                kept += 1
            parts.append(part)
        progress("scoring files", len(exports), len(exports))
        reviews, mentions = join_parts(parts, output, seen)
    shutil.rmtree(parts_folder)
    return {"reviews": reviews, "mentions": mentions, "kept": kept, "unread": sum(part.unread for part in parts)}
