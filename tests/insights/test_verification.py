"""What `verify` says of literal reviews: controls, windows, words and bad input."""

import datetime as dt
import re

import numpy as np
import pytest

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights import Facts, Scope
from voc.insights.verification import CONCLUSIONS, CONTROLS, EVENT_STUDY, PLACEBO_DATES, REACH, verify
from voc.insights.verification.sentence import conclude
from voc.tables import empty

from .build import day, facts, theme

CONFIG = InsightsConfig()
SINCE = dt.date(2020, 1, 1)
FIXED = Scope(products=("fixed",))


def weekly(product, before, after, *, weeks=52, per_week=10, name="t", **fields):
    """Reviews of a product: `before` and `after` of every 100 mention the theme, evenly spread and the same each week.

    From `weeks` before `SINCE` to `weeks` after it, on Wednesdays.
    """
    rows, carried = [], 0.0
    for week in range(-weeks, weeks):
        share = (before if week < 0 else after) / 100
        at = day(str(SINCE + dt.timedelta(days=7 * week + 3)))
        for _ in range(per_week):
            carried += share
            hit = carried >= 1 - 1e-9
            carried -= hit
            rows.append({"product_id": product, "written_at": at, "pains": [name] if hit else [], **fields})
    return rows


def verified(reviews, **options):
    data = options.pop("data", None) or facts(reviews)
    return verify(data, options.pop("theme", "t"), options.pop("since", SINCE), **{"config": CONFIG, **options})


def with_matched(found):
    return {(r["group"], r["part"]): r for r in found.reach.to_pylist()}


def test_a_fix_against_another_product_by_hand():
    found = verified([*weekly("fixed", 20, 5), *weekly("other", 20, 20)], scope=FIXED, lag_days=0)
    assert (found.conclusion, found.control_kind, found.method) == ("fixed", "other products", "blocks of time")
    assert found.effect == pytest.approx(-0.15, abs=0.01)
    assert found.effect_low <= found.effect <= found.effect_high < -0.1
    rows = with_matched(found)
    assert [(rows[k]["mentions"], rows[k]["reviews"]) for k in (("treated", "before"), ("treated", "after"))] == [
        (104, 520),
        (26, 520),
    ]
    assert "20.0% of the reviews of fixed" in found.sentence
    assert "5.0% afterwards" in found.sentence
    assert "even by the cautious end at least half" in found.sentence
    assert not found.reasons


def test_the_parts_add_up_to_the_effect_exactly():
    reviews = [
        *weekly("fixed", 20, 5),
        *weekly("other", 12, 15, per_week=7),
        *weekly("third", 20, 22, per_week=3, brand="rival"),
    ]
    found = verified(reviews, scope=FIXED)
    rows = {k: r["matched"] for k, r in with_matched(found).items()}
    change = rows["treated", "after"] - rows["treated", "before"]
    assert change - (rows["controls", "after"] - rows["controls", "before"]) == pytest.approx(found.effect, abs=1e-9)
    assert rows["treated", "lag"] is None


def test_what_all_products_share_is_not_an_effect():
    found = verified([*weekly("fixed", 20, 10), *weekly("other", 20, 10)], scope=FIXED)
    assert found.effect == pytest.approx(0, abs=0.02)
    assert found.conclusion == "no change seen"
    assert re.search(r"a fall by \d+\.\d or a rise by \d+\.\d points cannot be ruled out", found.sentence, re.I)
    assert f"less than {100 * found.detectable:.1f} points would often be missed" in found.sentence


def test_getting_worse_and_only_somewhat_better():
    assert verified([*weekly("fixed", 5, 20), *weekly("other", 10, 10)], scope=FIXED).conclusion == "worse"
    assert verified([*weekly("fixed", 25, 16), *weekly("other", 20, 20)], scope=FIXED).conclusion == "better"


def test_the_lag_is_left_out():
    early = weekly("fixed", 20, 20)
    mended = weekly("fixed", 0, 5)
    border = day(str(SINCE + dt.timedelta(days=60)))
    reviews = [r for r in early if r["written_at"] < border] + [r for r in mended if r["written_at"] >= border]
    found = verified([*reviews, *weekly("other", 20, 20)], scope=FIXED, lag_days=60)
    rows = with_matched(found)
    assert rows["treated", "lag"]["reach"] > 0.15
    assert rows["treated", "after"]["reach"] == pytest.approx(0.05, abs=0.01)
    assert rows["treated", "lag"]["reviews"] + rows["treated", "after"]["reviews"] == 520
    study = found.event_study.to_pylist()
    assert [r["period"] for r in study] == [*range(-12, 1), *range(1, len(study) - 12)]
    assert [r["difference"] is None for r in study] == [r["part"] == "lag" for r in study]
    assert sum(r["reviews"] for r in study) == 1040


@pytest.mark.parametrize(
    ("brand", "own", "kind"),
    [("ours", None, "other products"), ("theirs", None, "competitors"), ("ours", False, "competitors")],
)
def test_controls_are_competitors_by_the_product_list_or_by_brand(brand, own, kind):
    reviews = [*weekly("fixed", 20, 5, brand="ours"), *weekly("other", 20, 20, brand=brand)]
    products = [{"product_id": "other", "own": own}, {"product_id": "fixed", "own": True}]
    assert verified([], data=facts(reviews, products=products), scope=FIXED).control_kind == kind


def test_products_that_are_not_alike_are_no_controls_and_it_is_said_why():
    reviews = [
        *weekly("fixed", 20, 5),
        *weekly("alike", 20, 20),
        *weekly("silent", 0, 0),
        *weekly("hardly", 1, 1),
        *weekly("often", 80, 80),
        *weekly("few", 20, 20)[:6],
    ]
    listed = {r["id"]: (r["used"], r["reason"]) for r in verified(reviews, scope=FIXED).controls.to_pylist()}
    assert listed["alike"] == (True, None)
    assert {k for k, v in listed.items() if v[0]} == {"alike"}
    assert listed["silent"][1] == "nobody mentions the theme"
    assert listed["hardly"][1] == "the theme is hardly mentioned"
    assert listed["often"][1] == "the theme is mentioned far more often"
    assert listed["few"][1] == "fewer than 10 reviews before or after the date"


def test_with_many_controls_the_products_are_permuted():
    rng = np.random.default_rng(1)
    reviews = weekly("fixed", 20, 4)
    for number in range(10):
        level = float(rng.uniform(14, 26))
        reviews += weekly(f"c{number}", level, level + float(rng.uniform(-2, 2)), per_week=4)
    found = verified(reviews, scope=FIXED)
    assert (found.method, found.permuted, found.conclusion) == ("products", 11, "fixed")
    assert found.p_value == pytest.approx(1 / 11)  # the greatest change of eleven


def test_one_product_is_compared_with_its_other_themes_and_that_is_said():
    reviews = weekly("fixed", 20, 5)
    for number, review in enumerate(reviews):
        review["pains"] = [*review["pains"], *(f"u{k}" for k in range(4) if (number * 7 + k) % 9 == 0)]
    found = verified(reviews)
    assert (found.control_kind, found.treated) == ("other themes of the same products", "all products")
    assert "second choice" in found.sentence
    assert found.conclusion == "fixed"


def test_themes_of_the_same_area_are_no_controls():
    reviews = weekly("fixed", 20, 5)
    for number, review in enumerate(reviews):
        review["pains"] = [*review["pains"], *(f"u{k}" for k in range(4) if (number * 7 + k) % 9 == 0)]
    themes = [theme("t", area_id="a"), theme("u0", area_id="a"), *(theme(f"u{k}", area_id="b") for k in (1, 2, 3))]
    found = verified([], data=facts(reviews, themes=themes, areas={"a": "cable", "b": "plug"}))
    assert {r["id"] for r in found.controls.to_pylist()} == {"u1", "u2", "u3"}


def test_with_nothing_to_compare_it_is_before_and_after_with_a_warning():
    found = verified(weekly("fixed", 20, 5))
    assert (found.control_kind, found.conclusion) == (None, "fixed")
    assert "Without anything to compare with" in found.sentence
    assert "a season or a general change is not ruled out" in found.warnings[0]
    assert set(found.reach["group"].to_pylist()) == {"treated"}
    assert set(found.event_study["reach_controls"].to_pylist()) == {None}


def test_a_version_is_read_alone_after_the_date_and_needs_no_lag():
    old = weekly("fixed", 20, 20, per_week=5, version="V1")
    new = [r for r in weekly("fixed", 20, 2, per_week=5, version="V2") if r["written_at"] >= day(str(SINCE))]
    found = verified(
        [*old, *new, *weekly("other", 20, 20)], scope=Scope(products=("fixed",), version="V2"), lag_days=None
    )
    rows = with_matched(found)
    assert found.lag_days == 0
    assert (rows["treated", "before"]["reviews"], rows["treated", "after"]["reviews"]) == (260, 260)
    assert found.conclusion == "fixed"
    assert "afterwards in V2" in found.sentence


def test_a_brand_is_treated_as_a_whole():
    reviews = [
        *weekly("a", 20, 5, brand="ours"),
        *weekly("b", 10, 4, per_week=4, brand="ours"),
        *weekly("c", 20, 20, brand="theirs"),
    ]
    found = verified(reviews, scope=Scope(brands=("OURS",)))
    assert {r["id"] for r in found.controls.to_pylist()} == {"c"}
    assert (found.conclusion, found.control_kind) == ("fixed", "competitors")


def test_a_trend_before_the_date_is_called_and_the_interval_allows_for_it():
    reviews = []
    for week in range(-52, 52):
        reviews += [
            {**r, "written_at": day(str(SINCE + dt.timedelta(days=7 * week + 3)))}
            for r in weekly("fixed", 30 - 0.25 * (week + 52), 0, weeks=1, per_week=20)[:20]
        ]
    found = verified([*reviews, *weekly("other", 15, 15)], scope=FIXED, lag_days=0)
    assert found.pre_trend.verdict == "trend"
    assert found.pre_trend.slope == pytest.approx(-0.25 / 100 * 13, abs=0.01)
    assert found.conclusion not in ("fixed", "better")
    assert "already falling before the date" in found.sentence
    assert found.placebos_as_large is not None


def test_too_little_data_says_what_is_needed():
    found = verified([*weekly("fixed", 20, 5, weeks=4, per_week=3), *weekly("other", 20, 20)], scope=FIXED, lag_days=0)
    assert found.conclusion == "not enough data"
    assert (found.effect, found.effect_low, found.p_value, found.method) == (None, None, None, None)
    assert found.reasons[0] == "12 reviews before 2020-01-01, 30 are needed"
    assert found.reasons[1].startswith(
        "12 reviews from 2020-01-01 on, 30 are needed (at the pace so far by about 2020-"
    )
    assert "3 of the reviews before and after mention the theme, 5 are needed" in found.reasons
    assert found.pre_trend.verdict == "cannot be checked"
    rows = with_matched(found)
    assert rows["treated", "before"]["reach"] == pytest.approx(2 / 12)
    assert rows["treated", "before"]["matched"] is None
    assert "30 are needed" in found.sentence


def test_many_reviews_in_few_days_are_not_enough():
    found = verified([*weekly("fixed", 20, 5, weeks=4, per_week=50)], lag_days=0)
    assert found.conclusion == "not enough data"
    assert "span 25 days, 42 are needed" in found.sentence


def test_an_interval_from_nothing_to_everything_is_not_enough_data():
    # Four of 52 complain before and after: a true fall from 8 % to nothing would look hardly different.
    rng, reviews = np.random.default_rng(3), weekly("fixed", 0, 0, per_week=1)
    for start in (0, 52):
        for place in rng.choice(52, 4, replace=False):
            reviews[start + place]["pains"] = ["t"]
    found = verified(reviews, lag_days=0)
    assert found.conclusion == "not enough data"
    assert found.effect is not None
    assert "times as many would be needed" in found.reasons[0]


def test_each_conclusion_is_drawn_from_the_interval():
    assert conclude(-0.08, -0.10, -0.05, 0.02) == "fixed"  # 7 points expected at the cautious end, 2 are left
    assert conclude(-0.08, -0.15, -0.01, 0.02) == "better"  # 3 expected, 2 left
    assert conclude(-0.02, -0.05, 0.01, 0.06) == "no change seen"  # 8 expected, no more than 5 gone
    assert conclude(-0.02, -0.09, 0.01, 0.06) == "not enough data"
    assert conclude(0.05, 0.01, 0.09, 0.1) == "worse"
    assert CONCLUSIONS == ("fixed", "better", "no change seen", "worse", "not enough data")


def test_more_complaints_afterwards_never_look_better():
    effects = [
        verified([*weekly("fixed", 20, after), *weekly("other", 20, 20)], scope=FIXED).effect
        for after in range(0, 30, 5)
    ]
    assert effects == sorted(effects)
    assert len(set(effects)) == len(effects)


def test_the_order_of_rows_does_not_matter_and_tables_have_their_schemas():
    data = facts([*weekly("fixed", 20, 5), *weekly("other", 18, 20, per_week=6)])
    rng = np.random.default_rng(0)
    shuffled = Facts(**{
        name: table.take(rng.permutation(table.num_rows)) if name in ("reviews", "readings", "mentions") else table
        for name, table in vars(data).items()
        if not name.startswith("index")
    })  # fmt: skip
    one, two = (verified([], data=d, scope=FIXED) for d in (data, shuffled))
    assert one == two or all(getattr(one, f) == getattr(two, f) for f in one.__dataclass_fields__)
    for table, schema in (
        (one.reach, REACH),
        (one.controls, CONTROLS),
        (one.placebo_dates, PLACEBO_DATES),
        (one.event_study, EVENT_STUDY),
    ):
        assert table.schema == schema
        for column in table.columns:
            assert not any(isinstance(v, float) and np.isnan(v) for v in column.to_pylist())


def test_what_is_not_analysed_or_not_dated_does_not_count():
    base = [*weekly("fixed", 20, 5), *weekly("other", 20, 20)]
    noise = [
        {"product_id": "fixed", "pains": ["t"]},
        *weekly("fixed", 100, 100, per_week=3, analysed=False),
        *weekly("fixed", 100, 100, per_week=3, channel="return"),
    ]
    one, two = verified(base, scope=FIXED), verified([*base, *noise], scope=FIXED)
    assert (one.effect, one.effect_low, one.p_value) == (two.effect, two.effect_low, two.p_value)


REVIEWS = [*weekly("fixed", 20, 5, weeks=20), *weekly("other", 20, 20, weeks=20)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"theme": "x"}, "no active pain theme 'x'"),
        ({"scope": Scope(products=("nothing",))}, "there is no product 'nothing'; there is fixed, other"),
        ({"scope": Scope(brands=("b",))}, "no review names a brand"),
        ({"scope": Scope(version="V9")}, "there is no version 'V9'"),
        ({"since": dt.date(2019, 1, 1)}, "written from 2019-08-17 to 2020-05-16"),
        ({"since": dt.date(2020, 5, 17)}, "2020-05-17 lies outside the reviews"),
        ({"since": dt.date(2019, 8, 17)}, "name a date after the first"),
        ({"lag_days": -1}, "a lag of -1 days is negative"),
        ({"lag_days": 200}, "with a lag of 200 days after 2020-01-01 no review is left, the last being of 2020-05-16"),
        ({"lag_days": 10**12}, "no review is left"),
        ({"window_days": 0}, "a window of 0 days"),
    ],
)
def test_bad_input_is_one_sentence(options, message):
    with pytest.raises(VocError, match=re.escape(message)) as error:
        verified(REVIEWS, **options)
    assert str(error.value).count(". ") == 0


def test_without_dates_there_is_nothing_to_verify():
    with pytest.raises(VocError, match="no analysed review of these products has a date"):
        verified([{"product_id": "a", "pains": ["t"]}])
    nothing = Facts(**{n: empty(n) for n in ("reviews", "readings", "mentions", "themes")})
    with pytest.raises(VocError, match="no active pain theme"):
        verified([], data=nothing)
