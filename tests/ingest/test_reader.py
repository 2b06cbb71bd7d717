from __future__ import annotations

import datetime as dt
import json

from voc.config import IngestConfig
from voc.ingest import preview, read_exports
from voc.tables import SCHEMAS


def test_tables_have_their_schemas(read):
    result = read("Review,Stars\nIt works,5\n,1\n")
    for name in ("reviews", "products", "rejects", "imports"):
        assert getattr(result, name).schema == SCHEMAS[name]


def test_imports_carry_the_accounts(read):
    (row,) = read("Review,Stars\nIt works,5\nIt works,5\n,1\n").imports.to_pylist()
    assert (row["rows_read"], row["accepted"], row["duplicates"], row["rejected"]) == (3, 1, 1, 1)
    assert json.loads(row["mapping"]) == {"rating": "Stars", "body": "Review"}
    assert row["encoding"] == "UTF-8"


def test_the_import_id_is_of_the_content_and_the_mapping(read):
    content = "Review,Note\nIt works,fine by me\n"
    ids = [
        read(content, name, **options).imports["import_id"][0].as_py()
        for name, options in (("a.csv", {}), ("b.csv", {}), ("a.csv", {"mapping": {"body": "Note"}}))
    ]
    assert ids[0] == ids[1] != ids[2]


def test_the_order_of_rows_changes_no_review(read):
    head, lines = "Review,Stars,Product", ["It works,5,A", "It broke,1,B", "Fine with me,3,A", "It broke,1,A"]
    keyed = [
        {row["review_id"]: (row["text"], row["rating"]) for row in read("\n".join([head, *order])).reviews.to_pylist()}
        for order in (lines, lines[::-1])
    ]
    assert keyed[0] == keyed[1]


def test_ids_do_not_depend_on_the_format_of_the_file(read):
    csv = read("Review,Stars\nIt works,5\n").reviews["review_id"].to_pylist()
    assert read("Stars\tReview\n5\tIt works\n", "a.tsv").reviews["review_id"].to_pylist() == csv
    assert read('[{"review": "It works", "stars": 5}]', "a.json").reviews["review_id"].to_pylist() == csv


def test_personal_data_never_leaves(read):
    content = (
        "Review,Reviewer Name,User ID,Contact e-mail,Support note,IP,Stars\n"
        '"Write to jo@example.com or +1 415 555 2671",Jo Doe,U-77,jo@example.com,"called jo@example.com, 10.1.2.3",10.1.2.3,5\n'  # noqa: E501
        '"Refund me, jo@example.com",Jo Doe,U-77,jo@example.com,none,10.1.2.3,99\n'
    )
    result = read(content)
    everything = str(result.reviews.to_pylist()) + str(result.rejects.to_pylist()) + str(result.products.to_pylist())
    for private in ("jo@example.com", "555", "Doe", "U-77", "10.1.2.3"):
        assert private not in everything
    assert result.reviews["text"].to_pylist() == ["Write to [email] or [phone]"]
    assert result.rejects["excerpt"].to_pylist() == ["Refund me, [email]"]


def test_unreadable_cells_are_counted_and_the_rows_kept(read):
    result = read("Review,Stars,Date\nIt works,lots,someday\nIt broke,1,2024-05-01\n")
    assert result.reviews["rating"].to_pylist() == [None, 1.0]
    assert result.reviews["written_at"].to_pylist() == [None, dt.datetime(2024, 5, 1, tzinfo=dt.UTC)]
    assert result.reports[0].notes == [
        "ratings that could not be read and were left empty: 1",
        "dates that could not be read and were left empty: 1",
    ]


def test_the_date_order_of_the_configuration_decides(read):
    result = read("Review,Date\nIt works,01/02/2020\n", config=IngestConfig(date_order="mdy"))
    assert result.reviews["written_at"].to_pylist() == [dt.datetime(2020, 1, 2, tzinfo=dt.UTC)]


def test_other_columns_ride_along_and_languages_are_taken_when_given(read):
    result = read("Review,Language,Device model\nIt works,de-DE,Pixel\n")
    assert json.loads(result.reviews["extra"][0].as_py()) == {"Device model": "Pixel"}
    assert result.reviews["language"].to_pylist() == ["de"]


def test_channels(read):
    result = read("Comment,Channel\nIt works,Survey\nIt broke,tickets\nFine,shop\n")
    assert result.reviews["channel"].to_pylist() == ["survey", "ticket", "review"]


def test_progress_names_stages_and_ends_complete(read):
    seen = []
    read("Review\nIt works as it should and more\n", progress=lambda *call: seen.append(call))
    assert seen[0] == ("Reading", 0, 1)
    assert seen[-1] == ("Detecting languages", 1, 1)


def test_preview_shows_mapping_raw_and_cleaned_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Review,Stars,Colour,Note\n" + "".join(f"Text&amp;more {i},5,red,x\n" for i in range(50)))
    shown = preview(path, config=IngestConfig(), rows=7)
    assert shown.problem is None
    assert shown.mapping == {"variant": "Colour", "rating": "Stars", "body": "Review"}
    assert shown.unmapped == ["Note"]
    assert shown.sample.num_rows == shown.cleaned.num_rows == 7
    assert shown.sample["Review"][0].as_py() == "Text&amp;more 0"
    assert shown.cleaned["text"][0].as_py() == "Text&more 0"
    assert shown.cleaned.schema == SCHEMAS["reviews"]


def test_preview_shows_what_it_can_and_names_the_problem(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n3,4\n5,6\n")
    shown = preview(path, config=IngestConfig())
    assert shown.headers == ["a", "b"]
    assert shown.problem == "a.csv: no column holds review text (columns: a, b); name it with --map body=HEADER."
    path.write_text("Review,Date\nIt works,01/02/2020\n")
    shown = preview(path, config=IngestConfig())
    assert shown.mapping == {"body": "Review", "written_at": "Date"}
    assert "date_order" in (shown.problem or "")
    assert shown.open_dates == "a.csv, column 'Date': the order of day and month cannot be told (as in 01/02/2020)"
    assert shown.open_date.written == "01/02/2020"
    told = preview(path, config=IngestConfig(date_order="mdy"))
    assert (told.problem, told.open_dates, told.open_date) == (None, None, None)
    assert told.cleaned["written_at"].to_pylist() == [dt.datetime(2020, 1, 2, tzinfo=dt.UTC)]
    path.write_text("")
    assert preview(path, config=IngestConfig()).problem == "a.csv: the file is empty; export it again."
    assert "no such file" in (preview(tmp_path / "none.csv", config=IngestConfig()).problem or "")


def test_a_mapping_that_fits_no_column_is_a_problem_of_the_preview(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Review\nIt works\n")
    assert "there is no column 'X'" in (preview(path, config=IngestConfig(), mapping={"body": "X"}).problem or "")


def test_five_thousand_reviews_are_read_in_bounded_time(tmp_path):
    import time

    path = tmp_path / "a.csv"
    path.write_text(
        "Review,Stars\n"
        + "".join(f'"Unit {i} works, but the cable is too short and the plug {i} wobbles",3\n' for i in range(5000))
    )
    started = time.process_time()
    assert read_exports([path], config=IngestConfig()).reviews.num_rows == 5000
    assert time.process_time() - started < 20
