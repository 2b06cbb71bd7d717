"""Reading everything anew beside the current state: what stands where, what people decided, what a kill leaves."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from voc.config import Config
from voc.curation import Curator
from voc.errors import VocError, WorkspaceBusyError
from voc.extract.reader import load_reader
from voc.pipeline import run
from voc.reanalysis import compare, discard, making, reanalyse, switch
from voc.resources import models_dir
from voc.store import Workspace
from voc.store.journal import REANALYSING, OpenJournal
from voc.store.lock import WriterLock

TROUBLES = [
    "The cable frays near the plug.",
    "The cable frayed at the plug after {} days.",
    "Cable started fraying where the plug is.",
    "The battery died after {} weeks.",
    "Battery does not hold a charge.",
    "The battery drains within {} hours.",
]
FINE = "I wish it had a case number {}."
SETTINGS = {"themes": {"min_mentions": 5, "min_size": 3}, "insights": {"bootstrap": 100}}


def export(path, numbers):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["review_id", "date", "product", "body", "rating"])
        for number in numbers:
            text = (FINE if number % 7 == 6 else TROUBLES[number % 7]).format(number)
            writer.writerow([f"R{number}", f"2024-01-{1 + number % 28:02d}", "Cable", text, 1 + number % 5])
    return path


def weights(folder, **cuts):
    """Make weights that read otherwise: a copy of the shipped ones with other cuts."""
    shutil.copytree(models_dir() / "opinions", folder, ignore=shutil.ignore_patterns("labels", "leave*"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "cuts": {**config["cuts"], **cuts}}))
    return Config.model_validate({**SETTINGS, "model": {"opinions": str(folder), "workers": 1}})


@pytest.fixture(scope="module")
def analysed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("analysed")
    run([export(folder / "a.csv", range(60))], workspace=folder / "w", config=Config.model_validate(SETTINGS))
    assert Workspace(folder / "w").current().rows("themes") > 1
    return folder / "w"


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return weights(tmp_path_factory.mktemp("models") / "bolder", wish=0.0, phrase={"review": 0.2})


@pytest.fixture(scope="module")
def reanalysed(analysed, other, tmp_path_factory):
    """Return a workspace with a reanalysis beside, made after somebody had changed themes and taken a decision."""
    place = Workspace(shutil.copytree(analysed, tmp_path_factory.mktemp("reanalysed") / "w"))
    themes = [row["theme_id"] for row in place.current().table("themes").to_pylist() if row["state"] == "active"]
    Curator(place).rename(themes[0], "What frays")
    place.entries.add_decision(themes[1], "Mend it")
    report = reanalyse(place, config=other)
    assert report.read == 60
    return place.path


@pytest.fixture
def place(reanalysed, tmp_path):
    return Workspace(shutil.copytree(reanalysed, tmp_path / "w"))


def versions(snapshot):
    return set(snapshot.table("readings")["model_version"].to_pylist()) | set(
        snapshot.table("mentions")["model_version"].to_pylist()
    )


def test_the_current_state_stays_until_the_switch_and_can_be_gone_back_to(place, analysed):
    before, beside = place.current(), place.candidate()
    assert before.id == Workspace(analysed).current().id
    assert {version.split("-")[0] for version in versions(before)} == {"opinions"}
    assert {version.split("-")[0] for version in versions(beside)} == {"bolder"}
    assert not (place.path / REANALYSING).exists()
    done = switch(place, config=Config())
    assert (done.before, done.new, done.gone) == (before.id, 0, 0)
    now = place.current()
    assert now.table("mentions").equals(beside.table("mentions"))
    assert now.index.is_file()
    assert place.candidate() is None
    assert [snapshot.id for snapshot in place.snapshots()] == [now.id, before.id]
    # A later run without a configuration goes on with the new weights.
    assert Config.model_validate(now.info["config"]).model.opinions.endswith("bolder")
    with pytest.raises(VocError, match="no reanalysis"):
        switch(place, config=Config())


def test_a_run_that_names_no_weights_goes_on_with_those_switched_to(place, tmp_path, monkeypatch):
    switch(place, config=Config())
    read = counted(monkeypatch)
    run([export(tmp_path / "b.csv", [60])], workspace=place, config=Config.model_validate(SETTINGS))
    assert read == [1]
    assert {version.split("-")[0] for version in versions(place.current())} == {"bolder"}
    # Whoever names weights gets those.
    named = Config.model_validate({**SETTINGS, "model": {"opinions": "opinions"}})
    run([export(tmp_path / "c.csv", [61])], workspace=place, config=named)
    assert {version.split("-")[0] for version in versions(place.current())} == {"opinions"}


def test_what_people_decided_holds_in_it(place):
    old = {row["theme_id"]: row for row in place.current().table("themes").to_pylist()}
    new = {row["theme_id"]: row for row in place.candidate().table("themes").to_pylist()}
    renamed = next(iter(place.entries.theme_names()))
    [decision] = place.entries.decisions()
    assert (new[renamed]["name"], new[renamed]["state"]) == ("What frays", "active")
    assert new[decision["theme_id"]]["state"] == "active"
    assert old.keys() & new.keys() == old.keys()
    # What somebody decides while it stands there is in it after the switch.
    Curator(place).rename(decision["theme_id"], "What dies")
    switch(place, config=Config())
    names = {row["theme_id"]: row["name"] for row in place.current().table("themes").to_pylist()}
    assert (names[renamed], names[decision["theme_id"]]) == ("What frays", "What dies")


def test_runs_go_on_beside_it_and_the_switch_brings_them_in(place, tmp_path, monkeypatch):
    settings = Config.model_validate(SETTINGS)
    edited = tmp_path / "b.csv"
    export(edited, [*range(60, 66)])
    with edited.open("a", encoding="utf-8") as file:
        file.write("R3,2024-02-01,Cable,The battery leaked acid.,1\n")
    report = run([edited], workspace=place, config=settings)
    assert report.reviews_new == 7
    assert any("--switch` brings what is new" in message for message in report.messages)
    assert {version.split("-")[0] for version in versions(place.current())} == {"opinions"}
    assert place.candidate().rows("reviews") == 60
    read = counted(monkeypatch)
    done = switch(place, config=settings)
    assert (done.new, done.gone, sum(read)) == (7, 1, 7)
    now = place.current()
    assert {version.split("-")[0] for version in versions(now)} == {"bolder"}
    assert sorted(now.table("readings")["review_id"].to_pylist()) == sorted(f"R{number}" for number in range(66))
    texts = dict(zip(*(now.table("reviews")[name].to_pylist() for name in ("review_id", "text")), strict=True))
    assert "leaked" in texts["R3"]
    mentions = now.table("mentions")
    assert len(set(mentions["mention_id"].to_pylist())) == mentions.num_rows
    assert now.rows("imports") == 2
    assigned = set(now.table("assignments")["mention_id"].to_pylist())
    assert assigned == set(mentions["mention_id"].to_pylist())


def counted(monkeypatch):
    """Return a list that every reading adds the number of its reviews to."""
    from voc.extract import mentions

    read, real = [], mentions.extract
    monkeypatch.setattr(mentions, "extract", lambda part, **more: read.append(part.num_rows) or real(part, **more))
    monkeypatch.setattr("voc.extract.extract", mentions.extract, raising=False)
    return read


def test_weights_that_changed_in_their_place_wait_for_the_switch_too(analysed, tmp_path, monkeypatch):
    """As after an upgrade of voc: the weights before are gone, and a run must not switch everything in."""
    place = Workspace(shutil.copytree(analysed, tmp_path / "w"))
    config = weights(tmp_path / "mine")
    run([export(tmp_path / "b.csv", [60])], workspace=place, config=config)  # read by "mine" from here on
    weights(tmp_path / "next", wish=0.0)
    shutil.copy(tmp_path / "next" / "config.json", tmp_path / "mine" / "config.json")
    load_reader.cache_clear()  # another process would have none
    reanalyse(place, config=config)
    before = place.current().table("mentions")
    read = counted(monkeypatch)
    report = run([export(tmp_path / "c.csv", [61, 62])], workspace=place, config=config)
    assert sum(read) == 2
    assert any("61 earlier reviews are as the model before read them" in message for message in report.messages)
    assert place.current().table("mentions").slice(0, before.num_rows).equals(before)
    assert len(versions(place.current())) == 2
    assert switch(place, config=config).new == 2
    assert len(versions(place.current())) == 1


def test_a_second_one_goes_on_from_the_first_or_is_refused(place, other, tmp_path, monkeypatch):
    read = counted(monkeypatch)
    first = place.candidate().id
    assert reanalyse(place, config=other).candidate.id == first
    assert not read
    with pytest.raises(VocError, match=r"A reanalysis by bolder-[0-9a-f]+ stands there already"):
        reanalyse(place, config=Config.model_validate(SETTINGS))
    assert discard(place, config=other)
    assert not discard(place, config=other)
    with pytest.raises(VocError, match="All 60 reviews were read by opinions-"):
        reanalyse(place, config=Config.model_validate(SETTINGS))
    # Other settings of themes need no reading.
    larger = Config.model_validate({**SETTINGS, "themes": {"min_mentions": 5, "min_size": 5}})
    assert reanalyse(place, config=larger).read == 0
    assert not read
    assert compare(place.current(), place.candidate()).settings == [("themes.min_size", 3, 5)]


def test_one_process_at_a_time_makes_one(place, other):
    lock = WriterLock(place.path / "reanalysis.lock", "a reanalysis is being made")
    lock.acquire(0)
    try:
        with pytest.raises(WorkspaceBusyError, match=f"a reanalysis is being made by process {os.getpid()}"):
            reanalyse(place, config=other)
    finally:
        lock.release()


def test_what_is_forgotten_or_edited_while_it_reads_is_not_in_it(analysed, other, tmp_path, monkeypatch):
    place = Workspace(shutil.copytree(analysed, tmp_path / "w"))
    real, calls = making.analyse, []
    edited = export(tmp_path / "edited.csv", [])
    with edited.open("a", encoding="utf-8") as file:
        file.write("R4,2024-02-01,Cable,After a month of that the battery leaked acid.,1\n")

    def forgetting(task, **more):
        done = real(task, **more)
        calls.append(task.reviews.num_rows)
        if len(calls) == 1:
            assert place.forget(review_id="R3") == 1
            run([edited], workspace=place, config=Config.model_validate(SETTINGS))
            # What would be read now may not be kept any more.
            more["journal"].put("step", {"mentions": pa.table({"phrase": ["frays"]})})
            assert not more["journal"].steps()
        return done

    monkeypatch.setattr(making, "analyse", forgetting)
    read = counted(monkeypatch)
    reanalyse(place, config=other)
    # The edited review is read by the run, and once more here: what was read of its text before is of no use.
    assert (calls, read) == ([60, 59], [60, 1, 1])
    beside = place.candidate()
    text = beside.texts(["R4"])["R4"]
    mentions = [row for row in beside.table("mentions").to_pylist() if row["review_id"] == "R4"]
    assert [row["phrase"] for row in mentions if row["kind"] == "pain"]
    for row in mentions:
        assert not row["phrase"] or text[row["phrase_start"] : row["phrase_end"]] == row["phrase"]
    for name in ("reviews", "readings", "mentions"):
        assert "R3" not in beside.table(name)["review_id"].to_pylist()
    quotes = pc.list_flatten(beside.table("opportunities")["quotes"]).combine_chunks()
    assert "R3" not in quotes.field("review_id").to_pylist()
    assert not (place.path / REANALYSING).exists()


def test_what_is_forgotten_while_it_stands_there_leaves_its_figures_at_the_switch(place):
    assert place.forget(review_id="R3") == 1
    assert place.candidate().info["stale"]
    switch(place, config=Config())
    now = place.current()
    assert "stale" not in now.info
    assert now.rows("reviews") == 59
    quotes = pc.list_flatten(now.table("opportunities")["quotes"]).combine_chunks()
    assert "R3" not in quotes.field("review_id").to_pylist()


def test_one_that_is_killed_while_it_reads_goes_on_where_it_was(analysed, other, tmp_path, monkeypatch):
    """A real process is killed with SIGKILL after some steps; the old state is whole, and the next reads the rest."""
    place = Workspace(shutil.copytree(analysed, tmp_path / "w"))
    code = (
        "import sys; from voc import resuming; from voc.config import Config; from voc.reanalysis import reanalyse\n"
        "resuming.extract_in_steps.__kwdefaults__['step'] = 8\n"
        "reanalyse(sys.argv[1], config=Config.model_validate_json(sys.argv[2]))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(place.path), other.model_dump_json()])
    journal = OpenJournal(place.path, REANALYSING)
    until = time.time() + 120
    while not journal.steps() and time.time() < until:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = journal.steps()
    assert kept > 0
    assert place.candidate() is None
    assert place.current().id == Workspace(analysed).current().id
    from voc import resuming

    monkeypatch.setitem(resuming.extract_in_steps.__kwdefaults__, "step", 8)
    read = counted(monkeypatch)
    assert reanalyse(place, config=other).read == 60
    assert len(read) == 8 - kept
    assert not journal.steps()
    undisturbed = Workspace(shutil.copytree(analysed, tmp_path / "undisturbed"))
    reanalyse(undisturbed, config=other)
    for name in ("mentions", "readings", "assignments", "opportunities"):
        assert place.candidate().table(name).equals(undisturbed.candidate().table(name)), name


def test_an_unfinished_one_is_thrown_away_too(analysed, other, tmp_path):
    place = Workspace(shutil.copytree(analysed, tmp_path / "w"))
    journal = OpenJournal(place.path, REANALYSING)
    journal.begin()
    journal.put("step", {"mentions": pa.table({"phrase": ["frays"]})})
    assert discard(place, config=other)
    assert not (place.path / REANALYSING).exists()


def test_there_must_be_something_to_reanalyse(tmp_path):
    with pytest.raises(VocError, match="no analysis here yet"):
        reanalyse(tmp_path / "none", config=Config())
    assert not (tmp_path / "none").exists()
    assert not discard(tmp_path / "none", config=Config())


def test_comparing_says_which_mentions_moved_a_theme(place):
    found = compare(place.current(), place.candidate())
    assert found.before["models"].keys() != found.after["models"].keys()
    assert found.same + sum(found.only_after.values()) == found.after["mentions"]
    assert found.same + sum(found.only_before.values()) == found.before["mentions"]
    assert found.themes
    for one in found.themes:
        assert one.mentions_after == one.kept + sum(one.gained.values())
        assert one.mentions_before == one.kept + sum(one.lost.values())
    texts = place.current().texts([e["review_id"] for one in found.themes for e in one.examples])
    for one in found.themes:
        for example in one.examples:
            assert texts[example["review_id"]][example["start"] : example["end"]] == example["text"]
            assert bool(example["theme"]) == (example["cause"] == "theme")
