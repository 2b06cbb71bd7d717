"""The model card and the README say what `voc evaluate` measured, and nothing else."""

import json
import re
from pathlib import Path

import pytest

from voc.resources import models_dir

FOLDER = models_dir() / "opinions"
CARD = (FOLDER / "README.md").read_text(encoding="utf-8")
TRAINED = json.loads((FOLDER / "train.json").read_text(encoding="utf-8"))
SPANS = ("aspect", "phrase")
METRICS = json.loads((FOLDER / "metrics.json").read_text(encoding="utf-8"))


def percent(value):
    return "-" if value is None else f"{100 * value:.1f}"


def row(first):
    [line] = [line for line in CARD.splitlines() if line.startswith(f"| {first}")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


@pytest.mark.parametrize("name", sorted(METRICS["opinions"]["files"]))
def test_the_table_of_test_files_is_that_of_the_metrics(name):
    figures = METRICS["opinions"]["files"][name]
    keys = ("aspect_f1", "aspect_polarity_f1", "phrase_f1", "phrase_polarity_f1")
    style, *cells = row(name)
    assert style == figures["style"]
    assert cells[:4] == [percent(figures[key]) for key in keys]


def test_complaints_wishes_and_themes_are_those_of_the_metrics():
    wishes = METRICS["wish"]["counts"]["wish"]
    assert row("the text holds a complaint")[0] == percent(METRICS["pain"]["complaint_f1"])
    assert row("wishes, F1")[0] == (
        f"{percent(METRICS['wish']['wish_f1'])} "
        f"(precision {percent(wishes['precision'])}, recall {percent(wishes['recall'])})"
    )
    assert row("themes: AMI")[0] == percent(METRICS["themes"]["theme_ami"])


def test_the_mentions_labelled_by_hand_are_those_of_the_metrics():
    [figures] = METRICS["mentions"]["files"].values()
    fields = ("kind", "specificity", "target")
    accuracy = row("accuracy, spans given")
    assert accuracy[:3] == [percent(figures[f"{field}_accuracy"]) for field in fields]
    assert accuracy[3] == (
        f"mean absolute error {figures['severity_mae']:.2f}, rank correlation {figures['severity_rank']:.2f}"
    )
    assert row("macro F1, spans given")[:3] == [percent(figures[f"{field}_f1"]) for field in fields]
    assert row("right on the mention")[:3] == [percent(figures[f"{field}_read"]) for field in fields]


@pytest.mark.parametrize("name", sorted(METRICS["presence"]["files"]))
def test_the_table_of_presence_is_that_of_the_metrics(name):
    figures = METRICS["presence"]["files"][name]
    counts = [figures["counts"][kind] for kind in ("pain_mention", "praise_mention")]
    cells = [cell for one in counts for cell in (percent(one["recall"]), percent(1 - one["specificity"]))]
    assert row(f"presence, {name}") == [str(figures["texts"]), *cells]


def test_the_card_names_the_model_that_was_kept():
    kept = TRAINED["kept"]
    name = "the distilled model" if kept == "distilled" else kept.replace("-", " ")
    assert f"The shipped weights are those of {name}, the best on dev." in CARD
    assert TRAINED["dev"][kept]["mean"] == max(figures["mean"] for figures in TRAINED["dev"].values())


@pytest.mark.parametrize(("first", "name"), [("without these domains", "without"), ("with them", "with")])
def test_the_table_of_domains_left_out_is_what_was_measured(first, name):
    figures = json.loads((FOLDER / "leave_one_domain_out" / f"{name}.json").read_text(encoding="utf-8"))["opinions"]
    keys = ("aspect_f1", "aspect_polarity_f1", "phrase_f1", "phrase_polarity_f1")
    assert row(first) == [percent(figures[key]) for key in keys]


@pytest.mark.parametrize("name", sorted(TRAINED["dev"]))
def test_the_table_of_seeds_is_that_of_the_training_run(name):
    figures = TRAINED["dev"][name]
    assert row(name.replace("-", " "))[:2] == [percent(figures[f"dmaste_electronics.{span}"]) for span in SPANS]
    assert row(name.replace("-", " "))[-1] == percent(figures["mean"])


def test_the_readme_rounds_the_same_figures():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    said = re.search(r"it finds (\d+) % exactly.*?of opinion phrases (\d+) %.*?at F1 (0\.\d+)", readme, re.DOTALL)
    electronics = METRICS["opinions"]["files"]["dmaste_electronics.test.jsonl"]
    assert said.groups() == (
        f"{100 * electronics['aspect_f1']:.0f}",
        f"{100 * electronics['phrase_f1']:.0f}",
        f"{electronics['complaint_f1']:.2f}",
    )
