import numpy as np
import pyarrow as pa
import pytest

from voc.benchmark.drawn import drawn_facts
from voc.benchmark.simulations.kano import simulate_kano
from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights import Facts, Scope
from voc.insights.kano import MIN_SIDE, kano
from voc.tables.compared import KANO

from .build import facts, mention

CONFIG = InsightsConfig(bootstrap=200, min_reviews=1)
TEXT = "The battery."


def told(*groups, predicted=False, **fields):
    """Return facts; each group is (reviews, stars, what they say of the battery: "bad", "good" or "")."""
    reviews, said = [], []
    for count, stars, saying in groups:
        for _ in range(count):
            review_id = f"r{len(reviews):06d}"
            reviews.append({"text": TEXT, "predicted_rating" if predicted else "rating": stars})
            if saying:
                kind = {"bad": "pain", "good": "praise"}[saying]
                wording = {"specificity": "judgement", "area_id": "bat", **fields}
                said.append(mention(review_id, TEXT, TEXT, kind=kind, **wording))
    return facts(reviews, mentions=said, areas={"bat": "battery", "x": "other parts"})


def one(given):
    (row,) = kano(given, Scope(), config=CONFIG).to_pylist()
    return row


@pytest.mark.parametrize(
    ("bad", "good", "name"),
    [
        (2, 4, "must-be"),
        (2, 5, "one-dimensional"),
        (4, 5, "attractive"),
        (4, 4, "indifferent"),
    ],
)
def test_classes_by_hand(bad, good, name):
    # Without a word on the battery 4 stars on the mean: half 3, half 5.
    row = one(told((200, 3, ""), (200, 5, ""), (100, bad, "bad"), (100, good, "good")))
    assert row["penalty"] == pytest.approx(4 - bad, abs=1e-6)
    assert row["reward"] == pytest.approx(good - 4, abs=1e-6)
    assert (row["blamed"], row["praised"]) == (100, 100)
    assert row["kano_class"] == name
    assert row["reason"] is None


def test_too_few_on_one_side_is_undetermined():
    row = one(told((200, 3, ""), (200, 5, ""), (100, 2, "bad"), (MIN_SIDE - 1, 5, "good")))
    assert row["kano_class"] == "undetermined"
    assert row["reason"] == "100 rated reviews blame it and 19 praise it; 20 of each are needed"
    assert row["reward"] is None
    assert row["penalty"] > 1


def test_a_wide_interval_is_undetermined():
    rng = np.random.default_rng(1)
    stars = rng.integers(1, 6, 120).astype(float)
    sides = rng.permutation(120)
    blamed, praised = ((np.isin(np.arange(120), some))[:, None] for some in (sides[:25], sides[25:50]))
    row = one(drawn_facts(stars, np.zeros(120, int), areas=["battery"], blamed=blamed, praised=praised))
    assert row["kano_class"] == "undetermined"
    assert "either side of 0.25 stars" in row["reason"]
    assert row["penalty_low"] < row["penalty"] < row["penalty_high"]


def test_other_parts_are_held_equal():
    # Who praises the case praises the battery too, which alone brings the stars.
    rng = np.random.default_rng(2)
    case = rng.random(3000) < 0.1
    battery = np.where(case, rng.random(3000) < 0.7, rng.random(3000) < 0.05)
    blamed = rng.random((3000, 2)) < 0.05
    stars = np.clip(np.round(3 + 1.2 * battery + rng.normal(0, 1, 3000)), 1, 5)
    given = drawn_facts(
        stars, np.zeros(3000, int), areas=["case", "battery"], blamed=blamed,
        praised=np.stack([case, battery], axis=1),
    )  # fmt: skip
    found = {r["name"]: r for r in kano(given, Scope(), config=CONFIG).to_pylist()}
    assert stars[case].mean() - stars[~case].mean() > 0.5
    assert found["case"]["kano_class"] == "indifferent"
    assert found["battery"]["kano_class"] == "attractive"


def test_only_the_customers_own_stars_count():
    groups = ((200, 3, ""), (200, 5, ""), (100, 2, "bad"), (100, 5, "good"))
    assert kano(told(*groups, predicted=True), Scope(), config=CONFIG).num_rows == 0
    assert one(told(*groups))["kano_class"] == "one-dimensional"


def test_verdicts_say_nothing_of_an_area():
    groups = ((50, 3, ""), (50, 2, "bad"), (50, 5, "good"))
    assert kano(told(*groups, specificity="verdict"), Scope(), config=CONFIG).num_rows == 0


def test_where_nothing_can_be_told_it_is_said():
    equal = one(told((100, 4, ""), (50, 4, "bad"), (50, 4, "good")))
    assert (equal["kano_class"], equal["reason"], equal["penalty"]) == (
        "undetermined",
        "all ratings are equal",
        None,
    )
    mixed = one(told((200, 3, ""), (200, 5, ""), (100, 2, "bad"), (100, 5, "good"), area_id="x"))
    assert (mixed["kano_class"], mixed["reason"]) == ("undetermined", "'other parts' is no single part")
    all_speak = one(
        drawn_facts(
            np.tile([1.0, 5.0], 60), np.zeros(120, int), areas=["battery"],
            blamed=np.ones((120, 1), bool), praised=(np.arange(120) % 2 == 1)[:, None],
        )
    )  # fmt: skip
    assert "nothing to compare" in all_speak["reason"]
    assert kano(facts([]), Scope(), config=CONFIG).equals(KANO.empty_table())


def test_an_unknown_scope_is_named():
    with pytest.raises(VocError, match="no market 'Mars'"):
        kano(told((3, 4, "bad")), Scope(markets=("Mars",)), config=CONFIG)


def test_the_order_of_rows_does_not_matter():
    given = told((60, 3, ""), (60, 5, ""), (40, 2, "bad"), (30, 5, "good"), (10, 1, "good"))
    rng = np.random.default_rng(1)
    mixed = {
        name: getattr(given, name).take(pa.array(rng.permutation(getattr(given, name).num_rows)))
        for name in ("reviews", "readings", "mentions", "areas")
    }
    mixed["themes"] = given.themes
    assert kano(Facts(**mixed), Scope(), config=CONFIG).equals(kano(given, Scope(), config=CONFIG))


def test_simulated_classes():
    covers, right, _, wrong = simulate_kano(runs=15)
    assert 0.8 <= covers["measured"] <= 0.98  # 120 intervals
    assert right["measured"] >= 0.9
    assert wrong["measured"] <= 0.05


def test_simulated_thin_data_is_undetermined():
    _, _, unsure, wrong = simulate_kano(runs=20, reviews=500, share=0.05)
    assert unsure["measured"] >= 0.5
    assert wrong["measured"] <= 0.1


@pytest.mark.slow
@pytest.mark.parametrize(("reviews", "share"), [(500, 0.08), (2000, 0.05), (6000, 0.08)])
def test_simulated_classes_in_long_runs(reviews, share):
    covers, _, _, wrong = simulate_kano(runs=300, reviews=reviews, share=share)
    assert 0.86 <= covers["measured"] <= 0.93
    assert wrong["measured"] <= 0.1
