"""What a later run costs, on little data: every stage is there, beside the first run."""

import csv
import json

from click.testing import CliRunner

from voc.cli import main

TEXTS = ["The cable frays near the plug after {} days.", "The battery died after {} weeks.", "Charges fast, day {}."]


def export(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["review_id", "date", "product", "body", "rating"])
        for number in range(rows):
            day = f"2024-{1 + number // 28:02d}-{1 + number % 28:02d}"
            writer.writerow([f"R{number}", day, "Cable", TEXTS[number % 3].format(number), 1 + number % 5])
    return path


def test_later_runs_are_measured_beside_the_first(tmp_path):
    path = export(tmp_path / "reviews.csv", 66)
    done = CliRunner().invoke(main, ["benchmark", "daily", "--export", str(path), "--threads", "1", "--format", "json"])
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["first"]["reviews"] == 60
    assert found["first"]["share"] == {"by_row": 1.0, "of_all": 1.0, "all": 1.0}
    later = {one["new"]: one for one in found["later"]}
    assert {new: one["reviews"] for new, one in later.items()} == {"nothing": 0, "one review": 1, "1 %": 1, "10 %": 6}
    for one in later.values():
        assert set(one["seconds"]) == set(found["first"]["seconds"])
        # How long they took is no matter of a test; that they read only what is new is, and the reviews say it.
        assert min(one["share"].values()) > 0


def test_too_few_reviews_are_refused(tmp_path):
    path = export(tmp_path / "reviews.csv", 3)
    done = CliRunner().invoke(main, ["benchmark", "daily", "--export", str(path)])
    assert done.exit_code == 1
    assert "holds 3 reviews; 50 are the fewest" in done.stderr
