from voc.themes.implied import implied_areas


def test_a_wording_that_is_said_of_one_part_implies_it():
    areas = ["cable"] * 8 + ["", ""]
    phrases = ["frayed at the end"] * 8 + ["frays already", "stopped working"]
    assert implied_areas(areas, phrases) == ["cable"] * 9 + [""]


def test_a_wording_that_is_said_of_many_parts_implies_none():
    areas = ["cable"] * 5 + ["button"] * 5 + [""]
    assert implied_areas(areas, ["broken"] * 11)[-1] == ""


def test_too_few_mentions_imply_nothing():
    assert implied_areas(["cable"] * 4 + [""], ["frayed"] * 5)[-1] == ""


def test_a_named_part_stays():
    assert implied_areas(["cable"] * 9 + ["plug"], ["frayed"] * 10)[-1] == "plug"
