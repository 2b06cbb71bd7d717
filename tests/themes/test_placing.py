import pytest

from tests.themes.build import TROUBLES, mentions
from voc.themes.areas import PRICE, WHOLE
from voc.themes.placing import place, subjects_in


def placed(line):
    """Area and specificity of the mention `line` among troubles with batteries, cables, and a price."""
    table, texts = mentions([*TROUBLES, *["price | went up"] * 4, line])
    result = place(table, texts, known=None, learn=True, brands=frozenset(), encoder="default", model="opinions")
    return result.names[-1], result.columns["specificity"][-1]


@pytest.mark.parametrize(
    ("line", "area", "specificity"),
    [
        ("battery | bad | judgement", "battery", "judgement"),
        ("battery | bad", "battery", "judgement"),
        ("battery | drains", "battery", "trouble"),
        ("| not great battery | judgement", "battery", "judgement"),
        ("| not great battery", "battery", "judgement"),
        ("| costly | judgement", PRICE, "judgement"),
        ("quality | not good | judgement", WHOLE, "verdict"),
        ("product | | judgement", WHOLE, "verdict"),
        ("| worst | judgement", WHOLE, "verdict"),
        ("| irritating", WHOLE, "verdict"),
        ("| defective", WHOLE, "trouble"),
        ("| not durable | judgement", WHOLE, "judgement"),
    ],
)
def test_what_a_mention_says_decides_its_area_and_how_specific_it_is(line, area, specificity):
    assert placed(line) == (area, specificity)


def test_what_others_are_to_mend_names_no_part():
    table, texts = mentions(["parcel | arrived late"], target="delivery")
    result = place(table, texts, known=None, learn=True, brands=frozenset(), encoder="default", model="opinions")
    assert [trouble.part for trouble in result.troubles] == [""]
    assert result.names == ["delivery"]


def test_a_camera_that_was_a_part_stays_one_for_new_exports():
    table, texts = mentions([*["phone | is slow"] * 9, *["camera | shots are blurred"] * 4])
    areas = place(table, texts, known=None, learn=True, brands=frozenset(), encoder="default", model="opinions").areas
    assert areas.of_term["camera"] == "camera"
    new, texts = mentions(["camera | blurred at night"] * 3)
    later = place(new, texts, known=areas, learn=False, brands=frozenset(), encoder="default", model="opinions")
    assert later.names == ["camera"] * 3
    assert subjects_in(areas, frozenset()).parts == {"camera"}
