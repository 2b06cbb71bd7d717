import pytest

from voc.themes.areas import named_part


@pytest.mark.parametrize(
    ("aspect", "target", "part"),
    [
        ("The Batteries", "product", "battery"),
        ("this product", "product", ""),
        ("worked", "product", ""),
        (None, "product", ""),
        ("parcel", "delivery", ""),
    ],
)
def test_a_part_is_named_by_a_noun_of_the_product(aspect, target, part):
    assert named_part(aspect, target) == part
