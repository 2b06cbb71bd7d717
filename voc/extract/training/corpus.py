"""All that training sees, read from the data folder and from our own labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voc.errors import VocError
from voc.extract.training.gold import HELD_OUT, SOURCES, Example, read_gold, read_stars
from voc.extract.training.labels import read_labels, read_requests, read_said, read_wishes


@dataclass
class Corpus:
    """Everything training sees: labelled examples by source, reviews with stars, wishes, and the dev examples.

    `dev["mentions"]` and `train["mentions"]` are the mentions labelled by hand, `train["wishes"]` texts that are a
    wish or not, `train["said"]` short reviews of our own with all their mentions.
    """

    train: dict[str, list[Example]] = field(default_factory=dict)
    dev: dict[str, list[Example]] = field(default_factory=dict)
    stars: list[Example] = field(default_factory=list)


def load_corpus(data: Path, leave_out: Sequence[str] = (), labels: Path | None = None) -> Corpus:
    """Load the train and dev files under `data`, and our own `labels`; never a test file.

    `leave_out` names stems to train without.

    Raises:
        VocError: a file is missing or malformed.
    """
    corpus = Corpus()
    for source in SOURCES:
        if source.stem in leave_out:
            continue
        files = sorted((data / "absa").glob(source.pattern.format(stem=source.stem)))
        if not files:
            raise VocError(f"{data / 'absa'}: {source.stem} is missing; name the folder that holds absa/ with --data.")
        examples = [example for file in files for example in read_gold(file, source)]
        held = HELD_OUT.get(source.stem)
        corpus.train[source.stem] = [e for i, e in enumerate(examples) if not held or i % held]
        dev = data / "absa" / f"{source.stem}.dev.jsonl"
        if held:
            corpus.dev[source.stem] = examples[::held]
        # The triplets' dev sentences lie in the laptop set's training file.
        elif dev.exists() and source.stem != "aste_14lap":
            corpus.dev[source.stem] = read_gold(dev, source)
    # The triplets' training file shares sentences with the laptop set's dev file, for one.
    unseen = {_plain(example.text) for examples in corpus.dev.values() for example in examples}
    for stem, examples in corpus.train.items():
        corpus.train[stem] = [example for example in examples if _plain(example.text) not in unseen]
    for name in ("electronics", "home", "toy", "pet"):
        path = data / "text" / f"amazon_{name}_stars.jsonl"
        if path.exists():
            corpus.stars.extend(read_stars(path))
    if labels is not None:
        for part, side in (("train", corpus.train), ("dev", corpus.dev)):
            side["mentions"] = read_labels(labels / f"mentions.{part}.jsonl", data)
        for name, examples in (
            ("said", read_said(labels / "said.jsonl")),
            ("wishes", read_wishes(labels / "wishes.jsonl")),
        ):
            corpus.train[name] = [e for i, e in enumerate(examples) if i % 10]
            corpus.dev[name] = examples[::10]
        corpus.train["requests"] = read_requests(data / "text" / "app_reviews_4class.jsonl")
    return corpus


def paired_examples(corpus: Corpus) -> list[Example]:
    """Return the training examples whose aspects and phrases were marked together; of each set the share it has."""
    return [
        example
        for source in SOURCES
        if source.has_phrases and source.complete
        for index, example in enumerate(corpus.train.get(source.stem, []))
        # Spread evenly over the set: one is taken whenever the share of those passed comes to one more.
        if int((index + 1) * min(1.0, source.share)) > int(index * min(1.0, source.share))
    ]


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
