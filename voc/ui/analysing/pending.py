"""An analysis that has not ended, in a folder of the workspace: its task, its uploads, how far it came.

The folder outlives the server and the process that analyses; who holds its lock is that process. It goes when the
analysis is stored or discarded, or when something of the workspace is forgotten.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from voc.errors import VocError, WorkspaceBusyError
from voc.store.files import cannot_write, make_directories, write_atomically
from voc.store.journal import PENDING, READING
from voc.store.lock import WriterLock

_TASK, _NOTES, _LOCK, _UPLOADS = "task.json", "progress.json", "running.lock", "uploads"
_EVERY = 1.0  # seconds between two notes


class Pending:
    """The folder of the analysis that a workspace has begun.

    Args:
        folder: as `of` names it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._notes: dict[str, Any] = {"stages": []}
        self._noted = 0.0

    @classmethod
    def of(cls, workspace: Path | str) -> Pending:
        """Return that of a workspace, which need not exist."""
        return cls(Path(workspace) / PENDING)

    def begin(self, task: dict[str, Any], uploads: Path | None) -> dict[str, Any]:
        """Take over the uploads and keep the task.

        Args:
            task: with `batches`, whose paths inside `uploads` are changed to where the files lie then.
            uploads: the folder that was uploaded to; nothing is left in it.

        Returns:
            The task as it was kept.

        Raises:
            VocError: the folder cannot be written.
        """
        self.discard(keep_reading=True)
        try:
            make_directories(self.folder)
            self.folder.chmod(0o700)
            if uploads is not None:
                place = self.folder / _UPLOADS
                shutil.move(str(uploads), place)
                uploads.mkdir(mode=0o700)
                for batch in task["batches"]:
                    batch["paths"] = [_moved(path, uploads, place) for path in batch["paths"]]
            task = {**task, "pending": str(self.folder), "begun": time.time()}
            write_atomically(self.folder / _TASK, json.dumps(task))
        except OSError as error:
            raise cannot_write(self.folder, error) from None
        return task

    def task(self) -> dict[str, Any] | None:
        """Return the task; None where no analysis is pending."""
        return _read(self.folder / _TASK)

    def notes(self) -> dict[str, Any]:
        """Return what the process noted last: `stage`, `done`, `total`, `stages`, `error`, `reports`."""
        return _read(self.folder / _NOTES) or {"stages": []}

    def note(self, message: dict[str, Any]) -> None:
        """Keep a message of the process; progress is written about once a second."""
        if "stage" in message and message["stage"] not in self._notes["stages"]:
            self._notes["stages"].append(message["stage"])
            self._notes["stage_started"] = time.time()
            self._noted = 0.0
        self._notes |= message
        now = time.monotonic()
        if "stage" in message and now - self._noted < _EVERY:
            return
        self._noted = now
        with contextlib.suppress(OSError):
            write_atomically(self.folder / _NOTES, json.dumps(self._notes, default=str))

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Be the process that works on it, for the length of a `with` block."""
        lock = WriterLock(self.folder / _LOCK)
        lock.acquire(5.0)
        try:
            yield
        finally:
            lock.release()

    def running(self) -> bool:
        """Return whether a process works on it."""
        if not (self.folder / _LOCK).exists():
            return False
        lock = WriterLock(self.folder / _LOCK)
        try:
            lock.acquire(0.0)
        except WorkspaceBusyError:
            return True
        lock.release()
        return False

    def stop(self) -> None:
        """End the process that works on it, if it is one of this machine."""
        holder = _read(self.folder / _LOCK) or {}
        if self.running() and holder.get("host") == socket.gethostname():
            with contextlib.suppress(OSError):
                os.kill(int(holder["pid"]), signal.SIGTERM)

    def drop_uploads(self) -> None:
        """Remove what was uploaded: it has been analysed, or cannot be."""
        shutil.rmtree(self.folder / _UPLOADS, ignore_errors=True)

    def discard(self, *, keep_reading: bool = False) -> None:
        """Remove it with its uploads, and what it had read unless told otherwise.

        Raises:
            VocError: a process works on it.
        """
        if self.running():
            raise VocError("An analysis is running; stop it first.")
        shutil.rmtree(self.folder, ignore_errors=True)
        if not keep_reading:
            shutil.rmtree(self.folder.parent / READING, ignore_errors=True)
        with contextlib.suppress(OSError):
            # A workspace that was only begun holds nothing but this; any other is not empty and stays.
            (self.folder.parent / "writer.lock").unlink() if _only_lock(self.folder.parent) else None
            self.folder.parent.rmdir()


def _only_lock(root: Path) -> bool:
    return [path.name for path in root.iterdir()] == ["writer.lock"]


def _moved(path: str, before: Path, now: Path) -> str:
    inside = Path(path)
    return str(now / inside.relative_to(before)) if inside.is_relative_to(before) else path


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
