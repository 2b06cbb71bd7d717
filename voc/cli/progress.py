"""Progress on standard error: bars in a terminal, one line per stage elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int | None], None]


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Yield a callable ``(stage, done, total)`` that shows how far each stage is; total null means unknown."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

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
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=False) as bars:
        tasks: dict[str, int] = {}

        def show(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                for earlier in tasks.values():
                    bars.stop_task(earlier)  # type: ignore[arg-type]
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

        yield show


def _lines() -> Progress:
    seen: set[str] = set()

    def show(stage: str, done: int, total: int | None) -> None:
        if stage not in seen:
            seen.add(stage)
            size = "" if total is None else f" ({total:,})"
            sys.stderr.write(f"{stage}{size} ...\n")
            sys.stderr.flush()

    return show
