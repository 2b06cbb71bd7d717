"""How opportunities and product parts read in a line, on the command line and in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voc.analyses.frame import counted, first_quote

_PARTS = ("reach", "rating_gap", "mean_with", "mean_without")
HOW_TO_READ = (
    "Stars lost: how much higher the mean rating is without the reviews that mention it; associated with it, not "
    "what a fix would gain. Reach: share of analysed reviews. In brackets: the interval."
)


def opportunity_line(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is shown of a row of `opportunities`."""
    return {
        "#": row["rank"],
        "ranks": f"{row['rank_low']}-{row['rank_high']}",
        "opportunity": row["name"],
        **_figures(row),
        "severity": f"{row['severity']:.2f}",
        "hazard": counted(row["hazard_reviews"], "review") if row["hazard"] else "",
        "trend": _trend(row),
        "customers say": first_quote(row),
    }


def area_line(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is shown of a row of `area_summary`."""
    return {
        "#": row["rank"],
        "area": row["name"],
        **_figures(row),
        "troubles in": row["trouble_reviews"],
        "judgements in": row["judgement_reviews"],
        "praise in": row["praise_reviews"],
        "customers say": first_quote(row),
    }


def parts_of(row: Mapping[str, Any]) -> dict[str, float | None]:
    """Star impact as what it is the product of: reach and the gap between ratings without and with the theme."""
    with_it, without = row["mean_with"], row["mean_without"]
    gap = None if with_it is None or without is None else without - with_it
    return dict(zip(_PARTS, (row["reach"], gap, with_it, without), strict=True))


def without_structure(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row whose quotes, if it has any, are one text, for spreadsheets."""
    if "quotes" not in row:
        return dict(row)
    return {**row, "quotes": " | ".join(quote["text"] for quote in row["quotes"])}


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "stars lost": f"{row['star_impact']:.2f} ({row['star_impact_low']:.2f} to {row['star_impact_high']:.2f})",
        "reviews": row["reviews"],
        "reach": f"{row['reach']:.1%} ({row['reach_low']:.1%} to {row['reach_high']:.1%})",
    }


def _trend(row: Mapping[str, Any]) -> str:
    change, low, high = row["momentum"], row["momentum_low"], row["momentum_high"]
    if change is None:
        return ""
    if low is not None and high is not None and low <= 0 <= high:
        return "steady"
    return f"{'rising' if change > 0 else 'falling'} {change * 100:+.1f} points"
