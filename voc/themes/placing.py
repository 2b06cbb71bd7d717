"""Which area each mention stands under, and which mentions are troubles that themes are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from voc import tables
from voc.extract.rules.content import judges, only_judges
from voc.extract.rules.lexicon import DEVICES_IN_DEVICES, EMPTY, VAGUE, words
from voc.themes.areas import OTHER, PRICE, TARGET_AREAS, WHOLE, Areas, area_id, find_areas, place_terms
from voc.themes.implied import implied_area, learn_implied
from voc.themes.salience import tells
from voc.themes.subjects import Subjects, devices_within
from voc.themes.terms import normal_aspect
from voc.themes.trouble import Trouble, trouble_of

#: Where another statement of the same clause begins or ends.
_BREAK = re.compile(r"[.,;:!?&/()\n]|\b(?:and|but|also|with|because)\b", re.IGNORECASE)

#: What is read of a row of `mentions`; of so many rows the others would only take memory.
_USED = (
    *("mention_id", "review_id", "kind", "specificity", "hazard", "target", "aspect", "aspect_start", "aspect_end"),
    *("phrase", "phrase_start", "phrase_end", "clause_start", "clause_end"),
)
_REPEATED = frozenset({"review_id", "kind", "specificity", "target", "aspect"})

#: Words of one that judges the price.
_COSTLY = frozenset("costly expensive overpriced pricey priced".split())


@dataclass(frozen=True)
class Placed:
    """Mentions with their areas.

    Attributes:
        columns: of table `assignments`, all but `area_id` and `theme_id`, by id of the mentions.
        names: of their areas.
        troubles: what says what goes wrong, in the same order.
        areas: the areas there are.
    """

    columns: dict[str, list[Any]]
    names: list[str]
    troubles: list[Trouble]
    areas: Areas


def place(
    mentions: pa.Table,
    texts: Mapping[str, str],
    *,
    known: Areas | None,
    learn: bool,
    brands: AbstractSet[str],
    encoder: str,
    model: str,
) -> Placed:
    """Give each row of `mentions` its area.

    With `learn`, areas and the words that imply them are made out of these mentions, called as in `known`; without,
    the mentions are placed in the known ones and nothing known moves. A trouble that only judges a part is made a
    judgement of it, one that only judges the whole a verdict. What only names one of the `brands` is the whole product.
    """
    rows = _rows(mentions.sort_by("mention_id"))
    read_as = [row["specificity"] for row in rows]
    if learn:
        subjects = Subjects(brands, devices_within(row["aspect"] for row in rows if row["aspect"]))
    else:
        subjects = subjects_in(known or Areas(), brands)
    part_of = cache(subjects.named_part)  # many call a part by the same word
    parts = ["" if row["target"] in TARGET_AREAS else part_of(row["aspect"]) for row in rows]
    if learn:
        areas = find_areas(parts, before=known, encoder=encoder, model=model)
    else:
        areas = place_terms(parts, known or Areas(), encoder=encoder, model=model)
    names = [_area(row, part, areas, texts[row["review_id"]]) for row, part in zip(rows, parts, strict=True)]
    troubles = [i for i, row in enumerate(rows) if is_trouble(row)]
    own = [i for i in troubles if rows[i]["target"] == "product"]
    phrases = [rows[i]["phrase"] or "" for i in own]
    if learn:
        named = ["" if names[i] in (WHOLE, OTHER) else names[i] for i in own]
        areas = replace(areas, implied=learn_implied(named, phrases))
    for i, phrase in zip(own, phrases, strict=True):
        if names[i] == WHOLE:
            names[i] = implied_area(phrase, areas.implied) or WHOLE
    found = [trouble_of(rows[i], parts[i], names[i], texts[rows[i]["review_id"]]) for i in troubles]
    columns = {name: [row[name] for row in rows] for name in ("mention_id", "kind", "specificity", "hazard")}
    return Placed({**columns, "read_as": read_as}, names, found, areas)


def subjects_in(areas: Areas, brands: AbstractSet[str]) -> Subjects:
    """Return what opinions can be about where the areas are these."""
    return Subjects(brands, DEVICES_IN_DEVICES & areas.of_term.keys())


def as_read(mentions: pa.Table, assignments: pa.Table) -> pa.Table:
    """Return `mentions` with the kind, specificity and hazard that was read, where `assignments` know it."""
    order = pc.index_in(mentions["mention_id"], value_set=assignments["mention_id"].combine_chunks())
    for name, source in (("kind", "kind"), ("specificity", "read_as"), ("hazard", "hazard")):
        column = pc.coalesce(assignments[source].combine_chunks().take(order.combine_chunks()), mentions[name])
        mentions = tables.with_column("mentions", mentions, name, column)
    return mentions


def is_trouble(row: Mapping[str, Any]) -> bool:
    """Return whether a row of `mentions` says what goes wrong."""
    return bool(row["kind"] == "pain" and row["specificity"] == "trouble")


def waiting_troubles(
    mentions: pa.Table,
    assignments: pa.Table,
    texts: Mapping[str, str],
    area_names: Mapping[str, str],
    subjects: Subjects,
) -> list[Trouble]:
    """Return the troubles of `mentions` that `assignments` give no theme; `area_names` are by id."""
    said = {
        row["mention_id"]: row
        for row in assignments.filter(assignments["theme_id"].is_null()).to_pylist()
        if is_trouble(row)
    }
    held = pa.array(sorted(said), pa.string())
    found = []
    for row in mentions.filter(pc.is_in(mentions["mention_id"], value_set=held)).to_pylist():
        row |= said[row["mention_id"]]
        found.append(
            trouble_of(row, _part(row, subjects), area_names.get(row["area_id"], WHOLE), texts[row["review_id"]])
        )
    return found


def assignments_table(placed: Placed, themes: Sequence[str | None]) -> pa.Table:
    """Return table `assignments` of the mentions placed; `themes` are those of their troubles, None for none."""
    theme_of = dict(zip((t.row["mention_id"] for t in placed.troubles), themes, strict=True))
    ids = {name: area_id(name) for name in set(placed.names)}
    said = zip(placed.names, placed.columns["specificity"], strict=True)
    columns = {
        **placed.columns,
        "area_id": [ids[name] if specificity != "verdict" else None for name, specificity in said],
        "theme_id": [theme_of.get(mention) for mention in placed.columns["mention_id"]],
    }
    return tables.conform("assignments", pa.table(columns, schema=tables.SCHEMAS["assignments"]))


def _rows(mentions: pa.Table) -> list[dict[str, Any]]:
    """Return rows of `mentions` with the columns that themes are made by, equal words of a column held once."""
    columns = []
    for name in _USED:
        values = mentions[name].to_pylist()
        if name in _REPEATED:
            known: dict[str, str] = {}
            values = [known.setdefault(value, value) for value in values]
        columns.append(values)
    return [dict(zip(_USED, row, strict=True)) for row in zip(*columns, strict=True)]


def _part(row: Mapping[str, Any], subjects: Subjects) -> str:
    return "" if row["target"] in TARGET_AREAS else subjects.named_part(row["aspect"])


def _area(row: dict[str, Any], part: str, areas: Areas, text: str) -> str:
    """Return the name of the area of a mention; a trouble that only judges its part is made a judgement of it."""
    name = TARGET_AREAS.get(row["target"]) or areas.of_term.get(part)
    if not name:
        return _nameless_area(row, areas, text)
    if _troubled(row) and name not in TARGET_AREAS.values() and _only_judges(row, text):
        row["specificity"] = "judgement"
    return name


def _nameless_area(row: dict[str, Any], areas: Areas, text: str) -> str:
    """Return the name of the area of a mention without a part; a pain that only judges is made a verdict."""
    said = words(row["phrase"] or "")
    judged = row["kind"] == "pain" and row["specificity"] == "judgement"
    if not (judged or _troubled(row)):
        return WHOLE
    # Of "not great sound" the model marks no aspect: its only content is the name of a part.
    content = [word for word in said if word not in EMPTY and not judges(word)]
    area = areas.of_term.get(normal_aspect(" ".join(content))) if content else None
    if area is not None and area != OTHER:
        row["specificity"] = "judgement"
        return area
    if judged and PRICE in areas.members and not _COSTLY.isdisjoint(said):
        return PRICE
    if not judged:
        whole = _only_judges(row, text)
    elif said:
        whole = only_judges(row["phrase"])
    else:
        whole = row["aspect"] is not None
    if whole:
        row["specificity"] = "verdict"
    return WHOLE


def _troubled(row: Mapping[str, Any]) -> bool:
    """Say whether a row was read as a trouble that is told in words, and is no hazard."""
    return bool(row["specificity"] == "trouble" and row["phrase"] and not row["hazard"])


def _only_judges(row: Mapping[str, Any], text: str) -> bool:
    """Say whether nothing stands around part and phrase but that it is bad ("there are connectivity issues")."""
    if not only_judges(row["phrase"]) or any(tells(word, whole=False) for word in words(row["phrase"]) if judges(word)):
        return False
    start, end = row["phrase_start"], row["phrase_end"]
    if row["aspect"]:
        start, end = min(row["aspect_start"], start), max(row["aspect_end"], end)
    before = _BREAK.split(text[row["clause_start"] : start])[-1]
    after = _BREAK.split(text[end : row["clause_end"]])[0]
    around = f"{before} {text[start:end]} {after}".replace(row["aspect"] or " ", " ")
    return all(word in EMPTY or word in VAGUE or judges(word) for word in words(around))
