"""Compare: our products against the competitors', prices against scores, and how segments differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc.ui import analyses, data, filters, parts, state
from voc.ui.charts import compared
from voc.ui.theme import palette, show

if TYPE_CHECKING:
    from voc.insights import Scope

#: Rows of the chart of both sides.
DRAWN = 14


def render() -> None:
    """Draw the page."""
    state.arrive("compare")
    view = data.view()
    if view is None:
        parts.empty_workspace(str(data.workspace_path()))
        return
    parts.heading("Compare", "Which pains are ours alone, which everybody's, and who suffers from what.")
    scope = filters.choose(view)
    _rivals(view, scope)
    _prices(view, scope)
    analyses.section(
        view,
        "segments",
        scope,
        "Who suffers from what",
        "Markets, variants, verified buyers and channels: where a segment differs from the rest by more than chance.",
    )
    analyses.section(
        view,
        "units",
        scope,
        "Per 1,000 sold",
        "Reviews are written by few buyers; where you gave the units sold or returns, the figures stand beside them.",
    )


def _rivals(view: data.View, scope: Scope) -> None:
    parts.section(
        "Ours against the competitors'",
        "Each theme's reach on both sides, in the categories that both sell. Only ours: nobody else has it. "
        "Everybody's: who solves it first has an opening.",
    )
    found = analyses.analysed(view, "benchmark", scope)
    if found.fault is None and len(found.rows):
        clear = found.rows[(found.rows["level"] == "theme") & (found.rows["class"] != "too little data")]
        drawn = clear[clear["own_reach"].notna() & clear["rival_reach"].notna()].head(DRAWN)
        if len(drawn):
            show(compared.sides(drawn, palette()), key="sides", alt_text="Reach of each theme on both sides")
    analyses.rows(found, "all-benchmark")


def _prices(view: data.View, scope: Scope) -> None:
    parts.section(
        "Price and score",
        "Products that are cheap and could score high are where a better one finds room. Could score: the mean rating "
        "without the reviews that mention the costliest trouble; associated, not promised.",
    )
    found = analyses.analysed(view, "prices", scope)
    if found.fault is None and len(found.rows):
        for currency, rows in found.rows.groupby(found.rows["currency"].fillna("")):
            show(
                compared.prices(rows, palette()), key=f"prices_{currency}", alt_text="Products by price and mean rating"
            )
    analyses.rows(found, "all-prices")


if __name__ == "__main__":
    render()
