"""What rose beyond its own history: alerts after each new export, with the rate of false ones stated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights.cusum import Watch, watch
from voc.insights.facts import Facts
from voc.insights.index import Index, Ints, Mask, Named
from voc.insights.intervals import wilson
from voc.insights.limits import HORIZON
from voc.insights.parting import aligned
from voc.insights.ranking import number
from voc.insights.scope import Scope, population, select
from voc.tables.changes import ALERTS

#: Probability that a theme whose share does not change raises an alert within `HORIZON` periods, at most.
THEME_RATE = 0.01
#: Probability that any theme of a scope in which nothing changes does, at most.
WORKSPACE_RATE = 0.20
#: A theme is watched from so many weeks, or imports where there are no dates, and so many reviews of history on.
MIN_WEEKS, MIN_IMPORTS, MIN_REVIEWS = 8, 2, 100
#: An alert is new while the latest import reaches into the week it was raised in, for at most so many weeks.
NEW_PERIODS = 4
#: Weeks before the charts begin that count as history.
_PAST = 2 * HORIZON


_LEVELS = ["new", "ongoing", "over", "quiet", "unknown"]


@dataclass(frozen=True)
class _Periods:
    """The periods of the counted reviews; `of` is -1 for reviews outside, `number` counts from a fixed origin."""

    unit: Literal["week", "import"]
    of: Ints  # (n_reviews,), positions from 0
    first: int  # number of the first period
    days: list[dt.date]
    latest: int  # first period that the latest import reaches into

    @property
    def size(self) -> int:
        return len(self.days)


def alerts(
    facts: Facts, scope: Scope, *, config: InsightsConfig, of: Literal["themes", "areas"] = "themes"
) -> pa.Table:
    """Say which themes rose beyond their own history, and since when.

    Each theme's share of the analysed reviews is followed week by week (import by import where fewer than half of the
    reviews are dated) by a CUSUM tuned to a doubling; `voc.insights.cusum` has the method and its sources. Thresholds
    are such that a theme that does not change raises an alert within 52 periods with probability `theme_rate`: at
    most `THEME_RATE`, and so small that the scope as a whole stays below `WORKSPACE_RATE` (Sidak 1967).

    The charts begin at a fixed place of the calendar, 52 to 103 weeks before the last one, so that the next export
    continues them; up to 104 weeks before that are history. An alert is raised once for a rise: from then on the
    raised level is the theme's history, and only a further rise above it raises another. Its level is

    - `new`: raised in a week that the latest import reaches into, at most `NEW_PERIODS` weeks ago;
    - `ongoing`: raised earlier, within 52 periods; after that the raised level is what the theme's normal is;
    - `over`: raised within 52 periods, and the share has since returned to the level before;
    - `quiet`: no alert. `unknown`: the history is too short; `reason` says how short.

    A theme that no review of its history mentions is watched like any other: the history then says how rare it was.
    A theme that was formed after the rise began was found by the very reviews that raise it, so that its alert
    describes and does not test; `new_theme` and `reason` say so.

    The reach since the change point is that of a stretch chosen for being high: it runs a little large, most of all
    just after the alert. How much shares vary from week to week by more than chance is learnt from their histories;
    a theme with a season, or a change of the products or markets under view, still raises more alerts than the rates
    say. A rise says nothing of its cause.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: confidence level of the intervals (Wilson).
        of: `themes` (active pain themes), or `areas` by the reviews with a judgement about them.

    Returns:
        A table with the schema `ALERTS`: one row for each theme or area that any counted review mentions; new alerts
        first, then by how far the chart stands above its threshold, then by id.

    Raises:
        VocError: the scope names something the data lacks, or `of` is neither.
    """
    if of not in ("themes", "areas"):
        raise VocError(f"alerts are of themes or areas, not of {of!r}; name one of the two.")
    index = facts.index
    base = population(index, select(facts, scope))
    named, row, group = _mentioned(index, of)
    use = base[row]
    groups = np.flatnonzero(np.bincount(group[use], minlength=len(named)))
    if not len(groups):
        return ALERTS.empty_table()
    rate = min(THEME_RATE, 1 - (1 - WORKSPACE_RATE) ** (1 / len(groups)))
    periods = _periods(facts, base)
    use &= periods.of[row] >= 0
    counts = np.bincount(periods.of[row[use]] * len(named) + group[use], minlength=periods.size * len(named))
    counts = counts.reshape(periods.size, len(named))[:, groups]
    totals = np.bincount(periods.of[periods.of >= 0], minlength=periods.size)
    rows = _rows(counts, totals, periods, rate, config)
    late = _formed_late(facts) if of == "themes" else {}
    for entry, at in zip(rows, groups.tolist(), strict=True):
        id_ = named[at].id
        entry.update(theme_id=id_ if of == "themes" else None, area_id=id_ if of == "areas" else None)
        entry["name"] = named[at].name
        _mark_new(entry, late.get(id_))
    rows.sort(key=lambda r: (_LEVELS.index(r["level"]), -_excess(r), r["theme_id"] or r["area_id"]))
    return pa.Table.from_pylist(rows, schema=ALERTS)


def _mentioned(index: Index, of: str) -> tuple[Sequence[Named], Ints, Ints]:
    """Return the groups and which reviews mention which, as rows and groups, one entry for each pair."""
    if of == "themes":
        return index.themes, index.theme_pairs.row, index.theme_pairs.group
    m = index.mentions
    use = m.is_kind("pain") & m.is_specificity("judgement") & (m.area >= 0)
    pairs = np.unique(np.stack([m.row[use], m.area[use]], axis=1), axis=0)
    return index.areas, pairs[:, 0], pairs[:, 1]


def _periods(facts: Facts, base: Mask) -> _Periods:
    index = facts.index
    of = np.full(index.size, -1)
    imports = aligned(facts, "import_id").take(pa.array(np.flatnonzero(base)))
    at = aligned(facts, "ingested_at").take(pa.array(np.flatnonzero(base)))
    table = pa.table({"id": imports, "at": at}).group_by("id").aggregate([("at", "min")])
    order = sorted(zip(table["at_min"].to_pylist(), table["id"].to_pylist(), strict=True))
    place = pc.index_in(imports, value_set=pa.array([id_ for _, id_ in order], pa.string())).to_numpy()
    dated = base & index.dated
    if 2 * dated.sum() >= base.sum():
        week = (index.day[dated] + 3) // 7  # Mondays; 1970-01-01 was a Thursday
        first = int(week.min())
        of[dated] = week - first
        days = [dt.date(1970, 1, 1) + dt.timedelta(days=7 * w - 3) for w in range(first, int(week.max()) + 1)]
        newest = np.zeros(index.size, bool)
        newest[np.flatnonzero(base)[place == len(order) - 1]] = True
        reached = of[newest & dated]
        return _Periods("week", of, first, days, int(reached.min()) if len(reached) else len(days))
    of[base] = place
    return _Periods("import", of, 0, [moment.date() for moment, _ in order], len(order) - 1)


def _rows(counts: Ints, totals: Ints, periods: _Periods, rate: float, config: InsightsConfig) -> list[dict[str, Any]]:
    last = periods.size - 1
    least = MIN_WEEKS if periods.unit == "week" else MIN_IMPORTS
    start = max(HORIZON * ((periods.first + last) // HORIZON - 1) - periods.first, 0)
    past = slice(max(start - _PAST, 0), start)
    history = counts[past], totals[past]
    seen = watch(counts[start:], totals[start:], rate, history=history, min_periods=least, min_reviews=MIN_REVIEWS)
    common = {
        "theme_rate": rate,
        "workspace_rate": 1 - (1 - rate) ** counts.shape[1],
        "period": periods.unit,
        "new_theme": False,
    }
    short = (
        f"its history is too short: {int((totals > 0).sum())} {periods.unit}s with {int(totals.sum())} reviews, "
        + (f"and an alert needs {least} with {MIN_REVIEWS} before the last")
    )
    rows = []
    for i in range(counts.shape[1]):
        level = _level(seen, i, last - start, periods.latest - start)
        row: dict[str, Any] = {**common, "level": level}
        raised = level in ("new", "ongoing", "over")
        if raised:
            until = int(seen.ended[i]) if seen.ended[i] >= 0 else last + 1 - start
            span = slice(start + int(seen.since[i]), start + until)
            row.update(
                raised=periods.days[start + seen.fired[i]],
                since=periods.days[span.start],
                until=periods.days[span.stop] if seen.ended[i] >= 0 else None,
                **_reach("since", counts[span, i].sum(), totals[span].sum(), config),
            )
        if level == "unknown":
            row["reason"] = short
        else:
            before = (seen.before_count, seen.before_total) if raised else (seen.history_count, seen.history_total)
            row.update(
                **_reach("before", before[0][i], before[1][i], config),
                statistic=number(seen.alarm_score[i] if raised else seen.score[i]),
                threshold=number(seen.alarm_threshold[i] if raised else seen.threshold[i]),
            )
        rows.append(row)
    return rows


def _level(seen: Watch, i: int, last: int, latest: int) -> str:
    fired = int(seen.fired[i])
    if fired >= 0 and fired > last - HORIZON:
        if seen.ended[i] >= 0:
            return "over"
        return "new" if fired >= max(latest, last - NEW_PERIODS) else "ongoing"
    return "quiet" if seen.watched[i] or fired >= 0 else "unknown"


def _reach(what: str, count: float, total: float, config: InsightsConfig) -> dict[str, Any]:
    share, low, high = (number(x[0]) for x in wilson([count], [total], config.confidence))
    return {
        f"reviews_{what}": int(count),
        f"analysed_{what}": int(total),
        f"reach_{what}": share,
        f"reach_{what}_low": low,
        f"reach_{what}_high": high,
    }


def _formed_late(facts: Facts) -> dict[str, dt.date]:
    """Return the day of each theme's first run, of those that came after the first run of all."""
    ids, runs = (facts.themes.column(name).to_pylist() for name in ("theme_id", "first_run"))
    first = min(runs, default=None)
    return {id_: run.date() for id_, run in zip(ids, runs, strict=True) if run > first}


def _mark_new(row: dict[str, Any], formed: dt.date | None) -> None:
    """Mark a risen theme as new where its history lacks it, or where its own rise made it a theme."""
    if row.get("since") is None:
        return
    if formed is not None and formed >= row["since"]:
        row["new_theme"] = True
        row["reason"] = "the theme was formed after this rise began, from its reviews: a description, not a test"
    elif row["reviews_before"] == 0:
        row["new_theme"] = True
        row["reason"] = "no review of its history mentions it"


def _excess(row: dict[str, Any]) -> float:
    return float((row.get("statistic") or 0) / (row.get("threshold") or np.inf))
