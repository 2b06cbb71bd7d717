"""The benchmarks on drawn reviews, of any number: `voc benchmark insights`, `simulations`, `app` and `scale`."""

from __future__ import annotations

from pathlib import Path

import click

from voc.cli.benchmark_figures import emit, keeper, measured_before, result_options
from voc.cli.frame import debug_option


@click.command()
@click.option("--size", type=click.IntRange(min=100), default=100_000, show_default=True, help="How many reviews.")
@click.option("--mentions", type=click.IntRange(min=100), default=300_000, show_default=True, help="How many mentions.")
@result_options
def insights(size: int, mentions: int, threads: int | None, form: str, output: Path | None) -> None:
    """Time every figure of a large workspace that is drawn, and the memory that it takes."""
    from voc.benchmark.insights import benchmark_insights, table
    from voc.progress import progress_bars

    with progress_bars() as progress:
        result = benchmark_insights(size, mentions, threads=threads, progress=progress)
    emit(result, table(result), f"Insights of {size:,} reviews and {mentions:,} mentions", form, output)


@click.command()
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
@result_options
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
    from voc.progress import progress_bars

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
            known=measured_before(output, "simulations"),
            keep=keeper(output),
        )
    if page is not None:
        write_page(page, result)
    emit(result, table(result), "Figures where the truth is known", form, output)


@click.command()
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
    from voc.progress import progress_bars

    with progress_bars() as progress:
        result = benchmark_app(
            reviews,
            3 * reviews if mentions is None else mentions,
            people=people,
            pages=pages,
            workspace=workspace,
            progress=progress,
        )
    emit(result, table(result), f"The app with {reviews:,} reviews, in seconds", form, output)


@click.command()
@click.option(
    "--size",
    "--sizes",
    "sizes",
    type=click.IntRange(min=200),
    multiple=True,
    default=(1000, 10_000, 100_000),
    show_default=True,
    help="How many reviews; may be given several times.",
)
@click.option(
    "--engine",
    "--engines",
    "engines",
    type=click.Choice(("local", "ray")),
    multiple=True,
    default=("local", "ray"),
    show_default=True,
    help="Engine of voc score; may be given several times.",
)
@click.option(
    "--assembled-up-to",
    type=click.IntRange(min=0),
    metavar="REVIEWS",
    default=10_000,
    show_default=True,
    help="Largest size that the alternative is measured at; its time with more is estimated. 0 leaves it out.",
)
@click.option(
    "--repeats",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Runs with up to 1,000 reviews; the median counts.",
)
@click.option(
    "--document",
    "documents",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    metavar="README.md",
    help="Put the figures into this Markdown file too, between its marks; may be given several times.",
)
@result_options
def scale(
    sizes: tuple[int, ...],
    engines: tuple[str, ...],
    assembled_up_to: int,
    repeats: int,
    documents: tuple[Path, ...],
    threads: int | None,
    form: str,
    output: Path | None,
) -> None:
    """Time voc score and voc run on drawn exports of growing size, beside the alternative of voc benchmark pipeline.

    With --output each figure is stored as soon as it is measured, and those that the file holds, measured under the
    same conditions, are kept: after an interruption the same command goes on. After a change of the code, measure into
    a new file.
    """
    from voc.benchmark.documented import put_figures
    from voc.benchmark.scale import benchmark_scale
    from voc.benchmark.scale_figures import document, table
    from voc.progress import progress_bars

    with progress_bars() as progress:
        result = benchmark_scale(
            sizes,
            engines=engines,
            assembled_up_to=assembled_up_to,
            threads=threads,
            repeats=repeats,
            progress=progress,
            known=measured_before(output, "scale"),
            keep=keeper(output),
        )
    for path in documents:
        put_figures(path, "scale", document(result))
    emit(result, table(result), "Reviews per second, memory and cost per review by size", form, output)
