"""What a run stores of the analyses, and fixes that people remember."""

import datetime as dt
from dataclasses import replace

import pytest

from voc import tables
from voc.config import InsightsConfig
from voc.insights import resolve_phases
from voc.insights.decomposition import decompose_rating
from voc.insights.stored import phase_pairs, stored_analyses, verified

from .build import facts

CONFIG = InsightsConfig()
START = dt.datetime(2020, 1, 6, tzinfo=dt.UTC)


def years(name="a"):
    """Two years of weekly reviews; every third complains about `name` in the first year, every tenth in the second."""
    rows = []
    for week in range(104):
        for day in range(6):
            number = 6 * week + day
            pained = number % (3 if week < 52 else 10) == 0
            rows.append(
                {
                    "product_id": "p1",
                    "product": "Cable",
                    "rating": 2.0 if pained else 5.0,
                    "written_at": START + dt.timedelta(days=7 * week + day),
                    "pains": [name] if pained else [],
                }
            )
    return rows


@pytest.fixture(scope="module")
def two_years():
    plain = facts(years())
    half = START.date() + dt.timedelta(days=7 * 52)
    entered = [
        {"phase_id": "p-1", "name": "first", "start": START.date(), "end": half, "source": "user"},
        {"phase_id": "p-2", "name": "second", "start": half, "end": None, "source": "user"},
    ]
    return replace(plain, phases=resolve_phases([], plain.reviews, tables.from_rows("phases", entered)))


def fix(**fields):
    empty = {"lag_days": None, "product": None, "brand": None, "phase_id": None}
    return {"fix_id": "fix-1", "theme_id": "a", "since": dt.date(2021, 1, 4), **empty, **fields}


def test_every_stored_table_has_its_schema(two_years):
    found = stored_analyses(two_years, [fix()], config=CONFIG)
    for name, table in found.items():
        assert table.schema.equals(tables.SCHEMAS[name]), name
    assert found["movements"].num_rows
    assert found["verifications"].num_rows == 1


def test_what_moved_the_rating_is_stored_for_phases_that_follow_one_another(two_years):
    assert phase_pairs(two_years) == [("p-1", "p-2")]
    stored = stored_analyses(two_years, config=CONFIG)["rating_changes"]
    assert set(stored["previous_phase_id"].to_pylist()) == {"p-1"}
    direct = decompose_rating(two_years, "p-1", "p-2", config=CONFIG).table
    assert stored.drop_columns(["previous_phase_id", "phase_id"]).equals(direct)


def test_a_fix_that_people_remember_is_verified(two_years):
    row = verified(two_years, fix(lag_days=0), config=CONFIG)
    assert row["conclusion"] in ("fixed", "better")
    assert row["effect_high"] < 0
    assert row["fault"] is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"theme_id": "gone"}, "no active pain theme 'gone'"),
        ({"since": dt.date(1999, 1, 1)}, "outside the reviews"),
        ({"product": "Nonesuch"}, "no product 'Nonesuch'"),
    ],
)
def test_a_fix_that_cannot_be_verified_says_why(two_years, change, said):
    row = verified(two_years, fix(**change), config=CONFIG)
    assert said in row["fault"]
    assert tables.from_rows("verifications", [row]).num_rows == 1


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"rating": 1.0, "pains": ["a"]}] * 3,
        [{"rating": 5.0, "pains": ["a"] if n % 2 else []} for n in range(60)],
        [{"rating": None, "pains": ["a"] if n % 2 else []} for n in range(60)],
    ],
    ids=["nothing", "three reviews", "all ratings equal, no dates", "no ratings"],
)
def test_data_that_allows_little_stores_what_it_allows(rows):
    found = stored_analyses(facts([dict(row) for row in rows]), [fix()], config=CONFIG)
    assert set(found) <= set(tables.SCHEMAS)
    for name, table in found.items():
        assert table.schema.equals(tables.SCHEMAS[name]), name
    assert found["verifications"]["fault"][0].as_py()
    assert not found["movements"].num_rows
