"""From the share in which something was found to the share in which it is, by what is known of how it is misread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from voc.errors import VocError
from voc.insights.intervals import wilson

#: At least so many reviews must have been labelled or checked on each side; below, the intervals do not hold.
MIN_LABELLED = 30
#: Sensitivity + specificity - 1 must lie above this even at its lower bound; below, small errors grow without limit.
MIN_TELLING = 0.25

#: A corrected share with its bounds, or three NaN and why there is none.
Corrected = tuple[float, float, float, str | None]


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
        return none_for(f"labels of {MIN_LABELLED} reviews with it and {MIN_LABELLED} without it are needed")
    if total < 1:
        return none_for("no review was read")
    sensitivity = one_share(labels.found, labels.positives, confidence)
    specificity = one_share(labels.cleared, labels.negatives, confidence)
    telling = sensitivity[0] + specificity[0] - 1
    if telling - np.hypot(sensitivity[0] - sensitivity[1], specificity[0] - specificity[1]) <= MIN_TELLING:
        return none_for("extraction tells reviews with it too badly from those without it")
    share = (count / total + specificity[0] - 1) / telling
    if share < 0:
        return none_for("it is found more seldom than false alarms alone would have it")
    if share > 1:
        return none_for("it is found more often than if every review had it")
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
        return none_for(
            f"{checks.shown:g} reviews under it and {checks.belonging:g} that belong there were checked; "
            f"{MIN_LABELLED} of each are needed"
        )
    if not count:
        return none_for("it was not found, so there is nothing to correct")
    if not checks.right or not checks.caught:
        return none_for("none of the checked reviews was read rightly")
    found = one_share(count, total, confidence)
    precision = one_share(checks.right, checks.shown, confidence)
    recall = one_share(checks.caught, checks.belonging, confidence)
    share = found[0] * precision[0] / recall[0]
    if share > 1:
        return none_for("it is found more often than if every review had it")
    down = np.linalg.norm(np.log([found[0] / found[1], precision[0] / precision[1], recall[2] / recall[0]]))
    up = np.linalg.norm(np.log([found[2] / found[0], precision[2] / precision[0], recall[0] / recall[1]]))
    return share, float(share * np.exp(-down)), min(float(share * np.exp(up)), 1.0), None


def one_share(part: float, whole: float, confidence: float) -> tuple[float, float, float]:
    """Return part / whole with its Wilson interval as plain floats; NaN where `whole` is 0."""
    value, low, high = wilson(part, whole, confidence)
    return float(value[0]), float(low[0]), float(high[0])


def none_for(reason: str) -> Corrected:
    """Return that there is no corrected share, and why."""
    return np.nan, np.nan, np.nan, reason


def _within(part: float, whole: float, name: str, of: str) -> None:
    if not 0 <= part <= whole:
        raise VocError(f"{part:g} {name} of {whole:g} {of} cannot be; give counts from 0 to the number of {of}.")
