"""Uncertain estimates drawn towards the mean of all, so that the list is not led by chance."""

from __future__ import annotations

import numpy as np

from voc.insights.arrays import Floats


def shrink(estimate: Floats, standard_error: Floats) -> Floats:
    """Return empirical-Bayes values: uncertain estimates move towards the mean of all, certain ones stay.

    Normal-normal model: an estimate is its true value plus noise of its standard error; true values spread normally
    around a mean, with the variance of Paule and Mandel (1982) as statsmodels computes it. The weight of an estimate
    is variance / (variance + standard_error^2). Below three estimates there is no spread to learn from, and they are
    returned as they are.

    Args:
        estimate: shape (size,).
        standard_error: shape (size,).
    """
    from statsmodels.stats.meta_analysis import combine_effects

    if len(estimate) < 3 or np.ptp(estimate) < 1e-9 or not (standard_error > 0).any():
        return estimate.copy()
    # Solved on the scale of the estimates themselves, with no error quite zero: the solver's tolerance is absolute.
    unit = float(np.ptp(estimate))
    noise = np.maximum(standard_error, 1e-4 * unit) ** 2
    with np.errstate(divide="ignore"):  # of a ratio beside it that is not used, where the certain estimates agree
        fit = combine_effects(estimate / unit, noise / unit**2, method_re="iterated")
    between = max(float(fit.tau2), 0.0) * unit**2
    centre = float(np.average(estimate, weights=1 / (between + noise)))
    return np.asarray(centre + between / (between + noise) * (estimate - centre))
