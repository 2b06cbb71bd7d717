"""`voc train` and `voc evaluate`: making the models and measuring them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voc.cli.frame import config_option, debug_option
from voc.errors import VocError

if TYPE_CHECKING:
    from voc.config import Config, ModelConfig
    from voc.evaluate import GoldLine
    from voc.evaluate.metrics import Tally

#: What is said under the table of a task.
_NOTES = {
    "opinions": "A kind of span that a file does not label is left out.",
    "presence": "Counted are texts; an opinion that a file does not label counts as if it were not there.",
}


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("data"),
    show_default=True,
    help="Folder that holds absa/ and text/.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    default=Path("runs/opinions"),
    show_default=True,
    help="Folder for the weights, their card and their metrics.",
)
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), default=None, help="Training configuration (TOML)."
)
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    default=None,
    help="Folder of our own labels; by default the one beside the shipped weights.",
)
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in the output folder.")
@debug_option
def train(data: Path, output: Path, config_file: Path | None, labels: Path | None, resume: bool) -> None:
    """Train the models on the train and dev files of a data folder."""
    from voc.sheets import dump

    if not data.is_dir():
        raise VocError(f"{data}: there is no such data folder; name the one that holds absa/ with --data.")
    from voc.extract.training.run import train as train_models

    def say(line: str) -> None:
        click.echo(line, err=True)

    result = train_models(data, output, config_file=config_file, labels=labels, resume=resume, progress=say)
    click.echo(dump(result), nl=False)
    click.echo(f"The weights are in {output}.", err=True)


@click.command()
@click.argument("gold", metavar="GOLD.jsonl...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--task",
    type=click.Choice(("opinions", "pain", "wish", "themes", "mentions", "presence")),
    default="opinions",
    show_default=True,
    help="What to measure.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("data"),
    show_default=True,
    help="With --task mentions: folder that holds the labelled reviews.",
)
@click.option("--style", help="Labelling style to read in; by default the one the file's set was trained in, if any.")
@click.option("--errors", is_flag=True, help="With --task opinions: also list the commonest errors, with examples.")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Also write the figures to this JSON file, under the task's name; what it holds of other tasks stays.",
)
@click.option("--model", help="Name of a folder under models/ or a path to one; by default that of the settings.")
@click.option(
    "--precision",
    type=click.Choice(("auto", "float32", "bfloat16", "int8")),
    help="Numbers that the encoder computes with; by default those of the settings.",
)
@config_option
@debug_option
def evaluate(
    gold: tuple[Path, ...],
    task: str,
    data: Path,
    style: str | None,
    errors: bool,
    form: str,
    output: Path | None,
    model: str | None,
    precision: str | None,
    config_file: Path | None,
) -> None:
    """Measure the models on hand-labelled lines: exact-span micro F1, complaints, wishes, themes, mentions.

    The task presence counts in how many texts a pain, or praise, is there and is found: written into the metrics.json
    beside a model, it lets the reach of both be corrected.
    """
    from voc.config import load_config
    from voc.evaluate import presence_in_files, read_gold
    from voc.sheets import dump

    config = load_config(config_file)
    chosen = {key: value for key, value in (("opinions", model), ("precision", precision)) if value is not None}
    config = config.model_copy(update={"model": config.model.model_copy(update=chosen)})
    if task == "mentions":
        result = _mentions(gold, data, config.model)
    else:
        files = [(path, read_gold(path)) for path in gold]
        if task == "themes":
            result = _themes(files, config)
        elif task == "presence":
            result = presence_in_files(files, config.model)
        else:
            result = _texts(files, task, style, config.model)
        if errors and task == "opinions":
            result["errors"] = _errors(files, style, config.model)
    if output is not None:
        _keep(output, task, result)
    if form == "json":
        click.echo(dump(result), nl=False)
    else:
        _show(result, task)


def _keep(output: Path, task: str, result: Mapping[str, Any]) -> None:
    """Put the figures of one task into the metrics file beside a model."""
    import json

    from voc.sheets import dump

    try:
        held = json.loads(output.read_text(encoding="utf-8")) if output.exists() else {}
    except (OSError, ValueError) as error:
        raise VocError(f"{output}: this is no metrics file ({error}); name another with --output.") from None
    partial = output.with_name(output.name + ".partial")
    partial.write_text(dump({**held, task: result}), encoding="utf-8")
    partial.replace(output)


def _style(path: Path) -> str | None:
    """Return the style that a public set's training half was labelled in, from the name of its file."""
    from voc.extract.training.gold import SOURCES

    stem = path.name.split(".")[0]
    return next((source.style for source in SOURCES if source.stem == stem), None)


def _texts(
    files: Sequence[tuple[Path, list[GoldLine]]], task: str, style: str | None, config: ModelConfig
) -> dict[str, Any]:
    """Measure what is read in single texts, file by file and pooled."""
    from functools import partial

    from voc.evaluate import evaluate as measure
    from voc.evaluate import pooled
    from voc.extract import predict_opinions

    results: list[Mapping[str, Tally]] = []
    per_file: dict[str, Any] = {}
    for path, lines in files:
        read_as = style if style is not None else _style(path)
        try:
            tallies = measure(lines, partial(predict_opinions, style=read_as, config=config), task)
        except VocError as error:
            raise VocError(f"{path}: {error}") from None
        results.append(tallies)
        per_file[path.name] = {"texts": len(lines), "style": read_as, **pooled([tallies])}
    return {**pooled(results), "texts": sum(len(lines) for _, lines in files), "task": task, "files": per_file}


def _mentions(files: Sequence[Path], data: Path, config: ModelConfig) -> dict[str, Any]:
    """Measure kind, specificity, target and severity of mentions labelled by hand."""
    from voc.evaluate import pooled
    from voc.evaluate.mentions import mention_scores, pass_agreement
    from voc.extract.training.labels import read_labels

    per_file = {
        path.name: {**mention_scores(read_labels(path, data), config), **pass_agreement(path)} for path in files
    }
    return {**pooled([]), "task": "mentions", "files": per_file}


def _errors(
    files: Sequence[tuple[Path, list[GoldLine]]], style: str | None, config: ModelConfig
) -> list[dict[str, Any]]:
    """Count the errors of all files together."""
    from voc.evaluate.errors import KINDS, span_errors
    from voc.extract import predict_opinions
    from voc.extract.prediction import Prediction

    lines: list[GoldLine] = []
    predictions: list[Prediction] = []
    for path, listed in files:
        labelled = [line for line in listed if line.opinions is not None]
        lines += labelled
        # A kind of span that a file does not label is not made up.
        known = {kind for kind in KINDS if any(getattr(o, kind) for line in labelled for o in line.opinions or ())}
        texts = [line.text for line in labelled]
        for one in predict_opinions(texts, style=style or _style(path), config=config):
            aspects = one.aspects if "aspect" in known else []
            predictions.append(Prediction(aspects, one.phrases if "phrase" in known else []))
    return span_errors(lines, predictions)


def _themes(files: Sequence[tuple[Path, list[GoldLine]]], config: Config) -> dict[str, Any]:
    """Run the pipeline's own extraction and themes over all texts together."""
    from voc.evaluate import embedding_agreement, gold_reviews, pooled, theme_agreement
    from voc.extract import extract
    from voc.progress import progress_bars
    from voc.tables import texts_of
    from voc.themes import find_themes
    from voc.themes.embedding import embed

    lines = [line for _, listed in files for line in listed]
    with progress_bars() as progress:
        reviews = gold_reviews(lines)
        read = extract(reviews, config=config.model, progress=progress)
        texts = texts_of(reviews)
        found = find_themes(
            read.mentions,
            texts,
            config=config.themes,
            encoder=config.model.encoder,
            model=config.model.opinions,
            embeddings=read.embeddings if config.model.encoder == "default" else None,
            progress=progress,
        )
    vectors = dict(zip(*(read.embeddings.column(name).to_pylist() for name in ("mention_id", "vector")), strict=True))
    by_vector = embedding_agreement(
        lines, read.mentions, vectors, lambda texts: embed(texts, model=config.model.opinions)
    )
    return {
        **pooled([]),
        "theme_ami": by_vector.pop("theme_ami"),
        "counts": {"vectors": by_vector, "themes": theme_agreement(lines, found.mentions)},
        "texts": len(lines),
        "task": "themes",
        "files": {path.name: {"texts": len(listed)} for path, listed in files},
    }


def _show(result: Mapping[str, Any], task: str) -> None:
    from voc.cli.output import print_table
    from voc.sheets import Sheet

    if task == "themes":
        rows = [{"measure": "theme_ami", "value": result["theme_ami"]}]
        for name, counts in result["counts"].items():
            rows += [{"measure": f"{name}: {key}", "value": value} for key, value in counts.items()]
        print_table(Sheet("Themes against gold categories", rows, rows, result))
        return
    if task == "mentions":
        rows = [
            {"file": file, "measure": key, "value": value}
            for file, figures in result["files"].items()
            for key, value in figures.items()
        ]
        print_table(Sheet("Mentions labelled by hand", rows, rows, result))
        return
    parts = dict(result["files"])
    if len(parts) > 1:
        parts["all files"] = result
    rows = [
        {
            "file": Path(name).name if name in result["files"] else name,
            "style": figures.get("style") or "",
            "measure": measure,
            "F1": figures[f"{measure}_f1"],
            "precision": counts["precision"],
            "recall": counts["recall"],
            **({"specificity": counts["specificity"]} if "specificity" in counts else {}),
            "gold": counts["gold"],
            "predicted": counts["predicted"],
            "correct": counts["correct"],
        }
        for name, figures in parts.items()
        for measure, counts in figures["counts"].items()
    ]
    notes = [_NOTES[task]] if task in _NOTES else []
    print_table(Sheet(f"Evaluation, task {task}", rows, rows, result, notes=notes))
    if "errors" in result:
        wrong = [
            {
                **{key: row[key] for key in ("kind", "error", "count", "share")},
                "examples": "; ".join(f"{e['gold'] or '-'} > {e['predicted'] or '-'}" for e in row["examples"][:4]),
            }
            for row in result["errors"]
        ]
        print_table(Sheet("Errors: what is marked > what was read", wrong, wrong, result["errors"]))
