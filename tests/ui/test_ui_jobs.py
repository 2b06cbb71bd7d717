import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from voc.config import Config
from voc.errors import VocError
from voc.ui.analysing.jobs import Batch, Job, Jobs
from voc.ui.analysing.running import duration


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


REPORT = '{"reports": [{"reports": [], "reviews_new": 3, "mentions_new": 5, "themes": 1, "messages": []}]}'


def script(*lines):
    return (sys.executable, "-c", "\n".join(["import sys, time, json", "task = json.load(sys.stdin)", *lines]))


def ended(job, seconds=20):
    until = time.time() + seconds
    while (job.state == "running" or job.ended is None) and time.time() < until:
        time.sleep(0.02)
    return job


def start(jobs, command, path="w", **options):
    return jobs.start(
        [Batch([Path("a.csv")], {"rating": "Score"})], workspace=path, config=Config(), command=command, **options
    )


def test_progress_is_followed_and_the_uploads_are_removed():
    uploads = tempfile.TemporaryDirectory()
    (Path(uploads.name) / "a.csv").write_text("raw")
    job = start(
        Jobs(),
        script("print(json.dumps({'stage': 'Reading', 'done': 2, 'total': 4}), flush=True)", f"print('{REPORT}')"),
        uploads=uploads,
    )
    ended(job)
    assert (job.state, job.stage, job.share()) == ("done", "Reading", 0.5)
    assert job.reports[0]["reviews_new"] == 3
    assert not Path(uploads.name).exists()
    assert not Path("w").exists()


def test_the_task_holds_files_mapping_and_configuration():
    job = ended(start(Jobs(), script("print(json.dumps({'error': json.dumps(task)}))", "sys.exit(1)")))
    assert '"mapping": {"rating": "Score"}' in job.error
    assert '"paths": ["a.csv"]' in job.error
    assert '"confidence": 0.9' in job.error


def test_a_refusal_is_shown_as_its_sentence():
    job = ended(start(Jobs(), script("print(json.dumps({'error': 'a.csv is empty.'}))", "sys.exit(1)")))
    assert (job.state, job.error) == ("failed", "a.csv is empty.")


def test_a_crash_names_its_last_line_and_no_traceback():
    job = ended(start(Jobs(), script("raise ZeroDivisionError('nothing to divide')")))
    assert job.state == "failed"
    assert "ZeroDivisionError: nothing to divide" in job.error
    assert "Traceback" not in job.error


def test_one_analysis_at_a_time_and_stopping_it():
    jobs = Jobs()
    job = start(jobs, script("time.sleep(60)"))
    with pytest.raises(VocError, match="already running"):
        start(jobs, script("pass"))
    other = start(jobs, script(f"print('{REPORT}')"), path="other")
    jobs.stop("w")
    assert ended(job).state == "stopped"
    assert job.process.wait(10) != 0
    assert ended(other).state == "done"
    jobs.dismiss("w")
    assert jobs.latest("w") is None


def test_a_killed_process_is_said_to_have_been_ended_from_outside():
    job = ended(start(Jobs(), script("import os, signal", "os.kill(os.getpid(), signal.SIGKILL)")))
    assert job.state == "failed"
    assert "ended from outside" in job.error


def test_the_real_worker_refuses_an_empty_file_with_a_sentence_and_stores_nothing(tmp_path):
    export = tmp_path / "empty.csv"
    export.write_bytes(b"")
    jobs = Jobs()
    job = jobs.start([Batch([export], {})], workspace=tmp_path / "w", config=Config())
    ended(job, 120)
    assert job.state == "failed"
    assert "empty.csv" in job.error
    assert "Traceback" not in job.error
    assert not (tmp_path / "w").exists()


def test_the_time_left_follows_the_pace_of_the_stage():
    job = start(Jobs(), script("time.sleep(60)"))
    try:
        assert job.seconds_left() is None
        job.done, job.total, job.stage_started = 25, 100, time.time() - 10
        assert job.seconds_left() == pytest.approx(30, rel=0.1)
        job.done = 100
        assert job.seconds_left() is None
    finally:
        job.process.kill()


@pytest.mark.parametrize(("seconds", "words"), [(48.2, "48 s"), (185, "3 min 5 s"), (3840, "1 h 4 min")])
def test_duration(seconds, words):
    assert duration(seconds) == words


def test_the_time_left_of_the_whole_run_follows_the_last_run():
    job = Job(["a.csv"], started=time.time() - 20)
    job.stage, job.done, job.total, job.stage_started = "Reading reviews", 50, 100, time.time() - 10
    before = {"ingest": 10.0, "extract": 40.0, "themes": 40.0, "insights": 10.0}
    # Reading takes 20 s at its pace, so do the themes, and the ranking a quarter of that.
    assert job.whole_left(before) == pytest.approx(10 + 20 + 5, rel=0.1)
    job.stage, job.total, job.stage_started = "Finding themes", None, time.time()
    assert job.whole_left(before) == pytest.approx(20 * (0.5 / 0.5), rel=0.1)
    assert job.whole_left({"ingest": 10.0}) is not None


def test_an_analysis_is_found_after_its_server_died_and_goes_on_or_goes_away(tmp_path):
    uploads = tempfile.TemporaryDirectory()
    export = Path(uploads.name) / "a.csv"
    export.write_text("raw")
    first = Jobs()
    job = first.start(
        [Batch([export], {})],
        workspace="w",
        config=Config(),
        uploads=uploads,
        command=script("print(json.dumps({'stage': 'Reading', 'done': 1, 'total': 2}), flush=True)", "time.sleep(60)"),
    )
    os.kill(job.process.pid, signal.SIGKILL)
    ended(job)
    # Another server, or the same one started anew, knows nothing but what lies in the workspace.
    second = Jobs()
    found = second.latest("w")
    assert (found.state, found.files) == ("interrupted", ["a.csv"])
    assert Path("w/pending").stat().st_mode & 0o077 == 0
    again = second.resume("w", script("print(json.dumps({'error': open(task['batches'][0]['paths'][0]).read()}))"))
    assert ended(again).error == "raw"
    second.dismiss("w")
    assert second.latest("w") is None
    assert not Path("w").exists()
    with pytest.raises(VocError, match="no interrupted analysis"):
        second.resume("w")


def test_another_server_sees_a_running_analysis_and_can_stop_it(tmp_path):
    code = (
        "import os; from voc.ui.analysing.pending import Pending; from pathlib import Path\n"
        "pending = Pending(Path(task['pending']))\n"
        "with pending.hold():\n"
        "    pending.note({'stage': 'Reading reviews', 'done': 5, 'total': 9})\n"
        "    time.sleep(60)"
    )
    job = start(Jobs(), script(code))
    other = Jobs()
    until = time.time() + 30
    while other.latest("w").stage != "Reading reviews" and time.time() < until:
        time.sleep(0.05)
    seen = other.latest("w")
    assert (seen.state, seen.stage, seen.share()) == ("running", "Reading reviews", 5 / 9)
    with pytest.raises(VocError, match="already running"):
        start(other, script("pass"))
    other.stop("w")
    assert job.process.wait(10) == -signal.SIGTERM


def test_worker_is_light_until_it_has_its_task():
    code = "import sys, voc.ui.analysing.worker; assert not {'torch', 'spacy', 'streamlit'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
