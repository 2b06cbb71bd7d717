"""A against B, and several at once; and the charts of comparison and of use."""

import itertools

import pandas as pd
import pytest

from voc.ui.charts import compared, matrix, used
from voc.ui.theme import LIGHT


def test_any_two_products_by_link(app, written, built):
    page = app(built.path, "compare", view="pair", a="bank", b="cable", theme="th-slow")
    text = written(page)
    assert "Only A, Harbour power bank 20000" in text
    # 130 reviews cannot tell surely that fewer than 1 in 100 have it: these are said to be more in one side.
    table = text[text.index("<th>Theme</th>") :]
    assert "more in A" in table[table.index("Size: too big for a small bag") :][:400]
    assert "more in B" in table[table.index("Cable: frays near the connector") :][:400]
    assert page.selectbox(key="pick_theme").value == "th-slow"
    assert "<blockquote" in text
    assert "no clear difference" in text or "higher in" in text
    page.button[[b.label for b in page.button].index("Swap sides")].click().run()
    assert (page.query_params["a"], page.query_params["b"]) == ("cable", "bank")
    assert "Only A, Bolt charging cable" in written(page)


@pytest.mark.parametrize(("by", "a", "b"), [("brand", "Kestrel", "Northwind"), ("market", "US", "IN")])
def test_brands_and_markets_are_sides_too(app, written, built, by, a, b):
    text = written(app(built.path, "compare", view="pair", by=by, a=a, b=b))
    assert f"<b>A: {a}</b>" in text
    assert f"<b>B: {b}</b>" in text


def test_the_filter_on_what_is_compared_does_not_narrow_the_sides(app, written, built):
    everywhere = written(app(built.path, "compare", view="pair"))
    filtered = written(app(built.path, "compare", view="pair", product="bank"))
    start, end = "voc-table", "Tested together"
    assert (
        everywhere[everywhere.index(start) : everywhere.index(end)]
        == (filtered[filtered.index(start) : filtered.index(end)])
    )


def test_several_at_once_marks_what_differs(app, written, built):
    page = app(built.path, "compare", view="several")
    text = written(page)
    assert "Tested together" in text
    assert "Harbour power bank 20000" in text[text.index("Here") :]
    assert len(page.get("vega_lite_chart")) == 1
    assert "<th>Market</th>" in written(app(built.path, "compare", view="several", by="market"))


def data_of(specification, column):
    return [row[column] for rows in specification["datasets"].values() for row in rows if column in row]


def test_cells_of_the_matrix_carry_figure_and_mark():
    cells = pd.DataFrame(
        {
            "label": ["a", "b"],
            "name": ["Frays", "Frays"],
            "value": [0.1, 0.02],
            "low": [0.05, 0.01],
            "high": [0.2, 0.04],
            "reviews": [10, 2],
            "analysed": [100, 100],
            "word": ["more", ""],
            "figures": ["+8.0 points", ""],
        }
    )
    specification = matrix.matrix(cells, ["a", "b"], ["Frays"], LIGHT).to_dict()
    assert data_of(specification, "text") == ["▲ 10.0", "2.0"]
    assert data_of(specification, "mark") == ["▲", ""]


def test_names_on_the_map_of_prices_keep_clear_of_one_another():
    price = pd.Series([10.0, 10.0, 10.0, 11.0, 40.0])
    rating = pd.Series([4.0, 4.0, 4.01, 4.0, 3.0])
    pixel = 0.01
    placed = compared.labelled(price, rating, pd.Series([50, 40, 30, 20, 10]), pixel)
    assert placed["side"] == ["left", "left", "left", "left", "right"]
    at = sorted(placed["label_at"][:4])
    assert min(b - a for a, b in itertools.pairwise(at)) >= 15 * pixel - 1e-9
    many = pd.Series([1.0] * 60)
    crowded = compared.labelled(many, many, pd.Series(range(60)), pixel)
    assert 0 < sum(side != "" for side in crowded["side"]) <= compared.LABELLED


def test_needs_stand_under_their_part_and_the_chosen_one_is_marked():
    rows = pd.DataFrame(
        {
            "need_id": ["n1", "n2", "n3"],
            "name": ["longer", "more colors", "hook"],
            "area": ["cable", "cable", "case"],
            "depth": ["variant", "variant", "idea"],
            "reviews": [5, 3, 1],
            "reach": [0.05, 0.03, 0.01],
            "reach_low": [0.03, 0.02, 0.0],
            "reach_high": [0.08, 0.05, 0.03],
        }
    )
    specification = used.needs(rows, LIGHT, group="area", chosen="n2").to_dict()
    assert [head for head in data_of(specification, "head") if head] == ["Cable", "Case"]
    assert [p["name"] for p in specification["params"]] == [used.PICK]
    assert specification["height"] == 2 * used.HEAD + 3 * used.ROW
    plain = used.needs(rows, LIGHT).to_dict()
    assert plain["height"] == 3 * used.ROW


def test_stated_times_are_drawn_with_what_is_rounded_to_them():
    rows = pd.DataFrame({"days": [14, 30], "days_from": [10.5, 15.0], "days_to": [17.5, 45.0], "reviews": [4, 2]})
    assert data_of(used.stated(rows, LIGHT).to_dict(), "rounding") == ["10.5 to 17.5 days", "15 to 45 days"]
