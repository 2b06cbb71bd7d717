"""`voc benchmark simulations`: runs the simulations one by one, and goes on where an interrupted run stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from voc.benchmark.measure import cores, machine
from voc.benchmark.simulations.registry import SIMULATIONS
from voc.benchmark.simulations.simulation import Simulation, as_json

if TYPE_CHECKING:
    from voc.progress import Progress

NOTES = (
    "Reviews are drawn from a known truth, so these figures say nothing of how well real reviews are like that.",
    "+/- is one standard error of the measured figure over the runs (Monte-Carlo error).",
    "Stays: near its level within 5 points or three errors; 'at least' and 'at most' within three errors.",
    "Details of a figure (by theme, by share) are in the JSON file, and here where they do not stay.",
    "In brackets is a level that the figure would have if its assumptions held, which they do not there by design.",
)
#: Of the default runs that `quick` takes.
_QUICK = 0.1


def benchmark_simulations(
    names: Collection[str] = (),
    *,
    runs: int | None = None,
    quick: bool = False,
    progress: Progress,
    known: Mapping[str, Any] | None = None,
    keep: Callable[[dict[str, Any]], None] = lambda result: None,
) -> dict[str, Any]:
    """Run simulations, each part by itself: what was measured before an interruption need not be again.

    Args:
        names: of the simulations to run, as in `SIMULATIONS`; all without any.
        runs: how often each draws; its own number without.
        quick: a tenth of its own number.
        progress: is told what runs.
        known: an earlier result; its parts with the same settings and number of runs are taken over, and those of
            other simulations kept.
        keep: is given the result after each part, to store it.

    Returns:
        `machine`, `threads`, `notes`; `simulations`: for each part `simulation`, `figure`, `drawn`, `settings`,
        `runs`, `figures` (rows as `voc.benchmark.simulations.figures.Figure`), `seconds`, and the day and processor
        it was `measured` on.
    """
    here = machine()
    earlier = list(known.get("simulations", ())) if known is not None else []
    result: dict[str, Any] = {
        "benchmark": "simulations",
        "machine": here,
        "threads": cores(),
        "notes": list(NOTES),
        "simulations": _ordered(earlier),
    }
    chosen = [one for one in SIMULATIONS if not names or one.name in names]
    parts = [(one, drawn) for one in chosen for drawn in one.drawn]
    for done, (one, drawn) in enumerate(parts):
        count = runs or max(2, round(one.runs * (_QUICK if quick else 1)))
        if any(_same(row, one, drawn) and row["runs"] == count for row in result["simulations"]):
            continue
        progress(f"{one.name}: {drawn}", done, len(parts))
        began = time.perf_counter()
        figures = one.simulate(runs=count, **one.drawn[drawn])
        row = {
            "simulation": one.name,
            "figure": one.figure,
            "drawn": drawn,
            "settings": as_json(one.drawn[drawn]),
            "runs": count,
            "figures": figures,
            "seconds": round(time.perf_counter() - began, 2),
            "measured": f"{here['date']}, {here['processor']}",
        }
        others = [old for old in result["simulations"] if (old["simulation"], old["drawn"]) != (one.name, drawn)]
        result["simulations"] = _ordered([*others, row])
        keep(result)
    return result


def missing(result: Mapping[str, Any]) -> list[str]:
    """Return the names of simulations of which a part is not in the result as it is drawn now."""
    rows = result["simulations"]
    return [
        one.name for one in SIMULATIONS if not all(any(_same(row, one, drawn) for row in rows) for drawn in one.drawn)
    ]


def _same(row: Mapping[str, Any], one: Simulation, drawn: str) -> bool:
    """Say whether a row was measured with the settings that this part has now."""
    named = (row["simulation"], row["drawn"]) == (one.name, drawn)
    return named and row["settings"] == as_json(one.drawn[drawn])


def _ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows in the order of the registry; what it does not hold any more comes last."""
    place = {(one.name, drawn): i for i, (one, drawn) in enumerate((o, d) for o in SIMULATIONS for d in o.drawn)}
    return sorted(rows, key=lambda row: place.get((row["simulation"], row["drawn"]), len(place)))
