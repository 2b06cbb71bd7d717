"""Runs one command and notes how long it took and how much memory its largest process held.

It runs as a process of its own, which loads nothing else: Linux counts the memory of the process that starts a
program into the program's own peak, so a big parent would spoil the measurement.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def main(result: Path, command: list[str]) -> int:
    """Run `command` and write `seconds`, `peak_bytes` and `status` to `result`."""
    started = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - started
    # Kilobytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    code = os.waitstatus_to_exitcode(status)
    measured = {"seconds": seconds, "peak_bytes": usage.ru_maxrss * unit, "status": code}
    result.write_text(json.dumps(measured), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
