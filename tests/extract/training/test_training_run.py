"""`voc train` on a handful of texts: it makes a model that reads, and a killed run comes to the same weights."""

import json
import subprocess
import sys
import time

import pytest
from safetensors.torch import load_file

import voc
from voc.errors import VocError
from voc.extract.training.gold import SOURCES
from voc.extract.training.run import read_recipe

TEXT = "the battery dies within an hour . great sound !"
OPINIONS = [
    {"aspect": [4, 11], "phrase": [12, 31], "polarity": "negative", "category": "Battery"},
    {"aspect": [40, 45], "phrase": [34, 39], "polarity": "positive", "category": None},
]
RECIPE = """
seeds = [1]
[pretraining]
epochs = 1
tokens_per_batch = 64
checkpoint_steps = 2
[finetuning]
epochs = 2
tokens_per_batch = 512
[distilling]
texts = 8
per_epoch = 4
[meaning]
texts = 12
epochs = 1
rows_per_batch = 16
"""


def lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data folder with two lines in every set, labels of our own, and the settings."""
    root = tmp_path_factory.mktemp("train")
    for source in SOURCES:
        name = source.pattern.format(stem=source.stem).replace("*", "thing")
        rows = [{"id": str(i), "text": f"{TEXT} {source.stem} {i}", "opinions": OPINIONS} for i in range(2)]
        lines(root / "data" / "absa" / name, rows)
        if ".train." in name:
            lines(root / "data" / "absa" / name.replace(".train.", ".dev."), rows[:1])
    stars = [{"text": f"It broke on day {i}. Sad about that.", "stars": 1 + i % 5} for i in range(12)]
    lines(root / "data" / "text" / "amazon_toy_stars.jsonl", stars)
    from voc.extract.training.labels import text_hash

    label = {"file": "amazon_toy_stars.jsonl", "aspect": None, "phrase": [3, 8], "clause": [0, 18], "kind": "pain"}
    label |= {"specificity": "trouble", "severity": 4, "target": "product"}
    for part, row in (("train", stars[0]), ("dev", stars[1])):
        lines(root / "labels" / f"mentions.{part}.jsonl", [{**label, "hash": text_hash(row["text"])}])
    said = {**label, "mentions": [label], "text": stars[0]["text"]}
    lines(root / "labels" / "said.jsonl", [said] * 2)
    lines(root / "labels" / "wishes.jsonl", [{"text": f"Please add {i} more.", "wish": i % 2} for i in range(6)])
    (root / "train.toml").write_text(RECIPE)
    return root


def start(folder, output, *further):
    command = [sys.executable, "-m", "voc.cli", "train", "--data", str(folder / "data"), "--output", str(output)]
    command += ["--labels", str(folder / "labels"), "--config", str(folder / "train.toml"), *further]
    return subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def trained(folder):
    process = start(folder, folder / "whole")
    out, log = process.communicate()
    assert process.returncode == 0, log
    return folder / "whole", json.loads(out), log


def test_the_folder_is_a_model_that_reads(trained):
    model, result, log = trained
    assert result["kept"] in ("seed-1", "distilled")
    assert "distilling: " in log
    assert "pretraining: step" in log
    assert "epoch 2:" in log
    doc = voc.load(str(model))(TEXT)
    assert doc._.stars is not None
    config = json.loads((model / "config.json").read_text())
    assert config["cuts"]["aspect"].keys() >= {"review", "laptop"}
    assert (model / "train.toml").read_text() == RECIPE
    assert json.loads((model / "train.json").read_text())["dev"]["distilled"]["epoch"] in (1, 2)


@pytest.mark.parametrize("at", ["pretraining: step 2/", "epoch 1:"])
def test_a_killed_run_comes_to_the_same_weights(folder, trained, tmp_path, at):
    process = start(folder, tmp_path / "killed")
    for line in process.stderr:
        if line.startswith(at):
            # The state is written right after the line.
            wanted = list((tmp_path / "killed" / "training").rglob("*.pt"))
            for _ in range(200):
                if wanted:
                    break
                time.sleep(0.05)
                wanted = list((tmp_path / "killed" / "training").rglob("*.pt"))
            process.kill()
            break
    process.communicate()
    assert not (tmp_path / "killed" / "model.safetensors").exists()
    process = start(folder, tmp_path / "killed", "--resume")
    _, log = process.communicate()
    assert process.returncode == 0, log
    assert "resuming after" in log or "done before" in log
    ours, whole = load_file(tmp_path / "killed" / "model.safetensors"), load_file(trained[0] / "model.safetensors")
    assert ours.keys() == whole.keys()
    for name in whole:
        assert (ours[name] == whole[name]).all(), name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epoch = 3", "epoch is not a training setting"),
        ("[finetuning]\nepochs = 'many'", r"finetuning\.epochs is wrong"),
        ("seeds = [", "cannot be read"),
    ],
)
def test_settings_that_are_wrong_are_named(tmp_path, text, message):
    (tmp_path / "train.toml").write_text(text)
    with pytest.raises(VocError, match=message):
        read_recipe(tmp_path / "train.toml")


def test_the_shipped_settings_can_be_read():
    from voc.resources import models_dir

    recipe = read_recipe(models_dir() / "opinions" / "train.toml")
    assert recipe.seeds
    assert recipe.pretraining.epochs > 0
