"""What else stands on the first page: what rises, is praised, wished for and decided, and what became of fixes."""

from __future__ import annotations

import streamlit as st

from voc import words
from voc.analyses.highlights import Highlights, highlights
from voc.store.decision_entries import DONE
from voc.themes.areas import OTHER, WHOLE
from voc.ui import nav, parts
from voc.ui.data import Source, View
from voc.ui.decisions import decided
from voc.ui.decisions.verified import remembered
from voc.ui.frames import records
from voc.ui.scoping import whole

#: Lines of each kind.
SHOWN = 3


def news(view: View) -> None:
    """Draw the section; each column is left out where there is nothing to say."""
    found = _found(view.source, view)
    columns = [
        ("Rising beyond their own history", _alerts(found), "trends", "All phases and trends"),
        ("Customers wish for", _needs(found), "needs", "All needs"),
        ("Customers praise", _praised(view), "reviews", "Read reviews"),
        ("Decisions", _open(view), "decisions", "All decisions"),
        ("Fixes", _fixes(view), "fixes", "All fixes"),
    ]
    filled = [column for column in columns if column[1]]
    if not filled:
        return
    parts.section("What else to know")
    # One alone is as wide as of three: a card over the whole page is hard to read.
    across = 2 if len(filled) in (2, 4) else 3
    places = [place for _ in range(0, len(filled), across) for place in st.columns(across)]
    for place, (title, lines, page, label) in zip(places, filled, strict=False):
        with place, st.container(border=True, height="stretch", key=f"card_{page}"):
            listed = "".join(f"<li>{line}</li>" for line in lines[:SHOWN])
            more = f'<p class="voc-key">and {len(lines) - SHOWN} more</p>' if len(lines) > SHOWN else ""
            st.html(f'<div class="voc-card-title">{words.safe(title)}</div><ul class="voc-list">{listed}</ul>{more}')
            st.page_link(nav.page(page), label=label, icon=":material/arrow_forward:")


@st.cache_data(max_entries=8, show_spinner=False)
def _found(source: Source, _view: View) -> Highlights:
    entries = _view.workspace.entries
    return highlights(_view.snapshot.table, entries.theme_names(), entries.hidden_themes())


def _alerts(found: Highlights) -> list[str]:
    return [
        f"<b>{words.safe(words.sentence(row['name']))}</b><br>"
        + words.safe(f"{words.percent(row['reach_since'])} of the reviews since {words.day(row['since'])}, ")
        + words.safe("new" if not row["reviews_before"] else f"{words.percent(row['reach_before'])} before")
        for row in found.alerts
    ]


def _needs(found: Highlights) -> list[str]:
    return [
        f"<b>{words.safe(words.sentence(row['name']))}</b><br>"
        + words.safe(f"{words.plural(int(row['reviews']), 'review')}, {row['area']}")
        for row in found.needs
    ]


def _praised(view: View) -> list[str]:
    """Return the parts that most reviews praise: what must not break while something else is mended."""
    areas = view.areas(whole())
    best = areas[(areas["praise_reviews"] > 0) & ~areas["name"].isin([WHOLE, OTHER])].sort_values(
        "praise_reviews", ascending=False
    )
    return [
        f"<b>{words.safe(words.sentence(str(row['name'])))}</b><br>"
        + words.safe(
            f"praised in {words.plural(int(row['praise_reviews']), 'review')}, "
            f"criticised in {words.count(row['pain_reviews'])}"
        )
        for row in records(best)
    ]


def _open(view: View) -> list[str]:
    """Return the decisions that are still to be carried out, the most urgent first."""
    rows = [row for row in view.workspace.entries.decisions() if row["state"] not in (*DONE, "rejected")]
    rows.sort(key=lambda row: (str(row["planned_on"] or "9"), row["decision_id"]))
    return [
        f"<b>{words.safe(row['title'])}</b> {decided.chips(row)}<br>{words.safe(decided.facts(row))}" for row in rows
    ]


def _fixes(view: View) -> list[str]:
    """Return what became of each fix; of a decision by what was done, else by its theme."""
    done = {row["decision_id"]: row["title"] for row in view.workspace.entries.decisions()}
    return [
        f"<b>{words.safe(done.get(row['fix_id']) or words.sentence(row['theme'] or row['theme_id']))}</b><br>"
        + words.safe(f"since {words.day(row['since'])}: {row['conclusion'] or row['fault']}")
        for row in remembered(view)
    ]
