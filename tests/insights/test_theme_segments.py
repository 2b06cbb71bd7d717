import numpy as np
import pytest

from tests.insights import build
from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights import Scope
from voc.insights.intervals import benjamini_hochberg, wilson
from voc.insights.segments import segments
from voc.insights.theme_segments import theme_segments

CONFIG = InsightsConfig(min_reviews=1)


def facts():
    """60 reviews of p1, 20 with the theme; 40 of p2, 4 with it; 10 returns; US where the number is odd."""
    reviews = [{"product_id": "p1", "product": "Cable", "pains": ["t1"] if n < 20 else ()} for n in range(60)]
    reviews += [{"product_id": "p2", "product": "Bank", "pains": ["t1"] if n < 4 else ()} for n in range(40)]
    reviews = [{**row, "market": "US" if n % 2 else "DE"} for n, row in enumerate(reviews)]
    reviews += [{"product_id": "p1", "market": "US", "channel": "return", "pains": ["t1"]} for _ in range(10)]
    return build.facts(reviews)


def test_a_themes_reach_in_each_segment_against_the_rest():
    rows = theme_segments(facts(), Scope(), "t1", config=CONFIG).to_pylist()
    assert [(r["by"], r["name"], r["reviews"], r["analysed"], r["rest_analysed"]) for r in rows] == [
        ("product", "Cable", 20, 60, 40),
        ("product", "Bank", 4, 40, 60),
        ("market", "DE", 12, 50, 50),
        ("market", "US", 12, 50, 50),
        ("channel", "review", 24, 100, 0),
        ("channel", "return", 10, 10, 100),
    ]
    cable = rows[0]
    assert (cable["reach"], cable["rest_reach"]) == (pytest.approx(1 / 3), pytest.approx(0.1))
    assert [cable["reach_low"], cable["reach_high"]] == pytest.approx([x[0] for x in wilson(20, 60, 0.9)[1:]])
    # z = (1/3 - 1/10) / sqrt(0.24 x 0.76 x (1/60 + 1/40)) = 2.6765
    assert cable["p_value"] == pytest.approx(0.00744, abs=1e-5)
    # Ten returns are too few to be tested; both channels of the other pair have nothing outside.
    tested = [r for r in rows if r["p_value"] is not None]
    assert [r["by"] for r in tested] == ["product", "product", "market", "market"]
    p_values = benjamini_hochberg(np.array([r["p_value"] for r in tested]))
    assert [r["q_value"] for r in tested] == pytest.approx(list(p_values))


def test_it_agrees_with_the_segments_of_all_themes():
    one = theme_segments(facts(), Scope(), "t1", config=CONFIG).to_pylist()
    every = {
        (r["by"], r["segment"]): r
        for by in ("market", "channel")
        for r in segments(facts(), Scope(), by=by, config=CONFIG).to_pylist()
        if r["theme_id"] == "t1"
    }
    for row in one:
        if row["by"] != "product":
            other = every[row["by"], row["segment"]]
            assert (row["reviews"], row["reach"], row["difference"]) == (
                other["reviews"],
                other["value"],
                other["difference"],
            )


def test_an_unknown_theme_is_an_error():
    with pytest.raises(VocError, match="no active pain theme"):
        theme_segments(facts(), Scope(), "t9", config=CONFIG)
