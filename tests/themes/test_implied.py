from voc.themes.implied import Implied, implied_area, learn_implied


def test_a_wording_that_is_said_of_one_part_implies_it():
    implied = learn_implied(["cable"] * 8 + ["", ""], ["frayed at the end"] * 8 + ["frays already", "stopped working"])
    assert implied_area("frays already", implied) == "cable"
    assert implied_area("stopped working", implied) == ""


def test_a_wording_that_is_said_of_many_parts_implies_none():
    assert learn_implied(["cable"] * 5 + ["button"] * 5 + [""], ["broken"] * 11) == {}


def test_too_few_mentions_imply_nothing():
    assert learn_implied(["cable"] * 4 + [""], ["frayed"] * 5) == {}


def test_of_several_words_the_surest_decides():
    implied = {"frayed": Implied("cable", 0.7, 90), "button": Implied("button", 0.9, 10)}
    assert implied_area("frayed button", {"fray": implied["frayed"], "butto": implied["button"]}) == "button"


def test_what_lasts_for_months_is_the_product():
    implied = {"last": Implied("battery", 0.8, 40)}
    assert implied_area("does not last long", implied) == "battery"
    assert implied_area("did not last for 2 months", implied) == ""
