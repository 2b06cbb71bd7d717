"""Forgetting: nothing of a review stays on the disk, also when the process is killed on the way."""

import shutil
import sys

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from voc import tables
from voc.store import Workspace


def fill(workspace, make):
    """Two imports, analysed: of r1, whose wording has changed since, and of r2 and r3."""
    with workspace.writing() as writer:
        writer.commit(append={"reviews": make.reviews(["r1"], import_id="i1", text="An earlier wording.")})
        writer.commit(replace={"reviews": make.reviews(["r1"], import_id="i1")}, info={"run": 1})
        writer.commit(append={"reviews": make.reviews(["r2", "r3"], import_id="i2")})
        every = ["r1", "r2", "r3"]
        writer.commit(
            replace={
                "mentions": make.mentions(every),
                "readings": make.readings(every),
                "embeddings": make.embeddings([*every, "long gone"]),
                "further_embeddings": make.embeddings(every),
                "opportunities": make.opportunities(every),
                # Lists that name no review stay as they are.
                "areas": tables.from_rows(
                    "areas",
                    [
                        {
                            "area_id": "a",
                            "name": "cable",
                            "synonyms": [],
                            "implied_by": [{"stem": "fray", "share": 0.9, "mentions": 3}],
                        }
                    ],
                ),
            },
            append={"imports": make.imports(["i1", "i2"]), "rejects": make.rejects(["i1", "i2"])},
        )


def readable(path):
    return [name for name in pq.read_schema(path).names if name != "vector"]


def on_disk(workspace):
    """Everything that can be read in any file below the workspace, as one text."""
    found = []
    for path in workspace.path.rglob("*"):
        if path.suffix == ".parquet":
            found.append(str(pq.read_table(path, columns=readable(path)).to_pylist()))
        elif path.is_file():
            found.append(path.read_bytes().decode("utf-8", "replace"))
    return "\n".join(found)


def ids(workspace, table):
    snapshot = workspace.current()
    key = "import_id" if table in ("imports", "rejects") else "mention_id" if "embeddings" in table else "review_id"
    return snapshot.table(table, [key]).column(key).to_pylist()


def quoted(workspace):
    (row,) = workspace.current().table("opportunities").to_pylist()
    return [quote["review_id"] for quote in row["quotes"]]


def test_a_review_is_forgotten_everywhere(workspace, make):
    fill(workspace, make)
    assert "r1" in on_disk(workspace)
    assert workspace.forget(review_id="r1") == 1
    for table in ("reviews", "mentions", "readings"):
        assert ids(workspace, table) == ["r2", "r3"]
    assert ids(workspace, "embeddings") == ids(workspace, "further_embeddings") == ["m-r2", "m-r3"]
    assert quoted(workspace) == ["r2", "r3"]
    assert ids(workspace, "imports") == ["i1", "i2"]
    assert workspace.current().info == {"run": 1, "stale": True}
    assert len(workspace.snapshots()) == 1
    assert "r1" not in on_disk(workspace)
    workspace.current().check(contents=True)


def test_an_import_is_forgotten_everywhere(workspace, make):
    fill(workspace, make)
    assert workspace.forget(import_id="i2") == 2
    for table in ("reviews", "mentions", "readings"):
        assert ids(workspace, table) == ["r1"]
    assert ids(workspace, "embeddings") == ids(workspace, "further_embeddings") == ["m-r1"]
    assert quoted(workspace) == ["r1"]
    assert ids(workspace, "imports") == ids(workspace, "rejects") == ["i1"]
    text = on_disk(workspace)
    assert not any(word in text for word in ("r2", "r3", "i2"))


def test_unknown_ids_change_nothing(workspace, make, files):
    fill(workspace, make)
    before = files(workspace)
    assert workspace.forget(review_id="r9") == workspace.forget(import_id="i9") == 0
    assert files(workspace) == before
    for arguments in ({}, {"review_id": "r1", "import_id": "i1"}):
        with pytest.raises(ValueError, match="either"):
            workspace.forget(**arguments)


def test_parts_without_the_review_are_shared(workspace, make):
    fill(workspace, make)
    before = workspace.current().manifest.tables["reviews"]
    workspace.forget(review_id="r1")
    assert workspace.current().manifest.tables["reviews"] == before[1:]


def test_a_review_that_only_an_older_snapshot_holds(workspace, make):
    fill(workspace, make)
    with workspace.writing() as writer:
        writer.commit(replace={"reviews": make.reviews(["r2", "r3"], import_id="i2")})
    assert workspace.forget(review_id="r1") == 1
    assert ids(workspace, "mentions") == ["r2", "r3"]
    assert "r1" not in on_disk(workspace)


def test_a_review_that_a_later_import_brought_again_stays(workspace, make):
    fill(workspace, make)
    reviews = make.reviews(["r1"], import_id="i3", text="A later wording.")
    with workspace.writing() as writer:
        rest = writer.base.table("reviews").filter(pc.field("review_id") != "r1")
        writer.commit(replace={"reviews": rest}, append={})
        writer.commit(append={"reviews": reviews})
    assert workspace.forget(import_id="i1") == 1
    assert ids(workspace, "reviews") == ["r2", "r3", "r1"]
    assert ids(workspace, "mentions") == ["r1", "r2", "r3"]
    assert "earlier wording" not in on_disk(workspace)
    assert "The cable frayed. r1" not in str(workspace.current().table("reviews").to_pylist())


def test_new_insights_are_no_longer_stale(workspace, make):
    fill(workspace, make)
    workspace.forget(review_id="r1")
    with workspace.writing() as writer:
        assert writer.commit(append={"reviews": make.reviews(["r4"])}).info["stale"] is True
        assert "stale" not in writer.commit(replace={"opportunities": make.opportunities(["r2"])}).info


def test_snapshots_from_before_do_not_come_back(workspace, make):
    fill(workspace, make)
    workspace.forget(review_id="r1")
    with workspace.writing() as writer:
        for i in range(3):
            writer.commit(append={"reviews": make.reviews([f"later {i}"])})
    assert len(workspace.snapshots()) == 4
    assert "r1" not in on_disk(workspace)


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_killed_before_a_use_of_a_file(tmp_path, start, finish, make, files, step):
    base, copies = Workspace(tmp_path / "base"), tmp_path / "copies"
    copies.mkdir()
    fill(base, make)
    moments = int(finish(start("sweep", base.path, copies, "forget", step)))
    assert moments > 30
    forgotten = []
    for moment in range(1, moments + 1, step):
        workspace = Workspace(copies / str(moment))
        reviews = ids(workspace, "reviews")
        assert reviews in (["r1", "r2", "r3"], ["r2", "r3"])
        assert ids(workspace, "mentions") == ids(workspace, "readings") == quoted(workspace) == reviews
        forgotten.append("r1" not in reviews)
        if forgotten[-1]:
            with workspace.writing():
                pass
        else:
            assert workspace.forget(review_id="r1") == 1
        assert ids(workspace, "reviews") == ["r2", "r3"]
        assert "r1" not in on_disk(workspace)
        expected = {"CURRENT", "writer.lock", f"snapshots/{workspace.current().id}.json"}
        assert files(workspace) == expected | {f"parts/{file}" for file in workspace.current().manifest.files()}
        shutil.rmtree(workspace.path)
    assert forgotten == sorted(forgotten)
    assert set(forgotten) == {False, True}
