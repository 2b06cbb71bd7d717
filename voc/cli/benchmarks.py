"""`voc benchmark`: measures the product against what a user would assemble instead."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voc.cli.frame import debug_option, map_option

if TYPE_CHECKING:
    from collections.abc import Callable


@click.group()
def benchmark() -> None:
    """Measure speed, memory, and how often the figures are right."""


def _result_options(command: Callable[..., None]) -> Callable[..., None]:
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


def _options(command: Callable[..., None]) -> Callable[..., None]:
    export = click.option(
        "--export",
        type=click.Path(path_type=Path),
        default=None,
        help="Review export to measure with; by default the sample data.",
    )
    return export(map_option(_result_options(command)))


def _emit(result: dict[str, Any], rows: list[dict[str, Any]], title: str, form: str, output: Path | None) -> None:
    from voc.cli.output import print_table, write_file
    from voc.sheets import Sheet, dump

    if output is not None:
        write_file(output, dump(result).encode())
    if form == "json":
        click.echo(dump(result), nl=False)
    else:
        print_table(Sheet(title, rows, rows, result, notes=result["notes"]))


def _keeper(output: Path | None) -> Callable[[dict[str, Any]], None]:
    """Return what stores the figures measured so far in the file, so that an interrupted run can go on."""
    from voc.cli.output import write_file
    from voc.sheets import dump

    def keep(result: dict[str, Any]) -> None:
        if output is not None:
            write_file(output, dump(result).encode())

    return keep


def _measured(output: Path | None, benchmark: str) -> dict[str, Any] | None:
    """Return what the file of an earlier measurement holds; null where there is none, or another thing."""
    import json

    try:
        found = json.loads(output.read_text(encoding="utf-8")) if output is not None else None
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("benchmark") == benchmark else None


@benchmark.command()
@click.option(
    "--size",
    "sizes",
    type=click.IntRange(min=20),
    multiple=True,
    default=(1000, 5000),
    show_default=True,
    help="How many reviews; may be given several times.",
)
@_options
def pipeline(
    sizes: tuple[int, ...],
    export: Path | None,
    mapping: dict[str, str],
    threads: int | None,
    form: str,
    output: Path | None,
) -> None:
    """Time `voc run` against spaCy NER, DistilBERT and default BERTopic put together, on the same reviews."""
    from voc.benchmark.pipeline import benchmark_pipeline, table
    from voc.cli.progress import progress_bars

    with progress_bars() as progress:
        result = benchmark_pipeline(sizes, export=export, mapping=mapping, threads=threads, progress=progress)
    _emit(result, table(result), "voc run against the assembled pipeline", form, output)


@benchmark.command()
@click.option("--size", type=click.IntRange(min=20), default=1000, show_default=True, help="How many reviews.")
@_options
def extract(
    size: int, export: Path | None, mapping: dict[str, str], threads: int | None, form: str, output: Path | None
) -> None:
    """Time extraction alone against three fp32 passes of the same encoder and against spaCy's CNN."""
    from voc.benchmark.extract import benchmark_extract, table
    from voc.cli.progress import progress_bars

    with progress_bars() as progress:
        result = benchmark_extract(size, export=export, mapping=mapping, threads=threads, progress=progress)
    _emit(result, table(result), "Extraction alone", form, output)


@benchmark.command()
@click.option(
    "--size",
    "sizes",
    type=click.IntRange(min=100),
    multiple=True,
    default=(1000, 10_000),
    show_default=True,
    help="How many opinions to time; may be given several times.",
)
@click.option(
    "--gold",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Labelled lines with categories or topics to compare with; may be given several times.",
)
@click.option("--seeds", type=click.IntRange(min=2), default=5, show_default=True, help="Seeds, and 90 % samples.")
@click.option(
    "--patience",
    type=click.FloatRange(min=0, min_open=True),
    metavar="MINUTES",
    help="Give a fit up after so long; the table then says that it took longer.  [default: never]",
)
@_options
def themes(
    sizes: tuple[int, ...],
    gold: tuple[Path, ...],
    seeds: int,
    patience: float | None,
    export: Path | None,
    mapping: dict[str, str],
    threads: int | None,
    form: str,
    output: Path | None,
) -> None:
    """Compare our themes with default BERTopic: time, share without a theme, agreement with people, stability.

    With --output each part is stored as soon as it is measured, and parts that the file holds already are kept: after
    an interruption the same command goes on.
    """
    import torch
    from threadpoolctl import threadpool_limits

    from voc.benchmark.themes import benchmark_themes, table
    from voc.cli.progress import progress_bars

    if threads is not None:
        torch.set_num_threads(threads)
    with progress_bars() as progress, threadpool_limits(threads):
        result = benchmark_themes(
            sizes,
            gold=gold,
            export=export,
            mapping=mapping,
            seeds=seeds,
            patience=None if patience is None else 60 * patience,
            progress=progress,
            known=_measured(output, "themes"),
            keep=_keeper(output),
        )
    _emit(result, table(result), "Themes against default BERTopic", form, output)


@benchmark.command()
@click.option("--batches", type=click.IntRange(min=2), default=12, show_default=True, help="How many parts.")
@_options
def replay(
    batches: int, export: Path | None, mapping: dict[str, str], threads: int | None, form: str, output: Path | None
) -> None:
    """Add an export batch by batch and see what becomes of the themes, beside one run of everything."""
    import torch

    from voc.benchmark.replay import benchmark_replay, table
    from voc.cli.progress import progress_bars

    if threads is not None:
        torch.set_num_threads(threads)
    with progress_bars() as progress:
        result = benchmark_replay(batches, export=export, mapping=mapping, progress=progress)
    counts = ", ".join(f"{count} {event}" for event, count in result["refit"].items() if event != "seconds")
    result["notes"] += [
        f"A refit after the last batch took {result['refit']['seconds']:.1f} s: {counts}.",
        f"Agreement with one run of everything: {result['agreement']['replayed']:.3f}, "
        f"after the refit {result['agreement']['refitted']:.3f}.",
    ]
    _emit(result, table(result), "Reviews added batch by batch", form, output)


@benchmark.command()
@click.option("--size", type=click.IntRange(min=100), default=100_000, show_default=True, help="How many reviews.")
@click.option("--mentions", type=click.IntRange(min=100), default=300_000, show_default=True, help="How many mentions.")
@_result_options
def insights(size: int, mentions: int, threads: int | None, form: str, output: Path | None) -> None:
    """Time every figure of a large workspace that is drawn, and the memory that it takes."""
    from voc.benchmark.insights import benchmark_insights, table
    from voc.cli.progress import progress_bars

    with progress_bars() as progress:
        result = benchmark_insights(size, mentions, threads=threads, progress=progress)
    _emit(result, table(result), f"Insights of {size:,} reviews and {mentions:,} mentions", form, output)


@benchmark.command()
@click.option("--runs", type=click.IntRange(min=2), default=None, help="Runs of each; by default each has its own.")
@click.option("--quick", is_flag=True, help="A tenth of the default runs: a glance, no proof.")
@click.option("--only", multiple=True, metavar="NAME", help="Only this simulation; may be given several times.")
@click.option(
    "--table",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Markdown file: the table replaces what stands between its two marks.",
)
@_result_options
def simulations(
    runs: int | None,
    quick: bool,
    only: tuple[str, ...],
    page: Path | None,
    threads: int | None,
    form: str,
    output: Path | None,
) -> None:
    """Draw reviews with a known truth and count how often intervals, alarms and ranks are right.

    All of it takes 20 to 30 minutes on one core. With --output each part is stored as soon as it is measured, and
    parts that the file holds with the same settings and runs are kept: after an interruption the same command goes on.
    After a change of the code that computes a figure, measure into a new file.

    --table writes into a file with the lines <!-- simulations: begin --> and <!-- simulations: end -->.
    """
    from threadpoolctl import threadpool_limits

    from voc.benchmark.simulations.measuring import benchmark_simulations
    from voc.benchmark.simulations.page import check_page, table, write_page
    from voc.benchmark.simulations.registry import SIMULATIONS
    from voc.cli.progress import progress_bars

    if quick and runs is not None:
        raise click.UsageError("--quick sets the runs by itself; give either --quick or --runs.")
    names = [one.name for one in SIMULATIONS]
    for name in only:
        if name not in names:
            raise click.BadParameter(
                f"there is no simulation {name!r}; there is {', '.join(names)}.", param_hint="--only"
            )
    if page is not None:
        check_page(page)
    with progress_bars() as progress, threadpool_limits(threads):
        result = benchmark_simulations(
            only,
            runs=runs,
            quick=quick,
            progress=progress,
            known=_measured(output, "simulations"),
            keep=_keeper(output),
        )
    if page is not None:
        write_page(page, result)
    _emit(result, table(result), "Figures where the truth is known", form, output)


@benchmark.command()
@click.option(
    "--reviews", type=click.IntRange(min=100), default=100_000, show_default=True, help="How many reviews to draw."
)
@click.option(
    "--mentions",
    type=click.IntRange(min=100),
    default=None,
    help="How many opinions in them.  [default: three for each review]",
)
@click.option("--people", type=click.IntRange(min=0), default=5, show_default=True, help="People at once.")
@click.option(
    "--pages",
    multiple=True,
    metavar="PAGE",
    help="Only what is done on this page (opportunities, trends, ...); may be given several times.",
)
@click.option(
    "--workspace",
    "-w",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder in which the drawn workspace is kept and used again; without it a temporary one is drawn.",
)
@debug_option
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Also write the figures to this JSON file.",
)
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
def app(
    reviews: int,
    mentions: int | None,
    people: int,
    pages: tuple[str, ...],
    workspace: Path | None,
    output: Path | None,
    form: str,
) -> None:
    """Time what people do in the app with headless Chromium, and the memory of its server, on drawn reviews.

    Measured are the first page beside an empty Streamlit page, every interaction first and again, several people at
    once, and whether an open page shows a new export.
    """
    from voc.benchmark.app import benchmark_app, table
    from voc.cli.progress import progress_bars

    with progress_bars() as progress:
        result = benchmark_app(
            reviews,
            3 * reviews if mentions is None else mentions,
            people=people,
            pages=pages,
            workspace=workspace,
            progress=progress,
        )
    _emit(result, table(result), f"The app with {reviews:,} reviews, in seconds", form, output)
