"""`voc benchmark extract`: how many reviews a second are read, by us and by two alternatives."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voc.benchmark.measure import choose, cores, machine, measure, read_sample_export, write_sample
from voc.errors import VocError

if TYPE_CHECKING:
    from voc.progress import Progress

LABELS = {
    "voc": "voc (all heads, rules), as this processor chooses",
    "voc-float32": "the same in float32",
    "voc-bfloat16": "the same in bfloat16",
    "voc-int8": "the same in int8",
    "passes": "three fp32 passes of MiniLM",
    "spacy": "spaCy's CNN NER alone",
}
NOTES = (
    "voc reads with one thread, whatever there are: more reviews are shared by processes. Compare on one thread.",
    "What float32 and int8 change in the figures of quality: voc evaluate --precision.",
    "Loading is not counted; the peak is the process's resident set and includes it.",
    "The alternatives' heads have random weights: the time is real, what they say is not. The passes read at batch "
    "size 32, sorted by length, 256 tokens at most.",
)


def benchmark_extract(
    size: int, *, export: Path | None, mapping: Mapping[str, str], threads: int | None, progress: Progress
) -> dict[str, Any]:
    """Measure each reader on the same reviews.

    Returns:
        `machine`, `threads`, `export`, `reviews`, `notes`, and `readers`: for each reading_seconds,
        loading_seconds, reviews_per_second, peak_bytes and `ratio` (how many times faster ours is).

    Raises:
        VocError: the export cannot be read, or a reader fails.
    """
    threads = threads or cores()
    reviews = choose(read_sample_export(export, mapping, progress), size)
    if not reviews.num_rows:
        raise VocError(f"{export}: no review could be read from it; name another with --export.")
    readers: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="voc-benchmark-") as folder:
        sample, result = Path(folder) / "sample.jsonl", Path(folder) / "result.json"
        write_sample(reviews, sample)
        for number, name in enumerate(LABELS):
            progress("reading", number, len(LABELS))
            command = [sys.executable, "-m", "voc.benchmark.readers", name, str(sample), str(result)]
            peak = measure(command, threads).peak_bytes
            readers[name] = {**json.loads(result.read_text(encoding="utf-8")), "peak_bytes": peak}
    for one in readers.values():
        one["reviews_per_second"] = reviews.num_rows / one["reading_seconds"]
        one["ratio"] = one["reading_seconds"] / readers["voc"]["reading_seconds"]
    return {
        "benchmark": "extract",
        "export": export.name if export is not None else "sample data",
        "machine": machine(),
        "threads": threads,
        "reviews": reviews.num_rows,
        "readers": readers,
        "notes": list(NOTES),
    }


def table(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures as rows to print."""
    return [
        {
            "what": label,
            "reviews": result["reviews"],
            "seconds": f"{result['readers'][name]['reading_seconds']:.2f}",
            "reviews/s": f"{result['readers'][name]['reviews_per_second']:.1f}",
            "peak GiB": f"{result['readers'][name]['peak_bytes'] / 2**30:.2f}",
            "ours is faster by": f"{result['readers'][name]['ratio']:.1f}",
        }
        for name, label in LABELS.items()
    ]
