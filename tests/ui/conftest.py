import os
import shutil
from pathlib import Path

import pytest
import streamlit as st
import workspaces
from streamlit.testing.v1 import AppTest

from voc.store import Workspace
from voc.ui.charts import kept

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A workspace that tests only read."""
    return workspaces.build(tmp_path_factory.mktemp("ui") / "workspace", reviews=400)


@pytest.fixture(scope="session")
def undated(tmp_path_factory):
    """A workspace of reviews without dates that tests only read."""
    return workspaces.build(tmp_path_factory.mktemp("ui") / "undated", reviews=120, dates=False)


@pytest.fixture
def copied(built, tmp_path):
    """A workspace that the test may change."""
    shutil.copytree(built.path, tmp_path / "workspace")
    return Workspace(tmp_path / "workspace")


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.delenv("VOC_CONFIG", raising=False)
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def _hashed_as_they_are(caplog):
    """Refuse what Streamlit can only hash by pickling it, which it says in the log of the server."""
    yield
    assert not [one for one in caplog.get_records("call") if "hashing method failed" in one.getMessage()]


@pytest.fixture(autouse=True)
def _valid_charts(monkeypatch):
    """Hold every chart that is drawn against Vega-Lite's schema, which the app itself does not take the time for."""

    def checked(chart, take=kept.taken_apart):
        chart.to_dict(validate=True)
        return take(chart)

    monkeypatch.setattr(kept, "taken_apart", checked)


@pytest.fixture
def app(monkeypatch):
    """Return a function that runs a page of the app on a workspace and returns the AppTest."""

    def run(workspace, page="overview", **query):
        monkeypatch.setenv("VOC_WORKSPACE", os.fspath(workspace))
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=180)
        test.run()
        if page != "overview":
            test.switch_page(f"voc/ui/pages/{page}.py")
        for name, value in query.items():
            test.query_params[name] = value
        if page != "overview" or query:
            test.run()
        assert not test.exception, [e.value for e in test.exception]
        return test

    return run


def text(test):
    """Return all HTML that a page wrote."""
    return "\n".join(element.proto.body for element in test.get("html"))


@pytest.fixture
def written():
    return text
