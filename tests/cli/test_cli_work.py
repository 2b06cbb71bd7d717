"""`voc run` from an export to what it stores, with the model that ships."""

import json

import pytest

from voc.store import Workspace

REVIEWS = [
    ("The cable frayed after two weeks.", 1),
    ("Battery died on day one, very bad.", 1),
    ("The screen is bright and the sound is great.", 5),
    ("The strap broke and the zip got stuck.", 2),
    ("The button fell off within a month.", 1),
    ("I love the colour of this bag.", 5),
]


def write(path, rows, first=0):
    with path.open("w", encoding="utf-8") as file:
        for number, (text, stars) in enumerate(rows, start=first):
            file.write(json.dumps({"review_id": f"r{number}", "text": text, "rating": stars}) + "\n")
    return path


@pytest.fixture
def export(tmp_path):
    return write(tmp_path / "export.jsonl", [*REVIEWS, ("Too many stars for this one.", 11)])


def test_run_stores_and_sums_up(voc, export, tmp_path):
    place = tmp_path / "ws"
    (tmp_path / "voc.toml").write_text('[[phases]]\nname = "Launch"\nstart = 2020-01-01\n')
    result = voc("run", export, "--workspace", place, "--config", tmp_path / "voc.toml")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("export.jsonl: read as ")
    assert lines[1].startswith("  columns: ")
    assert "body=text" in lines[1]
    assert lines[2] == "  7 rows read: 6 accepted, 0 duplicates, 1 rejected"
    assert lines[3] == "  rejected because: rating out of range (1)"
    assert "New in this run: 6 reviews and" in lines[4]
    assert lines[-2].startswith("Time: ")
    assert lines[-1] == f"Next: voc app --workspace {place}"
    assert Workspace(place).current().table("reviews").num_rows == 6
    # Progress goes to standard error.
    assert "Reading" in result.stderr

    again = voc("run", export, "--workspace", place, "--format", "json")
    assert again.exit_code == 0, again.output
    document = json.loads(again.stdout)
    (file,) = document["files"]
    assert (file["rows_read"], file["accepted"], file["duplicates"], file["rejected"]) == (7, 0, 6, 1)
    assert file["reject_reasons"] == {"rating out of range": 1}
    assert document["reviews_new"] == 0
    assert document["reviews"] == document["analysed"] == 6
    assert document["mentions"]["pain"] > 0
    assert document["seconds"].keys() >= {"ingest", "extract", "themes", "insights", "store"}
    # The configuration of the first run holds on until another one is named.
    assert "Launch" in Workspace(place).current().table("phases").column("name").to_pylist()

    assert voc("forget", "--import", file["import_id"], "--workspace", place).exit_code == 0
    assert Workspace(place).current().table("reviews").num_rows == 0


def test_an_unread_language_is_stored_and_said(voc, tmp_path):
    export = write(
        tmp_path / "zh.jsonl",
        [("电池两周后就坏了，非常失望，不推荐购买。", 1), ("音质很好，佩戴舒适，我很喜欢这个耳机。", 5)],
    )
    result = voc("run", export, "--workspace", tmp_path / "ws")
    assert result.exit_code == 0, result.output
    assert "Stored but not analysed, by language: zh (2)." in result.stdout
    listed = voc("opportunities", "--workspace", tmp_path / "ws")
    assert listed.exit_code == 0
    assert "None of the stored reviews could be analysed, so there is nothing to rank.\n" in listed.stderr


def test_an_export_without_text_is_one_sentence_and_leaves_nothing(voc, tmp_path):
    export = tmp_path / "empty.csv"
    export.write_bytes(b"")
    result = voc("run", export, "--workspace", tmp_path / "ws")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == "Error: empty.csv: the file is empty; export it again."
    assert not (tmp_path / "ws").exists()
