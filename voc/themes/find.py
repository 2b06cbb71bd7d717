"""`mentions` -> `themes` and `areas`: which opinions are about the same part and the same trouble."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from voc import tables
from voc.config import ThemesConfig
from voc.extract.rules.lexicon import FILLER, GENERIC_SUBJECTS, words
from voc.extract.rules.specificity import judges
from voc.themes.areas import OTHER, TARGET_AREAS, WHOLE, Areas, area_id, find_areas, named_part
from voc.themes.cluster import centres_of, cluster
from voc.themes.embedding import Vectors, compose, embed
from voc.themes.identity import founding_id, match_themes
from voc.themes.naming import distinct, theme_name, typical_wordings
from voc.themes.terms import normal_aspect, normal_phrase, same_wording

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Previous:
    """The state before this run: its `mentions` (for their theme ids), `themes` and `embeddings`."""

    mentions: pa.Table
    themes: pa.Table
    embeddings: pa.Table


@dataclass(frozen=True)
class ThemesResult:
    """`mentions` with areas and themes filled in, the other tables, and counts for the summary."""

    mentions: pa.Table
    themes: pa.Table
    areas: pa.Table
    embeddings: pa.Table
    info: dict[str, Any] = field(default_factory=dict)


def find_themes(
    mentions: pa.Table,
    texts: dict[str, str],
    *,
    config: ThemesConfig,
    encoder: str = "default",
    previous: Previous | None = None,
    now: dt.datetime | None = None,
    progress: Progress | None = None,
) -> ThemesResult:
    """Give opinions their area and troubles their theme.

    `texts` maps review ids to texts. Themes are made of the troubles among the pains; judgements and verdicts never
    join one. With fewer troubles than `config.min_mentions` there are no themes, and areas are ranked instead.

    Raises:
        VocError: the encoder cannot be loaded.
    """
    rows = mentions.sort_by("mention_id").to_pylist()
    parts = [named_part(row["aspect"], row["target"]) for row in rows]
    areas = find_areas(parts, encoder=encoder)
    for row, part in zip(rows, parts, strict=True):
        row["theme_id"] = None
        row["area_id"] = area_id(_area_name(row, part, areas)) if row["specificity"] != "verdict" else None
        _resolve_judgement(row, part, areas)
    troubles = [i for i, row in enumerate(rows) if row["kind"] == "pain" and row["specificity"] == "trouble"]
    themes: list[dict[str, Any]] = []
    vectors = np.zeros((0, 384), dtype=np.float32)
    if troubles:
        if progress:
            progress("Finding themes", 0, None)
        vectors = _vectors([rows[i] for i in troubles], [parts[i] for i in troubles], areas, texts, encoder, previous)
    if len(troubles) >= config.min_mentions:
        themes = _themes(rows, troubles, parts, texts, vectors, areas, config, previous, now or dt.datetime.now(dt.UTC))
    counts = Counter(row["specificity"] for row in rows if row["kind"] == "pain")
    assigned = sum(rows[i]["theme_id"] is not None for i in troubles)
    embeddings = pa.table(
        {
            "mention_id": pa.array([rows[i]["mention_id"] for i in troubles], pa.string()),
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.astype(np.float16).ravel()), 384),
        },
        schema=tables.EMBEDDINGS,
    )
    return ThemesResult(
        tables.from_rows("mentions", rows).sort_by(
            [("review_id", "ascending"), ("clause_start", "ascending"), ("mention_id", "ascending")]
        ),
        tables.from_rows("themes", themes),
        _areas_table(rows, areas),
        embeddings,
        {
            "pains": dict(counts),
            "troubles": len(troubles),
            "assigned": assigned,
            "enough": len(troubles) >= config.min_mentions,
        },
    )


def _resolve_judgement(row: dict[str, Any], part: str, areas: Areas) -> None:
    """Make a judgement of "not great sound": its only content is the name of a part, which the model left unmarked."""
    if part or row["specificity"] != "trouble" or row["target"] != "product" or not row["phrase"] or row["hazard"]:
        return
    content = [w for w in words(row["phrase"]) if w not in FILLER and w not in GENERIC_SUBJECTS and not judges(w)]
    named = normal_aspect(" ".join(content))
    area = areas.of_term.get(named)
    if content and area is not None and area != OTHER:
        row["specificity"] = "judgement"
        row["area_id"] = area_id(area)


def _area_name(row: dict[str, Any], part: str, areas: Areas) -> str:
    return TARGET_AREAS.get(row["target"]) or areas.of_term.get(part) or WHOLE


def _area_of(part: str, areas: Areas) -> str:
    name = areas.of_term.get(part, part)
    return part if name == OTHER else name


def _vectors(
    rows: Sequence[dict[str, Any]],
    parts: Sequence[str],
    areas: Areas,
    texts: dict[str, str],
    encoder: str,
    previous: Previous | None,
) -> Vectors:
    """Return one vector per trouble, taking those already known from the previous run."""
    known: dict[str, int] = {}
    stored = np.zeros((0, 384), dtype=np.float32)
    if previous is not None and previous.embeddings.num_rows:
        known = {m: i for i, m in enumerate(previous.embeddings.column("mention_id").to_pylist())}
        flat = previous.embeddings.column("vector").combine_chunks().flatten().to_numpy(zero_copy_only=False)
        stored = flat.reshape(-1, 384).astype(np.float32)
    new = [i for i, row in enumerate(rows) if row["mention_id"] not in known]
    vectors = np.zeros((len(rows), 384), dtype=np.float32)
    for i, row in enumerate(rows):
        if row["mention_id"] in known:
            vectors[i] = stored[known[row["mention_id"]]]
    if new:
        pairs, clauses = [], []
        for i in new:
            row = rows[i]
            clause = texts[row["review_id"]][row["clause_start"] : row["clause_end"]]
            pairs.append(f"{parts[i]} {same_wording((row['phrase'] or clause).lower())}".strip())
            clauses.append(same_wording(clause.lower()))
        # Synonyms share their area's vector ("battery backup" has that of "battery"), the pair keeps the word itself.
        aspects = [_area_of(parts[i], areas) or "product" for i in new]
        stacked = embed([*aspects, *pairs, *clauses], encoder=encoder)
        n = len(new)
        named = np.array([bool(parts[i]) for i in new])
        # Stored in half precision: rounded here, so that a vector is the same when it is read back.
        fresh = compose(stacked[:n], stacked[n : 2 * n], stacked[2 * n :], named).astype(np.float16)
        vectors[new] = fresh.astype(np.float32)
    return vectors


def _themes(
    rows: list[dict[str, Any]],
    troubles: list[int],
    parts: list[str],
    texts: dict[str, str],
    vectors: Vectors,
    areas: Areas,
    config: ThemesConfig,
    previous: Previous | None,
    now: dt.datetime,
) -> list[dict[str, Any]]:
    # Equal wordings are clustered once, so that copies of one text neither make nor pull a theme.
    wording = [
        f"{parts[i]} | {normal_phrase(rows[i]['phrase'] or '')} | {'' if rows[i]['phrase'] else rows[i]['mention_id']}"
        for i in troubles
    ]
    first: dict[str, int] = {}
    for place, text in enumerate(wording):
        first.setdefault(text, place)
    keys = sorted(first)
    reviews: dict[str, set[str]] = {}
    for place, text in enumerate(wording):
        reviews.setdefault(text, set()).add(rows[troubles[place]]["review_id"])
    weights = np.array([len(reviews[text]) for text in keys], dtype=np.int64)
    mean = {text: np.zeros(vectors.shape[1], dtype=np.float32) for text in keys}
    for place, text in enumerate(wording):
        mean[text] += vectors[place]
    pooled = np.array([mean[text] / max(float(np.linalg.norm(mean[text])), 1e-9) for text in keys], dtype=np.float32)
    documents = [_document(rows[troubles[first[key]]], parts[troubles[first[key]]], texts) for key in keys]
    labels_of_text, keywords = cluster(keys, documents, pooled, weights, config=config)
    label = dict(zip(keys, labels_of_text.tolist(), strict=True))
    labels = np.array([label[text] for text in wording], dtype=np.int64)
    members: dict[int, list[int]] = {}
    for place, value in enumerate(labels.tolist()):
        if value >= 0:
            members.setdefault(value, []).append(place)
    ids = _identities(members, rows, troubles, previous)
    born = _born(previous)
    centres = centres_of(vectors, labels)
    names, listed = [], []
    for value, places in sorted(members.items()):
        area = _theme_area(rows, troubles, places, parts, areas)
        phrases = [normal_phrase(rows[troubles[p]]["phrase"] or "") for p in places]
        wordings = typical_wordings(phrases, vectors[places], centres[value], area)
        if not wordings:
            continue  # nothing a person could act on: its mentions stay without a theme, and are counted so
        names.append(theme_name(area, wordings))
        listed.append((value, places, area))
    themes = []
    for (value, places, area), name in zip(
        listed, distinct(names, [keywords.get(v, []) for v, _, _ in listed]), strict=True
    ):
        for place in places:
            rows[troubles[place]]["theme_id"] = ids[value]
        themes.append(
            {
                "theme_id": ids[value],
                "kind": "pain",
                "name": name,
                "area_id": area_id(area),
                "keywords": keywords.get(value, []),
                "size": len(places),
                "state": "active",
                "first_run": born.get(ids[value], now),
                "renamed_by_user": False,
            }
        )
    return themes


def _document(row: dict[str, Any], part: str, texts: dict[str, str]) -> str:
    clause = texts[row["review_id"]][row["clause_start"] : row["clause_end"]]
    return f"{part} {normal_phrase(row['phrase'] or clause)}".strip()


def _identities(
    members: dict[int, list[int]], rows: list[dict[str, Any]], troubles: list[int], previous: Previous | None
) -> dict[int, str]:
    clusters = {label: {rows[troubles[p]]["mention_id"] for p in places} for label, places in members.items()}
    known: dict[str, set[str]] = {}
    if previous is not None:
        for mention, theme in zip(
            previous.mentions.column("mention_id").to_pylist(),
            previous.mentions.column("theme_id").to_pylist(),
            strict=True,
        ):
            if theme is not None:
                known.setdefault(theme, set()).add(mention)
    matched = match_themes(clusters, known)
    taken = set(matched.values())
    for label, mention_ids in clusters.items():
        if label not in matched:
            new = founding_id(sorted(mention_ids))
            while new in taken:
                new += "x"
            matched[label] = new
            taken.add(new)
    return matched


def _born(previous: Previous | None) -> dict[str, dt.datetime]:
    if previous is None:
        return {}
    return dict(
        zip(
            previous.themes.column("theme_id").to_pylist(), previous.themes.column("first_run").to_pylist(), strict=True
        )
    )


def _theme_area(
    rows: list[dict[str, Any]], troubles: list[int], places: list[int], parts: list[str], areas: Areas
) -> str:
    """Return the area that most of a theme's mentions name; the whole product when few name any."""
    named = Counter(_area_name(rows[troubles[p]], parts[troubles[p]], areas) for p in places)
    whole = named.pop(WHOLE, 0)
    if not named:
        return WHOLE
    name, count = min(named.items(), key=lambda item: (-item[1], item[0]))
    return name if count >= 0.35 * (whole + sum(named.values())) else WHOLE


def _areas_table(rows: list[dict[str, Any]], areas: Areas) -> pa.Table:
    used = {row["area_id"] for row in rows if row["area_id"]}
    names = {WHOLE: [], **{name: [] for name in TARGET_AREAS.values()}, **areas.members}
    return tables.from_rows(
        "areas",
        [
            {"area_id": area_id(name), "name": name, "synonyms": [t for t in terms if t != name][:30]}
            for name, terms in sorted(names.items())
            if area_id(name) in used
        ],
    )
