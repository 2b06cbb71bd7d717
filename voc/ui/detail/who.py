"""Who says it: the reach of one opportunity by product, brand, market, variant, purchase and channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc import words
from voc.ui import data, parts, state, takeaway
from voc.ui.charts import ranked
from voc.ui.frames import records
from voc.ui.theme import palette, show

if TYPE_CHECKING:
    from voc.insights import Scope

#: Column of `theme_segments` -> words.
BY = {
    "product": "Product",
    "brand": "Brand",
    "market": "Market",
    "variant": "Variant",
    "verified": "Verified",
    "incentivised": "Incentivised",
    "channel": "Channel",
}
#: Segments that are drawn; the file holds them all.
SHOWN = 15


def draw(view: data.View, scope: Scope, row: dict[Any, Any]) -> None:
    """Draw the segments of one column, whichever the address names, and what differs by more than chance."""
    parts.section(
        "Who says it",
        "Share of the reviews of each segment that mention it, with interval; dashed: of all. Orange is more than the "
        "rest, blue is less, by more than chance.",
    )
    found = view.insight("theme_segments", scope, row["theme_id"])
    if found.empty:
        parts.nothing("These reviews cannot be told apart by product, market or anything else.")
        return
    found["word"] = [_word(r) for r in records(found)]
    there = [by for by in BY if by in set(found["by"])]
    by = state.switch("By", {name: BY[name] for name in there}, "by", hidden_label=True)
    _differences(found)
    rows = found[found["by"] == by]
    shown = rows.head(SHOWN)
    drawn = pd.DataFrame(
        {
            "label": [words.sentence(str(name)) for name in shown["name"]],
            "value": shown["reach"],
            "low": shown["reach_low"],
            "high": shown["reach_high"],
            "words": [
                f"{words.percent(r['reach'])}, {words.count(r['reviews'])} of {words.count(r['analysed'])}"
                for r in records(shown)
            ],
            "note": shown["word"],
            "tone": shown["word"].map({"more than the rest": "worse", "less than the rest": "better"}).fillna("quiet"),
        }
    )
    show(
        ranked.shares(drawn, palette(), whole=float(row["reach"])),
        key="who",
        alt_text=f"Reach by {BY[by].lower()}, with intervals",
        title=f"{words.sentence(str(row['name']))}: by {BY[by].lower()}",
        subtitle="Share of reviews that mention it, with interval; dashed: of all reviews",
    )
    if len(rows) > SHOWN:
        parts.nothing(f"The {SHOWN} with most reviews of {len(rows)}; the file holds all.")
    takeaway.files("Who says it", found, key="files_who")
    tested = int(found["p_value"].notna().sum())
    st.html(
        parts.how_to_read(
            f"Each segment is compared with the rest. {words.plural(tested, 'comparison')} of this theme were tested "
            "together; coloured is what differs at a false discovery rate below 10 %. Below 30 reviews on either side "
            "nothing is tested.",
            "A difference says who writes about a trouble more often; segments also differ in what they bought and "
            "when they wrote. Returns and tickets are written by those with a problem.",
        )
    )


def _word(row: dict[str, Any]) -> str:
    if words.missing(row["q_value"]):
        return "not compared"
    if row["q_value"] >= words.CLEAR_BELOW:
        return "no clear difference"
    return "more than the rest" if row["difference"] > 0 else "less than the rest"


def _differences(found: pd.DataFrame) -> None:
    """Say in a line each, of every column, which segments differ by more than chance."""
    clear = found[found["word"].isin(["more than the rest", "less than the rest"])].sort_values("q_value")
    if clear.empty:
        parts.nothing("No segment differs from the rest by more than chance.")
        return
    items = "".join(
        f'<li><span class="{"worse" if r["difference"] > 0 else "better"}">'
        f"{words.safe(words.sentence(str(r['name'])))}</span> "
        f"({words.safe(BY[r['by']].lower())}): {words.percent(r['reach'])} against {words.percent(r['rest_reach'])}, "
        f"{words.points(r['difference'])} "
        f"({words.percent_interval(r['difference_low'], r['difference_high'])})</li>"
        for r in records(clear.head(5))
    )
    more = f'<p class="voc-key">and {words.count(len(clear) - 5)} more</p>' if len(clear) > 5 else ""
    st.html(
        f'<p class="voc-key">Differ from the rest by more than chance, the surest first:</p>'
        f'<ul class="voc-list">{items}</ul>{more}'
    )
