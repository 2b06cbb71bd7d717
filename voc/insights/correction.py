"""Reach corrected for imperfect extraction, with the uncertainty of how imperfect it is; or "as extracted", and why.

Extraction misses some reviews and takes others wrongly, so that the share it finds is not the share there is. How
often it does either is known only from reviews that people read. What has been read so far decides what can be
corrected:

- A kind of opinion ("the review has a pain"): from texts labelled by hand, `voc evaluate` counts of how many with and
  without a complaint extraction says so. `read_labels` takes such counts from a metrics file. The count must be of the
  very thing that is corrected, a pain among the mentions: the "complaint" figure of the model card is that of another
  reading of the same text, which is stricter.
- A theme: no labelled text says which theme it belongs to. Only people who check can tell: how many of the reviews
  shown under the theme are rightly there, and how many that belong there are shown (`Checks`). Single corrections that
  people make in passing are no such check: they mend what caught the eye, and nobody counts what was right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights.facts import Facts
from voc.insights.impact import Draws, Sample, bca_interval, bootstrap, star_impact
from voc.insights.index import Index, Ints, Mask
from voc.insights.intervals import wilson
from voc.insights.ranking import number
from voc.insights.scope import Scope, population, select

#: At least so many reviews must have been labelled or checked on each side; below, the intervals do not hold.
MIN_LABELLED = 30
#: Sensitivity + specificity - 1 must lie above this even at its lower bound; below, small errors grow without limit.
MIN_TELLING = 0.25

#: The kinds whose reach can be corrected beside that of themes.
KINDS = ("pain", "praise", "wish")

#: Columns of `corrected_reach`; "as extracted" means that the corrected columns are null.
CORRECTED = pa.schema(
    [
        pa.field("subject", pa.string(), nullable=False),  # "kind" or "theme"
        pa.field("id", pa.string(), nullable=False),  # pain, praise, wish, or a theme_id
        pa.field("name", pa.string(), nullable=False),
        pa.field("reviews", pa.int64(), nullable=False),  # reviews in which it was found
        pa.field("analysed", pa.int64(), nullable=False),  # reviews counted, see `population`
        pa.field("reach", pa.float64()),  # as extracted; null without analysed reviews
        pa.field("reach_low", pa.float64()),
        pa.field("reach_high", pa.float64()),
        pa.field("corrected", pa.float64()),  # reach there would be with perfect extraction
        pa.field("corrected_low", pa.float64()),
        pa.field("corrected_high", pa.float64()),
        pa.field("star_impact", pa.float64()),  # as extracted; null where there is nothing to compare
        pa.field("corrected_impact", pa.float64()),  # in stars
        pa.field("corrected_impact_low", pa.float64()),
        pa.field("corrected_impact_high", pa.float64()),
        pa.field("sensitivity", pa.float64()),  # of the reviews where it is, the share in which it is found
        pa.field("specificity", pa.float64()),  # of those where it is not, the share in which it is not found
        pa.field("precision", pa.float64()),  # of those where it is found, the share in which it is
        pa.field("method", pa.string(), nullable=False),  # "labels", "checks" or "as extracted"
        pa.field("reason", pa.string()),  # in plain words: why it is as extracted
    ]
)


@dataclass(frozen=True)
class Labels:
    """Reviews labelled by hand, whatever extraction said of them, and what it said. Numbers need not be whole."""

    positives: float  # it is there
    found: float  # of these, extraction found it
    negatives: float  # it is not there
    cleared: float  # of these, extraction did not find it
    joined: bool = False  # made by `across`: the counts say how sure the shares are, not how many were read

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        _within(self.found, self.positives, "found", "positives")
        _within(self.cleared, self.negatives, "cleared", "negatives")


@dataclass(frozen=True)
class Checks:
    """What people said of a random sample of a theme's reviews, and of a sample of reviews known to belong to it."""

    shown: float  # reviews under the theme that were checked
    right: float  # of these, rightly there
    belonging: float = 0  # reviews that belong to the theme, come by without extraction, as by reading some at random
    caught: float = 0  # of these, under the theme

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        _within(self.right, self.shown, "right", "shown")
        _within(self.caught, self.belonging, "caught", "belonging")


#: A corrected share with its bounds, or three NaN and why there is none.
Corrected = tuple[float, float, float, str | None]


def corrected_reach(
    facts: Facts,
    scope: Scope,
    *,
    config: InsightsConfig,
    kinds: Mapping[str, Labels | Sequence[Labels]] | None = None,
    themes: Mapping[str, Labels | Checks] | None = None,
) -> pa.Table:
    """Correct the reach of each kind and each ranked theme for what extraction misses and mistakes.

    With `Labels` by Rogan and Gladen (`from_labels`), with `Checks` by precision and recall (`from_checks`). Several
    sets of labels for a kind are taken as texts about several sorts of products (`across`). Where nothing is known,
    too little, or the correction leads to no share between 0 and 1, the row says "as extracted" and why.

    The star impact is corrected beside it: if a misreading does not depend on the stars, then with q the share found
    and s the sensitivity it is the impact as extracted times (1 - q) / (s - q); specificity cancels. This follows from
    the covariance of stars and indicator, which misreading shrinks by sensitivity + specificity - 1. Its interval
    draws s from its Jeffreys posterior beside the headline's bootstrap.

    What it does not mean: the labelled reviews must be like those of the scope. The same extraction has another
    precision where the trouble is rarer, and another sensitivity where people write otherwise; nor is anything known
    of customers who write no review.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: least number of reviews of a theme, confidence level, replicates, seed.
        kinds: what is known of kinds, by `KINDS`; `read_labels` takes it from the figures of the shipped model.
        themes: what is known of themes, by theme_id.

    Returns:
        A table with the schema `CORRECTED`: kinds in the order of `KINDS`, then themes by falling reach.

    Raises:
        VocError: the scope, a kind or a theme is unknown, or counts cannot be.
    """
    index = facts.index
    known: dict[tuple[str, str], Labels | Checks] = {}
    for kind, labels in (kinds or {}).items():
        if kind not in KINDS:
            raise VocError(f"reach of {kind!r} cannot be corrected; labels are for {', '.join(KINDS)}.")
        known["kind", kind] = labels if isinstance(labels, Labels) else across(labels, config.confidence)
    for theme_id, counts in (themes or {}).items():
        if theme_id not in {t.id for t in index.themes}:
            raise VocError(f"there is no active pain theme {theme_id!r}; list them with `voc opportunities`.")
        known["theme", theme_id] = counts
    base = population(index, select(facts, scope))
    subjects = _subjects(index, base, config.min_reviews)
    total = int(base.sum())
    rows = []
    for subject in subjects:
        row: dict[str, Any] = {"subject": subject.type, "id": subject.id, "name": subject.name}
        reach = [x[0] for x in wilson(len(subject.rows), total, config.confidence)]
        row.update(reviews=len(subject.rows), analysed=total, **_bounded("reach", reach))
        given = known.get((subject.type, subject.id))
        value = _corrected(subject, given, total, config.confidence)
        row.update(_bounded("corrected", value[:3]), reason=value[3], method="as extracted", **_quality(given))
        if value[3] is None:
            row["method"] = "labels" if isinstance(given, Labels) else "checks"
        row.update(_impact(index, base, subject, given if value[3] is None else None, config))
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=CORRECTED)


def from_labels(count: float, total: float, labels: Labels, confidence: float) -> Corrected:
    """Return the share with perfect reading by Rogan and Gladen (1978) with the interval of Lang and Reiczigel (2014).

    The share is (q + specificity - 1) / (sensitivity + specificity - 1) with q = count / total. The interval adds the
    uncertainty of both qualities: Wald's around a shifted centre, with z^2 / 2 added to the count and to the rest (as
    Agresti and Coull do) and 1 to each side of the labelled ones. It is kept within 0 and 1.

    Returns:
        The share, its bounds and None; or three NaN and a plain reason.
    """
    from scipy.stats import norm

    if not labels.joined and min(labels.positives, labels.negatives) < MIN_LABELLED:
        return _none(f"labels of {MIN_LABELLED} reviews with it and {MIN_LABELLED} without it are needed")
    if total < 1:
        return _none("no review was read")
    sensitivity = _share(labels.found, labels.positives, confidence)
    specificity = _share(labels.cleared, labels.negatives, confidence)
    telling = sensitivity[0] + specificity[0] - 1
    if telling - np.hypot(sensitivity[0] - sensitivity[1], specificity[0] - specificity[1]) <= MIN_TELLING:
        return _none("extraction tells reviews with it too badly from those without it")
    share = (count / total + specificity[0] - 1) / telling
    if share < 0:
        return _none("it is found more seldom than false alarms alone would have it")
    if share > 1:
        return _none("it is found more often than if every review had it")
    z = float(norm.ppf((1 + confidence) / 2))
    n, m, k = total + z**2, labels.positives + 2, labels.negatives + 2
    q, se, sp = (count + z**2 / 2) / n, (labels.found + 1) / m, (labels.cleared + 1) / k
    p = (q + sp - 1) / (se + sp - 1)
    se_variance, sp_variance = se * (1 - se) / m, sp * (1 - sp) / k
    centre = p + 2 * z**2 * (p * se_variance - (1 - p) * sp_variance)
    variance = q * (1 - q) / n + p**2 * se_variance + (1 - p) ** 2 * sp_variance
    half = z * np.sqrt(variance) / (se + sp - 1)
    return share, max(min(centre - half, share), 0.0), min(max(centre + half, share), 1.0), None


def from_checks(count: float, total: float, checks: Checks, confidence: float) -> Corrected:
    """Return the share with perfect reading as share found x precision / recall, with its interval.

    The bounds join the Wilson intervals of the three shares on the scale of logarithms (MOVER: Zou and Donner 2008).

    Returns:
        As `from_labels`.
    """
    if min(checks.shown, checks.belonging) < MIN_LABELLED:
        return _none(
            f"{checks.shown:g} reviews under it and {checks.belonging:g} that belong there were checked; "
            f"{MIN_LABELLED} of each are needed"
        )
    if not count:
        return _none("it was not found, so there is nothing to correct")
    if not checks.right or not checks.caught:
        return _none("none of the checked reviews was read rightly")
    found = _share(count, total, confidence)
    precision = _share(checks.right, checks.shown, confidence)
    recall = _share(checks.caught, checks.belonging, confidence)
    share = found[0] * precision[0] / recall[0]
    if share > 1:
        return _none("it is found more often than if every review had it")
    down = np.linalg.norm(np.log([found[0] / found[1], precision[0] / precision[1], recall[2] / recall[0]]))
    up = np.linalg.norm(np.log([found[2] / found[0], precision[2] / precision[0], recall[0] / recall[1]]))
    return share, float(share * np.exp(-down)), min(float(share * np.exp(up)), 1.0), None


def across(labels: Sequence[Labels], confidence: float) -> Labels:
    """Join sets of labels about different sorts of products into what they say of yet another sort.

    Sensitivity and specificity differ from set to set by more than chance. For the next set they are the mean of all
    (random effects, variance between sets by Paule and Mandel 1982) with the prediction interval of Higgins, Thompson
    and Spiegelhalter (2009, section 4.1); returned are as many reviews as would make an interval so wide. One or two
    sets say nothing of how sets differ and are added up: they are taken to be like the reviews at hand.

    Raises:
        VocError: there is no set.
    """
    if not labels:
        raise VocError("there are no labelled reviews; leave this kind out to have it as extracted.")
    found, cleared = sum(x.found for x in labels), sum(x.cleared for x in labels)
    positives, negatives = sum(x.positives for x in labels), sum(x.negatives for x in labels)
    if len(labels) < 3 or min(positives, negatives) < MIN_LABELLED:
        return Labels(positives, found, negatives, cleared)
    positives, found = _next([(x.found, x.positives) for x in labels], confidence)
    negatives, cleared = _next([(x.cleared, x.negatives) for x in labels], confidence)
    return Labels(positives, found, negatives, cleared, joined=True)


def _next(counts: list[tuple[float, float]], confidence: float) -> tuple[float, float]:
    from scipy.stats import norm, t
    from statsmodels.stats.meta_analysis import combine_effects

    part, whole = np.array([c for c in counts if c[1] > 0], float).T
    if len(part) < 2:
        return float(whole.sum()), float(part.sum())
    share = (part + 0.5) / (whole + 1)
    noise = share * (1 - share) / (whole + 1)
    with np.errstate(divide="ignore"):  # of a ratio beside it that is not used, where the sets agree
        between = max(float(combine_effects(share, noise, method_re="iterated").tau2), 0.0)
    weight = 1 / (between + noise)
    mean = float(np.average(share, weights=weight))
    wider = t.ppf((1 + confidence) / 2, max(len(share) - 2, 1)) / norm.ppf((1 + confidence) / 2)
    variance = (between + 1 / weight.sum()) * float(wider) ** 2
    size = min(max(mean * (1 - mean) / variance - 1, 1.0), float(whole.sum()))
    return size, mean * size


def read_labels(metrics: Path) -> dict[str, list[Labels]]:
    """Take what `voc evaluate` counted of whole reviews from a metrics file, as `kinds` of `corrected_reach`.

    Read are the counts `pain_mention`, `praise_mention` and `wish_mention` (gold, predicted and correct reviews) of
    each file that is annotated in the style "review"; a figure of the model that is not of mentions is not used.

    Returns:
        For each kind that was counted, one `Labels` per file in the order of their names; {} where there is none.

    Raises:
        VocError: the file is missing or no JSON.
    """
    try:
        tasks = json.loads(metrics.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise VocError(f"{metrics}: these figures cannot be read ({error}); write them with `voc evaluate`.") from None
    labels: dict[str, dict[str, Labels]] = {}
    for task in tasks.values():
        for name, file in task.get("files", {}).items():
            for kind in KINDS:
                counts = file.get("counts", {}).get(f"{kind}_mention")
                if counts is None or file.get("style") != "review":
                    continue
                negatives = file["texts"] - counts["gold"]
                cleared = negatives - (counts["predicted"] - counts["correct"])
                labels.setdefault(kind, {})[name] = Labels(counts["gold"], counts["correct"], negatives, cleared)
    return {kind: [files[name] for name in sorted(files)] for kind, files in sorted(labels.items())}


@dataclass(frozen=True)
class _Subject:
    type: str
    id: str
    name: str
    rows: Ints  # reviews of the base in which it was found


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


def _corrected(subject: _Subject, counts: Labels | Checks | None, total: int, confidence: float) -> Corrected:
    if counts is None:
        what = "reviews were labelled" if subject.type == "kind" else "of its reviews were checked"
        return _none(f"no {what}, so it is not known what extraction misses and mistakes")
    if isinstance(counts, Checks):
        return from_checks(len(subject.rows), total, counts, confidence)
    return from_labels(len(subject.rows), total, counts, confidence)


def _impact(
    index: Index, base: Mask, subject: _Subject, counts: Labels | Checks | None, config: InsightsConfig
) -> dict[str, float | None]:
    """Return the star impact as extracted and, with counts, corrected (see `corrected_reach`)."""
    rated = base & ~np.isnan(index.stars)
    rows = (np.cumsum(rated) - 1)[subject.rows[rated[subject.rows]]]
    stars = index.stars[rated]
    sample = Sample(stars, index.product.codes[rated], rows, np.zeros(len(rows), np.int64), 1)
    if not 0 < len(rows) < len(stars):
        return {}
    impact = star_impact(sample).impact
    result: dict[str, float | None] = {"star_impact": float(impact[0])}
    if counts is None:
        return result
    seen = (counts.found, counts.positives) if isinstance(counts, Labels) else (counts.caught, counts.belonging)
    share, (sensitivity, low, _) = len(rows) / len(stars), _share(*seen, config.confidence)
    if low - share <= MIN_TELLING:
        return result
    draws = bootstrap(sample, replicates=config.bootstrap, seed=config.seed)
    rng = np.random.default_rng(config.seed + 1)
    drawn = rng.beta(seen[0] + 0.5, seen[1] - seen[0] + 0.5, size=(len(draws.values), 1))
    scaled = draws.values * (1 - share) / np.maximum(drawn - share, 0.01)
    value = impact * (1 - share) / (sensitivity - share)
    bounds = bca_interval(value, Draws(scaled, draws.skew, draws.by_product), config.confidence)
    return result | _bounded("corrected_impact", [value[0], bounds[0][0], bounds[1][0]])


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


def _share(part: float, whole: float, confidence: float) -> tuple[float, float, float]:
    value, low, high = wilson(part, whole, confidence)
    return float(value[0]), float(low[0]), float(high[0])


def _none(reason: str) -> Corrected:
    return np.nan, np.nan, np.nan, reason


def _bounded(name: str, values: Sequence[float]) -> dict[str, float | None]:
    return {f"{name}{end}": number(v) for end, v in zip(("", "_low", "_high"), values, strict=True)}


def _within(part: float, whole: float, name: str, of: str) -> None:
    if not 0 <= part <= whole:
        raise VocError(f"{part:g} {name} of {whole:g} {of} cannot be; give counts from 0 to the number of {of}.")
