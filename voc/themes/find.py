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
from voc.extract.rules.content import judges
from voc.extract.rules.lexicon import EMPTY, words
from voc.themes.areas import OTHER, TARGET_AREAS, WHOLE, Areas, area_id, find_areas, named_part
from voc.themes.embedding import Vectors, compose, embed
from voc.themes.implied import implied_areas
from voc.themes.making import Trouble, make_themes
from voc.themes.terms import normal_aspect, normal_phrase, same_wording

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Previous:
    """The state before this run: its `mentions` (for their theme ids) and `themes`."""

    mentions: pa.Table
    themes: pa.Table


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
    model: str = "opinions",
    embeddings: pa.Table | None = None,
    previous: Previous | None = None,
    now: dt.datetime | None = None,
    progress: Progress | None = None,
) -> ThemesResult:
    """Give opinions their area and troubles their theme.

    Themes are made of the troubles among the pains; judgements and verdicts never join one. With fewer troubles than
    `config.min_mentions` there are no themes, and areas are ranked instead.

    Args:
        mentions: table `mentions`, of all reviews.
        texts: text by review id.
        config: sizes and thresholds.
        encoder: "default" for vectors from the weights that read the reviews, or a sentence encoder of the user's.
        model: name or path of the weights that read the reviews.
        embeddings: table `embeddings` with vectors of mentions that are known already, all of one origin; those that
            it lacks are made from the mention's words.
        previous: the state before, whose themes keep their ids.
        now: birth of new themes.
        progress: called with a stage, how much is done, and the total where it is known.

    Raises:
        VocError: the encoder cannot be loaded.
    """
    rows = mentions.sort_by("mention_id").to_pylist()
    parts = [named_part(row["aspect"], row["target"]) for row in rows]
    areas = find_areas(parts, encoder=encoder, model=model)
    names = [_area(row, part, areas) for row, part in zip(rows, parts, strict=True)]
    troubles = [i for i, row in enumerate(rows) if row["kind"] == "pain" and row["specificity"] == "trouble"]
    _resolve_implied(rows, troubles, names)
    for row, name in zip(rows, names, strict=True):
        row["theme_id"] = None
        row["area_id"] = area_id(name) if row["specificity"] != "verdict" else None
    themes: list[dict[str, Any]] = []
    vectors = np.zeros((0, 0), dtype=np.float32)
    if troubles:
        if progress:
            progress("Finding themes", 0, None)
        listed = [_trouble(rows[i], parts[i], names[i], texts) for i in troubles]
        vectors = _vectors(listed, areas, encoder, model, embeddings)
        if len(troubles) >= config.min_mentions:
            themes = make_themes(
                listed,
                vectors,
                config=config,
                known=_known(previous),
                born=_born(previous),
                now=now or dt.datetime.now(dt.UTC),
            )
    counts = Counter(row["specificity"] for row in rows if row["kind"] == "pain")
    assigned = sum(rows[i]["theme_id"] is not None for i in troubles)
    steps = np.arange(len(troubles) + 1, dtype=np.int32) * vectors.shape[1]
    kept = pa.table(
        {
            "mention_id": pa.array([rows[i]["mention_id"] for i in troubles], pa.string()),
            "vector": pa.ListArray.from_arrays(steps, pa.array(vectors.astype(np.float16).ravel())),
        },
        schema=tables.EMBEDDINGS,
    )
    return ThemesResult(
        tables.from_rows("mentions", rows).sort_by(
            [("review_id", "ascending"), ("clause_start", "ascending"), ("mention_id", "ascending")]
        ),
        tables.from_rows("themes", themes),
        _areas_table(rows, areas),
        kept,
        {
            "pains": dict(counts),
            "troubles": len(troubles),
            "assigned": assigned,
            "enough": len(troubles) >= config.min_mentions,
        },
    )


def _area(row: dict[str, Any], part: str, areas: Areas) -> str:
    """Return the name of the area of a mention; a trouble that only names a part is made a judgement of it.

    Of "not great sound" the model marks no aspect: its only content is the name of a part.
    """
    name = TARGET_AREAS.get(row["target"]) or areas.of_term.get(part)
    if name:
        return name
    if row["specificity"] == "trouble" and row["phrase"] and not row["hazard"]:
        content = [w for w in words(row["phrase"]) if w not in EMPTY and not judges(w)]
        area = areas.of_term.get(normal_aspect(" ".join(content))) if content else None
        if area is not None and area != OTHER:
            row["specificity"] = "judgement"
            return area
    return WHOLE


def _resolve_implied(rows: Sequence[dict[str, Any]], troubles: Sequence[int], names: list[str]) -> None:
    """Let troubles of the product without a named part stand under the area that their wording implies."""
    own = [i for i in troubles if rows[i]["target"] == "product"]
    named = ["" if names[i] == WHOLE else names[i] for i in own]
    for i, area in zip(own, implied_areas(named, [rows[i]["phrase"] or "" for i in own]), strict=True):
        names[i] = area or names[i]


def _trouble(row: dict[str, Any], part: str, area: str, texts: dict[str, str]) -> Trouble:
    clause = texts[row["review_id"]][row["clause_start"] : row["clause_end"]]
    return Trouble(row, part, area, normal_phrase(row["phrase"] or ""), clause)


def _vectors(
    troubles: Sequence[Trouble], areas: Areas, encoder: str, model: str, embeddings: pa.Table | None
) -> Vectors:
    """Return one vector per trouble, those already known as they are."""
    known: dict[str, int] = {}
    stored = np.zeros((0, 0), dtype=np.float32)
    if embeddings is not None and embeddings.num_rows:
        known = {m: i for i, m in enumerate(embeddings.column("mention_id").to_pylist())}
        flat = embeddings.column("vector").combine_chunks().flatten().to_numpy(zero_copy_only=False)
        stored = flat.reshape(embeddings.num_rows, -1).astype(np.float32)
    places = [known.get(trouble.row["mention_id"], -1) for trouble in troubles]
    new = [i for i, place in enumerate(places) if place < 0]
    if not new:
        return stored[places]
    fresh = [troubles[i] for i in new]
    # Synonyms share their area's vector ("battery backup" has that of "battery"), the pair keeps the word itself.
    aspects = [_shared_name(t.part, areas) or "product" for t in fresh]
    pairs = [f"{t.part} {same_wording((t.row['phrase'] or t.clause).lower())}".strip() for t in fresh]
    strings = [*aspects, *pairs, *(same_wording(t.clause.lower()) for t in fresh)]
    stacked = embed(strings, encoder=encoder, model=model)
    n = len(new)
    named = np.array([bool(t.part) for t in fresh])
    composed = compose(stacked[:n], stacked[n : 2 * n], stacked[2 * n :], named)
    vectors = np.zeros((len(troubles), composed.shape[1]), dtype=np.float32)
    # Stored in half precision: rounded here, so that a vector is the same when it is read back.
    vectors[new] = composed.astype(np.float16).astype(np.float32)
    old = [i for i, place in enumerate(places) if place >= 0]
    if old:
        vectors[old] = stored[[places[i] for i in old]]
    return vectors


def _shared_name(part: str, areas: Areas) -> str:
    name = areas.of_term.get(part, part)
    return part if name == OTHER else name


def _known(previous: Previous | None) -> dict[str, set[str]]:
    known: dict[str, set[str]] = {}
    if previous is not None:
        mentions = previous.mentions
        for mention, theme in zip(
            mentions.column("mention_id").to_pylist(), mentions.column("theme_id").to_pylist(), strict=True
        ):
            if theme is not None:
                known.setdefault(theme, set()).add(mention)
    return known


def _born(previous: Previous | None) -> dict[str, dt.datetime]:
    if previous is None:
        return {}
    themes = previous.themes
    return dict(zip(themes.column("theme_id").to_pylist(), themes.column("first_run").to_pylist(), strict=True))


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
