import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc.benchmark.simulations.correction import simulate_across, simulate_extraction
from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights import Facts, Scope
from voc.insights.across import across
from voc.insights.correction import corrected_reach, reach_as_corrected
from voc.insights.labels import ModelLabels
from voc.insights.misreading import Checks, Labels, from_checks, from_labels
from voc.tables.compared import CORRECTED

from .build import facts

CONFIG = InsightsConfig(bootstrap=200, min_reviews=1)
GOOD = Labels(100, 80, 200, 190)


def hundred(**fields):
    """Return a hundred reviews, 23 of which are read as the trouble "t"."""
    return facts([{"rating": 2 if i < 23 else 5, "pains": "t" if i < 23 else "", **fields} for i in range(100)])


def rows(given, **known):
    return {r["id"]: r for r in corrected_reach(given, Scope(), config=CONFIG, **known).to_pylist()}


def test_by_hand_from_labels():
    # Found in 23 %, but 5 % of the others are found too and 20 % are missed: (0.23 + 0.95 - 1) / (0.8 + 0.95 - 1).
    share, low, high, reason = from_labels(23, 100, GOOD, 0.9)
    assert share == pytest.approx(0.24)
    assert reason is None
    assert low < share < high
    # Wider than if the qualities were known.
    _, low_known, high_known, _ = from_labels(23, 100, Labels(1e7, 0.8e7, 1e7, 0.95e7), 0.9)
    assert high - low > high_known - low_known


def test_the_published_interval():
    # Equations of Lang and Reiczigel (2014), worked through for 50 of 200, 45 of 50 found, 90 of 100 cleared, z = 1.96.
    share, low, high, _ = from_labels(50, 200, Labels(50, 45, 100, 90), 0.95)
    assert share == pytest.approx(0.1875)
    z = 1.959964
    p, se, sp = (50 + z * z / 2) / (200 + z * z), 46 / 52, 91 / 102
    middle = (p + sp - 1) / (se + sp - 1)
    a, b = se * (1 - se) / 52, sp * (1 - sp) / 102
    centre = middle + 2 * z * z * (middle * a - (1 - middle) * b)
    error = np.sqrt(p * (1 - p) / (200 + z * z) + middle**2 * a + (1 - middle) ** 2 * b) / (se + sp - 1)
    assert (low, high) == pytest.approx((max(centre - z * error, 0), centre + z * error), abs=1e-6)


def test_by_hand_from_checks():
    # 23 % found, of these 80 % rightly; of those that belong, 46 % were found: 0.23 x 0.8 / 0.46.
    share, low, high, reason = from_checks(23, 100, Checks(50, 40, 100, 46), 0.9)
    assert share == pytest.approx(0.4)
    assert reason is None
    assert 0 < low < share < high < 1


@pytest.mark.parametrize(
    ("count", "labels", "reason"),
    [
        (23, Labels(29, 25, 200, 190), "labels of 30"),
        (23, Labels(100, 50, 200, 120), "tells reviews with it too badly"),
        (2, GOOD, "more seldom than false alarms alone"),
        (90, GOOD, "more often than if every review had it"),
    ],
)
def test_no_number_where_labels_lead_to_none(count, labels, reason):
    *values, why = from_labels(count, 100, labels, 0.9)
    assert np.isnan(values).all()
    assert reason in why


@pytest.mark.parametrize(
    ("count", "checks", "reason"),
    [
        (23, Checks(50, 40), "50 reviews under it and 0 that belong there were checked; 30 of each"),
        (0, Checks(50, 40, 50, 40), "it was not found"),
        (23, Checks(50, 0, 50, 40), "none of the checked reviews"),
        (90, Checks(50, 50, 50, 40), "more often than if every review had it"),
    ],
)
def test_no_number_where_checks_lead_to_none(count, checks, reason):
    *values, why = from_checks(count, 100, checks, 0.9)
    assert np.isnan(values).all()
    assert reason in why


def test_without_labels_everything_is_as_extracted():
    found = rows(hundred())
    assert list(found) == ["pain", "praise", "wish", "t"]
    assert {r["method"] for r in found.values()} == {"as extracted"}
    assert all(r["corrected"] is None and "not known" in r["reason"] for r in found.values())
    assert found["t"]["reach"] == pytest.approx(0.23)
    assert found["pain"]["reviews"] == 23
    assert found["t"]["star_impact"] == pytest.approx(5 - (23 * 2 + 77 * 5) / 100)


def test_kinds_and_themes_are_corrected_by_what_is_known_of_them():
    found = rows(hundred(), kinds={"pain": GOOD}, themes={"t": Checks(50, 40, 100, 46)})
    assert found["pain"]["method"] == "labels"
    assert found["pain"]["corrected"] == pytest.approx(0.24)
    assert (found["pain"]["sensitivity"], found["pain"]["specificity"]) == pytest.approx((0.8, 0.95))
    assert found["t"]["method"] == "checks"
    assert found["t"]["corrected"] == pytest.approx(0.4)
    assert (found["t"]["sensitivity"], found["t"]["precision"]) == pytest.approx((0.46, 0.8))
    assert found["wish"]["method"] == "as extracted"
    # Star impact 0.69 as extracted, x (1 - 0.23) / (0.8 - 0.23).
    assert found["pain"]["corrected_impact"] == pytest.approx(0.69 * 0.77 / 0.57)
    low, high = found["pain"]["corrected_impact_low"], found["pain"]["corrected_impact_high"]
    assert low < found["pain"]["corrected_impact"] < high
    # So little of "t" is found that the stars that go with it cannot be told.
    assert found["t"]["corrected_impact"] is None


def test_perfect_reading_needs_no_correction():
    row = rows(hundred(), kinds={"pain": Labels(1e6, 1e6, 1e6, 1e6)})["pain"]
    assert row["corrected"] == pytest.approx(row["reach"])
    assert row["corrected_impact"] == pytest.approx(row["star_impact"])
    assert (row["corrected_low"], row["corrected_high"]) == pytest.approx(
        (row["reach_low"], row["reach_high"]), abs=2e-3
    )


def test_misreading_that_ignores_the_stars_shrinks_the_impact_as_the_formula_says():
    rng = np.random.default_rng(1)
    there = rng.random(400_000) < 0.2
    stars = 5 - 2.0 * there
    found = np.where(there, rng.random(400_000) < 0.7, rng.random(400_000) < 0.06)
    seen, true = (stars[~x].mean() - stars.mean() for x in (found, there))
    assert seen * (1 - found.mean()) / (0.7 - found.mean()) == pytest.approx(true, rel=0.01)
    assert seen < 0.75 * true


@settings(deadline=None)
@given(st.integers(0, 100), st.integers(30, 300), st.integers(30, 300), st.floats(0, 1), st.floats(0, 1))
def test_a_share_lies_within_its_bounds_or_a_reason_is_given(count, positives, negatives, se, sp):
    labels = Labels(positives, round(se * positives), negatives, round(sp * negatives))
    checks = Checks(positives, round(se * positives), negatives, round(sp * negatives))
    for share, low, high, reason in (from_labels(count, 100, labels, 0.9), from_checks(count, 100, checks, 0.9)):
        if reason is None:
            assert 0 <= low <= share <= high <= 1
        else:
            assert np.isnan([share, low, high]).all()


def test_sets_that_differ_say_less_of_the_next_one():
    alike = across([Labels(100, 85, 200, 180)] * 5, 0.9)
    apart = across([Labels(100, x, 200, 180) for x in (70, 80, 85, 90, 100)], 0.9)
    assert alike.found / alike.positives == pytest.approx(0.85, abs=0.01)
    assert apart.positives < alike.positives / 3
    assert alike.positives <= 500
    one, two = Labels(100, 85, 200, 180), Labels(50, 40, 10, 9)
    assert across([one], 0.9) == one
    assert across([one, two], 0.9) == Labels(150, 125, 210, 189)
    # Many small sets are no sounder than the reviews they hold.
    few = across([Labels(5, 4, 10, 9)] * 4, 0.9)
    assert from_labels(23, 100, few, 0.9)[3].startswith("labels of 30")
    no_negatives = across([Labels(40, 35, 0, 0), Labels(40, 36, 50, 45), Labels(40, 33, 0, 0)], 0.9)
    assert (no_negatives.negatives, no_negatives.cleared) == (50, 45)


def test_the_next_set_lies_within_the_interval_of_the_formula():
    # Shares far apart and precisely known, so that tau^2 is about their variance and the mean about the plain one.
    shares = np.array([0.75, 0.8, 0.85, 0.9])
    joined = across([Labels(1e6, 1e6 * x, 1e6, 9e5) for x in shares], 0.9)
    half = 2.919986 * np.sqrt(shares.var(ddof=1) * (1 + 1 / 4))  # t with two degrees of freedom
    assert joined.found / joined.positives == pytest.approx(shares.mean(), abs=1e-4)
    wald = 1.644854 * np.sqrt(shares.mean() * (1 - shares.mean()) / (joined.positives + 1))
    assert wald == pytest.approx(half, rel=1e-3)


KNOWN = ModelLabels({"pain": {"a": GOOD, "b": GOOD}, "praise": {"a": Labels(20, 18, 280, 270)}}, "test")


def test_reach_by_the_labels_of_the_model_that_read_the_reviews():
    found = reach_as_corrected(hundred(), labels=KNOWN, config=CONFIG)
    assert found.table.schema == CORRECTED
    pain, praise, wish, theme = found.table.to_pylist()
    assert (pain["method"], pain["corrected"]) == ("labels", pytest.approx(0.24))
    assert praise["reason"].startswith("labels of 30")
    assert wish["reason"].startswith("no reviews were labelled for wish")
    assert theme["reason"].startswith("none of its reviews was checked")
    assert found.reason is None
    assert "in 2 files (a, b), pain is found in 80 % of those that have it" in found.basis
    checked = reach_as_corrected(hundred(), labels=KNOWN, config=CONFIG, checks={"t": Checks(50, 40, 100, 46)})
    assert checked.table.to_pylist()[3]["method"] == "checks"


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (ModelLabels(reason="nobody labelled"), "Reach is as extracted: nobody labelled."),
        (
            ModelLabels(KNOWN.kinds, "opinions-2"),
            "Reach is as extracted: other weights than those that were measured (opinions-2) read 100 of 100 reviews.",
        ),
        (
            ModelLabels(KNOWN.kinds),
            "Reach is as extracted: other weights than those that were measured (None) read 100 of 100 reviews.",
        ),
    ],
)
def test_without_labels_of_these_weights_reach_is_as_extracted(labels, reason):
    found = reach_as_corrected(hundred(), labels=labels, config=CONFIG)
    assert (found.basis, found.reason) == (None, reason)
    rows = found.table.to_pylist()
    assert {row["method"] for row in rows} == {"as extracted"}
    assert all("not known what extraction misses" in row["reason"] for row in rows)
    assert rows[0]["reason"].startswith(reason.removeprefix("Reach is as extracted: ").removesuffix("."))
    assert rows[0]["reach"] == pytest.approx(0.23)


def test_other_weights_matter_in_the_scope_only():
    given = facts([{"brand": "a" if i < 50 else "b", "pains": "t" if i % 4 == 0 else ""} for i in range(100)])
    versions = ["old" if i < 50 else "test" for i in range(100)]
    place = given.readings.schema.get_field_index("model_version")
    readings = given.readings.set_column(place, given.readings.schema.field(place), pa.array(versions))
    given = Facts(given.reviews, readings, given.mentions, given.themes)
    reason = reach_as_corrected(given, labels=KNOWN, config=CONFIG).reason
    assert reason.endswith("other weights than those that were measured (test) read 50 of 100 reviews.")
    assert reach_as_corrected(given, Scope(brands=("b",)), labels=KNOWN, config=CONFIG).reason is None


def test_an_empty_workspace():
    found = reach_as_corrected(facts([]), labels=KNOWN, config=CONFIG)
    assert found.table.column("reason").to_pylist()[0] == "no review was read"


@pytest.mark.parametrize("counts", [(30, 31, 30, 30), (30, 30, 30, -1)])
@pytest.mark.parametrize("what", [Labels, Checks])
def test_counts_that_cannot_be_are_refused(counts, what):
    with pytest.raises(VocError, match="cannot be; give counts from 0"):
        what(*counts)


def test_unknown_kinds_themes_and_scopes_are_named():
    with pytest.raises(VocError, match="reach of 'joy' cannot be corrected"):
        rows(hundred(), kinds={"joy": GOOD})
    with pytest.raises(VocError, match="no active pain theme 'u'"):
        rows(hundred(), themes={"u": GOOD})
    with pytest.raises(VocError, match="no labelled reviews"):
        rows(hundred(), kinds={"pain": []})
    with pytest.raises(VocError, match="no brand 'b'"):
        corrected_reach(hundred(), Scope(brands=("b",)), config=CONFIG)


def test_nothing_read_or_rated():
    found = corrected_reach(facts([]), Scope(), config=CONFIG, kinds={"pain": GOOD})
    assert found.schema == CORRECTED
    assert found.column("reason").to_pylist()[0] == "no review was read"
    assert found.column("reach").to_pylist()[0] is None
    unrated = rows(facts([{"pains": "t"}, {}]), kinds={"pain": GOOD})["pain"]
    assert unrated["star_impact"] is None
    assert unrated["corrected"] is not None


def test_the_order_of_rows_does_not_matter():
    reading = hundred()
    rng = np.random.default_rng(1)
    mixed = {
        name: getattr(reading, name).take(pa.array(rng.permutation(getattr(reading, name).num_rows)))
        for name in ("reviews", "readings", "mentions", "themes")
    }
    assert rows(Facts(**mixed), kinds={"pain": GOOD}) == rows(reading, kinds={"pain": GOOD})


def measured(figures):
    return {f["name"].removeprefix("interval of ").removesuffix(" covers"): f["measured"] for f in figures}


def test_simulated_extraction():
    share = measured(simulate_extraction(runs=60))
    # 60 runs: 0.9 less three standard errors.
    for name in ("reach", "star impact"):
        for by in ("labels", "checks"):
            assert share[f"{name} corrected by {by}"] >= 0.78
    assert share["reach as extracted"] < 0.7
    assert share["star impact as extracted"] < 0.3


def test_simulated_sets_of_labels():
    added, apart = simulate_across(runs=300)
    assert added["measured"] < 0.7
    assert 0.84 <= apart["measured"] <= 1


@pytest.mark.slow
@pytest.mark.parametrize("reach", [0.03, 0.08, 0.3])
def test_simulated_extraction_in_long_runs(reach):
    share = measured(simulate_extraction(runs=600, reach=reach))
    for name in ("reach", "star impact"):
        for by in ("labels", "checks"):
            assert 0.86 <= share[f"{name} corrected by {by}"] <= 0.97
