"""Kills scoring with SIGKILL again and again, going on each time, and tells what came of it as JSON.

    python -m tests.scoring.killing random KILLS FOLDER EXPORT...     at random moments
    python -m tests.scoring.killing steps 0 FOLDER EXPORT...          before and after every step that lasts

Children are forked from one process that has loaded the model, so that a hundred kills take a minute.
"""

import hashlib
import json
import os
import random
import signal
import sqlite3
import sys
import time
from pathlib import Path

import torch

from tests.scoring.conftest import PART_ROWS

torch.set_num_threads(1)

from voc.config import Config  # noqa: E402
from voc.extract import extract  # noqa: E402, F401
from voc.extract.reader import load_reader  # noqa: E402
from voc.scoring import score  # noqa: E402

CONFIG = Config.model_validate({"model": {"device": "cpu"}})


def child(exports, output, prepare=lambda: None):
    """Score in a process of its own and return its id."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            prepare()
            score(exports, output, config=CONFIG, resume=True, part_rows=PART_ROWS)
            status = 0
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
        finally:
            os._exit(status)
    return pid


def end(pid):
    """Wait for a child and return how it ended: 0, 1 or -9."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def digest(output):
    """Return the hash of an output and its rejects, once nothing else lies beside them."""
    assert not list(output.parent.glob(".*")), list(output.parent.glob(".*"))
    files = (output, output.with_suffix(".rejects.parquet"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def at_random(exports, output, kills, seed=7):
    """Kill at random moments, each time a little later than where the last one got to."""
    chance = random.Random(seed)
    began = time.monotonic()
    assert end(child(exports, output)) == 0
    whole = time.monotonic() - began
    found, killed = [digest(output)], 0
    output.unlink()
    while killed < kills:
        pid = child(exports, output)
        time.sleep(chance.uniform(0, whole / 3))
        os.kill(pid, signal.SIGKILL)
        status = end(pid)
        assert status in (0, -signal.SIGKILL), status
        killed += status != 0
        if status == 0:
            found.append(digest(output))
            output.unlink()
    assert end(child(exports, output)) == 0
    found.append(digest(output))
    return {"kills": killed, "completed": len(found), "different": len(set(found)) - 1, "seconds": whole}


class Steps:
    """Counts the steps that last (renames, ends of transactions), and kills before or after the given one."""

    def __init__(self, at, before):
        self.at, self.before, self.count = at, before, 0

    def __call__(self):
        replace, link = os.replace, os.link

        def wrap(function):
            def step(*arguments, **options):
                self.count += 1
                if self.count == self.at and self.before:
                    os.kill(os.getpid(), signal.SIGKILL)
                result = function(*arguments, **options)
                if self.count == self.at:
                    os.kill(os.getpid(), signal.SIGKILL)
                return result

            return step

        os.replace, os.link = wrap(replace), wrap(link)
        Path.unlink = wrap(Path.unlink)
        from voc.scoring.ledger import Ledger

        Ledger.commit, Ledger.put_scored = wrap(Ledger.commit), wrap(Ledger.put_scored)


def at_steps(exports, output):
    """Kill before and after each step of a run until there is none left to kill at, going on after each."""
    assert end(child(exports, output)) == 0
    found, kills, step = [digest(output)], 0, 0
    output.unlink()
    more = True
    while more:
        step += 1
        for before in (True, False):
            status = end(child(exports, output, Steps(step, before)))
            assert status in (0, -signal.SIGKILL), status
            kills += status != 0
            more = status != 0
            if status:
                assert end(child(exports, output)) == 0
            found.append(digest(output))
            output.unlink()
            output.with_suffix(".rejects.parquet").unlink()
    return {"kills": kills, "completed": len(found), "different": len(set(found)) - 1}


def main():
    mode, kills, folder, *exports = sys.argv[1:]
    load_reader("opinions", "cpu", "bfloat16")
    load_reader("opinions", "cpu", "float32")
    assert sqlite3.threadsafety
    output = Path(folder) / "mentions.parquet"
    result = at_random(exports, output, int(kills)) if mode == "random" else at_steps(exports, output)
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
