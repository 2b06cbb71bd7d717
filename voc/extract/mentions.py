"""`reviews` -> `mentions` and `readings`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from voc import tables
from voc.config import ModelConfig
from voc.extract.component import tokeniser
from voc.extract.opinions import Opinion
from voc.extract.prediction import Prediction
from voc.extract.reader import load_reader
from voc.extract.texts import mark_sentences, read_texts

Progress = Callable[[str, int, int | None], None]
_TOLD_EVERY = 256  # reviews between two calls of `progress`


@dataclass(frozen=True)
class Extracted:
    """The tables `mentions` and `readings`, sorted by review, and `embeddings`: the meaning of each mention."""

    mentions: pa.Table
    readings: pa.Table
    embeddings: pa.Table


def extract(reviews: pa.Table, *, config: ModelConfig, progress: Progress | None = None) -> Extracted:
    """Read `reviews`.

    Reviews in a language that the model does not read get a reading with `analysed` false and no mentions. Theme and
    area ids are null.

    Raises:
        VocError: the model named in `config` cannot be loaded.
    """
    reader = load_reader(config.opinions, config.device, config.precision)
    version = reader.version
    ids = reviews.column("review_id").to_pylist()
    texts = reviews.column("text").to_pylist()
    languages = reviews.column("language").to_pylist()
    readable = [
        i
        for i, (text, language) in enumerate(zip(texts, languages, strict=True))
        if text.strip() and (language is None or language in config.languages)
    ]
    readings: list[dict[str, Any]] = [
        {"review_id": i, "analysed": False, "predicted_rating": None, "truncated": False, "model_version": version}
        for i in ids
    ]
    rows: list[dict[str, Any]] = []
    meanings: dict[str, NDArray[np.float16]] = {}
    if progress:
        progress("Reading reviews", 0, len(readable))
    words = tokeniser()
    found = read_texts(
        reader, readable, lambda i: texts[i], lambda i: mark_sentences(words.make_doc(texts[i]), texts[i])
    )
    for done, (index, _, read) in enumerate(found, start=1):
        readings[index]["analysed"] = True
        readings[index]["predicted_rating"] = read.reading.stars
        for opinion in read.opinions:
            row = _row(ids[index], texts[index], opinion, version)
            rows.append(row)
            meanings[row["mention_id"]] = opinion.meaning
        if progress and (done % _TOLD_EVERY == 0 or done == len(readable)):
            progress("Reading reviews", done, len(readable))
    mentions = tables.from_rows("mentions", rows).sort_by(
        [("review_id", "ascending"), ("clause_start", "ascending"), ("mention_id", "ascending")]
    )
    return Extracted(mentions, tables.from_rows("readings", readings).sort_by("review_id"), embeddings_table(meanings))


def embeddings_table(vectors: Mapping[str, NDArray[np.float16]]) -> pa.Table:
    """Return the table `embeddings` of vectors by mention id."""
    keys = sorted(vectors)
    flat = np.concatenate([vectors[key] for key in keys]) if keys else np.zeros(0, dtype=np.float16)
    width = len(flat) // max(1, len(keys))
    steps = np.arange(len(keys) + 1, dtype=np.int32) * width
    columns = {
        "mention_id": pa.array(keys, pa.string()),
        "vector": pa.ListArray.from_arrays(steps, pa.array(flat)),
    }
    return pa.table(columns, schema=tables.EMBEDDINGS)


def _row(review_id: str, text: str, opinion: Opinion, version: str) -> dict[str, Any]:
    anchor = opinion.phrase or opinion.aspect or opinion.clause
    aspect = opinion.aspect or (None, None)
    phrase = opinion.phrase or (None, None)
    return {
        "mention_id": mention_id(review_id, *anchor, opinion.aspect),
        "review_id": review_id,
        "kind": opinion.kind,
        "specificity": opinion.specificity,
        "target": opinion.target,
        "aspect": text[slice(*opinion.aspect)] if opinion.aspect else None,
        "aspect_start": aspect[0],
        "aspect_end": aspect[1],
        "phrase": text[slice(*opinion.phrase)] if opinion.phrase else None,
        "phrase_start": phrase[0],
        "phrase_end": phrase[1],
        "clause_start": opinion.clause[0],
        "clause_end": opinion.clause[1],
        "polarity": opinion.polarity,
        "confidence": opinion.confidence,
        "severity": opinion.severity,
        "hazard": opinion.hazard,
        "days_in_use": opinion.days_in_use,
        "time_event": opinion.time_event,
        "area_id": None,
        "theme_id": None,
        "model_version": version,
    }


def mention_id(review_id: str, start: int, end: int, aspect: tuple[int, int] | None) -> str:
    """Return the id of the opinion with this review and these character spans, the same under any model."""
    key = f"{review_id}\x1f{start}\x1f{end}\x1f{aspect}"
    return "m" + hashlib.sha256(key.encode()).hexdigest()[:20]


def predict_opinions(
    texts: Sequence[str], *, style: str | None = None, config: ModelConfig | None = None
) -> list[Prediction]:
    """Read texts in the form of the gold files; `style` names the labelling style to follow, "review" by default."""
    from voc.extract.network import POLARITIES
    from voc.extract.rules.matchers import find_rules

    config = config or ModelConfig()
    reader = load_reader(config.opinions, config.device, config.precision)
    words = tokeniser()
    predictions = []
    for text, reading in zip(texts, reader.read(texts, style=style or "review"), strict=True):
        aspects = [(s.start, s.end, POLARITIES[s.polarity.index(max(s.polarity))]) for s in reading.aspects]
        phrases = [(s.start, s.end, POLARITIES[s.polarity.index(max(s.polarity))]) for s in reading.phrases]
        complaint = reading.complaint >= reader.cuts.complaint
        # The matchers know turns of phrase that the head is not sure of: together they miss less.
        wish = any(asks >= reader.cuts.wish for _, _, _, _, asks in reading.sentences)
        wish = wish or bool(find_rules(text, partial(words.make_doc, text)).wishes)
        predictions.append(Prediction(aspects, phrases, complaint, wish))
    return predictions
