"""Commits, snapshots, what is kept, and what a damaged workspace says."""

import datetime as dt
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import voc
from voc import tables
from voc.errors import VocError, WorkspaceBusyError
from voc.store import Workspace
from voc.store.manifest import Layout


def put(workspace, **arguments):
    with workspace.writing() as writer:
        return writer.commit(**arguments)


def ids(snapshot):
    return snapshot.table("reviews", ["review_id"]).column("review_id").to_pylist()


def test_importing_the_store_loads_nothing_heavy():
    code = "import sys, voc.store; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(Path(voc.__file__).parents[1])}
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert "voc.store" in out.stdout.split()
    heavy = {"torch", "spacy", "transformers", "streamlit", "bertopic", "duckdb", "sqlalchemy", "pandas"}
    assert not heavy & set(out.stdout.split())


def test_nothing_is_created_until_something_is_written(workspace):
    assert not workspace.exists()
    assert workspace.current() is None
    assert workspace.snapshots() == []
    assert workspace.forget(review_id="r") == 0
    assert workspace.entries.theme_names() == {}
    with workspace.writing() as writer:
        assert writer.base is None
    assert not workspace.path.exists()


def test_a_workspace_that_begins_between_two_looks_of_a_reader_is_read(workspace, make, monkeypatch):
    begun = []
    ids = Layout.ids

    def late(layout):
        # A reader has just found no CURRENT; before it lists the snapshots, somebody commits the first one.
        if not begun:
            begun.append(True)
            begun.append(put(Workspace(workspace.path), append={"reviews": make.reviews(["a"])}))
        return ids(layout)

    monkeypatch.setattr(Layout, "ids", late)
    assert workspace.current().id == begun[1].id


def test_a_block_without_commit_leaves_a_folder_that_was_there(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with Workspace(tmp_path).writing():
        assert (tmp_path / "writer.lock").exists()
    assert os.listdir(tmp_path) == ["mine.txt"]


def test_append_shares_the_parts_that_are_there(workspace, make, files):
    put(workspace, append={"reviews": make.reviews(["a", "b"])}, replace={"mentions": make.mentions(["a"])})
    before = files(workspace)
    snapshot = put(workspace, append={"reviews": make.reviews(["c"])})
    assert ids(snapshot) == ["a", "b", "c"]
    assert snapshot.table("mentions").equals(make.mentions(["a"]))
    new = files(workspace) - before
    assert len(new) == 2, "one part and one manifest"
    assert snapshot.rows("reviews") == 3


def test_an_equal_table_costs_no_second_file(workspace, make):
    first = put(workspace, replace={"mentions": make.mentions(["a"])})
    second = put(workspace, replace={"mentions": make.mentions(["a"])})
    assert first.id < second.id
    assert first.manifest.tables == second.manifest.tables


def test_commits_in_one_block_build_on_one_another(workspace, make):
    with workspace.writing() as writer:
        first = writer.commit(append={"reviews": make.reviews(["a"])}, info={"run": 1, "models": "x"})
        assert writer.base is first
        writer.commit(append={"reviews": make.reviews(["b"])}, info={"run": 2})
    snapshot = workspace.current()
    assert ids(snapshot) == ["a", "b"]
    assert snapshot.info == {"run": 2, "models": "x"}
    assert dt.datetime.now(dt.UTC) - snapshot.created_at < dt.timedelta(minutes=1)


def test_empty_tables(workspace, make):
    snapshot = put(workspace, replace={"mentions": tables.empty("mentions")}, append={"areas": tables.empty("areas")})
    assert snapshot.has("mentions")
    assert not snapshot.has("themes")
    assert not snapshot.has("no such table")
    assert snapshot.table("mentions").equals(tables.empty("mentions"))
    assert snapshot.table("themes").schema.equals(tables.THEMES)
    snapshot = put(workspace, replace={"mentions": make.mentions(["a"])})
    assert put(workspace, replace={"mentions": tables.empty("mentions")}).rows("mentions") == 0


def test_columns_come_in_the_order_asked_for(workspace, make):
    snapshot = put(workspace, append={"reviews": make.reviews(["a"])})
    assert snapshot.table("reviews", ["text", "review_id"]).column_names == ["text", "review_id"]
    with pytest.raises(ValueError, match="has no column 'colour'"):
        snapshot.table("reviews", ["colour"])
    with pytest.raises(ValueError, match="there is no table 'colours'"):
        snapshot.table("colours")


def test_misuse_is_refused_before_anything_is_written(workspace, make):
    with workspace.writing() as writer:
        with pytest.raises(ValueError, match="there is no table 'colours'"):
            writer.commit(replace={"colours": make.reviews(["a"])})
        with pytest.raises(ValueError, match="both replaced and appended"):
            writer.commit(replace={"areas": tables.empty("areas")}, append={"areas": tables.empty("areas")})
        with pytest.raises(ValueError, match="column 'mention_id' is missing"):
            writer.commit(replace={"mentions": make.reviews(["a"])})
        with pytest.raises(TypeError):
            writer.commit(info={"when": dt.date.today()})
    assert not workspace.path.exists()
    with pytest.raises(RuntimeError, match="only inside"):
        writer.commit()


def test_writers_of_one_process_exclude_each_other_too(workspace):
    with workspace.writing(), pytest.raises(WorkspaceBusyError), Workspace(workspace.path).writing(wait=0.1):
        pass


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=6))
def test_any_sequence_of_commits_reads_back(make, steps):
    with tempfile.TemporaryDirectory() as folder:
        workspace, expected = Workspace(Path(folder) / "w", keep=2, grace=0), []
        for step, (replacing, count) in enumerate(steps):
            rows = [f"{step}-{i}" for i in range(count)]
            put(workspace, **{"replace" if replacing else "append": {"reviews": make.reviews(rows)}})
            expected = rows if replacing else expected + rows
        snapshot = Workspace(workspace.path).current()
        assert ids(snapshot) == expected
        with snapshot.connect(threads=1) as connection:
            assert connection.execute("SELECT count(*) FROM reviews").fetchone() == (len(expected),)
        assert len(workspace.snapshots()) == min(2, len(steps))


def test_every_table_is_a_view_of_its_schema(workspace, make):
    snapshot = put(
        workspace,
        append={"reviews": make.reviews(["a"])},
        replace={"opportunities": make.opportunities(["a"]), "embeddings": make.embeddings(["a"])},
    )
    with snapshot.connect() as full, Workspace(workspace.path).current().connect(threads=1) as connection:
        for name, schema in tables.SCHEMAS.items():
            assert full.sql(f"SELECT * FROM {name}").columns == schema.names
            arrow = connection.sql(f"SELECT * FROM {name}").to_arrow_table()
            assert arrow.num_rows == snapshot.rows(name)
            assert tables.conform(name, arrow).equals(snapshot.table(name))
        settings_of = "SELECT current_setting('{}')"
        for extension in ("autoinstall_known_extensions", "autoload_known_extensions"):
            assert connection.execute(settings_of.format(extension)).fetchone() == (False,)
        assert connection.execute(settings_of.format("threads")).fetchone() == (1,)
        months = connection.execute("SELECT CAST(date_trunc('month', written_at) AS DATE) FROM reviews").fetchall()
        assert months == [(dt.date(2024, 3, 1),)]


def test_a_part_of_an_older_version_lacks_a_column(workspace, make, monkeypatch):
    older = pa.schema([field for field in tables.REVIEWS if field.name not in ("extra", "helpful_votes")])
    with monkeypatch.context() as patch:
        patch.setattr(tables, "SCHEMAS", {**tables.SCHEMAS, "reviews": older})
        only_old = put(workspace, append={"reviews": make.reviews(["a"]).select(older.names)})
    only_old = workspace.current()
    assert only_old.table("reviews").schema.equals(tables.REVIEWS)
    with only_old.connect() as connection:
        assert connection.execute("SELECT helpful_votes, extra FROM reviews").fetchall() == [(None, None)]
    mixed = put(workspace, append={"reviews": make.reviews(["b"])})
    assert ids(mixed) == ["a", "b"]
    assert mixed.table("reviews", ["extra"]).column("extra").null_count == 2
    with mixed.connect() as connection:
        assert connection.execute("SELECT review_id FROM reviews ORDER BY 1").fetchall() == [("a",), ("b",)]


def test_a_part_of_an_older_version_lacks_a_column_that_must_be_there(workspace, make, monkeypatch):
    older = pa.schema([field for field in tables.AREAS if field.name not in ("synonyms", "implied_by")])
    areas = pa.table({"area_id": ["a"], "name": ["battery"]}, schema=older)
    with monkeypatch.context() as patch:
        patch.setattr(tables, "SCHEMAS", {**tables.SCHEMAS, "areas": older})
        put(workspace, replace={"areas": areas})
    snapshot = workspace.current()
    for use in (lambda: snapshot.table("areas"), snapshot.connect):
        with pytest.raises(VocError, match="has no column 'synonyms'; run `voc run`"):
            use()


def test_the_newest_snapshots_are_kept(workspace, make, files):
    workspace = Workspace(workspace.path, keep=3, grace=0)
    made = [put(workspace, append={"reviews": make.reviews([str(i)])}) for i in range(6)]
    assert [s.id for s in workspace.snapshots()] == [s.id for s in reversed(made[-3:])]
    assert [len(ids(s)) for s in workspace.snapshots()] == [6, 5, 4]
    for i in range(4):
        put(workspace, replace={"reviews": make.reviews([f"new {i}"])})
    assert [ids(s) for s in workspace.snapshots()] == [["new 3"], ["new 2"], ["new 1"]]
    assert len([file for file in files(workspace) if file.startswith("parts")]) == 3


def test_a_superseded_snapshot_stays_for_a_while(workspace, make):
    workspace = Workspace(workspace.path, keep=1)
    first = put(workspace, append={"reviews": make.reviews(["a"])})
    for i in range(8):
        put(workspace, replace={"reviews": make.reviews([str(i)])})
    assert ids(first) == ["a"]
    put(Workspace(workspace.path, keep=1, grace=0))
    assert len(workspace.snapshots()) == 1


def test_a_snapshot_that_was_removed_says_so(workspace, make):
    workspace = Workspace(workspace.path, keep=1, grace=0)
    first = put(workspace, replace={"reviews": make.reviews(["a"])})
    connection = first.connect()
    put(workspace, replace={"reviews": make.reviews(["b"])})
    with connection, pytest.raises(duckdb.IOException):
        connection.execute("SELECT * FROM reviews")
    for use in (lambda: first.table("reviews"), first.connect, first.check):
        with pytest.raises(VocError, match=r"has been removed since it was opened.*reload the page"):
            use()
    assert ids(workspace.current()) == ["b"]


def test_the_cleaner_spares_what_is_not_ours(workspace, make):
    put(workspace, append={"reviews": make.reviews(["a"])})
    theirs = [workspace.path / name for name in ("notes.tmp", "parts/mine.parquet", "parts/reviews/mine.parquet")]
    ours = [workspace.path / f"parts/reviews/{'0' * 64}.parquet", workspace.path / f"snapshots/{'0' * 32}.tmp"]
    for path in (*theirs, *ours):
        path.write_text("x")
    workspace.current().table("reviews")
    assert all(path.exists() for path in ours), "readers remove nothing"
    with workspace.writing():
        pass
    assert all(path.exists() for path in theirs)
    assert not any(path.exists() for path in ours)


def cut(path):
    path.write_bytes(path.read_bytes()[:-10])


def alter(path):
    path.write_text(path.read_text().replace('"rows": 1', '"rows": 2'))


@pytest.mark.parametrize(
    "damage", [cut, alter, Path.unlink, lambda path: path.write_bytes(b""), lambda p: p.write_text("[]")]
)
def test_a_damaged_manifest_is_never_passed_over(workspace, make, damage, files):
    first = put(workspace, append={"reviews": make.reviews(["a"])})
    second = put(workspace, append={"reviews": make.reviews(["b"])})
    damage(second.path)
    before = files(workspace)
    pattern = f"{second.id}.json is (damaged|missing); restore it .* by writing the line {first.id} into .*CURRENT"
    for use in (workspace.current, lambda: put(workspace), lambda: workspace.forget(review_id="a")):
        with pytest.raises(VocError, match=pattern):
            use()
    assert workspace.exists()
    assert files(workspace) - {"writer.lock"} == before - {"writer.lock"}
    (workspace.path / "CURRENT").write_text(first.id)
    assert ids(workspace.current()) == ["a"]
    assert ids(put(workspace, append={"reviews": make.reviews(["c"])})) == ["a", "c"]


def test_a_damaged_workspace_without_a_whole_snapshot(workspace, make):
    cut(put(workspace, append={"reviews": make.reviews(["a"])}).path)
    with pytest.raises(VocError, match=r"or delete .* and run `voc run` on the exports again"):
        workspace.current()


@pytest.mark.parametrize("text", [None, "", "rubbish", "000001-zzzzzzzz"])
def test_a_damaged_current_is_never_passed_over(workspace, make, text):
    snapshot = put(workspace, append={"reviews": make.reviews(["a"])})
    current = workspace.path / "CURRENT"
    current.unlink() if text is None else current.write_text(text)
    for use in (workspace.current, lambda: put(workspace)):
        with pytest.raises(VocError, match=f"CURRENT .*by writing the line {snapshot.id} into"):
            use()
    assert workspace.exists()
    assert snapshot.table("reviews").num_rows == 1


def test_a_damaged_older_snapshot_is_removed_by_the_next_writer(workspace, make, caplog):
    first = put(workspace, append={"reviews": make.reviews(["a"])})
    second = put(workspace, append={"reviews": make.reviews(["b"])})
    cut(first.path)
    assert [s.id for s in workspace.snapshots()] == [second.id]
    put(workspace)
    assert not first.path.exists()
    assert "cannot be opened any more" in caplog.text
    assert ids(workspace.current()) == ["a", "b"]


def longer(path):
    path.write_bytes(path.read_bytes() + b"x")


def other_rows(path):
    size = path.stat().st_size
    table = pq.read_table(path).slice(0, 1)
    pq.write_table(table, path, compression="zstd")
    path.write_bytes(path.read_bytes().ljust(size, b"\0"))


@pytest.mark.parametrize("damage", [cut, longer, Path.unlink, other_rows])
def test_a_damaged_part_is_found_on_opening(workspace, make, damage):
    old = put(workspace, append={"reviews": make.reviews(["a"])})
    snapshot = put(workspace, append={"reviews": make.reviews(["b", "c"])})
    (part,) = snapshot.manifest.files() - old.manifest.files()
    damage(workspace.path / "parts" / part)
    for use in (workspace.current, snapshot.check, snapshot.connect, lambda: Workspace(workspace.path).current()):
        with pytest.raises(VocError, match=f"{Path(part).name} .*; restore it .* by writing the line {old.id}"):
            use()


def test_one_altered_byte_is_found_by_the_full_check(workspace, make):
    snapshot = put(workspace, append={"reviews": make.reviews(["a"])})
    snapshot.check(contents=True)
    path = workspace.path / "parts" / next(iter(snapshot.manifest.files()))
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)
    with pytest.raises(VocError, match="has been altered"):
        snapshot.check(contents=True)


def test_a_newer_format_is_named(workspace, make):
    path = put(workspace, append={"reviews": make.reviews(["a"])}).path
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(VocError, match="newer version of voc; upgrade"):
        workspace.current()


def test_a_file_stands_where_the_workspace_should_be(tmp_path):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        workspace = Workspace(path)
        for use in (
            workspace.current,
            lambda w=workspace: put(w),
            lambda w=workspace: w.entries.rename_theme("t", "n"),
        ):
            with pytest.raises(VocError, match=r"is a file, not a.* --workspace\.$"):
                use()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_folder_that_may_not_be_written(start, finish):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        locked = Path(folder) / "locked"
        locked.mkdir()
        locked.chmod(0o555)
        for path in (locked, locked / "new"):
            sentences = finish(start("unprivileged", path)).splitlines()
            assert "the workspace cannot be written (Permission denied); check" in sentences[0]
            assert "cannot be written" in sentences[1]
        assert os.listdir(locked) == []
        hidden = Path(folder) / "hidden"
        put(Workspace(hidden))
        hidden.chmod(0o700)
        assert "the workspace cannot be" in finish(start("unprivileged", hidden))


def test_a_relative_path_stays_where_it_was(tmp_path, monkeypatch, make):
    monkeypatch.chdir(tmp_path)
    workspace = Workspace("relative")
    put(workspace, append={"reviews": make.reviews(["a"])})
    monkeypatch.chdir("/")
    assert ids(workspace.current()) == ["a"]
