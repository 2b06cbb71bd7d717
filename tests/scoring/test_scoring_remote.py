"""Scoring exports in S3: the same bytes as from the disk, one sentence where they cannot be had, and going on."""

import csv
import gzip
import io
import json

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import s3fs
from click.testing import CliRunner

from tests.scoring.store import Store
from voc.cli import main
from voc.errors import VocError
from voc.ingest import streaming_text


@pytest.fixture(scope="module")
def store(exports):
    """Return a running server that holds the exports in all forms."""
    server = Store()
    server.start()
    server.put(in_store(exports))
    yield server
    server.kill()


@pytest.fixture(autouse=True)
def configured(store, monkeypatch, tmp_path):
    """Set what a user sets: where the store is, and the keys."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", store.address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", store.key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", store.secret)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    # No other keys are found than these, and a server that is away is given up at once.
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3fs.S3FileSystem.clear_instance_cache()
    yield
    s3fs.S3FileSystem.clear_instance_cache()


def rows_of(export):
    return [json.loads(line) for line in export.read_text(encoding="utf-8").splitlines()]


def as_csv(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_parquet(rows):
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


def in_store(exports):
    first, second = exports
    return {
        "reviews/first.jsonl": first.read_bytes(),
        "reviews/second.jsonl": second.read_bytes(),
        "mixed/first.csv": as_csv(rows_of(first)),
        "mixed/second.jsonl.gz": gzip.compress(second.read_bytes(), mtime=0),
        "tables/first.parquet": as_parquet(rows_of(first)),
        "tables/second.parquet": as_parquet(rows_of(second)),
    }


def test_a_pattern_gives_the_bytes_that_the_files_give(run, same, tmp_path):
    output = tmp_path / "mentions.parquet"
    report = run(["s3://shop/reviews/*.jsonl"], output)
    assert [file.file for file in report.files] == ["first.jsonl", "second.jsonl"]
    assert same(output)


def test_a_folder_of_csv_and_gzip_gives_the_bytes_that_the_files_give(run, exports, tmp_path):
    local = []
    for name, content in in_store(exports).items():
        if name.startswith("mixed/"):
            local.append(tmp_path / name.removeprefix("mixed/"))
            local[-1].write_bytes(content)
    run(local, tmp_path / "local.parquet")
    run(["s3://shop/mixed"], tmp_path / "remote.parquet")
    for ending in (".parquet", ".rejects.parquet"):
        assert (tmp_path / f"remote{ending}").read_bytes() == (tmp_path / f"local{ending}").read_bytes()


def test_parquet_gives_the_mentions_that_the_files_give(run, undisturbed, tmp_path):
    _, known = undisturbed
    run(["s3://shop/tables/*.parquet"], tmp_path / "mentions.parquet")
    # The note of what was read is another: for a table in a store it stands on what the store says of it.
    assert pq.read_table(tmp_path / "mentions.parquet").equals(pq.read_table(known))


@pytest.mark.parametrize(
    ("address", "wrong", "said"),
    [
        ("s3://shpo/reviews/first.jsonl", {}, "there is no bucket shpo; check its name and the endpoint."),
        ("s3://shpo/reviews/*.jsonl", {}, "there is no bucket shpo; check its name and the endpoint."),
        ("s3://shop/reviews/third.jsonl", {}, "there is no such file; check the address."),
        ("s3://shop/reviews/*.parquet", {}, "no file matches this pattern; check the folder and the ending."),
        (
            "s3://shop/reviews/first.jsonl",
            {"AWS_SECRET_ACCESS_KEY": "wrong"},
            "access is refused (The request signature we calculated does not match the signature you provided. Check "
            "your key and signing method); check your keys (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
            "AWS_PROFILE) and what they may read.",
        ),
        (
            "s3://shop/reviews/*.jsonl",
            {"AWS_ACCESS_KEY_ID": "AKIAWRONG"},
            "access is refused (The AWS Access Key Id you provided does not exist in our records); check your keys "
            "(AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE) and what they may read.",
        ),
        (
            "s3://shop/reviews/*.jsonl",
            {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None},
            "access is refused (Unable to locate credentials); check your keys (AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE) and what they may read.",
        ),
    ],
)
def test_what_cannot_be_had_is_said_in_one_sentence(monkeypatch, tmp_path, address, wrong, said):
    for name, value in wrong.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, ["score", address, "--output", str(tmp_path / "mentions.parquet")])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.rstrip("\n").removeprefix("Error: ") == f"{address}: {said}"
    assert not [path for path in tmp_path.iterdir() if "mentions" in path.name]


def test_a_store_that_dies_while_it_is_read_is_gone_on_with(store, exports, run, same, monkeypatch, tmp_path):
    # The exports are small, so that they are fetched in smaller pieces than usual.
    monkeypatch.setattr(streaming_text, "BLOCK", 500)
    monkeypatch.setitem(fsspec.config.conf, "s3", {"default_block_size": 500, "default_cache_type": "none"})
    output = tmp_path / "mentions.parquet"
    read = []

    def dies(stage, done, _):
        if stage == "Reading exports":
            read.append(done)
            store.kill()

    said = r"first\.jsonl: cannot be reached \(.*\); check .* and give the same command with --resume: [^.]*\.$"
    with pytest.raises(VocError, match=rf"^s3://shop/reviews/{said}"):
        run(["s3://shop/reviews/*.jsonl"], output, progress=dies)
    assert len(read) == 1
    with pytest.raises(VocError, match=r"^s3://shop/reviews/\*\.jsonl: cannot be reached \(.*\); check [^.]*\.$"):
        run(["s3://shop/reviews/*.jsonl"], output, resume=True)
    store.start()
    store.put(in_store(exports))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", store.key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", store.secret)
    s3fs.S3FileSystem.clear_instance_cache()
    again = []
    report = run(
        ["s3://shop/reviews/*.jsonl"],
        output,
        resume=True,
        progress=lambda stage, done, _: again.append(done) if stage == "Reading exports" else None,
    )
    # What was read before is not read again.
    assert again[0] > read[0]
    assert report.accepted + report.duplicates + report.rejected == report.rows_read
    assert same(output)
