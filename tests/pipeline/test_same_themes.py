"""What must not change the themes of an export: its order, a row twice; and what people decided, other weights."""

import csv
import json
import random
import shutil

import pytest

from voc.config import Config
from voc.curation import Curator
from voc.edits import NO_THEME, Correction
from voc.pipeline import apply_edits, run
from voc.resources import models_dir, sample_dir
from voc.store import Workspace
from voc.themes.spans import span_of

ROWS = 600


@pytest.fixture(scope="module")
def rows():
    with (sample_dir() / "reviews.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[: ROWS + 1]


def analysed(place, rows):
    with (place.parent / f"{place.name}.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    report = run([place.parent / f"{place.name}.csv"], workspace=place, config=Config())
    return Workspace(place), report


@pytest.fixture(scope="module")
def first(tmp_path_factory, rows):
    return analysed(tmp_path_factory.mktemp("same") / "first", rows)


def themes(workspace):
    table = workspace.current().table("themes").drop_columns("first_run")
    assert table.num_rows > 5
    return table.sort_by("theme_id").to_pylist()


def theme_of(workspace):
    columns = (
        workspace.current().table("mentions")[name].to_pylist() for name in ("mention_id", "area_id", "theme_id")
    )
    return {mention: found for mention, *found in zip(*columns, strict=True)}


@pytest.mark.parametrize("seed", [1, 2])
def test_an_export_in_another_order_gives_the_same_themes_and_ids(tmp_path, rows, first, seed):
    header, *reviews = rows
    random.Random(seed).shuffle(reviews)
    other, _ = analysed(tmp_path / "shuffled", [header, *reviews])
    assert themes(other) == themes(first[0])
    assert theme_of(other) == theme_of(first[0])


def test_a_row_twice_changes_nothing_and_is_counted(tmp_path, rows, first):
    header, *reviews = rows
    twice = random.Random(3).choices(reviews, k=5)
    other, report = analysed(tmp_path / "twice", [header, *reviews, *twice])
    assert report.reports[0].duplicates == first[1].reports[0].duplicates + 5
    assert themes(other) == themes(first[0])
    assert theme_of(other) == theme_of(first[0])


def test_what_people_decided_stands_when_other_weights_read_everything_anew(tmp_path, first):
    place = tmp_path / "workspace"
    shutil.copytree(first[0].path, place)
    workspace = Workspace(place)
    largest = sorted(workspace.current().table("themes").to_pylist(), key=lambda t: (-t["size"], t["theme_id"]))
    renamed, merged, into, hidden, dismissed, moved = (theme["theme_id"] for theme in largest[:6])
    curator = Curator(workspace)
    curator.rename(renamed, "What breaks first")
    curator.merge(merged, into)
    curator.hide(hidden)
    curator.dismiss(dismissed)
    curator.move(moved, "wiring")
    one = next(m for m in workspace.current().table("mentions").to_pylist() if m["theme_id"] == renamed)
    workspace.entries.correct_mention(Correction(span_of(one), theme_id=NO_THEME))
    apply_edits(workspace, config=Config())

    folder = tmp_path / "other"
    shutil.copytree(models_dir() / "opinions", folder, ignore=shutil.ignore_patterns("labels"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "cuts": {"wish": 0.99}}))
    other = Config.model_validate({"model": {"opinions": str(folder)}})
    with (tmp_path / "more.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["review_id", "body", "rating"], ["NEW1", "The cable frayed at the plug.", "1"]])
    report = run([tmp_path / "more.csv"], workspace=place, config=other)
    assert any("model changed" in message for message in report.messages)

    now = {theme["theme_id"]: theme for theme in workspace.current().table("themes").to_pylist()}
    areas = {area["area_id"]: area["name"] for area in workspace.current().table("areas").to_pylist()}
    assert (now[renamed]["name"], now[renamed]["renamed_by_user"]) == ("What breaks first", True)
    assert (now[merged]["state"], now[dismissed]["state"]) == ("merged", "dismissed")
    assert workspace.entries.hidden_themes() == {hidden}
    assert areas[now[moved]["area_id"]] == "wiring"
    [same] = [m for m in workspace.current().table("mentions").to_pylist() if m["mention_id"] == one["mention_id"]]
    assert same["theme_id"] is None
