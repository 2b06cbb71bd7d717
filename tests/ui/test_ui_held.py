import datetime as dt
import threading

import pytest

from voc import tables
from voc.insights import Scope
from voc.ui import data
from voc.ui.held import Held


def test_a_value_is_made_once_though_many_ask_at_the_same_time():
    held, made, together = Held(), [], threading.Barrier(6)

    def make():
        made.append(threading.get_ident())
        return object()

    def ask(found):
        together.wait()
        found.append(held.get("place", 1, make))

    found = []
    people = [threading.Thread(target=ask, args=(found,)) for _ in range(6)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(made) == 1
    assert len({id(value) for value in found}) == 1


def test_only_the_newest_value_of_few_places_is_kept():
    held = Held(places=2)
    assert held.get("a", 1, lambda: "a1") == "a1"
    assert held.get("a", 1, lambda: "anew") == "a1"
    assert held.get("a", 2, lambda: "a2") == "a2"
    assert held.get("a", 1, lambda: "a1 again") == "a1 again"
    held.get("b", 1, lambda: "b1")
    held.get("c", 1, lambda: "c1")
    assert held.get("b", 1, lambda: "anew") == "b1"
    assert held.get("a", 1, lambda: "anew") == "anew"


def test_to_peek_makes_nothing_and_takes_nothing_away():
    held = Held(places=1)
    assert held.peek("a", 1) is None
    held.get("a", 1, lambda: "a1")
    assert held.peek("a", 2) is None
    assert held.peek("b", 1) is None
    assert held.peek("a", 1) == held.get("a", 1, lambda: "anew") == "a1"


def test_a_value_that_cannot_be_made_is_made_by_the_next():
    held = Held()

    def fail():
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk"):
        held.get("a", 1, fail)
    assert held.get("a", 1, lambda: "a1") == "a1"


@pytest.fixture
def state(copied, monkeypatch):
    monkeypatch.setenv("VOC_WORKSPACE", str(copied.path))
    return data.view


def test_one_state_is_in_memory_and_shared(state):
    assert state().facts() is state().facts()


def test_a_new_snapshot_is_never_answered_from_the_old_one(state, copied):
    before = state()
    reviews, listed = before.coverage(Scope())["reviews"], before.dates()[2]
    row = before.snapshot.table("reviews").slice(0, 1).to_pylist()[0]
    added = row | {"review_id": "added", "written_at": dt.datetime(2021, 5, 1, tzinfo=dt.UTC)}
    reading = {"review_id": "added", "analysed": True, "truncated": False, "model_version": "m1"}
    with copied.writing() as writer:
        writer.commit(
            append={
                "reviews": tables.from_rows("reviews", [added]),
                "readings": tables.from_rows("readings", [reading]),
            }
        )
    after = state()
    assert after.coverage(Scope())["reviews"] == reviews + 1
    assert after.dates()[2] == listed + 1
    # Whoever began before goes on with what he saw.
    assert before.facts().reviews.num_rows == reviews


def test_names_phases_and_another_configuration_are_never_answered_from_what_was_held(
    state, copied, monkeypatch, tmp_path
):
    before = state()
    first = before.opportunities(Scope()).iloc[0]
    copied.entries.rename_theme(first["theme_id"], "another name", "Ann")
    assert state().opportunities(Scope())["name"].iloc[0] == "another name"
    copied.entries.put_phase("Recall", dt.date(2022, 1, 1), None)
    assert "Recall" in state().phases()["name"].to_pylist()
    wider = tmp_path / "voc.toml"
    wider.write_text("[insights]\nconfidence = 0.8\n")
    monkeypatch.setenv("VOC_CONFIG", str(wider))
    other = state().opportunities(Scope()).set_index("theme_id")
    held = before.opportunities(Scope()).set_index("theme_id")
    both = held.index.intersection(other.index)
    assert len(both)
    assert (other.loc[both, "reach_high"] < held.loc[both, "reach_high"]).all()


def test_decisions_and_fixes_make_nothing_be_computed_anew(state, copied):
    before = state()
    theme = before.opportunities(Scope())["theme_id"].iloc[0]
    copied.entries.put_fix(theme, dt.date(2016, 1, 1))
    assert state().source == before.source
