"""`voc train` and `voc evaluate`: making the models and measuring them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voc.cli.frame import config_option, debug_option
from voc.errors import VocError

if TYPE_CHECKING:
    from voc.evaluate import GoldLine
    from voc.evaluate.metrics import Tally


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
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in the output folder.")
@debug_option
def train(data: Path, output: Path, config_file: Path | None, resume: bool) -> None:
    """Train the models on the train and dev files of a data folder."""
    from voc.cli.output import dump

    if not data.is_dir():
        raise VocError(f"{data}: there is no such data folder; name the one that holds absa/ with --data.")
    from voc.extract.training.run import train as train_models

    def say(line: str) -> None:
        click.echo(line, err=True)

    result = train_models(data, output, config_file=config_file, resume=resume, progress=say)
    click.echo(dump(result), nl=False)
    click.echo(f"The weights are in {output}.", err=True)


@click.command()
@click.argument("gold", metavar="GOLD.jsonl...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--task",
    type=click.Choice(("opinions", "pain", "wish", "themes")),
    default="opinions",
    show_default=True,
    help="What to measure.",
)
@click.option("--style", help="Labelling style to read in; by default the one the file's set was trained in, if any.")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Also write the figures to this JSON file, under the task's name; what it holds of other tasks stays.",
)
@config_option
@debug_option
def evaluate(
    gold: tuple[Path, ...], task: str, style: str | None, form: str, output: Path | None, config_file: Path | None
) -> None:
    """Measure the models on hand-labelled lines: exact-span micro F1, complaints, wishes, themes."""
    from voc.cli.output import dump
    from voc.evaluate import read_gold

    files = [(path, read_gold(path)) for path in gold]
    result = _themes(files, config_file) if task == "themes" else _texts(files, task, style)
    if output is not None:
        _keep(output, task, result)
    if form == "json":
        click.echo(dump(result), nl=False)
    else:
        _show(result, task)


def _keep(output: Path, task: str, result: Mapping[str, Any]) -> None:
    """Put the figures of one task into the metrics file beside a model."""
    import json

    from voc.cli.output import dump

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


def _texts(files: Sequence[tuple[Path, list[GoldLine]]], task: str, style: str | None) -> dict[str, Any]:
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
            tallies = measure(lines, partial(predict_opinions, style=read_as), task)
        except VocError as error:
            raise VocError(f"{path}: {error}") from None
        results.append(tallies)
        per_file[path.name] = {"texts": len(lines), "style": read_as, **pooled([tallies])}
    return {**pooled(results), "texts": sum(len(lines) for _, lines in files), "task": task, "files": per_file}


def _themes(files: Sequence[tuple[Path, list[GoldLine]]], config_file: Path | None) -> dict[str, Any]:
    """Run the pipeline's own extraction and themes over all texts together."""
    from voc.cli.progress import progress_bars
    from voc.config import load_config
    from voc.evaluate import gold_reviews, pooled, theme_agreement
    from voc.extract import extract
    from voc.themes import find_themes

    config = load_config(config_file)
    lines = [line for _, listed in files for line in listed]
    with progress_bars() as progress:
        reviews = gold_reviews(lines)
        mentions, _ = extract(reviews, config=config.model, progress=progress)
        texts = dict(zip(reviews["review_id"].to_pylist(), reviews["text"].to_pylist(), strict=True))
        found = find_themes(mentions, texts, config=config.themes, encoder=config.model.encoder, progress=progress)
    agreement = theme_agreement(lines, found.mentions)
    return {
        **pooled([]),
        "theme_ami": agreement.pop("theme_ami"),
        "counts": {"themes": agreement},
        "texts": len(lines),
        "task": "themes",
        "files": {path.name: {"texts": len(listed)} for path, listed in files},
    }


def _show(result: Mapping[str, Any], task: str) -> None:
    from voc.cli.output import Sheet, print_table

    if task == "themes":
        rows = [{"measure": "theme_ami", "value": result["theme_ami"]}]
        rows += [{"measure": key, "value": value} for key, value in result["counts"]["themes"].items()]
        print_table(Sheet("Themes against gold categories", rows, rows, result))
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
            "gold": counts["gold"],
            "predicted": counts["predicted"],
            "correct": counts["correct"],
        }
        for name, figures in parts.items()
        for measure, counts in figures["counts"].items()
    ]
    notes = ["A kind of span that a file does not label is left out."] if task == "opinions" else []
    print_table(Sheet(f"Evaluation, task {task}", rows, rows, result, notes=notes))
