import numpy as np

from voc.themes.areas import (
    OTHER,
    PRICE,
    SIDE,
    Areas,
    areas_table,
    find_areas,
    place_terms,
    read_areas,
)
from voc.themes.implied import Implied


def test_synonyms_and_misspellings_are_one_area_and_the_price_is_none_of_the_product():
    areas = find_areas(
        ["battery"] * 20 + ["battery backup"] * 6 + ["bettary", "batery"] + ["cable"] * 9 + ["price range"]
    )
    assert areas.of_term["battery backup"] == areas.of_term["bettary"] == areas.of_term["batery"] == "battery"
    assert areas.of_term["cable"] == "cable"
    assert areas.of_term["price range"] == PRICE


def test_an_area_is_called_as_before_though_another_term_is_commoner_now():
    before = find_areas(["battery"] * 20 + ["battery backup"] * 6)
    now = find_areas(["battery"] * 5 + ["battery backup"] * 30, before=before)
    assert set(now.of_term.values()) == {"battery"}


def test_new_terms_find_their_area_and_move_nothing():
    areas = find_areas(["battery"] * 20 + ["charging cable"] * 9)
    placed = place_terms(["batery", "cable", "battery life", "quux", "cost"], areas)
    assert {term: placed.of_term[term] for term in areas.of_term} == dict(areas.of_term)
    assert placed.of_term["batery"] == placed.of_term["battery life"] == "battery"
    assert placed.of_term["cable"] == "charging cable"
    assert (placed.of_term["quux"], placed.of_term["cost"]) == (OTHER, PRICE)
    assert place_terms(["battery", ""], areas) is areas


def test_areas_are_read_as_they_were_stored():
    areas = find_areas(["battery"] * 20 + ["battery life"] * 3 + ["cable"] * 9 + ["price", "zzz"])
    areas = Areas(areas.members, areas.of_term, {"fray": Implied("cable", 0.75, 12)})
    again = read_areas(areas_table(areas, set()))
    assert (again.of_term, again.implied) == (areas.of_term, areas.implied)
    assert np.isclose(again.implied["fray"].share, 0.75)


def test_what_comes_in_pairs_fails_on_one_side_whatever_it_is_called():
    found = find_areas(["left earphone"] * 3 + ["right ear bud", "one side", "left strap", "cable", "cable"])
    assert {found.of_term[term] for term in ("left earphone", "right ear bud", "one side")} == {SIDE}
    assert SIDE not in {found.of_term["left strap"], found.of_term["cable"]}
    assert place_terms(["left side"], found).of_term["left side"] == SIDE


def test_a_compound_is_its_last_word_unless_that_is_a_property():
    terms = ["charging"] * 9 + ["case"] * 8 + ["charging case"] * 7 + ["battery"] * 6 + ["battery life"] * 5
    found = find_areas(terms).of_term
    assert found["charging case"] == found["case"] != found["charging"]
    assert found["battery life"] == found["battery"]
