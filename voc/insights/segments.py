"""Who says it: reach of themes and rating by market, variant, verified or not, channel and time in use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.insights.facts import Facts
from voc.insights.index import Coded, Floats, Index, Ints, Mask
from voc.insights.intervals import benjamini_hochberg, difference_p, mean_intervals, newcombe, wilson
from voc.insights.parting import NOT_STATED, SEGMENTERS, segment_of
from voc.insights.scope import Scope, population, select
from voc.tables.compared import SEGMENTS

#: Segments are compared with the rest from so many reviews on either side on.
MIN_SEGMENT = 30
#: Why reviews without a time in use are not compared with those that state one.
SILENT = "only reviews with an opinion can state a time in use, so that these would differ in every theme"


_Columns = dict[str, np.ndarray[Any, Any]]


def segments(facts: Facts, scope: Scope, *, by: str | None = None, config: InsightsConfig) -> pa.Table:
    """Compare each segment of a scope with the rest of it: reach of each theme, and mean rating.

    The difference of two shares has Newcombe's interval (1998, method 10) and is tested by the z test, or Fisher's
    exact test where counts are small; that of two mean ratings has Welch's interval and test (Welch 1947). Ratings
    are the customers' own, or predicted from the text where there is none. The rest are the reviews of the scope's
    `population` outside the segment. Returns and tickets, which are not of the population, appear only as segments
    of `channel`, against the whole population: only those who have a problem write them.

    Reviews that state nothing are a segment of their own. A time in use is known only where an opinion states it, and
    mostly stated because something broke: the rest of `new` is therefore `long-term` and the other way round, and
    `not stated` is compared with nothing. A difference says who writes about a trouble more often; segments also differ
    in the products they bought and in when they wrote.

    Args:
        facts: the tables.
        scope: the reviews under view.
        by: one of `DIMENSIONS`; None for each of `SEGMENTERS`.
        config: confidence level; themes that fewer than `config.min_reviews` reviews of the scope mention are left
            out.

    Returns:
        A table with the schema `SEGMENTS`: columns in the order of `SEGMENTERS`, segments by name, the rating first,
        then themes by id.

    Raises:
        VocError: the scope names something the data lacks, or `by` is unknown.
    """
    index, mask = facts.index, select(facts, scope)
    parts: list[_Columns] = []
    for column in [by] if by is not None else SEGMENTERS:
        base = population(index, mask)
        counted = mask & index.analysed if column == "channel" else base
        part = segment_of(facts, column, counted)
        against = _against(part, np.unique(part.codes[counted]), column)
        both = [rows(index, part, counted, base, against, config) for rows in (_ratings, _reaches)]
        whole = {name: np.concatenate([b[name] for b in both]) for name in both[0]}
        whole["by"] = np.full(len(whole["place"]), column, object)
        if column == "time_in_use":
            whole["reason"][whole["segment"] == NOT_STATED] = SILENT
        order = np.argsort(whole["place"], kind="stable")  # the rating of a segment before its themes
        parts.append({name: values[order] for name, values in whole.items()})
    columns = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    columns["q_value"] = np.full(len(columns["by"]), np.nan)
    rating = np.array([id_ is None for id_ in columns["theme_id"]], bool)
    for family in (rating, ~rating):
        columns["q_value"][family] = benjamini_hochberg(columns["p_value"][family])
    arrays = [pa.array(columns[f.name], f.type, from_pandas=True) for f in SEGMENTS]
    return pa.Table.from_arrays(arrays, schema=SEGMENTS)


def _against(part: Coded, shown: Ints, by: str) -> Ints:
    """Return which segments make up the rest of which, 0 or 1, shape (segments, segments)."""
    against = 1 - np.eye(len(shown), dtype=np.int64)
    if by == "time_in_use" and NOT_STATED in part.values:
        silent = shown == part.position[NOT_STATED]
        against[np.ix_(~silent, silent)] = 0
        against[silent] = 0
    return against


def _reaches(index: Index, part: Coded, counted: Mask, base: Mask, against: Ints, config: InsightsConfig) -> _Columns:
    """Return the rows of themes, segment by segment, with the segment's code as `place`; `by` and q are left out."""
    pairs = index.theme_pairs
    themes = np.flatnonzero(pairs.counts(base) >= config.min_reviews)
    shown = np.unique(part.codes[counted])

    def sizes(of: Mask) -> Ints:  # (segments,)
        return np.bincount(part.codes[of], minlength=len(part.values))[shown]

    def mentions(of: Mask) -> Ints:  # (segments, themes)
        use = of[pairs.row]
        key = part.codes[pairs.row[use]] * pairs.size + pairs.group[use]
        table = np.bincount(key, minlength=len(part.values) * pairs.size).reshape(len(part.values), pairs.size)
        return table[shown][:, themes]

    place, theme = np.repeat(shown, len(themes)), np.tile(themes, len(shown))
    count, total = mentions(counted).ravel(), np.repeat(sizes(counted), len(themes))
    rest_count = (against @ mentions(base)).ravel()
    rest = np.repeat(against @ sizes(base), len(themes))
    tested = (total >= MIN_SEGMENT) & (rest >= MIN_SEGMENT)
    p = np.full(len(place), np.nan)
    p[tested] = difference_p(*(x[tested] for x in (count, total, rest_count, rest)))
    value, low, high = wilson(count, total, config.confidence)
    difference, difference_low, difference_high = newcombe(count, total, rest_count, rest, config.confidence)
    return {
        "place": place,
        "segment": _objects([part.values[s] for s in place]),
        "theme_id": _objects([index.themes[t].id for t in theme]),
        "name": _objects([index.themes[t].name for t in theme]),
        "reviews": count,
        "analysed": total,
        "value": value,
        "low": low,
        "high": high,
        "rest_analysed": rest,
        "rest_value": wilson(rest_count, rest, config.confidence)[0],
        "difference": difference,
        "difference_low": difference_low,
        "difference_high": difference_high,
        "p_value": p,
        "reason": _reasons(total, rest, "reviews"),
    }


def _ratings(index: Index, part: Coded, counted: Mask, base: Mask, against: Ints, config: InsightsConfig) -> _Columns:
    """Return the rows of mean ratings, as `_reaches` does those of themes."""
    shown = np.unique(part.codes[counted])

    def sums(of: Mask) -> tuple[Floats, Floats, Ints]:  # of stars, of their squares, and how many; (segments,)
        of = of & ~np.isnan(index.stars)
        code, stars, size = part.codes[of], index.stars[of], len(part.values)
        first, second = (np.asarray(np.bincount(code, stars**k, size)[shown], np.float64) for k in (1, 2))
        return first, second, np.bincount(code, minlength=size)[shown]

    own, others = sums(counted), sums(base)
    rest = against @ others[0], against @ others[1], against @ others[2]
    value, low, high = mean_intervals(*own, config.confidence)
    difference, difference_low, difference_high, p = welch(own, rest, config.confidence)
    nothing = _objects([None] * len(shown))
    return {
        "place": shown,
        "segment": _objects([part.values[s] for s in shown]),
        "theme_id": nothing,
        "name": nothing,
        "reviews": own[2],
        "analysed": own[2],
        "value": value,
        "low": low,
        "high": high,
        "rest_analysed": rest[2],
        "rest_value": mean_intervals(*rest, config.confidence)[0],
        "difference": difference,
        "difference_low": difference_low,
        "difference_high": difference_high,
        "p_value": np.where((own[2] >= MIN_SEGMENT) & (rest[2] >= MIN_SEGMENT), p, np.nan),
        "reason": _reasons(own[2], rest[2], "rated reviews"),
    }


def _objects(values: Sequence[Any]) -> np.ndarray[Any, Any]:
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _reasons(size: Ints, rest: Ints, what: str) -> np.ndarray[Any, Any]:
    few = f"fewer than {MIN_SEGMENT} {what}"
    said: list[str | None] = []
    for n, m in zip(size.tolist(), rest.tolist(), strict=True):
        if m == 0:
            said.append(f"there are no {what} outside this segment")
        elif min(n, m) < MIN_SEGMENT:
            said.append(f"{few} in the segment" if n < MIN_SEGMENT else f"{few} in the rest")
        else:
            said.append(None)
    return _objects(said)


def welch(
    own: tuple[Floats, Floats, Ints], rest: tuple[Floats, Floats, Ints], confidence: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return differences of means, Welch's intervals and p-values (Welch 1947; Satterthwaite 1946), NaN where unknown.

    Each side are sums, sums of squares and numbers of values, shape (k,). Without any spread nothing is tested.
    """
    from scipy.stats import t

    with np.errstate(divide="ignore", invalid="ignore"):
        (mean, error), (rest_mean, rest_error) = (
            (s / n, np.maximum(q - s**2 / n, 0) / (n - 1.0) / n) for s, q, n in (own, rest)
        )
        difference, variance = mean - rest_mean, error + rest_error
        freedom = variance**2 / (error**2 / (own[2] - 1.0) + rest_error**2 / (rest[2] - 1.0))
        half = t.ppf((1 + confidence) / 2, freedom) * np.sqrt(variance)
        p = 2 * t.sf(np.abs(difference) / np.sqrt(variance), freedom)
    known = variance > 1e-12
    low, high, p = (np.where(known, v, np.nan) for v in (difference - half, difference + half, p))
    return difference, np.maximum(low, -4.0), np.minimum(high, 4.0), p
