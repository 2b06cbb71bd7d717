"""Reading labelled lines, and refusing what is not labelled as it should be."""

import json

import pytest

from voc.errors import VocError
from voc.evaluate import GoldOpinion, read_gold


def write(path, *rows):
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


def test_opinions_suggestions_and_topics(tmp_path):
    path = write(
        tmp_path / "gold.jsonl",
        {
            "id": "a",
            "text": "😀 cable frays",
            "opinions": [{"aspect": [2, 7], "phrase": [8, 13], "polarity": "negative", "category": "Cable"}],
        },
        "",
        {"text": "x", "opinions": [{"aspect": None, "phrase": None, "polarity": "neutral", "category": None}]},
        {"text": "Add a torch.", "suggestion": 1},
        {"text": "Sharp screen", "topic": "screen"},
    )
    first, second, third, fourth = read_gold(path)
    assert first.id == "a"
    assert first.opinions == (GoldOpinion((2, 7), (8, 13), "negative", "Cable"),)
    # Offsets are code points: the emoji is one.
    assert first.text[2:7] == "cable"
    assert second.opinions == (GoldOpinion(None, None, "neutral"),)
    assert (third.id, third.suggestion, third.opinions) == ("4", True, None)
    assert fourth.topic == "screen"


def test_a_line_separator_inside_a_text_does_not_split_the_line(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"text": "one\u2028two\x85", "suggestion": 0}, ensure_ascii=False), "utf-8")
    assert [line.text for line in read_gold(path)] == ["one\u2028two\x85"]


OPINION = {"aspect": None, "phrase": None, "polarity": "positive"}


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("{", "this is not valid JSON"),
        ("[1]", "this is not a JSON object"),
        ({"opinions": []}, '"text" is missing or not a string'),
        ({"text": 3, "opinions": []}, '"text" is missing or not a string'),
        ({"text": "x"}, 'none of "opinions", "suggestion" and "topic" is there'),
        ({"text": "x", "opinions": {}}, '"opinions" is not a list'),
        ({"text": "x", "opinions": [3]}, "an opinion is not a JSON object"),
        ({"text": "x", "opinions": [{}]}, '"polarity" is None instead of positive, negative or neutral'),
        ({"text": "x", "opinions": [{**OPINION, "category": 3}]}, '"category" is 3 instead of a string or null'),
        ({"text": "x", "opinions": [{**OPINION, "aspect": [0]}]}, '"aspect" is [0] instead of [start, end] or null'),
        ({"text": "x", "opinions": [{**OPINION, "phrase": [0, True]}]}, '"phrase" is [0, True] instead of'),
        (
            {"text": "😀", "opinions": [{**OPINION, "aspect": [0, 2]}]},
            '"aspect" [0, 2] does not lie within the 1 characters of the text',
        ),
        ({"text": "xy", "opinions": [{**OPINION, "phrase": [1, 1]}]}, '"phrase" [1, 1] does not lie within'),
        ({"text": "x", "suggestion": 2}, '"suggestion" is 2 instead of 0 or 1'),
        ({"text": "x", "suggestion": "1"}, "\"suggestion\" is '1' instead of 0 or 1"),
        ({"text": "x", "topic": None}, '"topic" is None instead of a string'),
    ],
)
def test_a_malformed_line_is_named(tmp_path, row, what):
    path = write(tmp_path / "gold.jsonl", {"text": "fine", "suggestion": 0}, row)
    with pytest.raises(VocError) as caught:
        read_gold(path)
    message = str(caught.value)
    assert message.startswith(f"{path}, line 2: {what}")
    assert message.endswith("; correct that line.")


def test_files_without_labelled_lines(tmp_path):
    with pytest.raises(VocError, match="there is no such file"):
        read_gold(tmp_path / "none.jsonl")
    with pytest.raises(VocError, match="there is no labelled line in this file"):
        read_gold(write(tmp_path / "empty.jsonl", "", " "))
    (tmp_path / "bytes.jsonl").write_bytes(b'{"text": "\xff"}')
    with pytest.raises(VocError, match="this file is not UTF-8 text"):
        read_gold(tmp_path / "bytes.jsonl")
    with pytest.raises(VocError, match="this file cannot be read"):
        read_gold(tmp_path)
