"""Whether a pain changed, or only who writes: a change between two phases parted into "within segments" and "mix"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights.facts import Facts
from voc.insights.impact import Draws, bca_interval
from voc.insights.index import Floats, Index, Ints, Mask
from voc.insights.intervals import benjamini_hochberg, difference_p
from voc.insights.kitagawa import Side, acceleration, parts_of, rating_side, share_side
from voc.insights.parting import SEGMENTERS, segment_of
from voc.insights.phases import members
from voc.insights.ranking import number
from voc.insights.scope import Scope, find_phase, population, select
from voc.insights.segments import welch
from voc.tables.changes import MIX

#: A change is parted from so many counted reviews in each phase on.
MIN_PHASE = 30
#: And from so many reviews that mention the theme in both phases together on: with fewer, the bootstrap's intervals
#: are too narrow.
MIN_MENTIONS = 10

WITHIN, MIX_ONLY, BOTH = "within segments", "mostly the mix", "both"
OPPOSED, OPEN = "against each other", "cannot be told"


def decompose_mix(
    facts: Facts, before: str, after: str, scope: Scope, *, by: str | None = None, config: InsightsConfig
) -> pa.Table:
    """Part the change of each theme's reach, and of the mean rating, into "within segments" and "mix".

    With w the segments' shares of the reviews and r the reach (or mean rating) within them, before (0) and after (1),

        within = sum (w0 + w1) / 2 * (r1 - r0),   mix = sum (w1 - w0) * (r0 + r1) / 2,

    which add up to the change exactly, with no interaction left over (Kitagawa 1955, the two-component form; Das
    Gupta 1978). A segment that only one phase has cannot have changed within: it takes the reach of the phase that
    has it for both, so that it counts as mix alone, and `unmatched_before` and `unmatched_after` say how many reviews
    that concerns. Reviews that state nothing are a segment like any other.

    Intervals are bias-corrected and accelerated bootstrap intervals (Efron 1987; the acceleration for two samples by
    Davison and Hinkley 1997, Bootstrap Methods and their Application) over the reviews of each phase. The conclusion is

    - `within segments` or `mostly the mix`: the change is not chance, and this part of it is surely the larger one;
    - `both`: each part surely goes the way of the change, and neither is surely the larger one;
    - `against each other`: the parts surely go opposite ways;
    - `cannot be told`: none of these; `reason` says why.

    A change is called chance where its q-value over all themes (z test or Fisher's exact test; Welch's for the rating)
    is above 1 - `config.confidence`. "Surely" is a statement about one theme at `config.confidence`: of many, some are
    wrong. The mix is that of who writes, not of who buys, and says nothing of what the segments do not tell apart.

    Args:
        facts: the tables.
        before: id or name of the earlier phase.
        after: id or name of the later phase.
        scope: the reviews under view, in both phases.
        by: one of `SEGMENTERS`; None for each of them.
        config: confidence level, replicates, seed; themes that fewer than `config.min_reviews` reviews of the two
            phases mention are left out.

    Returns:
        A table with the schema `MIX`: columns in the order of `SEGMENTERS`, the rating first, then themes by id.

    Raises:
        VocError: the scope, a phase or `by` is unknown, both are one phase, or they share reviews.
    """
    index = facts.index
    mask = select(facts, scope)
    phases = [find_phase(facts, name) for name in (before, after)]
    if phases[0].phase_id == phases[1].phase_id:
        raise VocError(f"both phases are {phases[0].name!r}; name two to compare.")
    inside = [members(index, phase) for phase in phases]
    shared = int((mask & inside[0] & inside[1]).sum())
    if shared:
        names = f"{phases[0].name!r} and {phases[1].name!r}"
        raise VocError(f"the phases {names} share {shared} reviews; choose two that do not overlap.")
    base = population(index, mask & (inside[0] | inside[1]))
    pair = _Pair.of(facts, base & inside[0], base & inside[1], config)
    columns = [by] if by is not None else SEGMENTERS
    return pa.Table.from_pylist([row for column in columns for row in _rows(facts, column, pair, config)], schema=MIX)


@dataclass(frozen=True)
class _Phase:
    """The reviews of one phase that are counted, whatever they are parted by."""

    of: Mask  # (n_reviews,)
    mentioning: Ints  # the review of each mention of a theme
    theme: Ints  # and that theme
    rated: Ints  # the reviews with stars
    stars: Floats  # theirs

    @classmethod
    def of_reviews(cls, index: Index, of: Mask) -> _Phase:
        pairs = index.theme_pairs
        use = np.flatnonzero(of[pairs.row])
        rated = np.flatnonzero(of & ~np.isnan(index.stars))
        return cls(of, pairs.row[use], pairs.group[use], rated, index.stars[rated])


@dataclass(frozen=True)
class _Pair:
    """Two phases, the themes told apart, and how likely chance alone moves the rating, or each theme, as far."""

    phases: tuple[_Phase, _Phase]
    themes: Ints
    rating_p: Floats
    theme_p: Floats

    @classmethod
    def of(cls, facts: Facts, first: Mask, second: Mask, config: InsightsConfig) -> _Pair:
        index = facts.index
        phases = _Phase.of_reviews(index, first), _Phase.of_reviews(index, second)
        counts = [np.bincount(phase.theme, minlength=index.theme_pairs.size) for phase in phases]
        themes = np.flatnonzero(counts[0] + counts[1] >= config.min_reviews)
        sums = [(np.array([x.sum()]), np.array([(x**2).sum()]), np.array([len(x)])) for x in (p.stars for p in phases)]
        return cls(
            phases,
            themes,
            welch(sums[1], sums[0], config.confidence)[3],
            difference_p(counts[1][themes], second.sum(), counts[0][themes], first.sum()),
        )


def _rows(facts: Facts, by: str, pair: _Pair, config: InsightsConfig) -> list[dict[str, Any]]:
    index, themes = facts.index, pair.themes
    part = segment_of(facts, by, pair.phases[0].of | pair.phases[1].of)
    size, width = len(part.values), index.theme_pairs.size
    rng = np.random.default_rng([config.seed, SEGMENTERS.index(by)])
    sides: list[Side] = []
    ratings: list[Side] = []
    for phase in pair.phases:
        key = part.codes[phase.mentioning] * width + phase.theme
        mention = np.bincount(key, minlength=size * width).reshape(size, width)[:, themes]
        sides.append(share_side(np.bincount(part.codes[phase.of], minlength=size), mention, config.bootstrap, rng))
        ratings.append(rating_side(part.codes[phase.rated], phase.stars, size, config.bootstrap, rng))
    found = _decompose(ratings[0], ratings[1], pair.rating_p, config)
    rows = [{"theme_id": None, "name": None, **row} for row in found]
    for theme, row in zip(themes.tolist(), _decompose(sides[0], sides[1], pair.theme_p, config), strict=True):
        rows.append({"theme_id": index.themes[theme].id, "name": index.themes[theme].name, **row})
    return [{"by": by, **row} for row in rows]


def _decompose(first: Side, second: Side, p_value: Floats, config: InsightsConfig) -> list[dict[str, Any]]:
    q_value = benjamini_hochberg(p_value)
    totals = int(first.size.sum()), int(second.size.sum())
    met = (first.size > 0) & (second.size > 0)
    k = len(first.mentions)
    parts = np.full((2, k), np.nan)
    if min(totals):
        sizes = first.size.astype(float), second.size.astype(float)
        parts = np.stack(parts_of(sizes, (first.value, second.value)))
    bounds: dict[str, tuple[Floats, Floats]] = {}
    if min(totals) >= MIN_PHASE:
        draws = parts_of((first.drawn_size, second.drawn_size), (first.drawn_value, second.drawn_value))
        for name, signs in (("change", (1, 1)), ("within", (1, 0)), ("mix", (0, 1)), ("excess", (1, -1))):
            values = signs[0] * draws[0] + signs[1] * draws[1]
            spread = Draws(values, acceleration(first, second, signs), False)
            bounds[name] = bca_interval(signs[0] * parts[0] + signs[1] * parts[1], spread, config.confidence)
    rows = []
    for i in range(k):
        row: dict[str, Any] = {"segments": int(met.sum()), "q_value": number(q_value[i])}
        for what, side, total in (("before", first, totals[0]), ("after", second, totals[1])):
            row[f"reviews_{what}"], row[f"analysed_{what}"] = int(side.mentions[i]), total
            row[f"value_{what}"] = float(side.value[:, i].sum()) / total if total else None
            row[f"unmatched_{what}"] = float(side.size[~met].sum()) / total if total else None
        within, mix = number(parts[0, i]), number(parts[1, i])
        row.update(within=within, mix=mix, change=None if within is None or mix is None else within + mix)
        reason = _too_thin(totals, int(first.mentions[i] + second.mentions[i]), met, first.size + second.size > 0)
        if reason is None:
            sure = {name: _sign(low[i], high[i]) for name, (low, high) in bounds.items()}
            if not q_value[i] <= 1 - config.confidence:
                sure["change"] = 0
            row["conclusion"], reason = _conclude(sure)
            for name in ("change", "within", "mix"):
                row[f"{name}_low"], row[f"{name}_high"] = (float(b[i]) for b in bounds[name])
        rows.append({"conclusion": OPEN, "reason": reason, **row})
    return rows


def _too_thin(totals: tuple[int, int], mentions: int, met: Mask, any_: Mask) -> str | None:
    if min(totals) < MIN_PHASE:
        return f"fewer than {MIN_PHASE} reviews in a phase"
    if mentions < MIN_MENTIONS:
        return f"fewer than {MIN_MENTIONS} reviews mention it"
    if any_.sum() == 1:
        return "all reviews are of one segment"
    return None if met.any() else "the phases have no segment in common"


def _sign(low: float, high: float) -> int:
    return int(low > 0) - int(high < 0)


def _conclude(sign: dict[str, int]) -> tuple[str, str | None]:
    """Return the conclusion and, where nothing can be told, why; signs are 0 where an interval holds zero."""
    within, mix, change = sign["within"], sign["mix"], sign["change"]
    if within * mix < 0:
        return OPPOSED, None
    if not change:
        return OPEN, "the change itself may be chance"
    if sign["excess"] == change and within == change:
        return WITHIN, None
    if sign["excess"] == -change and mix == change:
        return MIX_ONLY, None
    if within == mix == change:
        return BOTH, None
    return OPEN, "the two parts cannot be told apart"
