"""Compare: ours against the competitors', any two or several sides, prices against scores, how segments differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voc.ui import analyses, data, filters, parts, state
from voc.ui.charts import compared
from voc.ui.sides import against, several
from voc.ui.theme import palette, show

if TYPE_CHECKING:
    from voc.insights import Scope

#: Rows of the chart of both sides.
DRAWN = 14
#: What the page shows: value in the address -> words; only the chosen one is computed.
VIEWS = {
    "rivals": "Ours and competitors",
    "pair": "A against B",
    "several": "Several at once",
    "prices": "Prices and units",
    "segments": "Segments",
}


def render() -> None:
    """Draw the page."""
    state.arrive("compare")
    view = data.view()
    if view is None:
        parts.empty_workspace(str(data.workspace_path()))
        return
    parts.heading("Compare", "Which pains are ours alone, which everybody's, and who suffers from what.")
    scope = filters.choose(view)
    shown = state.switch("Show", VIEWS, "view")
    if shown == "pair":
        against.draw(view, scope)
    elif shown == "several":
        several.draw(view, scope)
    elif shown == "prices":
        _prices(view, scope)
    elif shown == "segments":
        analyses.section(
            view,
            "segments",
            scope,
            "Who suffers from what",
            "Markets, variants, verified buyers and channels: where a segment differs by more than chance.",
        )
    else:
        _rivals(view, scope)


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
            show(
                compared.sides(drawn, palette()),
                key="sides",
                title="Ours against the competitors'",
                subtitle="Each theme's share of reviews on both sides, with interval",
                alt_text="Reach of each theme in our reviews and in the competitors', with intervals",
            )
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
                compared.prices(rows, palette()),
                key=f"prices_{currency}",
                title="Price and score",
                alt_text=f"{len(rows)} products by price{f' in {currency}' if currency else ''} and mean rating",
            )
    analyses.rows(found, "all-prices")
    analyses.section(
        view,
        "units",
        scope,
        "Per 1 000 sold",
        "Reviews are written by few buyers; where you gave the units sold or returns, the figures stand beside them.",
    )


if __name__ == "__main__":
    render()
