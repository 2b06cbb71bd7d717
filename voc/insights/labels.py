"""Finds what reviews labelled by hand say of the model that read a workspace, in the figures beside its weights.

`voc evaluate GOLD.jsonl... --task presence --output FOLDER/metrics.json` writes them: of each file, in how many texts a
pain, or praise, is there and is found. Each file is taken as texts about one sort of product. The shipped figures come
from dev files, never from test files; the model's cuts were chosen on these among others, so that they flatter a
little.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voc.errors import VocError
from voc.extract.folder import model_folder
from voc.insights.across import MIN_SETS
from voc.insights.misreading import Labels

#: The kinds of opinions that can be labelled.
KINDS = ("pain", "praise", "wish")
#: The file beside a model's weights that `voc evaluate --output` writes.
METRICS = "metrics.json"
_TASK = "presence"
_HOW = f"write them with `voc evaluate GOLD.jsonl --task {_TASK} --output {{path}}`"


@dataclass(frozen=True)
class ModelLabels:
    """How well a model finds kinds of opinions, by reviews labelled by hand; or why nothing is known of it."""

    kinds: Mapping[str, Mapping[str, Labels]] = field(default_factory=dict)  # kind -> name of the file -> counts
    model_version: str | None = None  # the weights that were measured, as in `readings`
    reason: str | None = None  # in plain words, without a full stop; None where there are labels


def labels_of_model(name: str) -> ModelLabels:
    """Return what is known of a model; that nothing is known is no error, and the reason says why.

    Args:
        name: name of a folder under models/ or a path to one, as `[model] opinions` in voc.toml has it.
    """
    try:
        path = model_folder(name) / METRICS
    except VocError:
        return ModelLabels(reason=f"the model {name!r} is not on this machine, so its figures cannot be looked up")
    try:
        return read_labels(path)
    except VocError as error:
        return ModelLabels(reason=str(error).rstrip("."))


def read_labels(metrics: Path) -> ModelLabels:
    """Take from a metrics file what `voc evaluate --task presence` counted.

    Read are the counts `pain_mention`, `praise_mention` and `wish_mention` (labelled texts, and how many are gold,
    predicted and correct) of each file. Other figures of the model, "complaint" among them, are not of mentions and are
    not used.

    Raises:
        VocError: the file is missing or no such file, or holds no labelled texts.
    """
    how = _HOW.format(path=metrics)
    if not metrics.is_file():
        raise VocError(f"{metrics}: there are no figures of reviews labelled by hand; {how}.")
    try:
        measured = json.loads(metrics.read_text(encoding="utf-8")).get(_TASK)
        labels = _by_kind(measured["files"]) if measured is not None else {}
        version = str(measured["model_version"]) if measured is not None else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, VocError) as error:
        raise VocError(f"{metrics}: these figures cannot be read ({error}); {how}.") from None
    if not labels:
        raise VocError(f"{metrics}: there are no figures of reviews labelled by hand; {how}.")
    return ModelLabels(labels, version)


def labelled(labels: ModelLabels) -> str:
    """Say in two sentences which labels there are, how well reviews are read by them, and what is made of that."""
    files = sorted({name for by_file in labels.kinds.values() for name in by_file})
    reviews = max(sum(x.positives + x.negatives for x in by_file.values()) for by_file in labels.kinds.values())
    qualities = [
        f"{kind} is found in {_range([(x.found, x.positives) for x in by_file.values()])} of those that have it and in "
        f"{_range([(x.negatives - x.cleared, x.negatives) for x in by_file.values()])} of those that have none"
        for kind, by_file in labels.kinds.items()
    ]
    if len(files) < MIN_SETS:
        meant = "The reviews here are taken to be like these."
    else:
        meant = (
            "They are about different sorts of products: the mean over the files is used, "
            "and how far files differ is part of the interval."
        )
    names = ", ".join(name.removesuffix(".jsonl") for name in files)
    where = f"{len(files)} files ({names})" if len(files) > 1 else f"one file ({names})"
    return f"Of {reviews:,.0f} reviews labelled by hand in {where}, {'; '.join(qualities)}. {meant}"


def _by_kind(files: Mapping[str, Any]) -> dict[str, dict[str, Labels]]:
    labels: dict[str, dict[str, Labels]] = {}
    for kind in KINDS:
        for name, file in sorted(files.items()):
            counts = file["counts"].get(f"{kind}_mention")
            if counts is not None:
                negatives = counts["texts"] - counts["gold"]
                cleared = negatives - (counts["predicted"] - counts["correct"])
                labels.setdefault(kind, {})[name] = Labels(counts["gold"], counts["correct"], negatives, cleared)
    return labels


def _range(counts: list[tuple[float, float]]) -> str:
    shares = sorted(round(100 * part / whole) for part, whole in counts if whole)
    if not shares:
        return "an unknown share"
    return f"{shares[0]} %" if shares[0] == shares[-1] else f"{shares[0]} to {shares[-1]} %"
