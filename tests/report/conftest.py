"""Reports are made from the workspaces that the app's tests show."""

import datetime as dt
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ui"))
import workspaces

from voc.config import Config
from voc.insights import Facts, Scope
from voc.report.basis import Basis

ADDRESS = "http://localhost:8501"


def made_of(workspace, **changes):
    """Return what a report of everything in a workspace is made from."""
    snapshot = workspace.current()
    facts = Facts(**{name: snapshot.table(name) for name in Facts.__dataclass_fields__})
    listed = [row for row in snapshot.table("opportunities").to_pylist() if row["scope_type"] == "workspace"]
    given = {
        "facts": facts,
        "config": Config().insights.model_copy(update={"bootstrap": 100}),
        "scope": Scope(),
        "scope_words": "",
        "workspace": "demo",
        "day": dt.date(2022, 1, 3),
        "ranked": sorted(listed, key=lambda row: row["rank"]),
        "address": ADDRESS,
    }
    return Basis(**(given | changes))


@pytest.fixture(scope="session")
def workspace(tmp_path_factory):
    return workspaces.build(tmp_path_factory.mktemp("report") / "workspace", reviews=400)


@pytest.fixture(scope="session")
def basis(workspace):
    return made_of(workspace)


@pytest.fixture(scope="session")
def basis_of():
    """Return the function that says what a report of a workspace is made from, with changes."""
    return made_of
