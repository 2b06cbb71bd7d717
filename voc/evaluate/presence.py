"""Counts in how many of the texts that hold a pain, or praise, extraction finds one: what corrects a reach.

Counted is whether `voc run` would find such a mention anywhere in the text, since a reach counts reviews. The figure
"complaint" is another reading of the same text, made for this one question, and stricter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from voc.errors import VocError
from voc.evaluate.gold import GoldLine
from voc.evaluate.metrics import Tally, pooled

if TYPE_CHECKING:
    from voc.config import ModelConfig

#: Measure -> the kind of mention that must be found, and the polarity of the gold opinion that it stands for.
PRESENCE = {"pain_mention": ("pain", "negative"), "praise_mention": ("praise", "positive")}
#: The style that reviews are read in, whatever set a file belongs to.
STYLE = "review"

KindsOf = Callable[[Sequence[str]], Sequence[Collection[str]]]


def presence_tallies(gold: Sequence[GoldLine], kinds_of: KindsOf) -> dict[str, Tally]:
    """Compare which texts hold a pain, and praise, with those in which a mention of that kind was found.

    Args:
        gold: lines as `read_gold` returns them. All opinions of a text must be labelled: one that is left out counts
            as if it were not there. Spans don't matter, so `{"polarity": "negative"}` alone will do.
        kinds_of: maps texts to the kinds of the mentions found in each, in order.

    Returns:
        One tally for each measure of `PRESENCE`, with one item for each line that has opinions, or an empty list.

    Raises:
        VocError: no line has opinions.
    """
    lines = [line for line in gold if line.opinions is not None]
    if not lines:
        raise VocError('No line has "opinions", which the task presence needs; choose another file or another --task.')
    found = kinds_of([line.text for line in lines])
    if len(found) != len(lines):
        raise ValueError(f"{len(lines)} texts went in, the kinds of {len(found)} came out")
    return {
        measure: Tally(
            [any(opinion.polarity == polarity for opinion in line.opinions or ()) for line in lines],
            [kind in kinds for kinds in found],
        )
        for measure, (kind, polarity) in PRESENCE.items()
    }


def presence_in_files(files: Sequence[tuple[Path, list[GoldLine]]], config: ModelConfig) -> dict[str, Any]:
    """Read the texts of each file as `voc run` would, and return the figures of `presence_tallies`.

    Args:
        files: paths and their lines; each file should be about one sort of product, since the figures differ by it.
        config: which weights, and how they are computed with.

    Returns:
        What `pooled` returns of all files, and by name under `files` of each; `texts`, `task` and the `model_version`
        that was measured: the figures hold for no other.

    Raises:
        VocError: a file has no opinions, or the model cannot be loaded.
    """
    from voc.extract.folder import model_version

    results = []
    per_file: dict[str, Any] = {}
    for path, lines in files:
        try:
            tallies = presence_tallies(lines, lambda texts: kinds_read(texts, config))
        except VocError as error:
            raise VocError(f"{path}: {error}") from None
        results.append(tallies)
        per_file[path.name] = {"texts": len(lines), "style": STYLE, **pooled([tallies])}
    return {
        **pooled(results),
        "texts": sum(len(lines) for _, lines in files),
        "task": "presence",
        "model_version": model_version(config.opinions),
        "files": per_file,
    }


def kinds_read(texts: Sequence[str], config: ModelConfig) -> list[frozenset[str]]:
    """Return the kinds of the mentions that extraction finds in each text."""
    import voc

    nlp = voc.load(config.opinions, device=config.device, precision=config.precision)
    return [frozenset(opinion.kind for opinion in doc._.opinions) for doc in nlp.pipe(texts)]
