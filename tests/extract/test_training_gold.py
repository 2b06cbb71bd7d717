import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voc.errors import VocError
from voc.extract.training.gold import (
    SOURCES,
    Example,
    Opinion,
    delete_characters,
    read_gold,
    roughen,
    undo_tokenisation,
)


def marked(text):
    """Build an example from a text with [phrase] brackets."""
    plain, spans, start = "", [], 0
    for char in text:
        if char == "[":
            start = len(plain)
        elif char == "]":
            spans.append((start, len(plain)))
        else:
            plain += char
    return Example(plain, "review", tuple(Opinion(None, span, "negative") for span in spans))


def test_tokenisation_is_undone_and_spans_move_along():
    example = undo_tokenisation(marked("It did n't [work well] , the plug ( a [loose] one ) did n't fit ."))
    assert example.text == "It didn't work well, the plug (a loose one) didn't fit."
    assert [example.text[slice(*o.phrase)] for o in example.opinions] == ["work well", "loose"]


def test_contractions_split_after_the_apostrophe_are_joined():
    assert undo_tokenisation(marked("I didn 't mind")).text == "I didn't mind"


@given(st.text(alphabet="ab .,'n", max_size=60), st.data())
def test_deleting_characters_keeps_what_spans_say(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    gone = data.draw(st.sets(st.integers(0, max(0, len(text) - 1)), max_size=10)) if text else set()
    example = Example(text, "review", (Opinion(None, (start, end), "negative"),) if start < end else ())
    result = delete_characters(example, gone)
    expected = "".join(c for i, c in enumerate(text) if start <= i < end and i not in gone)
    assert len(result.text) == len(text) - len(gone)
    said = [result.text[slice(*o.phrase)] for o in result.opinions]
    assert said == ([expected] if expected else [])


@given(st.integers(0, 500))
def test_noise_keeps_spans_inside_the_text(seed):
    example = roughen(marked("The cable [frays near the plug], badly. Then it [died]!"), random.Random(seed))
    for opinion in example.opinions:
        assert 0 <= opinion.phrase[0] < opinion.phrase[1] <= len(example.text)
        assert not example.text[opinion.phrase[0]].isspace()


def test_a_malformed_line_is_named(tmp_path):
    path = tmp_path / "set.train.jsonl"
    path.write_text(json.dumps({"id": "1", "text": "fine", "opinions": []}) + "\n{oops\n")
    with pytest.raises(VocError, match=r"set\.train\.jsonl, line 2: not a labelled opinion line"):
        read_gold(path, SOURCES[0])
    with pytest.raises(VocError, match="is missing; name the folder"):
        read_gold(tmp_path / "none.jsonl", SOURCES[0])
