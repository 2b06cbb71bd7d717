import dataclasses

import pytest

from voc.config import InsightsConfig
from voc.insights.needs import needs
from voc.insights.offered import offered, telling
from voc.tables import from_rows

from .build import NOW, facts, mention

CONFIG = InsightsConfig()
PRODUCTS = [
    {"product_id": "ours", "own": True, "category": "Hubs"},
    {"product_id": "theirs", "own": False, "category": "Hubs"},
    {"product_id": "lamp", "own": False, "category": "Lamps"},
]


@pytest.mark.parametrize(
    ("name", "stems"),
    [
        ("more colors", ["color"]),
        ("longer", ["longe"]),
        ("USB C charging port", ["c", "charg", "port", "usb"]),
        ("more", []),
    ],
)
def test_the_words_that_tell_what_is_wished_for(name, stems):
    assert telling(name) == stems


def offers(praises, area="ports"):
    """Return what is found of the wish for more ports: `praises` are (product, clause, area, kind)."""
    reviews = [{"review_id": "w", "product_id": "ours", "text": "I want more ports."}]
    mentions = [mention("w", "I want more ports.", "more ports", kind="wish")]
    for number, (product, clause, area_id, kind) in enumerate(praises):
        reviews.append({"review_id": f"p{number}", "product_id": product, "text": clause})
        mentions.append(mention(f"p{number}", clause, clause, kind=kind, area_id=area_id))
    data = facts(reviews, mentions=mentions, areas={"a-ports": "ports", "a-size": "size"}, products=PRODUCTS)
    wish = {
        "mention_id": mentions[0]["mention_id"],
        "wanted": "more ports",
        "depth": "variant",
        "area_id": f"a-{area}",
        "need_id": "n1",
        "need": "more ports",
        "need_area_id": f"a-{area}",
        "first_run": NOW,
    }
    data = dataclasses.replace(data, wishes=from_rows("wishes", [wish]))
    [row] = offered(data, needs(data, config=CONFIG), config=CONFIG).to_pylist()
    return row


def test_praise_of_the_same_words_and_part_at_a_competitor_counts_once_a_review():
    row = offers(
        [
            ("theirs", "Four ports are plenty, I love the port count.", "a-ports", "praise"),
            ("theirs", "Great port.", "a-ports", "praise"),
            ("ours", "Two ports are fine.", "a-ports", "praise"),  # ours
            ("theirs", "The ports are loose.", "a-ports", "pain"),  # no praise
            ("theirs", "So portable!", "a-ports", "praise"),  # another word
            ("theirs", "Small for its ports.", "a-size", "praise"),  # about another part
            ("lamp", "Nice ports.", "a-ports", "praise"),  # nobody wishes for it from a lamp
        ]
    )
    assert (row["reviews"], row["products"], row["words"]) == (2, ["theirs"], ["port"])
    assert {quote["text"] for quote in row["quotes"]} == {
        "Four ports are plenty, I love the port count.",
        "Great port.",
    }


def test_nobody_praises_it():
    row = offers([("theirs", "Looks nice.", "a-ports", "praise")])
    assert (row["reviews"], row["products"], row["quotes"]) == (0, [], [])
    assert offers([])["reviews"] == 0
