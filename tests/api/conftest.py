"""One small analysis, made once, of a pandas frame through the whole pipeline."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import voc

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
ROWS = 160


@pytest.fixture(scope="session")
def frame():
    return pd.read_csv(SAMPLE / "reviews.csv", nrows=ROWS, parse_dates=["date"])


@pytest.fixture(scope="session")
def analysed(frame, tmp_path_factory):
    """An analysis that tests only read."""
    workspace = tmp_path_factory.mktemp("api") / "workspace"
    products = pd.read_csv(SAMPLE / "products.csv")
    return voc.analyze(frame, workspace=workspace, config=SAMPLE / "voc.toml", products=products, progress=False)


@pytest.fixture
def copied(analysed, tmp_path):
    """An analysis that the test may change."""
    return voc.open(shutil.copytree(analysed.path, tmp_path / "copied"))
