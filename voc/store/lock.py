"""The lock that lets one process at a time write to a workspace; the system frees it when its holder dies."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import json
import os
import socket
import sys
import time
from pathlib import Path

from voc.errors import VocError, WorkspaceBusyError
from voc.store.files import cannot_write, make_directories

_PAUSE = 0.05  # seconds between two attempts

if sys.platform == "win32":
    import msvcrt

    # Windows refuses reads of locked bytes, so a byte far behind the text is locked, which may lie past the end.
    _BYTE = 1 << 30

    def _try_lock(handle: int) -> bool:
        os.lseek(handle, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EDEADLK):
                return False
            raise
        return True

    def _unlock(handle: int) -> None:
        os.lseek(handle, _BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)


class WriterLock:
    """An exclusive lock on a file, across processes and within one; `doing` is what its holder does, for messages."""

    def __init__(self, path: Path, doing: str = "the workspace is being written") -> None:
        self.path = path
        self._doing = doing
        self._handle: int | None = None

    def acquire(self, wait: float) -> list[Path]:
        """Take the lock, trying for `wait` seconds; its folder is created if need be.

        Returns:
            The folders that were created, innermost first.

        Raises:
            WorkspaceBusyError: another process, or another thread of this one, still holds it.
            VocError: the lock file cannot be written.
        """
        deadline = time.monotonic() + wait
        created: list[Path] = []
        while True:
            # In every round: a holder that stored nothing removes the folder that it had created.
            created = make_directories(self.path.parent) or created
            if self._attempt():
                return created
            if time.monotonic() >= deadline:
                raise WorkspaceBusyError(
                    f"{self.path.parent}: {self._doing} by {self.holder()}; wait until it has "
                    "finished, or end that process if it hangs, and try again; nothing was changed."
                )
            time.sleep(_PAUSE)

    def release(self) -> None:
        """Give the lock back."""
        if self._handle is None:
            return
        # After a fork a child still holds the handle, so closing alone would not free the lock.
        with contextlib.suppress(OSError):
            os.ftruncate(self._handle, 0)
            _unlock(self._handle)
        os.close(self._handle)
        self._handle = None

    def _attempt(self) -> bool:
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:
            return False  # the folder was removed just now
        except OSError as error:
            raise cannot_write(self.path.parent, error) from None
        try:
            # The holder before may have removed the file while this process had it open: then the lock is on nothing.
            if _try_lock(handle) and self._is_in_place(handle):
                self._sign(handle)
                self._handle, handle = handle, -1
                return True
            return False
        except OSError as error:
            raise VocError(
                f"{self.path}: this file cannot be locked ({error.strerror or error}); "
                "move the workspace to a disk whose file system supports locks."
            ) from None
        finally:
            if handle != -1:
                os.close(handle)

    def _is_in_place(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), self.path.stat())
        except FileNotFoundError:
            return False

    def _sign(self, handle: int) -> None:
        since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        holder = json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since})
        # The text is for messages only: on a full disk the lock holds without it.
        with contextlib.suppress(OSError):
            os.lseek(handle, 0, os.SEEK_SET)
            os.ftruncate(handle, 0)
            os.write(handle, holder.encode())

    def holder(self) -> str:
        """Say who holds it, as far as can be told, e.g. "process 71 since 2026-01-31 10:00:00 UTC"."""
        try:
            holder = json.loads(self.path.read_text(encoding="utf-8"))
            since = dt.datetime.fromisoformat(holder["since"])
            place = "" if holder["host"] == socket.gethostname() else f" on {holder['host']}"
            return f"process {int(holder['pid'])}{place} since {since:%Y-%m-%d %H:%M:%S} UTC"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"
