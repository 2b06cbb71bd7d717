"""The tables turned once into aligned NumPy arrays, so that every figure of every scope is a few array operations."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voc.insights.arrays import Coded, Floats, Ints, Mask, bools, coded, floats, ints, whole
from voc.insights.mentions import Mentions, Pairs
from voc.insights.quotes import QuoteBook

if TYPE_CHECKING:
    from voc.insights.facts import Facts

#: The types of its parts are named here too: whoever reads the index needs them.
__all__ = ["Coded", "Floats", "Index", "Ints", "Mask", "Mentions", "Named", "Pairs", "build_index", "product_names"]

#: Customers' own opinions; returns and tickets are written only by those who have a problem.
OPINION_CHANNELS = ("review", "survey", "app")


@dataclass(frozen=True)
class Named:
    """A theme or an area as the list shows it."""

    id: str
    name: str
    area: str | None = None


@dataclass(frozen=True)
class Index:
    """Reviews, sorted by review_id, and what was read in them; all arrays of reviews have shape (n_reviews,)."""

    place: pa.Array  # of each review in the table `reviews`
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
    #: What reviews state, by column, as `parting` was asked for it.
    stated: dict[str, Coded] = field(default_factory=dict, repr=False, compare=False)

    @property
    def size(self) -> int:
        """The number of reviews."""
        return len(self.analysed)

    @cached_property
    def opinions(self) -> Mask:
        """The analysed reviews that came through `OPINION_CHANNELS`."""
        own = [self.channel.position[c] for c in OPINION_CHANNELS if c in self.channel.position]
        return np.asarray(self.analysed & np.isin(self.channel.codes, own), bool)

    @cached_property
    def theme_pairs(self) -> Pairs:
        """Reviews by active pain theme."""
        return Pairs.of(self.mentions, self.mentions.theme, len(self.themes))

    @cached_property
    def complaint_area(self) -> Ints:
        """For each opinion its area if it is pain that says something about a part (no verdict), else -1."""
        speaks = self.mentions.is_kind("pain") & ~self.mentions.is_specificity("verdict")
        return np.where(speaks, self.mentions.area, -1)

    @cached_property
    def area_pairs(self) -> Pairs:
        """Reviews by area they complain about; verdicts on the whole product are left out."""
        return Pairs.of(self.mentions, self.complaint_area, len(self.areas))

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


def build_index(facts: Facts) -> Index:
    """Return the arrays of `facts`; the result does not depend on the order of rows in any table."""
    order = pc.sort_indices(whole(facts.reviews, "review_id"))
    reviews = facts.reviews.take(order)
    review_id = whole(reviews, "review_id")
    reading = pc.index_in(review_id, value_set=whole(facts.readings, "review_id"))

    def read(name: str) -> pa.Array:
        return whole(facts.readings, name).take(reading)

    own = floats(whole(reviews, "rating"))
    guess = np.round(floats(read("predicted_rating")), 2)
    day = whole(reviews, "written_at").cast(pa.date32()).cast(pa.int32())
    area_names = {a["area_id"]: a["name"] for a in facts.areas.select(["area_id", "name"]).to_pylist()}
    areas = [Named(key, area_names[key]) for key in sorted(area_names)]
    themes = [
        Named(t["theme_id"], t["name"], area_names.get(t["area_id"]))
        for t in facts.themes.select(["theme_id", "name", "area_id", "kind", "state"]).to_pylist()
        if t["kind"] == "pain" and t["state"] == "active"
    ]
    themes.sort(key=lambda t: t.id)
    product = coded(whole(reviews, "product_id"))
    brand, names = _products(facts, reviews, product)
    return Index(
        place=order,
        review_id=review_id,
        text=whole(reviews, "text"),
        analysed=bools(read("analysed")),
        truncated=bools(read("truncated")),
        own_rating=own,
        stars=np.where(np.isnan(own), guess, own),
        predicted=np.isnan(own) & ~np.isnan(guess),
        dated=~bools(day.is_null()),
        day=ints(day),
        channel=coded(whole(reviews, "channel")),
        language=coded(whole(reviews, "language")),
        market=coded(whole(reviews, "market")),
        product=product,
        brand=brand,
        version=coded(whole(reviews, "version")),
        product_names=names,
        mentions=Mentions.of(facts.mentions, review_id, [t.id for t in themes], [a.id for a in areas]),
        themes=themes,
        areas=areas,
    )


def _products(facts: Facts, reviews: pa.Table, product: Coded) -> tuple[Coded, dict[str, str]]:
    """Return the reviews' brand, filled from `products` where the export had none, and each product's name."""
    listed = {p["product_id"]: p for p in facts.products.select(["product_id", "product", "brand"]).to_pylist()}
    known = pa.array([listed.get(p, {}).get("brand") for p in product.values], pa.string())
    codes = pa.array(product.codes, mask=product.codes < 0)
    brand = pc.coalesce(whole(reviews, "brand"), known.take(codes))
    names = {key: p["product"] for key, p in listed.items() if p["product"]}
    names = {**product_names(reviews), **names}
    return coded(brand), names


def product_names(reviews: pa.Table) -> dict[str, str]:
    """Return the name most often given to each product_id in `reviews`; of equals the first by letter."""
    counted = (
        reviews.select(["product_id", "product"]).group_by(["product_id", "product"]).aggregate([([], "count_all")])
    )
    rows = [r for r in counted.to_pylist() if r["product_id"] is not None and r["product"] is not None]
    rows.sort(key=lambda r: (r["count_all"], [-ord(c) for c in r["product"]]))
    return {r["product_id"]: r["product"] for r in rows}
