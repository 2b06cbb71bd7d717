"""A process that uses a workspace, for tests that need real ones: python store_process.py COMMAND PATH [...]."""

import contextlib
import datetime as dt
import itertools
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from voc import tables
from voc.errors import ConflictError, VocError
from voc.store import Entries, Workspace

NOW = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)


def say(value):
    sys.stdout.write(f"{value}\n")
    sys.stdout.flush()


def generation(number, rows=50):
    """Tables that all say which generation they are of: one appended to, two replaced."""
    review = {"channel": "review", "source": "test", "ingested_at": NOW, "import_id": f"g{number}"}
    reviews = tables.from_rows("reviews", [{**review, "review_id": f"r{number}", "text": f"generation {number}"}])
    areas = tables.from_rows(
        "areas", [{"area_id": f"a{i}", "name": str(number), "synonyms": ["x"] * (i % 5)} for i in range(rows)]
    )
    products = tables.from_rows("products", [{"product_id": f"p{i}", "product": str(number)} for i in range(rows)])
    return {"append": {"reviews": reviews}, "replace": {"areas": areas, "products": products}}


def commit(path, number):
    with Workspace(path).writing(wait=60) as writer:
        writer.commit(**generation(number), info={"generation": number})


def loop(path, first, count):
    """Commit generation after generation; each line printed is a commit that has returned."""
    generation(0)
    say("ready")
    for number in range(int(first), int(first) + int(count)):
        commit(path, number)
        say(number)


def append(path, name, count):
    """Append single reviews, waiting for other writers."""
    for number in range(int(count)):
        with Workspace(path).writing(wait=60) as writer:
            rows = generation(number)["append"]["reviews"].to_pylist()
            rows[0]["review_id"] = f"{name}{number}"
            writer.commit(append={"reviews": tables.from_rows("reviews", rows)})


def hold(path):
    """Hold the writer's lock until a line comes in."""
    with Workspace(path).writing():
        say("held")
        sys.stdin.readline()


def small_disk(path, limit):
    """Commit while no file may grow beyond `limit` bytes, as on a full disk."""
    import resource

    Workspace(path).current()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    rows = [{"product_id": os.urandom(20).hex()} for _ in range(5000)]
    try:
        with Workspace(path).writing() as writer:
            writer.commit(**generation(99), info={"generation": 99})
            writer.commit(replace={"products": tables.from_rows("products", rows)})
    except VocError as error:
        say(error)


def unprivileged(path):
    """Write as a user who may not."""
    import sqlalchemy

    # Loaded now: that user may not be allowed to read the installed packages either.
    sqlalchemy.create_engine("sqlite://").connect().close()
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    for use in (lambda: commit(path, 1), lambda: Workspace(path).entries.rename_theme("t", "n")):
        try:
            use()
        except VocError as error:
            say(error)


def forget(path):
    Workspace(path).forget(review_id="r1")


def switch(path):
    """Make the state that stands beside the current one."""
    place = Workspace(path)
    with place.writing() as writer:
        writer.adopt(place.candidate())


def people(where, name, editors, rounds, shared):
    """Edit as several people at once: own decisions, names and phases, and the note of a decision that all share.

    Prints how often an editor was told of a conflict.
    """
    from concurrent.futures import ThreadPoolExecutor

    def edit(number):
        entries = Entries(where if "://" in where else Path(where))
        who, told = f"{name}{number}", 0
        for turn in range(int(rounds)):
            entries.add_decision(f"theme {who}", f"{who} {turn}", by=who)
            entries.rename_theme(f"theme {who} {turn}", who, by=who)
            day = dt.date(2020, 1, 1) + dt.timedelta(days=turn)
            entries.put_phase(f"day {turn}", day, day + dt.timedelta(days=1), product_id=who, by=who)
            while True:
                [seen] = [row for row in entries.decisions() if row["decision_id"] == shared]
                time.sleep(0.01)  # people read before they write, and meanwhile others do
                note = f"{seen['note'] or ''} {who}.{turn}"
                try:
                    entries.change_decision(shared, {"note": note}, revision=seen["revision"], by=who)
                    break
                except ConflictError as error:
                    if error.fields["note"][0] == seen["note"] or not error.who:
                        raise RuntimeError("told of a conflict that was none") from None
                    told += 1
        return told

    say("ready")
    sys.stdin.readline()
    with ThreadPoolExecutor(int(editors)) as pool:
        say(sum(pool.map(edit, range(int(editors)))))


def first_write(where, name):
    """Write the first entry of a database as soon as a line comes in."""
    entries = Entries(where if "://" in where else Path(where))
    assert entries.version() == 0
    say("ready")
    sys.stdin.readline()
    entries.rename_theme(f"theme {name}", name, by=name)


def sweep(base, copies, operation, step):
    """Run an operation on copies of a workspace, each time killed with SIGKILL before another use of a file.

    That is before the 1st, before the 1 + `step`th, and so on. Prints the number of the last run, which was no
    longer killed because there were fewer uses of files.
    """
    operations = {"commit": lambda path: commit(path, 3), "forget": forget, "switch": switch}
    generation(0)
    for moment in itertools.count(1, int(step)):
        path = Path(copies) / str(moment)
        if Path(base).exists():
            shutil.copytree(base, path)
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                die_at(moment, str(path))
                operations[operation](path)
                os._exit(0)
            os._exit(1)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            assert os.WEXITSTATUS(status) == 0, "the operation failed"
            say(moment)
            return


def die_at(moment, folder):
    """Kill this process before it opens, renames, removes, cuts or makes a file in `folder` for the `moment`th time."""
    seen = 0

    def watch(event, arguments):
        nonlocal seen
        if event in {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"} and (
            isinstance(arguments[0], int) or os.fsdecode(arguments[0] or b"").startswith(folder)
        ):
            seen += 1
            if seen == moment:
                os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(60)

    sys.addaudithook(watch)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    globals()[command.replace("-", "_")](*arguments)
