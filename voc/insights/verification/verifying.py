"""Did the fix work? The theme's reach before and after a date, against products that were not fixed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights.facts import Facts
from voc.insights.index import Index
from voc.insights.intervals import wilson
from voc.insights.ranking import number
from voc.insights.scope import Scope
from voc.insights.verification.checks import PARTS, PreTrend, date_of, event_study, placebo_dates, pre_trend, widened
from voc.insights.verification.controls import CONTROLS, Choice, other_products, other_themes
from voc.insights.verification.effect import (
    Contrast,
    Inference,
    blocks_suffice,
    can_tell,
    contrast,
    permute_blocks,
    permute_units,
)
from voc.insights.verification.panel import Panel
from voc.insights.verification.result import REACH, Verification
from voc.insights.verification.sentence import conclude, detectable_change, list_names, say, say_thin, warn
from voc.insights.verification.window import MIN_REVIEWS, Window, find_window, treated_panel

#: Days for old stock to sell and be reviewed, where none are given.
LAG_DAYS = 60
#: Days looked at on either side; what was longer ago is another product by now.
WINDOW_DAYS = 730
_UNCHECKED = PreTrend(None, None, None, None, "cannot be checked")


def verify(
    facts: Facts,
    theme_id: str,
    since: dt.date,
    *,
    scope: Scope | None = None,
    lag_days: int | None = None,
    window_days: int = WINDOW_DAYS,
    config: InsightsConfig,
) -> Verification:
    """Return whether a theme changed in the products of `scope` at a date, beyond what others did in the same weeks.

    Treated are the products that the scope's products, brands and version name; its other fields narrow treated and
    controls alike. With a version, the reviews before the date are those of its products, the reviews after it those
    of the version alone. Reviews between the date and the end of the lag are left out.

    Controls, the first kind with enough reviews to tell the end of all complaints from no change (`effect.can_tell`):
    other products whose reviews mention the theme about as often; other themes of the treated products (second choice:
    they compete for room in the same reviews); none, which makes it plainly before and after. The effect is a
    difference in differences with product and block effects (`effect.contrast`). Its interval comes from asking how far
    each control changed at the same date where there are enough of them (`effect.permute_units`: nine for 90 %), else
    from permuting blocks of time (`effect.permute_blocks`). Where treated and controls drifted apart before the date
    (`checks.pre_trend`), the interval is widened to hold both that the drift went on and that it stopped (in the spirit
    of Rambachan and Roth 2023, A more credible approach to parallel trends).

    It does not say that the fix was the cause, only what changed at its date and not elsewhere; and where the date was
    chosen because complaints had piled up, part of a fall would have come by itself.

    Args:
        facts: the tables.
        theme_id: an active pain theme.
        since: day of the fix, the first on which it was on sale.
        scope: where the fix was made; None for the whole workspace.
        lag_days: days for old stock; None for `LAG_DAYS`, and for no lag where the scope names a version.
        window_days: days looked at on either side at most.
        config: confidence and seed.

    Returns:
        What can be said. With too few reviews, mentions or weeks (`window.MIN_REVIEWS`, `window.MIN_MENTIONS`,
        `panel.MIN_BLOCKS`) the conclusion is "not enough data" and the effect is null.

    Raises:
        VocError: the theme or something in the scope is unknown; no review has a date; the date lies outside the
            reviews; the lag is negative or leaves nothing; the window is below one day.
    """
    scope = Scope() if scope is None else scope
    index = facts.index
    theme = next((i for i, t in enumerate(index.themes) if t.id == theme_id), None)
    if theme is None:
        raise VocError(f"there is no active pain theme {theme_id!r}; list them with `voc opportunities`.")
    lag = (0 if scope.version is not None else LAG_DAYS) if lag_days is None else lag_days
    if lag < 0:
        raise VocError(f"a lag of {lag} days is negative; give 0 or more.")
    if window_days < 1:
        raise VocError(f"a window of {window_days} days holds no review; give 1 or more.")
    about = np.zeros(index.size, bool)
    about[index.theme_pairs.row[index.theme_pairs.group == theme]] = True
    window = find_window(facts, scope, since, lag, window_days)
    panel, reasons = treated_panel(facts, window, about)
    choices = [
        other_products(facts, panel, window.frame, about, window.products, MIN_REVIEWS),
        other_themes(index, panel, window.rows, theme),
    ]
    inferred = _infer(panel, choices, config)
    kind, panel, found, result = inferred.kind, inferred.panel, inferred.gaps, inferred.result
    base: dict[str, Any] = {
        "theme_id": theme_id,
        "theme": index.themes[theme].name,
        "treated": _treated_name(index, scope, window),
        "since": since,
        "lag_days": lag,
        "confidence": config.confidence,
        "control_kind": kind,
        "reach": _reach(panel, found, config.confidence),
        "controls": pa.Table.from_pylist([row for c in choices for row in c.listed(kind)], schema=CONTROLS),
        "event_study": event_study(panel, found, window.since, confidence=config.confidence),
    }
    if found is None or result is None:
        reasons = reasons or ("the blocks of time are too few for this confidence; more weeks are needed",)
        return Verification(
            **base, conclusion="not enough data", sentence=say_thin(base["theme"], reasons), reasons=reasons,
            warnings=(), effect=None, effect_low=None, effect_high=None, p_value=None, method=None, permuted=None,
            detectable=None, pre_trend=_UNCHECKED, placebo_dates=placebo_dates(None, confidence=0.9, seed=0),
            placebos_as_large=None,
        )  # fmt: skip
    middle = panel.middle[panel.usable]
    trend = pre_trend(found, middle, confidence=config.confidence, seed=config.seed)
    low, high = widened(result, trend, float(found.share @ middle))
    after = float(np.maximum(found.share, 0) @ found.treated)
    conclusion = conclude(result.effect, low, high, after)
    if conclusion == "not enough data":
        reasons = (_wide(result.effect, low, high, after),)
    placebos = placebo_dates(panel, confidence=config.confidence, seed=config.seed)
    as_large = sum(abs(e) >= abs(result.effect) for e in placebos.column("effect").to_pylist())
    missed = detectable_change(low, high, config.confidence)
    warnings = warn(kind, trend, inferred.method, placebos=placebos.num_rows, as_large=as_large)
    shares = {(r["group"], r["part"]): r["reach"] for r in base["reach"].to_pylist()}
    sentence = say(
        conclusion, theme=base["theme"], treated=base["treated"], since=since, before=shares["treated", "before"],
        after=shares["treated", "after"], effect=(result.effect, low, high), detectable=missed,
        confidence=config.confidence, kind=kind, version=scope.version, reasons=reasons,
    )  # fmt: skip
    return Verification(
        **base, conclusion=conclusion, sentence=" ".join([sentence, *warnings]), reasons=reasons, warnings=warnings,
        effect=result.effect, effect_low=low, effect_high=high, p_value=result.p_value, method=inferred.method,
        permuted=inferred.permuted, detectable=missed, pre_trend=trend, placebo_dates=placebos,
        placebos_as_large=as_large,
    )  # fmt: skip


@dataclass(frozen=True)
class _Found:
    kind: str | None
    panel: Panel
    gaps: Contrast | None
    result: Inference | None
    method: str | None
    permuted: int | None


def _infer(panel: Panel, choices: list[Choice], config: InsightsConfig) -> _Found:
    """Compare with the first kind of controls that has enough reviews to tell something, else with the first at all."""
    spare = None
    for choice in [*choices, None]:
        if choice is not None and not choice.used.any():
            continue
        compared = panel if choice is None else choice.panel(panel)
        enough = can_tell(compared, config.confidence)
        if spare is not None and not enough:
            continue
        gaps = contrast(compared)
        if gaps is None:
            continue
        kind, method, permuted = None if choice is None else choice.kind, "blocks of time", len(gaps.gap)
        result = permute_units(compared, confidence=config.confidence)
        if result is not None and choice is not None:
            method, permuted = choice.unit, int(choice.used.sum()) + 1
        elif blocks_suffice(gaps.after, config.confidence):
            result = permute_blocks(gaps, confidence=config.confidence, seed=config.seed)
        if result is not None:
            found = _Found(kind, compared, gaps, result, method, permuted)
            if enough:
                return found
            spare = found
    return spare or _Found(None, panel, None, None, None, None)


def _wide(effect: float, low: float, high: float, after: float) -> str:
    """Return by how much more data the interval would shrink to less than what there is to lose."""
    expected = max(after - effect, 1e-9)
    times = int(np.clip(np.ceil(((high - low) / expected) ** 2), 2, 99))
    return (
        "the reviews allow for everything from the end of all complaints to no change at all, and about "
        f"{times} times as many would be needed to tell"
    )


def _treated_name(index: Index, scope: Scope, window: Window) -> str:
    """Return how the sentence calls the treated products."""
    if scope.brands and not scope.products:
        return list_names(list(scope.brands))
    if not scope.products and scope.version is None:
        return "all products"
    keys = [index.product.values[code] for code in window.products if code >= 0]
    return list_names(sorted(index.product_names.get(key, key) for key in keys))


def _reach(panel: Panel, found: Contrast | None, confidence: float) -> pa.Table:
    rows: list[dict[str, Any]] = []
    matched: dict[tuple[str, int], float] = {}
    if found is not None:
        for part, side in ((-1, -np.minimum(found.share, 0)), (1, np.maximum(found.share, 0))):
            matched["treated", part] = float(side @ found.treated)
            if panel.controls is not None:
                matched["controls", part] = float(side @ found.controls)
    for name, group in (("treated", panel.treated), ("controls", panel.controls)):
        for part in sorted(PARTS):
            blocks = panel.part == part
            if group is None or not blocks.any():
                continue
            count, total = group.sum(blocks)
            share, low, high = wilson(count, total, confidence)
            rows.append(
                {
                    "group": name,
                    "part": PARTS[part],
                    "start": date_of(panel.start[blocks].min()),
                    "end": date_of(panel.end[blocks].max()),
                    "reviews": int(total),
                    "mentions": int(count),
                    "reach": number(share[0]),
                    "reach_low": number(low[0]),
                    "reach_high": number(high[0]),
                    "matched": matched.get((name, part)),
                }
            )
    return pa.Table.from_pylist(rows, schema=REACH)
