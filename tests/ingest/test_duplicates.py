from __future__ import annotations

import json

import pytest

from voc.config import IngestConfig
from voc.ingest import read_exports
from voc.ingest.duplicates import word_count

LONG = "The left side went dead after only two weeks of use"
EIGHT = "one two three four five six seven eight"


def counts(result):
    return [(r.accepted, r.duplicates, r.rejected) for r in result.reports]


def lines(*records):
    return "\n".join(json.dumps(r) for r in records)


def test_equal_rows_are_duplicates_and_near_equal_short_ones_are_not(read):
    result = read("Review,Stars,Product\nGood,5,Cable\nGood,5,Cable\nGood,4,Cable\nGood,5,Plug\n")
    assert counts(result) == [(3, 1, 0)]


def test_customers_with_the_same_few_words_are_told_apart_by_any_field(read):
    content = "Review,Author\n" + "".join(f"Good,customer {i}\n" for i in range(58))
    assert counts(read(content)) == [(58, 0, 0)]


def test_eight_words_on_the_same_product_are_a_duplicate(read):
    head = "Review,Stars,Product\n"
    assert counts(read(f"{head}{EIGHT},5,Cable\n{EIGHT.title()}!,4,Cable\n")) == [(1, 1, 0)]
    assert counts(read(f"{head}{EIGHT},5,Cable\n{EIGHT},4,Plug\n")) == [(2, 0, 0)]
    assert counts(read(f"{head}{EIGHT[:-6]},5,Cable\n{EIGHT[:-6]},4,Cable\n")) == [(2, 0, 0)]


def test_a_copy_under_another_title_is_a_duplicate(read):
    assert counts(read(f"Title,Review\nBad,{LONG}\nVery bad,{LONG}\n")) == [(1, 1, 0)]


def test_syndicated_copies_across_colour_variants(read):
    rows = "".join(f"B0000000{i},Speaker,{colour},{LONG},1\n" for i, colour in enumerate(("Black", "Red", "Blue")))
    result = read("asin,product,variation,review,stars\n" + rows)
    assert counts(result) == [(1, 2, 0)]


def test_a_later_edit_of_the_same_review_replaces_it(read):
    old = {"review_id": "R1", "text": "It works", "rating": 5, "date": "2024-01-01"}
    new = {"review_id": "R1", "text": "It stopped working", "rating": 1, "date": "2024-03-01"}
    for order in ((old, new), (new, old)):
        result = read(lines(*order), "a.jsonl")
        assert counts(result) == [(1, 1, 0)]
        assert result.reviews["text"].to_pylist() == ["It stopped working"]
        assert result.superseded == []


def test_an_edit_across_runs_is_named_as_superseding(read, tmp_path):
    old = read(lines({"review_id": "R1", "text": "It works", "rating": 5}), "a.jsonl").reviews
    result = read(lines({"review_id": "R1", "text": "It broke", "rating": 1}), "b.jsonl", existing=old)
    assert result.superseded == ["R1"]
    assert counts(result) == [(1, 0, 0)]
    again = read(lines({"review_id": "R1", "text": "It works", "rating": 5}), "a.jsonl", existing=old)
    assert (again.superseded, counts(again)) == ([], [(0, 1, 0)])


def test_the_same_id_on_another_product_is_another_review(read):
    result = read(
        lines(
            {"review_id": "1", "text": "It works", "product": "Cable"},
            {"review_id": "1", "text": "It is too big", "product": "Power bank"},
        ),
        "a.jsonl",
    )
    assert counts(result) == [(2, 0, 0)]
    assert len(set(result.reviews["review_id"].to_pylist())) == 2
    assert any("review ids were taken" in note for note in result.reports[0].notes)


@pytest.mark.parametrize("ids", [True, False])
def test_running_twice_adds_nothing_and_tomorrow_only_what_is_new(tmp_path, ids):
    def record(i):
        return {"text": f"Text {i} {'of a long review with many words ' * (i % 2)}", "rating": 1 + i % 5} | (
            {"review_id": f"R{i}"} if ids else {}
        )

    path = tmp_path / "a.jsonl"
    path.write_text(lines(*(record(i) for i in range(40))))
    first = read_exports([path], config=IngestConfig())
    again = read_exports([path], config=IngestConfig(), existing=first.reviews)
    assert again.reviews.num_rows == 0
    assert again.reports[0].duplicates == 40
    assert again.imports["import_id"] == first.imports["import_id"]
    path.write_text(lines(*(record(i) for i in range(45))))
    tomorrow = read_exports([path], config=IngestConfig(), existing=first.reviews)
    assert tomorrow.reviews.num_rows == 5
    assert tomorrow.superseded == []


def test_the_same_file_twice_in_one_run(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("Review,Stars\nIt works,5\nIt broke,1\n")
    result = read_exports([tmp_path], config=IngestConfig())
    assert counts(result) == [(2, 0, 0), (0, 2, 0)]
    assert len(set(result.imports["import_id"].to_pylist())) == 1


def test_a_replaced_row_counts_in_the_file_it_came_from(tmp_path):
    (tmp_path / "a.jsonl").write_text(
        lines({"review_id": "R1", "text": "It works"}, {"review_id": "R2", "text": "Fine"})
    )
    (tmp_path / "b.jsonl").write_text(
        lines({"review_id": "R1", "text": "It broke"}, {"review_id": "R3", "text": "Bad one"})
    )
    result = read_exports([tmp_path], config=IngestConfig())
    assert counts(result) == [(1, 1, 0), (2, 0, 0)]
    assert sorted(result.reviews["text"].to_pylist()) == ["Bad one", "Fine", "It broke"]


def test_words_are_counted_in_scripts_without_spaces_too():
    assert word_count("Good, it works!") == 3
    assert word_count("这个产品很好用我很喜欢质量也很好") == 8
