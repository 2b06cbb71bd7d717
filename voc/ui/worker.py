"""The process that analyses an upload: reads its task from standard input, writes progress as JSON lines.

It is a process of its own so that the app stays quick and light while the models work, and so that a run outlives
a closed browser window.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from typing import Any

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

    def tell(message: dict[str, Any]) -> None:
        pipe.write(json.dumps(message, default=str) + "\n")
        pipe.flush()

    task = json.load(sys.stdin)
    from voc.config import Config
    from voc.errors import VocError

    last: tuple[str, float] = ("", 0.0)

    def progress(stage: str, done: int, total: int | None) -> None:
        nonlocal last
        now = time.monotonic()
        if stage != last[0] or now - last[1] >= _PAUSE or done == total:
            last = (stage, now)
            tell({"stage": stage, "done": done, "total": total})

    try:
        from voc.pipeline import run

        reports = [
            asdict(
                run(
                    batch["paths"],
                    workspace=task["workspace"],
                    config=Config.model_validate(task["config"]),
                    mapping=batch["mapping"] or None,
                    progress=progress,
                )
            )
            for batch in task["batches"]
        ]
    except VocError as error:
        tell({"error": str(error)})
        return 1
    tell({"reports": reports})
    return 0


if __name__ == "__main__":
    sys.exit(main())
