"""Builds the `products` table from what the exports say and from an optional file of the user's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from voc.errors import VocError
from voc.ingest.files import open_payloads
from voc.ingest.headers import SYNONYMS
from voc.ingest.load import load
from voc.ingest.raw import fold
from voc.ingest.values import is_missing, read_count, read_flag, read_price
from voc.tables import from_rows

__all__ = ["Catalogue", "ProductFacts", "read_products_file"]

_COLUMNS = ("product_id", "product", "brand", "own", "category", "price", "currency", "units_sold")


@dataclass
class ProductFacts:
    """What the rows of the exports say about one product; the most frequent value counts."""

    seen: dict[str, Counter[Any]] = field(default_factory=dict)

    def add(self, column: str, value: Any) -> None:
        """Count one row's value."""
        if value is not None:
            self.seen.setdefault(column, Counter())[value] += 1

    def best(self, column: str) -> Any:
        """Return the most frequent value; of equally frequent ones the smallest, so that row order does not matter."""
        counts = self.seen.get(column)
        return min(counts, key=lambda v: (-counts[v], str(v))) if counts else None


class Catalogue:
    """Products by id, from the exports and the user's file, whose word goes before the exports'."""

    def __init__(self, entered: Sequence[Mapping[str, Any]], own_brands: Iterable[str]) -> None:
        self._by_id = {row["product_id"]: row for row in entered if row.get("product_id")}
        self._by_name = {_name(row["product"]): row for row in entered if row.get("product")}
        self._entered = list(entered)
        self._own_brands = {_name(brand): brand.strip() for brand in own_brands if brand.strip()}
        self._facts: dict[str, ProductFacts] = {}

    def brand_of(self, product_id: str | None, product: str | None, brand: str | None) -> str | None:
        """Return the brand: of the user's file, of the row, or an own brand that the product's name begins with."""
        entered = self._lookup(product_id, product)
        if entered and entered.get("brand"):
            return str(entered["brand"])
        if brand:
            return brand
        name = _name(product)
        return next((own for folded, own in self._own_brands.items() if f"{name} ".startswith(f"{folded} ")), None)

    def note(self, product_id: str | None, values: Mapping[str, Any]) -> None:
        """Take in one accepted review's values."""
        if product_id:
            facts = self._facts.setdefault(product_id, ProductFacts())
            for column in _COLUMNS[1:]:
                facts.add(column, values.get(column))

    def table(self) -> pa.Table:
        """Return the `products` table, ordered by product_id."""
        rows: dict[str, dict[str, Any]] = {}
        used: set[int] = set()
        for product_id, facts in self._facts.items():
            row = {column: facts.best(column) for column in _COLUMNS[1:]}
            entered = self._lookup(product_id, row["product"])
            if entered is not None:
                used.add(id(entered))
                row.update({c: entered[c] for c in _COLUMNS[1:] if entered.get(c) is not None})
            rows[product_id] = {"product_id": product_id, **row, "own": self._own(row)}
        for entered in self._entered:
            product_id = entered.get("product_id") or entered["product"]
            if id(entered) not in used and product_id not in rows:
                row = {column: entered.get(column) for column in _COLUMNS[1:]}
                rows[product_id] = {"product_id": product_id, **row, "own": self._own(row)}
        return from_rows("products", [rows[key] for key in sorted(rows)])

    def _own(self, row: Mapping[str, Any]) -> bool | None:
        if row.get("own") is not None or not self._own_brands or not row.get("brand"):
            return row.get("own")
        return _name(row["brand"]) in self._own_brands

    def _lookup(self, product_id: str | None, product: str | None) -> Mapping[str, Any] | None:
        found = self._by_id.get(product_id) if product_id else None
        return found or (self._by_name.get(_name(product)) if product else None)


def read_products_file(path: Path) -> list[dict[str, Any]]:
    """Read the user's file of products: product_id or product, and any of the other columns of `products`.

    Raises:
        VocError: the file cannot be read, or has neither product_id nor product.
    """
    if not path.is_file():
        raise VocError(f"{path}: there is no such products file; check the path given with --products.")
    rows: list[dict[str, Any]] = []
    for payload in open_payloads(path):
        if isinstance(payload, VocError):
            raise payload
        raw = load(payload)
        by_fold = {fold(header): header for header in reversed(raw.headers)}
        found = {c: next((by_fold[s] for s in (fold(c), *SYNONYMS[c]) if s in by_fold), None) for c in _COLUMNS}
        if found["product"] is None and "title" in by_fold:
            found["product"] = by_fold["title"]
        if found["product_id"] is None and found["product"] is None:
            listed = ", ".join(raw.headers[:20])
            raise VocError(f"{path.name}: a products file needs a column product_id or product; it has {listed}.")
        rows.extend(_product(row, found) for row in raw.table.to_pylist())
    return [row for row in rows if row["product_id"] or row["product"]]


def _product(row: Mapping[str, str | None], found: Mapping[str, str | None]) -> dict[str, Any]:
    cells = {column: row[header] if header else None for column, header in found.items()}
    text = {c: None if v is None or is_missing(v) else re.sub(r"\s+", " ", v).strip() for c, v in cells.items()}
    price, currency = read_price(text["price"])
    return {
        **{column: text[column] for column in ("product_id", "product", "brand", "category")},
        "own": read_flag(text["own"]),
        "price": price,
        "currency": text["currency"] or currency,
        "units_sold": read_count(text["units_sold"]),
    }


def _name(text: Any) -> str:
    return " ".join(re.findall(r"\w+", str(text or "").casefold()))
