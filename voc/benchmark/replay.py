"""A year replayed: reviews that arrive batch by batch, themes that are kept, and one fit of everything beside it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from voc.benchmark.measure import machine, read_sample_export, write_sample
from voc.benchmark.themes import agreement
from voc.errors import VocError

if TYPE_CHECKING:
    import pyarrow as pa

    from voc.progress import Progress
    from voc.store import Snapshot, Workspace

NOTES = (
    "Each batch is a `voc run` into the same workspace: the first fits the themes, the others are assigned to them.",
    "Agreement is adjusted mutual information over all troubles, those without a theme as one label.",
)


def benchmark_replay(
    batches: int, *, export: Path | None, mapping: Mapping[str, str], progress: Progress
) -> dict[str, Any]:
    """Add an export in batches, in the order of its dates or rows; then refit, and compare with one run of all.

    Args:
        batches: how many equal parts.
        export: review export; the sample data without one.
        mapping: column of `reviews` -> header of the export.
        progress: is told what runs.

    Returns:
        `machine`, `export`, `notes`; `batches`: for each its `reviews`, seconds of each stage, the active `themes`,
        those `emerged`, ids `gone` since the batch before, and the share of troubles `unassigned`; `at_once`: the
        same of one run of everything; `agreement` of the replay with it, before and after a `refit`; `refit`: how
        many themes were matched, born, merged and retired.

    Raises:
        VocError: the export cannot be read, or holds fewer reviews than batches.
    """
    from voc.config import Config
    from voc.pipeline import refresh, run
    from voc.store import Workspace

    reviews = ordered(read_sample_export(export, mapping, progress))
    if reviews.num_rows < batches:
        raise VocError(f"The export holds {reviews.num_rows:,} reviews, fewer than {batches} batches.")
    rows = []
    with tempfile.TemporaryDirectory(prefix="voc-benchmark-") as folder:
        place = Workspace(Path(folder) / "replayed")
        bounds = np.linspace(0, reviews.num_rows, batches + 1).round().astype(int)
        before: set[str] = set()
        told = 0
        for number in range(batches):
            progress(f"batch {number + 1} of {batches}", number, batches)
            part = reviews.slice(bounds[number], bounds[number + 1] - bounds[number])
            report = run(
                [_file(part, Path(folder) / f"{number}.jsonl")],
                workspace=place,
                config=Config(),
                mapping=mapping_of(part, Path(folder)),
            )
            row = _state(place)
            now, every = row.pop("ids"), row.pop("emerged")
            rows.append(
                {
                    "batch": number + 1,
                    "reviews": part.num_rows,
                    "seconds": report.seconds,
                    **row,
                    "emerged": every - told,
                    "gone": len(before - now),
                }
            )
            before, told = now, every
        replayed = _labels(_snapshot(place))
        progress("refit", 0, None)
        refitted = refresh(place, config=Config())
        lineage = _snapshot(place).table("lineage").to_pylist()
        last = max((event["happened_at"] for event in lineage), default=None)
        events = Counter(event["event"] for event in lineage if event["happened_at"] == last)
        after = _labels(_snapshot(place))
        progress("everything at once", 0, None)
        whole = Workspace(Path(folder) / "whole")
        report = run(
            [_file(reviews, Path(folder) / "all.jsonl")],
            workspace=whole,
            config=Config(),
            mapping=mapping_of(reviews, Path(folder)),
        )
        at_once = {key: value for key, value in _state(whole).items() if key != "ids"}
        labels = _labels(_snapshot(whole))
    return {
        "benchmark": "replay",
        "export": export.name if export is not None else "sample data",
        "machine": machine(),
        "notes": list(NOTES),
        "batches": rows,
        "at_once": {"reviews": reviews.num_rows, "seconds": report.seconds, **at_once},
        "refit": {
            "seconds": refitted.seconds["themes"],
            **{event: events[event] for event in ("matched", "born", "merged", "retired")},
        },
        "agreement": {"replayed": _agreement(replayed, labels), "refitted": _agreement(after, labels)},
    }


def ordered(reviews: pa.Table) -> pa.Table:
    """Return reviews from the oldest; without dates in the order of the export, mixed by their ids."""
    dated = reviews["written_at"].null_count < reviews.num_rows
    return reviews.sort_by([("written_at" if dated else "review_id", "ascending"), ("review_id", "ascending")])


def _file(reviews: pa.Table, path: Path) -> Path:
    write_sample(reviews, path)
    return path


def mapping_of(reviews: pa.Table, folder: Path) -> dict[str, str]:
    """Return column of `reviews` -> column of the file that `write_sample` writes of them."""
    options = write_sample(reviews.slice(0, 1), folder / "first.jsonl")
    return dict(option.split("=", 1) for option in options if option != "--map")


def _snapshot(place: Workspace) -> Snapshot:
    snapshot = place.current()
    if snapshot is None:
        raise VocError(f"{place.path}: the run stored nothing.")
    return snapshot


def _state(place: Workspace) -> dict[str, Any]:
    snapshot = _snapshot(place)
    themes = [row for row in snapshot.table("themes").to_pylist() if row["state"] == "active"]
    labels = _labels(snapshot)
    return {
        "themes": len(themes),
        "ids": {row["theme_id"] for row in themes},
        "emerged": snapshot.table("lineage", ["event"])["event"].to_pylist().count("emerged"),
        "troubles": len(labels),
        "unassigned": sum(not label for label in labels.values()) / max(1, len(labels)),
    }


def _labels(snapshot: Snapshot) -> dict[str, str]:
    """Return the theme of each trouble, "" for none, by its place in the reviews."""
    columns = ["review_id", "phrase_start", "aspect_start", "clause_start", "kind", "specificity", "theme_id"]
    return {
        str((row["review_id"], row["phrase_start"], row["aspect_start"], row["clause_start"])): row["theme_id"] or ""
        for row in snapshot.table("mentions", columns).to_pylist()
        if row["kind"] == "pain" and row["specificity"] == "trouble"
    }


def _agreement(one: Mapping[str, str], other: Mapping[str, str]) -> float:
    both = sorted(one.keys() & other.keys())
    return agreement([one[key] for key in both], [other[key] for key in both])


def table(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures as rows to print."""
    return [
        {
            "batch": one["batch"],
            "reviews": one["reviews"],
            "read, s": f"{one['seconds']['extract']:.1f}",
            "themes, s": f"{one['seconds']['themes']:.1f}",
            "figures, s": f"{one['seconds']['insights'] + one['seconds']['store']:.1f}",
            "themes": one["themes"],
            "emerged": one["emerged"],
            "ids gone": one.get("gone", ""),
            "troubles": one["troubles"],
            "unassigned": f"{one['unassigned']:.1%}",
        }
        for one in (*result["batches"], {"batch": "at once", **result["at_once"]})
    ]
