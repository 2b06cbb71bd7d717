"""Labels of several sorts of products, joined into what they say of yet another sort."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from voc.errors import VocError
from voc.insights.misreading import MIN_LABELLED, Labels

#: From so many sets on it can be seen how far sets differ.
MIN_SETS = 3


def across(labels: Sequence[Labels], confidence: float) -> Labels:
    """Join sets of labels about different sorts of products into what they say of yet another sort.

    Sensitivity and specificity differ from set to set by more than chance, and the reviews at hand are of none of
    these sets: adding the sets up would be overconfident. For each of the two qualities, with x_i the share in set i
    and v_i its binomial variance (half a review added to each side), the variance between sets tau^2 is that of Paule
    and Mandel (1982): the one with sum (x_i - mean)^2 / (tau^2 + v_i) = k - 1, or 0. The mean weighs sets by
    1 / (tau^2 + v_i), and the next set lies within

        mean +- t(k - 2) x sqrt(tau^2 + 1 / sum of weights)

    (Higgins, Thompson and Spiegelhalter 2009). Returned are as many reviews, with this mean, as would make
    an interval so wide: n with z^2 x mean (1 - mean) / (n + 1) = half width^2, never more than were labelled.

    One or two sets say nothing of how sets differ and are added up: they are taken to be like the reviews at hand. The
    two qualities are taken to differ independently of one another. The spread is that of the sorts of products that
    were labelled: it says less of a sort that is like none of them.

    Args:
        labels: one for each sort of product.
        confidence: level of the intervals that the result will be used for.

    Raises:
        VocError: there is no set.
    """
    if not labels:
        raise VocError("there are no labelled reviews; leave this kind out to have it as extracted.")
    found, cleared = sum(x.found for x in labels), sum(x.cleared for x in labels)
    positives, negatives = sum(x.positives for x in labels), sum(x.negatives for x in labels)
    if len(labels) < MIN_SETS or min(positives, negatives) < MIN_LABELLED:
        return Labels(positives, found, negatives, cleared)
    positives, found = _next([(x.found, x.positives) for x in labels], confidence)
    negatives, cleared = _next([(x.cleared, x.negatives) for x in labels], confidence)
    return Labels(positives, found, negatives, cleared, joined=True)


def _next(counts: list[tuple[float, float]], confidence: float) -> tuple[float, float]:
    """Return of how many reviews, and in how many of them, the share of the next set is as sure as if counted."""
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
