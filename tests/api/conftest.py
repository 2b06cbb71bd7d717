"""One small analysis, made once, of a pandas frame through the whole pipeline."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import voc

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
#: The first so many reviews of a product of ours and of a competitor's: few, and enough for themes in both brands.
ROWS = {"TW-C1": 50, "JK-C1": 30}


@pytest.fixture(scope="session")
def frame():
    rows = pd.read_csv(SAMPLE / "reviews.csv", nrows=400, parse_dates=["date"])
    return pd.concat([rows[rows["product_id"] == product].head(count) for product, count in ROWS.items()])


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
