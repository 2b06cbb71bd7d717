import numpy as np
import pytest

from voc.themes.areas import SIDE, WHOLE
from voc.themes.identity import Known
from voc.themes.naming import called, distinct, name_themes, theme_name
from voc.themes.salience import stems
from voc.themes.trouble import Trouble
from voc.themes.wordings import plain, typical_wordings


def named(phrases, area=WHOLE, **known):
    """Wordings of a theme whose mentions all mean the same: only how they are worded tells them apart."""
    vectors = np.tile(np.array([1.0, 0.0], dtype=np.float32), (len(phrases), 1))
    return typical_wordings(phrases, vectors, vectors[0], area, **known)


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


def test_a_word_that_only_names_something_says_nothing_of_it():
    phrases = ["under warranty"] * 5 + ["nobody honours the warranty"] * 2
    assert named(phrases, "service") == ["under warranty"]
    assert named(phrases, "service", nouns=stems("warranty")) == ["nobody honours the warranty"]


def test_what_two_customers_put_in_nearly_the_same_words_goes_before_what_one_says():
    assert named(["hinge is too stiff", "hinge too stiff", "came off"] + ["hinge"] * 3)[0].startswith("hinge")


def test_a_number_is_that_customers_own():
    assert named(["not last for 2 months"] * 2 + ["will not last"] * 2)[0] == "will not last"


def test_a_single_word_seldom_says_what_is_wrong_with_the_whole():
    assert named(["slow"] * 3 + ["slow to wake up"] * 3)[0] == "slow to wake up"


@pytest.mark.parametrize("phrase", ["doesn't fast", "no longer", "the mids are not", "not the case", "can't sometimes"])
def test_a_wording_that_breaks_off_names_no_theme(phrase):
    assert named([phrase] * 5 + ["charges slowly"] * 2, "charger") == ["charges slowly"]


@pytest.mark.parametrize("phrase", ["low", "started having problems"])
def test_what_is_low_must_be_said(phrase):
    assert named([phrase] * 3) == []


def test_the_area_stands_before_the_wording_but_not_twice():
    assert theme_name("cable", ["frays", "broke off"]) == "cable: frays / broke off"
    assert theme_name("cable", ["cable frays"]) == "cable frays"
    assert theme_name(WHOLE, ["died"]) == "died"


def test_equal_names_are_told_apart_by_a_keyword():
    assert distinct(["died", "died"], [["night"], ["died", "charger"]]) == ["died", "died (charger)"]


def test_a_word_that_another_theme_is_about_names_no_theme():
    phrases = ["not charging"] * 3 + ["low backup"] * 3
    weights = dict.fromkeys(stems("charging"), -0.2) | dict.fromkeys(stems("low backup"), 0.3)
    assert named(phrases, "battery", weights=weights) == ["low backup"]


def test_a_wording_never_breaks_off_and_never_names_the_part_again():
    assert named(["mids are not"] * 4 + ["sounds muddy"] * 2) == ["sounds muddy"]
    phrases = ["cable frays"] * 2 + ["frays"] * 2
    assert named(phrases, "cable", besides=stems("cable")) == ["frays"]


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("a little flimsy", "flimsy"),
        ("started to crackle", "crackle"),
        ("doesnt charge", "doesn't charge"),
        ("so", "so"),
    ],
)
def test_what_only_says_how_much_is_left_out_and_short_forms_are_mended(phrase, said):
    assert plain(phrase) == said


def test_a_phrase_that_denies_the_part_after_it_is_quoted_with_it():
    rows = [{"theme_id": "t", "area": "charger", "state": "active", "stability": 1.0, "centre": [1.0, 0.0]}]
    troubles = [
        Trouble(
            {"mention_id": f"m{i}", "aspect": "charger"}, "charger", "charger", "not a fast", "not a fast charger", ""
        )
        for i in range(4)
    ]
    vectors = np.tile(np.array([1.0, 0.0], dtype=np.float32), (4, 1))
    name_themes(rows, {"t": np.arange(4)}, troubles, vectors, known=Known())
    assert rows[0]["name"] == "not a fast charger"


def test_a_part_is_called_what_the_mentions_of_the_theme_call_it():
    def of(area, *parts):
        return called(area, [Trouble({}, part, area, "poor", "poor", "") for part in parts])

    assert of("connectivity", "bluetooth", "bluetooth", "range", "") == "bluetooth"
    assert of("connectivity", "bluetooth", "connectivity", "connectivity") == "connectivity"
    assert of(SIDE, "left earphone", "left earphone") == SIDE
    assert of("connectivity") == "connectivity"
