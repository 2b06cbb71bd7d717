"""What was found and what people decided, put together: the tables that everyone sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from voc import tables
from voc.edits import NO_THEME, Edits
from voc.themes.areas import area_id
from voc.themes.identity import NAMELESS
from voc.themes.spans import find_spans
from voc.themes.splitting import has_words

#: State of a theme that people called no problem.
DISMISSED = "dismissed"
_OVERLAID = ("kind", "specificity", "hazard", "area_id", "theme_id")


@dataclass(frozen=True)
class Decided:
    """The tables `mentions`, `themes` and `areas`."""

    mentions: pa.Table
    themes: pa.Table
    areas: pa.Table


def decide(
    mentions: pa.Table,
    found: pa.Table,
    assignments: pa.Table,
    areas: pa.Table,
    edits: Edits,
    texts: Mapping[str, str],
) -> Decided:
    """Apply people's decisions to what was found; with none, what was found is what is seen.

    Args:
        mentions: table `mentions`; what it says of kind, specificity, hazard, area and theme is written over.
        found: table `found_themes`.
        assignments: table `assignments`, with a row for every mention.
        areas: table `areas`.
        edits: what people decided; what concerns themes or mentions that are not there is left aside.
        texts: text by review id, for splits by words.
    """
    rows = {row["theme_id"]: row for row in found.to_pylist() if row["state"] != NAMELESS}
    order = pc.index_in(mentions["mention_id"], value_set=assignments["mention_id"].combine_chunks())
    columns = {name: assignments[name].take(order).combine_chunks() for name in _OVERLAID}
    shown = {theme: _shown(theme, rows, edits) for theme in rows}
    themes = [shown.get(theme) if theme else None for theme in columns["theme_id"].to_pylist()]
    _split_by_words(themes, mentions, edits, shown, texts)
    kinds = columns["kind"].to_pylist()
    hazards = columns["hazard"].to_pylist()
    _correct(themes, kinds, hazards, mentions, edits, shown)
    dismissed = {theme for theme in rows if shown[theme] in edits.dismissed}
    kinds = ["neutral" if theme in dismissed else kind for kind, theme in zip(kinds, themes, strict=True)]
    troubled = [kind == "pain" or theme in dismissed for kind, theme in zip(kinds, themes, strict=True)]
    themes = [theme if keeps else None for keeps, theme in zip(troubled, themes, strict=True)]
    moved = {theme: area_id(name) for theme, name in edits.areas.items() if theme in rows}
    area_ids = [
        moved.get(theme, area) if theme else area
        for theme, area in zip(themes, columns["area_id"].to_pylist(), strict=True)
    ]
    columns |= {"kind": kinds, "hazard": hazards, "theme_id": themes, "area_id": area_ids}
    for name, column in columns.items():
        mentions = tables.with_column("mentions", mentions, name, column)
    return Decided(
        mentions, _themes_table(rows, shown, Counter(t for t in themes if t), moved, edits), _areas(areas, moved, edits)
    )


def _shown(theme: str, rows: Mapping[str, Mapping[str, Any]], edits: Edits) -> str:
    """Return the theme under which mentions of `theme` are shown."""
    taken_out = {split.theme_id for split in edits.splits}
    seen: set[str] = set()
    while theme not in seen:
        seen.add(theme)
        row = rows[theme]
        following = edits.merged.get(theme)
        if following is None and row["state"] == "merged":
            following = row["other_id"]
        if following is None and row["origin"] == "split" and theme not in taken_out:
            following = row["other_id"]  # the split was taken back
        if following is None or following not in rows:
            break
        theme = following
    return theme


def _split_by_words(
    themes: list[str | None], mentions: pa.Table, edits: Edits, shown: Mapping[str, str], texts: Mapping[str, str]
) -> None:
    """Move the mentions between a theme and the one that words take out of it, as the words say."""
    by_words = [split for split in edits.splits if split.words and split.theme_id in shown]
    if not by_words:
        return
    columns = (mentions[name].to_pylist() for name in ("review_id", "clause_start", "clause_end"))
    for place, (review, start, end) in enumerate(zip(*columns, strict=True)):
        for split in by_words:
            source, new = shown.get(split.source, split.source), shown[split.theme_id]
            if themes[place] in (source, new) and source != new:
                themes[place] = new if has_words(texts[review][start:end], split.words) else source


def _correct(
    themes: list[str | None],
    kinds: list[str],
    hazards: list[bool],
    mentions: pa.Table,
    edits: Edits,
    shown: Mapping[str, str],
) -> None:
    """Set what people said of single mentions: first whom a split chose, then what was corrected."""
    chosen = [(span, split) for split in edits.splits if not split.words for span in split.members]
    places = find_spans(mentions, [*(span for span, _ in chosen), *(one.span for one in edits.corrections)])
    for span, split in chosen:
        if span in places and split.theme_id in shown and kinds[places[span]] == "pain":
            themes[places[span]] = shown[split.theme_id]
    for one in edits.corrections:
        place = places.get(one.span)
        if place is None:
            continue
        if one.theme_id is not None:
            themes[place] = None if one.theme_id == NO_THEME else shown.get(one.theme_id, themes[place])
        if one.kind is not None:
            kinds[place] = one.kind
        if one.hazard is not None:
            hazards[place] = one.hazard


def _themes_table(
    rows: Mapping[str, Mapping[str, Any]],
    shown: Mapping[str, str],
    sizes: Mapping[str, int],
    moved: Mapping[str, str],
    edits: Edits,
) -> pa.Table:
    listed = []
    for theme, row in sorted(rows.items()):
        state = "merged" if shown[theme] != theme else DISMISSED if theme in edits.dismissed else row["state"]
        listed.append(
            {
                **{key: row[key] for key in ("theme_id", "kind", "keywords", "stability", "first_run")},
                "name": edits.names.get(theme, row["name"]),
                "area_id": moved.get(theme, row["area_id"]),
                "size": sizes.get(theme, 0),
                "state": state,
                "renamed_by_user": theme in edits.names,
            }
        )
    return tables.from_rows("themes", listed)


def _areas(areas: pa.Table, moved: Mapping[str, str], edits: Edits) -> pa.Table:
    """Return `areas` with those that themes were moved to and that nobody names otherwise."""
    known = set(areas.column("area_id").to_pylist())
    new = {edits.areas[theme] for theme, area in moved.items() if area not in known}
    added = [{"area_id": area_id(name), "name": name, "synonyms": [], "implied_by": []} for name in sorted(new)]
    return pa.concat_tables([areas, tables.from_rows("areas", added)]) if added else areas
