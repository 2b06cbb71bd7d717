"""Figures in the documents are those of the result files, put there by the command."""

import json
from pathlib import Path

import pytest

from voc.benchmark.documented import figures_in, marks, put_figures
from voc.benchmark.scale_figures import document
from voc.errors import VocError

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", ["README.md", "voc/scoring/README.md"])
def test_the_documents_say_what_was_measured(path):
    result = json.loads((ROOT / "tests/benchmark/results/scale.json").read_text(encoding="utf-8"))
    found = figures_in((ROOT / path).read_text(encoding="utf-8"), "scale")
    assert found == document(result), "put them there with voc benchmark scale --output RESULT --document README.md"


def test_figures_are_put_between_the_marks_and_nowhere_else(tmp_path):
    path = tmp_path / "README.md"
    begin, end = marks("scale")
    path.write_text(f"# One\n\n{begin}\nold\n{end}\n\nafter\n")
    put_figures(path, "scale", "| new |")
    put_figures(path, "scale", "| newer |")
    assert path.read_text() == f"# One\n\n{begin}\n\n| newer |\n\n{end}\n\nafter\n"
    assert figures_in(path.read_text(), "scale") == "| newer |"
    assert figures_in(path.read_text(), "other") is None


@pytest.mark.parametrize("text", ["no marks\n", "{begin}\nnever closed\n", "{end}\nthe wrong way round\n{begin}\n"])
def test_a_document_without_its_marks_is_refused_and_left_alone(tmp_path, text):
    begin, end = marks("scale")
    path = tmp_path / "a.md"
    path.write_text(text.format(begin=begin, end=end))
    with pytest.raises(VocError, match=r"a\.md: it has no place for figures"):
        put_figures(path, "scale", "new")
    assert path.read_text() == text.format(begin=begin, end=end)


def test_a_document_that_is_not_there_is_named(tmp_path):
    with pytest.raises(VocError, match=r"b\.md: the figures cannot be put there"):
        put_figures(tmp_path / "b.md", "scale", "new")
