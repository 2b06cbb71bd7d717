"""Takes a part of a theme out as a theme of its own: by words, or by what its mentions mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.cluster import AgglomerativeClustering

from voc import tables
from voc.edits import Edits, Split
from voc.errors import VocError
from voc.extract.rules.lexicon import words
from voc.themes.areas import WHOLE
from voc.themes.centres import unit
from voc.themes.embedding import Vectors
from voc.themes.identity import founding_id
from voc.themes.naming import distinct, theme_name
from voc.themes.spans import find_spans, span_of
from voc.themes.terms import normal_phrase, stem
from voc.themes.vectors import vectors_in
from voc.themes.wordings import typical_wordings

if TYPE_CHECKING:
    from voc.store import Snapshot


def has_words(clause: str, wanted: Sequence[str]) -> bool:
    """Return whether a clause has one of the wanted words in any of its forms; a phrase must be there as it is."""
    stems = {stem(word) for word in words(clause)}
    plain = f" {normal_phrase(clause)} "
    return any(stem(one.lower()) in stems if " " not in one else f" {normal_phrase(one)} " in plain for one in wanted)


def parts_of(mentions: Sequence[dict[str, Any]], vectors: Vectors) -> list[list[int]]:
    """Divide the mentions of a theme into two groups by their unit vectors (n, dimensions), the larger first.

    Equal phrases stay together. The groups are lists of places; there is one group when all phrases are equal.
    """
    places: dict[str, list[int]] = {}
    for place, row in enumerate(mentions):
        places.setdefault(normal_phrase(row["phrase"] or "") or row["mention_id"], []).append(place)
    keys = sorted(places)
    if len(keys) < 2:
        return [list(range(len(mentions)))]
    pooled = unit(np.array([vectors[places[key]].sum(0) for key in keys], dtype=np.float32))
    labels = AgglomerativeClustering(2, linkage="ward").fit_predict(pooled.astype(np.float64)).tolist()
    groups = [
        sorted(p for key, one in zip(keys, labels, strict=True) if one == label for p in places[key])
        for label in (0, 1)
    ]
    return sorted(groups, key=lambda group: (-len(group), group))


def carry_out_splits(
    found: pa.Table, assignments: pa.Table, mentions: pa.Table, embeddings: pa.Table, edits: Edits, now: dt.datetime
) -> tuple[pa.Table, pa.Table]:
    """Return `found_themes` and `assignments` with the themes that people took out of others, if not there yet.

    The new theme's centre is that of the chosen mentions, and its source's that of the rest: later mentions go to the
    nearer one.
    """
    rows = {row["theme_id"]: row for row in found.to_pylist()}
    todo = [split for split in edits.splits if split.theme_id not in rows]
    if not todo:
        return found, assignments
    known, vectors = vectors_in(embeddings)
    mention_ids = mentions.column("mention_id")
    theme_of = dict(zip(*(assignments.column(c).to_pylist() for c in ("mention_id", "theme_id")), strict=True))
    for split in todo:
        source = rows.get(split.source)
        if source is None:
            continue
        members = [mention_ids[place].as_py() for place in find_spans(mentions, split.members).values()]
        origins = {theme_of.get(m) for m in members} & rows.keys()
        theme_of.update(dict.fromkeys(members, split.theme_id))
        rows[split.theme_id] = {
            **source,
            "theme_id": split.theme_id,
            "name": split.name,
            "keywords": [],
            "stability": None,
            "state": "active",
            "first_run": now,
            "origin": "split",
            "other_id": split.source,
        }
        for theme in {split.theme_id, *origins}:
            places = [known[m] for m, there in theme_of.items() if there == theme and m in known]
            if places:
                rows[theme]["centre"] = unit(vectors[places].sum(0, keepdims=True))[0].tolist()
    themes = [theme_of[m] for m in assignments.column("mention_id").to_pylist()]
    return (
        tables.from_rows("found_themes", [rows[theme] for theme in sorted(rows)]),
        tables.with_column("assignments", assignments, "theme_id", themes),
    )


def propose_split(snapshot: Snapshot, theme: Mapping[str, Any], *, words: Sequence[str] = ()) -> Split:
    """Return the part of a theme to take out: the mentions with one of `words`, or the one that differs most.

    Args:
        snapshot: the analysis that the theme is in.
        theme: its row of `themes`.
        words: in any of their forms; a phrase must stand there as it is.

    Raises:
        VocError: no mention of the theme has the words, or all have, or they are all put alike.
    """
    mentions = snapshot.table("mentions")
    table = mentions.filter(pc.equal(mentions["theme_id"], theme["theme_id"])).sort_by("mention_id")
    rows = table.to_pylist()
    area = next((a["name"] for a in snapshot.table("areas").to_pylist() if a["area_id"] == theme["area_id"]), WHOLE)
    wanted = [" ".join(word.split()) for word in words if word.strip()]
    known, vectors = vectors_in(snapshot.table("embeddings"))
    own = np.zeros((len(rows), vectors.shape[1]), dtype=np.float32)
    for place, row in enumerate(rows):
        if row["mention_id"] in known:
            own[place] = vectors[known[row["mention_id"]]]
    if wanted:
        texts = snapshot.texts(table["review_id"].to_pylist())
        clauses = [texts[row["review_id"]][row["clause_start"] : row["clause_end"]] for row in rows]
        part = [place for place, clause in enumerate(clauses) if has_words(clause, wanted)]
        said = " or ".join(repr(word) for word in wanted)
        if not part:
            raise VocError(f"No mention of {theme['name']!r} says {said}; try other words.")
        if len(part) == len(rows):
            raise VocError(f"All {len(rows):,} mentions of {theme['name']!r} say {said}; rename the theme instead.")
    else:
        groups = parts_of(rows, own)
        if len(groups) < 2:
            raise VocError(f"All mentions of {theme['name']!r} are put alike, so it cannot be split by meaning.")
        part = groups[1]
    centre = unit(own[part].sum(0, keepdims=True))[0]
    wordings = typical_wordings([normal_phrase(rows[p]["phrase"] or "") for p in part], own[part], centre, area)
    spoken = theme_name(area, wordings) if wordings else f"{theme['name']} ({', '.join(wanted) or 'part'})"
    taken = {row["name"] for row in snapshot.table("themes", ["name"]).to_pylist()}
    return Split(
        founding_id([rows[p]["mention_id"] for p in part]) + "s",
        theme["theme_id"],
        distinct([*sorted(taken), spoken], [[], *([[]] * len(taken))])[-1],
        tuple(dict.fromkeys(span_of(rows[p]) for p in part)),
        tuple(wanted),
    )
