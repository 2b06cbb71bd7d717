"""Starts the app's server as `voc app` does, and watches its memory and processor time; for `voc benchmark app`."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from voc.errors import VocError

#: Seconds between two looks at the memory, and the most that a server may take to answer.
_EVERY, _START = 0.2, 120.0


class Server:
    """A running server and all its child processes; a context manager that ends them.

    Attributes:
        address: of its first page.
        peak_bytes: the most resident memory of all its processes together so far.
    """

    def __init__(self, command: Sequence[str], port: int, **variables: str) -> None:
        """Start it and wait until it answers.

        Args:
            command: that starts it.
            port: it will listen there.
            variables: of its environment.

        Raises:
            VocError: it ended, or does not answer; the sentence holds the last line it wrote.
        """
        import psutil  # type: ignore[import-untyped]

        self.address = f"http://localhost:{port}"
        self.peak_bytes = 0
        # Elsewhere: a configuration of Streamlit or of voc in this folder is not part of the measurement.
        self._folder = tempfile.TemporaryDirectory(prefix="voc-benchmark-")
        self._log = Path(self._folder.name) / "log"
        with self._log.open("wb") as log:
            self._process = psutil.Popen(
                list(command), cwd=self._folder.name, env={**os.environ, **variables}, stdout=log, stderr=log
            )
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def cpu_seconds(self) -> float:
        """Return the processor time of all its processes so far."""
        return float(sum(times.user + times.system for times in self._each("cpu_times")))

    def resident_bytes(self) -> int:
        """Return the memory that its processes hold now."""
        return int(sum(memory.rss for memory in self._each("memory_info")))

    def log(self) -> str:
        """Return what it wrote so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def close(self) -> None:
        """End the server and its child processes."""
        import psutil

        self._ended.set()
        self._watch.join()
        try:
            processes = [*self._process.children(recursive=True), self._process]
        except psutil.Error:
            processes = [self._process]
        for process in processes:
            try:
                process.terminate()
            except psutil.Error:
                continue
        _, alive = psutil.wait_procs(processes, timeout=10)
        for process in alive:
            process.kill()
        psutil.wait_procs(alive, timeout=10)
        self._folder.cleanup()

    def _each(self, what: str) -> list[Any]:
        import psutil

        found = []
        try:
            processes = [self._process, *self._process.children(recursive=True)]
        except psutil.Error:
            return []
        for process in processes:
            try:
                found.append(getattr(process, what)())
            except psutil.Error:
                continue
        return found

    def _look(self) -> None:
        while not self._ended.wait(_EVERY):
            self.peak_bytes = max(self.peak_bytes, self.resident_bytes())

    def _wait(self) -> None:
        deadline = time.monotonic() + _START
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1):  # noqa: S310 - our own
                    return
            except OSError:
                time.sleep(0.05)
        last = ([line for line in self.log().splitlines() if line.strip()] or ["no message"])[-1]
        raise VocError(f"The app's server does not answer: {last}")


def app(workspace: Path) -> Server:
    """Start `voc app` on a workspace, on a free port."""
    port = _free_port()
    command = [sys.executable, "-m", "voc.cli", "app", "--workspace", str(workspace.resolve()), "--port", str(port)]
    return Server([*command, "--no-browser"], port)


def empty_page(folder: Path) -> Server:
    """Start a Streamlit server, set up as the app's is, on a page that writes one word."""
    from voc.ui.launch import streamlit_args

    script = folder / "empty.py"
    script.write_text('import streamlit as st\n\nst.write("Empty")\n', encoding="utf-8")
    port = _free_port()
    return Server(streamlit_args(port, app=script), port)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return int(free.getsockname()[1])
