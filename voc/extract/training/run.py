"""`voc train`: from the data to a model folder, in one command that can be resumed after a kill."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ValidationError
from safetensors.torch import load_file, save_file

from voc.errors import VocError
from voc.extract.encoder import base_encoder_dir, load_encoder
from voc.extract.network import OpinionNetwork
from voc.extract.training.calibrate import calibrate
from voc.extract.training.checkpoint import replace
from voc.extract.training.corpus import Corpus, load_corpus, paired_examples
from voc.extract.training.distil import Distilling, teach
from voc.extract.training.loop import Finetuning, finetune
from voc.extract.training.meaning import Meaning, learn_meaning
from voc.extract.training.pretrain import Pretraining, pretrain
from voc.extract.training.scoring import quick_scores
from voc.extract.training.unlabelled import plain_texts
from voc.resources import models_dir


class Recipe(BaseModel, frozen=True, extra="forbid"):
    """Settings of a whole run; kept beside the weights as `train.toml`."""

    #: One model is trained from each; the one with the best dev figures is kept.
    seeds: tuple[int, ...] = (1, 2, 3)
    #: Labelled sets to train without, so that one can measure on what the model never saw.
    leave_out: tuple[str, ...] = ()
    pretraining: Pretraining = Pretraining()
    finetuning: Finetuning = Finetuning()
    distilling: Distilling = Distilling()
    meaning: Meaning = Meaning()


def read_recipe(path: Path | None) -> Recipe:
    """Read the settings of a run from TOML; without a path, the defaults.

    Raises:
        VocError: the file is missing, or a key or a value is not as it should be.
    """
    if path is None:
        return Recipe()
    try:
        return Recipe.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise VocError(f"{path}: the training settings cannot be read ({error}).") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        what = "is not a training setting" if first["type"] == "extra_forbidden" else f"is wrong ({first['msg']})"
        raise VocError(f"{path}: {key} {what}; see models/opinions/train.toml for an example.") from None


def train(
    data_dir: Path,
    output: Path,
    *,
    config_file: Path | None = None,
    labels: Path | None = None,
    resume: bool = False,
    progress: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Train on the train files under `data_dir` and write a model folder to `output`.

    The encoder first gets used to reviews, then one model for each seed learns from labels, and one more from them
    and from what all these say of texts without labels. The best on dev is kept. Everything under way lies in
    `output`/training; with `resume` a run that was killed goes on from there.

    Returns the dev figures of each model and which was kept.

    Raises:
        VocError: a labelled file is missing or malformed, or the settings are at fault.
    """
    recipe = read_recipe(config_file)
    # Adam's moments of words that stay away fade into denormal numbers, which slow a step down eightfold on a CPU. Said
    # before torch starts its threads, which take it over then or never.
    torch.set_flush_denormal(True)
    if not torch.cuda.is_available():
        # Gradients of the same token from several spans must be added in one order for a resumed run to end the same.
        torch.use_deterministic_algorithms(True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    corpus = load_corpus(data_dir, recipe.leave_out, labels or models_dir() / "opinions" / "labels")
    under_way = output / "training"
    start = None
    if recipe.pretraining.epochs:
        start = pretrain(data_dir, under_way / "pretraining", recipe.pretraining, log=progress, resume=resume)
    figures: dict[str, dict[str, float]] = {}
    files: dict[str, Path] = {}
    origin = recipe.model_dump(include={"leave_out", "pretraining"}, mode="json")

    def learn(name: str, seed: int, **further: Any) -> None:
        encoder, tokenizer = fresh_encoder(start)
        progress(name.replace("-", " "))
        folder = under_way / name
        files[name] = finetune(
            corpus,
            folder,
            recipe.finetuning,
            seed,
            encoder,
            tokenizer,
            score=lambda network, tok: dev_scores(corpus, network, tok),
            log=progress,
            resume=resume,
            **further,
        )
        figures[name] = json.loads((folder / "scores.json").read_text())

    for seed in recipe.seeds:
        learn(f"seed-{seed}", seed, origin=origin)
    if recipe.distilling.texts:
        taught = teach(
            list(files.values()), corpus.stars, recipe.distilling, under_way / "taught.pt", fresh_encoder, log=progress
        )
        learn(
            "distilled",
            recipe.seeds[0],
            origin={**origin, "distilling": recipe.distilling.model_dump(), "seeds": recipe.seeds},
            taught=taught,
            taught_per_epoch=recipe.distilling.per_epoch,
        )
    best = max(files, key=lambda name: figures[name]["mean"])
    export(files[best], output)
    calibrate(output, corpus, progress)
    meaning = None
    if recipe.meaning.epochs:
        meaning = learn_meaning(
            output,
            plain_texts(data_dir),
            paired_examples(corpus),
            recipe.meaning,
            seed=recipe.seeds[0],
            log=progress,
        )
    if config_file is not None:
        shutil.copyfile(config_file, output / "train.toml")
    written = {"kept": best, "meaning": meaning, "dev": figures}
    replace(output / "train.json", lambda path: Path(path).write_text(json.dumps(written, indent=1) + "\n"))
    return {"model": str(output), **written}


def fresh_encoder(weights: Path | None = None) -> tuple[Any, Any]:
    """Return (encoder, tokenizer) of the base model, with pretrained weights where there are some."""
    wrapped, encoder = load_encoder("default", attention="eager")
    tokenizer = wrapped.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if weights is not None:
        encoder.load_state_dict(load_file(weights))
    return encoder, tokenizer


def dev_scores(corpus: Corpus, network: OpinionNetwork, tokenizer: Any) -> dict[str, float]:
    """Measure on every dev set; `mean` is the mean of all figures."""
    figures = {
        f"{stem}.{name}": value
        for stem, examples in corpus.dev.items()
        for name, value in quick_scores(examples, network, tokenizer).items()
    }
    return {**figures, "mean": sum(figures.values()) / max(1, len(figures))}


def export(weights: Path, output: Path) -> None:
    """Write the files of a model folder: weights in half precision, the encoder's configuration, the tokenizer."""
    output.mkdir(parents=True, exist_ok=True)
    base = base_encoder_dir()
    tensors = {name: value.half() for name, value in load_file(weights).items() if ".pooler." not in name}
    replace(output / "model.safetensors", lambda path: save_file(tensors, path))
    encoder = json.loads((base / "config.json").read_text())
    keep = {k: v for k, v in encoder.items() if k not in ("_name_or_path", "architectures", "transformers_version")}
    (output / "config.json").write_text(json.dumps({"base": "all-MiniLM-L6-v2", "encoder": keep}, indent=1) + "\n")
    shutil.copyfile(base / "tokenizer.json", output / "tokenizer.json")
