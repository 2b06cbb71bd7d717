import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from voc.benchmark.simulations.time_in_use import HEAPED, simulate_time_in_use
from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights import Facts, Scope
from voc.insights.intervals import wilson
from voc.insights.time_in_use import MIN_STATED, mann_whitney, time_in_use
from voc.tables import empty
from voc.tables.use import TIME_IN_USE

from .build import facts, mention

CONFIG = InsightsConfig()


def stated(days, theme="t", start=0):
    """Return reviews and mentions of a theme, one for each number of days; None: no time is stated."""
    reviews = [{"review_id": f"{theme}{start + i:05d}", "text": "It broke.", "rating": 2} for i in range(len(days))]
    mentions = [
        mention(r["review_id"], "It broke.", "It broke.", theme_id=theme, days_in_use=None if d is None else int(d))
        for r, d in zip(reviews, days, strict=True)
    ]
    return reviews, mentions


def told(**themes):
    """Return facts with the days stated for each theme."""
    reviews, mentions = [], []
    for name, days in themes.items():
        r, m = stated(days, name)
        reviews, mentions = reviews + r, mentions + m
    return facts(reviews, mentions=mentions)


def test_the_stages_of_a_theme_by_hand():
    data = told(t=[0, 3, 4, 60, 61, 365, None, None], u=[7] * 6)
    row = {r["theme_id"]: r for r in time_in_use(data, Scope(), config=CONFIG).to_pylist()}["t"]
    assert (row["reviews"], row["stated"], row["unstated_reviews"], row["unstated_share"]) == (8, 6, 2, 0.25)
    assert [row[f"{s}_reviews"] for s in ("box", "weeks", "long")] == [2, 2, 2]
    expected = [x[0] for x in wilson(2, 6, 0.9)]
    assert [row["long_share"], row["long_low"], row["long_high"]] == pytest.approx(expected)
    assert (row["median_days"], row["others_stated"]) == (32.0, 6)
    p = stats.mannwhitneyu([0, 3, 4, 60, 61, 365], [7] * 6, method="asymptotic").pvalue
    assert row["p_value"] == pytest.approx(p)


def test_a_review_counts_once_with_its_earliest_time():
    reviews, mentions = stated([90, 30])
    text = "It broke."
    mentions.append(mention("t00000", text, "broke.", theme_id="t", days_in_use=2))
    mentions.append(mention("t00001", text, "broke.", theme_id="t"))
    (row,) = time_in_use(facts(reviews, mentions=mentions), Scope(), config=CONFIG).to_pylist()
    assert (row["reviews"], row["stated"], row["box_reviews"], row["weeks_reviews"]) == (2, 2, 1, 1)


def test_the_test_is_that_of_scipy_with_ties():
    rng = np.random.default_rng(1)
    table = np.array([np.bincount(rng.integers(0, 6, n), minlength=6) for n in (5, 12, 40, 0)])
    values = [np.repeat(np.arange(6), row) for row in table]
    z, p = mann_whitney(table)
    for g in range(3):
        others = np.concatenate([v for i, v in enumerate(values) if i != g])
        assert p[g] == pytest.approx(stats.mannwhitneyu(values[g], others, method="asymptotic").pvalue)
        assert np.sign(z[g]) in (
            0,
            np.sign(np.mean(stats.rankdata(np.append(values[g], others))[: len(values[g])]) - (table.sum() + 1) / 2),
        )
    assert np.isnan(p[3])


def test_early_and_late_themes_are_called():
    rng = np.random.default_rng(2)
    middle = {f"m{i}": rng.choice(HEAPED, 30) for i in range(6)}
    data = told(doa=[0, 0, 1] * 8, wear=[180, 365, 365] * 8, **middle)
    found = {r["theme_id"]: r["timing"] for r in time_in_use(data, Scope(), config=CONFIG).to_pylist()}
    assert found == {"doa": "early", "wear": "late"} | dict.fromkeys(middle)


def test_pains_in_no_theme_are_among_the_others():
    reviews, mentions = stated([365] * 8)
    more, unassigned = stated([1] * 8, "x")
    for m in unassigned:
        m["theme_id"] = None
    (row,) = time_in_use(facts(reviews + more, mentions=mentions + unassigned), Scope(), config=CONFIG).to_pylist()
    assert (row["others_stated"], row["timing"], row["reason"]) == (8, "late", None)


def test_too_few_statements_say_so():
    data = told(a=[7] * (MIN_STATED - 1), b=[7] * MIN_STATED, c=[None] * 9)
    found = {r["theme_id"]: r for r in time_in_use(data, Scope(), config=CONFIG).to_pylist()}
    assert [found[k]["p_value"] for k in "abc"] == [None] * 3
    assert "fewer than 5 reviews" in found["a"]["reason"]
    assert "other pains" in found["b"]["reason"]
    assert (found["c"]["box_share"], found["c"]["median_days"], found["c"]["unstated_share"]) == (None, None, 1.0)
    same = time_in_use(told(a=[7] * 6, b=[7] * 6), Scope(), config=CONFIG).to_pylist()
    assert {r["reason"] for r in same} == {"all stated times are the same"}


def test_empty_data_and_unknown_scope():
    nothing = Facts(**{n: empty(n) for n in ("reviews", "readings", "mentions", "themes")})
    assert time_in_use(nothing, Scope(), config=CONFIG).equals(TIME_IN_USE.empty_table())
    with pytest.raises(VocError, match="no brand"):
        time_in_use(told(a=[1]), Scope(brands=("x",)), config=CONFIG)


def test_the_order_of_rows_does_not_matter():
    rng = np.random.default_rng(3)
    data = told(**{f"m{i}": rng.choice(HEAPED, 20) for i in range(5)})
    tables = {n: t.take(rng.permutation(t.num_rows)) for n, t in vars(data).items() if isinstance(t, pa.Table)}
    shuffled = Facts(**tables)
    assert time_in_use(data, Scope(), config=CONFIG).equals(time_in_use(shuffled, Scope(), config=CONFIG))


def test_false_alarms_are_rare_and_planted_themes_found():
    (false,) = simulate_time_in_use(themes=15, stated_each=10, runs=40)
    assert false["measured"] <= 0.25  # 4 expected of 40
    _, found = simulate_time_in_use(themes=15, stated_each=25, late=2, runs=5)
    assert found["measured"] >= 0.8


@pytest.mark.slow
@pytest.mark.parametrize("stated_each", [6, 12, 40])
def test_false_alarms_are_rare_in_long_runs(stated_each):
    (false,) = simulate_time_in_use(themes=25, stated_each=stated_each, runs=300)
    assert false["measured"] <= 0.152  # three errors
