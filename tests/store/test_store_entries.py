"""What people enter: names, hidden themes, phases, and the history of it."""

import concurrent.futures
import datetime as dt
import itertools
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voc import tables
from voc.edits import Correction, Edits, Span, Split
from voc.errors import VocError
from voc.store import Entries, Workspace

DAY = dt.date


@pytest.fixture
def entries(workspace) -> Entries:
    return workspace.entries


def spans(entries):
    return [(row["name"], row["start"], row["end"], row["product_id"]) for row in entries.phases().to_pylist()]


def test_reading_creates_nothing(workspace):
    entries = workspace.entries
    assert entries.theme_names() == {}
    assert entries.hidden_themes() == set()
    assert entries.history() == []
    assert entries.phases().equals(tables.empty("phases"))
    entries.hide_theme("t", hidden=False)
    with pytest.raises(VocError, match="no phase 'p'"):
        entries.delete_phase("p")
    assert not workspace.path.exists()


def test_the_database_is_in_wal_mode_and_needs_no_snapshot(workspace, entries):
    entries.rename_theme("t", "cable: frays")
    with sqlite3.connect(workspace.path / "entries.sqlite") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert not workspace.exists()
    with workspace.writing():
        pass
    assert Workspace(workspace.path).entries.theme_names() == {"t": "cable: frays"}


def test_names_and_hidden_themes(entries):
    entries.rename_theme("t1", "  cable: frays ", by="Ana")
    entries.rename_theme("t1", "cable: breaks", by="Bo")
    entries.rename_theme("t2", "case: too big")
    entries.hide_theme("t2")
    entries.hide_theme("t1")
    entries.hide_theme("t1", hidden=False)
    assert entries.theme_names() == {"t1": "cable: breaks", "t2": "case: too big"}
    assert entries.hidden_themes() == {"t2"}
    for blank in ("", " \n"):
        with pytest.raises(VocError, match="needs a name"):
            entries.rename_theme("t1", blank)


def test_history_says_who_when_and_what(entries):
    before = dt.datetime.now(dt.UTC)
    entries.rename_theme("t1", "cable: frays", by="Ana")
    entries.rename_theme("t1", "cable: breaks", by="Bo")
    entries.rename_theme("t1", "cable: breaks", by="Cy")
    entries.hide_theme("t1", by="Ana")
    entries.hide_theme("t1", hidden=False)
    phase = entries.put_phase("launch", DAY(2020, 1, 1), None, by="Di")
    entries.delete_phase(phase)
    lines = entries.history()
    assert [(line["who"], line["what"], line["subject"]) for line in lines] == [
        ("Ana", "rename_theme", "t1"),
        ("Bo", "rename_theme", "t1"),
        ("Ana", "hide_theme", "t1"),
        ("", "show_theme", "t1"),
        ("Di", "put_phase", phase),
        ("", "delete_phase", phase),
    ]
    assert lines[0]["before"] is None
    assert lines[1]["before"] == {"theme_id": "t1", "name": "cable: frays"}
    assert lines[1]["after"] == {"theme_id": "t1", "name": "cable: breaks"}
    assert lines[4]["after"]["start"] == "2020-01-01"
    assert lines[5]["after"] is None
    assert all(before <= line["when"] <= dt.datetime.now(dt.UTC) for line in lines)


def test_phases_of_one_scope_do_not_overlap(entries):
    entries.put_phase("second", DAY(2013, 1, 1), DAY(2016, 1, 1))
    entries.put_phase("first", DAY(2011, 1, 1), DAY(2013, 1, 1))
    entries.put_phase("first", DAY(2012, 1, 1), None, product_id="p1")
    assert spans(entries) == [
        ("first", DAY(2011, 1, 1), DAY(2013, 1, 1), None),
        ("second", DAY(2013, 1, 1), DAY(2016, 1, 1), None),
        ("first", DAY(2012, 1, 1), None, "p1"),
    ]
    assert set(entries.phases().column("source").to_pylist()) == {"user"}
    with pytest.raises(VocError, match="'third' overlaps phase 'second', which runs from 2013-01-01 to 2016-01-01"):
        entries.put_phase("third", DAY(2015, 12, 31), None)
    with pytest.raises(VocError, match="overlaps phase 'first', which runs from 2012-01-01 on without an end"):
        entries.put_phase("third", DAY(2030, 1, 1), None, product_id="p1")
    with pytest.raises(VocError, match="which is not after its start"):
        entries.put_phase("third", DAY(2020, 1, 1), DAY(2020, 1, 1))
    with pytest.raises(VocError, match="needs a name"):
        entries.put_phase(" ", DAY(2020, 1, 1), None)
    assert len(spans(entries)) == 3
    assert len(entries.history()) == 3


def test_a_phase_gets_another_name_and_keeps_its_id(entries):
    phase = entries.put_phase("first", DAY(2011, 1, 1), DAY(2012, 1, 1))
    entries.put_phase("second", DAY(2012, 1, 1), None)
    assert entries.put_phase("launch", DAY(2010, 1, 1), DAY(2012, 1, 1), phase_id=phase) == phase
    assert [row["name"] for row in entries.phases().to_pylist()] == ["launch", "second"]
    with pytest.raises(VocError, match="There is another phase 'second'"):
        entries.put_phase("second", DAY(2010, 1, 1), DAY(2012, 1, 1), phase_id=phase)
    with pytest.raises(VocError, match="overlaps phase 'second'"):
        entries.put_phase("launch", DAY(2010, 1, 1), None, phase_id=phase)
    entries.delete_phase(phase)
    with pytest.raises(VocError, match="deleted the phase that was to become 'launch'"):
        entries.put_phase("launch", DAY(2010, 1, 1), None, phase_id=phase)


def test_of_two_who_change_a_phase_the_last_is_told(entries):
    phase = entries.put_phase("first", DAY(2011, 1, 1), DAY(2012, 1, 1))
    [seen] = entries.phases().to_pylist()
    entries.put_phase("hers", DAY(2011, 1, 1), DAY(2013, 1, 1), phase_id=phase, seen=seen)
    with pytest.raises(VocError, match="called 'hers' now and runs from 2011-01-01 to 2012-12-31"):
        entries.put_phase("his", DAY(2011, 6, 1), None, phase_id=phase, seen=seen)
    assert [row["name"] for row in entries.phases().to_pylist()] == ["hers"]
    [seen] = entries.phases().to_pylist()
    entries.put_phase("his", DAY(2011, 6, 1), None, phase_id=phase, seen=seen)
    assert [(row["name"], row["end"]) for row in entries.phases().to_pylist()] == [("his", None)]


def test_a_phase_entered_again_changes_its_dates(entries):
    phase = entries.put_phase("first", DAY(2011, 1, 1), None)
    assert entries.put_phase("first", DAY(2011, 1, 1), DAY(2012, 1, 1)) == phase
    assert spans(entries) == [("first", DAY(2011, 1, 1), DAY(2012, 1, 1), None)]
    entries.delete_phase(phase)
    assert spans(entries) == []
    with pytest.raises(VocError, match="There is no phase"):
        entries.delete_phase(phase)


days = st.dates(DAY(2020, 1, 1), DAY(2020, 3, 1))


@settings(max_examples=15, deadline=None)
@given(
    asked=st.lists(st.tuples(st.sampled_from("abcd"), days, st.none() | days, st.sampled_from([None, "p"])), max_size=6)
)
def test_whatever_is_entered_what_is_stored_is_apart(asked):
    with tempfile.TemporaryDirectory() as folder:
        entries = Workspace(folder).entries
        for name, start, end, product in asked:
            try:
                entries.put_phase(name, start, end, product)
            except VocError:
                continue
        stored = spans(entries)
        for product in (None, "p"):
            ordered = [row for row in stored if row[3] == product]
            for one, other in itertools.pairwise(ordered):
                assert one[2] is not None
                assert one[2] <= other[1]


def test_many_at_once_lose_nothing(workspace):
    def enter(number):
        Workspace(workspace.path).entries.rename_theme(f"t{number}", "name")
        try:
            workspace.entries.put_phase(f"phase {number}", DAY(2020, 1, 1), None)
        except VocError as error:
            return str(error)
        return ""

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        refusals = list(pool.map(enter, range(24)))
    assert len(workspace.entries.theme_names()) == 24
    assert len(spans(workspace.entries)) == 1
    assert sum("overlaps phase" in refusal for refusal in refusals) == 23


def test_a_database_of_ones_own(tmp_path):
    path = tmp_path / "shared.sqlite"
    workspace = Workspace(tmp_path / "w", entries_url=f"sqlite:///{path}")
    assert workspace.entries.theme_names() == {}
    assert not path.exists()
    workspace.entries.rename_theme("t", "n")
    assert path.exists()
    assert Entries(path).theme_names() == {"t": "n"}
    assert not workspace.path.exists()


@pytest.mark.parametrize("url", ["no url", "nosuch://host/db"])
def test_a_bad_url_is_named(tmp_path, url):
    with pytest.raises(VocError, match="this is no usable database URL"):
        Workspace(tmp_path, entries_url=url).entries.theme_names()


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "entries.sqlite").write_text("not a database, but long enough to look at" * 50)
    entries = Workspace(tmp_path).entries
    for use in (entries.theme_names, lambda: entries.rename_theme("t", "n")):
        with pytest.raises(VocError, match=r"entries\.sqlite: the database of entries cannot be .*not a database"):
            use()


def test_an_empty_file_is_a_database_without_entries(tmp_path):
    Path(tmp_path / "entries.sqlite").touch()
    assert Workspace(tmp_path).entries.theme_names() == {}


def test_what_was_decided_about_a_forgotten_review_is_gone_and_nothing_else(tmp_path):
    entries = Entries(tmp_path / "entries.sqlite")
    entries.forget_reviews({"r1"})
    assert not (tmp_path / "entries.sqlite").exists()
    entries.rename_theme("t", "cable: breaks")
    entries.split_theme(Split("t-s", "t", "At the plug", (Span("r1", 0, 5), Span("r2", 3, 9)), ("plug",)))
    entries.correct_mention(Correction(Span("r1", 0, 5), kind="praise"))
    entries.correct_mention(Correction(Span("r2", 3, 9), kind="neutral"))
    version = entries.version()
    entries.forget_reviews({"r1"})
    kept = entries.edits()
    assert [c.span.review_id for c in kept.corrections] == ["r2"]
    assert [split.members for split in kept.splits] == [(Span("r2", 3, 9),)]
    assert "r1" not in str(entries.history())
    assert entries.version() == version
    assert entries.undo()["subject"] == '["r2", 3, 9]'
    assert entries.undo()["what"] == "split_theme"
    assert entries.undo()["what"] == "rename_theme"
    assert entries.edits() == Edits()


def test_entries_of_a_team_are_never_silently_replaced_by_those_of_a_file(tmp_path, make):
    url = f"sqlite:///{tmp_path / 'team.sqlite'}"
    team = Workspace(tmp_path / "ws", entries_url=url)
    team.entries.rename_theme("t1", "Frays")
    with team.writing() as writer:
        writer.commit(replace={"reviews": make.reviews(["a"])})
    with pytest.raises(VocError, match="team's database; name it in VOC_ENTRIES_URL"):
        _ = Workspace(tmp_path / "ws").entries
    with pytest.raises(VocError, match="team's database"):
        Workspace(tmp_path / "ws").forget(review_id="a")
    assert Workspace(tmp_path / "ws", entries_url=url).entries.theme_names() == {"t1": "Frays"}
    assert "a" in Workspace(tmp_path / "ws").current().table("reviews").column("review_id").to_pylist()
