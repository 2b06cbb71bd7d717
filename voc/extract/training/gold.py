"""Labelled texts as training reads them: tokenisation undone, offsets kept right, noise of real reviews added."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voc.errors import VocError

Span = tuple[int, int]


@dataclass(frozen=True)
class Opinion:
    """One labelled opinion; spans are half-open character offsets, null where the text only implies them."""

    aspect: Span | None
    phrase: Span | None
    polarity: str


@dataclass(frozen=True)
class Example:
    """A text with all its opinions and the style its set was labelled in.

    `has_phrases` says that opinion phrases were labelled; `complete` that every opinion of the text was, so that a
    sentence without one holds none. `stars` is set, and `opinions` unknown, for reviews with a rating alone.
    """

    text: str
    style: str
    opinions: tuple[Opinion, ...] = ()
    has_phrases: bool = True
    complete: bool = True
    stars: float | None = None


@dataclass(frozen=True)
class Source:
    """A labelled set: file stem, style, what it labels, and the share of it seen in each epoch."""

    stem: str
    style: str
    has_phrases: bool = True
    complete: bool = True
    share: float = 1.0


SOURCES: tuple[Source, ...] = (
    Source("dmaste_electronics", "review"),
    Source("dmaste_home", "review"),
    Source("dmaste_fashion", "review"),
    Source("dmaste_beauty", "review"),
    Source("semeval14_laptop", "laptop", has_phrases=False, complete=False),
    Source("aste_14lap", "triplet", complete=False),
    Source("en_phone", "phone"),
    Source("memd_clothing", "quad"),
    Source("memd_books", "quad", share=0.4),
    Source("memd_hotel", "quad", share=0.4),
    Source("memd_restaurant", "quad", share=0.4),
    Source("pyabsa_television", "term", has_phrases=False, complete=False, share=0.6),
    Source("pyabsa_tshirt", "term", has_phrases=False, complete=False, share=0.6),
)

# Spaces that a tokeniser put in: before closing punctuation and contractions, after opening brackets.
_INSERTED = re.compile(
    r"(?<=\S) (?=[.,!?;:)\]%](?:\s|$|[.,!?]))"
    r"|(?<=[(\[$#]) (?=\S)"
    r"|(?<=\w) (?=['’](?:s|t|m|d|re|ve|ll)\b)"
    r"|(?<=\w) (?=n['’]t\b)"
    r"|(?<=['’]) (?=(?:s|t|m|d|re|ve|ll)\b)"
    r"|(?<=\.) (?=\.)",
    re.IGNORECASE,
)


def delete_characters(example: Example, positions: Iterable[int]) -> Example:
    """Return the example with the characters at `positions` taken out of its text and its spans moved along.

    A span that would become empty is dropped together with its opinion.
    """
    gone = sorted(set(positions))
    if not gone:
        return example
    kept_before = [0] * (len(example.text) + 1)
    removed = set(gone)
    for index in range(len(example.text)):
        kept_before[index + 1] = kept_before[index] + (index not in removed)
    text = "".join(c for i, c in enumerate(example.text) if i not in removed)

    def move(span: Span | None) -> Span | None:
        return None if span is None else (kept_before[span[0]], kept_before[span[1]])

    opinions = []
    for opinion in example.opinions:
        aspect, phrase = move(opinion.aspect), move(opinion.phrase)
        if (aspect and aspect[0] >= aspect[1]) or (phrase and phrase[0] >= phrase[1]):
            continue
        opinions.append(Opinion(aspect, phrase, opinion.polarity))
    return Example(text, example.style, tuple(opinions), example.has_phrases, example.complete, example.stars)


def undo_tokenisation(example: Example) -> Example:
    """Take out the spaces that a tokeniser inserted ("didn 't ." becomes "didn't.")."""
    return delete_characters(example, (match.start() for match in _INSERTED.finditer(example.text)))


def roughen(example: Example, chance: random.Random) -> Example:
    """Sometimes lose the punctuation, the space after it or a letter, as hurried customers do."""
    draw = chance.random()
    text = example.text
    if draw < 0.08:
        return delete_characters(example, (i for i, c in enumerate(text) if c in ".,!?'"))
    if draw < 0.14:
        return delete_characters(example, (m.start() for m in re.finditer(r"(?<=[.,!]) (?=\w)", text)))
    if draw < 0.24:
        letters = [m.start() for m in re.finditer(r"(?<=[a-z]{2})[a-z](?=[a-z])", text)]
        return delete_characters(example, chance.sample(letters, min(len(letters), 1 + len(letters) // 60)))
    return example


def read_gold(path: Path, source: Source) -> list[Example]:
    """Read one labelled file.

    Raises:
        VocError: the file is missing or a line is not of the labelled form.
    """
    examples = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise VocError(
            f"{path}: this labelled file is missing; name the folder that holds absa/ with --data."
        ) from None
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            opinions = tuple(Opinion(_span(o["aspect"]), _span(o["phrase"]), o["polarity"]) for o in row["opinions"])
            example = Example(row["text"], source.style, opinions, source.has_phrases, source.complete)
        except (ValueError, KeyError, TypeError) as error:
            raise VocError(f"{path}, line {number}: not a labelled opinion line ({error!r}).") from None
        examples.append(undo_tokenisation(example))
    return examples


def read_stars(path: Path) -> list[Example]:
    """Read reviews that carry nothing but their stars."""
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [
        undo_tokenisation(Example(row["text"], "review", has_phrases=False, complete=False, stars=float(row["stars"])))
        for row in rows
    ]


def _span(pair: Sequence[int] | None) -> Span | None:
    return None if pair is None else (int(pair[0]), int(pair[1]))


@dataclass
class Corpus:
    """Everything training sees: labelled examples by source, reviews with stars, and the dev files."""

    train: dict[str, list[Example]] = field(default_factory=dict)
    dev: dict[str, list[Example]] = field(default_factory=dict)
    stars: list[Example] = field(default_factory=list)


def load_corpus(data: Path, leave_out: Sequence[str] = ()) -> Corpus:
    """Load the train and dev files under `data`; never a test file. `leave_out` names stems to train without."""
    corpus = Corpus()
    for source in SOURCES:
        if source.stem in leave_out:
            continue
        corpus.train[source.stem] = read_gold(data / "absa" / f"{source.stem}.train.jsonl", source)
        dev = data / "absa" / f"{source.stem}.dev.jsonl"
        # The triplets' dev sentences lie in the laptop set's training file.
        if dev.exists() and source.stem != "aste_14lap":
            corpus.dev[source.stem] = read_gold(dev, source)
    for name in ("electronics", "home", "toy", "pet"):
        path = data / "text" / f"amazon_{name}_stars.jsonl"
        if path.exists():
            corpus.stars.extend(read_stars(path))
    return corpus
