"""What is known of a model from the figures beside its weights, and what is said where nothing is known."""

import json

import pytest

from voc.errors import VocError
from voc.evaluate import presence_in_files
from voc.insights import labels as module
from voc.insights.labels import ModelLabels, labelled, labels_of_model, read_labels
from voc.insights.misreading import Labels


def file(gold, predicted, correct, kind="pain", texts=100):
    counts = {f"{kind}_mention": {"gold": gold, "predicted": predicted, "correct": correct, "texts": texts}}
    return {"texts": texts + 5, "style": "review", "counts": counts}


def write(path, files, **others):
    path.write_text(json.dumps({"presence": {"model_version": "m-1", "files": files}, **others}), encoding="utf-8")
    return path


def test_labels_are_read_from_the_figures_of_the_model(tmp_path):
    other = {"opinions": {"files": {"x.jsonl": file(1, 1, 1)}}}
    path = write(tmp_path / "metrics.json", {"b.jsonl": file(40, 50, 35), "a.jsonl": file(30, 30, 25)}, **other)
    known = read_labels(path)
    assert known == ModelLabels({"pain": {"a.jsonl": Labels(30, 25, 70, 65), "b.jsonl": Labels(40, 35, 60, 45)}}, "m-1")
    assert list(known.kinds["pain"]) == ["a.jsonl", "b.jsonl"]


def test_what_voc_evaluate_writes_can_be_read(tmp_path, monkeypatch):
    from voc.config import ModelConfig
    from voc.evaluate import GoldLine, GoldOpinion, presence

    gold = [GoldLine("1", "broke", (GoldOpinion(None, None, "negative"),)), GoldLine("2", "fine", ())]
    monkeypatch.setattr(presence, "kinds_read", lambda texts, config: [{"pain"}, {"praise"}])
    result = presence_in_files([(tmp_path / "gold.jsonl", gold)], ModelConfig())
    path = tmp_path / "metrics.json"
    path.write_text(json.dumps({"presence": result}), encoding="utf-8")
    known = read_labels(path)
    assert known.model_version == result["model_version"]
    assert known.kinds == {"pain": {"gold.jsonl": Labels(1, 1, 1, 1)}, "praise": {"gold.jsonl": Labels(0, 0, 2, 1)}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there are no figures of reviews labelled by hand; write them with `voc evaluate"),
        ("{}", "there are no figures of reviews labelled by hand"),
        ('{"presence": {"model_version": "m", "files": {}}}', "there are no figures of reviews labelled by hand"),
        ("{", "these figures cannot be read"),
        ("[]", "these figures cannot be read"),
        ('{"presence": {"files": {}}}', "these figures cannot be read"),
        ('{"presence": {"model_version": "m", "files": {"a": {}}}}', "these figures cannot be read"),
    ],
)
def test_figures_that_are_not_there_or_not_to_be_read(tmp_path, content, message):
    path = tmp_path / "metrics.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(VocError, match=message):
        read_labels(path)


def test_counts_that_cannot_be_are_refused_with_the_name_of_the_file(tmp_path):
    path = write(tmp_path / "metrics.json", {"a.jsonl": file(30, 30, 31)})
    with pytest.raises(VocError, match=r"metrics\.json: these figures cannot be read \(31 found of 30 positives"):
        read_labels(path)


def test_a_model_of_ones_own_has_its_own_figures(tmp_path):
    (tmp_path / "model.safetensors").touch()
    without = labels_of_model(str(tmp_path))
    assert not without.kinds
    assert without.reason.startswith(f"{tmp_path}/metrics.json: there are no figures")
    assert not without.reason.endswith(".")
    write(tmp_path / "metrics.json", {"a.jsonl": file(40, 50, 35, kind="praise")})
    assert labels_of_model(str(tmp_path)).kinds == {"praise": {"a.jsonl": Labels(40, 35, 60, 45)}}
    gone = labels_of_model("no such model")
    assert gone.reason == "the model 'no such model' is not on this machine, so its figures cannot be looked up"


def test_the_shipped_model_has_figures_or_a_reason():
    known = labels_of_model("opinions")
    assert bool(known.kinds) == (known.reason is None)
    assert set(known.kinds) <= set(module.KINDS)


def test_labels_in_words():
    pain = {f"{name}.dev.jsonl": Labels(100, found, 200, 180) for name, found in (("a", 70), ("b", 85), ("c", 90))}
    said = labelled(ModelLabels({"pain": pain}, "m"))
    assert said == (
        "Of 900 reviews labelled by hand in 3 files (a.dev, b.dev, c.dev), pain is found in 70 to 90 % of those that "
        "have it and in 10 % of those that have none. They are about different sorts of products: the mean over the "
        "files is used, and how far files differ is part of the interval."
    )
    alone = labelled(ModelLabels({"praise": {"own.jsonl": Labels(100, 90, 0, 0)}}, "m"))
    assert alone == (
        "Of 100 reviews labelled by hand in one file (own), praise is found in 90 % of those that have it and in an "
        "unknown share of those that have none. The reviews here are taken to be like these."
    )
