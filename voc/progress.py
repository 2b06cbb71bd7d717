"""Progress on standard error: bars in a terminal, lines elsewhere; both with the pace and the time that is left."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Is called with a stage, how much of it is done, and the total; null where that is not known.
Progress = Callable[[str, int, int | None], None]

#: Seconds between two lines of one stage where there is no terminal: a log of a night stays readable.
_EVERY = 30.0
#: Seconds over which the pace is taken.
_WINDOW = 120.0


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Yield a callable ``(stage, done, total)`` that shows how far each stage is; total null means unknown."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        SpinnerColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class PaceColumn(ProgressColumn):
        """How many a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None or not task.total else f"{_pace(speed)}/s", style="progress.data.speed")

    # The stream of this moment, not of the import: tests and wrappers replace it.
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield _lines()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        PaceColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=False, speed_estimate_period=_WINDOW) as bars:
        tasks: dict[str, int] = {}

        def show(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                for earlier in tasks.values():
                    bars.stop_task(earlier)  # type: ignore[arg-type]
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

        yield show


def _lines(clock: Callable[[], float] = time.monotonic) -> Progress:
    """Return a callable that writes a line when a stage begins, and then how far it is from time to time."""
    paces: dict[str, _Pace] = {}

    def show(stage: str, done: int, total: int | None) -> None:
        now = clock()
        pace = paces.get(stage)
        if pace is None:
            paces[stage] = _Pace(done, now)
            size = "" if total is None else f" ({total:,})"
            sys.stderr.write(f"{stage}{size} ...\n")
            sys.stderr.flush()
            return
        pace.note(done, now)
        if now - pace.told >= _EVERY:
            pace.told = now
            sys.stderr.write(f"{stage}: {done:,}{'' if total is None else f' of {total:,}'}{pace.said(total)}\n")
            sys.stderr.flush()

    return show


class _Pace:
    """How fast a stage goes, over its last two minutes; what was done before it began does not count."""

    def __init__(self, done: int, now: float) -> None:
        self.told = now
        self._seen = deque([(now, done)])

    def note(self, done: int, now: float) -> None:
        self._seen.append((now, done))
        while len(self._seen) > 2 and self._seen[1][0] <= now - _WINDOW:
            self._seen.popleft()

    def said(self, total: int | None) -> str:
        """Return the pace and, where there is a total, the time left, e.g. ", 340/s, 0:48:20 left"."""
        (began, before), (now, done) = self._seen[0], self._seen[-1]
        if done <= before or now <= began:
            return ""
        speed = (done - before) / (now - began)
        if total is None:
            return f", {_pace(speed)}/s"
        left = round((total - done) / speed)
        return f", {_pace(speed)}/s, {left // 3600}:{left % 3600 // 60:02}:{left % 60:02} left"


def _pace(speed: float) -> str:
    return f"{speed:,.0f}" if speed >= 10 else f"{speed:.1f}"
