"""Our products against the competitors', any two sides against each other, by price, and per unit sold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voc.analyses.frame import Analysis, Found, Options, Row, between, chance, points, share, signed, stars

if TYPE_CHECKING:
    from voc.config import InsightsConfig
    from voc.insights import Facts, Scope


def _benchmark(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.rivals import rivals

    found = rivals(facts, scope, config=config)
    counted = (
        f"{found.own_reviews:,} reviews of {found.own_products:,} products of ours against {found.rival_reviews:,} of "
        f"{found.rival_products:,} of the competitors."
    )
    notes = [counted, *([found.reason] if found.reason else []), *found.cautions]
    return Found(found.table, notes, lambda row: row["class"] != "too little data")


def _benchmark_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    return {
        "what": row["name"],
        "level": row["level"],
        "class": row["class"],
        "ours": share(row["own_reach"]),
        "theirs": share(row["rival_reach"]),
        "difference, points": between(points, row, "difference"),
        "q": chance(row["q_value"]),
    }


def _sides(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.sides import sides, values
    from voc.tables.compared import SIDES

    by = options.by or "product"
    known = list(values(facts, scope, by))
    if len(known) < 2:
        return Found(SIDES.empty_table(), [f"There are no two values of {by} to compare; name another column by --by."])
    first = options.side or next(value for value in known if value != options.against)
    second = options.against or next(value for value in known if value != first)
    found = sides(facts, scope, by, first, second, config=config)
    notes = [
        f"{first} (first) against {second} (second): {found.first_written:,} and {found.second_written:,} reviews. "
        f"Tested together: {found.tested:,} themes. Reviews count as independent of one another."
    ]
    return Found(found.table, notes, lambda row: row["class"] != "too little data")


def _side_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    rating = row["measure"] == "rating"
    return {
        "what": row["name"],
        "class": row["class"],
        "first": stars(row["first_value"]) if rating else share(row["first_value"]),
        "second": stars(row["second_value"]) if rating else share(row["second_value"]),
        "difference": between(signed if rating else points, row, "difference"),
        "q": chance(row["q_value"]),
    }


def _prices(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.prices import price_map

    found = price_map(facts, scope, config=config)
    none = "No product of this scope has a price; give a file with --products when you run."
    return Found(found, [] if found.num_rows else [none])


def _price_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    return {
        "product": row["product"] or row["product_id"],
        "brand": row["brand"],
        "price": f"{row['price']:g} {row['currency'] or ''}".strip(),
        "stars": f"{row['mean_rating']:.2f} ({row['reviews']:,} reviews)",
        "quadrant": row["quadrant"] or "not sure",
        "could score": stars(row["without_rating"]),
        "opening": row["opening"] or row["reason"] or "",
    }


def _units(facts: Facts, scope: Scope, config: InsightsConfig, options: Options) -> Found:
    from voc.insights.units import units

    found = units(facts, scope, config=config)
    if not any(found["units_sold"].to_pylist()):
        return Found(
            found, ["Units sold are not known; give a file with a column units_sold with --products."], _no_row
        )
    return Found(found, ["Of reviewers, not of buyers."], lambda row: row["units_sold"] is not None)


def _no_row(row: Row) -> bool:
    return False


def _unit_line(row: Row, phases: Mapping[str, str]) -> dict[str, Any]:
    return {
        "product": row["product"] or row["product_id"],
        "theme": row["name"] or "(all reviews)",
        "reviews": row["reviews"],
        "per 1,000 sold": "" if row["per_1000_sold"] is None else f"{row['per_1000_sold']:.2f}",
        "returns": row["returns"],
        "returns per 1,000": "" if row["returns_per_1000"] is None else f"{row['returns_per_1000']:.2f}",
        "": row["reason"] or "",
    }


ANALYSES = {
    "benchmark": Analysis("Ours against the competitors'", _benchmark, _benchmark_line),
    "sides": Analysis("Two sides against each other", _sides, _side_line),
    "prices": Analysis("Price and score", _prices, _price_line),
    "units": Analysis("Per 1,000 sold", _units, _unit_line),
}
