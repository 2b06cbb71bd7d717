"""Scoring in real processes that are killed, run out of disk, or meet each other."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.scoring.exports import write_exports


def killing(mode, kills, folder, exports):
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.scoring.killing", mode, str(kills), str(folder), *map(str, exports)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def scoring(exports, output, *options):
    command = [sys.executable, "-m", "voc.cli", "score", *map(str, exports), "--output", str(output), *options]
    return [*command, "--device", "cpu"]


def test_killed_at_random_moments_nothing_is_lost_and_nothing_is_there_twice(exports, tmp_path):
    found = killing("random", 6, tmp_path / "out", exports)
    assert found["kills"] == 6
    assert found["different"] == 0


@pytest.mark.slow
def test_killed_a_hundred_times(exports, tmp_path):
    found = killing("random", 100, tmp_path / "out", exports)
    assert (found["kills"], found["different"]) == (100, 0)


@pytest.mark.slow
def test_killed_before_and_after_every_step_that_lasts(exports, tmp_path):
    found = killing("steps", 0, tmp_path / "out", exports)
    assert found["kills"] > 40
    assert found["different"] == 0


@pytest.fixture
def small_disk(tmp_path):
    """Return a folder on a file system of its own of 1 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_one_sentence_and_space_lets_it_go_on(exports, small_disk, same, run):
    from voc.errors import VocError

    output = small_disk / "mentions.parquet"
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (1 << 20))
    said = []
    # From no room at all, in which nothing can even begin, to enough, a little more at a time.
    for room in range(0, 1 << 20, 40_000):
        os.truncate(filler, (1 << 20) - room)
        try:
            run(exports, output, resume=True)
            break
        except VocError as error:
            said.append(str(error))
            assert not output.exists()
    filler.unlink()
    assert same(output)
    assert len(said) > 3
    for sentence in said:
        assert "the disk is full; nothing is lost" in sentence or "No space left on device" in sentence
        assert sentence.count(".") - sentence.count(".parquet") == 1


def test_two_processes_at_once(tmp_path):
    exports = write_exports(tmp_path, 3000)
    output = tmp_path / "mentions.parquet"
    first = subprocess.Popen(scoring(exports, output), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        lock = tmp_path / ".mentions.parquet.parts" / "ledger.sqlite"
        until = time.monotonic() + 120
        while not lock.exists():
            assert time.monotonic() < until
            assert first.poll() is None
            time.sleep(0.1)
        # Held still, so that it cannot have finished before the second is refused.
        first.send_signal(signal.SIGSTOP)
        second = subprocess.run(scoring(exports, output), capture_output=True, text=True, check=False)
    finally:
        first.send_signal(signal.SIGCONT)
        first.send_signal(signal.SIGINT)
        said = first.communicate()[1]
    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.splitlines()[-1].startswith(f"Error: {output}: process {first.pid} since ")
    assert first.returncode == 130
    assert said.splitlines()[-1].startswith("Stopped; what was done is kept")
