"""Readers, writers and kills in real processes."""

import errno
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from voc.errors import WorkspaceBusyError
from voc.store import Workspace

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")


def generation_of(snapshot):
    """Check through Arrow and DuckDB that all tables are of one generation, and return it."""
    generation = snapshot.info["generation"]
    assert snapshot.table("reviews", ["review_id"]).num_rows == generation
    assert set(snapshot.table("areas").column("name").to_pylist()) == {str(generation)}
    with snapshot.connect(threads=1) as connection:
        ((reviews, newest, areas, products),) = connection.execute(
            "SELECT (SELECT count(*) FROM reviews), (SELECT max(CAST(text[12:] AS INTEGER)) FROM reviews), "
            "(SELECT string_agg(DISTINCT name) FROM areas), (SELECT string_agg(DISTINCT product) FROM products)"
        ).fetchall()
    assert (reviews, newest, areas, products) == (generation, generation, str(generation), str(generation))
    return generation


def whole_and_tidy(workspace, files):
    """Check that everything on disk belongs to a kept snapshot, and every kept snapshot is as it was written."""
    expected = {"CURRENT", "writer.lock"}
    for snapshot in workspace.snapshots():
        snapshot.check(contents=True)
        expected |= {f"snapshots/{snapshot.id}.json"} | {f"parts/{file}" for file in snapshot.manifest.files()}
    assert files(workspace) == expected


def test_a_reader_sees_whole_snapshots_while_a_writer_commits(workspace, start):
    writer = start("loop", workspace.path, 1, 60)
    seen = []
    while writer.poll() is None:
        snapshot = workspace.current()
        if snapshot is not None:
            seen.append(generation_of(snapshot))
    assert writer.returncode == 0
    assert seen == sorted(seen)
    # How often it gets to look is up to the machine; more than the first and the last state it must have seen.
    assert len(set(seen)) > 2
    assert generation_of(workspace.current()) == 60


def test_a_second_writer_is_refused_with_a_sentence(workspace, start):
    holder = start("hold", workspace.path)
    assert holder.stdout.readline() == "held\n"
    began = time.monotonic()
    pattern = f"is being written by process {holder.pid} since .*; wait until"
    with pytest.raises(WorkspaceBusyError, match=pattern), workspace.writing():
        pass
    assert time.monotonic() - began < 5
    with pytest.raises(WorkspaceBusyError):
        workspace.forget(review_id="r1", wait=0.2)


def test_a_second_writer_waits(workspace, start, make):
    holder = start("hold", workspace.path)
    assert holder.stdout.readline() == "held\n"
    holder.stdin.write("done\n")
    holder.stdin.flush()
    with workspace.writing(wait=30) as writer:
        writer.commit(append={"reviews": make.reviews(["a"])})
    assert workspace.current().rows("reviews") == 1


def test_a_folder_that_another_process_removes_meanwhile_is_made_again(workspace, monkeypatch, make):
    mkdir, removed = Path.mkdir, []

    def made_and_gone(path, *args, **kwargs):
        # What `Path.mkdir` does when the folder is there and, a moment later, asked whether it is a folder, is not.
        if path == workspace.path and len(removed) < 3:
            removed.append(path)
            raise FileExistsError(errno.EEXIST, "File exists", str(path))
        mkdir(path, *args, **kwargs)

    monkeypatch.setattr(Path, "mkdir", made_and_gone)
    with workspace.writing() as writer:
        writer.commit(append={"reviews": make.reviews(["a"])})
    assert len(removed) == 3
    assert workspace.current().rows("reviews") == 1


def test_a_killed_writer_holds_nothing(workspace, start, make):
    holder = start("hold", workspace.path)
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.wait()
    with workspace.writing() as writer:
        writer.commit(append={"reviews": make.reviews(["a"])})


def test_writers_that_wait_lose_nothing(workspace, start, finish):
    processes = [start("append", workspace.path, name, 10) for name in "ab"]
    for process in processes:
        finish(process)
    stored = workspace.current().table("reviews", ["review_id"]).column("review_id").to_pylist()
    assert sorted(stored) == sorted(f"{name}{number}" for name in "ab" for number in range(10))


def kill_at_random(workspace, start, files, times):
    dice, generation, killed_inside = random.Random(7), 0, 0
    for _ in range(times):
        process = start("loop", workspace.path, generation + 1, 10_000)
        assert process.stdout.readline() == "ready\n"
        time.sleep(dice.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        lines, _ = process.communicate()
        returned = int(lines.split()[-1]) if lines else generation
        snapshot = workspace.current()
        after = generation_of(snapshot) if snapshot else 0
        # What was reported as committed is there; at most the commit under way came through as well.
        assert after in (returned, returned + 1)
        generation = after
        known = {"CURRENT", "writer.lock"} | {f"snapshots/{s.id}.json" for s in workspace.snapshots()}
        known |= {f"parts/{file}" for s in workspace.snapshots() for file in s.manifest.files()}
        killed_inside += bool(files(workspace) - known)
    assert generation > times // 2
    assert killed_inside > 0
    with workspace.writing():
        pass
    whole_and_tidy(workspace, files)


@posix
def test_killed_at_random_moments(workspace, start, files):
    kill_at_random(workspace, start, files, 12)


@posix
@pytest.mark.slow
def test_killed_at_many_random_moments(workspace, start, files):
    kill_at_random(workspace, start, files, 100)


@posix
@pytest.mark.parametrize("before", [0, 2])
@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.slow)])
def test_a_commit_killed_before_a_use_of_a_file(tmp_path, start, finish, files, before, step):
    base, copies = tmp_path / "base", tmp_path / "copies"
    copies.mkdir()
    if before:
        finish(start("loop", base, 1, before))
    moments = int(finish(start("sweep", base, copies, "commit", step)))
    assert moments > 20
    states = set()
    for moment in range(1, moments + 1, step):
        workspace = Workspace(copies / str(moment))
        snapshot = workspace.current()
        state = snapshot.info["generation"] if snapshot else 0
        states.add(state)
        if state == before and before:
            assert generation_of(snapshot) == before
        # What is left over hinders no reader, and the next writer removes it.
        with workspace.writing() as writer:
            assert (writer.base.id if writer.base else None) == (snapshot.id if snapshot else None)
            writer.commit(info={"again": True})
        whole_and_tidy(workspace, files)
        shutil.rmtree(copies / str(moment))
    assert states == {before, 3}


@posix
def test_a_full_disk_leaves_the_state_before(workspace, start, finish, files):
    finish(start("loop", workspace.path, 1, 2))
    sentence = finish(start("small-disk", workspace.path, 60_000))
    assert "the workspace cannot be written (File too large)" in sentence
    assert "is unchanged" in sentence
    assert workspace.current().info["generation"] == 99
    whole_and_tidy(workspace, files)


@posix
def test_a_full_disk_leaves_no_trace_of_a_first_commit(tmp_path, start, finish):
    sentence = finish(start("small-disk", tmp_path / "new", 1_000))
    assert "the workspace cannot be written" in sentence
    assert not (tmp_path / "new").exists()


def test_two_who_store_nothing_leave_nothing(workspace, start, finish):
    holder = start("hold", workspace.path)
    assert holder.stdout.readline() == "held\n"
    holder.stdin.write("done\n")
    holder.stdin.flush()
    with workspace.writing(wait=30) as writer:
        assert writer.base is None
    finish(holder)
    # Who of the two created the folder cannot always remove it: the other may be taking the lock in it just then.
    assert not workspace.path.exists() or list(workspace.path.iterdir()) == []
