"""The comparison of themes, and the replay of a year, on little data."""

import json
import signal
import sys
import time

import numpy as np
import pytest

from voc.benchmark.opinions import multiplied, opinions_marked, opinions_read
from voc.benchmark.themes import agreement, benchmark_themes, table
from voc.benchmark.themes_sampled import Texts, found_again, sampled_fits
from voc.evaluate.gold import read_gold
from voc.themes.centres import unit
from voc.themes.making import Wordings

LINES = [
    {
        "id": "1",
        "text": "The cable frays. Great sound.",
        "opinions": [
            {"aspect": [4, 9], "phrase": [10, 15], "polarity": "negative", "category": "Cable#Breaks"},
            {"aspect": [23, 28], "phrase": [17, 22], "polarity": "positive", "category": "Sound"},
            {"aspect": [4, 9], "phrase": None, "polarity": "negative", "category": None},
        ],
    },
    {"id": "2", "text": "It lasts all day.", "topic": "battery"},
]


@pytest.fixture
def gold(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    return path


def test_marked_opinions_are_the_negative_ones_with_a_category_and_lines_by_topic(gold):
    opinions = opinions_marked(read_gold(gold))
    assert opinions.labels == ["Cable#Breaks", "battery"]
    assert opinions.sentences == ["The cable frays.", "It lasts all day."]
    first, second = opinions.mentions.to_pylist()
    assert (first["aspect"], first["phrase"], second["phrase"]) == ("cable", "frays", "lasts all day")


def test_agreement_counts_what_has_no_theme_as_one_label():
    assert agreement(["a", "a", "b", "b"], ["x", "x", "", ""]) == pytest.approx(1)
    assert agreement(["a", "b"] * 20, ["x"] * 40) == pytest.approx(0)


def test_copies_differ_a_little_in_words_and_vector():
    from voc.benchmark.measure import choose, read_sample_export
    from voc.themes.vectors import vectors_in

    reviews = choose(read_sample_export(None, {}, lambda *_: None), 60)
    read = opinions_read(reviews)
    count = read.mentions.num_rows
    more = multiplied(read, 2 * count)
    assert more.mentions.num_rows == len(set(more.ids)) == 2 * count
    known, vectors = vectors_in(more.embeddings)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=0.01)
    first = read.ids[0]
    likeness = float(vectors[known[f"{first}-000"]] @ vectors[known[f"{first}-001"]])
    assert 0.9 < likeness < 1
    assert multiplied(read, 10).mentions.num_rows == 10


def test_a_theme_is_found_again_when_half_of_it_is():
    truth = np.array([0, 0, 0, 0, 1, 1, 1, -1])
    labels = np.array([5, 5, 5, -1, 5, 2, -1, 2])
    # Of the first theme 3 of 5 are in both, of the second 1 of 4 with either.
    ones = np.ones(8, dtype=np.int64)
    assert found_again(truth, labels, ones) == (0.5, 0.0)
    assert found_again(truth, labels, np.array([1, 1, 1, 1, 1, 9, 1, 1])) == (1.0, 1.0)


def test_fits_on_samples_are_measured_beside_one_of_all():
    chance = np.random.default_rng(1)
    middles = np.repeat(unit(chance.standard_normal((5, 16)).astype(np.float32)), 40, axis=0)
    vectors = unit(middles + 0.05 * chance.standard_normal(middles.shape).astype(np.float32))
    names = [f"part | fails {number:03d}" for number in range(200)]
    ones = np.ones(200, dtype=np.int64)
    rows = sampled_fits(Texts(Wordings(names, np.arange(200), vectors, ones, ones), names), [100, 500], [7, 8])
    assert [(row["fitted_on"], row["system"]) for row in rows] == [(100, "voc"), (100, "plain sample"), (200, "voc")]
    assert all(row["ami"] == pytest.approx(1) and row["found"] == row["small"] == 1 for row in rows)
    assert all(row["peak_bytes"] > 50 << 20 for row in rows if row["seconds"] > 0.5)
    printed = table({"times": [], "stability": [], "agreement": [], "sampled": rows})
    assert printed[0]["plain sample"] == "1.000"
    assert printed[-1]["plain sample"] == ""


class Same:
    """A system that gives every opinion the same label, and counts how often it is asked."""

    asked = 0

    def __init__(self, **_):
        pass

    def fit(self, opinions, seed):
        Same.asked += 1
        return ["a"] * opinions.mentions.num_rows

    refit = fit

    def assign(self, opinions, new):
        return ["a"] * len(new)


def test_what_was_measured_before_an_interruption_is_not_measured_again(gold, tmp_path, monkeypatch):
    import voc.benchmark.themes as themes

    monkeypatch.setattr(themes, "Voc", Same)
    monkeypatch.setattr(themes, "DefaultBertopic", Same)
    read = opinions_marked(read_gold(gold))
    monkeypatch.setattr(themes, "opinions_read", lambda reviews: read)
    monkeypatch.setattr(themes, "multiplied", lambda opinions, size: opinions)
    kept = []

    def measured(sizes, known=None, **options):
        Same.asked = 0
        return benchmark_themes(
            sizes, gold=[gold], export=None, mapping={}, seeds=2, progress=lambda *_: None, known=known,
            keep=lambda result: kept.append(json.loads(json.dumps(result))), **options,
        )  # fmt: skip

    whole = measured([10, 20])
    assert len(whole["times"]) == 4
    first = kept[0]
    assert [row["opinions"] for row in first["times"]] == [10, 10]
    assert not first["stability"]
    again = measured([10, 20], whole)
    assert Same.asked == 0
    assert again["times"] == whole["times"]
    other = measured([30], whole)
    assert [row["opinions"] for row in other["times"]] == [30, 30, 10, 10, 20, 20]
    assert kept[-1]["agreement"] == whole["agreement"]
    resumed = measured([10, 20], first)
    assert Same.asked > 0
    assert resumed["times"][:2] == first["times"]
    assert [row["opinions"] for row in resumed["times"]] == [10, 10, 20, 20]
    both = measured([10], whole, clusters=("consensus", "hdbscan"))
    assert [row["system"] for row in both["times"][:3]] == ["voc", "voc, hdbscan", "default BERTopic"]
    assert {"voc", "voc, hdbscan", "default BERTopic"} <= table(both)[0].keys()


class Slow(Same):
    """A system whose fit goes on for a minute, whatever it meets on its way."""

    def fit(self, opinions, seed):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                time.sleep(0.01)
            except Exception:
                continue
        return super().fit(opinions, seed)


@pytest.mark.skipif(sys.platform == "win32", reason="needs interval timers")
def test_a_fit_that_takes_too_long_is_given_up_and_the_table_says_so(gold, monkeypatch):
    import voc.benchmark.themes as themes

    monkeypatch.setattr(themes, "Voc", Same)
    monkeypatch.setattr(themes, "DefaultBertopic", Slow)
    read = opinions_marked(read_gold(gold))
    monkeypatch.setattr(themes, "opinions_read", lambda reviews: read)
    monkeypatch.setattr(themes, "multiplied", lambda opinions, size: opinions)
    found, opinions = themes._times(Slow(), read, 0.3), read.mentions.num_rows
    assert found == {
        "fit": None,
        "assign": None,
        "refit": None,
        "assigned_now": max(1, round(opinions / 10)),
        "given_up_after": 0.3,
    }
    quick = themes._times(Same(), read, 0.3)
    rows = table(
        {
            "times": [{"opinions": 10, "system": "voc", **quick}, {"opinions": 10, "system": "slow", **found}],
            "stability": [],
            "agreement": [],
        }
    )
    assert [row["slow"] for row in rows] == ["> 0.3", "not measured", "not measured"]
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.slow
def test_both_systems_are_measured_in_one_table(tmp_path):
    path = tmp_path / "gold.jsonl"
    with path.open("w") as file:
        for number in range(200):
            part, what = [("cable", "frays"), ("battery", "drains"), ("button", "sticks"), ("screen", "flickers")][
                number % 4
            ]
            text = f"My {part} {what} on day {number}."
            opinion = {
                "aspect": [3, 3 + len(part)],
                "phrase": [4 + len(part), 4 + len(part) + len(what)],
                "polarity": "negative",
                "category": part,
            }
            file.write(json.dumps({"text": text, "opinions": [opinion]}) + "\n")
    result = benchmark_themes([300], gold=[path], export=None, mapping={}, seeds=2, progress=lambda *_: None)
    rows = table(result)
    assert {row["measured on"] for row in rows} == {"300 opinions", "sample data", "gold.jsonl"}
    assert all({"voc", "default BERTopic"} <= row.keys() for row in rows)
    ours = next(one for one in result["agreement"] if one["system"] == "voc")
    assert ours["ami"] > 0.8
