"""`voc score` from exports to Parquet, as its user sees it."""

import json

import pyarrow.parquet as pq
import pytest

from tests.cli.test_cli_work import REVIEWS, write
from voc import progress
from voc.tables import MENTIONS


@pytest.fixture
def export(tmp_path):
    return write(tmp_path / "export.jsonl", [*REVIEWS, ("Too many stars for this one.", 11)])


def test_mentions_counts_and_rejects(voc, export, tmp_path):
    more = write(tmp_path / "more.jsonl", [*REVIEWS[3:], ("The lid does not close.", 2)], first=3)
    output = tmp_path / "mentions.parquet"
    result = voc("score", export, more, "--output", output, "--device", "cpu")
    assert result.exit_code == 0, result.output
    table = pq.read_table(output)
    assert table.schema.names == MENTIONS.names
    ids = table["mention_id"].to_pylist()
    assert len(ids) == len(set(ids)) > 0
    assert set(table["review_id"].to_pylist()) <= {f"r{number}" for number in range(7)}
    assert result.stdout.splitlines() == [
        f"{output}: {table.num_rows} mentions of 7 reviews in 2 files.",
        "  11 rows read: 7 accepted, 3 duplicates, 1 rejected",
        "  rejected because: rating out of range (1)",
        f"  rejects are listed in {tmp_path / 'mentions.rejects.parquet'}",
    ]
    assert {path.name for path in tmp_path.iterdir()} == {
        *("export.jsonl", "more.jsonl", "mentions.parquet", "mentions.rejects.parquet")
    }
    alone = tmp_path / "alone.parquet"
    counted = voc("score", export, "--output", alone, "--format", "json")
    assert counted.exit_code == 0
    document = json.loads(counted.stdout)
    own = set(pq.read_table(alone)["mention_id"].to_pylist())
    assert (document["rows_read"], document["accepted"], document["mentions"]) == (7, 6, len(own))
    # What a review yields does not depend on the files beside it.
    assert own == {one["mention_id"] for one in table.to_pylist() if one["review_id"] in {f"r{n}" for n in range(6)}}


def test_an_unread_language_and_an_unreadable_file_are_said(voc, tmp_path):
    export = write(tmp_path / "zh.jsonl", [("电池两周后就坏了，非常失望，不推荐购买。", 1), *REVIEWS[:1]])
    (tmp_path / "empty.csv").write_bytes(b"")
    result = voc("score", export, tmp_path / "empty.csv", "--output", tmp_path / "x.parquet", "--resume")
    assert result.exit_code == 0, result.output
    assert "  1 review was not analysed, in languages that the model does not read: zh (1)" in result.stdout
    assert result.stderr.splitlines()[-1] == "empty.csv: the file is empty; export it again."
    again = voc("score", export, tmp_path / "empty.csv", "--output", tmp_path / "x.parquet", "--resume")
    assert "  kept from an interrupted call: 1 of 1 parts" in again.stdout


def test_an_export_without_text_is_one_sentence_and_leaves_nothing(voc, tmp_path):
    (tmp_path / "empty.csv").write_bytes(b"")
    result = voc("score", tmp_path / "empty.csv", "--output", tmp_path / "x.parquet")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == "Error: empty.csv: the file is empty; export it again."
    assert {path.name for path in tmp_path.iterdir()} == {"empty.csv"}


def test_a_missing_file_fails_at_once(voc, export, tmp_path):
    result = voc("score", export, tmp_path / "none.csv", "--output", tmp_path / "x.parquet")
    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path / 'none.csv'}: there is no such file; check the path.\n"
    assert {path.name for path in tmp_path.iterdir()} == {"export.jsonl"}


def test_a_missing_folder(voc, export, tmp_path):
    result = voc("score", export, "--output", tmp_path / "none" / "x.parquet")
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {tmp_path / 'none' / 'x.parquet'}: nothing can be written there (No such file or directory); "
        "choose another --output.\n"
    )


def test_lines_tell_the_pace_and_the_time_left(capsys):
    now = iter([0.0, 10.0, 40.0, 41.0, 300.0])
    show = progress._lines(lambda: next(now))
    # What an earlier call did is no part of the pace.
    for done in (1000, 1100, 1400, 1410, 4000):
        show("Reading reviews", done, 10_000)
    assert capsys.readouterr().err.splitlines() == [
        "Reading reviews (10,000) ...",
        "Reading reviews: 1,400 of 10,000, 10/s, 0:14:20 left",
        "Reading reviews: 4,000 of 10,000, 10/s, 0:10:00 left",
    ]
