"""The figures of a state, cached by what they depend on: the state and what was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from voc.ui import holding
from voc.ui.scoping import short_names, where, whole
from voc.ui.trends.steps import tested

if TYPE_CHECKING:
    from voc.insights import Scope
    from voc.ui.data import Source, View

#: Bands of stars for the filter on quotes: value in the address -> (words, lowest, highest).
STAR_BANDS: dict[str, tuple[str, float, float]] = {
    "low": ("1–2 ★", 0.0, 2.49),
    "mid": ("3 ★", 2.5, 3.49),
    "high": ("4–5 ★", 3.5, 5.0),
}
#: Tables that a run stores of the whole workspace, by the insight that computes them for a scope.
_STORED = frozenset({"area_summary"})


@st.cache_data(max_entries=64, show_spinner=False)
def opportunities(source: Source, scope: Scope, _view: View) -> pd.DataFrame:
    """Return the ranked opportunities of a scope, from the snapshot where they are stored."""
    from voc import insights

    facts = _view.facts()
    stored = _stored_scope(scope)
    table: pa.Table | None = None
    if stored is not None and _usable(_view, scope):
        everything = _view.snapshot.table("opportunities")
        kind, name = stored
        table = everything.filter(
            pc.and_(pc.equal(everything["scope_type"], kind), pc.equal(everything["scope"], name))
        )
    if table is None or (table.num_rows == 0 and stored != ("workspace", "")):
        table = insights.opportunities(facts, scope, config=_view.config.insights)
    names = dict(zip(facts.themes["theme_id"].to_pylist(), facts.themes["name"].to_pylist(), strict=True))
    frame: pd.DataFrame = table.to_pandas()
    frame = frame[frame["theme_id"].isin(list(names))].sort_values("rank").reset_index(drop=True)
    frame["name"] = frame["theme_id"].map(names)
    return frame


def _usable(view: View, scope: Scope) -> bool:
    """Tell whether the stored opportunities still hold: nothing was forgotten since, the phase has kept its dates."""
    if not view.snapshot.has("opportunities") or not _current(view):
        return False
    if scope.phase_id is None:
        return True
    then, now = (
        [row for row in phases.to_pylist() if row["phase_id"] == scope.phase_id]
        for phases in (view.snapshot.table("phases"), view.phases())
    )
    return then == now


def stored(view: View, name: str) -> pa.Table | None:
    """Return a table that the run stored of the whole workspace; None where it would be another today.

    That is where it was not stored, something was forgotten since, or people renamed or hid themes or changed phases.
    """
    if not view.snapshot.has(name) or not _current(view):
        return None
    facts, then = view.facts(), view.snapshot.table("phases")
    same = facts.themes.equals(holding.stored(view)["themes"]) and facts.phases.equals(then)
    return view.snapshot.table(name) if same else None


def _current(view: View) -> bool:
    """Tell whether the figures of the run still hold: nothing was forgotten since, and they are set up in that way."""
    stored = view.snapshot.info.get("config", {}).get("insights")
    same = stored is None or stored == view.config.insights.model_dump(mode="json")
    return same and not view.snapshot.info.get("stale")


def _stored_scope(scope: Scope) -> tuple[str, str] | None:
    """Return scope_type and scope of the stored opportunities that answer a scope, None where none do."""
    empty = type(scope)()
    if scope == empty:
        return "workspace", ""
    if len(scope.products) == 1 and scope == replace(empty, products=scope.products):
        return "product", scope.products[0]
    if len(scope.brands) == 1 and scope == replace(empty, brands=scope.brands):
        return "brand", scope.brands[0]
    if scope.phase_id and scope == replace(empty, phase_id=scope.phase_id):
        return "phase", scope.phase_id
    return None


@st.cache_data(max_entries=256, show_spinner=False)
def insight(source: Source, name: str, arguments: tuple[Any, ...], _view: View, **options: Any) -> pd.DataFrame:
    """Return the table of the function of `voc.insights` with this name."""
    from voc import insights

    stored_whole = name in _STORED and not options and arguments == (whole(),)
    if stored_whole and _view.snapshot.has(name) and _current(_view):
        stored: pd.DataFrame = _view.snapshot.table(name).to_pandas()
        return stored
    compute: Callable[..., pa.Table] = getattr(insights, name)
    frame: pd.DataFrame = compute(_view.facts(), *arguments, config=_view.config.insights, **options).to_pandas()
    return frame


@st.cache_data(max_entries=128, show_spinner=False)
def answer(source: Source, name: str, arguments: tuple[Any, ...], _view: View) -> dict[str, Any]:
    """Return the figures of `voc.insights.coverage` or `voc.insights.satisfaction`."""
    from voc import insights

    if name == "coverage":
        return dict(insights.coverage(_view.facts(), *arguments))
    return dict(insights.satisfaction(_view.facts(), *arguments, config=_view.config.insights))


@st.cache_data(max_entries=64, show_spinner=False)
def trends(source: Source, phase_ids: tuple[str, ...], scope: Scope, _view: View) -> pd.DataFrame:
    """Return reach of every theme in each phase, with the phase's name and place and the theme's name."""
    from voc import insights

    facts = _view.facts()
    order = {phase_id: place for place, phase_id in enumerate(phase_ids)}
    rows = [row for row in facts.phases.to_pylist() if row["phase_id"] in order]
    rows.sort(key=lambda row: order[row["phase_id"]])
    phases = pa.Table.from_pylist(rows, schema=facts.phases.schema)
    # The phases are the page's own; a phase that is chosen as a filter concerns other figures.
    scope = replace(scope, phase_id=None)
    table = insights.phase_trends(facts.with_phases(phases), config=_view.config.insights, scope=scope)
    frame: pd.DataFrame = table.to_pandas()
    names = dict(zip((row["phase_id"] for row in rows), short_names(rows), strict=True))
    themes = dict(zip(facts.themes["theme_id"].to_pylist(), facts.themes["name"].to_pylist(), strict=True))
    frame["phase"] = frame["phase_id"].map(names)
    frame["place"] = frame["phase_id"].map(order)
    frame["name"] = frame["theme_id"].map(themes)
    return tested(frame.sort_values("place", kind="stable").reset_index(drop=True))


@st.cache_data(max_entries=256, show_spinner=False)
def quotes(
    source: Source, theme_id: str, scope: Scope, stars: str, limit: int, first: tuple[tuple[str, int], ...], _view: View
) -> tuple[pd.DataFrame, int]:
    """Return a theme's quotes, one for each review, and how many there are; see `View.quotes`."""
    from voc.insights.quotes import LEAST_WORDS, READABLE

    low, high = READABLE
    condition, values = where(scope, _view.phases())
    values = [[f"{review_id}@{start}" for review_id, start in first], *values]
    if stars in STAR_BANDS:
        condition += " AND r.rating BETWEEN ? AND ?"
        values += STAR_BANDS[stars][1:]
    query = f"""
        SELECT m.*, r.text, r.rating, r.written_at, r.product, r.market, r.channel,
               nullif(list_position(?::VARCHAR[], m.review_id || '@' || m.clause_start), 0) AS place,
               trim(substring(r.text, m.clause_start + 1, m.clause_end - m.clause_start)) AS clause,
               length(clause) BETWEEN {low} AND {high}
                   AND length(string_split_regex(clause, '\\s+')) >= {LEAST_WORDS} AS readable
        FROM told m JOIN reviews r USING (review_id)
        WHERE {condition}
        QUALIFY row_number() OVER (
            PARTITION BY m.review_id ORDER BY place NULLS LAST, readable DESC, m.confidence DESC, m.mention_id
        ) = 1
        ORDER BY place NULLS LAST, m.hazard DESC, readable DESC, m.confidence * (0.5 + m.severity) DESC, m.mention_id
    """  # noqa: S608 - the query holds names and figures of ours and question marks only
    facts = _view.facts()
    mentions, reviews = facts.mentions, facts.reviews
    told = mentions.filter(pc.and_(pc.equal(mentions["theme_id"], theme_id), pc.equal(mentions["kind"], "pain")))
    tellers = reviews.filter(pc.is_in(reviews["review_id"], value_set=pc.unique(told["review_id"])))
    frame = holding.query(_view, query, values, told=told, reviews=tellers)
    return frame.head(limit), len(frame)


@st.cache_data(max_entries=256, show_spinner=False)
def standing(source: Source, theme_id: str, first: tuple[tuple[str, int], ...], _view: View) -> pd.DataFrame:
    """Return those mentions of a theme, joined with their reviews, that stand for it; see `View.standing`."""
    facts, ids = _view.facts(), pa.array([review_id for review_id, _ in first], pa.string())
    mentions = facts.mentions.filter(pc.equal(facts.mentions["theme_id"], theme_id))
    frame: pd.DataFrame = mentions.filter(pc.is_in(mentions["review_id"], value_set=ids)).to_pandas()
    about = ["review_id", "text", "rating", "written_at", "product", "market", "channel"]
    reviews = facts.reviews.select(about).filter(pc.is_in(facts.reviews["review_id"], value_set=ids)).to_pandas()
    order = {place: number for number, place in enumerate(first)}
    places = zip(frame["review_id"], frame["clause_start"], strict=True)
    frame["place"] = [order.get(place) for place in places]
    frame = frame.dropna(subset=["place"]).sort_values(["place", "confidence"], ascending=[True, False])
    return frame.drop_duplicates("place").merge(reviews, on="review_id")


@st.cache_data(max_entries=256, show_spinner=False)
def frame(source: Source, query: str, parameters: tuple[Any, ...], _view: View) -> pd.DataFrame:
    """Return the result of a query over the snapshot's tables."""
    return holding.query(_view, query, parameters)
