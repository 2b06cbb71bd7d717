"""The process that analyses an upload: reads its task from standard input, writes progress as JSON lines.

It is a process of its own so that the app stays quick and light while the models work, and so that a run outlives
a closed browser window and even the server: what it says is also kept in a file beside its task.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voc.ui.analysing.pending import Pending

# Progress lines per second at most: the page asks once a second.
_PAUSE = 0.2


def main() -> int:
    """Run one analysis and report on the descriptor that was standard output.

    Returns:
        0 if the analysis was stored, 1 if it was refused with a sentence.
    """
    # Libraries print to standard output; the reports keep the pipe for themselves.
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    task = json.load(sys.stdin)
    from voc.config import Config
    from voc.errors import VocError, WorkspaceBusyError
    from voc.ui.analysing.pending import Pending

    pending = Pending(Path(task["pending"])) if task.get("pending") else None
    holding = pending.hold() if pending is not None else contextlib.nullcontext()

    def tell(message: dict[str, Any]) -> None:
        # The server may have gone; the analysis goes on, and the next server reads the file.
        with contextlib.suppress(BrokenPipeError):
            pipe.write(json.dumps(message, default=str) + "\n")
            pipe.flush()
        if pending is not None:
            pending.note(message)

    last: tuple[str, float] = ("", 0.0)

    def progress(stage: str, done: int, total: int | None) -> None:
        nonlocal last
        now = time.monotonic()
        if stage != last[0] or now - last[1] >= _PAUSE or done == total:
            last = (stage, now)
            tell({"stage": stage, "done": done, "total": total})

    with holding:
        try:
            from voc.pipeline import run

            reports = [
                asdict(
                    run(
                        batch["paths"],
                        workspace=task["workspace"],
                        config=Config.model_validate(task["config"]),
                        mapping=batch["mapping"] or None,
                        date_order=batch.get("date_order"),
                        progress=progress,
                    )
                )
                for batch in task["batches"]
            ]
        except WorkspaceBusyError as error:
            tell({"error": str(error)})
            return 1
        except VocError as error:
            # These files cannot be analysed as they are: there is nothing to take up again.
            tell({"error": str(error), "refused": True})
            _drop(pending)
            return 1
        tell({"reports": reports})
        _drop(pending)
    with contextlib.suppress(OSError):
        pipe.close()
    return 0


def _drop(pending: Pending | None) -> None:
    if pending is not None:
        pending.drop_uploads()


if __name__ == "__main__":
    sys.exit(main())
