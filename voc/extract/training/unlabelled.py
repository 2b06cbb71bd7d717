"""The texts without labels that the encoder gets used to before it learns from labels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voc.extract.network import STYLES
from voc.extract.training.gold import Example, undo_tokenisation
from voc.extract.windows import cut_windows

#: Sets whose training texts are read without their labels. None of those that a run may leave out is among them.
_LABELLED = ("dmaste_electronics", "dmaste_beauty", "semeval14_laptop", "en_phone")


@dataclass(frozen=True)
class Text:
    """The token ids of a stretch of a review, [CLS] and the style marker first, and the review's stars, if known."""

    ids: list[int]
    stars: float | None


def plain_texts(data: Path) -> list[str]:
    """Return the distinct texts under `data`: star files, exports, training sets; never a dev or test file."""
    return list(_with_stars(data))


def _with_stars(data: Path) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for text, stars in _all(data):
        if len(text.split()) > 2:
            found.setdefault(text, stars)
    return found


def read_texts(data: Path, tokenizer: Any) -> list[Text]:
    """Return the texts under `data` in stretches that the encoder can hold."""
    found = _with_stars(data)
    windows = cut_windows(list(found), tokenizer, STYLES["review"])
    stars_of = list(found.values())
    return [Text(window.ids, stars_of[window.text]) for window in windows]


def _all(data: Path) -> Iterator[tuple[str, float | None]]:
    for path in sorted((data / "text").glob("amazon_*_stars.jsonl")):
        for row in _lines(path):
            yield _plain(row["text"]), float(row["stars"])
    yield from _exports(data / "reviews")
    for path in [data / "text" / "app_reviews_4class.jsonl"]:
        for row in _lines(path):
            yield _plain(row["text"]), None
    for stem in _LABELLED:
        for row in _lines(data / "absa" / f"{stem}.train.jsonl"):
            yield _plain(row["text"]), None


def _exports(folder: Path) -> Iterator[tuple[str, float | None]]:
    from voc.config import IngestConfig
    from voc.ingest import read_exports

    files = sorted(path for path in folder.glob("*") if path.suffix in (".csv", ".tsv", ".jsonl"))
    if not files:
        return
    reviews = read_exports(files, config=IngestConfig()).reviews
    for row in reviews.select(["text", "rating", "language"]).to_pylist():
        if row["language"] in (None, "en") and row["text"]:
            yield row["text"], row["rating"]


def _plain(text: str) -> str:
    return undo_tokenisation(Example(text, "review")).text


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with path.open(encoding="utf-8") as file:
            yield from map(json.loads, file)
