"""A small analysed workspace, made of literal rows by the real insights and the real store."""

from __future__ import annotations

import datetime as dt
import shutil

import pytest
from click.testing import CliRunner

from voc.config import InsightsConfig, PhaseConfig
from voc.tables import from_rows

NOW = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)

CABLE = "The cable frays near the plug."
BUTTON = "=HYPERLINK(1) the button sticks."
PLAIN = "Works fine for me."


def build(path):
    """Write a workspace of 90 reviews: a cable that frays (20), a button that sticks (10), nothing wrong (60)."""
    from voc.insights import Facts, all_opportunities, phase_trends, resolve_phases
    from voc.store import Workspace

    reviews, readings, mentions = [], [], []
    for number in range(90):
        text = CABLE if number < 20 else BUTTON if number < 30 else PLAIN
        review_id = f"r{number:02d}"
        product = "p1" if number % 2 else "p2"
        reviews.append(
            {
                "review_id": review_id,
                "channel": "review",
                "source": "generic",
                "language": "en",
                "product_id": product,
                "product": {"p1": "Power Line", "p2": "Power Bank"}[product],
                "brand": "Anchor" if product == "p1" else "Other",
                "rating": 1.0 if number < 20 else 3.0 if number < 30 else 5.0,
                "body": text,
                "text": text,
                "written_at": dt.datetime(2021 if number % 3 else 2022, 1 + number % 12, 5, tzinfo=dt.UTC),
                "ingested_at": NOW,
                "import_id": "i1" if number < 60 else "i2",
            }
        )
        readings.append(
            {
                "review_id": review_id,
                "analysed": True,
                "predicted_rating": 3.0,
                "truncated": False,
                "model_version": "test-1",
            }
        )
        if number < 30:
            aspect = "cable" if number < 20 else "button"
            start = text.index(aspect)
            mentions.append(
                {
                    "mention_id": f"m{number:02d}",
                    "review_id": review_id,
                    "kind": "pain",
                    "specificity": "trouble",
                    "target": "product",
                    "aspect": aspect,
                    "aspect_start": start,
                    "aspect_end": start + len(aspect),
                    "clause_start": 0,
                    "clause_end": len(text),
                    "polarity": -0.9,
                    "confidence": 0.9,
                    "severity": 0.6,
                    "hazard": False,
                    "area_id": f"a-{aspect}",
                    "theme_id": f"t-{aspect}",
                    "model_version": "test-1",
                }
            )
    themes = [
        {
            "theme_id": f"t-{aspect}",
            "kind": "pain",
            "name": name,
            "area_id": f"a-{aspect}",
            "keywords": [aspect],
            "size": size,
            "state": "active",
            "first_run": NOW,
            "renamed_by_user": False,
        }
        for aspect, name, size in (("cable", "cable: frays near the plug", 20), ("button", "button: sticks", 10))
    ]
    areas = [{"area_id": f"a-{aspect}", "name": aspect, "synonyms": []} for aspect in ("cable", "button")]
    products = [
        {"product_id": "p1", "product": "Power Line", "brand": "Anchor", "own": True},
        {"product_id": "p2", "product": "Power Bank", "brand": "Other", "own": False},
    ]
    imports = [
        {
            "import_id": import_id,
            "file": file,
            "format": "generic",
            "mapping": '{"body": "text"}',
            "rows_read": 60,
            "accepted": 60,
            "duplicates": 0,
            "rejected": 0,
            "imported_at": NOW,
        }
        for import_id, file in (("i1", "a.csv"), ("i2", "b.csv"))
    ]
    tables = {
        name: from_rows(name, rows)
        for name, rows in (
            ("reviews", reviews),
            ("readings", readings),
            ("mentions", mentions),
            ("themes", themes),
            ("areas", areas),
            ("products", products),
            ("imports", imports),
        )
    }
    config = InsightsConfig(bootstrap=100)
    phases = [
        PhaseConfig(name="early", start=dt.date(2021, 1, 1), end=dt.date(2022, 1, 1)),
        PhaseConfig(name="late", start=dt.date(2022, 1, 1)),
    ]
    tables["phases"] = resolve_phases(phases, tables["reviews"], None)
    names = ("reviews", "readings", "mentions", "themes", "areas", "products", "phases")
    facts = Facts(**{name: tables[name] for name in names})
    tables["opportunities"] = all_opportunities(facts, config=config)
    tables["trends"] = phase_trends(facts, config=config)
    with Workspace(path).writing() as writer:
        writer.commit(replace=tables, info={"config": {"insights": config.model_dump()}})


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    path = tmp_path_factory.mktemp("built") / "ws"
    build(path)
    return path


@pytest.fixture
def workspace(built, tmp_path):
    """Return the path of a workspace of one's own."""
    return shutil.copytree(built, tmp_path / "ws")


@pytest.fixture
def voc():
    """Return a function that runs the command line on its arguments."""
    from voc.cli import main

    def invoke(*arguments):
        return CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="voc")

    return invoke
