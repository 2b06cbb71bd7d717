"""`voc reanalyse`, `voc snapshots` and `voc prune`."""

import csv
import io
import json

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from voc import tables
from voc.store import Workspace


@pytest.fixture
def beside(workspace):
    """Put a state beside the workspace's own: other weights found one trouble with a button less, and a ranking."""
    place = Workspace(workspace)
    with place.writing() as writer:
        base = writer.base
        mentions = base.table("mentions").filter(pc.not_equal(base.table("mentions")["mention_id"], "m29"))
        mentions = tables.with_column("mentions", mentions, "model_version", ["test-2"] * mentions.num_rows)
        readings = base.table("readings")
        readings = tables.with_column("readings", readings, "model_version", ["test-2"] * readings.num_rows)
        ranked = base.table("opportunities")
        ranks = [3 - rank if rank < 3 else rank for rank in ranked["rank"].to_pylist()]
        ranked = tables.with_column("opportunities", ranked, "rank", pa.array(ranks, pa.int32()))
        made = {"mentions": mentions, "readings": readings, "opportunities": ranked}
        shared = ("reviews", "imports", "rejects", "summaries", "products")
        about = {"model": "test-2"}
        config = {"insights": {"bootstrap": 100, "min_reviews": 5}}
        writer.propose(on=base, replace=made, shared=shared, info={"reanalysis": about, "entries": 0, "config": config})
    return workspace


def test_what_moves_is_printed_with_its_causes(voc, beside):
    result = voc("reanalyse", "--compare", "--workspace", beside)
    assert result.exit_code == 0, result.stderr
    assert "button: sticks" in result.stdout
    assert "2 (2-2) → 1 (2-2)" in result.stdout
    assert "−1 not read any more" in result.stdout
    said = " ".join(result.stdout.split())
    assert "What to improve first is button: sticks now (number 2 before), and was cable: frays near the" in said
    assert "1 mention came into a theme, left one or went to another: 100% because the model reads otherwise." in said
    assert "read by test-2 (90)" in result.stdout
    assert "Set otherwise: insights.min_reviews 3 -> 5." in " ".join(result.stdout.split())
    assert "voc reanalyse --switch" in result.stdout


def test_every_format_has_every_theme(voc, beside):
    document = json.loads(voc("reanalyse", "--compare", "-w", beside, "--format", "json").stdout)
    assert document["beside"]
    assert document["mentions"]["only_before"] == {"pain": 1}
    by_id = {one["after_id"]: one for one in document["themes"]}
    button = by_id["t-button"]
    assert (button["moved"], button["lost"]["found"], button["mentions_after"]) == ("up 1", 1, 9)
    [example] = button["examples"] or [None]
    assert example is None or example["text"].startswith("=HYPERLINK")
    rows = list(csv.DictReader(io.StringIO(voc("reanalyse", "--compare", "-w", beside, "--format", "csv").stdout)))
    assert {row["theme_id"]: row["lost_found"] for row in rows} == {"t-button": "1", "t-cable": "0"}
    assert {row["theme_id"]: (row["rank_before"], row["rank_after"]) for row in rows}["t-cable"] == ("1", "2")
    markdown = voc("reanalyse", "--compare", "-w", beside, "--format", "markdown").stdout
    assert markdown.startswith("## What the reanalysis moves")
    assert "not read any more" in markdown


def test_a_hidden_theme_is_left_out_and_a_renamed_one_has_its_name(voc, beside):
    Workspace(beside).entries.hide_theme("t-button")
    Workspace(beside).entries.rename_theme("t-cable", "Cable breaks")
    document = json.loads(voc("reanalyse", "--compare", "-w", beside, "--format", "json").stdout)
    assert [one["name"] for one in document["themes"]] == ["Cable breaks"]


def test_the_switch_is_one_step_that_can_be_gone_back_from(voc, beside):
    before = Workspace(beside).current().id
    result = voc("reanalyse", "--switch", "-w", beside)
    assert result.exit_code == 0, result.stderr
    assert f"voc snapshots --restore {before}" in result.stdout
    now = Workspace(beside).current()
    assert now.rows("mentions") == 29
    listed = json.loads(voc("snapshots", "-w", beside, "--format", "json").stdout)
    assert [(one["snapshot_id"], one["models"], one["mentions"]) for one in listed] == [
        (now.id, "test-2", 29),
        (before, "test-1", 30),
    ]
    # Without one beside, the last change of the weights is shown.
    after = json.loads(voc("reanalyse", "--compare", "-w", beside, "--format", "json").stdout)
    assert not after["beside"]
    assert after["before"]["snapshot_id"] == before
    back = voc("snapshots", "--restore", before, "-w", beside)
    assert back.exit_code == 0, back.stderr
    assert f"The state before this is snapshot {now.id}." in back.stdout
    assert Workspace(beside).current().rows("mentions") == 30
    assert len(Workspace(beside).snapshots()) == 3


def test_going_back_names_the_files_that_are_run_again(voc, workspace):
    place = Workspace(workspace)
    before = place.current().id
    import_ = {**place.current().table("imports").to_pylist()[0], "import_id": "i3", "file": "monday.csv"}
    with place.writing() as writer:
        writer.commit(append={"imports": tables.from_rows("imports", [import_])})
    result = voc("snapshots", "--restore", before, "-w", workspace)
    assert "run them again where it is wanted: monday.csv." in result.stdout


def test_it_is_thrown_away(voc, beside):
    before = Workspace(beside).current().id
    result = voc("reanalyse", "--discard", "-w", beside)
    assert result.stdout == "The reanalysis was thrown away; the current state is as it was.\n"
    assert (Workspace(beside).current().id, Workspace(beside).candidate()) == (before, None)
    again = voc("reanalyse", "--discard", "-w", beside)
    assert again.exit_code == 1
    assert "There is no reanalysis beside the current state" in again.stderr


@pytest.mark.parametrize("arguments", [["--compare", "--switch"], ["--switch", "--model", "x"], ["--discard", "--all"]])
def test_what_does_not_go_together_is_wrong_usage(voc, workspace, arguments):
    assert voc("reanalyse", *arguments, "-w", workspace).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--switch"], "There is no reanalysis beside the current state; make one with `voc reanalyse`."),
        (["--compare"], "There is no reanalysis to compare with; make one with `voc reanalyse --model NAME`."),
        (["--model", "none"], "There is no model 'none'"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(voc, workspace, arguments, said):
    result = voc("reanalyse", *arguments, "-w", workspace)
    assert result.exit_code == 1
    assert said in result.stderr


@pytest.mark.parametrize("command", [["reanalyse"], ["snapshots"], ["prune"]])
def test_without_an_analysis_there_is_nothing_to_do(voc, tmp_path, command):
    result = voc(*command, "-w", tmp_path / "none")
    assert result.exit_code == 1
    assert "there is no analysis here yet" in result.stderr
    assert not (tmp_path / "none").exists()


def test_an_unknown_snapshot_and_the_current_one_are_not_gone_back_to(voc, workspace):
    current = Workspace(workspace).current().id
    assert "`voc snapshots` lists those that are kept" in voc("snapshots", "--restore", "x", "-w", workspace).stderr
    assert "is the current state already" in voc("snapshots", "--restore", current, "-w", workspace).stderr


def test_pruning_shows_and_removes_what_the_rule_does_not_keep(voc, workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(Workspace.__init__, "__kwdefaults__", {**Workspace.__init__.__kwdefaults__, "grace": 0.0})
    area = [{"area_id": f"a{number}", "name": "x", "synonyms": []} for number in range(4)]
    for number in range(4):
        with Workspace(workspace, keep=9).writing() as writer:
            writer.commit(replace={"areas": tables.from_rows("areas", area[: number + 1])})
    settings = tmp_path / "voc.toml"
    settings.write_text("[workspace]\nkeep = { last = 2 }\n")
    dry = voc("prune", "--dry-run", "-w", workspace, "--config", settings)
    assert dry.exit_code == 0, dry.stderr
    assert dry.stderr.startswith("3 snapshots would be removed, which frees 0.0 MB; 2 stay.")
    assert dry.stdout.count("goes") == 3
    assert len(Workspace(workspace, keep=9).snapshots()) == 5
    done = voc("prune", "-w", workspace, "--config", settings)
    assert done.stderr.startswith("3 snapshots were removed")
    assert len(Workspace(workspace, keep=9).snapshots()) == 2
    settings.write_text("[workspace]\nkeep = { last = 0 }\n")
    assert "workspace.keep.last" in voc("prune", "-w", workspace, "--config", settings).stderr
