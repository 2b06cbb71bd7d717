"""Analyses that run in the background of the app; they go on when the reader changes the page or leaves."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from voc.config import Config
from voc.errors import VocError

State = Literal["running", "done", "failed", "stopped"]


@dataclass
class Job:
    """One analysis: which files, how far it is, what came of it."""

    files: list[str]
    started: float = field(default_factory=time.time)
    ended: float | None = None
    state: State = "running"
    stage: str = "Starting"
    done: int = 0
    total: int | None = None
    stages: list[str] = field(default_factory=list)
    stage_started: float = field(default_factory=time.time)
    reports: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    process: subprocess.Popen[str] | None = None

    def seconds(self) -> float:
        """Return how long it has been running, or ran."""
        return (self.ended or time.time()) - self.started

    def seconds_left(self) -> float | None:
        """Return how long the present stage still takes at its pace, None while that cannot be said."""
        spent = time.time() - self.stage_started
        if not self.total or not 0 < self.done < self.total or spent < 3:
            return None
        return spent * (self.total - self.done) / self.done

    def share(self) -> float | None:
        """Return how much of the present stage is done, 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else None


class Jobs:
    """The analyses of one server; one at a time for each workspace, as only one process may write to it."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def latest(self, workspace: Path | str) -> Job | None:
        """Return the running or last analysis of a workspace."""
        return self._jobs.get(str(workspace))

    def dismiss(self, workspace: Path | str) -> None:
        """Forget an analysis that has ended."""
        with self._lock:
            job = self._jobs.get(str(workspace))
            if job is not None and job.state != "running":
                del self._jobs[str(workspace)]

    def start(
        self,
        batches: Sequence[tuple[Sequence[Path], Mapping[str, str]]],
        *,
        workspace: Path | str,
        config: Config,
        uploads: tempfile.TemporaryDirectory[str] | None = None,
        command: Sequence[str] = (sys.executable, "-m", "voc.ui.worker"),
    ) -> Job:
        """Start an analysis in a process of its own.

        Args:
            batches: files that share one mapping of columns, each with that mapping.
            workspace: where the result is stored.
            config: how to analyse.
            uploads: the folder the files lie in; it is removed when the analysis has ended.
            command: the process to start.

        Raises:
            VocError: an analysis of this workspace is running.
        """
        with self._lock:
            running = self._jobs.get(str(workspace))
            if running is not None and running.state == "running":
                raise VocError("An analysis is already running; wait until it has ended, then start this one.")
            job = Job([path.name for paths, _ in batches for path in paths])
            self._jobs[str(workspace)] = job
        task = {
            "workspace": str(workspace),
            "config": config.model_dump(mode="json"),
            "batches": [
                {"paths": [str(path) for path in paths], "mapping": dict(mapping)} for paths, mapping in batches
            ],
        }
        try:
            log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed by the watcher
            job.process = subprocess.Popen(
                list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8"
            )
        except OSError as error:
            job.state, job.ended = "failed", time.time()
            job.error = f"The analysis could not be started ({error.strerror}); free some memory or disk and try again."
            return job
        threading.Thread(target=_watch, args=(job, task, log, uploads), daemon=True).start()
        return job

    def stop(self, workspace: Path | str) -> None:
        """Stop the running analysis; the workspace stays as it was before it."""
        job = self.latest(workspace)
        if job is not None and job.state == "running" and job.process is not None:
            job.state = "stopped"
            job.process.terminate()


def _watch(job: Job, task: dict[str, Any], log: IO[str], uploads: tempfile.TemporaryDirectory[str] | None) -> None:
    """Hand the process its task and follow its reports to the end."""
    process = job.process
    if process is None or process.stdin is None or process.stdout is None:
        raise ValueError("the process was started without pipes")
    try:
        try:
            process.stdin.write(json.dumps(task))
            process.stdin.close()
        except BrokenPipeError:
            pass  # It ended at once; the status below says so.
        for line in process.stdout:
            _hear(job, json.loads(line))
        status = process.wait()
        if job.state == "running":
            _conclude(job, status, log)
    finally:
        job.ended = time.time()
        if job.state == "running":
            job.state, job.error = "failed", "The analysis ended without a result; start it again."
        process.stdout.close()
        log.close()
        if uploads is not None:
            uploads.cleanup()


def _hear(job: Job, message: dict[str, Any]) -> None:
    if "stage" in message:
        if message["stage"] != job.stage:
            job.stage, job.stage_started = message["stage"], time.time()
            job.stages.append(job.stage)
        job.done, job.total = message["done"], message["total"]
    job.error = message.get("error", job.error)
    job.reports = message.get("reports", job.reports)


def _conclude(job: Job, status: int, log: IO[str]) -> None:
    if status == 0 and job.reports:
        job.state = "done"
    elif job.error:
        job.state = "failed"
    elif status < 0:
        job.error = (
            "The analysis was ended from outside, perhaps for want of memory. What was stored before is unchanged; "
            "close other programs or analyse fewer reviews at once."
        )
        job.state = "failed"
    else:
        log.seek(0)
        lines = [line.strip() for line in log if line.strip()]
        last = lines[-1] if lines else f"status {status}"
        job.error = f"The analysis met a fault of voc itself ({last}). What was stored before is unchanged."
        job.state = "failed"
