"""What customers wish for, when in the life of a product pains come, and when it fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voc.analyses.frame import Analysis, Found, Options, Row, between, chance, first_quote, share, stars

if TYPE_CHECKING:
    from voc.config import InsightsConfig
    from voc.insights import Facts, Scope


def _needs(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.needs import needs

    found = needs(facts, scope, config=config)
    return Found(found, [] if found.num_rows else ["No review of this scope wishes for anything."])


def _need_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    return {
        "need": row["name"],
        "part": row["area"],
        "depth": row["depth"],
        "reviews": row["reviews"],
        "reach": between(lambda v: share(v, 2), row, "reach"),
        "mean rating": stars(row["mean_rating"]),
        "customers say": first_quote(row),
    }


def _time_in_use(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.time_in_use import time_in_use

    found = time_in_use(facts, scope, config=config)
    said = any(found["stated"].to_pylist())
    note = "As far as customers say how long they had used it." if said else "No review says how long it had been used."
    return Found(found, [note], lambda row: bool(row["stated"]))


def _time_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    return {
        "theme": row["name"],
        "say when": f"{row['stated']:,} of {row['reviews']:,}",
        "out of the box": share(row["box_share"], 0),
        "first 60 days": share(row["weeks_share"], 0),
        "later": share(row["long_share"], 0),
        "median days": "" if row["median_days"] is None else f"{row['median_days']:g}",
        "timing": row["timing"] or "",
        "q": chance(row["q_value"]),
    }


def _failure(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.failure import time_to_failure
    from voc.insights.scope import find_theme

    found = time_to_failure(
        facts, scope, None if options.theme is None else find_theme(facts, options.theme), config=config
    )
    if not found.reviews + found.works:
        return Found(found.within, ["No review says when it failed, or how long it has worked."], lambda row: False)
    notes = [f"{found.reviews:,} reviews say when it failed, {found.works:,} how long it has worked."]
    notes += [
        f"{row['probability']:.0%} of those who say when: within {row['days']:.0f} days "
        f"({row['days_low']:.0f} to {row['days_high']:.0f})."
        for row in found.quantiles.to_pylist()
    ]
    further = dict.fromkeys(s for s in (found.reason, found.survival_reason, found.caveat) if s)
    return Found(found.within, [*notes, *further])


def _failure_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    return {
        "within days": row["days"],
        "reviews": row["said_reviews"],
        "share of those who say when": between(share, row, "share"),
    }


ANALYSES = {
    "needs": Analysis("What customers wish for", _needs, _need_line),
    "time-in-use": Analysis("When pains come", _time_in_use, _time_line),
    "failure": Analysis("Time to failure", _failure, _failure_line),
}
