import pytest
from scipy.stats import fisher_exact

from tests.insights import build
from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights import Scope
from voc.insights.together import together

CONFIG = InsightsConfig(min_reviews=1, confidence=0.9)


def of(product, both=0, first=0, second=0, neither=0):
    """Return reviews of a product, of which so many mention both themes, only the one, only the other, none."""
    pains = [["t1", "t2"]] * both + [["t1"]] * first + [["t2"]] * second + [[]] * neither
    return [{"product_id": product, "pains": pain} for pain in pains]


def test_with_one_product_it_is_fishers_exact_test():
    # 20 reviews, 5 with the one and 4 with the other: chance brings 5 x 4 / 20 = 1 together.
    facts = build.facts(of("p", both=3, first=2, second=1, neither=14))
    [row] = together(facts, Scope(), "t1", config=CONFIG).to_pylist()
    assert (row["theme_id"], row["reviews"], row["both"]) == ("t2", 4, 3)
    assert row["share"] == pytest.approx(3 / 5)
    assert row["expected"] == pytest.approx(1.0)
    assert row["lift"] == pytest.approx(3.0)
    # Garwood's 90 % interval of a count of 3 is 0.818 to 7.754.
    assert row["lift_low"] == pytest.approx(0.818, abs=0.001)
    assert row["lift_high"] == pytest.approx(7.754, abs=0.001)
    assert row["p_value"] == pytest.approx(fisher_exact([[3, 2], [1, 14]]).pvalue)
    assert row["q_value"] == row["p_value"]


def test_themes_that_only_share_a_product_are_not_together():
    # In product p half of the reviews mention either, independently; product q has neither. Without regard to the
    # product 50 of 400 against 100 x 100 / 400 = 25 would look like a pair.
    facts = build.facts([*of("p", both=50, first=50, second=50, neither=50), *of("q", neither=200)])
    [row] = together(facts, Scope(), "t1", config=CONFIG).to_pylist()
    assert row["expected"] == pytest.approx(50.0)
    assert row["lift"] == pytest.approx(1.0)
    assert row["p_value"] == pytest.approx(1.0)


def test_the_strata_add_up_as_cochran_mantel_and_haenszel_have_it():
    facts = build.facts(
        [*of("p", both=20, first=10, second=20, neither=50), *of("q", both=10, first=20, second=10, neither=60)]
    )
    [row] = together(facts, Scope(), "t1", config=CONFIG).to_pylist()
    # 30 x 40 / 100 + 30 x 20 / 100
    assert row["expected"] == pytest.approx(18.0)
    # Variances: 30 x 40 x 70 x 60 / (100^2 x 99) = 5.0909 and 30 x 20 x 70 x 80 / (100^2 x 99) = 3.3939;
    # (|30 - 18| - 0.5)^2 / 8.4848 = 15.5864, whose chi-squared tail with 1 degree of freedom is 7.88e-5.
    assert row["p_value"] == pytest.approx(7.88e-5, rel=0.01)


def test_small_strata_are_tested_exactly_as_one_sum():
    # In each product 1 of 2 reviews has the one and 1 of 2 the other: both counts are 0 or 1 with a chance of a half.
    facts = build.facts([*of("p", both=1, neither=1), *of("q", both=1, neither=1)])
    [row] = together(facts, Scope(), "t1", config=CONFIG).to_pylist()
    assert row["expected"] == pytest.approx(1.0)
    assert row["p_value"] == pytest.approx(0.5)  # 0 or 2, a quarter each


def test_themes_of_other_products_cannot_come_together_and_are_not_tested():
    facts = build.facts([*of("p", first=5, neither=5), *of("q", second=5, neither=5)])
    [row] = together(facts, Scope(), "t1", config=CONFIG).to_pylist()
    assert (row["both"], row["expected"]) == (0, 0.0)
    assert row["lift"] is row["p_value"] is row["q_value"] is None


def test_the_largest_surplus_comes_first_and_an_unknown_theme_is_an_error():
    reviews = [
        *({"pains": ["t1", "t2"]} for _ in range(5)),
        *({"pains": ["t1", "t3"]} for _ in range(2)),
        *({"pains": []} for _ in range(20)),
    ]
    facts = build.facts(reviews)
    assert [row["theme_id"] for row in together(facts, Scope(), "t1", config=CONFIG).to_pylist()] == ["t2", "t3"]
    with pytest.raises(VocError, match="no active pain theme 't9'"):
        together(facts, Scope(), "t9", config=CONFIG)
