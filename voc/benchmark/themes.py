"""`voc benchmark themes`: our themes against default BERTopic on the same opinions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from voc.benchmark.grouping import AREA, UNASSIGNED, DefaultBertopic, Grouping, OutOfPatienceError, Voc, timed
from voc.benchmark.measure import cores, machine, read_sample_export
from voc.benchmark.opinions import Opinions, multiplied, opinions_marked, opinions_read
from voc.benchmark.themes_sampled import sampled_fits, wordings_in
from voc.errors import VocError

if TYPE_CHECKING:
    from voc.config import Clustering
    from voc.progress import Progress

NOTES = (
    "voc fits on the vectors that reading a review brings along; default BERTopic encodes sentences with "
    "all-MiniLM-L6-v2, and that counts in its time, as it does for whoever uses it.",
    "Beyond the export's own troubles, opinions are copies that differ a little in words and vector.",
    "A judgement of a part, of which voc makes no theme, counts for its area.",
    "Agreement is adjusted mutual information over the same gold opinions, unassigned counted as one label; there "
    "voc's vectors are made from the words that people marked, BERTopic's from their sentences.",
    "In a file by topic nobody marked words: they are those of the longest opinion that the model reads in a line.",
    "Between seeds and between random 90 % samples (on the opinions they share): mean over all pairs.",
    "Of fits on samples a theme counts as found again when half of the mentions in it or in the other one are in both; "
    "a plain sample is drawn by lot and knows nothing of the other wordings. Means over three seeds.",
)
#: Our system, by what finds its clusters.
_OURS: dict[Clustering, str] = {"consensus": "voc", "hdbscan": "voc, hdbscan"}
_NEW = 0.1  # of the opinions that are assigned after a fit on the others
_SAMPLE = 0.9
_SAMPLING_SEEDS = (7, 8, 9)


def benchmark_themes(
    sizes: Sequence[int],
    *,
    gold: Sequence[Path],
    export: Path | None,
    mapping: Mapping[str, str],
    seeds: int,
    progress: Progress,
    patience: float | None = None,
    samples: Sequence[int] = (),
    clusters: Sequence[Clustering] = ("consensus",),
    known: Mapping[str, Any] | None = None,
    keep: Callable[[dict[str, Any]], None] = lambda result: None,
) -> dict[str, Any]:
    """Measure all systems, each part by itself: what was measured before an interruption need not be again.

    Args:
        sizes: numbers of opinions to time a fit, an assignment of a tenth, and a refit with.
        gold: files of labelled lines with categories or topics.
        export: review export for times and stability; the sample data without one.
        mapping: column of `reviews` -> header of the export.
        seeds: how many seeds, and how many 90 % samples, agreement is taken between.
        progress: is told what runs.
        patience: seconds after which a fit, an assignment or a refit is given up; None for never.
        samples: how many of the export's wordings to cluster, beside all of them; none for no such comparison.
        clusters: what finds our clusters, as in `voc.config.ThemesConfig`; each is a system of its own.
        known: an earlier result; its parts of the same export and number of seeds are taken over where all systems
            were measured.
        keep: is given the result after each part, to store it.

    Returns:
        `machine`, `threads`, `export`, `notes`; `times`: for each size and system `fit`, `assign` and `refit` in
        seconds (null where it was given up, or rests on what was: `given_up_after`) and the number of
        `assigned_now`; `stability`: for each system `themes`, `unassigned`, `seeds` and
        `samples`; `agreement`: for each file and system `ami`, `themes`, `unassigned`; `sampled`: rows of
        `voc.benchmark.themes_sampled`; each with the day and the processor it was `measured` on.

    Raises:
        VocError: a file cannot be read, or holds nothing to compare with.
    """
    from voc.evaluate import read_gold

    marked = {path.name: opinions_marked(read_gold(path)) for path in gold}
    empty = next((name for name, opinions in marked.items() if not opinions.labels), None)
    if empty is not None:
        raise VocError(f'{empty}: no line has a negative opinion with a "category", or a "topic".')
    name = export.name if export is not None else "sample data"
    here = machine()
    result: dict[str, Any] = {
        "benchmark": "themes",
        "export": name,
        "seeds": seeds,
        "machine": here,
        "threads": cores(),
        "notes": list(NOTES),
        "times": [],
        "stability": [],
        "agreement": [],
        "sampled": [],
    }
    measured = f"{here['date']}, {here['processor']}"
    same = known if known is not None and (known.get("export"), known.get("seeds")) == (name, seeds) else {}
    systems: dict[str, Grouping] = {_OURS[way]: Voc(clusters=way) for way in clusters}
    systems["default BERTopic"] = DefaultBertopic(remember=False)

    def part(kind: str, what: Mapping[str, Any], measure: Callable[[Grouping], dict[str, Any]]) -> None:
        """Add what `measure` says of each system, or what is known of all."""
        before = [row for row in same.get(kind, ()) if what.items() <= row.items()]
        if {row["system"] for row in before} >= set(systems):
            result[kind].extend(before)
            return
        rows = []
        for system, one in systems.items():
            progress(f"{system}: {' '.join(str(value) for value in what.values()) or 'seeds and samples'}", 0, None)
            rows.append({**what, "system": system, **measure(one), "measured": measured})
        result[kind].extend(rows)
        keep(_with_earlier(result, same))

    @cache
    def read() -> Opinions:
        reviews = read_sample_export(export, mapping, progress)
        progress("reading the export", 0, None)
        found = opinions_read(reviews)
        if not found.mentions.num_rows:
            raise VocError("No trouble was found in the export; name another with --export.")
        return found

    for size in sizes:
        part("times", {"opinions": size}, partial(_times_of, read, size, patience))
    systems["default BERTopic"] = DefaultBertopic(remember=True)
    part("stability", {}, lambda one: _stability(one, read(), seeds))
    for file, opinions in marked.items():
        part("agreement", {"file": file}, partial(_agreement, opinions, seeds))
    if samples:
        progress("voc: fits on samples", 0, None)
        result["sampled"] = [
            {**row, "measured": measured} for row in sampled_fits(wordings_in(read()), samples, _SAMPLING_SEEDS)
        ]
    return _with_earlier(result, same)


def _with_earlier(result: dict[str, Any], earlier: Mapping[str, Any]) -> dict[str, Any]:
    """Return `result` with the parts of `earlier` that it lacks: what was measured once is not lost."""
    whole = dict(result)
    kinds = (("times", "opinions"), ("stability", "system"), ("agreement", "file"), ("sampled", "fitted_on"))
    for kind, name in kinds:
        there = {row[name] for row in result[kind]}
        whole[kind] = [*result[kind], *(row for row in earlier.get(kind, ()) if row[name] not in there)]
    return whole


def _times_of(read: Callable[[], Opinions], size: int, patience: float | None, system: Grouping) -> dict[str, Any]:
    return _times(system, multiplied(read(), size), patience)


def _times(system: Grouping, opinions: Opinions, patience: float | None = None) -> dict[str, Any]:
    count = opinions.mentions.num_rows
    order = np.random.default_rng(7).permutation(count)
    new = np.sort(order[: max(1, round(_NEW * count))])
    found: dict[str, Any] = {"fit": None, "assign": None, "assigned_now": len(new), "refit": None}
    calls: dict[str, Callable[[], list[str]]] = {
        "fit": lambda: system.fit(opinions.take(order[len(new) :]), 7),
        "assign": lambda: system.assign(opinions, new),
        "refit": lambda: system.refit(opinions, 7),
    }
    for name, call in calls.items():
        try:
            _, found[name] = timed(call, patience)
        except OutOfPatienceError:
            # What follows would need the fit, or be one over as much.
            return {**found, "given_up_after": patience}
    return found


def _stability(system: Grouping, opinions: Opinions, seeds: int) -> dict[str, Any]:
    by_seed = [system.fit(opinions, seed) for seed in range(seeds)]
    count = opinions.mentions.num_rows
    samples = []
    for seed in range(seeds):
        part = opinions.take(np.random.default_rng(seed).permutation(count)[: round(_SAMPLE * count)])
        samples.append(dict(zip(part.ids, system.fit(part, 7), strict=True)))
    shared = []
    for one, other in combinations(samples, 2):
        both = sorted(one.keys() & other.keys())
        shared.append(agreement([one[i] for i in both], [other[i] for i in both]))
    return {
        "opinions": count,
        **_shape(by_seed[0]),
        "seeds": float(np.mean([agreement(one, other) for one, other in combinations(by_seed, 2)])),
        "samples": float(np.mean(shared)),
    }


def _agreement(opinions: Opinions, seeds: int, system: Grouping) -> dict[str, Any]:
    labels = [system.fit(opinions, seed) for seed in range(seeds)]
    return {
        "opinions": len(opinions.labels),
        "ami": float(np.mean([agreement(opinions.labels, one) for one in labels])),
        **_shape(labels[0]),
    }


def agreement(one: Sequence[str], other: Sequence[str]) -> float:
    """Return the adjusted mutual information of two groupings (Vinh, Epps and Bailey 2010)."""
    from sklearn.metrics import adjusted_mutual_info_score

    return float(adjusted_mutual_info_score(one, other))


def _shape(labels: Sequence[str]) -> dict[str, Any]:
    themes = {label for label in labels if label != UNASSIGNED and not label.startswith(AREA)}
    return {"themes": len(themes), "unassigned": labels.count(UNASSIGNED) / max(1, len(labels))}


def table(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the figures as rows to print, one table for all of them."""
    rows = []
    for one in result["times"]:
        measured = f"{one['opinions']:,} opinions"
        given_up = next((key for key in ("fit", "assign", "refit") if one[key] is None), None)
        for key, label in (("fit", "fit"), ("assign", f"assign {one['assigned_now']:,}"), ("refit", "refit")):
            limit = f"> {one['given_up_after']:g}" if key == given_up else "not measured"
            seconds = limit if one[key] is None else f"{one[key]:.1f}"
            rows.append({"measured on": measured, "measure": f"{label}, s", one["system"]: seconds})
    for one in result["stability"]:
        for key, label, form in (
            ("themes", "themes", "d"),
            ("unassigned", "unassigned", ".1%"),
            ("seeds", "AMI between seeds", ".3f"),
            ("samples", "AMI between 90 % samples", ".3f"),
        ):
            rows.append({"measured on": result["export"], "measure": label, one["system"]: f"{one[key]:{form}}"})
    for one in result["agreement"]:
        for key, label, form in (
            ("ami", "AMI with gold", ".3f"),
            ("themes", "themes", "d"),
            ("unassigned", "unassigned", ".1%"),
        ):
            rows.append({"measured on": one["file"], "measure": label, one["system"]: f"{one[key]:{form}}"})
    for one in result.get("sampled", ()):
        part = f"{one['wordings']:,} wordings, fitted on {one['fitted_on']:,}"
        other = "a fit with another seed" if one["fitted_on"] == one["wordings"] else "a fit of all"
        for key, label, form in (
            ("ami", f"AMI with {other}", ".3f"),
            ("found", "themes found again", ".1%"),
            ("small", "of the smaller half", ".1%"),
            ("seconds", "fit, s", ".1f"),
        ):
            rows.append({"measured on": part, "measure": label, one["system"]: f"{one[key]:{form}}"})
        memory = f"{one['peak_bytes'] / 2**30:.2f}"
        rows.append({"measured on": part, "measure": "peak memory, GiB", one["system"]: memory})
    joined: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        joined.setdefault((row["measured on"], row["measure"]), {}).update(row)
    # All columns stand in every row: a table shows those of its first one.
    columns: dict[str, Any] = dict.fromkeys(key for row in joined.values() for key in row)
    return [{**dict.fromkeys(columns, ""), **row} for row in joined.values()]
