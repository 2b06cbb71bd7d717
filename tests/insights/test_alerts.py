import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from voc.config import InsightsConfig
from voc.errors import VocError
from voc.insights import Facts, Scope
from voc.insights.alerts import MIN_REVIEWS, MIN_WEEKS, THEME_RATE, WORKSPACE_RATE, alerts
from voc.insights.intervals import wilson
from voc.tables import empty
from voc.tables.changes import ALERTS

from .build import NOW, day, facts, mention, theme

CONFIG = InsightsConfig()
MONDAY = dt.date(2021, 1, 4)
SIZE = 40  # reviews a week


def week(number):
    return MONDAY + dt.timedelta(days=7 * number)


def weekly(counts, *, first=0, import_id="i", other=2, dated=True, **fields):
    """Return `SIZE` reviews a week: so many mention theme t, `other` of them theme u."""
    return [
        {
            "written_at": day(str(week(first + number) + dt.timedelta(days=r % 7))) if dated else None,
            "rating": 4,
            "import_id": import_id,
            "pains": ["t"] * (r < count) + ["u"] * (r >= SIZE - other),
            **fields,
        }
        for number, count in enumerate(counts)
        for r in range(SIZE)
    ]


def rows(data, scope=None, **options):
    table = alerts(data, scope or Scope(), config=CONFIG, **options)
    assert table.schema == ALERTS
    for column in table.columns:
        if pa.types.is_floating(column.type):
            assert not np.isnan(column.drop_null().to_numpy()).any()
    return {row["theme_id"] or row["area_id"]: row for row in table.to_pylist()}


CALM = [1, 0, 1, 1, 0] * 8  # 3 of 200 for forty weeks


def test_a_planted_rise_is_reported_with_what_was_before_and_since():
    found = rows(facts(weekly([*CALM, *[5] * 8])))
    t, u = found["t"], found["u"]
    assert list(found) == ["t", "u"]
    assert (t["level"], t["since"], t["until"], t["new_theme"], t["period"]) == ("new", week(40), None, False, "week")
    assert week(40) < t["raised"] <= week(44)
    assert (t["reviews_before"], t["analysed_before"], t["reach_before"]) == (24, 1600, 0.015)
    assert (t["reviews_since"], t["analysed_since"], t["reach_since"]) == (40, 320, 0.125)
    assert (t["reach_since_low"], t["reach_since_high"]) == tuple(x[0] for x in wilson(40, 320, CONFIG.confidence)[1:])
    assert t["statistic"] > t["threshold"] > 0
    assert (u["level"], u["raised"], u["since"], u["reviews_since"], u["reason"]) == ("quiet", None, None, None, None)
    assert u["statistic"] < u["threshold"]
    assert u["reach_before"] == 0.05


def test_the_rates_are_those_of_a_theme_and_of_all_themes():
    two = rows(facts(weekly(CALM)))["t"]
    assert (two["theme_rate"], two["workspace_rate"]) == pytest.approx((THEME_RATE, 1 - (1 - THEME_RATE) ** 2))
    many = weekly(CALM)
    many[0]["pains"] = [f"x{i:03d}" for i in range(150)]
    found = rows(facts(many))["t"]
    assert found["theme_rate"] == pytest.approx(1 - 0.8 ** (1 / 152))
    assert found["workspace_rate"] == pytest.approx(WORKSPACE_RATE)


def test_the_next_export_does_not_report_the_same_rise_again():
    first = weekly([*CALM, *[5] * 6])
    before = rows(facts(first))["t"]
    later = rows(facts([*first, *weekly([5] * 12, first=46, import_id="j")]))["t"]
    assert (before["level"], later["level"]) == ("new", "ongoing")
    same = ("raised", "since", "reviews_before", "analysed_before", "statistic", "threshold")
    assert [before[name] for name in same] == [later[name] for name in same]
    assert later["reviews_since"] == 90
    worse = rows(facts([*first, *weekly([5] * 12 + [20] * 3, first=46, import_id="j")]))["t"]
    assert (worse["level"], worse["since"]) == ("new", week(58))
    assert worse["reach_before"] == pytest.approx(0.125)


def test_a_rise_that_went_away_is_over():
    row = rows(facts(weekly([*CALM, *[5] * 8, *CALM[:25]])))["t"]
    assert (row["level"], row["since"], row["until"]) == ("over", week(40), week(48))
    assert (row["reviews_since"], row["analysed_since"]) == (40, 320)


def test_a_rise_of_long_ago_is_what_is_normal_by_now():
    row = rows(facts(weekly([*CALM, *[5] * 140])))["t"]
    assert (row["level"], row["since"]) == ("quiet", None)
    assert row["reach_before"] > 0.08


def test_too_little_history_says_so():
    found = rows(facts(weekly([9] * 5)))
    assert {row["level"] for row in found.values()} == {"unknown"}
    assert found["t"]["reason"].startswith("its history is too short: 5 weeks with 200 reviews")
    assert (found["t"]["statistic"], found["t"]["reach_before"]) == (None, None)
    three = rows(facts(weekly([1])[:3]))["t"]
    assert f"1 weeks with 3 reviews, and an alert needs {MIN_WEEKS} with {MIN_REVIEWS}" in three["reason"]


def test_without_dates_imports_take_the_place_of_weeks():
    reviews = []
    for number, count in enumerate([1, 0, 1, 1, 0, 1, 8]):
        more = weekly([count] * 3, dated=False, import_id=f"import {9 - number}")
        reviews += [{**r, "ingested_at": NOW + dt.timedelta(days=number)} for r in more]
    row = rows(facts(reviews))["t"]
    assert (row["level"], row["period"]) == ("new", "import")
    assert row["since"] == (NOW + dt.timedelta(days=6)).date()
    assert (row["reviews_before"], row["analysed_before"]) == (12, 720)
    single = rows(facts(weekly(CALM, dated=False)))["t"]
    assert single["level"] == "unknown"
    assert "1 imports with 1600 reviews" in single["reason"]


def test_a_theme_without_a_past_is_new():
    row = rows(facts(weekly([*[0] * 40, *[3] * 4])))["t"]
    assert (row["level"], row["new_theme"], row["since"], row["reach_before"]) == ("new", True, week(40), 0)
    assert row["reason"] == "no review of its history mentions it"


def test_a_theme_formed_of_its_own_rise_describes():
    themes = [theme("t", first_run=day("2022-01-01")), theme("u", first_run=day("2021-02-01"))]
    row = rows(facts(weekly([*CALM, *[5] * 8]), themes=themes))["t"]
    assert (row["level"], row["new_theme"]) == ("new", True)
    assert "formed after this rise began" in row["reason"]
    themes = [theme("t", first_run=day("2021-03-01")), theme("u", first_run=day("2021-02-01"))]
    row = rows(facts(weekly([*CALM, *[5] * 8]), themes=themes))["t"]
    assert (row["new_theme"], row["reason"]) == (False, None)


def test_areas_are_watched_by_their_judgements():
    reviews = weekly([0] * 48)
    for number, review in enumerate(reviews):
        review.update(review_id=f"r{number:05d}", text="Bad sound.", pains=[])
    judged = [
        mention(f"r{w * SIZE + r:05d}", "Bad sound.", "Bad sound.", specificity="judgement", area_id="a")
        for w, count in enumerate([*CALM, *[5] * 8])
        for r in range(count)
    ]
    troubles = [mention(f"r{n:05d}", "Bad sound.", "Bad sound.", area_id="b") for n in range(0, len(reviews), 7)]
    data = facts(reviews, mentions=[*judged, *troubles], areas={"a": "sound", "b": "battery"})
    found = rows(data, of="areas")
    assert list(found) == ["a"]
    assert (found["a"]["level"], found["a"]["since"], found["a"]["name"]) == ("new", week(40), "sound")
    assert found["a"]["theme_id"] is None
    with pytest.raises(VocError, match="of themes or areas, not of 'products'"):
        alerts(data, Scope(), config=CONFIG, of="products")


def test_the_order_of_rows_does_not_matter():
    data = facts(weekly([*CALM, *[5] * 8]))
    mixed = {
        name: getattr(data, name).take(np.random.default_rng(1).permutation(getattr(data, name).num_rows))
        for name in ("reviews", "readings", "mentions", "themes")
    }
    other = Facts(**{**vars(facts([])), **mixed})
    assert alerts(other, Scope(), config=CONFIG).equals(alerts(data, Scope(), config=CONFIG))


def test_scopes_are_watched_by_themselves():
    ours = weekly([*CALM, *[5] * 8], market="US")
    theirs = weekly(CALM + CALM[:8], market="DE")
    data = facts([*ours, *theirs])
    assert rows(data, Scope(markets=("US",)))["t"]["level"] == "new"
    assert rows(data, Scope(markets=("DE",)))["t"]["level"] == "quiet"
    with pytest.raises(VocError, match="no market 'UK'"):
        alerts(data, Scope(markets=("UK",)), config=CONFIG)


def test_without_reviews_or_themes_there_is_nothing_to_watch():
    nothing = Facts(**{n: empty(n) for n in ("reviews", "readings", "mentions", "themes")})
    assert alerts(nothing, Scope(), config=CONFIG).equals(ALERTS.empty_table())
    assert alerts(nothing, Scope(), config=CONFIG, of="areas").num_rows == 0
    praised = [{**r, "pains": []} for r in weekly(CALM)]
    assert alerts(facts(praised), Scope(), config=CONFIG).num_rows == 0
