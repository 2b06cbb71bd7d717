"""What goes with one opportunity: themes in the same reviews, and wishes about the same part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc import words
from voc.ui import analyses, data, links, nav, parts, quotes, state, takeaway
from voc.ui.frames import records

if TYPE_CHECKING:
    from voc.insights import Scope

#: Themes and wishes that are shown.
SHOWN = 8


def draw(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    """Draw the themes that come together with this one, and the wishes next to it."""
    parts.section(
        "In the same reviews", "Themes that come together with it more often than chance brings them together."
    )
    found = view.insight("together", scope, row["theme_id"])
    clear = found[(found["q_value"] < words.CLEAR_BELOW) & (found["both"] > found["expected"])] if len(found) else found
    if clear.empty:
        parts.nothing("No other theme comes together with it more often than chance would have it.")
    else:
        st.html(_together(clear.head(SHOWN)))
    if len(found):
        takeaway.files("In the same reviews", found, key="files_together")
        st.html(
            parts.how_to_read(
                "Chance is what the reviews of each product would bring together if the two troubles had nothing to do "
                "with one another: troubles of one product are not a pair for that alone.",
                f"{words.plural(int(found['p_value'].notna().sum()), 'theme')} were tested together, at a false "
                "discovery rate below 10 %. Coming together does not say that one brings the other about.",
            )
        )
    _wishes(view, scope, row)


def _together(rows: pd.DataFrame) -> str:
    """Return themes as a table whose names lead to their details."""
    body = "".join(
        f'<tr><td><a href="{words.safe(_address(r["theme_id"]))}" target="_self" style="color:var(--voc-accent)">'
        f"{words.safe(words.sentence(str(r['name'])))}</a></td>"
        f'<td class="n">{words.count(r["both"])}</td>'
        f'<td class="n">{words.percent(r["share"])} ({words.percent_interval(r["share_low"], r["share_high"])})</td>'
        f'<td class="n">{r["lift"]:.1f} × ({r["lift_low"]:.1f}–{r["lift_high"]:.1f})</td></tr>'
        for r in records(rows)
    )
    return (
        '<div class="voc-scroll" tabindex="0" role="region" aria-label="Table: themes in the same reviews">'
        '<table class="voc-table"><thead><tr><th>Theme</th><th class="n">Reviews with both</th>'
        '<th class="n">Of this theme’s reviews</th><th class="n">Against chance</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _address(theme_id: str) -> str:
    """Return the address of another theme's detail under the filters that are chosen."""
    kept = {name: state.get(name) for name in (*state.SHARED, "sort", "part")}
    return links.address("opportunities", **kept, theme=theme_id)


def _wishes(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    area = row.get("area")
    parts.section("Wishes next to it", f"What customers wish for about the same part: {area or 'no single part'}.")
    found = analyses.analysed(view, "needs", scope).rows
    near = found[found["area"] == area] if len(found) else found
    if near.empty:
        parts.nothing("Nobody wishes for anything about this part in so many words.")
    for need in records(near.head(SHOWN)):
        st.html(
            f"<p><b>{words.safe(words.sentence(str(need['name'])))}</b> "
            f'<span class="quiet">{words.plural(int(need["reviews"]), "review")}, '
            f"{words.percent(need['reach'])} "
            f"({words.percent_interval(need['reach_low'], need['reach_high'])})</span></p>"
            + "".join(_wish(quote) for quote in list(need["quotes"])[:1])
        )
    st.page_link(nav.page("needs"), label="All wishes", icon=":material/lightbulb:")


def _wish(quote: dict[str, Any]) -> str:
    link = quotes.review_link(str(quote["review_id"]))
    text = words.safe(str(quote["text"]).strip())
    return f'<blockquote class="voc-quote"><p>“{text}”</p><footer>{link}</footer></blockquote>'
