import datetime as dt

import pytest

from tests.themes.build import mentions as literal
from voc import tables
from voc.themes.areas import Areas, area_id, find_areas
from voc.themes.needs import find_needs, telling
from voc.themes.wishes import IDEA, PERSONAL, VARIANT, depth_of, wanted_in

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
LINES = [
    *["I wish it had a longer cable", "please make the cable longer", "would be great if the cable was longer"],
    *["Wish it was a bit louder", "I only wish it were louder.", "should be louder"],
    "a small pouch would be nice",
]


def wishes(lines):
    table, texts = literal([f"| {line}" for line in lines])
    return tables.with_column("mentions", table, "kind", ["wish"] * len(lines)), texts


def found(lines, before=None, now=NOW):
    areas = find_areas(["cable"] * 4 + ["sound"] * 4)
    return find_needs(*wishes(lines), areas, before=before, now=now).to_pylist()


@pytest.mark.parametrize(
    ("clause", "wanted"),
    [
        ("I wish it had a longer cable.", "longer cable"),
        ("I really wish that they would add a mute button", "mute button"),
        ("It would be great if there was a clip, rest is great", "clip"),
        ("Works great but should fold flat", "fold flat"),
        ("Sound is fine. Please provide a bigger ear tip!", "bigger ear tip"),
        ("wish there were some eq settings but that's a small thing", "eq settings"),
        ("Would've been nice to have a carrying case", "carrying case"),
        ("Wish", "wish"),
    ],
)
def test_what_is_wished_for_is_told_without_how_the_wish_begins(clause, wanted):
    assert wanted_in(clause) == wanted


@pytest.mark.parametrize(
    ("wanted", "depth"),
    [
        ("longer cable", VARIANT),
        ("more colours", VARIANT),
        ("red", VARIANT),
        ("mute button", IDEA),
        ("usb c port instead of micro usb", IDEA),
        ("customizable touch controls", PERSONAL),
        ("engraving my name on it", PERSONAL),
    ],
)
def test_a_wish_reaches_one_of_three_depths(wanted, depth):
    assert depth_of(wanted) == depth


def test_customers_who_wish_for_the_same_have_one_need_under_the_part_it_concerns():
    rows = found(LINES)
    needs = [row["need_id"] for row in rows]
    assert len(set(needs[:3])) == 1
    assert len(set(needs[3:6])) == 1
    assert len(set(needs)) == 3
    assert {row["need_area_id"] for row in rows[:3]} == {area_id("cable")}
    assert "longer" in rows[0]["need"]
    assert [row["mention_id"] for row in rows] == sorted(row["mention_id"] for row in rows)


def test_the_order_of_rows_changes_nothing():
    table, texts = wishes(LINES)
    areas = find_areas(["cable"] * 4)
    turned = table.take(list(reversed(range(table.num_rows))))
    assert find_needs(turned, texts, areas, now=NOW).equals(find_needs(table, texts, areas, now=NOW))


def test_a_need_keeps_its_id_when_more_wish_for_it():
    before = tables.from_rows("wishes", found(LINES))
    rows = found([*LINES, "make the cable longer", "needs a remote"], before, LATER)
    old = {row["mention_id"]: row["need_id"] for row in before.to_pylist()}
    assert all(row["need_id"] == old[row["mention_id"]] for row in rows if row["mention_id"] in old)
    assert rows[7]["need_id"] == rows[0]["need_id"]
    assert rows[0]["first_run"] == NOW
    assert rows[8]["first_run"] == LATER


def test_other_kinds_of_mention_are_left_aside():
    table, texts = literal(["cable | frays", "| stopped working"])
    assert find_needs(table, texts, Areas(), now=NOW).num_rows == 0


def test_what_the_product_is_called_tells_nothing_of_a_wish():
    assert telling("acme headphones were louder", {"acme"}) == "louder"
    assert telling("it") == "it"
