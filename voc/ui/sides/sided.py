"""What two sides and the columns of a matrix can be, computed for a scope and cached by the state of the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from voc import words
from voc.errors import VocError
from voc.ui import parts, state
from voc.ui.data import Source, View
from voc.ui.scoping import where

if TYPE_CHECKING:
    from voc.insights import Scope

#: What can be compared: value in the address -> words for one and for several.
DIMENSIONS = {
    "product": ("product", "products"),
    "brand": ("brand", "brands"),
    "market": ("market", "markets"),
    "variant": ("variant", "variants"),
}
_COLUMNS = {"product": "r.product_id", "brand": "r.brand", "market": "r.market", "variant": "r.variant"}
_FIELDS = {"product": "products", "brand": "brands", "market": "markets"}


@dataclass(frozen=True)
class Pair:
    """Two sides against each other: rows of `SIDES`, how many themes were tested, and reviews written on each side."""

    rows: pd.DataFrame
    tested: int
    written: tuple[int, int]
    fault: str | None = None


def widened(scope: Scope, by: str) -> Scope:
    """Return a scope without the filter on what is compared: its values are the sides."""
    emptied: dict[str, Any] = {_FIELDS[by]: ()} if by in _FIELDS else {}
    return replace(scope, **emptied)


def choose(view: View, scope: Scope, label: str) -> tuple[str, dict[str, int]] | None:
    """Let the reader choose what is compared; say so, and return None, where nothing can be.

    Returns:
        The dimension, and its values with the reviews read of each.
    """
    there = dimensions(view, scope)
    if not there:
        parts.nothing(
            "There are no two products, brands, markets or variants under these filters. Widen the filters above, or "
            "analyse an export that has one of these columns."
        )
        return None
    by = state.switch(label, {name: words.sentence(DIMENSIONS[name][1]) for name in there}, "by")
    return by, there[by]


def dimensions(view: View, scope: Scope) -> dict[str, dict[str, int]]:
    """Return what can be compared in a scope: dimension -> value -> reviews read; those with two values or more."""
    found = {by: _values(view.source, widened(scope, by), by, view) for by in DIMENSIONS}
    return {by: values for by, values in found.items() if len(values) > 1}


def labels(view: View, by: str, values: Mapping[str, int]) -> dict[str, str]:
    """Return the words for values of a dimension; products go by their names."""
    names = view.facts().index.product_names if by == "product" else {}
    return {value: names.get(value) or value for value in values}


def pair(view: View, scope: Scope, by: str, first: str, second: str) -> Pair:
    """Return two sides against each other."""
    return _pair(view.source, widened(scope, by), by, first, second, view)


def segments(view: View, scope: Scope, by: str) -> pd.DataFrame:
    """Return rows of `SEGMENTS`: each value of a dimension against the rest of the scope."""
    return _segments(view.source, widened(scope, by), by, view)


def quotes(view: View, scope: Scope, by: str, value: str, theme_id: str, limit: int = 3) -> pd.DataFrame:
    """Return the strongest quotes about a theme from one side, one a review, as rows that `quotes.quote` takes."""
    from voc.insights.quotes import LEAST_WORDS, READABLE

    condition, values = where(widened(scope, by), view.phases())
    column, listed = _COLUMNS[by], ""
    if by == "brand" and view.snapshot.has("products"):
        column, listed = "coalesce(r.brand, p.brand)", "LEFT JOIN products p ON p.product_id = r.product_id"
    low, high = READABLE
    query = f"""
        SELECT m.*, r.text, r.rating, r.written_at, r.product, r.market, r.channel,
               trim(substring(r.text, m.clause_start + 1, m.clause_end - m.clause_start)) AS clause,
               length(clause) BETWEEN {low} AND {high}
                   AND length(string_split_regex(clause, '\\s+')) >= {LEAST_WORDS} AS readable
        FROM mentions m JOIN reviews r USING (review_id) {listed}
        WHERE m.theme_id = ? AND m.kind = 'pain' AND {column} = ? AND {condition}
        QUALIFY row_number() OVER (
            PARTITION BY m.review_id ORDER BY readable DESC, m.confidence DESC, m.mention_id
        ) = 1
        ORDER BY m.hazard DESC, readable DESC, m.confidence * (0.5 + m.severity) DESC, m.mention_id
        LIMIT ?
    """  # noqa: S608 - the query holds names and figures of ours and question marks only
    return view.frame(query, theme_id, value, *values, limit)


def short(label: str, limit: int = 34) -> str:
    """Return a label cut to a length that legends and headers have room for."""
    return label if len(label) <= limit else label[: limit - 1].rstrip() + "…"


def counted(values: Mapping[str, int], names: Mapping[str, str]) -> dict[str, str]:
    """Return values with their words and numbers of reviews, for a choice."""
    return {value: f"{names[value]} ({words.count(number)})" for value, number in values.items()}


@st.cache_data(max_entries=64, show_spinner=False)
def _values(source: Source, scope: Scope, by: str, _view: View) -> dict[str, int]:
    from voc.insights.sides import values

    return values(_view.facts(), scope, by)


@st.cache_data(max_entries=128, show_spinner="Comparing …")
def _pair(source: Source, scope: Scope, by: str, first: str, second: str, _view: View) -> Pair:
    from voc.insights.sides import sides

    try:
        found = sides(_view.facts(), scope, by, first, second, config=_view.config.insights)
    except VocError as error:
        return Pair(pd.DataFrame(), 0, (0, 0), str(error))
    rows: Any = found.table.to_pandas()
    return Pair(rows, found.tested, (found.first_written, found.second_written))


@st.cache_data(max_entries=32, show_spinner="Comparing …")
def _segments(source: Source, scope: Scope, by: str, _view: View) -> pd.DataFrame:
    from voc.insights.segments import segments as compared

    found: pd.DataFrame = compared(_view.facts(), scope, by=by, config=_view.config.insights).to_pandas()
    return found
