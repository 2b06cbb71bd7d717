"""Labelled texts as training reads them: tokenisation undone, offsets kept right, noise of real reviews added."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
class Mention:
    """A mention labelled by hand (models/opinions/labels): its spans and what is said with it.

    `severity` is between 0 and 1, null for what is no pain.
    """

    aspect: Span | None
    phrase: Span | None
    clause: Span
    kind: str
    specificity: str
    target: str
    severity: float | None


@dataclass(frozen=True)
class Example:
    """A text with all its opinions and the style its set was labelled in.

    `has_phrases` says that opinion phrases were labelled; `complete` that every opinion of the text was, so that a
    sentence without one holds none; `tagged` that spans were marked at all. What else may be known of a text: its
    `stars`, whether it is a `wish`, some of its `mentions`.
    """

    text: str
    style: str
    opinions: tuple[Opinion, ...] = ()
    has_phrases: bool = True
    complete: bool = True
    tagged: bool = True
    stars: float | None = None
    wish: bool | None = None
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True)
class Source:
    """A labelled set: file stem, style, what it labels, how often it is seen in an epoch, and how files end."""

    stem: str
    style: str
    has_phrases: bool = True
    complete: bool = True
    share: float = 1.0
    pattern: str = "{stem}.train.jsonl"


SOURCES: tuple[Source, ...] = (
    Source("dmaste_electronics", "review"),
    Source("dmaste_home", "review"),
    Source("dmaste_fashion", "review"),
    Source("dmaste_beauty", "review"),
    Source("semeval14_laptop", "laptop", has_phrases=False, complete=False, share=2.0),
    Source("aste_14lap", "triplet", complete=False),
    Source("en_phone", "phone"),
    Source("memd_clothing", "quad"),
    Source("memd_books", "quad", share=0.4),
    Source("memd_hotel", "quad", share=0.4),
    Source("memd_restaurant", "quad", share=0.4),
    Source("pyabsa_television", "term", has_phrases=False, complete=False, share=0.6),
    Source("pyabsa_tshirt", "term", has_phrases=False, complete=False, share=0.6),
    Source("bingliu", "feature", has_phrases=False, complete=False, share=0.4, pattern="{stem}_*.jsonl"),
)
#: Of these sets' training files every so many lines are kept out of training, for choices that no dev file may make.
HELD_OUT = {"en_phone": 10}

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
    removed = set(positions)
    if not removed:
        return example
    kept_before = [0] * (len(example.text) + 1)
    for index in range(len(example.text)):
        kept_before[index + 1] = kept_before[index] + (index not in removed)
    text = "".join(c for i, c in enumerate(example.text) if i not in removed)

    def move(span: Span | None) -> Span | None:
        return None if span is None else (kept_before[span[0]], kept_before[span[1]])

    def whole(*spans: Span | None) -> bool:
        return all(span is None or span[0] < span[1] for span in spans)

    opinions = [Opinion(move(o.aspect), move(o.phrase), o.polarity) for o in example.opinions]
    mentions = [
        replace(m, aspect=move(m.aspect), phrase=move(m.phrase), clause=move(m.clause) or m.clause)
        for m in example.mentions
    ]
    return replace(
        example,
        text=text,
        opinions=tuple(o for o in opinions if whole(o.aspect, o.phrase)),
        mentions=tuple(m for m in mentions if whole(m.aspect, m.phrase, m.clause)),
    )


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
    return [undo_tokenisation(replace(UNTAGGED, text=row["text"], stars=float(row["stars"]))) for row in rows]


#: A review without marked spans, from which others are made.
UNTAGGED = Example("", "review", has_phrases=False, complete=False, tagged=False)


def _span(pair: Sequence[int] | None) -> Span | None:
    return None if pair is None else (int(pair[0]), int(pair[1]))
