"""Reviews: search by words and by meaning, the reviews worth answering, and everything read in one review."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import streamlit as st

from voc import words
from voc.search import embedding
from voc.search.catalogue import Filters
from voc.search.query import LONGEST, SYNTAX, parse
from voc.ui import computed, data, filters, parts, state, takeaway
from voc.ui.scoping import where
from voc.ui.search import finding, review

if TYPE_CHECKING:
    from voc.insights import Scope

#: Reviews on a page, and the most that one file takes away.
PAGE = 20
TAKEN = 20_000
_WAYS: dict[str, str] = {"both": "Words and meaning", "words": "Words", "meaning": "Meaning"}
_STARS = {name: label for name, (label, _, _) in computed.STAR_BANDS.items()} | {str(n): f"{n} ★" for n in range(1, 6)}
_KINDS = {"pain": "Complaint", "praise": "Praise", "wish": "Wish"}
_CHANNELS = {"review": "Reviews", "return": "Returns", "ticket": "Tickets", "survey": "Surveys", "app": "App reviews"}
_FURTHER = ("stars", "theme", "kind", "since", "until", "channel", "language", "verified", "hazard")


def render() -> None:
    """Draw the page."""
    state.arrive("reviews")
    view = data.view()
    if view is None:
        parts.empty_workspace(str(data.workspace_path()))
        return
    parts.heading("Reviews", "What customers wrote, found by their words and by what they mean.")
    if wanted := state.get("review"):
        st.button("Back to all reviews", icon=":material/arrow_back:", type="tertiary", on_click=_back)
        review.whole(view, wanted)
        return
    without_meaning = finding.without_meaning(view)
    _searched(view, without_meaning)
    if not without_meaning:
        # After the page is drawn, which would wait for it.
        finding.warm(view)


def _searched(view: data.View, without_meaning: str | None) -> None:
    """Draw the search, the filters and what they find; `without_meaning` says why only words can be searched."""
    typed, way = _box({"words": "Words"} if without_meaning else _WAYS)
    scope = filters.choose(view)
    answering = state.get("show") == "answer"
    chosen = _further(view, scope)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        show = state.switch("Show", {"": "All reviews", "answer": "Worth answering"}, "show", hidden_label=True)
        answering = show == "answer"
    orders = _orders(typed, answering)
    with right:
        order = state.pick("Sort by", orders, "sort")
    by = _way(view, typed, way, without_meaning)
    found = finding.search(view, typed, by, chosen, order, scope if answering else None)  # type: ignore[arg-type]
    left, right = st.columns([5, 1], vertical_alignment="top")
    with left:
        _number(view, typed, found, answering, without_meaning, by)
    if not len(found.rows):
        _none(typed, by, answering)
        return
    with right:
        takeaway.files("reviews", lambda: finding.taken(view, found.rows[:TAKEN], scope if answering else None))
    _page(view, typed, found, scope if answering else None)


def _back() -> None:
    state.put("review", "")


def _box(ways: dict[str, str]) -> tuple[str, str]:
    """Draw the search box and how to search; return both."""
    typed = state.get("q")
    if st.session_state.get("search") != typed:
        st.session_state["search"] = typed
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        st.text_input(
            "Search reviews",
            key="search",
            placeholder="falls out of the socket",
            max_chars=LONGEST,
            on_change=_typed,
            icon=":material/search:",
        )
    with right:
        way = state.switch("Search by", ways, "by") if len(ways) > 1 else next(iter(ways))
    st.html(f'<p class="voc-key">{words.safe(SYNTAX)}</p>')
    return typed, way


def _typed() -> None:
    state.put("q", str(st.session_state["search"] or "").strip())
    state.put("p", "")


def _orders(typed: str, answering: bool) -> dict[str, str]:
    """Return the orders by name, the one that holds without a choice first."""
    others = {"newest": "Newest", "helpful": "Most helpful votes", "severity": "Severity"}
    if typed:
        return {"relevance": "Relevance", **others}
    return {"relevance": "Most worth answering", **others} if answering else others


def _way(view: data.View, typed: str, way: str, without_meaning: str | None) -> finding.By:
    """Return how the query can be looked up now; say so while the model loads."""
    if not typed or way == "words" or without_meaning or not parse(typed).meaning:
        return "words"
    known = embedding.warm(view.config.model)
    if known == "ready":
        return "meaning" if way == "meaning" else "both"
    if known == "failed":
        parts.nothing(f"{embedding.fault(view.config.model)} Only words are searched.")
    else:
        _loading(view)
    return "words"


@st.fragment(run_every=1.0)
def _loading(view: data.View) -> None:
    if embedding.warm(view.config.model) != "loading":
        st.rerun()
    parts.nothing("The model that knows meanings is loading, which takes some seconds; words are searched meanwhile.")


def _further(view: data.View, scope: Scope) -> Filters:
    """Draw the filters that go beyond the scope; return them all."""
    themes = {name: words.sentence(title) for name, title in finding.theme_names(view).items()}
    channels = {name: _CHANNELS.get(name, name) for name in filters.options(view, "channel")}
    languages = {name: words.language(name) for name in filters.options(view, "language")}
    number = sum(bool(state.get(name)) for name in _FURTHER)
    label = f"More filters ({number} set)" if number else "More filters"
    with st.expander(label, icon=":material/filter_list:", expanded=bool(number)), st.container(key="filters_more"):
        first = st.columns(4)
        with first[0]:
            stars = state.pick("Stars", _STARS, "stars", everything="Any stars")
        with first[1]:
            kind = state.pick("Kind", _KINDS, "kind", everything="Any opinion")
        with first[2]:
            theme = state.pick("Theme", themes, "theme", everything="Any theme")
        with first[3]:
            bought = {"yes": "Verified purchases", "no": "Not verified"}
            verified = state.pick("Verified", bought, "verified", everything="All")
        second = st.columns(4, vertical_alignment="bottom")
        with second[0]:
            since = _day("From", "since")
        with second[1]:
            until = _day("To", "until")
        with second[2]:
            language = state.pick("Language", languages, "language", everything="All languages")
        with second[3]:
            channel = ""
            if len(channels) > 1:
                channel = state.pick("Channel", channels, "channel", everything="All channels")
            hazard = _toggle("Reports a hazard", "hazard")
    condition, values = where(scope, view.phases())
    return Filters(
        condition=condition,
        values=tuple(values),
        stars=_band(stars),
        since=since,
        until=until,
        channel=channel,
        language=language,
        verified={"yes": True, "no": False}.get(verified),
        theme=theme,
        kind=kind,
        hazard=hazard,
    )


def _band(stars: str) -> tuple[float, float] | None:
    if stars in computed.STAR_BANDS:
        return computed.STAR_BANDS[stars][1:]
    return (int(stars) - 0.5, int(stars) + 0.49) if stars else None


def _day(label: str, name: str) -> dt.date | None:
    """Offer a day that is a query parameter; what is no day counts as no choice."""
    try:
        day = dt.date.fromisoformat(state.get(name)) if state.get(name) else None
    except ValueError:
        state.put(name, "")
        day = None
    key = f"day_{name}"
    # Set also where nothing is chosen: the widget would take today otherwise.
    if key not in st.session_state or st.session_state[key] != day:
        st.session_state[key] = day
    st.date_input(
        label,
        key=key,
        format="YYYY-MM-DD",
        min_value=dt.date(1990, 1, 1),
        max_value=dt.date(2100, 1, 1),
        on_change=lambda: state.put(name, str(st.session_state[key] or "")),
    )
    return day


def _toggle(label: str, name: str) -> bool:
    """Offer a yes or no that is a query parameter."""
    wanted = state.get(name) == "1"
    key = f"toggle_{name}"
    if st.session_state.get(key) != wanted:
        st.session_state[key] = wanted
    st.toggle(label, key=key, on_change=lambda: state.put(name, "1" if st.session_state[key] else ""))
    return wanted


def _number(
    view: data.View, typed: str, found: finding.Found, answering: bool, without_meaning: str | None, by: str
) -> None:
    """Say how many reviews there are, and how far the search could see."""
    said = f"{words.plural(len(found.rows), 'review')} of {words.count(view.snapshot.rows('reviews'))}"
    ways = [
        f"{words.count(number)} by {name}"
        for number, name in ((found.by_words, "their words"), (found.by_meaning, "what they mean"))
        if number is not None
    ]
    said += f": {', '.join(ways)}." if len(ways) > 1 else "."
    if len(found.rows) > TAKEN:
        said += f" A file holds the first {words.count(TAKEN)} of them."
    if answering:
        from voc.analyses.answering import HOW

        said += f" {HOW}"
    if typed and without_meaning:
        said += f" {without_meaning}"
    known, every = finding.covered(view)
    if by != "words" and 2 * known < every:
        said += (
            f" Meaning is known of {words.count(known)} of {words.count(every)} opinions, those that say what goes "
            "wrong; it is of all once the exports are read anew."
        )
    st.html(f'<p class="voc-key" role="status">{words.safe(said)}</p>')


def _none(typed: str, by: str, answering: bool) -> None:
    if typed and by == "words":
        parts.nothing("No review under these filters holds all these words. Try fewer words, or OR between them.")
    elif typed:
        parts.nothing("Nothing under these filters is near to that. Try other words, or fewer filters.")
    elif answering:
        parts.nothing("No review under these filters needs an answer.")
    else:
        parts.nothing("No review passes these filters.")


def _page(view: data.View, typed: str, found: finding.Found, answers: Scope | None) -> None:
    pages = -(-len(found.rows) // PAGE)
    wanted = state.get("p")
    place = min(max(int(wanted) if wanted.isdigit() and len(wanted) < 7 else 1, 1), pages)
    rows = found.rows[(place - 1) * PAGE : place * PAGE]
    reasons = None if answers is None else finding.reasons_of(view, answers, rows)
    st.html(review.cards(view, rows, parse(typed), found, reasons))
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Previous", disabled=place == 1, on_click=state.put, args=("p", str(place - 1)))
            st.html(f'<p class="voc-key">Page {words.count(place)} of {words.count(pages)}</p>', width="content")
            st.button("Next", disabled=place == pages, on_click=state.put, args=("p", str(place + 1)))


if __name__ == "__main__":
    render()
