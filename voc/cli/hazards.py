"""`voc insights hazards`: the reviews that report a possible safety hazard, with the count by product."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc.config import InsightsConfig
    from voc.insights import Facts, Scope
    from voc.sheets import Sheet

# Reports that a table for reading shows; the other formats hold all.
_SHOWN = 50


def hazard_sheet(facts: Facts, scope: Scope, config: InsightsConfig, names: dict[str, str]) -> Sheet:
    """Return the reports of a scope, newest first.

    Args:
        facts: the tables.
        scope: the reviews under view.
        config: confidence level.
        names: people's own names for themes, by theme_id.

    Raises:
        VocError: the scope names something the data lacks.
    """
    from voc.insights import hazard_products, hazards
    from voc.sheets import Sheet

    found = hazards(facts, scope)
    rows = found.to_pylist()
    listed = facts.themes.select(["theme_id", "name"]).to_pylist()
    themes = {theme["theme_id"]: names.get(theme["theme_id"], theme["name"]) for theme in listed}
    shown = [
        {
            "written": None if row["written_at"] is None else row["written_at"].date(),
            "product": row["product"],
            "channel": row["channel"],
            "stars": None if row["rating"] is None else f"{row['rating']:g}",
            "customers say": row["text"],
            "theme": themes.get(row["theme_id"]) or "(in no theme)",
            "review": row["review_id"],
        }
        for row in rows[:_SHOWN]
    ]
    notes = [
        f"{one['product'] or 'No product named'}: {one['reviews']:,} of {one['analysed']:,} analysed reviews, "
        f"{one['share']:.2%} ({one['share_low']:.2%} to {one['share_high']:.2%})."
        for one in hazard_products(facts, scope, config=config).to_pylist()
    ]
    if len(rows) > _SHOWN:
        notes.append(f"The first {_SHOWN} of {len(rows):,} reports; --format csv holds all.")
    title = "Possible safety hazards"
    return Sheet(title, shown, rows, rows, found.column_names, notes)
