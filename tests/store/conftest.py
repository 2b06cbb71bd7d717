"""Tables of one generation for every test of the store, and processes that use a workspace."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

import voc
from voc import tables
from voc.store import Workspace

NOW = dt.datetime(2024, 3, 1, 12, tzinfo=dt.UTC)
SCRIPT = Path(__file__).with_name("store_process.py")


def _reviews(ids, *, import_id="import-1", text="The cable frayed."):
    return tables.from_rows(
        "reviews",
        [
            {
                "review_id": review_id,
                "channel": "review",
                "source": "test",
                "text": f"{text} {review_id}",
                "rating": 2.0,
                "written_at": NOW,
                "ingested_at": NOW,
                "import_id": import_id,
            }
            for review_id in ids
        ],
    )


def _mentions(review_ids):
    return tables.from_rows(
        "mentions",
        [
            {
                "mention_id": f"m-{review_id}",
                "review_id": review_id,
                "kind": "pain",
                "specificity": "trouble",
                "target": "product",
                "phrase": f"frayed {review_id}",
                "clause_start": 0,
                "clause_end": 17,
                "polarity": -0.8,
                "confidence": 0.9,
                "severity": 0.5,
                "hazard": False,
                "model_version": "test",
            }
            for review_id in review_ids
        ],
    )


def _embeddings(review_ids):
    rows = [{"mention_id": f"m-{review_id}", "vector": [0.5] * 384} for review_id in review_ids]
    return tables.from_rows("embeddings", rows)


def _readings(review_ids):
    rows = [
        {"review_id": r, "analysed": True, "predicted_rating": 2.0, "truncated": False, "model_version": "test"}
        for r in review_ids
    ]
    return tables.from_rows("readings", rows)


def _opportunities(review_ids):
    row = {field.name: 1 for field in tables.OPPORTUNITIES if field.type in (pa.int32(), pa.int64())}
    row |= {field.name: 0.5 for field in tables.OPPORTUNITIES if field.type == pa.float64()}
    row |= {"scope_type": "workspace", "scope": "", "theme_id": "t", "name": "cable: frays", "hazard": False}
    row["quotes"] = [
        {"review_id": r, "text": f"The cable frayed. {r}", "start": 0, "end": 17, "rating": 2.0} for r in review_ids
    ]
    return tables.from_rows("opportunities", [row])


def _imports(import_ids):
    counts = {"rows_read": 1, "accepted": 1, "duplicates": 0, "rejected": 0}
    return tables.from_rows(
        "imports",
        [
            {"import_id": i, "file": f"{i}.csv", "format": "test", "mapping": "{}", "imported_at": NOW, **counts}
            for i in import_ids
        ],
    )


def _rejects(import_ids):
    rows = [
        {"import_id": i, "source": f"{i}.csv", "row": 1, "reason": "spam", "excerpt": f"of {i}"} for i in import_ids
    ]
    return tables.from_rows("rejects", rows)


class Make:
    """Builders of small tables, by table name."""

    reviews = staticmethod(_reviews)
    mentions = staticmethod(_mentions)
    embeddings = staticmethod(_embeddings)
    readings = staticmethod(_readings)
    opportunities = staticmethod(_opportunities)
    imports = staticmethod(_imports)
    rejects = staticmethod(_rejects)


@pytest.fixture(scope="session")
def make() -> type[Make]:
    return Make


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path / "work space's [ä]*")


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start store_process.py with arguments; what still runs at the end of the test is killed."""
    started = []

    def _start(*arguments: object) -> subprocess.Popen[str]:
        path = os.pathsep.join([str(Path(voc.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"},
        )
        started.append(process)
        return process

    yield _start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def finish() -> Callable[[subprocess.Popen[str]], str]:
    """Wait for a process to end well and return what it printed."""

    def _finish(process: subprocess.Popen[str]) -> str:
        out, problems = process.communicate(timeout=120)
        assert process.returncode == 0, problems
        return out

    return _finish


@pytest.fixture
def files() -> Callable[[Workspace], set[str]]:
    """List the snapshot and part files of a workspace, and whatever else lies in its folders."""

    def _files(workspace: Workspace) -> set[str]:
        return {str(p.relative_to(workspace.path)) for p in workspace.path.rglob("*") if p.is_file()}

    return _files
