"""The lane of possible safety hazards: how many reviews report one, of which products, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from voc import words
from voc.ui import computed, data, nav, quotes, state, takeaway
from voc.ui.frames import records
from voc.ui.scoping import whole

if TYPE_CHECKING:
    from voc.insights import Scope

#: Reports shown before the reader asks for all, and how many more each click brings then.
STRIKING, PORTION = 3, 30
#: Products named one by one.
PRODUCTS = 4
#: The query parameter that opens all reports: how many portions are shown.
OPEN = "hazards"


def lane(view: data.View, scope: Scope, themes: set[str], analysed: int) -> None:
    """Draw the lane; draw nothing where no review reports a hazard.

    Args:
        view: the workspace's state.
        scope: products, segment and dates under view.
        themes: theme_ids that the page Opportunities lists, to which a report may lead.
        analysed: how many reviews were read, of all channels.
    """
    reports, first, products = _found(view.source, scope, view)
    if reports.empty:
        return
    with st.container(key="hazards"):
        st.html(
            '<h2 class="voc">⚠ Possible safety hazards</h2>'
            f"<p><b>{_share(len(reports), analysed)}</b> "
            f"{'report' if len(reports) > 1 else 'reports'} a possible hazard such as smoke, fire, burns or shock. "
            '<span class="quiet">Read these first, whatever their rank.</span></p>' + _products(products)
        )
        shown = records(first)
        for column, row in zip(st.columns(len(shown), gap="medium"), shown, strict=True):
            with column:
                st.html(quotes.quote(row, expandable=False))
                if row["theme_id"] in themes:
                    st.page_link(
                        nav.page("opportunities"),
                        label="Its theme",
                        icon=":material/arrow_forward:",
                        query_params={"theme": row["theme_id"]},
                    )
        _all(reports)


def _all(reports: pd.DataFrame) -> None:
    """Offer every report, or draw those the address asks for."""
    wanted = state.get(OPEN)
    portions = int(wanted) if wanted.isdigit() and len(wanted) < 5 else 0
    if not portions:
        with st.container(horizontal=True, vertical_alignment="center"):
            if len(reports) > STRIKING:
                label = f"Read all {words.count(len(reports))} reports"
                st.button(label, icon=":material/unfold_more:", key="all_hazards", on_click=state.put, args=(OPEN, "1"))
            takeaway.files("Reports of hazards", reports)
        return
    shown = reports.head(PORTION * portions)
    order = ", newest first" if reports["written_at"].notna().any() else ""
    st.html(
        f'<h3 class="voc">All {words.count(len(reports))} reports{order}</h3>'
        + "".join(quotes.quote(row) for row in records(shown))
    )
    with st.container(horizontal=True):
        if len(shown) < len(reports):
            label = f"Show more ({words.count(len(shown))} of {words.count(len(reports))})"
            st.button(label, key="more_hazards", on_click=state.put, args=(OPEN, str(portions + 1)))
        st.button("Show fewer", type="tertiary", key="few_hazards", on_click=state.put, args=(OPEN, ""))
        takeaway.files("Reports of hazards", reports)


def _products(products: pd.DataFrame) -> str:
    """Return the products with most reports in a line each, with the share of their reviews that report one."""
    lines = [
        f"<li><b>{words.safe(row['product'] or 'No product named')}</b>: "
        + words.safe(
            f"{words.count(row['reviews'])} of {words.count(row['analysed'])} ({words.percent(row['share'])}, "
            f"interval {words.percent_interval(row['share_low'], row['share_high'])})"
        )
        + "</li>"
        for row in records(products.head(PRODUCTS))
    ]
    rest = products.iloc[PRODUCTS:]
    if len(rest):
        number = words.plural(len(rest), "further product")
        lines.append(
            f"<li>{number}: {words.count(rest['reviews'].sum())} of {words.count(rest['analysed'].sum())}</li>"
        )
    return f'<ul class="voc-inline">{"".join(lines)}</ul>'


def _share(reports: int, analysed: int) -> str:
    return (
        f"{words.count(reports)} of {words.plural(analysed, 'analysed review')} ({words.percent(reports / analysed)})"
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _found(source: data.Source, scope: Scope, _view: data.View) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return all reports, the striking ones, and the count by product, the first two as rows that can be quoted."""
    from voc import insights

    facts = _view.facts()
    found, products = (
        computed.stored(_view, name) if scope == whole() else None for name in ("hazards", "hazard_products")
    )
    if found is None or products is None:
        found = insights.hazards(facts, scope)
        products = insights.hazard_products(facts, scope, config=_view.config.insights)
    reviews = facts.reviews.select(["review_id", "text", "market"])
    chosen = insights.striking(found, STRIKING)
    return _quotable(found, reviews), _quotable(chosen, reviews), products.to_pandas()


def _quotable(found: pa.Table, reviews: pa.Table) -> pd.DataFrame:
    """Return reports with the whole text of their reviews, in the columns of a mention joined with its review."""
    names = {"start": "clause_start", "end": "clause_end"}
    reports: pd.DataFrame = found.drop_columns("text").to_pandas().rename(columns=names)
    held = reviews.filter(pc.is_in(reviews["review_id"], found["review_id"]))
    frame: pd.DataFrame = reports.merge(held.to_pandas(), on="review_id", how="left")
    return frame
