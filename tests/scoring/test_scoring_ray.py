"""The Ray engine gives what the local one gives, byte for byte, also when its workers are killed."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from tests.scoring.exports import write_exports
from voc.errors import VocError

# Ray warns of settings of its own that it will do without.
pytestmark = pytest.mark.filterwarnings("ignore")

WITHOUT_RAY = """
import sys
sys.modules["ray"] = None
from voc.cli import main
main(sys.argv[1:])
"""


def test_without_ray_one_sentence_says_what_to_install(exports, tmp_path):
    command = [sys.executable, "-c", WITHOUT_RAY, "score", exports[0], "-o", tmp_path / "x.parquet", "--engine", "ray"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "Error: The Ray engine needs Ray; install it with: pip install 'voc[ray]'"
    assert list(tmp_path.iterdir()) == []


def test_an_address_where_no_cluster_is(exports, run, tmp_path, monkeypatch):
    pytest.importorskip("ray")
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    with pytest.raises(VocError, match=r"The Ray cluster at 127.0.0.1:1 \(RAY_ADDRESS\) cannot be used"):
        run(exports, tmp_path / "x.parquet", engine="ray")
    assert list(tmp_path.iterdir()) == []


def workers():
    """Return the processes of this process's cluster that read reviews."""
    below = psutil.Process().children(recursive=True)
    return [process for process in below if "ray::" in (title := " ".join(process.cmdline())) and "_Worker" in title]


@pytest.mark.slow
def test_ray_gives_the_same_bytes_also_when_a_worker_is_killed(run, tmp_path):
    pytest.importorskip("ray")
    exports = write_exports(tmp_path, 240)
    run(exports, tmp_path / "local.parquet", part_rows=64)
    known = (tmp_path / "local.parquet").read_bytes()
    run(exports, tmp_path / "ray.parquet", part_rows=64, engine="ray")
    assert (tmp_path / "ray.parquet").read_bytes() == known
    killed = []

    def kill(stage, done, total):
        # Once as soon as there are results, and again in the middle.
        if stage == "Reading reviews" and total and done and len(killed) < (1 if done < total / 2 else 2):
            found = workers()
            if found:
                found[0].send_signal(signal.SIGKILL)
                killed.append(found[0].pid)

    run(exports, tmp_path / "killed.parquet", part_rows=64, engine="ray", progress=kill)
    assert len(killed) == 2
    assert (tmp_path / "killed.parquet").read_bytes() == known
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
