"""Our own labels: mentions as offsets into reviews found by a hash of their text, and wishes of our writing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from voc.errors import VocError
from voc.extract.training.gold import UNTAGGED, Example, Mention, Opinion, undo_tokenisation

#: Severity by the steps of the guidelines (0 is no pain).
SEVERITY = (0.0, 0.1, 0.3, 0.5, 0.8, 1.0)


def text_hash(text: str) -> str:
    """Return the name under which a text stands in the label files."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_labels(path: Path, data: Path) -> list[Example]:
    """Read mentions labelled by hand; their texts are looked for in the reviews under `data`.

    A label whose text is not there any more (another version of the data) is left out.

    Raises:
        VocError: the label file is missing, or none of its texts is under `data`.
    """
    rows = _rows(path)
    texts = _texts(data, tuple(sorted({row["file"] for row in rows})))
    examples = []
    for row in rows:
        text = texts.get(row["hash"])
        if text is None:
            continue
        examples.append(replace(UNTAGGED, text=text, mentions=(_mention(row),)))
    if rows and not examples:
        raise VocError(f"{data}: none of the reviews labelled in {path.name} is there; name their folder with --data.")
    return examples


def _mention(row: dict[str, Any]) -> Mention:
    step = int(row["severity"])
    return Mention(
        _pair(row["aspect"]),
        _pair(row["phrase"]),
        (row["clause"][0], row["clause"][1]),
        row["kind"],
        row["specificity"],
        row["target"],
        SEVERITY[step] if step else None,
    )


def read_said(path: Path) -> list[Example]:
    """Read short reviews of our own writing, of which every opinion is labelled as a mention.

    Where their spans stand is not trained on, since nobody marked them by the rules of a labelled set; their polarity
    is, and what their sentences hold.

    Raises:
        VocError: the file is missing or a line is not valid JSON.
    """
    examples = []
    for row in _rows(path):
        mentions = tuple(map(_mention, row["mentions"]))
        opinions = tuple(
            Opinion(m.aspect, m.phrase or m.clause, _POLARITY[m.kind]) for m in mentions if m.kind in _POLARITY
        )
        examples.append(replace(UNTAGGED, text=row["text"], opinions=opinions, complete=True, mentions=mentions))
    return examples


_POLARITY = {"pain": "negative", "praise": "positive"}


def read_wishes(path: Path) -> list[Example]:
    """Read single sentences of our own writing that are a wish or are none."""
    examples = []
    for row in _rows(path):
        whole = Mention(None, None, (0, len(row["text"])), "wish", "", "", None)
        mentions = (whole,) if row["wish"] else ()
        examples.append(replace(UNTAGGED, text=row["text"], wish=bool(row["wish"]), mentions=mentions))
    return examples


def read_requests(path: Path) -> list[Example]:
    """Read short app reviews by what they are: feature requests hold a wish, ratings and bug reports none."""
    if not path.exists():
        return []
    return [
        replace(UNTAGGED, text=row["text"], wish=row["label"] == "feature request")
        for row in _rows(path)
        if len(row["text"].split()) <= _SHORT
    ]


_SHORT = 30  # words: in longer reviews the request is one sentence of several


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except FileNotFoundError:
        raise VocError(f"{path}: this file of labels is missing; name its folder with --labels.") from None
    except ValueError as error:
        raise VocError(f"{path}: a line is not valid JSON ({error}).") from None


@lru_cache(maxsize=4)
def _texts(data: Path, files: tuple[str, ...]) -> dict[str, str]:
    return {text_hash(text): text for text in _read_texts(data, files)}


def _read_texts(data: Path, files: Iterable[str]) -> Iterable[str]:
    from voc.config import IngestConfig
    from voc.ingest import read_exports

    for name in files:
        if name.endswith("_stars.jsonl"):
            with (data / "text" / name).open(encoding="utf-8") as file:
                for line in file:
                    yield undo_tokenisation(replace(UNTAGGED, text=json.loads(line)["text"])).text
        else:
            table = read_exports([data / "reviews" / name], config=IngestConfig()).reviews
            yield from table.column("text").to_pylist()


def _pair(value: list[int] | None) -> tuple[int, int] | None:
    return None if value is None else (value[0], value[1])
