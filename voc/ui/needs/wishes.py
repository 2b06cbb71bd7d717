"""What customers wish for: needs with their intervals, one in focus with its quotes, and who offers it already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from voc import words
from voc.ui import computed, parts, quotes, state, takeaway
from voc.ui.charts import used
from voc.ui.data import Source, View
from voc.ui.frames import records
from voc.ui.scoping import where, whole
from voc.ui.theme import palette, show

if TYPE_CHECKING:
    from voc.insights import Scope

#: Needs drawn before the reader asks for all, and quotes of one.
SHOWN, QUOTES = 14, 6
#: How the needs are ordered: value in the address -> words.
ORDERS = {"reach": "Most wished for", "area": "By part", "depth": "By depth"}


def draw(view: View, scope: Scope) -> None:
    """Draw the needs of a scope and the one that is in focus."""
    parts.section(
        "What customers wish for",
        "Share of reviews that wish for it, with interval. Depth: a variant of what there is, an idea for a change, or "
        "something personal. Most who would like something don't write so.",
    )
    needs = _needs(view.source, scope, view)
    if needs.empty:
        parts.nothing("No review of this scope wishes for anything.")
        return
    order = state.switch("Order", ORDERS, "order")
    everything = state.get("all-needs") == "1"
    drawn = needs if everything else needs.head(SHOWN)
    if order != "reach":
        # Groups with most reviews first, and in each the needs that most wish for.
        size = drawn.groupby(order)["reviews"].transform("sum")
        drawn = drawn.assign(size=size).sort_values(["size", order, "reviews"], ascending=[False, True, False])
    names = {row["need_id"]: words.sentence(str(row["name"])) for row in records(needs)}
    focus = state.get("need") if state.get("need") in names else str(drawn["need_id"].iloc[0])
    show(
        used.needs(drawn, palette(), group="" if order == "reach" else order, chosen=focus),
        key=f"needs_{order}",
        title="What customers wish for",
        subtitle="Share of reviews that wish for it, with interval",
        alt_text=f"{len(drawn)} needs by the share of reviews that wish for them; the table below has all figures",
        on_select=lambda: _picked(f"needs_{order}"),
        selection_mode=[used.PICK],
    )
    if len(needs) > SHOWN:
        label = f"Show the first {SHOWN}" if everything else f"Show all {len(needs)}"
        state_of = "" if everything else "1"
        st.button(label, type="tertiary", key="button-all-needs", on_click=state.put, args=("all-needs", state_of))
    offered = _offered(view.source, view)
    with st.expander("All needs as a table", icon=":material/table:"):
        headers = ["Need", "Part", "Depth", "Reviews", "Reach", "Interval", "Mean rating", "Praised at competitors"]
        lines = [_line(row, offered) for row in records(needs)]
        st.html(parts.table(headers, lines, numbers=[3, 4, 5, 6, 7]))
    takeaway.files("needs", lambda: needs.merge(offered.drop(columns="quotes"), on="need_id", how="left"))
    _focus(view, scope, needs, offered, {focus: names[focus]} | names)


def _picked(key: str) -> None:
    """Put the need that was clicked in the chart into the address."""
    points = (st.session_state[key].get("selection") or {}).get(used.PICK) or []
    if points and points[0].get("need_id"):
        state.put("need", str(points[0]["need_id"]))


def _line(row: dict[Any, Any], offered: pd.DataFrame) -> list[str]:
    praised = int(offered.loc[offered["need_id"] == row["need_id"], "reviews"].sum())
    return [
        words.sentence(str(row["name"])),
        words.sentence(str(row["area"])),
        str(row["depth"]),
        words.count(row["reviews"]),
        words.percent(row["reach"]),
        words.percent_interval(row["reach_low"], row["reach_high"]),
        words.stars(row["mean_rating"]),
        words.plural(praised, "review") if praised else "–",
    ]


def _focus(view: View, scope: Scope, needs: pd.DataFrame, offered: pd.DataFrame, names: dict[str, str]) -> None:
    """Draw one need: its figures, whether a competitor is praised for it, and its quotes."""
    parts.section("One need in focus", "Click a need in the chart, or choose it here.")
    need_id = state.pick("Need", names, "need")
    row = next(row for row in records(needs) if row["need_id"] == need_id)
    st.html(
        parts.figures(
            [
                parts.figure(words.percent(row["reach"]), "of reviews wish for it",
                             words.percent_interval(row["reach_low"], row["reach_high"]), css="small"),
                parts.figure(words.count(row["reviews"]), "review" if row["reviews"] == 1 else "reviews", css="small"),
                parts.figure(f"{words.stars(row['mean_rating'])} ★", "their mean rating", css="small"),
                parts.figure(words.sentence(str(row["area"])), "the part", f"depth: {row['depth']}", css="small"),
            ]
        )
    )  # fmt: skip
    left, right = st.columns(2)
    with left:
        _wished(view, scope, need_id)
    with right:
        _praised(view, next(o for o in records(offered) if o["need_id"] == need_id))


def _wished(view: View, scope: Scope, need_id: str) -> None:
    found = _quotes(view, scope, need_id)
    limit = int(state.get("wishes")) if state.get("wishes").isdecimal() else QUOTES
    st.html(f"<b>What they write</b> <span class='voc-key'>{words.plural(len(found), 'review')}</span>")
    for quoted in records(found.head(limit)):
        st.html(quotes.quote(quoted))
    if len(found) > limit:
        more = str(limit + 4 * QUOTES)
        st.button("More quotes", type="tertiary", key="more_wishes", on_click=state.put, args=("wishes", more))


def _praised(view: View, offer: dict[Any, Any]) -> None:
    """Say whether customers of other makers praise what is wished for."""
    st.html("<b>Do competitors offer it already?</b>")
    products = (
        view.frame("SELECT count(*) AS n FROM products WHERE own = false") if view.snapshot.has("products") else None
    )
    if products is None or not int(products["n"].iloc[0]):
        parts.nothing(
            "The products are not known to be ours or competitors'; give a file with --products when you run."
        )
        return
    if not offer["reviews"]:
        parts.nothing(
            "No customer of a competitor praises it in the same words. That nobody writes so does not mean that nobody "
            "offers it."
        )
        return
    names = view.facts().index.product_names
    listed = ", ".join(names.get(product) or product for product in list(offer["products"])[:4])
    st.html(
        f'<p class="voc-sub">Maybe: {words.plural(int(offer["reviews"]), "review")} of competitors\' products praise '
        f"it in the same words ({words.safe(listed)}). Read what they mean:</p>"
    )
    for said in list(offer["quotes"])[:3]:
        stars = "" if words.missing(said["rating"]) else f"<footer>{words.stars(said['rating'])} ★</footer>"
        st.html(f'<blockquote class="voc-quote"><p>“{words.safe(str(said["text"]).strip())}”</p>{stars}</blockquote>')


def _quotes(view: View, scope: Scope, need_id: str) -> pd.DataFrame:
    """Return the wishes for a need, the surest first, one for each review, as rows that `quotes.quote` takes."""
    condition, values = where(scope, view.phases())
    query = f"""
        SELECT m.*, r.text, r.rating, r.written_at, r.product, r.market, r.channel
        FROM wishes w JOIN mentions m USING (mention_id) JOIN reviews r ON r.review_id = m.review_id
        WHERE w.need_id = ? AND m.kind = 'wish' AND {condition}
        QUALIFY row_number() OVER (PARTITION BY m.review_id ORDER BY m.confidence DESC, m.mention_id) = 1
        ORDER BY m.confidence DESC, m.mention_id
    """  # noqa: S608 - the query holds names of ours and question marks only
    return view.frame(query, need_id, *values)


@st.cache_data(max_entries=64, show_spinner=False)
def _needs(source: Source, scope: Scope, _view: View) -> pd.DataFrame:
    found: pd.DataFrame = _wanted(_view, scope).drop(["quotes"]).to_pandas()
    return found


def _wanted(view: View, scope: Scope) -> pa.Table:
    """Return the needs of a scope, those of everything as the run stored them."""
    from voc.insights.needs import needs

    stored = computed.stored(view, "needs") if scope == whole() else None
    return needs(view.facts(), scope, config=view.config.insights) if stored is None else stored


@st.cache_data(max_entries=8, show_spinner=False)
def _offered(source: Source, _view: View) -> pd.DataFrame:
    """Return what competitors' customers praise of every need there is: the scope says only which of them are shown."""
    from voc.insights.offered import offered

    wanted = _wanted(_view, whole())
    found: pd.DataFrame = offered(_view.facts(), wanted, config=_view.config.insights).to_pandas()
    return found
