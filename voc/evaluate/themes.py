"""Compares themes, and the vectors they are made from, with gold categories: adjusted mutual information."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from voc.errors import VocError
from voc.evaluate.gold import GoldLine, GoldOpinion
from voc.extract.sentences import nearest_place
from voc.tables import from_rows

Span = tuple[int, int]

# The label of what no theme holds: one label for all of it, so that leaving opinions out earns nothing.
UNASSIGNED = ""


def gold_reviews(gold: Sequence[GoldLine]) -> pa.Table:
    """Return the gold texts as a `reviews` table, each under its position in `gold` as review_id."""
    now = dt.datetime.now(dt.UTC)
    rows = (
        {
            "review_id": str(position),
            "channel": "review",
            "source": "gold",
            "language": "en",
            "body": line.text,
            "text": line.text,
            "ingested_at": now,
            "import_id": "gold",
        }
        for position, line in enumerate(gold)
    )
    return from_rows("reviews", rows)


def theme_agreement(gold: Sequence[GoldLine], mentions: pa.Table) -> dict[str, Any]:
    """Score the themes of `mentions` against the gold labels of the same texts.

    What is scored are the negative opinions that have a category, each under the theme of the mention that overlaps
    it most; in files labelled by `topic`, the lines, each under the theme of its longest mention that has one.

    Args:
        gold: lines as `read_gold` returns them.
        mentions: table `mentions` over `gold_reviews(gold)`, with theme_id filled in.

    Returns:
        `ami` (at most 1, 0 is chance; Vinh, Epps and Bailey 2010), `opinions` scored, `unassigned` (how many
        of them no theme holds), `themes` and `categories` (distinct labels met).

    Raises:
        VocError: no line carries a category or a topic.
    """
    from sklearn.metrics import adjusted_mutual_info_score

    columns = ["review_id", "theme_id"] + [f"{part}_{end}" for part in _PARTS for end in ("start", "end")]
    by_review: dict[str, list[dict[str, Any]]] = {}
    for mention in mentions.select(columns).to_pylist():
        by_review.setdefault(mention["review_id"], []).append(mention)
    categories: list[str] = []
    themes: list[str] = []
    for position, line in enumerate(gold):
        found = by_review.get(str(position), [])
        if line.topic is not None:
            categories.append(line.topic)
            themes.append(_longest(found))
        for opinion in line.opinions or ():
            if opinion.polarity == "negative" and opinion.category is not None:
                categories.append(opinion.category)
                themes.append(_overlapping(opinion, found))
    if not categories:
        raise VocError('No line has a negative opinion with a "category", or a "topic": themes cannot be compared.')
    return {
        "ami": float(adjusted_mutual_info_score(categories, themes)),
        "opinions": len(categories),
        "unassigned": themes.count(UNASSIGNED),
        "themes": len(set(themes) - {UNASSIGNED}),
        "categories": len(set(categories)),
    }


_PARTS = ("aspect", "phrase", "clause")


def span_of_part(mention: Mapping[str, Any], part: str) -> Span | None:
    """Return where a row of `mentions` has its aspect, phrase or clause; None for nowhere."""
    start = mention[f"{part}_start"]
    return None if start is None else (start, mention[f"{part}_end"])


def _overlapping(opinion: GoldOpinion, found: Sequence[dict[str, Any]]) -> str:
    if opinion.aspect is None and opinion.phrase is None:
        return _longest(found)
    nearest = _nearest(opinion, found)
    return nearest["theme_id"] or UNASSIGNED if nearest is not None else UNASSIGNED


def _nearest(opinion: GoldOpinion, found: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    spans = [
        (span_of_part(mention, "aspect"), span_of_part(mention, "phrase"), span_of_part(mention, "clause"))
        for mention in found
    ]
    place = nearest_place(opinion.aspect, opinion.phrase, spans)
    return None if place is None else found[place]


def _longest(found: Sequence[dict[str, Any]]) -> str:
    assigned = [mention for mention in found if mention["theme_id"]]
    longest = max(assigned, key=lambda mention: mention["clause_end"] - mention["clause_start"], default=None)
    return str(longest["theme_id"]) if longest is not None else UNASSIGNED


def embedding_agreement(
    gold: Sequence[GoldLine],
    mentions: pa.Table,
    vectors: Mapping[str, Any],
    embed: Callable[[Sequence[str]], Any],
    *,
    clusters: int = 40,
    seeds: int = 5,
) -> dict[str, Any]:
    """Score how well the vectors of mentions put together what the gold labels call one thing.

    The opinions that `theme_agreement` scores are grouped by k-means, each by the vector of the mention that overlaps
    it most, or of its sentence where none does.

    Args:
        gold: lines as `read_gold` returns them.
        mentions: table `mentions` over `gold_reviews(gold)`.
        vectors: vector by mention id.
        embed: makes vectors of sentences, on the same scale.
        clusters: how many groups.
        seeds: how many times k-means is begun anew; the figures are means.

    Returns:
        `theme_ami` (Vinh, Epps and Bailey 2010), `opinions` scored, `by_sentence` (how many no mention overlaps).

    Raises:
        VocError: no line carries a category or a topic.
    """
    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_mutual_info_score

    by_review: dict[str, list[dict[str, Any]]] = {}
    columns = ["mention_id", "review_id"] + [f"{part}_{end}" for part in _PARTS for end in ("start", "end")]
    for mention in mentions.select(columns).to_pylist():
        by_review.setdefault(mention["review_id"], []).append(mention)
    categories: list[str] = []
    found: list[str | None] = []
    sentences: list[str] = []
    for position, line in enumerate(gold):
        here = by_review.get(str(position), [])
        if line.topic is not None:
            longest = max(here, key=lambda mention: mention["clause_end"] - mention["clause_start"], default=None)
            categories.append(line.topic)
            found.append(longest["mention_id"] if longest is not None else None)
            sentences.append(line.text)
        for opinion in line.opinions or ():
            if opinion.polarity == "negative" and opinion.category is not None:
                nearest = _nearest(opinion, here)
                categories.append(opinion.category)
                found.append(nearest["mention_id"] if nearest is not None else None)
                sentences.append(_sentence(line.text, opinion))
    if not categories:
        raise VocError('No line has a negative opinion with a "category", or a "topic": themes cannot be compared.')
    left = [i for i, mention in enumerate(found) if mention is None]
    rows = dict(zip(left, embed([sentences[i] for i in left]), strict=True)) if left else {}
    table = np.stack([rows[i] if m is None else vectors[m] for i, m in enumerate(found)]).astype(np.float32)
    figures = [
        adjusted_mutual_info_score(
            categories, KMeans(min(clusters, len(table)), n_init=4, random_state=seed).fit_predict(table)
        )
        for seed in range(seeds)
    ]
    return {"theme_ami": float(np.mean(figures)), "opinions": len(categories), "by_sentence": len(left)}


def _sentence(text: str, opinion: GoldOpinion) -> str:
    from voc.extract.sentences import sentence_of

    anchor = opinion.phrase or opinion.aspect
    return text[slice(*sentence_of(text, anchor))] if anchor else text
