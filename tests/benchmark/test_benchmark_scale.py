"""Exports of any size, what is made of the times, going on after an interruption, and the whole on 200 reviews."""

import importlib.util
import json
from itertools import islice

import numpy as np
import pytest

from voc.benchmark import scale
from voc.benchmark.measure import Measured
from voc.benchmark.scale_drawing import _is_new, draw, names_of, write_exports
from voc.benchmark.scale_figures import ASSEMBLED, RAY, RUN, SCORE, START, figures, sentences, table
from voc.errors import VocError


@pytest.fixture(scope="module")
def drawn():
    return list(islice(draw(), 1500))


def words(row):
    return len(f"{row['title']} {row['body']}".split())


def test_smaller_exports_are_the_beginning_of_larger_ones(tmp_path, drawn):
    found = write_exports(tmp_path, [30, 100, 30])
    assert found["reviews"] == 100
    small, large = ((tmp_path / names_of(size)[0]).read_text("utf-8").splitlines() for size in (30, 100))
    assert large[:30] == small
    assert [json.loads(line) for line in large] == drawn[:100]
    texts = (tmp_path / names_of(100)[1]).read_text("utf-8").splitlines()
    assert len(texts) == 100
    assert all(json.loads(text)["analysed_text"] for text in texts)


def test_lengths_are_those_of_real_reviews(drawn):
    lengths = [words(row) for row in drawn]
    # 9,337 reviews of earphones: mean 25.7; 9, 19, 32, 53 and 74 words at these percentiles.
    assert np.mean(lengths) == pytest.approx(25.7, rel=0.08)
    for percent, real in ((25, 9), (50, 19), (75, 32), (90, 53), (95, 74)):
        assert np.percentile(lengths, percent) == pytest.approx(real, rel=0.2, abs=3)


def test_nothing_is_spared_by_duplicates(tmp_path, drawn):
    from voc.config import IngestConfig
    from voc.ingest import read_exports

    path = tmp_path / "reviews.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in drawn))
    # No --map is needed: the headers are known.
    ingested = read_exports([path], config=IngestConfig(), progress=lambda *_: None)
    assert ingested.reviews.num_rows == len(drawn)
    assert len({row["review_id"] for row in drawn}) == len(drawn)
    long = [text for text in ingested.reviews["text"].to_pylist() if len(text.split()) > 12]
    assert len(set(long)) == len(long)


def test_a_text_is_taken_once_for_each_product_unless_it_is_short():
    seen = set()
    text = "The plug broke, and so did I."
    assert _is_new({"product_id": "a", "body": text}, seen)
    assert not _is_new({"product_id": "a", "body": text.upper()}, seen)
    assert _is_new({"product_id": "b", "body": text}, seen)
    assert _is_new({"product_id": "a", "body": "Good."}, seen)
    assert _is_new({"product_id": "a", "body": "Good."}, seen)


def row(what, reviews, seconds, gigabytes=1.0, **further):
    found = {"what": what, "reviews": reviews, "seconds": seconds, "together_bytes": int(gigabytes * 10**9)}
    return {**found, "accepted": reviews, **further}


# Start-up 5 s and 4 ms a review (5 ms in the largest); the alternative: 10 s and 80 ms.
MEASURED = [
    row(SCORE, START, 5.4),
    row(SCORE, 1000, 9.0),
    row(SCORE, 100_000, 504.9, 1.9),
    row(RUN, START, 10.0),
    row(RUN, 1000, 14.5),
    row(RUN, 100_000, 509.5, 3.0),
    row(ASSEMBLED, START, 18.0),
    row(ASSEMBLED, 1000, 90.0),
]


def result(measured, skipped=None):
    return {"measured": measured, "skipped": skipped or {}, **figures(measured)}


def test_growth_is_judged_beyond_start_up():
    found = result(MEASURED)
    ours, whole = found["growth"]
    assert (ours["what"], ours["from"], ours["to"]) == (SCORE, 1000, 100_000)
    # 499.5 s for 99,900 reviews against 3.6 s for 900: 5 ms against 4 ms.
    assert ours["ratio"] == pytest.approx(5 / 4)
    assert ours["ratio_with_start"] == pytest.approx(5.049 / 9)
    assert ours["within"] is False
    assert whole["ratio"] == pytest.approx(1)
    assert whole["within"] is True
    assert found["within"] is False
    assert any("1.25 times as much in 100,000 as in 1,000 (bound 1.2, not kept)" in said for said in sentences(found))


def test_the_alternative_beyond_its_largest_size_is_estimated_in_its_favour():
    costs = {(one["what"], one["reviews"]): one for one in figures(MEASURED)["costs"]}
    assert costs[RUN, 1000]["times_faster"] == pytest.approx(90 / 14.5)
    assert costs[RUN, 1000]["alternative"] == "measured"
    # 90 s and 80 ms for each of 99,000 more; its cost per review with start-up would give 9,000 s.
    assert costs[RUN, 100_000]["times_faster"] == pytest.approx((90 + 0.08 * 99_000) / 509.5)
    assert costs[RUN, 100_000]["alternative"] == "estimated from 1,000"
    assert costs[ASSEMBLED, 1000]["times_faster"] is None
    aim = figures(MEASURED)["aim"]
    assert (aim["reviews"], aim["within"]) == (100_000, False)
    assert aim["times_faster"] == costs[RUN, 100_000]["times_faster"]
    said = sentences(result(MEASURED))
    assert any("estimated from 1,000 reviews where it was not measured" in one for one in said)
    shown = {(one["what"], one["reviews"]): one for one in table(result(MEASURED))}
    assert shown[RUN, "100,000"]["times faster"] == "15.7 (estimate)"
    assert shown[RUN, "1,000"]["times faster"] == "6.2"
    assert shown[SCORE, "100,000"]["ms a review"] == "5.05"
    assert shown[SCORE, "100,000"]["beyond start-up"] == "5.00"
    assert shown[SCORE, "100"]["ms a review"] == "start-up"


def test_memory_is_bounded_for_scoring_only_and_by_its_highest():
    found = result([*MEASURED, row(RAY, START, 20, 2.5), row(RAY, 1000, 24, 2.4)])
    local, ray = found["memory"]
    assert (local["what"], local["reviews"], local["within"]) == (SCORE, 100_000, True)
    assert (ray["what"], ray["reviews"], ray["within"]) == (RAY, START, False)
    assert found["within"] is False


def test_what_was_not_measured_is_not_judged():
    assert figures([])["within"] is None
    alone = result([row(SCORE, 1000, 9.0), row(RUN, 1000, 14.0)])
    assert [one["ratio"] for one in alone["growth"]] == [None, None]
    assert alone["aim"]["times_faster"] is None
    assert alone["within"] is None
    good = [one for one in MEASURED if (one["what"], one["reviews"]) != (SCORE, 100_000)]
    good.append(row(SCORE, 100_000, 420.0, 1.9))
    assert figures(good)["within"] is True
    # Where starting up took longer than the reviews nothing can be said of growth.
    noisy = result([row(SCORE, START, 9.5), row(SCORE, 1000, 9.0), row(SCORE, 10_000, 40.0)])
    assert noisy["growth"][0]["ratio"] is None
    assert "growth cannot be told" in sentences(noisy)[0]


def test_failures_losses_and_what_is_left_out_are_told():
    failing = {"what": RAY, "reviews": 1000, "failed": "It ended with status 1: no room."}
    found = result([*MEASURED, failing], {"x": "Why."})
    assert found["within"] is False
    assert [one["seconds"] for one in table(found) if one["what"] == RAY] == ["failed"]
    said = sentences(found)
    assert f"{RAY}, 1,000 reviews: It ended with status 1: no room." in said
    assert "x is left out: Why." in said
    lossy = result([{**row(SCORE, 1000, 9.0), "accepted": 990}])
    assert f"{SCORE} accepted 990 of 1,000 reviews." in sentences(lossy)


class Commands:
    """Commands that take the time and memory they are told to, and what was asked of them."""

    def __init__(self, monkeypatch, failing=None):
        self.asked = []
        self.failing = failing
        monkeypatch.setattr(scale, "_COMMANDS", {what: self.one(what) for what in (SCORE, RAY, RUN, ASSEMBLED)})
        monkeypatch.setattr(scale, "_draw", lambda folder, sizes: {"reviews": sizes[-1]})

    def one(self, what):
        def run(files, threads):
            size = int(files.export.stem.split("-")[1])
            assert files.folder.is_dir()
            assert not any(files.folder.iterdir())
            self.asked.append((what, size))
            if self.failing == (what, size):
                raise VocError("It ended with status 1: no room.")
            nth = self.asked.count((what, size))
            counted = 0.25 if what == ASSEMBLED else 0.0
            return Measured(1 + size / 100 + nth, nth, 10 * nth, ""), counted, {"accepted": size}

        return run


def benchmark(sizes, **options):
    kept = []
    found = scale.benchmark_scale(
        sizes,
        progress=lambda *_: None,
        keep=lambda result: kept.append(json.loads(json.dumps(result))),
        **{"threads": 2, "engines": ("local",), "assembled_up_to": 2000, **options},
    )
    return found, kept


def test_small_sizes_run_several_times_and_the_median_counts(monkeypatch):
    commands = Commands(monkeypatch)
    found, _ = benchmark([2000, 1000])
    assert commands.asked == [
        *[(what, size) for size in (START, 1000) for what in (SCORE, RUN, ASSEMBLED) for _ in range(3)],
        *[(what, 2000) for what in (SCORE, RUN, ASSEMBLED)],
    ]
    rows = {(one["what"], one["reviews"]): one for one in found["measured"]}
    assert rows[SCORE, 1000]["runs"] == [12, 13, 14]
    assert rows[SCORE, 1000]["seconds"] == 13
    assert (rows[SCORE, 1000]["peak_bytes"], rows[SCORE, 1000]["together_bytes"]) == (3, 30)
    # Finding the alternative's batch size is not counted.
    assert rows[ASSEMBLED, 2000]["runs"] == [21.75]
    assert found["growth"][0]["ratio"] is not None


def test_what_was_measured_before_an_interruption_is_not_measured_again(monkeypatch):
    commands = Commands(monkeypatch, failing=(RUN, 1000))
    whole, kept = benchmark([1000, 2000])
    assert [len(one["measured"]) for one in kept] == list(range(1, 10))
    assert whole["within"] is False
    (failed,) = [one for one in whole["measured"] if "failed" in one]
    assert (failed["what"], failed["reviews"]) == (RUN, 1000)
    first = kept[3]
    commands = Commands(monkeypatch)
    resumed, _ = benchmark([1000, 2000], known=first)
    assert commands.asked[0] == (RUN, 1000)
    assert not any(size == START for _, size in commands.asked)
    assert resumed["measured"][:4] == first["measured"]
    # What failed is measured again, and nothing else.
    commands = Commands(monkeypatch)
    again, _ = benchmark([1000, 2000], known=whole)
    assert set(commands.asked) == {(RUN, 1000)}
    # A larger size later joins what is known.
    commands = Commands(monkeypatch)
    more, _ = benchmark([5000], known=again)
    assert set(commands.asked) == {(SCORE, 5000), (RUN, 5000)}
    assert [(one["from"], one["to"]) for one in more["growth"]] == [(1000, 5000)] * 2
    assert benchmark([5000], known=more)[0]["measured"] == more["measured"]


def test_figures_of_other_conditions_are_not_mixed(monkeypatch):
    Commands(monkeypatch)
    known, _ = benchmark([1000])
    with pytest.raises(VocError, match=r"other conditions \(threads 2\); give another file"):
        benchmark([1000], known=known, threads=1)


def test_ray_is_left_out_with_its_reason(monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ray" else find(name))
    commands = Commands(monkeypatch)
    found, _ = benchmark([1000], engines=("local", "ray"), assembled_up_to=0)
    assert {what for what, _ in commands.asked} == {SCORE, RUN}
    assert found["skipped"] == {RAY: "Ray is not installed; install it with: pip install 'voc[ray]'."}
    assert f"{RAY} is left out: Ray is not installed; install it with: pip install 'voc[ray]'." in found["notes"]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    found, _ = benchmark([1000], engines=("ray",))
    assert "RAY_ADDRESS names a cluster" in found["skipped"][RAY]
    monkeypatch.delenv("RAY_ADDRESS")
    commands = Commands(monkeypatch)
    benchmark([1000], engines=("ray",), assembled_up_to=0)
    assert {what for what, _ in commands.asked} == {RAY, RUN}


@pytest.mark.slow
def test_the_whole_benchmark_on_200_reviews(tmp_path):
    from click.testing import CliRunner

    from voc.cli import main

    output = tmp_path / "figures.json"
    arguments = ["benchmark", "scale", "--size", "200", "--assembled-up-to", "200", "--repeats", "1"]
    arguments += ["--engine", "local", "--format", "json", "--output", str(output)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert json.loads(output.read_text()) == found
    rows = {(one["what"], one["reviews"]): one for one in found["measured"]}
    assert rows.keys() == {(what, size) for what in (SCORE, RUN, ASSEMBLED) for size in (START, 200)}
    assert all(one["accepted"] == one["reviews"] for one in rows.values())
    assert rows[SCORE, 200]["mentions"] == rows[RUN, 200]["mentions"] > 200
    assert all(min(one["together_bytes"], one["peak_bytes"]) > 10**8 for one in rows.values())
    assert found["machine"]["processor"]
    # The same command again measures nothing.
    done = CliRunner().invoke(main, arguments)
    assert json.loads(done.stdout)["measured"] == found["measured"]
