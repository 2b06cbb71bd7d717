"""Labels that point into reviews by a hash of their text."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from voc.errors import VocError
from voc.extract.network import POLARITIES, TARGETS
from voc.extract.training.batches import IGNORED, encode
from voc.extract.training.labels import SEVERITY, read_labels, read_said, read_wishes, text_hash
from voc.resources import models_dir

LABELS = models_dir() / "opinions" / "labels"
TEXT = "The cable frays near the plug. I love the colour."


def label(text, **changes):
    return {
        "file": "amazon_toy_stars.jsonl",
        "hash": text_hash(text),
        "aspect": [4, 9],
        "phrase": [10, 29],
        "clause": [0, 30],
        "kind": "pain",
        "specificity": "trouble",
        "severity": 4,
        "target": "product",
        **changes,
    }


@pytest.fixture
def data(tmp_path):
    (tmp_path / "text").mkdir()
    rows = [{"text": TEXT, "stars": 2}, {"text": "Another one .", "stars": 5}]
    (tmp_path / "text" / "amazon_toy_stars.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def write(path, *rows):
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_a_label_finds_its_text(data):
    [example] = read_labels(write(data / "labels.jsonl", label(TEXT), label("gone")), data)
    [mention] = example.mentions
    assert example.text[slice(*mention.aspect)] == "cable"
    assert example.text[slice(*mention.phrase)] == "frays near the plug"
    assert (mention.kind, mention.specificity, mention.target, mention.severity) == ("pain", "trouble", "product", 0.8)
    assert not example.tagged


def test_what_is_no_pain_has_no_severity(data):
    [example] = read_labels(write(data / "labels.jsonl", label(TEXT, kind="praise", severity=0)), data)
    assert example.mentions[0].severity is None


def test_labels_without_any_of_their_texts_are_refused(data):
    with pytest.raises(VocError, match=r"none of the reviews labelled in labels\.jsonl is there"):
        read_labels(write(data / "labels.jsonl", label("gone")), data)


def test_a_missing_label_file_is_a_plain_sentence(tmp_path):
    with pytest.raises(VocError, match=r"wishes\.jsonl: this file of labels is missing"):
        read_wishes(tmp_path / "wishes.jsonl")


@pytest.mark.parametrize("part", ["train", "dev", "test"])
def test_our_labels_are_well_formed_and_hold_no_text(part):
    rows = [json.loads(line) for line in (LABELS / f"mentions.{part}.jsonl").read_text().splitlines()]
    assert len(rows) >= {"train": 1500, "dev": 200, "test": 600}[part]
    for row in rows:
        assert set(row) <= {*label(TEXT), "passes"}
        assert row["kind"] in ("pain", "praise", "wish", "neutral")
        assert row["specificity"] in ("trouble", "judgement", "verdict")
        assert row["target"] in ("product", "delivery", "seller", "service", "competitor")
        assert (row["severity"] > 0) == (row["kind"] == "pain")
        assert 0 <= row["severity"] < len(SEVERITY)
        assert 0 <= row["clause"][0] < row["clause"][1]
        assert (part == "test") == ("passes" in row)


def test_no_labelled_text_is_in_two_parts():
    hashes = [
        {json.loads(line)["hash"] for line in (LABELS / f"mentions.{part}.jsonl").read_text().splitlines()}
        for part in ("train", "dev", "test")
    ]
    assert not hashes[0] & hashes[1]
    assert not hashes[0] & hashes[2]
    assert not hashes[1] & hashes[2]
    wishes = read_wishes(LABELS / "wishes.jsonl")
    assert len({example.text for example in wishes}) == len(wishes) >= 1000
    assert 0.2 < sum(bool(example.wish) for example in wishes) / len(wishes) < 0.6


def test_reviews_of_our_own_tell_sentences_and_polarity_but_not_where_spans_stand(data):
    opinions = [
        {"aspect": [4, 9], "phrase": [10, 29], "clause": [0, 30], "kind": "pain", "severity": 3},
        {"aspect": None, "phrase": None, "clause": [31, 49], "kind": "praise", "severity": 0},
    ]
    rows = [{"specificity": "trouble", "target": "product", **opinion} for opinion in opinions]
    [example] = read_said(write(data / "said.jsonl", {"text": TEXT, "mentions": rows}))
    assert [mention.kind for mention in example.mentions] == ["pain", "praise"]
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "[CLS]": 1, "[SEP]": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    item = encode(example, tokenizer)
    assert [row[2:] for row in item.sentences] == [(1, 0, 0), (0, 1, 0)]
    assert set(item.aspect_tags) == set(item.phrase_tags) == {IGNORED}
    negative, positive = POLARITIES.index("negative"), POLARITIES.index("positive")
    assert [(kind, polarity) for _, _, kind, polarity in item.spans] == [(0, negative), (1, negative), (1, positive)]


def test_the_shipped_reviews_of_our_own_are_whole():
    examples = read_said(LABELS / "said.jsonl")
    assert len(examples) == 1216
    assert len({example.text for example in examples}) == 1216
    for example in examples:
        for mention in example.mentions:
            start, end = mention.clause
            assert 0 <= start < end <= len(example.text)
            for span in (mention.aspect, mention.phrase):
                assert span is None or start <= span[0] < span[1] <= end
            assert (mention.severity is not None) == (mention.kind == "pain")
    targets = Counter(mention.target for example in examples for mention in example.mentions)
    assert min(targets[name] for name in TARGETS) > 90


def test_no_review_of_our_own_is_one_of_the_cases_that_reading_is_tested_on():
    cases = Path(__file__).parents[1] / "reading" / "cases.jsonl"
    tested = [words(json.loads(line)["text"]) for line in cases.read_text().splitlines()]
    for example in read_said(LABELS / "said.jsonl"):
        own = words(example.text)
        assert all(len(own & other) < 0.7 * len(own | other) for other in tested), example.text


def words(text):
    return set(re.findall(r"\w+", text.lower()))
