import numpy as np

from voc.themes.centres import unit
from voc.themes.joining import alike
from voc.themes.salience import stems


def theme(theme_id, area, size, centre):
    direction = unit(np.array([centre], dtype=float))[0].tolist()
    return {"theme_id": theme_id, "area": area, "size": size, "centre": direction}


NEAR = [theme("a", "battery", 30, [1, 0, 0]), theme("b", "battery", 10, [1, 0.3, 0]), theme("c", "mic", 20, [0, 0, 1])]


def said(*groups):
    return [[stems(phrase) for phrase in group] for group in groups]


SAID = said(["low backup", "low"], ["low", "very low"], ["not clear"])


def test_themes_of_one_area_in_the_same_words_are_one():
    assert alike(NEAR, SAID, frozenset()) == {"b": "a"}


def test_the_one_that_people_touched_stays_and_two_of_them_stay_apart():
    assert alike(NEAR, SAID, frozenset({"b"})) == {"a": "b"}
    assert alike(NEAR, SAID, frozenset({"a", "b"})) == {}


def test_other_words_or_another_direction_are_another_theme():
    assert alike(NEAR, said(["low"], ["swollen"], ["not clear"]), frozenset()) == {}
    far = [NEAR[0], theme("b", "battery", 10, [0, 1, 0])]
    assert alike(far, SAID[:2], frozenset()) == {}


def test_across_areas_both_must_be_very_near():
    loud = said(["not loud"], ["not loud"])
    assert alike([theme("a", "volume", 30, [1, 0, 0]), theme("b", "sound", 10, [1, 0.3, 0])], loud, frozenset()) != {}
    assert alike([theme("a", "volume", 30, [1, 0, 0]), theme("b", "sound", 10, [1, 1.1, 0])], loud, frozenset()) == {}


def test_that_two_parts_are_low_does_not_make_them_one():
    rows = [theme("a", "bass", 30, [1, 0, 0]), theme("b", "volume", 10, [1, 0.3, 0])]
    assert alike(rows, said(["low", "poor"], ["low", "very low"]), frozenset()) == {}


def test_what_names_no_part_joins_the_part_it_is_about_but_nothing_that_others_must_mend():
    loud = said(["not loud"], ["not loud"])
    for area, joined in (("volume", {"b": "a"}), ("seller", {})):
        rows = [theme("a", area, 30, [1, 0, 0]), theme("b", "whole product", 10, [1, 1, 0])]
        assert alike(rows, loud, frozenset()) == joined


def test_of_one_part_only_what_is_said_of_it_counts():
    rows = [theme("a", "connectivity", 30, [1, 0, 0]), theme("b", "connectivity", 10, [1, 1.2, 0])]
    groups = said(["bluetooth drops"] * 3, ["connection drops"] * 3)
    assert alike(rows, groups, frozenset()) == {}
    names = {"connectivity": stems("bluetooth connection")}
    assert alike(rows, groups, frozenset(), names) == {"b": "a"}
