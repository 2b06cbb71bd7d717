"""What reviews are filtered and ordered by, as small columns in memory, and the search over all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from voc.search.index import Hits
from voc.search.meaning import Near

Rows = NDArray[np.int64]
Order = Literal["relevance", "newest", "helpful", "severity"]

_REVIEWS = (
    "review_id", "product_id", "brand", "market", "channel", "language", "version", "rating", "written_at", "verified",
    "helpful_votes",
)  # fmt: skip
_MENTIONS = ("review_id", "kind", "theme_id", "severity", "hazard")
#: Cormack, Clarke and Buettcher 2009, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
#: Methods": 1 / (60 + rank), added up over the lists.
_FUSION = 60.0
_ORDERS = {
    "relevance": "h.place, q.written_at DESC NULLS LAST, q.row",
    "newest": "q.written_at DESC NULLS LAST, q.row",
    "helpful": "q.helpful_votes DESC NULLS LAST, q.written_at DESC NULLS LAST, q.row",
    "severity": "q.severity DESC NULLS LAST, q.written_at DESC NULLS LAST, q.row",
}


@dataclass(frozen=True)
class Filters:
    """Which reviews are wanted; an empty field lets all pass.

    Attributes:
        condition: further SQL on the reviews (alias r), of ours, with a question mark for each of `values`.
        values: of the condition.
        stars: lowest and highest rating.
        since: first day.
        until: last day.
        verified: only verified purchases, or only others.
        kind: with an opinion of this kind; with `theme` and `hazard` it is one and the same opinion.
    """

    condition: str = "true"
    values: tuple[Any, ...] = ()
    stars: tuple[float, float] | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    channel: str = ""
    language: str = ""
    verified: bool | None = None
    theme: str = ""
    kind: str = ""
    hazard: bool = False


class Catalogue:
    """The columns of a snapshot's reviews and opinions that filters and orders read."""

    def __init__(self, reviews: pa.Table, mentions: pa.Table) -> None:
        """Take tables with the columns of `reviews` and `mentions`, in the snapshot's order."""
        ids = reviews["review_id"].combine_chunks()
        self.size = len(ids)
        row = pa.array(np.arange(self.size), pa.int64())
        self._reviews = reviews.drop_columns(["review_id"]).append_column("row", row).combine_chunks()
        place = pc.index_in(mentions["review_id"], value_set=ids)
        self._mentions = mentions.drop_columns(["review_id"]).append_column("row", place.cast(pa.int64()))
        self.review_id = ids

    @classmethod
    def of(cls, tables: Mapping[str, pa.Table]) -> Catalogue:
        """Take the columns out of a snapshot's `reviews` and `mentions`."""
        return cls(tables["reviews"].select(_REVIEWS), tables["mentions"].select(_MENTIONS))

    def row_of(self, review_id: str) -> int | None:
        """Return the row of a review; None where there is no such review."""
        place = pc.index(self.review_id, review_id).as_py()
        return None if place < 0 else int(place)

    def choose(self, filters: Filters, order: Order, found: Sequence[int] | Rows | None = None) -> Rows:
        """Return the rows of `reviews` that pass the filters, in order.

        Args:
            filters: what they must be like.
            order: what comes first; by relevance without `found` is by date.
            found: rows that a search found, best first; all others are left out.
        """
        import duckdb

        conditions, values = _conditions(filters)
        order = "newest" if found is None and order == "relevance" else order
        severity = "NULL"
        joins = ""
        wanted, of_mentions = _of_mentions(filters)
        if wanted or order == "severity":
            joins = f" JOIN (SELECT row, max(severity) AS severity FROM mentions WHERE {wanted or 'true'} GROUP BY row) m USING (row)"  # noqa: E501, S608
            joins = joins if wanted else f" LEFT{joins}"
            severity = "m.severity"
        hits = " JOIN hits h USING (row)" if found is not None else ""
        query = f"""
            SELECT q.row FROM (SELECT r.row, r.written_at, r.helpful_votes, {severity} AS severity
                               FROM reviews r{joins} WHERE {" AND ".join(conditions)}) q{hits}
            ORDER BY {_ORDERS[order]}
        """  # noqa: S608 - the query holds names of ours and question marks only
        with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.register("reviews", self._reviews)
            connection.register("mentions", self._mentions)
            if found is not None:
                rows = np.asarray(found, dtype=np.int64)
                connection.register("hits", pa.table({"row": rows, "place": np.arange(len(rows))}))
            listed = connection.sql(query, params=[*of_mentions, *values]).to_arrow_table()
        return np.asarray(listed.column("row").to_numpy(), dtype=np.int64)


def best_first(hits: Hits | None, near: Near | None) -> Rows:
    """Return the rows that words or meaning found, or both, the best first.

    Where both are given, the ranks in the two lists are fused (see `_FUSION`); of equals the lower row comes first.
    """
    lists = []
    if hits is not None:
        lists.append(hits.rows[np.lexsort((hits.rows, -hits.scores))])
    if near is not None:
        lists.append(near.rows)
    if len(lists) == 1:
        return np.asarray(lists[0], dtype=np.int64)
    if not lists:
        return np.zeros(0, dtype=np.int64)
    rows, place = np.unique(np.concatenate(lists), return_inverse=True)
    ranks = np.concatenate([np.arange(1, len(one) + 1) for one in lists])
    scores = np.bincount(place, weights=1.0 / (_FUSION + ranks), minlength=len(rows))
    return np.asarray(rows[np.lexsort((rows, -scores))], dtype=np.int64)


def _conditions(filters: Filters) -> tuple[list[str], list[Any]]:
    parts, values = [f"({filters.condition})"], list(filters.values)
    if filters.stars is not None:
        parts.append("r.rating BETWEEN ? AND ?")
        values += filters.stars
    for column in ("channel", "language"):
        if wanted := getattr(filters, column):
            parts.append(f"r.{column} = ?")
            values.append(wanted)
    if filters.verified is not None:
        parts.append("r.verified" if filters.verified else "NOT r.verified")
    for day, sign in ((filters.since, ">="), (filters.until, "<=")):
        if day is not None:
            parts.append(f"CAST(r.written_at AS DATE) {sign} ?")
            values.append(day)
    return parts, values


def _of_mentions(filters: Filters) -> tuple[str, list[Any]]:
    parts, values = [], []
    for column, wanted in (("theme_id", filters.theme), ("kind", filters.kind)):
        if wanted:
            parts.append(f"{column} = ?")
            values.append(wanted)
    if filters.hazard:
        parts.append("hazard")
    return " AND ".join(parts), values
