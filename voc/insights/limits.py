"""The thresholds of CUSUM charts: how high a score goes by chance where nothing rises."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: False-alarm rates are stated for a stretch of so many periods (weeks: a year).
HORIZON = 52
#: A chart counts quarters of a review, up to `_TOP` reviews.
STEPS = 4
_TOP = 24
CELLS = _TOP * STEPS + 1
#: Points at which the unknown share in control is evaluated.
_NODES = 7
#: Probabilities below this are left out.
_NEGLIGIBLE = 1e-11
#: Correlation of the reviews of a period that is taken for none.
_INDEPENDENT = 1e-7
#: Charts whose distributions are moved at once, for speed.
_TOGETHER = 24


class Limits:
    """The distributions of charts' scores where nothing rises, and the thresholds that follow from them.

    The share of a chart is as uncertain as its history leaves it: its posterior distribution (Jeffreys prior) is held
    as `_NODES` shares and their weights, which move together as the history grows.
    """

    def __init__(self, size: int, rate: float) -> None:
        from scipy.special import ndtr

        nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        self.levels, self.weights = ndtr(nodes), weights / weights.sum()
        self.hazard = 1 - (1 - rate) ** (1 / HORIZON)
        self.rate = rate
        self.mass = np.zeros((size, _NODES, CELLS))
        self.unspent = np.zeros(size)
        self.limit = np.zeros(size, np.int64)
        self.restart(np.arange(size))

    def restart(self, which: Ints) -> None:
        """Begin anew for the charts `which`, with their scores at zero."""
        self.mass[which] = 0
        self.mass[which, :, 0] = self.weights
        self.unspent[which], self.limit[which] = 0, 0

    def step(self, which: Ints, count: Floats, total: Floats, alike: Floats, n: int, taken: Ints) -> Ints:
        """Move on by a period of n reviews and return the thresholds of the charts `which`, in steps.

        `count` and `total` are the charts' histories (as many independent reviews), `alike` how much the reviews of
        one period are alike (their correlation), `taken` the allowances in steps. A threshold is the lowest score
        that is exceeded with at most the probability that is left to spend, by charts that raised no alarm yet.
        """
        from scipy.special import betaincinv

        share = betaincinv(count[:, None] + 0.5, (total - count)[:, None] + 0.5, self.levels)
        # Charts with alike allowances are moved together: their counts spread over alike ranges.
        order = np.argsort(taken, kind="stable")
        for start in range(0, len(order), _TOGETHER):
            some = order[start : start + _TOGETHER]
            rows = which[some]
            used = int(self.limit[rows].max()) + 1  # cells above it hold nothing
            mass = _convolve(self.mass[rows, :, :used], share[some], alike[some], n, taken[some])
            marginal = mass.sum(axis=1)
            tail = np.zeros_like(marginal)  # probability of a score above each cell
            tail[:, :-1] = np.cumsum(marginal[:, :0:-1], axis=1)[:, ::-1]
            budget = self.hazard + self.unspent[rows]
            limit = np.argmax(tail <= budget[:, None], axis=1)
            spent = tail[np.arange(len(rows)), limit]
            mass *= (np.arange(CELLS) <= limit[:, None])[:, None] / (1 - spent)[:, None, None]
            self.mass[rows], self.limit[rows] = mass, limit
            self.unspent[rows] = np.minimum(budget - spent, self.rate)
        return self.limit[which]


def _convolve(mass: Floats, share: Floats, alike: Floats, n: int, taken: Ints) -> Floats:
    """Add beta-binomial counts to the scores and take the allowances off; the top cell holds what passes it.

    `mass` may leave out empty cells at the top; the result has all of them.
    """
    from scipy.special import betaln, gammaln

    used = mass.shape[2]
    first = np.maximum((taken - used) // STEPS, 0)  # fewer reviews than this bring every score to zero
    x = first[:, None] + np.arange((CELLS + used) // STEPS + 2)
    left = np.maximum(n - x, 0)
    ways = gammaln(n + 1) - gammaln(x + 1) - gammaln(left + 1)
    size = 1 / np.maximum(alike, _INDEPENDENT)[:, None] - 1
    p, q = share * size, (1 - share) * size
    within = betaln(x[:, None] + p[:, :, None], left[:, None] + q[:, :, None]) - betaln(p, q)[:, :, None]
    chance = np.where((x <= n)[:, None], np.exp(ways[:, None] + within), 0)
    some = np.flatnonzero((chance > _NEGLIGIBLE).any(axis=(0, 1)))
    last = int(some[-1]) if len(some) else 0
    shift = taken - first * STEPS
    wide = np.zeros((*mass.shape[:2], max(used + last * STEPS, int(shift.max()) + CELLS)))
    for j in range(last + 1):
        wide[:, :, j * STEPS : j * STEPS + used] += chance[:, :, j, None] * mass
    moved = np.empty((*mass.shape[:2], CELLS))
    for row, by in enumerate(shift.tolist()):
        moved[row] = wide[row, :, by : by + CELLS]
        moved[row, :, -1] += wide[row, :, by + CELLS :].sum(axis=1)
    whole = mass.sum(axis=2)
    # Counts beyond those added: above them, unless the charts' own allowances are.
    beyond = np.maximum(1 - chance[:, :, : last + 1].sum(axis=2), 0)
    moved[:, :, -1] += np.where((first == 0)[:, None] | (n * share > first[:, None] + last), beyond, 0) * whole
    moved[:, :, 0] = np.maximum(whole - moved[:, :, 1:].sum(axis=2), 0)
    return moved
