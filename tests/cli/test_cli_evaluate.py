"""`voc evaluate`: what it refuses, and that its figures come from the model that ships."""

import json

import pytest


@pytest.fixture
def gold(tmp_path):
    path = tmp_path / "gold.jsonl"
    rows = [
        ("The battery died after two days.", [(4, 11, "negative")]),
        ("The screen is bright and the sound is great.", [(4, 10, "positive"), (29, 34, "positive")]),
    ]
    lines = [
        {
            "id": str(number),
            "text": text,
            "opinions": [
                {"aspect": [start, end], "phrase": None, "polarity": polarity, "category": None}
                for start, end, polarity in opinions
            ],
        }
        for number, (text, opinions) in enumerate(rows)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_malformed_line_is_one_sentence(voc, tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text('{"text": "x"}\n')
    result = voc("evaluate", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f'Error: {path}, line 1: none of "opinions", "suggestion" and "topic" is there; correct that line.\n'
    )


def test_json_is_one_document_with_the_documented_keys(voc, gold):
    result = voc("evaluate", gold, "--format", "json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document.keys() >= {
        *("aspect_f1", "aspect_polarity_f1", "phrase_f1", "phrase_polarity_f1"),
        *("complaint_f1", "wish_f1", "theme_ami"),
    }
    assert 0 < document["aspect_f1"] <= 1
    assert document["complaint_f1"] == 1.0
    assert document["phrase_f1"] is None
    assert document["files"][gold.name]["aspect_f1"] == document["aspect_f1"]


def test_table_names_the_file_and_the_measures(voc, gold):
    result = voc("evaluate", gold)
    assert result.exit_code == 0, result.output
    assert "gold.jsonl" in result.stdout
    assert "aspect_polarity" in result.stdout


def test_a_task_without_labels_names_the_file(voc, gold):
    result = voc("evaluate", gold, "--task", "wish")
    assert result.exit_code == 1
    assert result.stderr == (
        f'Error: {gold}: No line has "suggestion", which the task wish needs; choose another file or another --task.\n'
    )


def test_a_metrics_file_keeps_the_figures_of_other_tasks(voc, gold, tmp_path):
    metrics = tmp_path / "metrics.json"
    metrics.write_text('{"wish": {"wish_f1": 0.5}}')
    assert voc("evaluate", gold, "--task", "pain", "--output", metrics).exit_code == 0
    held = json.loads(metrics.read_text())
    assert held["wish"] == {"wish_f1": 0.5}
    assert held["pain"]["complaint_f1"] == 1.0

    metrics.write_text("not JSON")
    result = voc("evaluate", gold, "--output", metrics)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith(f"Error: {metrics}: this is no metrics file")
    assert metrics.read_text() == "not JSON"
