import pytest

from voc.themes.subjects import Subjects, devices_within

PHONES = ["phone"] * 40 + ["the camera"] * 12 + ["camera quality"] * 5 + ["speaker"] * 4 + ["battery"] * 60


@pytest.mark.parametrize(
    ("aspect", "part"),
    [
        ("The Batteries", "battery"),
        ("this product", ""),
        ("worked", ""),
        (None, ""),
        ("wireless ear phone", ""),
        ("peoduct", ""),
        ("Tidewatt cable", "tidewatt cable"),
        ("Tidewatt product", ""),
        ("Tidewatt", ""),
    ],
)
def test_a_part_is_named_by_a_noun_of_the_product(aspect, part):
    assert Subjects({"tidewatt"}).named_part(aspect) == part


@pytest.mark.parametrize(
    ("term", "whole"),
    [("bluetooth headset", True), ("bluetooth", False), ("head phone", True), ("head", False), ("ear cushion", False)],
)
def test_what_kind_of_product_it_is_names_no_part(term, whole):
    assert Subjects().names_whole(term) == whole


def test_a_camera_is_a_part_where_phones_are_sold_and_the_whole_where_cameras_are():
    of_phones = Subjects(parts=devices_within(PHONES))
    assert of_phones.named_part("Cameras") == "camera"
    assert of_phones.named_part("camera quality") == "camera quality"
    assert of_phones.named_part("the speaker") == "speaker"
    assert of_phones.named_part("phone") == ""
    of_cameras = Subjects(parts=devices_within(["camera"] * 30 + ["phone"] * 9 + ["speaker"] * 20))
    assert of_cameras.named_part("camera") == of_cameras.named_part("the camera itself") == ""
    assert of_cameras.named_part("speaker") == ""


def test_devices_that_nobody_names_are_no_parts():
    assert devices_within(["battery", "product"]) == frozenset()
