"""The tables turned once into aligned NumPy arrays, so that every figure of every scope is a few array operations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from voc.insights.quotes import QuoteBook

if TYPE_CHECKING:
    from voc.insights.facts import Facts

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Coded:
    """A column of strings as numbers: `values[codes[i]]`, and -1 where it is null; `values` are sorted."""

    codes: Ints
    values: list[str]

    @cached_property
    def position(self) -> dict[str, int]:
        """The code of each value."""
        return {value: code for code, value in enumerate(self.values)}


@dataclass(frozen=True)
class Pairs:
    """Which reviews mention which groups (themes or areas): one entry per review and group, sorted by both."""

    row: Ints  # review, as a row of the index
    group: Ints
    severity: Floats  # of the review's worst mention in the group
    hazard: Mask  # any mention of the review in the group is a hazard
    size: int  # number of groups

    def counts(self, rows: Mask) -> Ints:
        """Return for each group the number of reviews among `rows` that mention it, shape (size,)."""
        return np.bincount(self.group[rows[self.row]], minlength=self.size)

    def counts_where(self, rows: Mask, pairs: Mask) -> Ints:
        """Return for each group the number of reviews among `rows` for which `pairs` (one per entry) holds."""
        return np.bincount(self.group[rows[self.row] & pairs], minlength=self.size)


@dataclass(frozen=True)
class Mentions:
    """The opinions, sorted by review, place in the text and id; an opinion on an unknown review is left out."""

    row: Ints  # review, as a row of the index
    kind: Coded
    specificity: Coded
    severity: Floats
    confidence: Floats
    hazard: Mask
    start: Ints  # of the clause in the review's text, code points
    end: Ints
    area: Ints  # position in `Index.areas`; -1 for none
    theme: Ints  # position in `Index.themes` for pain in an active pain theme, else -1
    has_theme: Mask  # theme_id is not null

    def is_kind(self, kind: str) -> Mask:
        """Return which opinions are of this kind."""
        return np.asarray(self.kind.codes == self.kind.position.get(kind, -2), bool)

    def is_specificity(self, specificity: str) -> Mask:
        """Return which opinions are of this specificity."""
        return np.asarray(self.specificity.codes == self.specificity.position.get(specificity, -2), bool)


@dataclass(frozen=True)
class Named:
    """A theme or an area as the list shows it."""

    id: str
    name: str
    area: str | None = None


@dataclass(frozen=True)
class Index:
    """Reviews, sorted by review_id, and what was read in them; all arrays of reviews have shape (n_reviews,)."""

    review_id: pa.Array
    text: pa.Array
    analysed: Mask
    truncated: Mask
    own_rating: Floats  # NaN where the review has none
    stars: Floats  # own rating, else the one predicted from the text (to 0.01), else NaN
    predicted: Mask  # `stars` is a prediction
    dated: Mask
    day: Ints  # days since 1970-01-01, UTC; 0 where undated
    channel: Coded
    language: Coded
    market: Coded
    product: Coded  # product_id
    brand: Coded
    version: Coded
    product_names: dict[str, str]
    mentions: Mentions
    themes: list[Named]  # active pain themes, sorted by id
    areas: list[Named]

    @property
    def size(self) -> int:
        """The number of reviews."""
        return len(self.analysed)

    @cached_property
    def theme_pairs(self) -> Pairs:
        """Reviews by active pain theme."""
        return _pairs(self.mentions, self.mentions.theme, len(self.themes))

    @cached_property
    def complaint_area(self) -> Ints:
        """For each opinion its area if it is pain that says something about a part (no verdict), else -1."""
        speaks = self.mentions.is_kind("pain") & ~self.mentions.is_specificity("verdict")
        return np.where(speaks, self.mentions.area, -1)

    @cached_property
    def area_pairs(self) -> Pairs:
        """Reviews by area they complain about; verdicts on the whole product are left out."""
        return _pairs(self.mentions, self.complaint_area, len(self.areas))

    @cached_property
    def theme_quotes(self) -> QuoteBook:
        """The candidates for quotes of each theme, best first."""
        return self._quote_book(self.mentions.theme, [theme.name for theme in self.themes])

    @cached_property
    def area_quotes(self) -> QuoteBook:
        """The candidates for quotes of each area, best first."""
        return self._quote_book(self.complaint_area, [area.name for area in self.areas])

    def _quote_book(self, group: Ints, names: list[str]) -> QuoteBook:
        chosen = np.flatnonzero(group >= 0)
        m = self.mentions
        texts = self.text.take(pa.array(m.row[chosen])).to_pylist()
        clauses = [t[a:b] for t, a, b in zip(texts, m.start[chosen], m.end[chosen], strict=True)]
        return QuoteBook.build(
            clauses, group[chosen], m.row[chosen], m.start[chosen], m.end[chosen], m.confidence[chosen],
            m.hazard[chosen], names,
        )  # fmt: skip


def _array(table: pa.Table, name: str) -> pa.Array:
    column = table.column(name)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _coded(array: pa.Array) -> Coded:
    encoded = array.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    order = pc.sort_indices(encoded.dictionary).to_numpy(zero_copy_only=False).astype(np.int64)
    place = np.empty(len(order) + 1, np.int64)
    place[order] = np.arange(len(order))
    place[-1] = -1  # code -1 reads the last entry
    return Coded(place[codes], encoded.dictionary.take(pa.array(order)).to_pylist())


def _floats(array: pa.Array) -> Floats:
    return np.asarray(array.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False), np.float64)


def _bools(array: pa.Array) -> Mask:
    return np.asarray(array.fill_null(False).to_numpy(zero_copy_only=False), bool)


def _ints(array: pa.Array, null: int = 0) -> Ints:
    return np.asarray(array.cast(pa.int64()).fill_null(null).to_numpy(zero_copy_only=False), np.int64)


def _where(values: pa.Array, known: list[str]) -> Ints:
    """Return the position of each value in `known`, -1 where it is not there or null."""
    found = pc.index_in(values, value_set=pa.array(known, pa.string()), skip_nulls=True)
    return _ints(found, null=-1)


def _mentions(facts: Facts, review_id: pa.Array, themes: list[Named], areas: list[Named]) -> Mentions:
    table = facts.mentions
    row = _ints(pc.index_in(_array(table, "review_id"), value_set=review_id), null=-1)
    table = table.filter(pa.array(row >= 0))
    row = row[row >= 0]
    start = _ints(_array(table, "clause_start"))
    name = _coded(_array(table, "mention_id")).codes
    order = np.lexsort((name, start, row))
    table, row, start = table.take(pa.array(order)), row[order], start[order]
    kind = _coded(_array(table, "kind"))
    pain = kind.codes == kind.position.get("pain", -2)
    theme_id = _array(table, "theme_id")
    return Mentions(
        row=row,
        kind=kind,
        specificity=_coded(_array(table, "specificity")),
        severity=_floats(_array(table, "severity")),
        confidence=_floats(_array(table, "confidence")),
        hazard=_bools(_array(table, "hazard")),
        start=start,
        end=_ints(_array(table, "clause_end")),
        area=_where(_array(table, "area_id"), [a.id for a in areas]),
        theme=np.where(pain, _where(theme_id, [t.id for t in themes]), -1),
        has_theme=~_bools(theme_id.is_null()),
    )


def _pairs(mentions: Mentions, group: Ints, size: int) -> Pairs:
    chosen = group >= 0
    key = mentions.row[chosen] * max(size, 1) + group[chosen]
    order = np.argsort(key, kind="stable")
    key, first = np.unique(key[order], return_index=True)
    severity, hazard = mentions.severity[chosen][order], mentions.hazard[chosen][order]
    if len(key):
        severity = np.maximum.reduceat(severity, first)
        hazard = np.logical_or.reduceat(hazard, first)
    return Pairs(key // max(size, 1), key % max(size, 1), severity, hazard, size)


def build_index(facts: Facts) -> Index:
    """Return the arrays of `facts`; the result does not depend on the order of rows in any table."""
    order = pc.sort_indices(_array(facts.reviews, "review_id"))
    reviews = facts.reviews.take(order)
    review_id = _array(reviews, "review_id")
    reading = pc.index_in(review_id, value_set=_array(facts.readings, "review_id"))

    def read(name: str) -> pa.Array:
        return _array(facts.readings, name).take(reading)

    own = _floats(_array(reviews, "rating"))
    guess = np.round(_floats(read("predicted_rating")), 2)
    day = _array(reviews, "written_at").cast(pa.date32()).cast(pa.int32())
    area_names = {a["area_id"]: a["name"] for a in facts.areas.select(["area_id", "name"]).to_pylist()}
    areas = [Named(key, area_names[key]) for key in sorted(area_names)]
    themes = [
        Named(t["theme_id"], t["name"], area_names.get(t["area_id"]))
        for t in facts.themes.select(["theme_id", "name", "area_id", "kind", "state"]).to_pylist()
        if t["kind"] == "pain" and t["state"] == "active"
    ]
    themes.sort(key=lambda t: t.id)
    product = _coded(_array(reviews, "product_id"))
    brand, names = _products(facts, reviews, product)
    return Index(
        review_id=review_id,
        text=_array(reviews, "text"),
        analysed=_bools(read("analysed")),
        truncated=_bools(read("truncated")),
        own_rating=own,
        stars=np.where(np.isnan(own), guess, own),
        predicted=np.isnan(own) & ~np.isnan(guess),
        dated=~_bools(day.is_null()),
        day=_ints(day),
        channel=_coded(_array(reviews, "channel")),
        language=_coded(_array(reviews, "language")),
        market=_coded(_array(reviews, "market")),
        product=product,
        brand=brand,
        version=_coded(_array(reviews, "version")),
        product_names=names,
        mentions=_mentions(facts, review_id, themes, areas),
        themes=themes,
        areas=areas,
    )


def _products(facts: Facts, reviews: pa.Table, product: Coded) -> tuple[Coded, dict[str, str]]:
    """Return the reviews' brand, filled from `products` where the export had none, and each product's name."""
    listed = {p["product_id"]: p for p in facts.products.select(["product_id", "product", "brand"]).to_pylist()}
    known = pa.array([listed.get(p, {}).get("brand") for p in product.values], pa.string())
    codes = pa.array(product.codes, mask=product.codes < 0)
    brand = pc.coalesce(_array(reviews, "brand"), known.take(codes))
    names = {key: p["product"] for key, p in listed.items() if p["product"]}
    names = {**product_names(reviews), **names}
    return _coded(brand), names


def product_names(reviews: pa.Table) -> dict[str, str]:
    """Return the name most often given to each product_id in `reviews`; of equals the first by letter."""
    counted = (
        reviews.select(["product_id", "product"]).group_by(["product_id", "product"]).aggregate([([], "count_all")])
    )
    rows = [r for r in counted.to_pylist() if r["product_id"] is not None and r["product"] is not None]
    rows.sort(key=lambda r: (r["count_all"], [-ord(c) for c in r["product"]]))
    return {r["product_id"]: r["product"] for r in rows}
