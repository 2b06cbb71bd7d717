"""Today's export: what a second run costs, stage by stage, by how much of it is new, beside the first run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voc.benchmark.measure import cores, machine, read_sample_export, write_sample
from voc.benchmark.replay import mapping_of, ordered
from voc.errors import VocError

if TYPE_CHECKING:
    import pyarrow as pa

    from voc.progress import Progress

NOTES = (
    "The first run is of the oldest 90 % of the reviews; the others, each on a copy of its workspace, are of the same "
    "export again and of exports of the reviews that follow.",
    "All runs are in one process in which the models are loaded already, so that seconds of a column can be compared; "
    "other work on the machine makes single ones differ.",
    "Reading, extraction and assignment depend on the new rows; the figures are those of all reviews, and their bound "
    "is that of `voc benchmark insights`.",
)
#: Share of the first run's reviews that is new in a later one.
SHARES = {"1 %": 0.01, "10 %": 0.1}
_FEWEST = 50  # reviews
_WARM = 32  # reviews of the run that loads everything
#: Stages by what they cost: the new rows, or all of them.
BY_ROW, OF_ALL = ("ingest", "extract", "themes"), ("insights", "store", "index")


def benchmark_daily(
    *, export: Path | None, mapping: Mapping[str, str], threads: int | None, progress: Progress
) -> dict[str, Any]:
    """Run an export, then later ones with nothing, one review, 1 % and 10 % new.

    Args:
        export: review export; the sample data without one.
        mapping: column of `reviews` -> header of the export.
        threads: of the model; all cores without it.
        progress: is told what runs.

    Returns:
        `machine`, `threads`, `export`, `notes`; `first` and each of `later`: `new` (what is new), `reviews` (how many
        are), `seconds` by stage, `share` of the first run's seconds (by_row, of_all, all).

    Raises:
        VocError: the export cannot be read, or holds too few reviews.
    """
    if threads is not None:
        import torch

        torch.set_num_threads(threads)
    reviews = ordered(read_sample_export(export, mapping, progress))
    if reviews.num_rows < _FEWEST:
        raise VocError(f"The export holds {reviews.num_rows:,} reviews; {_FEWEST} are the fewest to measure with.")
    size = round(reviews.num_rows / (1 + max(SHARES.values())))
    parts = {"one review": 1} | {name: max(1, round(share * size)) for name, share in SHARES.items()}
    with tempfile.TemporaryDirectory(prefix="voc-benchmark-") as name:
        folder = Path(name)
        progress("Loading the models", 0, None)
        _timed(reviews.slice(0, _WARM), folder / "warm")
        progress("The first run", 0, None)
        first = reviews.slice(0, size)
        seconds = _timed(first, folder / "first")
        later = []
        for new, count in ({"nothing": 0} | parts).items():
            progress(f"A later run, new: {new}", 0, None)
            place = Path(shutil.copytree(folder / "first", folder / new))
            later.append(_row(new, count, _timed(reviews.slice(size, count) if count else first, place), seconds))
            shutil.rmtree(place)
    return {
        "benchmark": "daily",
        "export": export.name if export is not None else "sample data",
        "machine": machine(),
        "threads": threads or cores(),
        "notes": list(NOTES),
        "first": _row("everything", size, seconds, seconds),
        "later": later,
    }


def _timed(reviews: pa.Table, place: Path) -> dict[str, float]:
    """Run an export of these reviews into a workspace, and return the seconds of each stage."""
    from voc.config import Config
    from voc.pipeline import run

    with tempfile.TemporaryDirectory(prefix="voc-benchmark-") as folder:
        path = Path(folder) / "export.jsonl"
        write_sample(reviews, path)
        return run([path], workspace=place, config=Config(), mapping=mapping_of(reviews, Path(folder))).seconds


def _row(new: str, reviews: int, seconds: Mapping[str, float], first: Mapping[str, float]) -> dict[str, Any]:
    groups = {"by_row": BY_ROW, "of_all": OF_ALL, "all": (*BY_ROW, *OF_ALL)}
    share = {name: _sum(seconds, stages) / max(_sum(first, stages), 0.01) for name, stages in groups.items()}
    return {"new": new, "reviews": reviews, "seconds": dict(seconds), "share": share}


def _sum(seconds: Mapping[str, float], stages: tuple[str, ...]) -> float:
    return sum(seconds.get(stage, 0.0) for stage in stages)


def table(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures as rows to print."""
    return [
        {
            "new": one["new"],
            "reviews": f"{one['reviews']:,}",
            **{f"{stage}, s": f"{one['seconds'].get(stage, 0.0):.2f}" for stage in (*BY_ROW, *OF_ALL)},
            "by row, of first": f"{one['share']['by_row']:.1%}",
            "all, of first": f"{one['share']['all']:.1%}",
        }
        for one in (result["first"], *result["later"])
    ]
