"""Opinions to group: of an export as the model reads them, or of labelled lines as people marked them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from voc import tables

if TYPE_CHECKING:
    from voc.evaluate.gold import GoldLine
    from voc.evaluate.themes import Span

_NOISE = 0.05  # length of what is added to the vector of a copy
_SEED = 7


@dataclass(frozen=True)
class Opinions:
    """Troubles to group.

    Attributes:
        mentions: table `mentions`, sorted by mention_id.
        texts: text by review_id.
        embeddings: table `embeddings`; None where vectors are to be made from the words.
        sentences: what a tool that groups sentences is given for each mention.
        labels: gold category of each mention; empty where there is none.
    """

    mentions: pa.Table
    texts: dict[str, str]
    embeddings: pa.Table | None
    sentences: list[str]
    labels: list[str]

    def take(self, places: NDArray[np.int64]) -> Opinions:
        """Return the opinions at `places`, in their order."""
        chosen = np.sort(places)
        return replace(
            self,
            mentions=self.mentions.take(chosen),
            sentences=[self.sentences[p] for p in chosen],
            labels=[self.labels[p] for p in chosen] if self.labels else [],
        )

    @property
    def ids(self) -> list[str]:
        """Ids of the mentions."""
        found: list[str] = self.mentions.column("mention_id").to_pylist()
        return found


def opinions_read(reviews: pa.Table) -> Opinions:
    """Return the troubles that the model reads in `reviews`."""
    from voc.config import ModelConfig
    from voc.extract import extract

    found = extract(reviews, config=ModelConfig())
    trouble = pc.and_(pc.equal(found.mentions["kind"], "pain"), pc.equal(found.mentions["specificity"], "trouble"))
    mentions = found.mentions.filter(trouble).sort_by("mention_id")
    texts = tables.texts_of(reviews)
    sentences = [texts[r["review_id"]][r["clause_start"] : r["clause_end"]] for r in mentions.to_pylist()]
    return Opinions(mentions, texts, found.embeddings, sentences, [])


def opinions_marked(gold: Sequence[GoldLine]) -> Opinions:
    """Return the negative opinions that have a category, each as a trouble; in files by topic each line is one.

    Nobody marked part and phrase in a line by topic: they are those of the longest opinion that the model reads there.
    """
    from voc.extract.sentences import sentence_of

    read = _longest_read(gold)
    rows: list[dict[str, Any]] = []
    labels, sentences, texts = [], [], {}
    for position, line in enumerate(gold):
        review = f"r{position:06d}"
        texts[review] = line.text
        spans = [
            (o.aspect, o.phrase, o.category) for o in line.opinions or () if o.polarity == "negative" and o.category
        ]
        if line.topic is not None:
            spans = [(*read.get(position, (None, None)), line.topic)]
        for number, (aspect, phrase, label) in enumerate(spans):
            anchor = phrase or aspect
            start, end = sentence_of(line.text, anchor) if anchor else (0, len(line.text))
            rows.append(_row(f"m{position:06d}-{number:02d}", review, line.text, aspect, phrase, (start, end)))
            labels.append(str(label))
            sentences.append(line.text[start:end])
    return Opinions(tables.from_rows("mentions", rows), texts, None, sentences, labels)


def _longest_read(gold: Sequence[GoldLine]) -> dict[int, tuple[Span | None, Span | None]]:
    """Return aspect and phrase of the longest opinion that the model reads in each line by topic, by position."""
    from voc.config import ModelConfig
    from voc.evaluate.themes import gold_reviews, span_of_part
    from voc.extract import extract

    places = [position for position, line in enumerate(gold) if line.topic is not None]
    if not places:
        return {}
    rows = extract(gold_reviews([gold[p] for p in places]), config=ModelConfig()).mentions.to_pylist()
    rows.sort(key=lambda row: (row["clause_end"] - row["clause_start"], row["mention_id"]))
    return {places[int(row["review_id"])]: (span_of_part(row, "aspect"), span_of_part(row, "phrase")) for row in rows}


def multiplied(opinions: Opinions, size: int) -> Opinions:
    """Return `size` opinions: a random part, or copies that differ a little in words and vector."""
    from voc.extract.mentions import embeddings_table
    from voc.themes.vectors import vectors_in

    chance = np.random.default_rng(_SEED)
    count = opinions.mentions.num_rows
    if size <= count:
        return opinions.take(chance.permutation(count)[:size])
    if opinions.embeddings is None:
        raise ValueError("only opinions with vectors can be multiplied")
    known, vectors = vectors_in(opinions.embeddings)
    source = opinions.mentions.to_pylist()
    rows, sentences, own = [], [], {}
    for place in range(size):
        row, copy = source[place % count], place // count
        vector = vectors[known[row["mention_id"]]]
        ending = f" {copy}" if copy else ""
        if copy:
            vector = vector + _NOISE * chance.standard_normal(len(vector)) / np.sqrt(len(vector))
            vector = vector / np.linalg.norm(vector)
        mention = f"{row['mention_id']}-{copy:03d}"
        phrase = f"{row['phrase']}{ending}" if row["phrase"] else None
        rows.append({**row, "mention_id": mention, "phrase": phrase})
        sentences.append(opinions.sentences[place % count] + ending)
        own[mention] = vector.astype(np.float16)
    order = sorted(range(size), key=lambda place: rows[place]["mention_id"])
    return Opinions(
        tables.from_rows("mentions", [rows[p] for p in order]),
        opinions.texts,
        embeddings_table(own),
        [sentences[p] for p in order],
        [],
    )


def _row(
    mention: str,
    review: str,
    text: str,
    aspect: tuple[int, int] | None,
    phrase: tuple[int, int] | None,
    clause: tuple[int, int],
) -> dict[str, Any]:
    spans: dict[str, Any] = {}
    for name, span in (("aspect", aspect), ("phrase", phrase)):
        spans |= {
            name: text[slice(*span)] if span else None,
            f"{name}_start": span[0] if span else None,
            f"{name}_end": span[1] if span else None,
        }
    return {
        **spans,
        "mention_id": mention,
        "review_id": review,
        "kind": "pain",
        "specificity": "trouble",
        "target": "product",
        "clause_start": clause[0],
        "clause_end": clause[1],
        "polarity": -1.0,
        "confidence": 1.0,
        "severity": 0.5,
        "hazard": False,
        "model_version": "gold",
    }
