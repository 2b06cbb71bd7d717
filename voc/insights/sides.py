"""Two sides against each other: any two products, brands, markets or variants, by rating, hazards and every theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights.arrays import Coded, coded
from voc.insights.facts import Facts
from voc.insights.index import Index, Ints, Mask
from voc.insights.intervals import benjamini_hochberg, difference_p, mean_intervals, newcombe, wilson
from voc.insights.parting import aligned
from voc.insights.ranking import number
from voc.insights.rivals import NEGLIGIBLE, TOO_LITTLE
from voc.insights.scope import Scope, population, select
from voc.insights.segments import MIN_SEGMENT, welch
from voc.tables.compared import SIDES

#: What two sides can be.
SIDED = ("product", "brand", "market", "variant")


@dataclass(frozen=True)
class Sides:
    """Two sides against each other."""

    table: pa.Table  # SIDES: rating, hazards, then themes, sure and large differences first
    tested: int  # themes tested together
    first_written: int  # reviews of the first side in scope, read or not
    second_written: int


def sides(facts: Facts, scope: Scope, by: str, first: str, second: str, *, config: InsightsConfig) -> Sides:
    """Compare two products, brands, markets or variants within a scope.

    Shares are of each side's counted reviews (`population`), with Wilson intervals; their difference has Newcombe's
    interval (1998, method 10) and is tested by the z test, or Fisher's exact test where counts are small. The
    difference of mean ratings (own, or predicted from the text) has Welch's interval and test. q-values are Benjamini
    and Hochberg's over the themes that are tested together: those that at least `config.min_reviews` reviews of both
    sides together mention. Below `MIN_SEGMENT` reviews on either side nothing is tested. A hazard is any opinion
    marked as one, in a theme or in none.

    Reviews are taken as independent: two brands with few products each differ also by which products these are. Who
    writes about one side may be other people than who writes about the other.

    Classes; "sure" is a difference whose interval lies on one side of 0, with q at most 1 - `config.confidence` (of
    rating and hazards the p-value): "only first": surely more, its lower bound above `NEGLIGIBLE` and the other's upper
    bound below it; "only second": the other way round; "more in first", "more in second": other sure differences;
    "both": no sure difference, both lower bounds above `NEGLIGIBLE`; "too little data": all else. The rating is "higher
    in first", "higher in second" or "no clear difference".

    Args:
        facts: the tables.
        scope: the reviews under view.
        by: one of `SIDED`.
        first: the value of one side, as `values` has it.
        second: that of the other.
        config: confidence level, least number of reviews for a theme.

    Raises:
        VocError: the scope names something the data lacks, `by` is unknown, or both sides are the same.
    """
    if first == second:
        raise VocError("Both sides are the same; choose two different ones.")
    part, index, mask = _parted(facts, by), facts.index, select(facts, scope)
    for side in (first, second):
        if side not in part.position:
            raise VocError(f"there is no {by} {side!r}.")
    base = population(index, mask)
    one, other = (base & part.equals(side) for side in (first, second))
    pairs = index.theme_pairs
    counts = pairs.counts(one), pairs.counts(other)
    themes = np.flatnonzero(counts[0] + counts[1] >= config.min_reviews)
    rows = _shares(counts[0][themes], int(one.sum()), counts[1][themes], int(other.sum()), config)
    q_values = benjamini_hochberg(np.array([row["p_value"] for row in rows], float))
    for row, theme, q in zip(rows, themes.tolist(), q_values.tolist(), strict=True):
        about = index.themes[theme]
        row |= {"measure": "theme", "theme_id": about.id, "name": about.name, "area": about.area, "q_value": number(q)}
        row["class"], row["reason"] = _class(row, q, config)
    rows.sort(key=lambda row: (_order(row), row["theme_id"]))
    table = pa.Table.from_pylist(
        [_rating(index, one, other, config), _hazards(index, one, other, config), *rows], schema=SIDES
    )
    return Sides(
        table,
        int((~np.isnan(q_values)).sum()),
        int((mask & part.equals(first)).sum()),
        int((mask & part.equals(second)).sum()),
    )


def values(facts: Facts, scope: Scope, by: str) -> dict[str, int]:
    """Return the values that two sides can be of, with each one's counted reviews, most first, of equals by letter.

    Raises:
        VocError: the scope names something the data lacks, or `by` is unknown.
    """
    part = _parted(facts, by)
    counted = part.codes[population(facts.index, select(facts, scope))]
    sizes = np.bincount(counted[counted >= 0], minlength=len(part.values))
    found = {value: int(size) for value, size in zip(part.values, sizes, strict=True) if size}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _parted(facts: Facts, by: str) -> Coded:
    index = facts.index
    known = {"product": index.product, "brand": index.brand, "market": index.market}
    if by in known:
        return known[by]
    if by != "variant":
        raise VocError(f"sides cannot be told by {by!r}; there is {', '.join(SIDED)}.")
    return coded(aligned(facts, by))


def _shares(
    count: Ints, total: int, other_count: Ints, other_total: int, config: InsightsConfig
) -> list[dict[str, Any]]:
    """Return the figures of shares on both sides, one row for each entry of the counts."""
    first, second = (wilson(c, n, config.confidence) for c, n in ((count, total), (other_count, other_total)))
    difference = newcombe(count, total, other_count, other_total, config.confidence)
    p = np.full(len(count), np.nan)
    if min(total, other_total) >= MIN_SEGMENT:
        p = difference_p(count, total, other_count, other_total)
    return [
        {
            "first_reviews": int(count[i]),
            "first_analysed": total,
            "second_reviews": int(other_count[i]),
            "second_analysed": other_total,
            **_figures(i, first, second, difference),
            "p_value": number(p[i]),
        }
        for i in range(len(count))
    ]


def _hazards(index: Index, one: Mask, other: Mask, config: InsightsConfig) -> dict[str, Any]:
    reports = np.zeros(index.size, bool)
    reports[index.mentions.row[index.mentions.hazard]] = True
    sizes = [(np.array([int((side & reports).sum())]), int(side.sum())) for side in (one, other)]
    [row] = _shares(*sizes[0], *sizes[1], config)
    row |= {"measure": "hazards", "name": "Reports of possible hazards"}
    row["class"], row["reason"] = _class(row, np.nan if row["p_value"] is None else row["p_value"], config)
    return row


def _rating(index: Index, one: Mask, other: Mask, config: InsightsConfig) -> dict[str, Any]:
    sums = []
    for side in (one, other):
        stars = index.stars[side & ~np.isnan(index.stars)]
        sums.append((np.array([stars.sum()]), np.array([(stars**2).sum()]), np.array([len(stars)])))
    first, second = (mean_intervals(*of, config.confidence) for of in sums)
    sizes = [int(of[2][0]) for of in sums]
    unknown = (np.full(1, np.nan),) * 4
    *difference, p = unknown if min(sizes) < 1 else welch(sums[0], sums[1], config.confidence)
    enough = min(sizes) >= MIN_SEGMENT
    row: dict[str, Any] = {
        "measure": "rating",
        "name": "Mean rating",
        "first_reviews": sizes[0],
        "first_analysed": sizes[0],
        "second_reviews": sizes[1],
        "second_analysed": sizes[1],
        **_figures(0, first, second, difference),
        "p_value": number(p[0]) if enough else None,
    }
    sure = row["p_value"] is not None and row["p_value"] <= 1 - config.confidence
    higher = "higher in first" if (row["difference"] or 0) > 0 else "higher in second"
    row["class"] = higher if sure else "no clear difference" if enough else TOO_LITTLE
    row["reason"] = None if enough else f"fewer than {MIN_SEGMENT} rated reviews on one side"
    return row


def _figures(i: int, first: Any, second: Any, difference: Any) -> dict[str, float | None]:
    names = (
        "first_value", "first_low", "first_high", "second_value", "second_low", "second_high",
        "difference", "difference_low", "difference_high",
    )  # fmt: skip
    return dict(zip(names, (number(column[i]) for column in (*first, *second, *difference)), strict=True))


def _class(row: dict[str, Any], q: float, config: InsightsConfig) -> tuple[str, str | None]:
    """Return the class of a share's row by its intervals, and why it is "too little data"."""
    if min(row["first_analysed"], row["second_analysed"]) < MIN_SEGMENT:
        return TOO_LITTLE, f"fewer than {MIN_SEGMENT} reviews on one side"
    lows, highs = (row["first_low"], row["second_low"]), (row["first_high"], row["second_high"])
    certain = q <= 1 - config.confidence  # false for NaN
    if certain and row["difference_low"] > 0:
        return ("only first" if lows[0] > NEGLIGIBLE > highs[1] else "more in first"), None
    if certain and row["difference_high"] < 0:
        return ("only second" if lows[1] > NEGLIGIBLE > highs[0] else "more in second"), None
    if min(lows) > NEGLIGIBLE:
        return "both", None
    if max(highs) < NEGLIGIBLE:
        return TOO_LITTLE, "rare on both sides"
    return TOO_LITTLE, "the difference may be chance, and one side may hardly have it"


def _order(row: dict[str, Any]) -> tuple[int, float]:
    """Return what themes are sorted by: what only one side has, sure differences, what both have, the rest."""
    ranks = {"only first": 0, "only second": 0, "more in first": 1, "more in second": 1, "both": 2}
    most = max(row["first_value"] or 0.0, row["second_value"] or 0.0)
    size = most if row["class"] == "both" else abs(row["difference"] or 0.0)
    return ranks.get(row["class"], 3), -size
