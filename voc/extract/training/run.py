"""`voc train`: from the labelled data to a model folder, in one command that can be resumed after a kill."""

from __future__ import annotations

import json
import os
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file

from voc.errors import VocError
from voc.extract.encoder import base_encoder_dir
from voc.extract.network import OpinionNetwork
from voc.extract.training.gold import load_corpus
from voc.extract.training.loop import Recipe, quick_scores, run

#: Dev files by which the best epoch is chosen.
DEV = ("dmaste_electronics", "dmaste_home", "semeval14_laptop", "en_phone")


def read_recipe(path: Path | None) -> Recipe:
    """Read the settings of a run from TOML; without a path, the defaults.

    Raises:
        VocError: the file is missing or has an unknown key.
    """
    if path is None:
        return Recipe()
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise VocError(f"{path}: the training settings cannot be read ({error}).") from None
    known = {field.name for field in fields(Recipe)}
    for key in raw:
        if key not in known:
            raise VocError(f"{path}: {key} is not a training setting; known are {', '.join(sorted(known))}.")
    if "leave_out" in raw:
        raw["leave_out"] = tuple(raw["leave_out"])
    return Recipe(**raw)


def train(
    data_dir: Path,
    output: Path,
    *,
    config_file: Path | None = None,
    resume: bool = False,
    progress: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Train on the train files under `data_dir` and write a model folder to `output`.

    The state of each epoch is kept in `output`/training; with `resume` a run that was killed goes on from there.
    Returns the recipe and the best epoch's dev figures.

    Raises:
        VocError: a labelled file is missing or malformed, or the settings are at fault.
    """
    recipe = read_recipe(config_file)
    corpus = load_corpus(data_dir, recipe.leave_out)
    scores: list[dict[str, float]] = []

    def score(network: OpinionNetwork, tokenizer: Any) -> dict[str, float]:
        figures = {}
        for stem in DEV:
            for name, value in quick_scores(corpus.dev.get(stem, []), network, tokenizer).items():
                if not (name == "phrase" and stem == "semeval14_laptop"):  # phrases are not labelled there
                    figures[f"{stem}.{name}"] = value
        figures["mean"] = sum(figures.values()) / max(1, len(figures))
        scores.append(figures)
        return figures

    best = run(corpus, output / "training", recipe, score=score, log=progress, resume=resume)
    export(best, output)
    shutil.copyfile(output / "training" / "train.json", output / "train.json")
    return {"model": str(output), "dev": max(scores, key=lambda s: s["mean"], default={})}


def export(weights: Path, output: Path) -> None:
    """Write the files of a model folder: weights in half precision, the encoder's configuration, the tokenizer."""
    output.mkdir(parents=True, exist_ok=True)
    base = base_encoder_dir()
    tensors = {name: value.half() for name, value in load_file(weights).items() if ".pooler." not in name}
    partial = output / "model.safetensors.partial"
    save_file(tensors, partial)
    partial.chmod(0o644)
    os.replace(partial, output / "model.safetensors")
    encoder = json.loads((base / "config.json").read_text())
    keep = {k: v for k, v in encoder.items() if k not in ("_name_or_path", "architectures", "transformers_version")}
    (output / "config.json").write_text(json.dumps({"base": "all-MiniLM-L6-v2", "encoder": keep}, indent=1) + "\n")
    shutil.copyfile(base / "tokenizer.json", output / "tokenizer.json")
