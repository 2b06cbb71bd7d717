"""Several people at once, on SQLite and on a PostgreSQL server that is started here: nothing lost, conflicts told."""

import concurrent.futures
import datetime as dt
import itertools
import threading
from pathlib import Path

import postgres
import pytest

from voc.errors import ConflictError, VocError
from voc.store import Entries, Workspace, entry_database
from voc.store.entry_database import without_password

DAY = dt.date
numbers = itertools.count()


@pytest.fixture(scope="module")
def server():
    if postgres.missing():
        pytest.skip(postgres.missing())
    with postgres.server() as url:
        yield url
        closed(url + "postgres")


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request, tmp_path):
    """A database that nothing has been written to: the path of a file, or a URL."""
    if request.param == "sqlite":
        yield str(tmp_path / "entries.sqlite")
        return
    import psycopg

    url = request.getfixturevalue("server")
    name = f"voc{next(numbers)}"
    with psycopg.connect(url.replace("+psycopg", "") + "postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield url + name
    closed(url + name)


def closed(url):
    """Close the connections that this process keeps to a database."""
    entry_database._shared(url).dispose()


@pytest.fixture
def entries(where):
    return opened(where)


def opened(where):
    return Entries(where if "://" in where else Path(where))


def only(entries):
    [row] = entries.decisions()
    return row


def test_what_is_entered_is_read_again(entries):
    assert entries.decisions() == []
    decision = entries.add_decision(
        "t1", " Stronger sleeve ", owner="Ana", planned_on=DAY(2024, 5, 1), expected_unit="percent of reviews",
        expected_value=4, note="", product="cable", by="Bo",
    )  # fmt: skip
    row = only(entries)
    assert (row["decision_id"], row["title"], row["state"], row["revision"]) == (
        decision, "Stronger sleeve", "proposed", 1,
    )  # fmt: skip
    assert (row["owner"], row["planned_on"], row["expected_value"], row["note"]) == ("Ana", DAY(2024, 5, 1), 4.0, None)
    assert (row["created_by"], row["updated_by"], row["created_at"].tzinfo) == ("Bo", "Bo", dt.UTC)
    version, figures = entries.version(), entries.figures_version()
    entries.change_decision(decision, {"state": "decided", "note": "agreed"}, revision=1, by="Cy")
    assert (only(entries)["state"], only(entries)["note"], only(entries)["owner"]) == ("decided", "agreed", "Ana")
    # Pages read it anew; no figure depends on it.
    assert entries.version() > version
    assert entries.figures_version() == figures == 0
    entries.change_decision(decision, {"state": "decided"}, revision=2, by="Di")
    assert (only(entries)["revision"], only(entries)["updated_by"]) == (2, "Cy"), "no change is no revision"
    lines = entries.decision_history(decision)
    assert [(line["what"], line["who"]) for line in lines] == [("put_decision", "Bo"), ("put_decision", "Cy")]
    assert entries.history() == lines


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"title": "  "}, "needs a title"),
        ({"state": "done"}, "is no state"),
        ({"state": "released"}, "needs the first day"),
        ({"expected_value": 3}, "both a number and what"),
        ({"expected_unit": "stars", "expected_value": 3}, "is no unit"),
        ({"expected_unit": "points", "expected_value": 101}, "not between 0 and 100"),
        ({"lag_days": -1}, "negative"),
    ],
)
def test_what_does_not_hold_together_is_refused(tmp_path, values, told):
    entries = Entries(tmp_path / "entries.sqlite")
    decision = entries.add_decision("t", "Title")
    with pytest.raises(VocError, match=told):
        entries.change_decision(decision, values, revision=1)
    with pytest.raises(VocError, match=told):
        entries.add_decision("t", **{"title": "Title", **values})
    assert only(entries)["revision"] == 1


def test_changes_of_different_fields_are_both_kept(entries):
    decision = entries.add_decision("t", "Title", owner="Ana", by="Ana")
    entries.change_decision(decision, {"owner": "Bo", "note": "mine"}, revision=1, by="Bo")
    # Cy's form still shows Ana, and says so: that is no change of hers.
    theirs = entries.change_decision(decision, {"owner": "Ana", "title": "Better title"}, revision=1, by="Cy")
    assert theirs == {"owner": ("Ana", "Bo"), "note": (None, "mine")}
    row = only(entries)
    assert (row["owner"], row["note"], row["title"], row["revision"]) == ("Bo", "mine", "Better title", 3)
    # The same change made by two is none to choose between.
    entries.change_decision(decision, {"state": "decided"}, revision=3, by="Bo")
    assert entries.change_decision(decision, {"state": "decided"}, revision=3, by="Cy") == {}
    assert only(entries)["revision"] == 4


def test_the_last_editor_is_told_of_a_conflict_and_chooses(entries):
    decision = entries.add_decision("t", "Title", by="Ana")
    entries.change_decision(decision, {"owner": "Bo"}, revision=1, by="Bo")
    entries.change_decision(decision, {"note": "unrelated"}, revision=2, by="Di")
    with pytest.raises(ConflictError, match="Bo changed this decision") as told:
        entries.change_decision(decision, {"owner": "Cy", "title": "New"}, revision=1, by="Cy")
    assert told.value.fields == {"owner": ("Bo", "Cy")}
    assert (told.value.who, told.value.revision) == ("Bo", 3), "who changed that field, not who came last"
    assert abs(told.value.when - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert (only(entries)["owner"], only(entries)["title"]) == ("Bo", "Title"), "nothing is stored half"
    entries.change_decision(decision, {"owner": "Cy", "title": "New"}, revision=told.value.revision, by="Cy")
    assert (only(entries)["owner"], only(entries)["title"], only(entries)["note"]) == ("Cy", "New", "unrelated")
    kept = [(line["after"] or {}).get("owner") for line in entries.decision_history(decision)]
    assert kept == [None, "Bo", "Bo", "Cy"], "what was overwritten stays in the history"


def test_fields_that_mean_something_together_are_one(entries):
    decision = entries.add_decision("t", "Title", expected_unit="points", expected_value=2.0)
    entries.change_decision(decision, {"expected_unit": "percent"}, revision=1, by="Bo")
    with pytest.raises(ConflictError) as told:
        entries.change_decision(decision, {"expected_value": 5.0}, revision=1, by="Cy")
    assert told.value.fields == {"expected_unit": ("percent", "points"), "expected_value": (2.0, 5.0)}


def test_deleting_and_bringing_back(entries):
    decision = entries.add_decision("t", "Title")
    entries.change_decision(decision, {"note": "new"}, revision=1, by="Bo")
    with pytest.raises(ConflictError, match="Bo changed this decision"):
        entries.delete_decision(decision, revision=1, by="Cy")
    entries.delete_decision(decision, revision=2, by="Cy")
    assert entries.decisions() == []
    for use in (
        lambda: entries.change_decision(decision, {"note": "x"}, revision=2),
        lambda: entries.delete_decision(decision, revision=2),
    ):
        with pytest.raises(ConflictError, match="Cy deleted this decision"):
            use()
    entries.undo("Bo", entries.undoable()[0]["id"])
    assert only(entries)["note"] == "new"
    # Who had it open before it was deleted is not taken for one who has seen it since.
    entries.change_decision(decision, {"note": "newer"}, revision=3, by="Bo")
    entries.undo("Bo", entries.undoable()[0]["id"])
    assert only(entries)["note"] == "new"
    with pytest.raises(VocError, match="There is no decision 'decision-0'"):
        entries.change_decision("decision-0", {"note": "x"}, revision=1)


def test_changes_of_a_decision_are_taken_back_one_after_the_other(entries):
    decision = entries.add_decision("t", "Title", planned_on=DAY(2024, 5, 1))
    for revision, note in enumerate(("first", "second"), start=1):
        entries.change_decision(decision, {"note": note}, revision=revision, by="Bo")
    first, second = (line["id"] for line in entries.decision_history(decision)[1:])
    figures = entries.figures_version()
    with pytest.raises(VocError, match="a later one of the same theme, mention or decision"):
        entries.undo("Cy", first)
    for line, note in ((second, "first"), (first, None)):
        assert [one["id"] for one in entries.undoable()] == [line]
        assert entries.undo("Cy", line)["id"] == line
        assert (only(entries)["note"], only(entries)["planned_on"]) == (note, DAY(2024, 5, 1))
    assert (only(entries)["revision"], only(entries)["updated_by"]) == (5, "Cy")
    assert entries.undoable() == [], "that it was made is not taken back but deleted"
    assert entries.figures_version() == figures
    # Whoever saw a revision that an undo made is merged from there, as from any other.
    entries.change_decision(decision, {"owner": "Bo"}, revision=5, by="Bo")
    assert entries.change_decision(decision, {"note": "third"}, revision=5, by="Cy") == {"owner": (None, "Bo")}
    with pytest.raises(ConflictError, match="Cy changed") as told:
        entries.change_decision(decision, {"note": "fourth"}, revision=4, by="Di")
    assert told.value.fields == {"note": ("third", "fourth")}
    # The command takes back what was done to themes, and no decision.
    with pytest.raises(VocError, match="no change of a theme or a mention left"):
        entries.undo("Cy")


def test_a_released_decision_is_a_fix_once(entries):
    decision = entries.add_decision("t", "Title", product="cable")
    fix = entries.put_fix("t", DAY(2024, 1, 1), product="cable")
    assert [row["fix_id"] for row in entries.fixes()] == [fix]
    entries.change_decision(
        decision, {"state": "released", "released_on": DAY(2024, 1, 1), "lag_days": 30}, revision=1
    )  # fmt: skip
    [row] = entries.fixes()
    assert (row["fix_id"], row["since"], row["lag_days"], row["product"]) == (decision, DAY(2024, 1, 1), 30, "cable")
    with pytest.raises(VocError, match="is a decision that was released"):
        entries.delete_fix(decision)
    entries.merge_theme("t", "t2")
    assert [(row["fix_id"], row["theme_id"]) for row in entries.fixes()] == [(decision, "t2")]
    entries.change_decision(decision, {"state": "rejected"}, revision=2)
    assert [row["fix_id"] for row in entries.fixes()] == [fix]


def test_a_name_given_meanwhile_is_not_overwritten(entries):
    entries.rename_theme("t", "Bo's name", by="Bo", seen="cable: frays")
    with pytest.raises(ConflictError, match='Bo renamed this theme to "Bo\'s name"') as told:
        entries.rename_theme("t", "Cy's name", by="Cy", seen="cable: frays")
    assert told.value.fields == {"name": ("Bo's name", "Cy's name")}
    entries.rename_theme("t", "Cy's name", by="Cy", seen="Bo's name")
    assert entries.theme_names() == {"t": "Cy's name"}


def test_a_phase_changed_meanwhile_is_not_overwritten(entries):
    seen = {"name": "Old", "start": DAY(2020, 1, 1), "end": None, "product_id": None}
    phase = entries.put_phase("Old", DAY(2020, 1, 1), None)
    entries.put_phase("Bo's", DAY(2020, 1, 1), DAY(2021, 1, 1), by="Bo", phase_id=phase, seen=seen)
    with pytest.raises(ConflictError, match=r'Bo changed this phase meanwhile: .* "Bo\'s" .* to 2020-12-31') as told:
        entries.put_phase("Cy's", DAY(2020, 1, 1), None, by="Cy", phase_id=phase, seen=seen)
    assert told.value.fields == {"name": ("Bo's", "Cy's"), "end": (DAY(2021, 1, 1), None)}


def test_forgetting_a_review_leaves_decisions(entries):
    decision = entries.add_decision("t", "Title", note="r1 says so")
    history = entries.history()
    entries.forget_reviews({"r1"})
    assert (only(entries)["decision_id"], entries.history()) == (decision, history)


def test_people_in_several_processes_lose_nothing(where, start, finish):
    entries = opened(where)
    shared = entries.add_decision("t", "Shared", by="Ana")
    processes = [start("people", where, name, 3, 4, shared) for name in "ab"]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = sum(int(finish(process)) for process in processes)
    editors = [f"{name}{number}" for name in "ab" for number in range(3)]
    marks = {f"{who}.{turn}" for who in editors for turn in range(4)}
    rows = {row["decision_id"]: row for row in entries.decisions()}
    assert sorted(rows[shared]["note"].split()) == sorted(marks), "an edit was lost or stored twice"
    assert rows[shared]["revision"] == 1 + len(marks)
    assert {row["title"] for row in rows.values()} - {"Shared"} == {mark.replace(".", " ") for mark in marks}
    assert len(entries.theme_names()) == len(marks)
    assert entries.phases().num_rows == len(marks)
    lines = entries.history()
    assert len(lines) == 1 + 4 * len(marks)
    assert [line["id"] for line in lines] == sorted({line["id"] for line in lines})
    assert told > 0, "six editors of one note never met; the test shows nothing"


def test_the_first_two_writers_make_the_database_together(where, start, finish):
    processes = [start("first_write", where, name) for name in "ab"]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        finish(process)
    assert opened(where).theme_names() == {"theme a": "a", "theme b": "b"}


def test_a_reader_sees_one_state(where):
    entries = opened(where)
    entries.rename_theme("t", "name")
    with opened(where)._reading() as transaction:
        assert transaction.changes() == 1
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: opened(where).rename_theme("t2", "name")).result()
        assert transaction.changes() == 1
    assert entries.version() == 2


def test_an_older_database_is_extended_without_loss(where):
    import sqlalchemy as sa

    entries = opened(where)
    entries.rename_theme("t", "name", by="Ana")
    phase = entries.put_phase("first", DAY(2020, 1, 1), None)
    engine = sa.create_engine(where if "://" in where else f"sqlite:///{where}")
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE decisions"))
    engine.dispose()
    older = opened(where)
    assert (older.decisions(), older.fixes(), older.theme_names()) == ([], [], {"t": "name"})
    decision = older.add_decision("t", "Title")
    assert only(older)["decision_id"] == decision
    assert older.phases().column("phase_id").to_pylist() == [phase]
    assert [line["what"] for line in older.history()] == ["rename_theme", "put_phase", "put_decision"]


def test_the_pages_of_an_app_share_the_connections_to_a_server(server, tmp_path):
    import psycopg

    url = server + "postgres"
    used = threading.Barrier(4)

    def page(number):
        used.wait()
        for _ in range(5):
            Workspace(tmp_path / f"w{number}", entries_url=url).entries.version()

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(page, range(4)))
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        [(count,)] = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = 'postgres' AND pid <> pg_backend_pid()"
        ).fetchall()
    assert count <= 5


def test_a_url_without_a_driver_is_read_by_ours(server, tmp_path):
    entries = Workspace(tmp_path, entries_url=server.replace("+psycopg", "") + "postgres").entries
    assert entries.theme_names() == {}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://ana:s3cr@t@127.0.0.1:9/voc?connect_timeout=1",
        "nosuch://ana:s3cr@t@host/db",
        "postgresql+psycopg://ana:s3cr@t@host:port/db",
    ],
)
def test_no_sentence_shows_the_password(tmp_path, url):
    with pytest.raises(VocError) as told:
        Workspace(tmp_path, entries_url=url).entries.theme_names()
    assert "s3cr" not in str(told.value)
    assert "ana:***@" in str(told.value)
    assert "\n" not in str(told.value)
    assert without_password("/srv/a:b@c/entries.sqlite") == "/srv/a:b@c/entries.sqlite"


def test_a_missing_driver_names_what_to_install(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(VocError, match=r"pip install 'voc\[postgres\]'") as told:
        Workspace(tmp_path, entries_url="postgresql://ana:s3cret@host/absent").entries.theme_names()
    assert "s3cret" not in str(told.value)
