"""Measures commands as subprocesses under the same number of threads, and names the machine."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voc.errors import VocError

if TYPE_CHECKING:
    import pyarrow as pa

    from voc.progress import Progress

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
_PACKAGES = ("torch", "transformers", "spacy", "bertopic", "sentence-transformers", "umap-learn", "numpy", "voc")
_SEED = 7
# Columns of `reviews` that the sample file carries.
_COLUMNS = (
    *("review_id", "title", "body", "rating", "product_id", "product"),
    *("brand", "market", "version", "written_at"),
)


@dataclass(frozen=True)
class Measured:
    """What one command took, and what it printed.

    `seconds` on the wall; `peak_bytes`, resident, of its largest process; `together_bytes`, of it and all that it
    started at one moment (what lasts less than a fifth of a second can be missed; shared pages count once).
    """

    seconds: float
    peak_bytes: int
    together_bytes: int
    stdout: str


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def measure(command: Sequence[str], threads: int, variables: Mapping[str, str] | None = None) -> Measured:
    """Run a command to its end and measure it, offline and with `threads` threads.

    Args:
        command: program and arguments.
        threads: for every library that has threads of its own.
        variables: further ones of its environment.

    Raises:
        VocError: the command failed; the sentence carries the last line it printed.
    """
    environment = {**os.environ, **dict.fromkeys(_THREAD_VARIABLES, str(threads))}
    environment |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false"}
    environment |= variables or {}
    with tempfile.TemporaryDirectory(prefix="voc-measure-") as folder:
        result = Path(folder) / "measured.json"
        done = subprocess.run(
            [sys.executable, "-m", "voc.benchmark.meter", str(result), *command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        measured = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {"status": done.returncode}
    if measured["status"] != 0:
        last = ([line for line in done.stderr.splitlines() if line.strip()] or ["no message"])[-1]
        name = " ".join(command[1:4])
        raise VocError(f"The measured command `{name}` ended with status {measured['status']}: {last}")
    return Measured(measured["seconds"], measured["peak_bytes"], measured["together_bytes"], done.stdout)


def machine() -> dict[str, Any]:
    """Return what a figure needs beside it to be understood: processor, cores, memory, versions, date."""
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "processor": _processor(),
        "cores": cores(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": versions,
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown")


def read_sample_export(export: Path | None, mapping: Mapping[str, str], progress: Progress) -> pa.Table:
    """Read the reviews to measure with; without a path, the sample data's."""
    from voc.config import IngestConfig
    from voc.ingest import read_exports
    from voc.resources import sample_dir

    export = export if export is not None else sample_dir() / "reviews.csv"
    return read_exports([export], config=IngestConfig(), mapping=dict(mapping) or None, progress=progress).reviews


def choose(reviews: pa.Table, size: int) -> pa.Table:
    """Take a seeded random sample, so that a file sorted by product is measured on all of its products."""
    import numpy as np

    if reviews.num_rows <= size:
        return reviews
    return reviews.take(np.sort(np.random.default_rng(_SEED).permutation(reviews.num_rows)[:size]))


def write_sample(reviews: pa.Table, path: Path) -> list[str]:
    """Write reviews as JSON Lines and return the --map options with which `voc run` reads them back.

    Each line also has `text`, the text as analysed, for the alternatives that take nothing else.
    """
    present = [name for name in _COLUMNS if reviews[name].null_count < reviews.num_rows]
    with path.open("w", encoding="utf-8") as file:
        for row in reviews.select([*present, "text"]).to_pylist():
            row["analysed_text"] = row.pop("text")
            if row.get("written_at") is not None:
                row["written_at"] = row["written_at"].date().isoformat()
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return [part for name in present for part in ("--map", f"{name}={name}")]
