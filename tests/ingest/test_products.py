from __future__ import annotations

import json

import pytest

from voc.config import IngestConfig
from voc.errors import VocError

EXPORT = "Review,Product,Price\nIt works well,Acme Cable,$9.99\nIt broke,Acme Cable,$9.99\nFine,Other Plug,5 €\n"


def products(result):
    return {row["product_id"]: row for row in result.products.to_pylist()}


def test_products_come_from_the_export(read):
    found = products(read(EXPORT))
    assert found["Acme Cable"]["price"] == 9.99
    assert found["Acme Cable"]["currency"] == "USD"
    assert found["Other Plug"]["own"] is None


def test_own_brands_name_the_brand_from_the_products_name(read):
    result = read(EXPORT, config=IngestConfig(own_brands=["acme"]))
    assert result.reviews["brand"].to_pylist() == ["acme", "acme", None]
    found = products(result)
    assert (found["Acme Cable"]["own"], found["Other Plug"]["own"]) == (True, None)


def test_a_column_of_the_export_says_which_products_are_ours(read):
    rows = [
        {"text": "It works", "asin": "B1", "is_anker_product": True},
        {"text": "Fine", "asin": "B2", "is_anker_product": False},
    ]
    found = products(read(json.dumps(rows), "a.json"))
    assert [found[key]["own"] for key in ("B1", "B2")] == [True, False]


def test_the_products_file_goes_before_the_export(read, tmp_path):
    path = tmp_path / "products.csv"
    path.write_text(
        'product,brand,own,category,price,currency,units_sold\nacme cable,Acme,yes,Cables,8.50,EUR,"1,200"\nUnsold,Acme,no,,,,\n'  # noqa: E501
    )
    result = read(EXPORT, products_file=path)
    found = products(result)
    assert found["Acme Cable"] == {
        "product_id": "Acme Cable",
        "product": "acme cable",
        "brand": "Acme",
        "own": True,
        "category": "Cables",
        "price": 8.5,
        "currency": "EUR",
        "units_sold": 1200,
    }
    assert found["Unsold"]["own"] is False
    assert result.reviews["brand"].to_pylist() == ["Acme", "Acme", None]


def test_products_file_as_json_by_id(read, tmp_path):
    path = tmp_path / "products.json"
    path.write_text(json.dumps([{"product_id": "Acme Cable", "brand": "Acme", "own": True}]))
    assert products(read(EXPORT, products_file=path))["Acme Cable"]["own"] is True


def test_products_file_without_a_key_is_refused(read, tmp_path):
    path = tmp_path / "products.csv"
    path.write_text("colour,price\nred,1\n")
    with pytest.raises(VocError) as caught:
        read(EXPORT, products_file=path)
    assert str(caught.value) == (
        "products.csv: a products file needs a column product_id or product; it has colour, price."
    )
    with pytest.raises(VocError, match="there is no such products file"):
        read(EXPORT, products_file=tmp_path / "none.csv")
