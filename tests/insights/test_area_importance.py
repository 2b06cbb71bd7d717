import pytest

from tests.insights import build
from voc.config import InsightsConfig
from voc.insights import Scope
from voc.insights.area_importance import area_importance

CONFIG = InsightsConfig(min_reviews=2)


def said(review_id, kind, area, specificity="judgement"):
    return build.mention(review_id, "text", "text", kind=kind, area_id=area, specificity=specificity)


def test_parts_are_placed_by_who_judges_them_and_who_only_praises_them():
    mentions = [said(f"r{n}", "praise", "a1") for n in range(12)]
    mentions += [said(f"r{n}", "pain", "a1", "trouble") for n in range(10, 16)]  # r10, r11 say both
    mentions += [said(f"r{n}", "pain", "a2", "verdict") for n in range(9)]  # a verdict judges no part
    mentions += [said("r20", "pain", "a2"), said("r21", "praise", "a2")]
    mentions += [said(f"r{n}", "pain", "a3") for n in range(30)]
    areas = {"a1": "cable", "a2": "plug", "a3": "whole product"}
    reviews = [{"review_id": f"r{n}", "text": "text"} for n in range(100)]
    rows = area_importance(build.facts(reviews, mentions=mentions, areas=areas), Scope(), config=CONFIG).to_pylist()
    assert [(r["name"], r["reviews"], r["blamed"], r["content"]) for r in rows] == [
        ("cable", 16, 6, 10),
        ("plug", 2, 1, 1),
    ]
    # 4 x log10(0.16 / 0.001) = 8.816; 10 of 16 are content.
    assert rows[0]["importance"] == pytest.approx(8.816, abs=0.001)
    assert rows[0]["satisfaction"] == pytest.approx(6.25)
    assert rows[0]["quadrant"] == "undetermined"
    assert rows[0]["reason"] == "satisfaction may lie on either side of 5"
    assert rows[1]["satisfaction"] is None
    assert "fewer than 10 reviews judge it" in rows[1]["reason"]


def test_a_part_that_is_only_praised_is_important_and_kept_up():
    mentions = [said(f"r{n}", "praise", "a1") for n in range(30)]
    reviews = [{"review_id": f"r{n}", "text": "text"} for n in range(100)]
    [row] = area_importance(
        build.facts(reviews, mentions=mentions, areas={"a1": "case"}), Scope(), config=CONFIG
    ).to_pylist()
    assert (row["quadrant"], row["satisfaction"]) == ("keep up the good work", 10.0)
