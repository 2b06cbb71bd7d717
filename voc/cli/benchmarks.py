"""`voc benchmark`: measures the product against what a user would assemble instead."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from voc.cli.benchmark_drawn import app, insights, scale, simulations
from voc.cli.benchmark_figures import emit, export_options, keeper, measured_before

if TYPE_CHECKING:
    from voc.config import Clustering


@click.group()
def benchmark() -> None:
    """Measure speed, memory, and how often the figures are right."""


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
@export_options
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
    from voc.progress import progress_bars

    with progress_bars() as progress:
        result = benchmark_pipeline(sizes, export=export, mapping=mapping, threads=threads, progress=progress)
    emit(result, table(result), "voc run against the assembled pipeline", form, output)


@benchmark.command()
@click.option("--size", type=click.IntRange(min=20), default=1000, show_default=True, help="How many reviews.")
@export_options
def extract(
    size: int, export: Path | None, mapping: dict[str, str], threads: int | None, form: str, output: Path | None
) -> None:
    """Time extraction alone against three fp32 passes of the same encoder and against spaCy's CNN."""
    from voc.benchmark.extract import benchmark_extract, table
    from voc.progress import progress_bars

    with progress_bars() as progress:
        result = benchmark_extract(size, export=export, mapping=mapping, threads=threads, progress=progress)
    emit(result, table(result), "Extraction alone", form, output)


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
@click.option(
    "--sample",
    "samples",
    type=click.IntRange(min=100),
    multiple=True,
    help="Cluster so many of the export's wordings and compare with a fit of all; may be given several times.",
)
@click.option(
    "--clusters",
    type=click.Choice(["consensus", "hdbscan"]),
    multiple=True,
    default=("consensus",),
    show_default=True,
    help="What finds our clusters, as themes.clusters in voc.toml; may be given several times.",
)
@export_options
def themes(
    sizes: tuple[int, ...],
    gold: tuple[Path, ...],
    seeds: int,
    patience: float | None,
    samples: tuple[int, ...],
    clusters: tuple[Clustering, ...],
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
    from voc.progress import progress_bars

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
            samples=samples,
            clusters=clusters,
            progress=progress,
            known=measured_before(output, "themes"),
            keep=keeper(output),
        )
    emit(result, table(result), "Themes against default BERTopic", form, output)


@benchmark.command()
@click.option("--batches", type=click.IntRange(min=2), default=12, show_default=True, help="How many parts.")
@export_options
def replay(
    batches: int, export: Path | None, mapping: dict[str, str], threads: int | None, form: str, output: Path | None
) -> None:
    """Add an export batch by batch and see what becomes of the themes, beside one run of everything."""
    import torch

    from voc.benchmark.replay import benchmark_replay, table
    from voc.progress import progress_bars

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
    emit(result, table(result), "Reviews added batch by batch", form, output)


@benchmark.command()
@export_options
def daily(export: Path | None, mapping: dict[str, str], threads: int | None, form: str, output: Path | None) -> None:
    """Measure what a later run costs with nothing, one review, 1 % and 10 % new, beside the first."""
    from voc.benchmark.daily import benchmark_daily, table
    from voc.progress import progress_bars

    with progress_bars() as progress:
        result = benchmark_daily(export=export, mapping=mapping, threads=threads, progress=progress)
    emit(result, table(result), "What a later run costs", form, output)


for command in (insights, simulations, app, scale):
    benchmark.add_command(command)
