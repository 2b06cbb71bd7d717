"""The search behind the page Reviews: the index, the vectors and the filters of one snapshot, held once per server."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st
from numpy.typing import NDArray

from voc.search import embedding
from voc.search.catalogue import Catalogue, Filters, Order, best_first
from voc.search.index import Index, open_index
from voc.search.meaning import Meanings, obstacle
from voc.search.query import parse
from voc.ui import holding
from voc.ui.data import Source, View
from voc.ui.held import Held

if TYPE_CHECKING:
    from voc.insights import Scope

Rows = NDArray[np.int32]
#: How a query is looked up; "words" also where meaning is asked for and cannot be had.
By = Literal["both", "words", "meaning"]

_CATALOGUES: Held[Catalogue] = Held()
_INDEXES: Held[Index] = Held()
_MEANINGS: Held[Meanings] = Held()
#: The snapshots whose vectors are, or were, being read beforehand.
_BEGUN: deque[str] = deque(maxlen=8)

#: Columns that a file of reviews holds besides what was read in them.
_TAKEN = (
    "review_id", "written_at", "rating", "product", "brand", "market", "channel", "language", "version", "variant",
    "verified", "incentivised", "helpful_votes", "reason_code", "text",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """The reviews that a view shows: rows of the table `reviews` in order, and how many words and meaning found.

    `worded` are all rows that words found; `near` those that meaning found, with the rows of `mentions` that are
    nearest to the query.
    """

    rows: Rows
    by_words: int | None
    by_meaning: int | None
    worded: Rows
    near: dict[int, int]


def catalogue(view: View) -> Catalogue:
    """Return what reviews are filtered by."""
    return _catalogue(view)


def without_meaning(view: View) -> str | None:
    """Say why this workspace cannot be searched by meaning; None where it can."""
    return _obstacle(view.source, view)


def warm(view: View) -> None:
    """Begin to load the model and the vectors of opinions; by the time somebody has typed a query they are there."""
    if embedding.warm(view.config.model) != "failed" and view.source.snapshot not in _BEGUN:
        _BEGUN.append(view.source.snapshot)
        threading.Thread(target=_meanings, args=(view,), name="voc-vectors", daemon=True).start()


def covered(view: View) -> tuple[int, int]:
    """Return how many opinions can be found by meaning, and how many say more than a verdict on the whole."""
    telling = view.frame("SELECT count(*) AS number FROM mentions WHERE specificity <> 'verdict'")["number"].sum()
    return view.snapshot.rows("embeddings") + view.snapshot.rows("further_embeddings"), int(telling)


def search(view: View, typed: str, by: By, filters: Filters, order: Order, answers: Scope | None = None) -> Found:
    """Return the reviews that are found and pass the filters.

    Args:
        view: the workspace's state.
        typed: what stands in the search box; nothing lets all reviews pass.
        by: how it is looked up; meaning only once the model is there.
        filters: what the reviews must be like.
        order: what comes first.
        answers: only reviews of this scope that are worth answering; by relevance, most points come first.
    """
    return _search(view.source, typed.strip(), by, filters, order, answers, view)


def answering(view: View, scope: Scope) -> pa.Table:
    """Return the reviews worth answering of a scope, without their texts."""
    return _answering(view.source, scope, view)


def reviews_at(view: View, rows: Rows) -> list[dict[str, Any]]:
    """Return whole reviews by their rows, in that order."""
    listed: list[dict[str, Any]] = view.facts().reviews.take(pa.array(rows, pa.int64())).to_pylist()
    return listed


def further(view: View, review_id: str) -> str | None:
    """Return the further columns of the export of a review, as JSON."""
    asked = "SELECT extra FROM memory.main.reviews WHERE review_id = ? AND extra IS NOT NULL"
    stored = view.frame(asked, review_id)["extra"]
    return str(stored.iloc[0]) if len(stored) else None


def mentions_of(view: View, review_ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the opinions of reviews by review, each list in the order of the text."""
    mentions = view.facts().mentions
    rows = mentions.filter(pc.is_in(mentions["review_id"], value_set=pa.array(review_ids, pa.string()))).to_pylist()
    found: dict[str, list[dict[str, Any]]] = {review_id: [] for review_id in review_ids}
    for row in sorted(rows, key=_place):
        found[row["review_id"]].append(row)
    return found


def _place(mention: dict[str, Any]) -> tuple[int, int, str]:
    starts = [mention[name] for name in ("aspect_start", "phrase_start") if mention[name] is not None]
    return mention["clause_start"], min(starts, default=mention["clause_start"]), mention["mention_id"]


def mention_at(view: View, row: int) -> dict[str, Any]:
    """Return one opinion by its row."""
    (found,) = view.facts().mentions.slice(row, 1).to_pylist()
    return dict(found)


def theme_names(view: View) -> dict[str, str]:
    """Return the names of the themes that are shown, those with most mentions first."""
    themes = view.facts().themes
    rows = [row for row in themes.select(["theme_id", "name", "state", "size"]).to_pylist() if row["state"] == "active"]
    return {row["theme_id"]: row["name"] for row in sorted(rows, key=lambda row: (-row["size"], row["theme_id"]))}


def taken(view: View, rows: Rows, answers: Scope | None = None) -> pd.DataFrame:
    """Return reviews as a table to take away, with what was read in each.

    Args:
        view: the workspace's state.
        rows: of the table `reviews`, in order.
        answers: the scope of which they are worth answering, where points and reasons are wanted.
    """
    reviews = view.facts().reviews.select(list(_TAKEN)).take(pa.array(rows, pa.int64()))
    frame: pd.DataFrame = reviews.to_pandas()
    names = theme_names(view)
    mentions = view.facts().mentions
    found = mentions.filter(pc.is_in(mentions["review_id"], value_set=reviews["review_id"].combine_chunks()))
    about = found.select(
        ["review_id", "kind", "aspect", "phrase", "severity", "hazard", "theme_id", "clause_start"]
    ).to_pandas()
    about = about.sort_values(["review_id", "clause_start"], kind="stable")
    part = about["aspect"].fillna("").str.cat(about["phrase"].fillna(""), sep=" | ").str.strip(" |")
    about["opinion"] = about["kind"] + ": " + part
    about["theme"] = about["theme_id"].map(names)
    frame = frame.set_index("review_id")
    named = about.dropna(subset=["theme"]).drop_duplicates(["review_id", "theme"])
    frame["themes"] = _listed(named["review_id"], named["theme"])
    frame["opinions"] = _listed(about["review_id"], about["opinion"])
    grouped = about.groupby("review_id", sort=False)
    frame["severity"] = grouped["severity"].max().astype(float).round(3)
    frame["hazard"] = grouped["hazard"].max()
    frame["hazard"] = frame["hazard"].eq(True)
    frame = frame.reset_index()
    if answers is not None:
        reasons = reasons_of(view, answers, rows)
        frame.insert(1, "points", [reasons[review_id][0] for review_id in frame["review_id"]])
        frame.insert(2, "why", [reasons[review_id][1] for review_id in frame["review_id"]])
    return frame


def _listed(keys: pd.Series[str], values: pd.Series[str]) -> pd.Series[str]:
    """Return for each key its values in their order as one text; pandas itself takes a second for 20,000 keys."""
    found: dict[str, list[str]] = {}
    for key, value in zip(keys.tolist(), values.tolist(), strict=True):
        found.setdefault(key, []).append(value)
    return pd.Series({key: "; ".join(texts) for key, texts in found.items()}, dtype=str)


def _catalogue(view: View) -> Catalogue:
    return _CATALOGUES.get(view.source.path, view.source.snapshot, lambda: Catalogue.of(holding.stored(view)))


def _index(view: View) -> Index:
    with st.spinner("Indexing the reviews"):
        return _INDEXES.get(view.source.path, view.source.snapshot, lambda: open_index(view.snapshot))


def _meanings(view: View) -> Meanings:
    return _MEANINGS.get(view.source.path, view.source.snapshot, lambda: Meanings.of(view.snapshot))


@st.cache_data(max_entries=4, show_spinner=False)
def _obstacle(source: Source, _view: View) -> str | None:
    return obstacle(_view.snapshot, _view.config.model)


@st.cache_resource(max_entries=16, show_spinner=False)
def _answering(source: Source, scope: Scope, _view: View) -> pa.Table:
    from voc.insights.answering import worth_answering

    return worth_answering(_view.facts(), scope).drop_columns(["text"])


@st.cache_resource(max_entries=48, show_spinner=False)
def _search(
    source: Source, typed: str, by: By, filters: Filters, order: Order, answers: Scope | None, _view: View
) -> Found:
    held = catalogue(_view)
    query = parse(typed)
    hits = near = found = None
    if query:
        if by != "meaning":
            hits = _index(_view).find(query)
        if by != "words" and query.meaning:
            vector = embedding.vector(query.meaning, _view.config.model)
            near = _meanings(_view).near(vector)
        found = best_first(hits, near)
    elif typed:
        found = np.zeros(0, np.int64)
    if answers is not None:
        worth = pc.index_in(answering(_view, answers)["review_id"], value_set=held.review_id).to_numpy()
        found = worth.astype(np.int64) if found is None else found[np.isin(found, worth)]
    rows = held.choose(filters, order, found)
    by_words = None if hits is None else int(np.isin(rows, hits.rows).sum())
    by_meaning = None if near is None else int(np.isin(rows, near.rows).sum())
    nearest = {} if near is None else dict(zip(near.rows.tolist(), near.mentions.tolist(), strict=True))
    worded = np.zeros(0, np.int32) if hits is None else hits.rows.astype(np.int32)
    return Found(rows.astype(np.int32), by_words, by_meaning, worded, nearest)


def reasons_of(view: View, scope: Scope, rows: Rows) -> dict[str, tuple[int, str]]:
    """Return points and reasons in words of those of these reviews that are worth answering, by review_id."""
    told = answering(view, scope).select(["review_id", "points", "reasons"])
    wanted = catalogue(view).review_id.take(pa.array(rows, pa.int64()))
    listed = told.filter(pc.is_in(told["review_id"], value_set=wanted)).to_pylist()
    return {row["review_id"]: (int(row["points"]), ", ".join(row["reasons"])) for row in listed}
