from tests.insights import build
from voc.config import InsightsConfig
from voc.insights import Scope
from voc.insights.responsible import responsible

CONFIG = InsightsConfig()


def test_a_theme_is_for_whom_most_of_its_complaints_are_about():
    targets = [("t1", "delivery"), ("t1", "product"), ("t1", "delivery"), ("t2", "seller"), ("t2", "product")]
    text = "it came late"
    mentions = [
        build.mention(f"r{n}", text, text, theme_id=theme, target=target) for n, (theme, target) in enumerate(targets)
    ]
    reviews = [{"review_id": f"r{n}", "text": text} for n in range(len(targets))]
    found = responsible(build.facts(reviews, mentions=mentions), Scope(), config=CONFIG).to_pylist()
    assert [(r["theme_id"], r["target"], r["mentions"], r["share"]) for r in found] == [
        ("t1", "delivery", 3, 2 / 3),
        ("t2", "product", 2, 0.5),
    ]


def test_without_complaints_there_is_nobody():
    assert responsible(build.facts([{"text": "fine"}]), Scope(), config=CONFIG).num_rows == 0
