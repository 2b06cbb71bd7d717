"""The index lies beside the snapshots, follows their reviews, and holds nothing that was forgotten."""

import contextlib
import os
import shutil
import sqlite3
import threading

import pytest

from voc.search import index as module
from voc.search.index import open_index
from voc.search.query import parse
from voc.store import Workspace
from voc.store import snapshot as snapshots


def found(workspace, typed):
    return open_index(workspace.current()).find(parse(typed)).rows.tolist()


def files(workspace):
    return sorted(path.name for path in (workspace.path / "indexes").glob("*"))


def terms(workspace):
    """Return all words that lie in any index on the disk."""
    found = set()
    for path in (workspace.path / "indexes").glob("*"):
        with contextlib.closing(sqlite3.connect(path)) as connection:
            for table in ("stems", "exact"):
                connection.execute(f"CREATE VIRTUAL TABLE temp.v_{table} USING fts5vocab('main', '{table}', 'row')")
                found |= {term for (term,) in connection.execute(f"SELECT term FROM temp.v_{table}")}
    return found


def raw(workspace):
    return b"".join(path.read_bytes() for path in (workspace.path / "indexes").glob("*"))


def test_it_is_made_once_and_read_by_the_next(workspace, monkeypatch):
    assert found(workspace, "cable") == [0]
    assert files(workspace) == [workspace.current().index.name]
    monkeypatch.setattr(module, "_made", None)
    assert found(workspace, "cable") == [0]


def test_a_day_more_reads_only_its_own_texts_and_finds_all(workspace, make, monkeypatch):
    open_index(workspace.current())
    with workspace.writing() as writer:
        writer.commit(append={"reviews": make(["The strap tore."], first=6)})
    begun = []
    parts = snapshots.Snapshot.parts
    monkeypatch.setattr(snapshots.Snapshot, "parts", lambda self, *args: begun.append(args[-1]) or parts(self, *args))
    assert found(workspace, "strap OR cable") == [0, 6]
    assert begun == [1]
    assert files(workspace) == [workspace.current().index.name]


def test_edited_reviews_are_indexed_anew(workspace, make):
    open_index(workspace.current())
    with workspace.writing() as writer:
        writer.commit(replace={"reviews": make(["Only this."])})
    assert found(workspace, "cable") == []
    assert found(workspace, "only") == [0]


def test_other_tables_leave_it_as_it_is(workspace):
    open_index(workspace.current())
    before = raw(workspace)
    with workspace.writing() as writer:
        writer.commit(info={"run": 2})
    assert found(workspace, "cable") == [0]
    assert raw(workspace) == before


def test_a_forgotten_review_is_gone_from_the_index_too(workspace):
    open_index(workspace.current())
    assert {"frays", "near"} < terms(workspace)
    workspace.forget(review_id="r0")
    assert raw(workspace) == b""
    assert found(workspace, "cable OR frays") == []
    assert found(workspace, "ear") == [1]
    assert terms(workspace).isdisjoint({"frays", "frai", "near", "cable", "cabl"})
    assert "ear" in terms(workspace)


def test_who_still_reads_the_old_snapshot_leaves_no_index_of_it_behind(workspace):
    old = workspace.current()
    workspace.forget(review_id="r0")
    # The old part file is gone, so its index can only have been read before: it is stored too late here.
    assert old.keep_index(lambda path: path.write_bytes(b"frays")) is None
    assert raw(workspace) == b""


def test_a_forgetting_while_the_index_is_written_takes_it_away(workspace):
    old = workspace.current()

    def write(path):
        path.write_bytes(b"frays")
        workspace.forget(review_id="r0")

    assert old.keep_index(write) is None
    assert raw(workspace) == b""


def test_a_killed_process_leaves_nothing_that_is_taken_for_an_index(workspace, monkeypatch):
    def killed(draft, path):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            open_index(workspace.current())
    folder = workspace.path / "indexes"
    (folder / f"{'a' * 32}.tmp").write_bytes(b"a piece")
    assert found(workspace, "cable") == [0]
    with workspace.writing():
        pass
    assert files(workspace) == [workspace.current().index.name]


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\x00" + b"\x00" * 4000])
def test_a_damaged_index_is_made_anew(workspace, content):
    path = workspace.current().index
    path.parent.mkdir()
    path.write_bytes(content)
    assert found(workspace, "cable") == [0]
    assert len(raw(workspace)) > len(content)


def test_an_index_of_another_format_is_made_anew(workspace, monkeypatch):
    open_index(workspace.current())
    monkeypatch.setattr(module, "_FORMAT", 99)
    assert found(workspace, "cable") == [0]


def test_where_the_folder_cannot_be_written_it_is_held_in_memory(workspace, monkeypatch):
    def refused(*args, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("voc.store.indexes.make_directories", refused)
    assert found(workspace, "cable") == [0]
    assert files(workspace) == []


def test_a_full_disk_leaves_the_search_and_no_draft(workspace, monkeypatch):
    real = sqlite3.connect

    class Full(sqlite3.Connection):
        def backup(self, *args, **options):
            raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(module.sqlite3, "connect", lambda *args, **options: real(*args, **{**options, "factory": Full}))
    assert found(workspace, "cable") == [0]
    assert files(workspace) == []


def test_several_at_once_find_the_same(workspace):
    results = []
    threads = [threading.Thread(target=lambda: results.append(found(workspace, "falls"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[2, 4]] * 6
    assert files(workspace) == [workspace.current().index.name]


def test_one_index_serves_several_threads(index):
    results = []

    def ask():
        for _ in range(50):
            results.append(index.find(parse("plug -cable OR falls")).rows.tolist())

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [results[0]] * 200


def test_a_path_with_signs_is_only_a_path(workspace, tmp_path):
    place = tmp_path / "50% #1 ? [x]"
    shutil.copytree(workspace.path, place)
    assert found(Workspace(place), "cable") == [0]
    assert len(list((place / "indexes").glob("*"))) == 1
