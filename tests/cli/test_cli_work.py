"""`voc run` and `voc score` from an export to what they store, with the model that ships."""

import json

import pyarrow.parquet as pq
import pytest

from voc.store import Workspace
from voc.tables import MENTIONS

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


@pytest.mark.parametrize("command", ["run", "score"])
def test_an_export_without_text_is_one_sentence_and_leaves_nothing(voc, tmp_path, command):
    export = tmp_path / "empty.csv"
    export.write_bytes(b"")
    target = ["--workspace", tmp_path / "ws"] if command == "run" else ["--output", tmp_path / "x.parquet"]
    result = voc(command, export, *target)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == "Error: empty.csv: the file is empty; export it again."
    assert not (tmp_path / "ws").exists()
    assert not (tmp_path / "x.parquet").exists()


def test_score_writes_mentions_and_takes_a_review_once(voc, export, tmp_path):
    more = write(tmp_path / "more.jsonl", [*REVIEWS[3:], ("The lid does not close.", 2)], first=3)
    output = tmp_path / "mentions.parquet"
    result = voc("score", export, more, "--output", output, "--device", "cpu")
    assert result.exit_code == 0, result.output
    table = pq.read_table(output)
    assert table.schema.names == MENTIONS.names
    ids = table["mention_id"].to_pylist()
    assert len(ids) == len(set(ids)) > 0
    assert set(table["review_id"].to_pylist()) <= {f"r{number}" for number in range(7)}
    assert result.stdout == f"{output}: {table.num_rows} mentions of 7 reviews in 2 files.\n"
    assert {path.name for path in tmp_path.iterdir()} == {"export.jsonl", "more.jsonl", "mentions.parquet"}
    alone = tmp_path / "alone.parquet"
    assert voc("score", export, "--output", alone).exit_code == 0
    own = set(pq.read_table(alone)["mention_id"].to_pylist())
    # What a review yields does not depend on the files beside it.
    assert own == {one["mention_id"] for one in table.to_pylist() if one["review_id"] in {f"r{n}" for n in range(6)}}


def test_score_resumes_after_a_failure(voc, export, tmp_path):
    second, output = tmp_path / "second.jsonl", tmp_path / "mentions.parquet"
    second.write_bytes(b"")
    assert voc("score", export, second, "--output", output).exit_code == 1
    assert not output.exists()
    write(second, [("The lid does not close.", 2)], first=7)
    result = voc("score", export, second, "--output", output, "--resume")
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("mentions of 7 reviews in 2 files, 1 of them kept from before.\n")
    fresh = tmp_path / "fresh.parquet"
    assert voc("score", export, second, "--output", fresh).exit_code == 0
    assert pq.read_table(output).equals(pq.read_table(fresh))


def test_score_fails_at_once_when_a_file_is_missing(voc, export, tmp_path):
    result = voc("score", export, tmp_path / "none.csv", "--output", tmp_path / "x.parquet")
    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path / 'none.csv'}: there is no such file; check the path.\n"
    assert {path.name for path in tmp_path.iterdir()} == {"export.jsonl"}


def test_score_into_a_missing_folder(voc, export, tmp_path):
    result = voc("score", export, "--output", tmp_path / "none" / "x.parquet")
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {tmp_path / 'none' / 'x.parquet'}: nothing can be written there (No such file or directory); "
        "choose another --output.\n"
    )
