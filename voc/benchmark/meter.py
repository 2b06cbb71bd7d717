"""Runs one command and notes how long it took and how much memory it and all that it started held.

It runs as a process of its own, which loads nothing else: Linux counts the memory of the process that starts a
program into the program's own peak, so a big parent would spoil the measurement.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
import threading
import time
from pathlib import Path

#: Seconds between two looks at the memory of all processes together.
INTERVAL = 0.2
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of Linux


class Watch(threading.Thread):
    """Looks now and then at what a process and its descendants hold together, where the system tells (Linux)."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak_bytes = 0
        self._pid = pid
        self._over = threading.Event()

    def run(self) -> None:
        """Look until `end` is called."""
        while not self._over.wait(INTERVAL):
            self.peak_bytes = max(self.peak_bytes, held_together(self._pid, os.getpid()))

    def end(self) -> int:
        """Return the peak in bytes; 0 where nothing could be seen."""
        self._over.set()
        self.join()
        return self.peak_bytes


def held_together(pid: int, adopter: int) -> int:
    """Return the bytes that a process and its descendants hold, those included that `adopter` has adopted.

    Pages that several processes share count once in all: what is added up is Linux' proportional set size.
    """
    found: dict[int, int] = {}
    try:
        names = os.listdir("/proc")
    except OSError:
        return 0
    for name in names:
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError):  # it has ended meanwhile
            # The program's name stands in brackets and can hold anything.
            fields = Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2].split()
            found[int(name)] = int(fields[1])
    below: dict[int, list[int]] = {}
    for one, parent in found.items():
        below.setdefault(parent, []).append(one)
    held, waiting = 0, [pid, *(one for one in below.get(adopter, ()) if one != pid)]
    while waiting:
        one = waiting.pop()
        held += _proportional(one)
        waiting += below.get(one, ())
    return held


def _proportional(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def _adopt() -> None:
    """Become the parent of descendants whose own parent ends, so that none gets out of sight."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def main(result: Path, command: list[str]) -> int:
    """Run `command` and write `seconds`, `peak_bytes`, `together_bytes` and `status` to `result`."""
    _adopt()
    started = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ)
    watch = Watch(pid)
    watch.start()
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - started
    # Kilobytes on Linux, bytes on macOS.
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    code = os.waitstatus_to_exitcode(status)
    measured = {"seconds": seconds, "peak_bytes": peak, "together_bytes": watch.end() or peak, "status": code}
    result.write_text(json.dumps(measured), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
