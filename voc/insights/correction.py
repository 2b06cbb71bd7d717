"""Reach corrected for imperfect extraction, with the uncertainty of how imperfect it is; or "as extracted", and why.

Extraction misses some reviews and takes others wrongly, so that the share it finds is not the share there is. How
often it does either is known only from reviews that people read. What has been read so far decides what can be
corrected:

- A kind of opinion ("the review has a pain"): of texts labelled by hand, `voc evaluate --task presence` counts in how
  many with and without one extraction finds one (`voc.insights.labels`).
- A theme: no labelled text says which theme it belongs to. Only people who check can tell: how many of the reviews
  shown under the theme are rightly there, and how many that belong there are shown (`Checks`). Single corrections that
  people make in passing are no such check: they mend what caught the eye, and nobody counts what was right. Nor do the
  labels of its kind help: how often some pain of a review is found is not how often this one is, and what is found may
  lie under another theme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights.across import across
from voc.insights.arrays import Ints, Mask
from voc.insights.corrected_impact import corrected_impact
from voc.insights.facts import Facts
from voc.insights.index import Index
from voc.insights.intervals import wilson
from voc.insights.labels import KINDS, ModelLabels, labelled
from voc.insights.misreading import Checks, Corrected, Labels, from_checks, from_labels, none_for
from voc.insights.ranking import number
from voc.insights.scope import Scope, population, select
from voc.tables.compared import CORRECTED

_UNKNOWN = "so it is not known what extraction misses and mistakes"


@dataclass(frozen=True)
class ReachAsCorrected:
    """Reach as extracted and corrected."""

    table: pa.Table  # `CORRECTED`
    basis: str | None  # whose labels the kinds are corrected by, and what they say, in plain sentences
    reason: str | None  # why no kind is corrected, in one plain sentence; None where `basis` is given


def reach_as_corrected(
    facts: Facts,
    scope: Scope = Scope(),  # noqa: B008 - frozen
    *,
    labels: ModelLabels,
    config: InsightsConfig,
    checks: Mapping[str, Checks] | None = None,
) -> ReachAsCorrected:
    """Return the reach of each kind and each ranked theme, as extracted and, where labels or checks allow, corrected.

    The labels of all files are used, each as those of one sort of product; the reviews at hand are taken to be of one
    more sort, so that how far the files differ widens the interval (`across`). They hold for the weights that were
    measured only: where other weights read any of the reviews counted, all is as extracted.

    Args:
        facts: the tables.
        scope: the reviews under view.
        labels: what is known of the model that read them: `labels_of_model(name)` with the name that the configuration
            of the run has under `[model] opinions`, or `read_labels` of a metrics file of one's own.
        config: least number of reviews of a theme, confidence level, replicates, seed.
        checks: what people who checked themes said, by theme_id.

    Returns:
        The table of `corrected_reach`, and in sentences what it rests on.

    Raises:
        VocError: the scope or a theme is unknown.
    """
    reason = labels.reason or _read_otherwise(facts, scope, labels.model_version)
    kinds = {} if reason else {kind: tuple(files.values()) for kind, files in labels.kinds.items()}
    why = f"{reason}, {_UNKNOWN}" if reason else None
    table = corrected_reach(facts, scope, config=config, kinds=kinds, themes=checks, why=why)
    if reason:
        return ReachAsCorrected(table, None, f"Reach is as extracted: {reason}.")
    return ReachAsCorrected(table, labelled(labels), None)


def corrected_reach(
    facts: Facts,
    scope: Scope,
    *,
    config: InsightsConfig,
    kinds: Mapping[str, Labels | Sequence[Labels]] | None = None,
    themes: Mapping[str, Labels | Checks] | None = None,
    why: str | None = None,
) -> pa.Table:
    """Correct the reach of each kind and each ranked theme for what extraction misses and mistakes.

    With `Labels` by Rogan and Gladen (`from_labels`), with `Checks` by precision and recall (`from_checks`). Several
    sets of labels for a kind are taken as texts about several sorts of products (`across`). Where nothing is known,
    too little, or the correction leads to no share between 0 and 1, the row says "as extracted" and why. The star
    impact is corrected beside it (`corrected_impact`).

    What it does not mean: the labelled reviews must be like those of the scope. The same extraction has another
    precision where the trouble is rarer, and another sensitivity where people write otherwise. False alarms are
    likelier in long reviews: of reviews much shorter than the labelled ones the corrected reach is too low. What the
    labels leave out counts as a false alarm too. Nor is anything known of customers who write no review.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: least number of reviews of a theme, confidence level, replicates, seed.
        kinds: what is known of kinds, by `KINDS`.
        themes: what is known of themes, by theme_id.
        why: said of kinds of which nothing is known, instead of that no reviews were labelled.

    Returns:
        A table with the schema `CORRECTED`: kinds in the order of `KINDS`, then themes by falling reach.

    Raises:
        VocError: the scope, a kind or a theme is unknown, or counts cannot be.
    """
    index = facts.index
    known = _known(index, kinds or {}, themes or {}, config.confidence)
    base = population(index, select(facts, scope))
    total = int(base.sum())
    rows = []
    for subject in _subjects(index, base, config.min_reviews):
        row: dict[str, Any] = {"subject": subject.type, "id": subject.id, "name": subject.name}
        reach = [x[0] for x in wilson(len(subject.rows), total, config.confidence)]
        row.update(reviews=len(subject.rows), analysed=total, **_bounded("reach", reach))
        given = known.get((subject.type, subject.id))
        value = _corrected(subject, given, total, config.confidence, why)
        row.update(_bounded("corrected", value[:3]), reason=value[3], method="as extracted", **_quality(given))
        used = given if value[3] is None else None
        if used is not None:
            row["method"] = "labels" if isinstance(used, Labels) else "checks"
        seen = _seen(used) if used is not None else None
        row.update(corrected_impact(index, base, subject.rows, seen, config))
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=CORRECTED)


@dataclass(frozen=True)
class _Subject:
    type: str
    id: str
    name: str
    rows: Ints  # reviews of the base in which it was found


def _read_otherwise(facts: Facts, scope: Scope, version: str | None) -> str | None:
    """Say that other weights read some of the reviews counted, if so."""
    base = population(facts.index, select(facts, scope))
    row = pc.fill_null(pc.index_in(facts.readings["review_id"], value_set=facts.index.review_id), -1).to_numpy()
    others = pc.not_equal(facts.readings["model_version"], pa.scalar(version, pa.string()))
    # Where it is not known which weights were measured, all of them are others.
    other = int((pc.fill_null(others, True).to_numpy() & (row >= 0) & base[row]).sum()) if base.any() else 0
    if not other:
        return None
    return f"other weights than those that were measured ({version}) read {other:,} of {int(base.sum()):,} reviews"


def _known(
    index: Index,
    kinds: Mapping[str, Labels | Sequence[Labels]],
    themes: Mapping[str, Labels | Checks],
    confidence: float,
) -> dict[tuple[str, str], Labels | Checks]:
    known: dict[tuple[str, str], Labels | Checks] = {}
    for kind, labels in kinds.items():
        if kind not in KINDS:
            raise VocError(f"reach of {kind!r} cannot be corrected; labels are for {', '.join(KINDS)}.")
        known["kind", kind] = labels if isinstance(labels, Labels) else across(labels, confidence)
    for theme_id, counts in themes.items():
        if theme_id not in {t.id for t in index.themes}:
            raise VocError(f"there is no active pain theme {theme_id!r}; list them with `voc opportunities`.")
        known["theme", theme_id] = counts
    return known


def _subjects(index: Index, base: Mask, min_reviews: int) -> list[_Subject]:
    m, pairs = index.mentions, index.theme_pairs
    kinds = [_Subject("kind", k, f"reviews with {k}", np.unique(m.row[m.is_kind(k) & base[m.row]])) for k in KINDS]
    use = base[pairs.row]
    order = np.argsort(pairs.group[use], kind="stable")
    counts = pairs.counts(base)
    rows = np.split(pairs.row[use][order], np.cumsum(counts)[:-1]) if len(counts) else []
    themes = [
        _Subject("theme", theme.id, theme.name, rows[i])
        for i, theme in enumerate(index.themes)
        if counts[i] >= min_reviews
    ]
    return kinds + sorted(themes, key=lambda s: (-len(s.rows), s.id))


def _corrected(
    subject: _Subject, counts: Labels | Checks | None, total: int, confidence: float, why: str | None
) -> Corrected:
    if isinstance(counts, Checks):
        return from_checks(len(subject.rows), total, counts, confidence)
    if isinstance(counts, Labels):
        return from_labels(len(subject.rows), total, counts, confidence)
    if subject.type == "theme":
        return none_for(f"none of its reviews was checked, {_UNKNOWN}")
    return none_for(why or f"no reviews were labelled for {subject.id}, {_UNKNOWN}")


def _seen(counts: Labels | Checks) -> tuple[float, float]:
    """Return in how many of the reviews that have it, and that people read, it was found: (found, all)."""
    return (counts.found, counts.positives) if isinstance(counts, Labels) else (counts.caught, counts.belonging)


def _quality(counts: Labels | Checks | None) -> dict[str, float | None]:
    def ratio(part: float, whole: float) -> float | None:
        return part / whole if whole else None

    if isinstance(counts, Labels):
        quality = ratio(counts.found, counts.positives), ratio(counts.cleared, counts.negatives)
        return dict(zip(("sensitivity", "specificity"), quality, strict=True))
    if isinstance(counts, Checks):
        quality = ratio(counts.caught, counts.belonging), ratio(counts.right, counts.shown)
        return dict(zip(("sensitivity", "precision"), quality, strict=True))
    return {}


def _bounded(name: str, values: Sequence[float]) -> dict[str, float | None]:
    return {f"{name}{end}": number(v) for end, v in zip(("", "_low", "_high"), values, strict=True)}
