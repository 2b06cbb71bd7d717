"""`voc benchmark pipeline`: the same reviews through the assembled alternative and through `voc run`."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voc.benchmark.measure import choose, cores, machine, measure, read_sample_export, write_sample
from voc.errors import VocError

if TYPE_CHECKING:
    import pyarrow as pa

    from voc.progress import Progress

NOTES = (
    "Both run as cold processes: imports and loading count.",
    "NER (spaCy's CNN, the size of en_core_web_sm) and DistilBERT (base size) have random weights: the time is real, "
    "what they say is not.",
    "DistilBERT reads sentences sorted by length at the best of batch sizes 1, 8 and 32; finding it is not counted. "
    "BERTopic, with its defaults and all-MiniLM-L6-v2, groups whole reviews.",
    "Peak memory is the largest process's resident set.",
)


def benchmark_pipeline(
    sizes: Sequence[int],
    *,
    export: Path | None,
    mapping: Mapping[str, str],
    threads: int | None,
    progress: Progress,
) -> dict[str, Any]:
    """Measure both at each size.

    Args:
        sizes: how many reviews; an export that holds fewer is measured whole, once.
        export: review export, or null for the sample data.
        mapping: column of `reviews` -> header of the export.
        threads: threads for both; null for all cores.
        progress: is told what runs.

    Returns:
        `machine`, `threads`, `export`, `notes`, and `runs`: for each size `reviews`, `assembled` and `voc` (seconds,
        peak_bytes, stages) and `ratio` (how many times faster `voc run` is).

    Raises:
        VocError: the export cannot be read, or one of the two fails.
    """
    threads = threads or cores()
    reviews = read_sample_export(export, mapping, progress)
    if not reviews.num_rows:
        raise VocError(f"{export}: no review could be read from it; name another with --export.")
    possible = sorted({min(size, reviews.num_rows) for size in sizes})
    notes = list(NOTES)
    if max(sizes) > reviews.num_rows:
        notes.append(f"The export holds {reviews.num_rows:,} reviews, fewer than the {max(sizes):,} asked for.")
    runs = []
    for number, size in enumerate(possible):
        progress(f"both on {size:,} reviews", number, len(possible))
        runs.append(_both(choose(reviews, size), threads))
    return {
        "benchmark": "pipeline",
        "export": export.name if export is not None else "sample data",
        "machine": machine(),
        "threads": threads,
        "runs": runs,
        "notes": notes,
    }


def _both(reviews: pa.Table, threads: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="voc-benchmark-") as folder:
        sample, result = Path(folder) / "sample.jsonl", Path(folder) / "assembled.json"
        options = write_sample(reviews, sample)
        python = [sys.executable, "-m"]
        assembled = measure([*python, "voc.benchmark.assembled", str(sample), str(result)], threads)
        facts = json.loads(result.read_text(encoding="utf-8"))
        workspace = str(Path(folder) / "workspace")
        ours = measure(
            [*python, "voc.cli", "run", str(sample), "--workspace", workspace, "--format", "json", *options], threads
        )
        summary = json.loads(ours.stdout)
    seconds = assembled.seconds - facts.pop("choosing_seconds")
    return {
        "reviews": reviews.num_rows,
        "assembled": {"seconds": seconds, "peak_bytes": assembled.peak_bytes, **facts},
        "voc": {
            "seconds": ours.seconds,
            "peak_bytes": ours.peak_bytes,
            "reviews": summary["reviews"],
            "mentions": sum(summary["mentions"].values()),
            "themes": summary["themes"],
            "stages": summary["seconds"],
        },
        "ratio": seconds / ours.seconds,
    }


def table(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures as rows to print."""
    rows = []
    for run in result["runs"]:
        for name, label in (("assembled", "assembled"), ("voc", "voc run")):
            one = run[name]
            stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in one["stages"].items())
            batch = f" (batch size {one['batch_size']})" if "batch_size" in one else ""
            rows.append(
                {
                    "reviews": run["reviews"],
                    "what": label,
                    "seconds": f"{one['seconds']:.1f}",
                    "reviews/s": f"{run['reviews'] / one['seconds']:.1f}",
                    "peak GiB": f"{one['peak_bytes'] / 2**30:.2f}",
                    "times faster": f"{run['ratio']:.1f}" if name == "voc" else "",
                    "seconds by stage": stages + batch,
                }
            )
    return rows
