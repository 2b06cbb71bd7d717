"""Scoring exports into Parquet: what is counted, what is written, what is refused, and what is mended."""

import json
import os
import shutil
import sqlite3
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.scoring.exports import SAYINGS, write
from voc.config import Config, IngestConfig
from voc.errors import VocError
from voc.extract import extract
from voc.ingest import read_exports
from voc.scoring import batch
from voc.scoring.engines import local
from voc.tables import MENTIONS, REJECTS


def parts_of(output):
    return output.with_name(f".{output.name}.parts")


def scored_again(monkeypatch):
    """Return a list that fills with the sizes of the parts that are read from now on."""
    numbers = []
    whole = extract

    def counted(reviews, **options):
        numbers.append(reviews.num_rows)
        return whole(reviews, **options)

    monkeypatch.setattr("voc.extract.mentions.extract", counted)
    return numbers


def test_the_same_as_reading_all_at_once(exports, undisturbed):
    report, output = undisturbed
    known = read_exports(exports, config=IngestConfig())
    read = extract(known.reviews, config=Config().model)
    found = pq.read_table(output)
    assert found.schema.equals(MENTIONS)
    order = [("mention_id", "ascending")]
    assert found.sort_by(order).equals(read.mentions.sort_by(order))
    assert [(f.rows_read, f.accepted, f.duplicates, f.rejected) for f in report.files] == [
        (f.rows_read, f.accepted, f.duplicates, f.rejected) for f in known.reports
    ]
    assert report.accepted + report.duplicates + report.rejected == report.rows_read
    assert report.duplicates > 8
    assert report.parts > 2
    assert report.reviews + sum(report.unread.values()) == report.accepted
    assert report.unread == {"zh": Counter(known.reviews["language"].to_pylist())["zh"]}
    assert report.mentions == found.num_rows
    rejects = pq.read_table(output.with_suffix(".rejects.parquet"))
    assert rejects.schema.equals(REJECTS)
    assert rejects.equals(known.rejects)
    assert report.reject_reasons == dict(Counter(rejects["reason"].to_pylist()).most_common())
    assert len(report.reject_reasons) == 2


def test_other_sizes_of_parts_hold_the_same_mentions(exports, run, undisturbed, tmp_path):
    report = run(exports, tmp_path / "whole.parquet", part_rows=4096)
    assert report.parts == 1
    assert report.mentions == undisturbed[0].mentions
    order = [("mention_id", "ascending")]
    assert pq.read_table(tmp_path / "whole.parquet").sort_by(order).equals(pq.read_table(undisturbed[1]).sort_by(order))


def test_a_folder_of_parts_has_a_manifest(exports, run, undisturbed, tmp_path):
    output = tmp_path / "out"
    report = run(exports, output)
    manifest = json.loads((output / "manifest.json").read_text())
    names = [part["path"] for part in manifest["parts"]]
    assert {path.name for path in output.iterdir()} == {*names, "manifest.json", "rejects.parquet"}
    joined = pa.concat_tables([pq.read_table(output / name).replace_schema_metadata(None) for name in names])
    assert joined.equals(pq.read_table(undisturbed[1]).replace_schema_metadata(None))
    assert [part["rows"] for part in manifest["parts"]] == [pq.read_metadata(output / n).num_rows for n in names]
    assert manifest["voc"]["report"]["mentions"] == report.mentions
    assert [file["file"] for file in manifest["files"]] == ["first.jsonl", "second.jsonl"]
    before = {path.name: path.read_bytes() for path in output.iterdir()}
    run(exports, output)
    assert {path.name: path.read_bytes() for path in output.iterdir()} == before
    assert {path.name for path in tmp_path.iterdir()} == {"out"}
    # Somebody's own folder is not replaced.
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("x")
    with pytest.raises(VocError, match="no result of voc score"):
        run(exports, tmp_path / "mine")


@pytest.mark.parametrize("resume", [True, False])
def test_what_was_done_is_not_done_again(interrupted, exports, run, same, undisturbed, monkeypatch, resume):
    read = scored_again(monkeypatch)
    report = run(exports, interrupted, resume=resume)
    assert same(interrupted)
    assert report.kept == 2
    assert len(read) == report.parts - 2
    assert report.files == undisturbed[0].files


def test_another_call_is_refused_by_what_differs(interrupted, exports, run, tmp_path):
    held = {path.name for path in parts_of(interrupted).iterdir()}
    spanish = Config.model_validate({"model": {"device": "cpu", "languages": ["en", "es"]}})
    for options, said in (
        ({"config": spanish}, "languages (en then, en, es now)"),
        ({"mapping": {"rating": "rating"}}, "map (none then, rating=rating now)"),
        ({"part_rows": 16}, "part_rows (24 then, 16 now)"),
    ):
        with pytest.raises(VocError) as refused:
            run(exports, interrupted, resume=True, **options)
        assert said in str(refused.value)
        assert "--overwrite" in str(refused.value)
    with pytest.raises(VocError, match=r"exports \(second.jsonl then only\)"):
        run(exports[:1], interrupted, resume=True)
    changed = [exports[0], write(tmp_path / "second.jsonl", [{"review_id": "X", "text": "It broke.", "rating": 1}])]
    with pytest.raises(VocError, match=r"second.jsonl has changed since"):
        run(changed, interrupted, resume=True)
    assert {path.name for path in parts_of(interrupted).iterdir()} == held
    report = run(exports, interrupted, part_rows=4096, overwrite=True)
    assert (report.kept, report.parts) == (0, 1)
    assert not parts_of(interrupted).exists()


def test_a_complete_output_is_gone_on_with_by_doing_nothing(exports, run, undisturbed, monkeypatch, tmp_path, same):
    first, known = undisturbed
    for path in known.parent.iterdir():
        shutil.copy(path, tmp_path)
    output = tmp_path / known.name
    read = scored_again(monkeypatch)
    again = run(exports, output, resume=True)
    assert read == []
    assert (again.kept, again.mentions, again.accepted) == (first.parts, first.mentions, first.accepted)
    with pytest.raises(VocError, match=r"complete, and was made otherwise: part_rows"):
        run(exports, output, resume=True, part_rows=64)
    assert same(output)


def test_files_that_are_no_results_are_not_replaced(run, exports, tmp_path):
    mine = tmp_path / "mine.parquet"
    pq.write_table(pa.table({"a": [1]}), mine)
    with pytest.raises(VocError, match="no result of voc score"):
        run(exports, mine)
    with pytest.raises(VocError, match="this holds an export that is to be read"):
        run([mine], mine, overwrite=True)
    assert pq.read_table(mine).column_names == ["a"]
    assert {path.name for path in tmp_path.iterdir()} == {"mine.parquet"}


def break_file(path, how):
    content = path.read_bytes()
    if how == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif how == "changed":
        place = len(content) // 3
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    else:
        path.unlink()


@pytest.mark.parametrize("how", ["truncated", "changed", "missing"])
def test_broken_parts_are_made_again(interrupted, exports, run, same, how):
    for name in ("mentions-00000", "mentions-00001", "reviews-00000", "reviews-00002", "rejects-00000"):
        break_file(parts_of(interrupted) / f"{name}.parquet", how)
    report = run(exports, interrupted, resume=True)
    assert report.kept == 0
    assert same(interrupted)


def test_parts_that_break_while_it_runs_are_made_again(exports, run, same, tmp_path, monkeypatch):
    output = tmp_path / "mentions.parquet"
    whole = local.score_parts
    broken = []

    def breaking(parts, folder, *arguments, **options):
        for scored in whole(parts, folder, *arguments, **options):
            yield scored
            if not broken:
                for name in ("mentions-00000", "reviews-00000", "reviews-00002", "rejects-00001"):
                    break_file(folder / f"{name}.parquet", "truncated")
                broken.append(scored.number)

    monkeypatch.setattr(local, "score_parts", breaking)
    run(exports, output)
    assert same(output)


@pytest.mark.parametrize("how", ["truncated", "changed", "missing", "empty", "text", "call"])
def test_a_broken_ledger_costs_no_mentions(interrupted, exports, run, same, how, monkeypatch):
    read = scored_again(monkeypatch)
    ledger = parts_of(interrupted) / "ledger.sqlite"
    for extra in parts_of(interrupted).glob("ledger.sqlite-*"):
        extra.unlink()
    if how == "call":
        (parts_of(interrupted) / "call.json").write_text("{")
    elif how == "empty":
        ledger.write_bytes(b"")
    elif how == "text":
        ledger.write_text("no database" * 1000)
    else:
        break_file(ledger, how)
    report = run(exports, interrupted, resume=True)
    assert same(interrupted)
    assert report.kept == 2
    assert len(read) == report.parts - 2


def test_a_lost_log_of_the_ledger_only_costs_time(interrupted, exports, run, same):
    for log in parts_of(interrupted).glob("ledger.sqlite-*"):
        log.unlink()
    run(exports, interrupted, resume=True)
    assert same(interrupted)


def test_the_clock_may_go_backwards(interrupted, exports, run, same, monkeypatch):
    import datetime as dt
    import time

    class Earlier(dt.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2023, 5, 5, tzinfo=tz)

    monkeypatch.setattr(batch.dt, "datetime", Earlier)
    monkeypatch.setattr(time, "time", lambda: 1.0)
    for path in parts_of(interrupted).iterdir():
        os.utime(path, (1, 1))
    # All dates would lie in the future of this clock; the first call's present holds.
    run(exports, interrupted, resume=True)
    assert same(interrupted)


def test_two_calls_at_once_are_not_let_in(exports, run, tmp_path, monkeypatch):
    output = tmp_path / "mentions.parquet"
    whole = local.score_parts
    refused = []

    def meanwhile(*arguments, **options):
        if not refused:
            with pytest.raises(VocError) as error:
                run(exports, output)
            refused.append(str(error.value))
        yield from whole(*arguments, **options)

    monkeypatch.setattr(local, "score_parts", meanwhile)
    run(exports, output)
    assert f"{output}: process {os.getpid()} since " in refused[0]
    assert "is writing this output; wait until it has finished" in refused[0]


def test_a_full_disk_is_said_and_nothing_is_lost(interrupted, exports, run, same, monkeypatch):
    from voc.scoring import parts

    def full(path):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(parts, "sync_file", full)
        with pytest.raises(VocError) as said:
            run(exports, interrupted, resume=True)
    assert str(said.value).startswith(f"{interrupted}: the disk is full; nothing is lost, 2 of 3 parts are done: ")
    assert str(said.value).endswith("free some space and give the same command with --resume.")
    assert not list(parts_of(interrupted).glob("*.tmp"))
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    with monkeypatch.context() as patch:
        patch.setattr(batch.Ledger, "put_scored", lambda *_: (_ for _ in ()).throw(error))
        with pytest.raises(VocError, match="the disk is full"):
            run(exports, interrupted, resume=True)
    run(exports, interrupted, resume=True)
    assert same(interrupted)


def test_an_unreadable_file_among_others_is_a_reject(run, tmp_path):
    good = write(tmp_path / "good.jsonl", [{"text": text, "rating": stars} for text, stars in SAYINGS])
    (tmp_path / "bad.csv").write_bytes(b"")
    output = tmp_path / "mentions.parquet"
    report = run([tmp_path / "bad.csv", good], output)
    assert report.accepted == len(SAYINGS)
    assert report.rejected == 0
    assert report.files[0].problem == "bad.csv: the file is empty; export it again."
    (line,) = pq.read_table(report.rejects).to_pylist()
    assert (line["source"], line["row"], line["reason"]) == ("bad.csv", None, report.files[0].problem)
    # The next result has no rejects, and does not stand beside those of this one.
    assert run([good], output).rejects is None
    assert {path.name for path in tmp_path.iterdir()} == {"good.jsonl", "bad.csv", "mentions.parquet"}


def test_without_a_usable_row_nothing_is_left_behind(run, tmp_path):
    export = write(tmp_path / "stars.jsonl", [{"text": "Nice", "rating": 11}, {"text": "", "rating": 3}])
    with pytest.raises(VocError, match=r"none of the 2 rows holds a usable review \(1 no text, 1 rating out of range"):
        run([export], tmp_path / "mentions.parquet")
    assert {path.name for path in tmp_path.iterdir()} == {"stars.jsonl"}
