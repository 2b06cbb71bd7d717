"""How often verification is right where the truth is known: weeks of reviews are drawn and verified."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from voc.benchmark.drawn import START, Floats, drawn_facts
from voc.benchmark.simulations.figures import Asked, Figure, Tally
from voc.config import InsightsConfig
from voc.insights.scope import Scope
from voc.insights.verification import verify
from voc.insights.verification.checks import pre_trend, widened
from voc.insights.verification.effect import Inference, blocks_suffice, contrast, permute_blocks, permute_units
from voc.insights.verification.panel import Cells, Panel, cut
from voc.insights.verification.sentence import conclude


@dataclass(frozen=True)
class World:
    """How reviews come about; a log-odds unit of 0.3 moves a reach of 8 % to 10.5 %."""

    name: str
    controls: int = 1  # products
    weeks_before: int = 52
    weeks_after: int = 26
    reviews: float = 20.0  # a week, of the treated product (Poisson)
    control_reviews: float = 20.0  # a week, of each control
    spread_of_size: float = 0.0  # standard deviation of the log of the controls' reviews a week
    reach: float = 0.08
    effect: float = 0.0  # what the fix takes away: -0.5 halves the treated reach
    season: float = 0.0  # amplitude of a yearly wave that all products share, log-odds
    wobble: float = 0.0  # standard deviation of each product's own weekly ups and downs, log-odds
    memory: float = 0.0  # correlation of those from week to week
    drift: float = 0.0  # change of the treated product's log-odds over a year, before the date and after it
    own_shock: float = 0.0  # standard deviation of a lasting change of each product at the date, log-odds
    sound: bool = True  # whether the assumptions of the method hold; where not, nothing is promised


def draw(world: World, rng: np.random.Generator) -> tuple[Panel, float] | None:
    """Return the panel of one world and the true effect in shares; None where `cut` finds too few reviews.

    The truth is the mean of the change over the reviews after the date.
    """
    weeks, units = world.weeks_before + world.weeks_after, world.controls + 1
    sizes = world.control_reviews * np.exp(rng.normal(0, world.spread_of_size, world.controls))
    total = rng.poisson(np.append(world.reviews, sizes)[:, None], (units, weeks))
    own = np.zeros((units, weeks))
    own[:, 0] = rng.normal(size=units)
    for week in range(1, weeks):
        step = rng.normal(size=units)
        own[:, week] = world.memory * own[:, week - 1] + np.sqrt(1 - world.memory**2) * step
    at = np.arange(weeks)
    after = at >= world.weeks_before
    odds = logit(world.reach) + np.append(0.0, rng.normal(0, 0.5, world.controls))[:, None] + world.wobble * own
    odds += world.season * np.sin(2 * np.pi * at / 52 + rng.uniform(0, 2 * np.pi))
    odds += world.own_shock * rng.normal(size=units)[:, None] * after
    odds[0] += world.drift * (at - world.weeks_before) / 52
    chance = expit(odds)
    change = np.where(after, chance[0] * world.effect, 0.0)
    chance[0] += change
    count = rng.binomial(total, chance)
    days = np.repeat(at * 7 + 3, total[0])
    date, end = world.weeks_before * 7, weeks * 7
    sides = cut(days[days < date], 0, date), cut(days[days >= date], date, end)
    if not all(len(s) for s in sides):
        return None
    start = np.concatenate(sides)
    block = np.searchsorted(start, at * 7 + 3, side="right") - 1
    part = np.where(start < date, -1, 1)

    def added(values: Floats) -> Floats:
        return np.stack([np.bincount(block, weights=row, minlength=len(start)) for row in values])

    counts, totals = added(count.astype(float)), added(total.astype(float))
    controls = Cells(counts[1:], totals[1:]) if world.controls else None
    true = float((change * total[0])[after].sum() / max(total[0][after].sum(), 1))
    return Panel(part, start, np.append(start[1:], end), Cells(counts[:1], totals[:1]), controls), true


def simulate_world(world: World, *, runs: int, seed: int = 0, confidence: float = 0.9) -> list[Figure]:
    """Return how verification fares in a world.

    Args:
        world: how the reviews come about.
        runs: how many are drawn; the figures are of those that could be verified.
        seed: of the draws.
        confidence: of the intervals and tests.

    Returns:
        Where there is an effect, how often the interval holds it and the conclusion is fixed or better. Where there is
        none, how often one is called, that is, how often the interval does not hold zero, and how often a trend before
        the date. How many runs could be verified, unless all.
    """
    rng = np.random.default_rng(seed)
    tally = Tally()
    for _ in range(runs):
        drawn = draw(world, rng)
        result = None if drawn is None else _verified(drawn[0], confidence, seed)
        tally.add("verified", result is not None)
        if drawn is None or result is None:
            continue
        low, high, trend, conclusion = result
        tally.add("covers", low <= drawn[1] <= high)
        tally.add("called", not low <= 0 <= high)
        tally.add("improved", conclusion in ("fixed", "better"))
        tally.add("trend", trend)
    level = 1 - confidence
    near, below = _asked("near", world.sound), _asked("at most", world.sound)
    if world.effect:
        figures = [
            tally.figure("covers", "interval of the effect covers", nominal=confidence, asked=near),
            tally.figure("improved", "fix found"),
        ]
    else:
        figures = [
            tally.figure("called", "a change called where there is none", nominal=level, asked=below),
            tally.figure("trend", "its trend before the date found")
            if world.drift
            else tally.figure("trend", "a trend before the date called", nominal=level, asked=below),
        ]
    verified = tally.figure("verified", "could be verified")
    return figures if verified["measured"] in (1.0, None) else [*figures, verified]


def _asked(asked: Asked, sound: bool) -> Asked:
    return asked if sound else None


def _verified(panel: Panel, confidence: float, seed: int) -> tuple[float, float, bool, str] | None:
    """Return the interval, whether a trend is called and the conclusion; None where there is too little to verify."""
    found = contrast(panel)
    if found is None:
        return None
    result: Inference | None = permute_units(panel, confidence=confidence)
    if result is None:
        if not blocks_suffice(found.after, confidence):
            return None
        result = permute_blocks(found, confidence=confidence, seed=seed)
    middle = panel.middle[panel.usable]
    trend = pre_trend(found, middle, confidence=confidence, seed=seed)
    low, high = widened(result, trend, float(found.share @ middle))
    after = float(np.maximum(found.share, 0) @ found.treated)
    return low, high, trend.verdict == "trend", conclude(result.effect, low, high, after)


def simulate_verify(*, runs: int, reach_after: float, weeks: int = 60, seed: int = 0) -> list[Figure]:
    """Verify a fix as a user would, who lets `verify` choose the controls; its true effect is `reach_after` - 0.08.

    Drawn are a product, one thin control, and four other themes, none of which changes but by `reach_after`.
    """
    rng = np.random.default_rng(seed)
    config = InsightsConfig(bootstrap=100)
    level = 1 - config.confidence
    truth = reach_after - _REACH
    scope = Scope(products=("p0",))
    tally = Tally()
    for _ in range(runs):
        total = rng.poisson(np.array([[5.0], [2.0]]), (2, 2 * weeks)).ravel()
        product = np.repeat(np.repeat([0, 1], 2 * weeks), total)
        week = np.repeat(np.tile(np.arange(-weeks, weeks), 2), total)
        chance = np.full((len(week), 5), 0.06)
        chance[:, 0] = np.where((product == 0) & (week >= 0), reach_after, _REACH)
        pain = rng.random(chance.shape) < chance
        facts = drawn_facts(np.full(len(week), 4.0), product, day=7 * week + 3, pain=pain)
        found = verify(facts, "t0", START, scope=scope, lag_days=0, config=config)
        tally.add("called", found.conclusion in ("fixed", "better", "worse"))
        tally.add("improved", found.conclusion in ("fixed", "better"))
        if found.effect_low is not None and found.effect_high is not None:
            tally.add("covers", found.effect_low <= truth <= found.effect_high)
    figures = [tally.figure("covers", "interval of the effect covers", nominal=config.confidence, asked="near")]
    if truth:
        return [*figures, tally.figure("improved", "fix found")]
    return [*figures, tally.figure("called", "a change called where there is none", nominal=level, asked="at most")]


#: Reach of the trouble before the date in `simulate_verify`.
_REACH = 0.08
_FEW, _MANY = World("", controls=1), World("", controls=12, control_reviews=10)

#: Worlds whose figures the documentation shows.
WORLDS = (
    replace(_FEW, name="no effect, one control"),
    replace(_FEW, name="no effect, five reviews a week", reviews=5, control_reviews=5),
    replace(_FEW, name="no effect, season shared by all, four controls", controls=4, season=0.5),
    replace(_FEW, name="no effect, weeks alike (0.5)", wobble=0.3, memory=0.5),
    replace(_FEW, name="no effect, weeks much alike (0.8)", wobble=0.3, memory=0.8),
    replace(_FEW, name="no effect, nothing to compare with", controls=0),
    replace(_FEW, name="season, nothing to compare with", controls=0, season=0.5),
    replace(_FEW, name="halved, one control", effect=-0.5),
    replace(_FEW, name="halved, one control, twice the reviews", effect=-0.5, reviews=40, control_reviews=40),
    replace(_FEW, name="halved, five controls", controls=5, effect=-0.5),
    replace(_FEW, name="halved, five reviews a week, one control", effect=-0.5, reviews=5, control_reviews=5),
    replace(_FEW, name="gone (nine tenths), one control", effect=-0.9),
    replace(_FEW, name="slow drift before and after, one control", drift=-0.8, sound=False),
    replace(
        _FEW, name="fast drift before and after, one control", drift=-2.0, reviews=40, control_reviews=40, sound=False
    ),
    replace(_FEW, name="products drift by themselves, one control", own_shock=0.4, sound=False),
    replace(_MANY, name="no effect, twelve controls"),
    replace(_MANY, name="no effect, twelve controls of all sizes", spread_of_size=0.8),
    replace(_MANY, name="no effect, twelve controls, weeks much alike (0.8)", wobble=0.3, memory=0.8),
    replace(_MANY, name="products drift by themselves, twelve controls", own_shock=0.4),
    replace(_MANY, name="halved, twelve controls", effect=-0.5),
)
