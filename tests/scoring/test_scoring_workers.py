"""Scoring and reading shared by several processes: the same bytes, whoever of them dies."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.scoring.exports import write_exports
from voc.config import Config, ModelConfig
from voc.errors import VocError
from voc.workers import processes, shared

TWO = Config.model_validate({"model": {"device": "cpu", "workers": 2}})


def test_two_processes_write_the_same_bytes_as_one(exports, run, same, tmp_path):
    output = tmp_path / "mentions.parquet"
    assert run(exports, output, config=TWO).parts > 2
    assert same(output)


def dies_once(item):
    """Fail as a process does that the system kills for want of memory, the first time that it is given 3."""
    place, mark = item
    if place == 3 and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return place * 2


def dies(_):
    os.kill(os.getpid(), signal.SIGKILL)


def refuses(item):
    raise VocError(f"{item} cannot be read.")


def test_what_a_killed_process_had_is_done_again_and_nothing_twice(tmp_path):
    items = [(place, str(tmp_path / "died")) for place in range(9)]
    found = list(shared(dies_once, items, 2))
    assert sorted(result for _, result in found) == [2 * place for place in range(9)]
    assert all(result == 2 * items[place][0] for place, result in found)
    assert (tmp_path / "died").exists()


def test_processes_that_always_die_end_in_a_sentence():
    with pytest.raises(VocError, match=r"ended from outside again and again.*workers = 1"):
        list(shared(dies, [1, 2], 2))


def test_what_is_raised_in_a_process_is_raised_here():
    with pytest.raises(VocError, match=r"^a cannot be read\.$"):
        list(shared(refuses, ["a"], 2))


def test_ctrl_c_while_processes_start_is_not_lost(monkeypatch):
    from voc import workers

    executor = workers._executor(2)
    submit, readers = executor.submit, []

    def interrupted(*args):
        future = submit(*args)
        readers.extend(executor._processes)
        os.kill(os.getpid(), signal.SIGINT)
        return future

    monkeypatch.setattr(executor, "submit", interrupted)
    monkeypatch.setattr(workers, "_executor", lambda count: executor)
    with pytest.raises(KeyboardInterrupt):
        list(shared(str, [1, 2, 3], 2))
    assert len(readers) == 2
    until(lambda: not [one for one in readers if Path(f"/proc/{one}").exists()], 20)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_how_many_processes_share_the_work(monkeypatch):
    from voc import workers

    monkeypatch.setattr(workers, "_cores", lambda: 16)
    monkeypatch.setattr(workers, "_memory", lambda: 64 * 10**9)
    cpu = ModelConfig(device="cpu")
    assert [processes(cpu, items) for items in (0, 1, 3, 4, 100)] == [1, 1, 1, 2, 16]
    assert processes(ModelConfig(device="cuda"), 100) == 8
    assert processes(ModelConfig(device="cpu", workers=3), 100) == 3
    assert processes(ModelConfig(device="cpu", workers=3), 2) == 2
    monkeypatch.setattr(workers, "_memory", lambda: 4 * 10**9)
    assert processes(cpu, 100) == 2
    monkeypatch.setattr(workers, "_can_share", lambda: False)
    assert processes(cpu, 100) == 1


def started(exports, output, **options):
    settings = output.with_suffix(".toml")
    settings.write_text("[model]\nworkers = 2\n")
    command = [sys.executable, "-m", "voc.cli", "score", *map(str, exports), "--output", str(output)]
    return subprocess.Popen([*command, "--device", "cpu", "--config", str(settings)], **options)


def readers_of(pid):
    """Return the processes that a process has started, as Linux lists them."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(place.read_bytes().rpartition(b")")[2].split()[1]) == pid:
                found.append(int(place.parent.name))
    return found


def until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_one_that_started_it(tmp_path, ending):
    exports = write_exports(tmp_path, 9000)
    process = started(
        exports,
        tmp_path / "m.parquet",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        until(lambda: len(readers_of(process.pid)) >= 2 or process.poll() is not None)
        readers = readers_of(process.pid)
        assert process.poll() is None
    finally:
        if ending == signal.SIGINT:
            os.killpg(process.pid, ending)  # a terminal tells all of them
        else:
            process.kill()
    said = process.communicate()[1]
    until(lambda: not [one for one in readers if Path(f"/proc/{one}").exists()], 20)
    assert "Traceback" not in said, said
    if ending == signal.SIGINT:
        assert process.returncode == 130, said
        assert said.splitlines()[-1].startswith("Stopped; what was done is kept")


@pytest.mark.slow
def test_killed_with_its_processes_again_and_again_the_bytes_are_the_same(tmp_path):
    """Thirty times the command or one of its processes is killed at a random moment; a process alone is replaced."""
    exports = write_exports(tmp_path, 9000)
    (tmp_path / "undisturbed").mkdir()
    undisturbed, output = tmp_path / "undisturbed" / "m.parquet", tmp_path / "m.parquet"
    began = time.monotonic()
    assert started(exports, undisturbed).wait() == 0
    whole = time.monotonic() - began
    chance, kills, finished = random.Random(5), 0, 0
    while kills < 30 or not finished:
        process = started([*exports, "--resume"], output, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(1, whole))
        readers = readers_of(process.pid)
        if process.poll() is None and kills < 30:
            os.kill(chance.choice([process.pid, *readers]), signal.SIGKILL)
            kills += 1
        process.communicate()
        assert process.returncode in (0, -signal.SIGKILL)
        if process.returncode == 0:
            finished += 1
            assert output.read_bytes() == undisturbed.read_bytes()
            output.unlink()
    print(f"{kills} kills, {finished} results, all of them the undisturbed one")  # noqa: T201
