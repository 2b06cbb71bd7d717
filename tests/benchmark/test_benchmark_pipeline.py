"""The benchmark's parts, and the whole of it on sixty reviews."""

import json

import pytest

from voc.benchmark.assembled import best_batch_size, judge
from voc.benchmark.pipeline import table


def test_sentences_are_judged_in_order_of_length():
    calls = []

    def classify(sentences, **options):
        calls.append((list(sentences), options))
        return [{"label": "x"}] * len(sentences)

    assert len(judge(classify, ["ccc", "a", "bb"], 8)) == 3
    assert calls == [(["a", "bb", "ccc"], {"batch_size": 8, "truncation": True, "max_length": 512})]


def test_the_best_batch_size_is_the_fastest_on_at_most_400_sentences():
    import time

    seen = []

    def classify(sentences, batch_size, **_):
        seen.append(len(sentences))
        time.sleep({1: 0.3, 8: 0.0, 32: 0.3}[batch_size])
        return [None] * len(sentences)

    best, seconds = best_batch_size(classify, [f"sentence {i}" for i in range(1500)])
    assert best == 8
    assert seconds.keys() == {1, 8, 32}
    assert max(seen) == 400


def test_rows_show_both_sides_and_the_ratio():
    run = {
        "reviews": 100,
        "assembled": {"seconds": 50.0, "peak_bytes": 2**30, "stages": {"NER": 50.0}, "batch_size": 8},
        "voc": {"seconds": 5.0, "peak_bytes": 2**29, "stages": {"read": 5.0}},
        "ratio": 10.0,
    }
    assembled, ours = table({"runs": [run]})
    assert (assembled["seconds"], assembled["reviews/s"], assembled["peak GiB"]) == ("50.0", "2.0", "1.00")
    assert assembled["seconds by stage"] == "NER 50.0 (batch size 8)"
    assert (ours["times faster"], ours["peak GiB"]) == ("10.0", "0.50")


@pytest.fixture
def export(tmp_path):
    parts = ("cable", "plug", "battery", "screen", "bag", "button")
    faults = ("frays near the end", "broke after two weeks", "died on day one", "does not fit", "gets hot")
    path = tmp_path / "export.jsonl"
    with path.open("w") as file:
        for number in range(60):
            part, fault = parts[number % 6], faults[number % 5]
            body = f"I bought number {number} in May. The {part} {fault}. Otherwise the box looks nice to me."
            file.write(json.dumps({"review_id": f"r{number}", "body": body, "rating": 1 + number % 5}) + "\n")
    return path


@pytest.mark.slow
def test_the_whole_benchmark_on_sixty_reviews(export, tmp_path):
    from click.testing import CliRunner

    from voc.cli import main

    output = tmp_path / "figures.json"
    arguments = ["benchmark", "pipeline", "--size", "60", "--export", str(export), "--format", "json"]
    result = CliRunner().invoke(main, [*arguments, "--output", str(output)])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert json.loads(output.read_text()) == figures
    (run,) = figures["runs"]
    assert run["reviews"] == run["assembled"]["reviews"] == run["voc"]["reviews"] == 60
    assert run["ratio"] == pytest.approx(run["assembled"]["seconds"] / run["voc"]["seconds"])
    assert run["assembled"]["stages"].keys() == {"spaCy NER", "DistilBERT on sentences", "default BERTopic"}
    assert figures["machine"]["processor"]


@pytest.mark.slow
def test_the_extraction_benchmark_on_sixty_reviews(export):
    from click.testing import CliRunner

    from voc.cli import main

    arguments = ["benchmark", "extract", "--size", "60", "--export", str(export), "--format", "json"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["reviews"] == 60
    assert figures["readers"]["voc"]["ratio"] == 1
    assert all(reader["reviews_per_second"] > 0 for reader in figures["readers"].values())
