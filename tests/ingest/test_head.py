"""Large exports are looked at by their beginning: quickly, in little memory, and with the same understanding."""

import gzip
import io
import json
import random
import subprocess
import sys
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from voc.config import IngestConfig
from voc.errors import VocError
from voc.ingest import preview
from voc.ingest.delimited import whole_rows
from voc.ingest.encoding import whole_characters
from voc.ingest.files import Limits
from voc.ingest.head import HEAD_BYTES, HEAD_ROWS, read_head

ROWS = 12_000


def record(number):
    return {
        "Review": f'It "frayed", near the plug,\nafter {number} days: größer 😀',
        "Stars": 1 + number % 5,
        "Date": f"{2000 + number % 20}-0{1 + number % 9}-11",
    }


def csv_text(rows=ROWS, separator=","):
    lines = [separator.join(record(0))]
    for number in range(rows):
        said, stars, day = record(number).values()
        quoted = said.replace('"', '""')
        lines.append(f'"{quoted}"{separator}{stars}{separator}{day}')
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def table():
    return pa.Table.from_pylist([record(number) for number in range(ROWS)])


def parquet(table):
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def zipped(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_", "."), data)
    return buffer.getvalue()


def workbook(rows):
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(record(0)))
    for number in range(rows):
        sheet.append(list(record(number).values()))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def records(indent=None):
    return json.dumps([record(number) for number in range(ROWS)], indent=indent, ensure_ascii=False)


MADE = {
    "a.csv": lambda: csv_text().encode(),
    "a.tsv": lambda: csv_text(separator="\t").encode("utf-16"),
    "latin.csv": lambda: csv_text().replace("😀", "é").encode("cp1252"),
    "a.jsonl": lambda: "".join(json.dumps(record(n), ensure_ascii=False) + "\n" for n in range(ROWS)).encode(),
    "a.json": lambda: records().encode(),
    "indented.json": lambda: records(1).encode(),
    "inside.json": lambda: f'{{"shop": [], "page": {{"reviews": {records()}}}}}'.encode(),
    "a.csv.gz": lambda: gzip.compress(csv_text().encode(), 1),
    "a.zip": lambda: zipped(a_csv=csv_text(), readme_md="x"),
    "gz.zip": lambda: zipped(a_csv_gz=gzip.compress(csv_text().encode(), 1)),
    "xlsx.zip": lambda: zipped(a_xlsx=workbook(HEAD_ROWS + 50)),
}


@pytest.mark.parametrize("name", MADE)
def test_the_beginning_of_a_large_file_is_understood_as_the_file(tmp_path, name):
    (tmp_path / name).write_bytes(MADE[name]())
    shown = preview(tmp_path / name, config=IngestConfig())
    assert shown.problem is None
    assert not shown.whole
    assert shown.mapping == {"body": "Review", "rating": "Stars", "written_at": "Date"}
    assert shown.cleaned["text"].to_pylist()[:2] == [
        f'It "frayed", near the plug,\nafter {number} days: größer {"é" if "latin" in name else "😀"}'
        for number in range(2)
    ]
    assert not [note for note in shown.notes if "could not be" in note]
    head = read_head(tmp_path / name, Limits.of(IngestConfig()))
    assert 1000 < head.raw.table.num_rows < ROWS
    # No row was cut in two.
    assert head.raw.bad == []
    assert {row[-1] for row in head.raw.table["Review"].to_pylist()} == {"é" if "latin" in name else "😀"}


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_the_first_rows_of_a_table_are_enough(tmp_path, table, kind):
    data = parquet(table) if kind == "parquet" else workbook(HEAD_ROWS + 50)
    (tmp_path / f"a.{kind}").write_bytes(data)
    head = read_head(tmp_path / f"a.{kind}", Limits.of(IngestConfig()))
    assert (head.raw.table.num_rows, head.whole) == (HEAD_ROWS, False)
    assert preview(tmp_path / f"a.{kind}", config=IngestConfig()).mapping["body"] == "Review"


def test_a_small_file_is_looked_at_whole(tmp_path):
    for name, data in {"a.csv": csv_text(50).encode(), "a.csv.gz": gzip.compress(csv_text(50).encode())}.items():
        (tmp_path / name).write_bytes(data)
        head = read_head(tmp_path / name, Limits.of(IngestConfig()))
        assert (head.whole, head.raw.table.num_rows, head.name) == (True, 50, name)


def test_an_export_of_many_gigabytes_takes_a_moment_and_little_memory(tmp_path):
    # 2 GB of which nothing but the beginning lies on the disk, and 288 MB in a gzip.
    beginning = csv_text(HEAD_BYTES // 40).encode()
    with (tmp_path / "huge.csv").open("wb") as file:
        file.write(beginning)
        file.truncate(2 * 1024**3)
    noise = random.Random(1).randbytes(40_000).hex()
    member = gzip.compress(f'"{noise}",5,2020-01-01\n'.encode() * 12, 1)
    (tmp_path / "huge.csv.gz").write_bytes(gzip.compress(beginning, 1) + member * 300)
    code = (
        "import resource, sys, time; from voc.config import IngestConfig; from voc.ingest import preview\n"
        "preview(sys.argv[3], config=IngestConfig())\n"
        "before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()\n"
        "for name in sys.argv[1:3]:\n"
        "    shown = preview(name, config=IngestConfig())\n"
        "    assert shown.problem is None and not shown.whole, shown.problem\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, time.monotonic() - began)"
    )
    small = tmp_path / "small.csv"
    small.write_bytes(csv_text(2000).encode())
    names = [str(tmp_path / name) for name in ("huge.csv", "huge.csv.gz", "small.csv")]
    said = subprocess.run([sys.executable, "-c", code, *names], capture_output=True, text=True, check=True).stdout
    kilobytes, seconds = (float(one) for one in said.split())
    assert kilobytes < 60_000
    assert seconds < 20


def test_dates_whose_order_only_later_rows_tell_stop_nothing(tmp_path):
    lines = [f"It frays after {n} days of use at home,{1 + n % 9}/{1 + n % 12}/2019" for n in range(30_000)]
    path = tmp_path / "a.csv"
    path.write_text("Review,Date\n" + "\n".join(lines[:300]) + "\n")
    assert "date_order" in (preview(path, config=IngestConfig()).problem or "")
    path.write_text("Review,Date\n" + "\n".join(lines) + "\nIt frays.,25/12/2019\n")
    shown = preview(path, config=IngestConfig())
    assert shown.problem is None
    assert "looks at all rows" in shown.notes[-1]
    # Whoever knows it may say it all the same.
    assert not shown.whole
    assert shown.open_dates is not None
    assert preview(path, config=IngestConfig(date_order="dmy")).cleaned["written_at"].null_count == 0
    assert shown.mapping["written_at"] == "Date"


def test_a_json_whose_beginning_holds_no_record_is_opened_whole(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"about": "x" * (HEAD_BYTES + 10), "reviews": [record(1), record(2)]}))
    shown = preview(path, config=IngestConfig())
    assert (shown.problem, shown.cleaned.num_rows, shown.whole) == (None, 2, True)


def test_what_is_wrong_with_an_archive_is_said_in_its_sentence(tmp_path):
    whole = gzip.compress(csv_text().encode())
    for name, data, said in (
        ("cut.csv.gz", whole[: len(whole) // 2], "cut short"),
        ("broken.csv.gz", whole[:40] + bytes(40) + whole[80:], "is damaged"),
        ("none.zip", zipped(readme_md="x"), "holds no export"),
        ("empty.csv.gz", gzip.compress(b""), "is empty"),
    ):
        (tmp_path / name).write_bytes(data)
        problem = preview(tmp_path / name, config=IngestConfig()).problem or ""
        assert said in problem
        assert problem.startswith(f"{name}: ")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(csv_text(50).encode()) + b"trailing garbage")
    assert preview(tmp_path / "a.csv.gz", config=IngestConfig()).problem is None
    with pytest.raises(VocError, match="cannot be read"):
        read_head(tmp_path, Limits.of(IngestConfig()))


def test_rows_end_where_no_quote_is_open():
    assert whole_rows('a,b\n"x\ny",2\n"z\nhalf') == 'a,b\n"x\ny",2\n'
    assert whole_rows("a\r\nb\r\nha") == "a\r\nb\r\n"
    assert whole_rows('5" cable\nhalf') == '5" cable\n'
    assert whole_rows("one line") == "one line"
    assert whole_characters("a\né".encode()[:-1]) == b"a\n"
    assert len(whole_characters("ab".encode("utf-16-le") + b"c")) == 4
