import numpy as np
import pytest
from scipy import stats

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights import Scope
from voc.insights.intervals import benjamini_hochberg, difference_p, newcombe, wilson
from voc.insights.segments import MIN_SEGMENT
from voc.insights.sides import sides, values
from voc.tables.compared import SIDES

from .build import facts, mention

CONFIG = InsightsConfig()


def written(count, complaints, theme="t", stars=(2, 5), **fields):
    """Return so many reviews, the first of which complain about a theme; stars of those that do and do not."""
    return [
        {"rating": stars[0] if i < complaints else stars[1], "pains": [theme] if i < complaints else [], **fields}
        for i in range(count)
    ]


def compared(data, first, second, by="product", scope=None):
    found = sides(data, scope or Scope(), by, first, second, config=CONFIG)
    assert found.table.schema == SIDES
    return found, {row["theme_id"] or row["measure"]: row for row in found.table.to_pylist()}


def test_two_products_by_hand():
    data = facts(
        [
            *written(100, 20, product_id="a"),
            *written(200, 10, product_id="b"),
            *written(60, 12, "u", product_id="b"),
            *written(50, 50, product_id="c"),
        ]
    )
    found, rows = compared(data, "a", "b")
    t = rows["t"]
    assert (t["first_reviews"], t["first_analysed"], t["second_reviews"], t["second_analysed"]) == (20, 100, 10, 260)
    assert t["first_value"] == 0.2
    assert t["second_value"] == pytest.approx(10 / 260)
    assert (t["second_low"], t["second_high"]) == pytest.approx([x[0] for x in wilson(10, 260, 0.9)[1:]])
    expected = [x[0] for x in newcombe(20, 100, 10, 260, 0.9)]
    assert (t["difference"], t["difference_low"], t["difference_high"]) == pytest.approx(expected)
    p = np.array([difference_p(20, 100, 10, 260)[0], difference_p(0, 100, 12, 260)[0]])
    assert (rows["t"]["p_value"], rows["u"]["p_value"]) == pytest.approx(tuple(p))
    assert (rows["t"]["q_value"], rows["u"]["q_value"]) == pytest.approx(tuple(benjamini_hochberg(p)))
    assert (found.tested, found.first_written, found.second_written) == (2, 100, 260)


def test_what_only_one_side_has_is_told_and_comes_first():
    data = facts(
        [
            *written(300, 60, "ours", market="US"),
            *written(300, 30, "both", market="US"),
            *written(300, 30, "both", market="UK"),
            *written(300, 60, "theirs", market="UK"),
            *written(300, 90, "more", market="UK"),
            *written(300, 30, "more", market="US"),
        ]
    )
    _, rows = compared(data, "US", "UK", "market")
    classes = {theme: row["class"] for theme, row in rows.items() if row["measure"] == "theme"}
    assert classes == {"ours": "only first", "theirs": "only second", "more": "more in second", "both": "both"}
    assert list(classes)[2:] == ["more", "both"]


def test_the_mean_rating_is_tested_by_welch():
    rng = np.random.default_rng(1)
    here, there = rng.integers(1, 6, 60), rng.integers(3, 6, 90)
    data = facts([{"rating": int(s), "brand": "A"} for s in here] + [{"rating": int(s), "brand": "B"} for s in there])
    row = compared(data, "A", "B", "brand")[1]["rating"]
    expected = stats.ttest_ind(here, there, equal_var=False)
    interval = expected.confidence_interval(0.9)
    assert row["difference"] == pytest.approx(here.mean() - there.mean())
    assert (row["difference_low"], row["difference_high"]) == pytest.approx((interval.low, interval.high))
    assert row["p_value"] == pytest.approx(expected.pvalue)
    assert row["class"] == "higher in second"


def test_hazards_count_once_for_each_review_in_a_theme_or_in_none():
    rows = [{"review_id": f"r{i}", "variant": "red" if i < 50 else "blue", "text": "it burns"} for i in range(100)]
    reports = [mention(f"r{i}", "it burns", said, hazard=True) for i in range(8) for said in ("it", "burns")]
    row = compared(facts(rows, mentions=reports), "red", "blue", "variant")[1]["hazards"]
    assert (row["first_reviews"], row["second_reviews"], row["first_value"]) == (8, 0, 0.16)
    assert row["class"] == "more in first"  # of 50 reviews without any, up to 5 in 100 may have one
    assert row["q_value"] is None


def test_a_small_side_is_shown_and_not_tested():
    data = facts([*written(MIN_SEGMENT - 1, 9, product_id="a"), *written(100, 1, product_id="b")])
    found, rows = compared(data, "a", "b")
    assert rows["t"]["first_value"] == pytest.approx(9 / (MIN_SEGMENT - 1))
    assert rows["t"]["p_value"] is None
    assert {row["class"] for row in rows.values()} == {"too little data"}
    assert "fewer than 30" in rows["t"]["reason"]
    assert found.tested == 0


def test_the_scope_narrows_both_sides_and_a_side_may_be_empty_in_it():
    data = facts([*written(60, 9, product_id="a", market="US"), *written(60, 1, product_id="b", market="UK")])
    _, rows = compared(data, "a", "b", scope=Scope(markets=("US",)))
    assert (rows["t"]["first_analysed"], rows["t"]["second_analysed"]) == (60, 0)
    assert rows["t"]["second_value"] is None
    assert rows["rating"]["difference"] is None
    assert values(data, Scope(markets=("US",)), "product") == {"a": 60}
    assert list(values(data, Scope(), "market")) == ["UK", "US"]


def test_what_cannot_be_compared_is_refused():
    data = facts(written(40, 5, product_id="a"))
    with pytest.raises(VocError, match="Both sides are the same"):
        compared(data, "a", "a")
    with pytest.raises(VocError, match="no product 'b'"):
        compared(data, "a", "b")
    with pytest.raises(VocError, match="by 'colour'; there is product, brand"):
        values(data, Scope(), "colour")


def test_swapping_the_sides_turns_every_figure_round():
    data = facts([*written(100, 20, product_id="a"), *written(260, 10, product_id="b")])
    one, other = (compared(data, *pair)[1]["t"] for pair in (("a", "b"), ("b", "a")))
    assert one["difference"] == pytest.approx(-other["difference"])
    assert one["difference_low"] == pytest.approx(-other["difference_high"])
    assert (one["q_value"], one["class"]) == (pytest.approx(other["q_value"]), "more in first")
    assert other["class"] == "more in second"
