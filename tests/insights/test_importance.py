import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.benchmark.drawn import drawn_facts
from voc.benchmark.simulations.importance import simulate_importance
from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights import Facts, Scope
from voc.insights.importance import importance, importance_scale, weighted_share
from voc.insights.intervals import wilson
from voc.tables.compared import IMPORTANCE

from .build import facts, mention, theme

CONFIG = InsightsConfig(min_reviews=1)
TEXT = "The battery dies."


def battery(reviews, with_theme, also_bad, good, both=0, **fields):
    """Return facts with theme "t" in the first reviews, then other judgements of the same area, the rest silent."""
    said = []
    for i in range(reviews):
        if i < with_theme:
            said.append(mention(f"r{i:06d}", TEXT, TEXT, theme_id="t", area_id="bat", **fields))
        elif i < with_theme + also_bad:
            said.append(mention(f"r{i:06d}", TEXT, TEXT, specificity="judgement", area_id="bat"))
        elif i < with_theme + also_bad + good + both:
            said.append(mention(f"r{i:06d}", TEXT, TEXT, kind="praise", specificity="judgement", area_id="bat"))
            if i >= with_theme + also_bad + good:
                said.append(mention(f"r{i:06d}", TEXT, TEXT, specificity="judgement", area_id="bat"))
    return facts(
        [{"rating": 4, "text": TEXT} for _ in range(reviews)],
        mentions=said,
        themes=[theme("t", area_id="bat")],
        areas={"bat": "battery"},
    )


def one(given):
    (row,) = importance(given, Scope(), config=CONFIG).to_pylist()
    return row


def test_scores_by_hand():
    # 20 of 200 reviews (one in ten) have the trouble; 60 judge the battery, 15 of them are content with it.
    row = one(battery(200, 20, 25, 15, severity=0.25))
    assert row["severe_reach"] == pytest.approx(0.1 * 0.25)
    assert row["importance"] == pytest.approx(8)
    assert (row["judging"], row["content"]) == (60, 15)
    assert row["satisfaction"] == pytest.approx(2.5)
    assert row["opportunity"] == pytest.approx(8 + 8 - 2.5)
    assert row["quadrant"] == "concentrate here"
    assert row["reason"] is None
    for name in ("severe_reach", "importance", "satisfaction", "opportunity"):
        assert row[f"{name}_low"] < row[name] < row[f"{name}_high"]


def test_praise_beyond_importance_takes_nothing_away():
    row = one(battery(1000, 10, 0, 290))
    assert row["importance"] == pytest.approx(4)
    assert row["satisfaction"] > 9
    assert row["opportunity"] == pytest.approx(4)


def test_who_praises_and_blames_an_area_is_not_content():
    assert one(battery(100, 5, 5, 10))["satisfaction"] == pytest.approx(5)
    assert one(battery(100, 5, 5, 0, both=10))["satisfaction"] == 0


def test_the_scale_is_fixed():
    assert importance_scale(np.array([0, 0.001, 0.01, 0.1, 0.4, 1])) == pytest.approx([0, 0, 4, 8, 10, 10])


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 3), st.integers(0, 1000))
def test_a_theme_has_the_same_scores_whatever_else_is_in_the_scope(others, seed):
    rng = np.random.default_rng(seed)
    pain = rng.random((300, 1 + others)) < 0.1
    severity = rng.random(pain.shape)
    # Other themes, of other areas, with whatever reach and praise.
    blamed, praised = (rng.random((300, 1 + others)) < p for p in (0.1, 0.3))

    def score(n):
        given = drawn_facts(
            np.full(300, 4.0), np.zeros(300, int), pain=pain[:, :n], severity=severity[:, :n],
            areas=[f"part {i}" for i in range(n)], area_of=range(n), blamed=blamed[:, :n], praised=praised[:, :n],
        )  # fmt: skip
        rows = importance(given, Scope(), config=CONFIG).to_pylist()
        return next(r for r in rows if r["theme_id"] == "t0")

    assert score(1) == score(1 + others)


@pytest.mark.parametrize(
    ("counts", "quadrant"),
    [
        ((400, 40, 40, 10), "concentrate here"),
        ((400, 40, 0, 160), "keep up the good work"),
        ((4000, 10, 90, 10), "low priority"),
        ((4000, 10, 0, 90), "possible overkill"),
        ((400, 40, 10, 50), "undetermined"),  # half of those who judge are content
        ((400, 7, 40, 10), "undetermined"),  # about 1.8 % of the reviews
    ],
)
def test_quadrants(counts, quadrant):
    row = one(battery(*counts))
    assert row["quadrant"] == quadrant
    assert ("either side" in (row["reason"] or "")) == (quadrant == "undetermined")


def test_where_satisfaction_cannot_be_told_it_is_said():
    few = one(battery(100, 5, 2, 2))
    assert few["satisfaction"] is None
    assert few["opportunity"] is None
    assert few["quadrant"] == "undetermined"
    assert few["reason"] == "fewer than 10 reviews judge the area 'battery'"
    assert few["importance"] is not None
    none = one(facts([{"rating": 4, "pains": "a"}]))
    assert "no single part (no area)" in none["reason"]
    whole = facts([{"pains": "a"}] * 3, themes=[theme("a", area_id="w")], areas={"w": "whole product"})
    assert "no single part (whole product)" in one(whole)["reason"]


def test_verdicts_are_no_praise_of_an_area():
    said = [
        mention(f"r{i:06d}", TEXT, TEXT, kind="praise", specificity="verdict", area_id="bat") for i in range(20, 60)
    ]
    given = facts(
        [{"text": TEXT, "pains": "t" if i < 20 else "", "area": "bat"} for i in range(100)],
        mentions=said,
        themes=[theme("t", area_id="bat")],
        areas={"bat": "battery"},
    )
    assert (one(given)["judging"], one(given)["content"]) == (20, 0)


def test_one_more_complaint_never_lowers_the_opportunity():
    before = one(battery(300, 20, 10, 20))
    after = one(battery(300, 21, 10, 20))
    assert after["opportunity"] > before["opportunity"]
    assert after["severe_reach"] > before["severe_reach"]


@given(st.integers(1, 50), st.integers(50, 1000), st.floats(0.05, 1))
def test_equal_weights_have_the_interval_of_their_share(count, total, weight):
    scaled = weighted_share(np.array([count * weight]), np.array([count * weight**2]), total, 0.9)
    for value, share in zip(scaled, wilson(count, total, 0.9), strict=True):
        assert value == pytest.approx(share * weight)


def test_weights_that_are_all_zero_still_have_an_upper_bound():
    share, low, high = weighted_share(np.zeros(1), np.zeros(1), 50, 0.9)
    assert (share[0], low[0]) == (0, 0)
    assert 0 < high[0] < 0.1


def test_the_order_of_rows_does_not_matter():
    given = battery(120, 20, 25, 15, both=5)
    rng = np.random.default_rng(1)
    mixed = {
        name: getattr(given, name).take(pa.array(rng.permutation(getattr(given, name).num_rows)))
        for name in ("reviews", "readings", "mentions", "themes", "areas")
    }
    assert importance(Facts(**mixed), Scope(), config=CONFIG).equals(importance(given, Scope(), config=CONFIG))


def test_empty_and_unknown_scopes():
    assert importance(facts([]), Scope(), config=CONFIG).equals(IMPORTANCE.empty_table())
    with pytest.raises(VocError, match="no product 'x'"):
        importance(battery(20, 5, 5, 5), Scope(products=("x",)), config=CONFIG)


def test_simulated_scores():
    *covers, _, wrong = simulate_importance(runs=120)
    # 480 intervals of each figure: 0.9 less three standard errors; a clipped scale can only cover more.
    assert [f["name"] for f in covers if not 0.85 <= f["measured"] <= 0.96] == []
    assert wrong["measured"] <= 0.1


@pytest.mark.slow
@pytest.mark.parametrize("reviews", [500, 2000, 10_000])
def test_simulated_scores_in_long_runs(reviews):
    *covers, _, wrong = simulate_importance(runs=1000, reviews=reviews)
    assert [f["name"] for f in covers if not 0.86 <= f["measured"] <= 0.95] == []
    assert wrong["measured"] <= 0.1
