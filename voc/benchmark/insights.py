"""`voc benchmark insights`: every figure recomputed for a large workspace that is drawn.

Run as ``python -m voc.benchmark.insights REVIEWS MENTIONS RESULT.json`` so that its time and memory are its own.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voc.benchmark.measure import cores, machine, measure

if TYPE_CHECKING:
    from voc.insights import Facts
    from voc.progress import Progress

NOTES = (
    "The reviews are drawn: 150 themes, 40 parts, 60 products of six brands, three years, two versions a product.",
    "Tables are in memory when the clock starts; the first row turns them into arrays, which the others share.",
    "Peak memory is that of the whole process, the drawn tables and the drawing of them included.",
)
#: Bounds of the whole: seconds on two cores, and bytes.
SECONDS, BYTES = 60.0, 2 * 10**9


def benchmark_insights(reviews: int, mentions: int, *, threads: int | None, progress: Progress) -> dict[str, Any]:
    """Draw a workspace and compute all its insights in a process of its own.

    Returns:
        `machine`, `threads`, `reviews`, `mentions`, `parts` (name -> seconds), `seconds` (their sum), `drawing`
        (seconds, not counted), `peak_bytes`, `within` (whether both bounds hold), `notes`.

    Raises:
        VocError: the process failed.
    """
    threads = threads or cores()
    progress(f"{reviews:,} reviews, {mentions:,} mentions", 0, None)
    with tempfile.TemporaryDirectory(prefix="voc-benchmark-") as folder:
        path = Path(folder) / "result.json"
        command = [sys.executable, "-m", "voc.benchmark.insights", str(reviews), str(mentions), str(path)]
        measured = measure(command, threads)
        found = json.loads(path.read_text(encoding="utf-8"))
    seconds = sum(found["parts"].values())
    return {
        "benchmark": "insights",
        "machine": machine(),
        "threads": threads,
        "reviews": reviews,
        "mentions": mentions,
        **found,
        "seconds": seconds,
        "peak_bytes": measured.peak_bytes,
        "within": seconds < SECONDS and measured.peak_bytes < BYTES,
        "notes": list(NOTES),
    }


def table(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures as rows to print."""
    rows = [{"what": name, "seconds": f"{seconds:.2f}"} for name, seconds in result["parts"].items()]
    rows.append({"what": "all", "seconds": f"{result['seconds']:.2f} (bound {SECONDS:.0f})"})
    peak = f"{result['peak_bytes'] / 10**9:.2f} GB (bound {BYTES / 10**9:.0f})"
    return [*rows, {"what": "peak memory", "seconds": peak}]


def parts(facts: Facts) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield each insight by name, as a call without arguments."""
    from voc import insights
    from voc.config import InsightsConfig, ModelConfig
    from voc.insights.alerts import alerts
    from voc.insights.correction import reach_as_corrected
    from voc.insights.decomposition import decompose_rating
    from voc.insights.detected import change_points, detected_phases
    from voc.insights.failure import time_to_failure
    from voc.insights.importance import importance
    from voc.insights.kano import kano
    from voc.insights.labels import labels_of_model
    from voc.insights.mix import decompose_mix
    from voc.insights.movement import movements
    from voc.insights.needs import needs
    from voc.insights.phases import listed
    from voc.insights.prices import price_map
    from voc.insights.rivals import rivals
    from voc.insights.second_opinion import adjusted_impacts
    from voc.insights.segments import segments
    from voc.insights.stored import failure_times
    from voc.insights.time_in_use import time_in_use
    from voc.insights.units import units
    from voc.insights.verification import verify

    config, scope = InsightsConfig(), insights.Scope()
    before, after = [phase.phase_id for phase in listed(facts.phases) if phase.source == "user"][:2]
    theme = facts.themes["theme_id"][0].as_py()
    yield "arrays of the tables", lambda: facts.index
    yield "opportunities of all scopes", lambda: insights.all_opportunities(facts, config=config)
    yield "trends by phase", lambda: insights.phase_trends(facts, config=config)
    yield "movements", lambda: movements(facts, scope, config=config)
    yield "areas", lambda: insights.area_summary(facts, scope, config=config)
    yield "hazards", lambda: (insights.hazards(facts, scope), insights.hazard_products(facts, scope, config=config))
    yield (
        "coverage and satisfaction",
        lambda: (
            insights.coverage(facts, scope),
            insights.satisfaction(facts, scope, config=config),
        ),
    )
    yield "change points", lambda: change_points(facts, scope, config=config)
    yield "detected phases", lambda: detected_phases(facts, scope, config=config)
    yield "what moved the rating", lambda: decompose_rating(facts, before, after, scope, config=config)
    yield "overlap taken out", lambda: adjusted_impacts(facts, scope, config=config)
    yield "importance and satisfaction", lambda: importance(facts, scope, config=config)
    yield "Kano", lambda: kano(facts, scope, config=config)
    yield "alerts", lambda: alerts(facts, scope, config=config)
    yield "segments", lambda: segments(facts, scope, config=config)
    yield "within segments or by mix", lambda: decompose_mix(facts, before, after, scope, config=config)
    yield "against competitors", lambda: rivals(facts, scope, config=config)
    yield "price and score", lambda: price_map(facts, scope, config=config)
    yield "per unit sold", lambda: units(facts, scope, config=config)
    yield "needs", lambda: needs(facts, scope, config=config)
    yield "time in use", lambda: time_in_use(facts, scope, config=config)
    yield "time to failure", lambda: time_to_failure(facts, scope, config=config)
    timed = time_in_use(facts, scope, config=config)
    yield "time to failure of themes", lambda: failure_times(facts, timed, config)
    labels = labels_of_model(ModelConfig().opinions)
    yield "reach as corrected", lambda: reach_as_corrected(facts, scope, labels=labels, config=config)
    yield (
        "one fix verified",
        lambda: verify(facts, theme, dt.date(2022, 7, 1), scope=insights.Scope(products=("p1",)), config=config),
    )


def main(reviews: int, mentions: int, result: Path) -> None:
    """Draw, compute, and write the seconds of each part to `result`."""
    from voc.benchmark.workload import drawn_workspace

    began = time.perf_counter()
    facts = drawn_workspace(reviews, mentions)
    drawing = time.perf_counter() - began
    seconds = {}
    for name, compute in parts(facts):
        began = time.perf_counter()
        compute()
        seconds[name] = time.perf_counter() - began
    result.write_text(json.dumps({"parts": seconds, "drawing": drawing}), encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
