"""Today's export costs today's rows: nothing of the earlier ones is read, judged or encoded again."""

import csv
import shutil

import pytest

from voc.config import Config
from voc.pipeline import run
from voc.store import Workspace

CONFIG = Config.model_validate({"themes": {"min_mentions": 5, "min_size": 3}, "insights": {"bootstrap": 100}})
TEXTS = [
    "The cable frays near the plug, which I noticed after {} days.",
    "Cable started fraying where the plug is, on day {} of our holiday.",
    "The battery died after {} weeks and nobody at the shop could help.",
    "I wish it had a case for the {} small parts that come with it.",
]


def export(path, numbers):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["review_id", "date", "product", "body", "rating"])
        for number in numbers:
            row = [f"R{number}", f"2024-01-{1 + number % 28:02d}", "Cable", TEXTS[number % 4].format(number)]
            writer.writerow([*row, 1 + number % 5])
    return path


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = tmp_path_factory.mktemp("daily")
    run([export(folder / "monday.csv", range(40))], workspace=folder / "w", config=CONFIG)
    return folder / "w"


@pytest.fixture
def place(first, tmp_path):
    return Workspace(shutil.copytree(first, tmp_path / "w"))


@pytest.fixture
def done(monkeypatch):
    """Count reviews that are read, texts whose keys are made, and texts of wishes that are encoded."""
    from voc.extract import mentions
    from voc.ingest import duplicates, remembered
    from voc.themes import told

    counts = {"read": 0, "judged": 0, "encoded": 0}

    def counted(module, name, key, size):
        real = getattr(module, name)

        def instead(first, *more, **named):
            counts[key] += size(first)
            return real(first, *more, **named)

        monkeypatch.setattr(module, name, instead)

    counted(mentions, "extract", "read", lambda reviews: reviews.num_rows)
    counted(duplicates, "text_keys", "judged", lambda _: 1)
    counted(remembered, "text_keys", "judged", lambda _: 1)
    counted(told, "embed", "encoded", len)
    return counts


def test_a_second_export_costs_its_new_rows(place, tmp_path, done):
    before = place.current()
    report = run([export(tmp_path / "tuesday.csv", range(44))], workspace=place, config=CONFIG)
    assert (report.reviews_new, report.reports[0].duplicates) == (4, 40)
    # Each new text is judged once and remembered once.
    assert (done["read"], done["judged"]) == (4, 8)
    assert 0 < done["encoded"] <= 4
    # And a day is stored as a day: what there was is shared with the state before.
    now = place.current()
    for name in ("reviews", "readings", "mentions", "assignments", "embeddings", "further_embeddings"):
        parts = before.manifest.tables[name]
        assert now.manifest.tables[name][: len(parts)] == parts
        assert len(now.manifest.tables[name]) == len(parts) + 1


def test_needs_are_those_that_a_run_without_memory_finds(place, tmp_path, done):
    shutil.copytree(place.path, tmp_path / "forgetful")
    for path in (tmp_path / "forgetful" / "indexes").iterdir():
        path.unlink()
    day = export(tmp_path / "tuesday.csv", range(36, 44))
    run([day], workspace=place, config=CONFIG)
    few = dict(done)
    run([day], workspace=tmp_path / "forgetful", config=CONFIG)
    assert done["judged"] - few["judged"] > 40
    assert done["encoded"] - few["encoded"] > few["encoded"]
    found = [Workspace(path).current() for path in (place.path, tmp_path / "forgetful")]
    for name in ("reviews", "mentions", "assignments"):
        a, b = (state.table(name) for state in found)
        assert a.drop_columns([c for c in ("ingested_at",) if c in a.column_names]).equals(
            b.drop_columns([c for c in ("ingested_at",) if c in b.column_names])
        )
    assert found[0].table("wishes").drop_columns("first_run").equals(found[1].table("wishes").drop_columns("first_run"))


def test_what_is_remembered_goes_with_what_is_forgotten_and_damage_costs_only_time(place, tmp_path):
    remembered = {path for path in (place.path / "indexes").iterdir() if path.suffix in (".keys", ".told")}
    assert len(remembered) == 2
    assert place.forget(review_id="R3") == 1
    assert not any(path.exists() for path in remembered)
    day = export(tmp_path / "tuesday.csv", [3, 40])
    assert run([day], workspace=place, config=CONFIG).reviews_new == 2
    for path in (place.path / "indexes").iterdir():
        path.write_bytes(b"damaged")
    again = run([export(tmp_path / "wednesday.csv", range(42))], workspace=place, config=CONFIG)
    assert (again.reviews_new, again.reports[0].duplicates) == (1, 41)
