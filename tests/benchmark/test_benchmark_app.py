import json
import shutil
import subprocess
import sys

import pytest

from voc.benchmark.app import table
from voc.benchmark.app_interactions import INTERACTIONS
from voc.benchmark.app_workspace import one_more_export, prepared
from voc.errors import VocError
from voc.insights import Facts
from voc.ui import nav

needs_chromium = pytest.mark.skipif(
    shutil.which("chromium") is None and shutil.which("chromium-browser") is None,
    reason="there is no chromium on this machine",
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A small drawn workspace."""
    return prepared(tmp_path_factory.mktemp("app") / "workspace", 300, 900, lambda *_: None)


def test_a_drawn_workspace_holds_what_two_runs_store(drawn):
    snapshot = drawn.current()
    assert snapshot.rows("reviews") == 300
    assert 850 < snapshot.rows("mentions") <= 900
    assert snapshot.rows("imports") == 2
    assert [kept.rows("reviews") for kept in drawn.snapshots()] == [300, 294]
    for name in ("opportunities", "trends", "area_summary", "kano", "needs", "time_in_use", "hazards"):
        assert snapshot.rows(name), name
    vectors = snapshot.rows("embeddings") + snapshot.rows("further_embeddings")
    assert vectors == sum(row["specificity"] != "verdict" for row in snapshot.table("mentions").to_pylist())


def test_drawn_mentions_point_into_the_texts(drawn):
    snapshot = drawn.current()
    texts = {row["review_id"]: row["text"] for row in snapshot.table("reviews", ["review_id", "text"]).to_pylist()}
    for row in snapshot.table("mentions").to_pylist():
        text = texts[row["review_id"]]
        clause = text[row["clause_start"] : row["clause_end"]]
        assert clause
        assert text[row["clause_end"]] == "."
        assert text[row["phrase_start"] : row["phrase_end"]].lower() == row["phrase"].lower()
        if row["aspect"] is not None:
            assert text[row["aspect_start"] : row["aspect_end"]].lower() == row["aspect"].lower()
        assert row["clause_start"] <= row["phrase_start"] < row["phrase_end"] <= row["clause_end"]


def test_the_same_workspace_is_used_again_and_no_other_folder_is_written_to(drawn, tmp_path):
    before = drawn.current().id
    assert prepared(drawn.path, 300, 900, lambda *_: None).current().id == before
    with pytest.raises(VocError, match="another size"):
        prepared(drawn.path, 400, 900, lambda *_: None)
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(VocError, match="not empty"):
        prepared(tmp_path, 300, 900, lambda *_: None)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_one_more_export_adds_reviews(drawn, tmp_path):
    shutil.copytree(drawn.path, tmp_path / "copy")
    copy = type(drawn)(tmp_path / "copy")
    snapshot = one_more_export(copy, 5)
    assert snapshot.rows("reviews") == 305
    assert snapshot.rows("imports") == 3
    names = ("reviews", "readings", "mentions", "themes")
    assert Facts(**{name: snapshot.table(name) for name in names}).index.size == 305


def test_every_page_has_interactions_that_are_told_apart():
    assert {one.page for one in INTERACTIONS} <= set(nav.PAGES)
    said = [(one.page, one.what) for one in INTERACTIONS]
    assert len(set(said)) == len(said)


@pytest.mark.browser
@needs_chromium
def test_the_app_is_measured_with_a_browser(drawn, tmp_path):
    output = tmp_path / "app.json"
    arguments = ["benchmark", "app", "--reviews", "300", "--people", "1", "--pages", "overview", "-o", str(output)]
    # In a process of its own: other tests of this one may hold a browser open, and Playwright allows one at a time.
    program = [sys.executable, "-c", "from voc.cli import main; main()"]
    done = subprocess.run([*program, *arguments, "--workspace", str(drawn.path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(output.read_text())
    interactions = [one for one in INTERACTIONS if one.page == "overview"]
    assert len(found["interactions"]) == len(interactions)
    assert found["not_there"] == []
    for one in found["interactions"]:
        assert 0 < one["again"] < 60
        assert 0 < one["first"] < 60
    assert found["together"]["peak_bytes"] > 10**8
    assert found["new_export"]["shown"], found["new_export"]
    assert found["first_page"]["new"]["empty"] < found["first_page"]["new"]["app"]
    assert len(table(found)) == len(interactions) + 7
    assert drawn.current().rows("reviews") == 300
