import datetime as dt

from tests.insights import build
from voc.config import InsightsConfig
from voc.insights import Scope, monthly
from voc.insights.sparklines import POINTS, sparklines

CONFIG = InsightsConfig(min_reviews=1)


def test_each_theme_has_its_share_of_every_month_and_thin_months_are_gaps():
    january = [{"written_at": build.day("2023-01-10"), "pains": ["t1"] if n < 3 else ()} for n in range(12)]
    february = [{"written_at": build.day("2023-02-10"), "pains": ["t2"]} for n in range(4)]
    march = [{"written_at": build.day("2023-03-10"), "pains": ["t1", "t2"] if n < 5 else ()} for n in range(10)]
    undated = [{"pains": ["t1"]}]
    found = sparklines(build.facts([*january, *february, *march, *undated]), Scope(), config=CONFIG)
    rows = found.to_pylist()
    assert [(r["theme_id"], r["start"], r["reviews"], r["reach"]) for r in rows] == [
        ("t1", dt.date(2023, 1, 1), 3, 3 / 12),
        ("t1", dt.date(2023, 2, 1), 0, None),
        ("t1", dt.date(2023, 3, 1), 5, 5 / 10),
        ("t2", dt.date(2023, 1, 1), 0, 0.0),
        ("t2", dt.date(2023, 2, 1), 4, None),
        ("t2", dt.date(2023, 3, 1), 5, 5 / 10),
    ]
    assert {r["months"] for r in rows} == {1}
    assert [r["analysed"] for r in rows[:3]] == [12, 4, 10]


def test_long_histories_have_wider_stretches_and_agree_with_the_line_of_one_theme():
    reviews = [
        {"written_at": build.day(f"{year}-{month:02}-15"), "pains": ["t1"] if (year + month + n) % 3 == 0 else ()}
        for year in range(2018, 2023)
        for month in range(1, 13)
        for n in range(5)
    ]
    facts = build.facts(reviews)
    rows = sparklines(facts, Scope(), config=CONFIG).to_pylist()
    assert {r["months"] for r in rows} == {3}
    assert len(rows) == 20 <= POINTS
    line = monthly(facts, Scope(), "t1", config=CONFIG, months=3).to_pylist()
    assert [(r["start"], r["reach"]) for r in rows] == [(r["month"], r["reach"]) for r in line]


def test_rare_themes_are_left_out_and_without_dates_there_is_nothing():
    reviews = [{"written_at": build.day("2023-01-10"), "pains": ["t1", "t2"][: 1 + (n == 0)]} for n in range(12)]
    found = sparklines(build.facts(reviews), Scope(), config=InsightsConfig(min_reviews=2))
    assert set(found["theme_id"].to_pylist()) == {"t1"}
    assert sparklines(build.facts([{"pains": ["t1"]}]), Scope(), config=CONFIG).num_rows == 0
