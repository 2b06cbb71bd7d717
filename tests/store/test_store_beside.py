"""A state that stands beside the current one, and the rule by which earlier states are kept."""

import dataclasses
import datetime as dt
import shutil
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.errors import VocError
from voc.store import Workspace
from voc.store.keeping import Keep
from voc.store.manifest import Layout

posix = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and audit hooks on POSIX")


def ids(snapshot):
    return snapshot.table("reviews", ["review_id"])["review_id"].to_pylist()


def propose(workspace, **tables):
    with workspace.writing() as writer:
        return writer.propose(on=writer.base, info={"made": "beside"}, **tables)


@pytest.fixture
def two(workspace, make):
    """Return a workspace of reviews a and b with a state beside it, whose mentions are others."""
    with workspace.writing() as writer:
        first = {"reviews": make.reviews(["a", "b"]), "mentions": make.mentions(["a", "b"])}
        writer.commit(replace={**first, "opportunities": make.opportunities(["a"])})
    propose(workspace, replace={"mentions": make.mentions(["b"])})
    return workspace


def test_nobody_sees_what_stands_beside_until_it_is_switched_to(two, make):
    before = two.current()
    assert before.rows("mentions") == 2
    assert [snapshot.id for snapshot in two.snapshots()] == [before.id]
    assert two.candidate().rows("mentions") == 1
    with two.writing() as writer:
        writer.commit(append={"reviews": make.reviews(["c"])})
    assert two.candidate().rows("mentions") == 1
    assert ids(two.candidate()) == ["a", "b"]
    with two.writing() as writer:
        now = writer.adopt(two.candidate())
        assert writer.base.id == now.id
    assert two.candidate() is None
    assert (two.current().id, two.current().rows("mentions"), two.current().info["made"]) == (now.id, 1, "beside")
    assert [ids(snapshot) for snapshot in two.snapshots()] == [["a", "b"], ["a", "b", "c"], ["a", "b"]]


def test_an_earlier_state_is_gone_back_to_as_a_snapshot_of_its_own(workspace, make):
    for name in "abc":
        with workspace.writing() as writer:
            writer.commit(append={"reviews": make.reviews([name])}, info={"named": name})
    with workspace.writing() as writer:
        writer.adopt(workspace.snapshots()[1])
    assert ids(workspace.current()) == ["a", "b"]
    assert workspace.current().info["named"] == "b"
    assert [ids(snapshot) for snapshot in workspace.snapshots()] == [
        ["a", "b"],
        ["a", "b", "c"],
        ["a", "b"],
        ["a"],
    ]


def test_what_is_thrown_away_leaves_no_file(two, files):
    had = files(two)
    with two.writing() as writer:
        assert writer.discard()
        assert not writer.discard()
    left = files(two)
    assert {name.split("/")[0] for name in had - left} == {"candidate.json", "parts"}
    assert two.candidate() is None
    two.current().check(contents=True)


def test_forgetting_takes_a_review_out_of_what_stands_beside_too(two):
    gone = [two.path / "parts" / file for file in two.candidate().manifest.files() | two.current().manifest.files()]
    assert two.forget(review_id="b") == 1
    assert not any(file.exists() for file in gone if file.parent.name in ("reviews", "mentions"))
    assert (ids(two.current()), ids(two.candidate())) == (["a"], ["a"])
    assert two.candidate().rows("mentions") == 0
    assert two.candidate().info["stale"]
    two.candidate().check(contents=True)


def test_a_review_that_is_only_beside_is_forgotten_as_well(two, make):
    with two.writing() as writer:
        writer.commit(replace={"reviews": make.reviews(["a"]), "mentions": make.mentions(["a"])})
        # Earlier snapshots that hold it are gone already.
        for path in sorted((two.path / "snapshots").iterdir())[:-1]:
            path.unlink()
    assert two.forget(review_id="b") == 1
    assert ids(two.candidate()) == ["a"]


def test_a_damaged_state_beside_says_what_to_do_and_hinders_nobody(two, make):
    [part] = two.candidate().manifest.tables["mentions"]
    (two.path / "parts" / part.file).write_bytes(b"")
    with pytest.raises(VocError, match="voc reanalyse --discard"):
        two.candidate()
    assert two.current().rows("mentions") == 2
    two.path.joinpath("candidate.json").write_text("{")
    with pytest.raises(VocError, match=r"candidate\.json is damaged; throw it away"):
        two.candidate()
    with two.writing() as writer:
        writer.commit(append={"reviews": make.reviews(["c"])})
    assert two.candidate() is None
    assert ids(two.current()) == ["a", "b", "c"]


@posix
def test_a_switch_killed_at_any_moment_leaves_the_old_state_or_the_new_one(two, start, finish, tmp_path, files):
    step = 2
    moments = int(finish(start("sweep", two.path, tmp_path / "copies", "switch", step)))
    assert moments > 10
    seen = set()
    for moment in range(1, moments + 1, step):
        copy = Workspace(tmp_path / "copies" / str(moment))
        switched = copy.current().rows("mentions") == 1
        seen.add(switched)
        copy.current().check(contents=True)
        # Either it waits still, or it is the current state: never both, never neither.
        assert (copy.candidate() is None) == switched
        with copy.writing():
            pass
        assert (copy.path / "candidate.json").exists() != switched
        if not switched:
            copy.candidate().check(contents=True)
        listed = files(copy)
        assert not any(name.endswith(".tmp") for name in listed)
        shutil.rmtree(copy.path)
    assert seen == {True, False}


DAY = dt.datetime(2024, 3, 31, 12, tzinfo=dt.UTC)


def test_one_of_each_period_is_kept_the_newest_of_it():
    moments = [DAY - dt.timedelta(hours=8 * number) for number in range(400)]
    kept = {
        moment: reasons
        for moment, reasons in zip(moments, Keep(2, daily=3, weekly=2, monthly=3).reasons(moments), strict=True)
        if reasons
    }
    assert [(f"{moment:%m-%d %H}", reasons) for moment, reasons in kept.items()] == [
        ("03-31 12", ["last", "daily", "weekly", "monthly"]),
        ("03-31 04", ["last"]),
        ("03-30 20", ["daily"]),
        ("03-29 20", ["daily"]),
        ("03-24 20", ["weekly"]),
        ("02-29 20", ["monthly"]),
        ("01-31 20", ["monthly"]),
    ]


@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=60),
    st.tuples(st.integers(1, 4), *(st.integers(0, 4) for _ in range(4))),
)
def test_a_rule_keeps_the_newest_and_no_more_than_it_says(hours, numbers):
    """Also where the clock of the machine went backwards between two runs."""
    moments = [DAY - dt.timedelta(hours=number) for number in hours]
    reasons = Keep(*numbers).reasons(moments)
    assert all("last" in one for one in reasons[: numbers[0]])
    assert sum(map(bool, reasons)) <= sum(numbers)
    for name, number in zip(("daily", "weekly", "monthly", "yearly"), numbers[1:], strict=True):
        assert sum(name in one for one in reasons) <= number
    # A larger number never keeps less.
    more = Keep(*(number + 1 for number in numbers)).reasons(moments)
    assert all(after or not before for before, after in zip(reasons, more, strict=True))


def test_a_rule_that_keeps_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        Keep(0, daily=5)


def aged(workspace, days):
    """Let the snapshots, the oldest first, be of so many days ago."""
    layout = Layout(workspace.path)
    for name, age in zip(layout.ids(), days, strict=True):
        manifest = layout.read(name)
        layout.write(dataclasses.replace(manifest, created_at=dt.datetime.now(dt.UTC) - dt.timedelta(days=age)))


def test_the_next_writer_keeps_what_the_rule_says_and_a_workspace_remembers_it(workspace, make):
    # A rule that keeps all, until there are some of different ages.
    for name in "abcdef":
        with Workspace(workspace.path, keep=10).writing() as writer:
            writer.commit(append={"reviews": make.reviews([name])}, info={"keep": {"last": 1, "yearly": 2}})
    aged(workspace, [900, 800, 400, 20, 10, 5])
    plain = Workspace(workspace.path)
    years = [snapshot.created_at.year for snapshot in plain.snapshots()]
    listed = [(len(ids(there)), one.reasons) for there, one in zip(plain.snapshots(), plain.retention(), strict=True)]
    assert listed[0] == (6, ["last", "yearly"])
    assert sum(bool(reasons) for _, reasons in listed) == 2
    going = {one.manifest.id for one in plain.retention() if not one.reasons}
    assert plain.size(going) == 0  # every part of theirs is in the newest one
    with plain.writing():
        pass
    assert [snapshot.created_at.year for snapshot in plain.snapshots()] == sorted(set(years), reverse=True)[:2]
    plain.current().check(contents=True)
