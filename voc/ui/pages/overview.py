"""Overview: what to fix first, what is dangerous, how the rating goes, and what data is behind it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from voc import words
from voc.sheets import flat
from voc.ui import ahead, data, filters, hazards, nav, news, parts, quotes, since, state, takeaway, timed
from voc.ui.charts import time
from voc.ui.frames import records
from voc.ui.scoping import whole
from voc.ui.theme import palette, show
from voc.ui.trends.phases import dated_phases


def render() -> None:
    """Draw the page."""
    state.arrive("overview")
    view = data.view()
    if view is None:
        parts.empty_workspace(str(data.workspace_path()))
        return
    scope = whole()
    ranked = view.opportunities(scope)
    coverage = view.coverage(scope)
    _title(view, coverage)
    hazards.lane(view, scope, set(ranked["theme_id"]), int(coverage["analysed"]))
    _top(view, ranked)
    since.since(view, ranked)
    news.news(view)
    _development(view)
    _behind(view, coverage)


def _title(view: data.View, coverage: dict[str, Any]) -> None:
    first, last, number = view.dates()
    dated = f", {first:%b %Y} to {last:%b %Y}" if number else ""
    parts.heading(
        "What to fix first",
        f"From {words.plural(int(coverage['analysed']), 'review')}{dated}. "
        f"Last analysis on {words.day(view.snapshot.created_at)}, {view.snapshot.created_at:%H:%M} UTC.",
        beside=lambda: takeaway.report_button(view, whole()),
    )


def _top(view: data.View, ranked: pd.DataFrame) -> None:
    """Draw the three opportunities that cost most stars."""
    if ranked.empty:
        parts.nothing(
            "There are too few complaints that say what goes wrong to form themes. The product parts that are "
            "criticised most stand on the page Opportunities."
        )
        return
    best = records(ranked.head(ahead.TOP))
    top = max(row["star_impact_high"] for row in best)
    for column, row in zip(st.columns(ahead.TOP), best, strict=False):
        with column, st.container(border=True, height="stretch", key=f"card_{row['rank']}"):
            found = view.standing(row["theme_id"], quotes.standing(row)[:1])
            said = quotes.quote(records(found)[0], expandable=False) if len(found) else ""
            moved = since.moved(view, row["theme_id"], int(row["rank"]))
            st.html(_card(row, view.config.insights.confidence, top, moved) + _spark(view, row) + said)
            _link(row["theme_id"], "Why it ranks here, and all quotes")
    st.html(
        parts.how_to_read(
            parts.STAR_IMPACT_CAPTION,
            parts.RANK_CAPTION,
            "The thin line is the share of reviews that mention the theme, over the whole time of these reviews.",
            f"All intervals hold {view.config.insights.confidence * 100:.0f} % confidence.",
        )
    )


def _spark(view: data.View, row: dict[Any, Any]) -> str:
    line = view.line(whole(), row["theme_id"], int(row["reviews"]))
    return "" if line is None else parts.sparkline(line["reach"].tolist(), "Share of reviews over time")


def _card(row: dict[Any, Any], confidence: float, top: float, moved: str) -> str:
    rank = words.rank_interval(row["rank"], row["rank_low"], row["rank_high"], confidence)
    rank += f" · {moved}" if moved else ""
    return (
        f'<span class="voc-eyebrow">{words.safe(rank)}</span>'
        f'<div class="voc-card-title">{words.safe(row["name"])}</div>'
        + parts.figures([parts.lost(row), parts.reach(row, f"n = {words.count(row['reviews'])}")])
        + parts.bar(row["star_impact"], row["star_impact_low"], row["star_impact_high"], top)
        + parts.chips(row)
    )


def _link(theme_id: str, label: str) -> None:
    st.page_link(
        nav.page("opportunities"), label=label, icon=":material/arrow_forward:", query_params={"theme": theme_id}
    )


def _development(view: data.View) -> None:
    """Draw rating and volume over time, or say why not."""
    phases = dated_phases(view)
    shaded = "" if phases.empty else "; the phases are shaded"
    parts.section(
        "Rating and number of reviews over time", f"The line is the mean rating, the band its interval{shaded}."
    )
    monthly = view.line(whole())
    if monthly is None:
        parts.nothing("These reviews carry no dates, so nothing can be shown over time.")
        return
    if monthly["mean_rating"].notna().any():
        timed.draw(
            time.rating(monthly, phases, palette()), monthly, phases, key="rating", alt_text="Mean rating over time"
        )
    else:
        parts.nothing("These reviews carry no star ratings.")
    show(time.volume(monthly, phases, palette()), key="volume", alt_text="Number of reviews over time")


def _behind(view: data.View, coverage: dict[str, Any]) -> None:
    """Say how much of the data is behind the figures."""
    parts.section("What is behind these figures")
    total = int(coverage["reviews"])
    unread = {words.language(name): n for name, n in coverage["not_analysed"].items()}
    largest = sorted(unread.items(), key=lambda item: -item[1])[:4]
    brands = len(filters.options(view, "brand"))
    channels = {name: int(channel["reviews"]) for name, channel in coverage["channels"].items()}
    counted = int(coverage["counted"])
    cells = [
        parts.figure(
            words.count(total),
            "review" if total == 1 else "reviews",
            ", ".join(f"{words.count(n)} {name}" for name, n in channels.items()) if len(channels) > 1 else "",
            css="small",
        ),
        parts.figure(
            words.count(int(coverage["products"])),
            "product" if coverage["products"] == 1 else "products",
            words.plural(brands, "brand") if brands else "",
            css="small",
        ),
        parts.figure(
            words.count(sum(unread.values())),
            "not analysed",
            ", ".join(f"{name} {words.count(n)}" for name, n in largest) or "every language was read",
            css="small",
        ),
        parts.figure(
            words.percent(coverage["troubles_unassigned_share"]),
            "of complaints in no theme",
            f"{words.count(coverage['troubles_unassigned'])} of {words.count(coverage['troubles'])}",
            css="small",
        ),
        parts.figure(
            words.percent(coverage["judgements_placed"] / coverage["judgements"] if coverage["judgements"] else None),
            "of judgements name a part",
            f"of {words.count(coverage['judgements'])}; {words.count(coverage['verdicts'])} more are of the whole",
            css="small",
        ),
        parts.figure(
            words.percent(1 - coverage["dated"] / total), "without a date", "counted, but not over time", css="small"
        ),
        parts.figure(
            words.percent(coverage["predicted"] / counted if counted else None),
            "without stars",
            "a rating is read from the text",
            css="small",
        ),
    ]
    st.html(parts.figures(cells))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        takeaway.files("Behind the figures", lambda: _figures_of(coverage))
        st.page_link(nav.page("analyse"), label="Add an export", icon=":material/upload_file:")


def _figures_of(coverage: dict[str, Any]) -> pd.DataFrame:
    rows = [{"figure": name, "value": str(flat(value))} for name, value in coverage.items()]
    return pd.DataFrame(rows)


if __name__ == "__main__":
    render()
