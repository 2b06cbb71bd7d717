import numpy as np

from voc.themes.centres import unit
from voc.themes.joining import alike


def theme(theme_id, area, size, centre):
    direction = unit(np.array([centre], dtype=float))[0].tolist()
    return {"theme_id": theme_id, "area": area, "size": size, "centre": direction}


NEAR = [theme("a", "battery", 30, [1, 0, 0]), theme("b", "battery", 10, [1, 0.3, 0]), theme("c", "mic", 20, [0, 0, 1])]
SAID = [["low backup", "low"], ["low", "very low"], ["not clear"]]


def test_themes_of_one_area_in_the_same_words_are_one():
    assert alike(NEAR, SAID, frozenset()) == {"b": "a"}


def test_the_one_that_people_touched_stays_and_two_of_them_stay_apart():
    assert alike(NEAR, SAID, frozenset({"b"})) == {"a": "b"}
    assert alike(NEAR, SAID, frozenset({"a", "b"})) == {}


def test_other_words_or_another_direction_are_another_theme():
    assert alike(NEAR, [["low"], ["swollen"], ["not clear"]], frozenset()) == {}
    far = [NEAR[0], theme("b", "battery", 10, [0, 1, 0])]
    assert alike(far, SAID[:2], frozenset()) == {}


def test_across_areas_both_must_be_very_near():
    rows = [theme("a", "volume", 30, [1, 0, 0]), theme("b", "whole product", 10, [1, 0.3, 0])]
    assert alike(rows, [["not loud"], ["not loud"]], frozenset()) == {"b": "a"}
    rows = [theme("a", "volume", 30, [1, 0, 0]), theme("b", "whole product", 10, [1, 1.2, 0])]
    assert alike(rows, [["not loud"], ["not loud"]], frozenset()) == {}
