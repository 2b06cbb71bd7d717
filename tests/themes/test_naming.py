import numpy as np
import pytest

from voc.themes.areas import WHOLE
from voc.themes.naming import distinct, theme_name, typical_wordings


def named(phrases, area=WHOLE):
    """Wordings of a theme whose mentions all mean the same: only how they are worded tells them apart."""
    vectors = np.tile(np.array([1.0, 0.0], dtype=np.float32), (len(phrases), 1))
    return typical_wordings(phrases, vectors, vectors[0], area)


def test_what_many_say_goes_before_what_one_says():
    assert named(["stopped working"] * 8 + ["somehow stopped working then"])[0] == "stopped working"


def test_a_verdict_never_names_a_theme_of_the_whole_product():
    assert named(["worst"] * 2 + ["hinge broke"] * 4) == ["hinge broke"]
    assert named(["worst"] * 3 + ["hinge broke"] * 4) == []
    assert named(["worst", "waste of money", "bad"]) == []


def test_a_part_is_named_with_a_judgement_when_nothing_else_is_said_of_it():
    assert named(["bad"] * 3, "hinge") == ["bad"]
    assert named(["bad"] * 3 + ["broke off"] * 2, "hinge") == ["broke off"]


@pytest.mark.parametrize(("phrase", "area"), [("low", "battery"), ("fake", WHOLE), ("defective", WHOLE)])
def test_a_judging_word_that_tells_what_is_wrong_may_name_a_theme(phrase, area):
    assert named([phrase] * 3, area) == [phrase]


@pytest.mark.parametrize("phrase", ["low", "started having problems"])
def test_what_is_low_must_be_said(phrase):
    assert named([phrase] * 3) == []


def test_the_area_stands_before_the_wording_but_not_twice():
    assert theme_name("cable", ["frays", "broke off"]) == "cable: frays / broke off"
    assert theme_name("cable", ["cable frays"]) == "cable frays"
    assert theme_name(WHOLE, ["died"]) == "died"


def test_equal_names_are_told_apart_by_a_keyword():
    assert distinct(["died", "died"], [["night"], ["died", "charger"]]) == ["died", "died (charger)"]
