"""A run that is killed while it reads goes on where it was, and comes to what an undisturbed one comes to."""

import datetime as dt
import os
import signal
import subprocess
import sys
import time

import pyarrow as pa
import pytest

from voc.config import Config, ModelConfig
from voc.extract import extract
from voc.resuming import extract_in_steps
from voc.store import Workspace
from voc.store.journal import PENDING, Journal
from voc.tables import from_rows

NOW = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
TEXTS = [
    "The cable frays near the plug after two weeks.",
    "Great sound. The battery died after one month, and nobody answered my mail.",
    "Das Kabel ist schlecht.",
    "I wish it had a case.",
]


def reviews(count):
    common = {"channel": "review", "source": "test", "product_id": "p", "import_id": "i", "ingested_at": NOW}
    rows = [
        common
        | {
            "review_id": f"r{i:04}",
            "text": f"{TEXTS[i % 4]} Order {i}.",
            "body": "",
            "language": "de" if i % 4 == 2 else "en",
        }
        for i in range(count)
    ]
    return from_rows("reviews", rows)


@pytest.fixture(scope="module")
def some():
    return reviews(90)


@pytest.mark.parametrize("workers", [1, 2])
def test_steps_add_up_to_what_is_read_at_once(some, tmp_path, workers):
    journal = Journal(tmp_path)
    seen = []
    whole = extract(some, config=ModelConfig())
    stepped = extract_in_steps(
        some, config=ModelConfig(workers=workers), journal=journal, step=32, progress=lambda *told: seen.append(told)
    )
    assert journal.steps() == 3
    for name in ("mentions", "readings", "embeddings"):
        assert getattr(stepped, name).equals(getattr(whole, name)), name
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert {total for _, _, total in seen} == {90}


def test_a_killed_reading_goes_on_where_it_was(some, tmp_path, monkeypatch):
    """A real process is killed with SIGKILL after its first step; the next one reads only the rest."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[2]); import test_resuming as t; from pathlib import Path\n"
        "one, place = t.ModelConfig(workers=1), t.Journal(Path(sys.argv[1]))\n"
        "t.extract_in_steps(t.reviews(90), config=one, journal=place, step=16)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path), os.path.dirname(__file__)])
    journal = Journal(tmp_path)
    until = time.time() + 120
    while not journal.steps() and time.time() < until:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = journal.steps()
    assert kept
    read = []
    from voc.extract import mentions

    real = mentions.extract
    monkeypatch.setattr(mentions, "extract", lambda part, **more: read.append(part.num_rows) or real(part, **more))
    stepped = extract_in_steps(some, config=ModelConfig(workers=1), journal=journal, step=16)
    assert len(read) == 6 - kept
    whole = real(some, config=ModelConfig())
    assert stepped.mentions.equals(whole.mentions)
    assert stepped.embeddings.equals(whole.embeddings)


def test_a_damaged_step_is_read_anew_and_another_model_reads_all_anew(some, tmp_path):
    journal = Journal(tmp_path)
    first = extract_in_steps(some, config=ModelConfig(workers=1), journal=journal, step=64)
    for path in (tmp_path / "reading").iterdir():
        path.write_bytes(path.read_bytes()[:100])
    again = extract_in_steps(some, config=ModelConfig(workers=1), journal=journal, step=64)
    assert again.mentions.equals(first.mentions)
    extract_in_steps(some, config=ModelConfig(languages=["en", "de"], workers=1), journal=journal, step=64)
    assert journal.steps() == 4


def test_forgetting_takes_what_an_interrupted_run_had_read_too(tmp_path):
    place = Workspace(tmp_path / "w")
    with place.writing() as writer:
        writer.commit(replace={"reviews": reviews(3)})
        writer.journal.put("a", {"mentions": pa.table({"phrase": ["secret words"]})})
    pending = tmp_path / "w" / PENDING
    pending.mkdir()
    (pending / "export.csv").write_text("raw")
    assert place.forget(review_id="r0001") == 1
    assert not pending.exists()
    assert not (tmp_path / "w" / "reading").exists()


def test_a_run_that_is_stored_leaves_no_steps(tmp_path, monkeypatch):
    from voc import resuming
    from voc.pipeline import run

    monkeypatch.setattr(resuming.extract_in_steps, "__kwdefaults__", {"progress": None, "step": 16})
    export = tmp_path / "a.csv"
    export.write_text("text\n" + "\n".join(f'"{TEXTS[i % 2]} Bought in shop {i}."' for i in range(40)) + "\n")
    report = run([export], workspace=tmp_path / "w", config=Config.model_validate({"model": {"workers": 1}}))
    assert report.reviews_new == 40
    assert not (tmp_path / "w" / "reading").exists()
