"""Reads files of hand-labelled lines and refuses what is not labelled as it should be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voc.errors import VocError

Span = tuple[int, int]

POLARITIES = ("positive", "negative", "neutral")


@dataclass(frozen=True)
class GoldOpinion:
    """One labelled opinion; spans are code points, half open, and null where the text only implies them."""

    aspect: Span | None
    phrase: Span | None
    polarity: str
    category: str | None = None


@dataclass(frozen=True)
class GoldLine:
    """A labelled text; what the file does not label is null."""

    id: str
    text: str
    opinions: tuple[GoldOpinion, ...] | None = None
    suggestion: bool | None = None
    topic: str | None = None


def read_gold(path: Path | str) -> list[GoldLine]:
    """Read one file of labelled lines, in order.

    Args:
        path: JSON Lines with a `text` and one of `opinions`, `suggestion` (0 or 1) or `topic` on each line.

    Raises:
        VocError: the file is missing, empty or not UTF-8, or a line is not of that form; the message names it.
    """
    path = Path(path)
    gold = [_line(path, number, raw) for number, raw in _lines(path)]
    if not gold:
        raise VocError(f"{path}: there is no labelled line in this file; give a file with one JSON object per line.")
    return gold


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        # Split at line feeds only: a text may hold other separators that str.splitlines would cut at.
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            for number, raw in enumerate(file, start=1):
                if raw.strip():
                    yield number, raw
    except FileNotFoundError:
        raise VocError(f"{path}: there is no such file; check the path of the labelled lines.") from None
    except UnicodeDecodeError:
        raise VocError(f"{path}: this file is not UTF-8 text; labelled lines are UTF-8 JSON Lines.") from None
    except OSError as error:
        raise VocError(f"{path}: this file cannot be read ({error.strerror}).") from None


def _line(path: Path, number: int, raw: str) -> GoldLine:
    def fault(what: str) -> VocError:
        return VocError(f"{path}, line {number}: {what}; correct that line.")

    try:
        row = json.loads(raw)
    except ValueError as error:
        raise fault(f"this is not valid JSON ({error})") from None
    if not isinstance(row, dict):
        raise fault("this is not a JSON object")
    text = row.get("text")
    if not isinstance(text, str):
        raise fault('"text" is missing or not a string')
    if not {"opinions", "suggestion", "topic"} & row.keys():
        raise fault('none of "opinions", "suggestion" and "topic" is there')
    try:
        opinions = _opinions(row["opinions"], len(text)) if "opinions" in row else None
        suggestion = _suggestion(row["suggestion"]) if "suggestion" in row else None
        topic = _topic(row["topic"]) if "topic" in row else None
    except ValueError as error:
        raise fault(str(error)) from None
    return GoldLine(str(row.get("id", number)), text, opinions, suggestion, topic)


def _opinions(listed: Any, length: int) -> tuple[GoldOpinion, ...]:
    if not isinstance(listed, list):
        raise ValueError('"opinions" is not a list')
    opinions = []
    for opinion in listed:
        if not isinstance(opinion, dict):
            raise ValueError("an opinion is not a JSON object")
        polarity = opinion.get("polarity")
        if polarity not in POLARITIES:
            raise ValueError(f'"polarity" is {polarity!r} instead of positive, negative or neutral')
        category = opinion.get("category")
        if category is not None and not isinstance(category, str):
            raise ValueError(f'"category" is {category!r} instead of a string or null')
        aspect, phrase = (_span(name, opinion.get(name), length) for name in ("aspect", "phrase"))
        opinions.append(GoldOpinion(aspect, phrase, polarity, category))
    return tuple(opinions)


def _span(name: str, value: Any, length: int) -> Span | None:
    if value is None:
        return None
    # bool is an int to isinstance, but true is no offset.
    if not (isinstance(value, list) and len(value) == 2 and all(type(offset) is int for offset in value)):
        raise ValueError(f'"{name}" is {value!r} instead of [start, end] or null')
    start, end = value
    if not 0 <= start < end <= length:
        raise ValueError(f'"{name}" [{start}, {end}] does not lie within the {length} characters of the text')
    return start, end


def _suggestion(value: Any) -> bool:
    if type(value) not in (int, bool) or value not in (0, 1):
        raise ValueError(f'"suggestion" is {value!r} instead of 0 or 1')
    return bool(value)


def _topic(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f'"topic" is {value!r} instead of a string')
    return value
