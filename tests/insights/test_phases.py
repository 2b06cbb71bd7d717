import datetime as dt

import pytest

from voc.config import PhaseConfig
from voc.errors import VocError
from voc.insights import resolve_phases
from voc.insights.phases import listed, members, previous_phases
from voc.tables import empty, from_rows

from .build import day, facts


def review(product_id, version, date, product="Cable"):
    return {
        "product_id": product_id,
        "product": product,
        "version": version,
        "written_at": None if date is None else day(date),
    }


def entered(*rows):
    return from_rows("phases", [{"source": "user", **r} for r in rows])


REVIEWS = [
    review("c", "V2", "2016-03-01"),
    review("c", "V2", "2015-02-01"),
    review("c", "V1", "2012-05-05"),
    review("c", "V10", None),
    review("c", None, "2016-01-01"),
    review("c", "V2", None),
    review("p", "V2", "2019-01-01", product="Power bank"),
]


def test_phases_come_from_configuration_entries_and_versions():
    config = [
        PhaseConfig(name="Growth", start=dt.date(2013, 1, 1)),
        PhaseConfig(name="Start", start=dt.date(2011, 1, 1), end=dt.date(2013, 1, 1)),
    ]
    own = {"phase_id": "e1", "name": "Recall", "start": dt.date(2014, 1, 1), "end": None, "product_id": "c"}
    phases = listed(resolve_phases(config, facts(REVIEWS).reviews, entered(own)))
    assert [(p.name, p.source, p.product_id, p.start) for p in phases] == [
        ("Start", "user", None, dt.date(2011, 1, 1)),
        ("Growth", "user", None, dt.date(2013, 1, 1)),
        ("Recall", "user", "c", dt.date(2014, 1, 1)),
        ("Cable V1", "version", "c", dt.date(2012, 5, 5)),
        ("Cable V2", "version", "c", dt.date(2015, 2, 1)),
        ("Cable V10", "version", "c", None),
        ("Power bank V2", "version", "p", dt.date(2019, 1, 1)),
    ]
    assert len({p.phase_id for p in phases}) == len(phases)


def test_a_phase_keeps_its_id_when_its_dates_are_corrected():
    one, two = (
        resolve_phases([PhaseConfig(name="Growth", start=start)], empty("reviews"), None)["phase_id"][0].as_py()
        for start in (dt.date(2013, 1, 1), dt.date(2013, 2, 1))
    )
    assert one == two


def test_nothing_gives_no_phases():
    assert resolve_phases([], empty("reviews"), None).equals(empty("phases"))
    assert resolve_phases([], facts([{}]).reviews, empty("phases")).num_rows == 0


def test_names_stay_apart_and_do_not_repeat_themselves():
    reviews = [review("a", "Cable 2", None), review("x", "1", None, "Box"), review("y", "1", None, "Box")]
    phases = resolve_phases([], facts([*reviews, {"version": "9"}]).reviews, None)
    assert sorted(phases["name"].to_pylist()) == ["9", "Box (x) 1", "Box (y) 1", "Cable 2"]


def test_user_phases_of_one_scope_may_not_overlap():
    config = [PhaseConfig(name="Growth", start=dt.date(2013, 1, 1), end=dt.date(2016, 1, 1))]
    late = {"phase_id": "e", "name": "Late", "start": dt.date(2015, 1, 1), "end": None}
    with pytest.raises(VocError, match="'Growth' and 'Late' overlap"):
        resolve_phases(config, empty("reviews"), entered(late))
    assert resolve_phases(config, empty("reviews"), entered({**late, "product_id": "c"})).num_rows == 2
    assert resolve_phases(config, empty("reviews"), entered({**late, "start": dt.date(2016, 1, 1)})).num_rows == 2


def test_members_of_versions_and_of_stretches_of_time():
    config = [PhaseConfig(name="2015-16", start=dt.date(2015, 2, 1), end=dt.date(2016, 3, 1))]
    own = {"phase_id": "e", "name": "own", "start": dt.date(2016, 1, 1), "end": None, "product_id": "p"}
    data = facts(REVIEWS)
    table = resolve_phases(config, data.reviews, entered(own))
    found = {p.name: members(data.index, p).nonzero()[0].tolist() for p in listed(table)}
    assert found == {
        "2015-16": [1, 4],  # from the first day on, before the last; undated reviews are in no stretch of time
        "own": [6],
        "Cable V1": [2],
        "Cable V2": [0, 1, 5],  # a version's reviews are its own whenever they were written
        "Cable V10": [3],
        "Power bank V2": [6],
    }


def test_phases_follow_one_another_within_their_source_and_product():
    config = [
        PhaseConfig(name="a", start=dt.date(2011, 1, 1), end=dt.date(2012, 1, 1)),
        PhaseConfig(name="b", start=dt.date(2014, 1, 1)),
    ]
    reviews = [r for r in REVIEWS if r["version"] != "V10"]
    phases = listed(resolve_phases(config, facts(reviews).reviews, None))
    names = {p.phase_id: p.name for p in phases}
    before = {names[key]: p.name for key, p in previous_phases(phases).items()}
    assert before == {"b": "a", "Cable V2": "Cable V1"}
    undated = listed(resolve_phases([], facts(REVIEWS).reviews, None))
    names = {p.phase_id: p.name for p in undated}
    before = {names[key]: p.name for key, p in previous_phases(undated).items()}
    assert before == {"Cable V2": "Cable V1", "Cable V10": "Cable V2"}
