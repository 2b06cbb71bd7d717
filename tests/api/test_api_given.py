"""Whatever holds reviews is read as an export of the same reviews is."""

import datetime as dt
import decimal
import json
import subprocess
import sys

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from voc import VocError
from voc.api.given import as_exports
from voc.config import IngestConfig
from voc.ingest import read_exports

TEXTS = ["The cable frays near the plug.", "Charges fast, looks good.", 'He said "no",\nand <b>meant</b> it; ünï 🔌.']
DAYS = [dt.datetime(2021, 3, 4, 5, 6, tzinfo=dt.UTC), None, dt.datetime(2022, 12, 31, tzinfo=dt.UTC)]
ROWS = [
    {"review_id": f"r{n}", "text": text, "rating": rating, "date": day, "verified": verified, "sku": "A-1"}
    for n, (text, rating, day, verified) in enumerate(zip(TEXTS, [1, None, 5], DAYS, [True, False, None], strict=True))
]


def read(data, **mapping):
    with as_exports(data) as exports:
        return read_exports(exports, config=IngestConfig(), mapping=mapping)


def kept(data, **mapping):
    columns = ["review_id", "text", "rating", "written_at", "verified"]
    return read(data, **mapping).reviews.select(columns).sort_by("review_id").to_pylist()


EXPECTED = [
    {"review_id": row["review_id"], "rating": row["rating"], "written_at": row["date"], "verified": row["verified"]}
    for row in ROWS
]
FRAME = pd.DataFrame(ROWS)
FORMS = {
    "records": ROWS,
    "a generator of records": (row for row in ROWS),
    "pandas": FRAME,
    "pandas with pyarrow types": FRAME.convert_dtypes(dtype_backend="pyarrow"),
    "pandas with nullable types": FRAME.convert_dtypes(),
    "pandas with objects": FRAME.astype(object),
    "pandas with categories": FRAME.astype({"text": "category", "rating": "category", "sku": "category"}),
    "pandas with an index of ids": FRAME.set_index("review_id"),
    "pandas with an index of two levels": FRAME.set_index(["sku", "review_id"]),
    "part of a pandas frame": pd.concat([FRAME, FRAME]).iloc[3:],
    "Polars": pl.DataFrame(ROWS),
    "Polars, lazy": pl.LazyFrame(ROWS),
    "Polars with categories": pl.DataFrame(ROWS).with_columns(pl.col("text", "sku").cast(pl.Categorical)),
    "Arrow": pa.Table.from_pylist(ROWS),
    "Arrow batch": pa.RecordBatch.from_pylist(ROWS),
    "Arrow with large and dictionary texts": pa.Table.from_pylist(ROWS)
    .set_column(1, "text", pa.array(TEXTS, pa.large_string()))
    .set_column(5, "sku", pa.array(["A-1"] * 3).dictionary_encode()),
    "columns by name": {name: [row[name] for row in ROWS] for name in ROWS[0]},
    "columns of NumPy": {name: np.array([row[name] for row in ROWS], dtype=object) for name in ROWS[0]},
}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS.keys())
def test_every_form_is_read_alike(data):
    found = kept(data)
    assert [{name: row[name] for name in EXPECTED[0]} for row in found] == EXPECTED
    assert [row["text"].split()[0] for row in found] == ["The", "Charges", "He"]
    assert "🔌" in found[2]["text"]


def test_relations_of_duckdb(tmp_path):
    frame = pa.Table.from_pylist(ROWS)  # noqa: F841 - DuckDB finds it by its name
    relation = duckdb.sql("SELECT * FROM frame")
    assert [row["written_at"] for row in kept(relation)] == DAYS


@pytest.mark.parametrize(
    "data",
    [
        TEXTS,
        tuple(TEXTS),
        np.array(TEXTS),
        pd.Series(TEXTS),
        pd.Series(TEXTS, name=7),
        pl.Series(TEXTS),
        pa.array(TEXTS),
        pa.chunked_array([TEXTS[:1], TEXTS[1:]]),
        [*TEXTS, None, float("nan"), pd.NA],
    ],
)
def test_texts_alone(data):
    found = read(data)
    assert sorted(text.split()[0] for text in found.reviews["text"].to_pylist()) == ["Charges", "He", "The"]
    assert found.reports[0].rows_read == len(data)
    assert found.reports[0].accepted == 3


def test_one_record_with_a_list_inside_is_one_review():
    found = read([{"text": TEXTS[0], "photos": [{"url": "a"}, {"url": "b"}]}])
    assert found.reviews["text"].to_pylist() == TEXTS[:1]


def test_nested_cells_are_columns_of_their_own():
    rows = [{"review": {"body": text, "stars": 4}} for text in TEXTS]
    for data in (rows, pa.Table.from_pylist(rows), pl.DataFrame(rows)):
        found = read(data).reviews
        assert found.num_rows == 3
        assert set(found["rating"].to_pylist()) == {4.0}


def test_odd_cells_are_read_as_what_they_mean():
    rows = [
        {"text": TEXTS[0], "rating": decimal.Decimal("4.0"), "date": dt.date(2021, 1, 2), "votes": np.int64(3)},
        {"text": TEXTS[1], "rating": "5", "date": "2021-01-03", "votes": pd.NA},
        {"text": TEXTS[2], "rating": np.float32(2), "date": pd.NaT, "votes": float("nan")},
    ]
    for data in (rows, pd.DataFrame(rows), pd.DataFrame(rows, index=[5, 5, 5])):
        found = read(data, helpful_votes="votes").reviews.sort_by("rating").to_pylist()
        assert [row["rating"] for row in found] == [2.0, 4.0, 5.0]
        assert [row["written_at"] and row["written_at"].day for row in found] == [None, 2, 3]
        assert [row["helpful_votes"] for row in found] == [None, 3, None]


def test_periods_are_the_moments_they_begin():
    frame = pd.DataFrame({"text": TEXTS[:2], "date": pd.PeriodIndex(["2021-03", "2022-01"], freq="M")})
    assert [row["written_at"].date().isoformat() for row in kept(frame.assign(review_id=["r0", "r1"]))] == [
        "2021-03-01",
        "2022-01-01",
    ]


def test_halves_of_characters_are_replaced():
    broken = [f"{TEXTS[0]} \ud83d", TEXTS[1]]
    for data in (
        broken,
        pd.DataFrame({"text": broken}, dtype=object),
        pd.Series(broken, dtype=object),
        [{"text": text} for text in broken],
    ):
        texts = sorted(read(data).reviews["text"].to_pylist())
        assert [text.split()[0] for text in texts] == ["Charges", "The"]
        assert texts[1].encode()


def test_headers_that_are_no_texts_or_repeat():
    frame = pd.DataFrame([[TEXTS[0], 5, "x"], [TEXTS[1], 4, "y"]])
    assert read(frame, body="0", rating="1").reviews["rating"].to_pylist() == [5.0, 4.0]
    frame.columns = ["text", "rating", "rating"]
    assert read(frame).reviews["rating"].to_pylist() == [5.0, 4.0]
    frame.columns = pd.MultiIndex.from_tuples([("review", "text"), ("review", "rating"), ("x", "")])
    assert read(frame).reviews["rating"].to_pylist() == [5.0, 4.0]


def test_equal_frames_are_one_import():
    ids = {read(FRAME.copy()).imports["import_id"][0].as_py() for _ in range(2)}
    assert len(ids) == 1


def test_several_frames_are_files_of_one_run():
    found = read([FRAME, pl.DataFrame(ROWS)])
    assert [report.file for report in found.reports] == ["DataFrame 1", "DataFrame 2"]
    assert [report.duplicates for report in found.reports] == [0, 3]


def test_paths_patterns_and_folders_are_left_to_the_reader_of_exports(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"text": f"{name} {TEXTS[0]}"}), encoding="utf-8")
    first, second = (str(tmp_path / f"{name}.jsonl") for name in ("a", "b"))
    for data in (tmp_path, f"{tmp_path}/*.jsonl", [first, second], [tmp_path / "a.jsonl", second], (tmp_path,)):
        assert read(data).reviews.num_rows == 2
    with as_exports(["s3://bucket/x.parquet", "gs://bucket/y.csv"]) as exports:
        assert exports == ["s3://bucket/x.parquet", "gs://bucket/y.csv"]
    with pytest.raises(VocError, match=r"there is no such file"):
        read(["monday.csv", "tuesday.csv"])
    with pytest.raises(VocError, match=r"is a file and 'A text.' is not"):
        read([first, "A text."])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "of type NoneType"),
        (5, "of type int"),
        (b"bytes", "of type bytes"),
        ([], "list is empty"),
        ([1, 2], "of type int"),
        (["A text.", 5], "of several kinds"),
        (pd.DataFrame(), "no columns"),
        (pl.DataFrame({"text": []}), "no rows"),
        ({"text": "one"}, "columns by name, each a list"),
        ({}, "columns by name, each a list"),
        ({"text": ["a", "b"], "rating": [1]}, "not of the same length"),
        ("The cable frays near the plug, and so on.", "give a list of them"),
    ],
)
def test_what_holds_no_reviews_is_refused_in_a_sentence(data, said):
    with pytest.raises(VocError, match=said) as caught:
        read(data)
    assert "\n" not in str(caught.value)


def test_the_files_go_when_they_are_read():
    with as_exports(FRAME) as exports:
        path = exports[0]
        assert path.exists()
        assert path.parent.stat().st_mode & 0o077 == 0
    assert not path.parent.exists()


def loaded(code):
    names = ("torch", "spacy", "pandas", "polars", "numpy", "pyarrow", "duckdb", "pydantic", "streamlit", "sklearn")
    tail = f"; import sys; print(*[name for name in {names!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_voc_loads_nothing_heavy():
    assert loaded("import voc; voc.analyze, voc.open, voc.load, voc.VocError, dir(voc)") == set()


def test_what_is_public_is_there():
    import voc

    assert all(getattr(voc, name) is not None for name in voc.__all__)
    assert set(voc.__all__) <= set(dir(voc))
    with pytest.raises(AttributeError, match="no attribute 'teapot'"):
        _ = voc.teapot


def test_opening_a_workspace_needs_no_model():
    code = "import voc\ntry: voc.open('nowhere')\nexcept voc.VocError: pass\nimport os"
    assert not {"torch", "spacy", "streamlit", "polars"} & loaded(code)
