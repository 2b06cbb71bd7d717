"""A chart of small shares over time that says when one of them rose: a CUSUM with its own false-alarm rate.

Each chart adds up reviews that mention a theme, less the number that its history allows. It never falls below zero;
where it passes its threshold, the share has risen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from voc.insights.limits import CELLS, HORIZON, STEPS, Limits

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: A rise ends when its likelihood ratio against the level before has grown by this factor: taking both levels as
#: known, a rise that goes on is called ended less than once in so many periods (Lorden 1971).
ENDED = 20.0 * HORIZON
#: A chart's own variation from period to period is believed half from so many periods on.
_OWN = 50.0


@dataclass(frozen=True)
class Watch:
    """What the charts show after the last period; arrays of shape (charts,), periods as positions from 0, -1: none."""

    watched: Mask  # there was enough history for the last period
    score: Floats  # reviews above the allowance, now
    threshold: Floats  # an alarm is raised above it; NaN where no alarm was possible yet
    history_count: Ints  # what the chart's last allowance rests on
    history_total: Ints
    fired: Ints  # the period of the last alarm
    since: Ints  # first period of the rise, by the chart: the one after it last stood at zero
    ended: Ints  # first period after the rise
    alarm_score: Floats
    alarm_threshold: Floats
    before_count: Ints  # the history when the alarm was raised
    before_total: Ints
    alarms: Ints  # how many


def allowance(count: Floats, total: Floats) -> Floats:
    """Return how many reviews with the theme each review allows, shape as given; a doubling exceeds it, p does not.

    The log-likelihood ratio of doubled odds against the share p is log 2 for each review that mentions the theme,
    less n log(1 + p) (Steiner, Cook, Farewell and Treasure 2000, odds ratio 2). Divided by log 2 it counts reviews. For
    small shares doubled odds are a doubled share. p is (count + 1/2) / (total + 1).
    """
    return np.asarray(np.log2(1 + (count + 0.5) / (total + 1)))


def watch(
    counts: Ints,
    totals: Ints,
    rate: float,
    *,
    history: tuple[Ints, Ints] | None = None,
    min_periods: int = 8,
    min_reviews: int = 100,
) -> Watch:
    """Follow shares period by period and say which rose beyond their own history.

    - The chart: S = max(0, S + x - n * allowance) for periods with n reviews of which x mention the theme, a binomial
      CUSUM: that of Reynolds and Stoumbos (1999), which counts review by review, taken a period at a time.
    - The history of a period: all periods but the last `min_periods` (what was given as `history` counts from the
      start), so that a rise is measured against what was before it. A rise that takes longer than that to be noticed
      begins to enter the history, which makes the chart slower, not less sure.
    - The threshold is set anew each period, so that P(alarm now | none so far) is constant and adds up to `rate`
      over `HORIZON` periods, whatever the numbers of reviews are (dynamic probability control limits, Zhang and
      Woodall 2015). What the discreteness of counts leaves of it is kept for later periods.
    - The distribution of S without a rise is a Markov chain on quarters of a review (Brook and Evans 1972), evaluated
      at shares spread over the posterior distribution that the history leaves (Jeffreys prior, Gauss-Hermite nodes):
      a short history gives a higher threshold.
    - Where shares vary from period to period by more than chance, so do the counts of that chain: they are
      beta-binomial, with the correlation of a period's reviews that the histories show (`_alike`).
    - After an alarm the periods of the rise become the history: the same rise is not reported twice, a further rise
      above the new level is. A mirrored chart (before against since) says when the rise has ended; then the history
      before it counts again.

    A period's result depends on that period and those before it only, so that later ones do not rewrite it.

    Args:
        counts: reviews that mention the theme, shape (periods, charts).
        totals: reviews of each period, shape (periods,).
        rate: probability of a false alarm of one chart within `HORIZON` periods.
        history: counts, shape (earlier periods, charts), and reviews, shape (earlier periods,), before the first one.
        min_periods: a chart watches from so many periods of history on, which later trails it by as many; at least 1.
        min_reviews: and from so many reviews of history on.
    """
    charts = _Charts(counts.shape[1], rate, min_periods, min_reviews, history)
    for period, total in enumerate(totals.tolist()):
        if total:
            charts.step(period, counts[period].astype(np.float64), total)
    return charts.result()


class _Charts:
    """The state of all charts after the periods seen so far; the names are those of `Watch`."""

    def __init__(
        self, size: int, rate: float, min_periods: int, min_reviews: int, history: tuple[Ints, Ints] | None
    ) -> None:
        self.min_periods, self.min_reviews = min_periods, min_reviews
        # Each of these holds sums over periods: counts, reviews, periods, squared counts per review.
        self.history, self.open, self.before, self.after = np.zeros((4, size, 4))
        for count, total in zip(*(history or ([], [])), strict=True):
            self.history += _sums(count, total)
        self.recent = np.zeros((min_periods, size, 4))  # the last watched periods, no part of the history yet
        self.score, self.rest, self.decline = np.zeros(size), np.zeros(size), np.zeros(size)
        self.watched, self.raised = np.zeros(size, bool), np.zeros(size, bool)
        self.threshold, self.alarm_score, self.alarm_threshold = (np.full(size, np.nan) for _ in range(3))
        self.start, self.after_start = np.full(size, -1), np.full(size, -1)
        self.fired, self.since, self.ended = (np.full(size, -1) for _ in range(3))
        self.alarms = np.zeros(size, np.int64)
        self.alarm_before = np.zeros((size, 4))
        self.limits = Limits(size, rate)

    def step(self, period: int, x: Floats, n: int) -> None:
        """Take in a period of n reviews, of which x mention each theme."""
        now = _sums(x, n)
        self.watched = (self.history[:, 2] >= self.min_periods) & (self.history[:, 1] >= self.min_reviews)
        self.history[~self.watched] += now[~self.watched]
        active = np.flatnonzero(self.watched)
        self._end_rises(period, now)
        if not len(active):
            return
        count, total = self.history[active, 0], self.history[active, 1]
        wanted = STEPS * n * allowance(count, total) + self.rest[active]
        taken = np.rint(wanted).astype(np.int64)
        self.rest[active] = wanted - taken  # made up for in the next period
        alike, factor = _alike(self.history[active])
        limit = self.limits.step(active, count / factor, total / factor, alike, n, taken)
        self.threshold[active] = np.where(limit < CELLS - 1, limit / STEPS, np.nan)

        starting = active[self.score[active] == 0]
        self.start[starting] = period
        self.score[active] = np.maximum(self.score[active] + x[active] - taken / STEPS, 0)
        self.open[starting] = 0
        self.open[active] += now[active]
        slot = period % self.min_periods
        self.history[active] += self.recent[slot, active]
        self.recent[slot, active] = now[active]
        self._raise(period, active[self.score[active] > self.threshold[active]])

    def _raise(self, period: int, which: Ints) -> None:
        self.fired[which], self.since[which], self.ended[which] = period, self.start[which], -1
        self.alarm_score[which], self.alarm_threshold[which] = self.score[which], self.threshold[which]
        self.alarms[which] += 1
        self.raised[which] = True
        before = self.history[which] + self.recent[:, which].sum(axis=0) - self.open[which]
        self.before[which] = self.alarm_before[which] = before
        self.history[which] = self.open[which]
        self.recent[:, which] = 0
        self.after[which], self.decline[which] = 0, 0
        self._restart(which)

    def _end_rises(self, period: int, now: Floats) -> None:
        """Watch raised shares for their return to the level before (the rise's own level is the history)."""
        rows = np.flatnonzero(self.raised)
        p, q = ((a[rows, 0] + 0.5) / (a[rows, 1] + 1) for a in (self.before, self.history))
        p = np.minimum(p, q)
        x, n = now[rows, 0], now[rows, 1]
        fresh = rows[self.decline[rows] == 0]
        self.after_start[fresh], self.after[fresh] = period, 0
        self.decline[rows] = np.maximum(self.decline[rows] + x * np.log(p / q) + (n - x) * np.log((1 - p) / (1 - q)), 0)
        self.after[rows] += now[rows]
        over = rows[self.decline[rows] > np.log(ENDED)]
        self.ended[over] = self.after_start[over]
        self.raised[over] = False
        self.history[over] = self.before[over] + self.after[over]
        self.recent[:, over] = 0
        self._restart(over)

    def _restart(self, which: Ints) -> None:
        self.open[which], self.score[which], self.rest[which], self.threshold[which] = 0, 0, 0, np.nan
        self.limits.restart(which)

    def result(self) -> Watch:
        whole = {
            "history_count": self.history[:, 0],
            "history_total": self.history[:, 1],
            "before_count": self.alarm_before[:, 0],
            "before_total": self.alarm_before[:, 1],
        }
        return Watch(
            watched=self.watched,
            score=self.score,
            threshold=self.threshold,
            fired=self.fired,
            since=self.since,
            ended=self.ended,
            alarm_score=self.alarm_score,
            alarm_threshold=self.alarm_threshold,
            alarms=self.alarms,
            **{name: values.astype(np.int64) for name, values in whole.items()},
        )


def _sums(count: Ints | Floats, total: int) -> Floats:
    """Return a period as a row for each chart: its count, reviews, 1 (0 without reviews) and squared count a review."""
    n = float(total)
    one = np.ones(len(count))
    return np.stack([count * one, n * one, (n > 0) * one, count**2 / max(n, 1.0)], axis=1)


def _alike(history: Floats) -> tuple[Floats, Floats]:
    """Return the correlation of the reviews of one period, and the factor by which it raises the counts' variance.

    The factor is Pearson's chi-square over its degrees of freedom (Williams 1982), mixed with what all charts together
    say: that a share varies by so many per cent of itself, which makes common themes burst more. A chart's own weighs
    as much as `_OWN` of its periods say; fewer for rare themes, whose chi-square varies more. Never below 1.
    """
    count, total, periods, squares = history.T
    freedom = np.maximum(periods - 1, 0)
    share = (count + 0.5) / (total + 1)
    usual = np.maximum(total / np.maximum(periods, 1), 2)  # reviews of a period
    spread = np.maximum(squares - count**2 / np.maximum(total, 1), 0)
    binomial = share * (1 - share)
    relative = (spread - freedom * binomial).sum() / max(float((share**2 * usual * freedom).sum()), 1e-9)
    common = 1 + max(relative, 0.0) * usual * share / (1 - share)
    weight = freedom * 2 * usual * share / (1 + 2 * usual * share)
    own = np.where(freedom > 0, spread / np.maximum(freedom, 1) / binomial, common)
    factor = np.maximum((weight * own + _OWN * common) / (weight + _OWN), 1)
    return np.minimum((factor - 1) / (usual - 1), 0.5), factor
