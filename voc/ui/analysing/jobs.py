"""Analyses that run in the background of the app; they go on when the reader changes the page or leaves."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

from voc.config import Config
from voc.errors import VocError
from voc.ui.analysing.pending import Pending

#: What part of a run each stage takes where nothing is known of an earlier one, and the name of its time in a snapshot.
SHARES = {
    "Reading": ("ingest", 0.03),
    "Detecting languages": ("ingest", 0.03),
    "Reading reviews": ("extract", 0.47),
    "Finding themes": ("themes", 0.40),
    "Ranking opportunities": ("insights", 0.07),
}
_COMMAND = (sys.executable, "-m", "voc.ui.analysing.worker")

State = Literal["running", "done", "failed", "stopped", "interrupted"]


class Batch(NamedTuple):
    """Files that are read alike: with their columns as a person changed them and the order of dates as one chose it."""

    paths: Sequence[Path]
    mapping: Mapping[str, str]
    date_order: str | None = None


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
    #: The files cannot be analysed as they are, so there is nothing to take up again.
    refused: bool = False

    def seconds(self) -> float:
        """Return how long it has been running, or ran."""
        return (self.ended or time.time()) - self.started

    def seconds_left(self) -> float | None:
        """Return how long the present stage still takes at its pace, None while that cannot be said."""
        spent = time.time() - self.stage_started
        if not self.total or not 0 < self.done < self.total or spent < 3:
            return None
        return spent * (self.total - self.done) / self.done

    def whole_left(self, before: Mapping[str, float] | None = None) -> float | None:
        """Return how long the whole run still takes, None while that cannot be said.

        The present stage goes on at its pace; those after it take what they took beside it in the last run.

        Args:
            before: seconds of each stage of the last run, as a snapshot holds them.
        """
        shares = _shares(before or {})
        names = list(shares)
        if self.stage not in shares:
            return None
        now = time.time()
        later = sum(shares[name] for name in names[names.index(self.stage) + 1 :])
        earlier = sum(shares[name] for name in names[: names.index(self.stage)])
        left = self.seconds_left()
        if left is not None:
            pace = (left + now - self.stage_started) / shares[self.stage]
            return left + later * pace
        spent = self.stage_started - self.started
        if earlier < 0.1 or spent < 3:
            return None
        # A stage that does not count: what was before it tells the pace.
        pace = spent / earlier
        return max(shares[self.stage] * pace - (now - self.stage_started), 0.0) + later * pace

    def share(self) -> float | None:
        """Return how much of the present stage is done, 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else None


def _shares(before: Mapping[str, float]) -> dict[str, float]:
    """Return what part of a run each stage takes, by the last run where it read reviews and made themes."""
    known = {name for name, _ in SHARES.values()}
    total = sum(float(before.get(name, 0)) for name in known)
    if total < 1 or not all(before.get(name) for name in known):
        return {stage: share for stage, (_, share) in SHARES.items()}
    stages = [name for name, _ in SHARES.values()]
    return {stage: float(before[name]) / total / stages.count(name) for stage, (name, _) in SHARES.items()}


class Jobs:
    """The analyses of one server; one at a time for each workspace, as only one process may write to it."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def latest(self, workspace: Path | str) -> Job | None:
        """Return the running or last analysis of a workspace, also one that another server began."""
        return self._jobs.get(str(workspace)) or _found(Pending.of(workspace))

    def dismiss(self, workspace: Path | str) -> None:
        """Forget an analysis that has ended, with all that is kept of it."""
        with self._lock:
            job = self._jobs.get(str(workspace))
            if job is None or job.state != "running":
                Pending.of(workspace).discard()
                self._jobs.pop(str(workspace), None)

    def start(
        self,
        batches: Sequence[Batch],
        *,
        workspace: Path | str,
        config: Config,
        uploads: tempfile.TemporaryDirectory[str] | None = None,
        command: Sequence[str] = _COMMAND,
    ) -> Job:
        """Start an analysis in a process of its own.

        Args:
            batches: the files, those that are read alike together.
            workspace: where the result is stored.
            config: how to analyse.
            uploads: the folder the files lie in; they are kept in the workspace until the analysis has ended.
            command: the process to start.

        Raises:
            VocError: an analysis of this workspace is running, or the workspace cannot be written.
        """
        task = {
            "workspace": str(workspace),
            "config": config.model_dump(mode="json"),
            "batches": [
                {
                    "paths": [str(path) for path in batch.paths],
                    "mapping": dict(batch.mapping),
                    "date_order": batch.date_order,
                }
                for batch in batches
            ],
        }
        with self._lock:
            self._refuse_second(workspace)
            task = Pending.of(workspace).begin(task, Path(uploads.name) if uploads is not None else None)
            if uploads is not None:
                uploads.cleanup()
            return self._launch(task, command)

    def resume(self, workspace: Path | str, command: Sequence[str] = _COMMAND) -> Job:
        """Take up an analysis that was stopped or killed; what it had read is not read again.

        Raises:
            VocError: it is running, or there is none.
        """
        with self._lock:
            self._refuse_second(workspace)
            task = Pending.of(workspace).task()
            if task is None:
                raise VocError("There is no interrupted analysis; start it anew with its files.")
            return self._launch(task, command)

    def stop(self, workspace: Path | str) -> None:
        """Stop the running analysis; the workspace stays as it was before it."""
        job = self.latest(workspace)
        if job is None or job.state != "running":
            return
        job.state = "stopped"
        if job.process is not None:
            job.process.terminate()
        else:
            Pending.of(workspace).stop()

    def _refuse_second(self, workspace: Path | str) -> None:
        running = self.latest(workspace)
        if running is not None and running.state == "running":
            raise VocError("An analysis is already running; wait until it has ended, then start this one.")

    def _launch(self, task: dict[str, Any], command: Sequence[str]) -> Job:
        job = self._jobs[task["workspace"]] = Job(_files(task))
        try:
            log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed by the watcher
            job.process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                # Ctrl-C in the terminal ends the server; the analysis goes on.
                start_new_session=True,
            )
        except OSError as error:
            job.state, job.ended = "failed", time.time()
            job.error = f"The analysis could not be started ({error.strerror}); free some memory or disk and try again."
            return job
        threading.Thread(target=_watch, args=(job, task, log), daemon=True).start()
        return job


def _files(task: Mapping[str, Any]) -> list[str]:
    return [Path(path).name for batch in task["batches"] for path in batch["paths"]]


def _found(pending: Pending) -> Job | None:
    """Return the analysis that lies in a folder, begun by another server or by this one before it was started anew."""
    task = pending.task()
    if task is None:
        return None
    notes = pending.notes()
    job = Job(_files(task), started=float(task["begun"]))
    job.stage, job.done, job.total = notes.get("stage", "Starting"), notes.get("done", 0), notes.get("total")
    job.stages = notes["stages"]
    job.stage_started = float(notes.get("stage_started", job.started))
    job.error, job.refused = notes.get("error", ""), bool(notes.get("refused"))
    job.reports = notes.get("reports", [])
    if pending.running():
        return job
    job.ended = time.time()
    job.state = "done" if job.reports else "failed" if job.refused else "interrupted"
    return job


def _watch(job: Job, task: dict[str, Any], log: IO[str]) -> None:
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
        if job.state == "running":
            job.state, job.error = "failed", "The analysis ended without a result; start it again."
        process.stdout.close()
        log.close()
        try:
            if job.state == "done" or job.refused:
                with contextlib.suppress(VocError):
                    Pending(Path(task["pending"])).discard()
        finally:
            # Last: who sees that it has ended finds nothing of it left.
            job.ended = time.time()


def _hear(job: Job, message: dict[str, Any]) -> None:
    if "stage" in message:
        if message["stage"] != job.stage:
            job.stage, job.stage_started = message["stage"], time.time()
            job.stages.append(job.stage)
        job.done, job.total = message["done"], message["total"]
    job.error = message.get("error", job.error)
    job.refused = message.get("refused", job.refused)
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
