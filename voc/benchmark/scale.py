"""`voc benchmark scale`: exports of growing size through `voc score`, `voc run` and the assembled alternative."""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voc.benchmark.measure import Measured, cores, machine, measure
from voc.benchmark.scale_drawing import FORMAT, names_of
from voc.benchmark.scale_figures import ASSEMBLED, ORDER, RAY, RUN, SCORE, START, figures, sentences
from voc.errors import VocError

if TYPE_CHECKING:
    from voc.progress import Progress

NOTES = (
    "Reviews are drawn by the generator of the sample data, with lengths of real reviews; texts of more than a few "
    "words do not repeat. Smaller exports are the beginning of larger ones.",
    "All run as cold processes: imports, loading, reading the export and writing the results count.",
    f"Cost per review is shown with everything, and beyond start-up: what a review more than {START} costs. Growth is "
    "judged by the latter, because start-up makes reviews of small exports dear and would hide growth.",
    "Up to some thousand reviews are read by one process with one thread, more by one for each core: compare 10,000 "
    "with 100,000 for how cost grows, and 1,000 for what a small export costs.",
    "Memory is what all processes of a command hold together at their highest moment, looked at five times a second; "
    "pages that they share count once.",
    "The alternative is spaCy's NER, DistilBERT on sentences and default BERTopic, as in `voc benchmark pipeline`; "
    "finding its batch size is not counted. `voc score` reads reviews only; `voc run` does the whole analysis.",
)
#: Up to so many reviews a command runs several times, and the median counts: there seconds of chance weigh.
SHORT = 1000
_CONDITIONS = ("drawing", "threads", "repeats", "processor", "cores")


@dataclass(frozen=True)
class _Files:
    """Where a measured command finds its reviews and puts what it makes."""

    export: Path
    texts: Path
    folder: Path


def benchmark_scale(
    sizes: Sequence[int],
    *,
    engines: Collection[str] = ("local", "ray"),
    assembled_up_to: int = 10_000,
    threads: int | None = None,
    repeats: int = 3,
    progress: Progress,
    known: Mapping[str, Any] | None = None,
    keep: Callable[[dict[str, Any]], None] = lambda result: None,
) -> dict[str, Any]:
    """Measure each command at each size, smallest first: what was measured before an interruption need not be again.

    Args:
        sizes: how many reviews, each more than `START`.
        engines: with which `voc score` is measured.
        assembled_up_to: the largest size that the alternative gets; beyond, its time is estimated. 0 leaves it out.
        threads: threads for all; null for all cores.
        repeats: runs of each command with up to `SHORT` reviews.
        progress: is told what runs.
        known: an earlier result, measured under the same conditions; what it holds is taken over.
        keep: is given the result after each command, to store it.

    Returns:
        `machine`, `conditions`, `drawn`, `measured` (for each command and size: `reviews`, `seconds` of each run,
        `peak_bytes`, `together_bytes`, counts, or the sentence with which it `failed`), `skipped` (commands and why),
        and what `voc.benchmark.scale_figures.figures` makes of it.

    Raises:
        VocError: `known` was measured under other conditions, or the reviews cannot be drawn.
    """
    threads = threads or cores()
    here = machine()
    conditions = dict(zip(_CONDITIONS, (FORMAT, threads, repeats, here["processor"], here["cores"]), strict=True))
    _same_conditions(conditions, known)
    earlier = known or {}
    skipped = _skipped(engines)
    wanted = _wanted(sizes, engines, assembled_up_to, skipped)
    measured = [row for row in earlier.get("measured", ()) if "failed" not in row]
    done = {(row["what"], row["reviews"]) for row in measured}
    left = [one for one in wanted if one not in done]

    def result(drawn: Mapping[str, Any]) -> dict[str, Any]:
        rows = sorted(measured, key=lambda row: (row["reviews"], ORDER.index(row["what"])))
        whole = {
            "benchmark": "scale",
            "machine": here,
            "conditions": conditions,
            "drawn": drawn,
            "measured": rows,
            "skipped": skipped,
            **figures(rows),
        }
        return {**whole, "notes": [*sentences(whole), *NOTES]}

    drawn: Mapping[str, Any] = earlier.get("drawn", {})
    if not left:
        return result(drawn)
    with tempfile.TemporaryDirectory(prefix="voc-scale-") as name:
        folder = Path(name)
        needed = sorted({size for _, size in left})
        progress(f"drawing {needed[-1]:,} reviews", 0, None)
        found = _draw(folder, needed)
        drawn = found if found["reviews"] >= drawn.get("reviews", 0) else drawn
        for number, (what, size) in enumerate(left):
            progress(f"{what}: {size:,} reviews", number, len(left))
            measured.append(_measured(what, size, folder, threads, repeats if size <= SHORT else 1, here))
            keep(result(drawn))
    return result(drawn)


def _same_conditions(conditions: Mapping[str, Any], known: Mapping[str, Any] | None) -> None:
    before = conditions if known is None else known.get("conditions", {})
    other = [f"{name} {before.get(name)}" for name in _CONDITIONS if before.get(name) != conditions[name]]
    if other:
        raise VocError(
            f"The file holds figures measured under other conditions ({', '.join(other)}); give another file for "
            "--output, or take that one away."
        )


def _skipped(engines: Collection[str]) -> dict[str, str]:
    """Return the commands that cannot be measured here, and why."""
    if "ray" not in engines:
        return {}
    if importlib.util.find_spec("ray") is None:
        return {RAY: "Ray is not installed; install it with: pip install 'voc[ray]'."}
    if os.environ.get("RAY_ADDRESS"):
        return {RAY: "RAY_ADDRESS names a cluster, whose time and memory would not be this machine's; unset it."}
    return {}


def _wanted(
    sizes: Sequence[int], engines: Collection[str], assembled_up_to: int, skipped: Collection[str]
) -> list[tuple[str, int]]:
    """Return what is to be measured, in order: command and size."""
    commands = [SCORE] if "local" in engines else []
    commands += [RAY] if "ray" in engines else []
    commands += [RUN, ASSEMBLED]
    wanted = []
    for size in (START, *sorted(set(sizes))):
        for what in commands:
            if what in skipped or (what == ASSEMBLED and not START < assembled_up_to >= size):
                continue
            wanted.append((what, size))
    return wanted


def _draw(folder: Path, sizes: Sequence[int]) -> dict[str, Any]:
    path = folder / "drawn.json"
    measure(
        [sys.executable, "-m", "voc.benchmark.scale_drawing", str(path), str(folder), *(str(size) for size in sizes)], 1
    )
    drawn: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return drawn


def _measured(
    what: str, size: int, folder: Path, threads: int, repeats: int, here: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a command took with so many reviews; where it fails, the sentence: the others are still measured."""
    head = {"what": what, "reviews": size, "measured": f"{here['date']}, {here['processor']}"}
    export, texts = (folder / name for name in names_of(size))
    seconds: list[float] = []
    took: list[Measured] = []
    counts: dict[str, Any] = {}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory(prefix="work-", dir=folder) as work:
            try:
                one, less, counts = _COMMANDS[what](_Files(export, texts, Path(work)), threads)
            except VocError as error:
                return {**head, "failed": str(error)}
        seconds.append(one.seconds - less)
        took.append(one)
    return {
        **head,
        "seconds": statistics.median(seconds),
        "runs": seconds,
        "peak_bytes": max(one.peak_bytes for one in took),
        "together_bytes": max(one.together_bytes for one in took),
        **counts,
    }


def _score(engine: str, files: _Files, threads: int) -> tuple[Measured, float, dict[str, Any]]:
    output = str(files.folder / "mentions.parquet")
    command = [*_VOC, "score", str(files.export), "--output", output, "--engine", engine, "--format", "json"]
    # Ray takes all cores unless it is told that there are fewer.
    variables = {"RAY_OVERRIDE_RESOURCES": json.dumps({"CPU": threads})} if engine == "ray" else {}
    measured = measure(command, threads, variables)
    report = json.loads(measured.stdout)
    return measured, 0.0, {name: report[name] for name in ("accepted", "mentions", "parts")}


def _run(files: _Files, threads: int) -> tuple[Measured, float, dict[str, Any]]:
    command = [*_VOC, "run", str(files.export), "--workspace", str(files.folder / "workspace"), "--format", "json"]
    measured = measure(command, threads)
    report = json.loads(measured.stdout)
    return (
        measured,
        0.0,
        {
            "accepted": report["reviews"],
            "mentions": sum(report["mentions"].values()),
            "themes": report["themes"],
            "stages": report["seconds"],
        },
    )


def _assembled(files: _Files, threads: int) -> tuple[Measured, float, dict[str, Any]]:
    result = files.folder / "assembled.json"
    command = [sys.executable, "-m", "voc.benchmark.assembled", str(files.texts), str(result)]
    measured = measure(command, threads)
    facts = json.loads(result.read_text(encoding="utf-8"))
    return (
        measured,
        facts["choosing_seconds"],
        {
            "accepted": facts["reviews"],
            "sentences": facts["sentences"],
            "topics": facts["topics"],
            "batch_size": facts["batch_size"],
            "stages": facts["stages"],
        },
    )


_VOC = (sys.executable, "-m", "voc.cli")
#: How each command runs: what it took, seconds that do not count, and counts of what it made.
_COMMANDS: dict[str, Callable[[_Files, int], tuple[Measured, float, dict[str, Any]]]] = {
    SCORE: lambda files, threads: _score("local", files, threads),
    RAY: lambda files, threads: _score("ray", files, threads),
    RUN: _run,
    ASSEMBLED: _assembled,
}
