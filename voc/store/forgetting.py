"""Taking reviews out of a snapshot: which rows go, and the part files without them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from voc import tables
from voc.store.manifest import Part
from voc.store.parts import read_part, write_part
from voc.store.snapshot import Snapshot

_VECTORS = ("embeddings", "further_embeddings")


@dataclasses.dataclass(frozen=True)
class Forgotten:
    """The tables without the reviews, as part files, and how many reviews were found."""

    parts: dict[str, tuple[Part, ...]]
    reviews: int


def forgotten(
    parts: Path, base: Snapshot, snapshots: Sequence[Snapshot], review_id: str | None, import_id: str | None
) -> Forgotten | None:
    """Write part files of `base` without a review or an import.

    Only the part files that hold something of it are written anew; the others are shared.

    Args:
        parts: the folder of parts.
        base: the current snapshot.
        snapshots: all kept snapshots; a review may be only in older ones.
        review_id: the review to leave out.
        import_id: the import to leave out, if no review is named.

    Returns:
        None if nothing of it is in any snapshot.
    """
    now = _review_ids(base, review_id, import_id)
    before = set().union(*(_review_ids(snapshot, review_id, import_id) for snapshot in snapshots))
    gone = pa.array(sorted(review_ids_of(base, snapshots, review_id, import_id)), pa.string())
    mentions = base.table("mentions", ["mention_id", "review_id"])
    left = mentions.filter(pc.invert(pc.is_in(mentions.column("review_id"), value_set=gone))).column("mention_id")

    found = bool(before)
    result = dict(base.manifest.tables)
    # Embeddings come last: they name no review, and alone are no sign that something of it is there.
    for name, listed in sorted(result.items(), key=lambda item: item[0] in _VECTORS):
        if name in _VECTORS and not found:
            continue
        kept: list[Part] = []
        for part in listed:
            rows = read_part(parts, part, name, tables.SCHEMAS[name].names)
            rest = _without(rows, gone, left, import_id)
            if rest is rows:
                kept.append(part)
                continue
            found = True
            if rest.num_rows:
                kept.append(write_part(parts, name, rest))
        result[name] = tuple(kept)
    return Forgotten(result, len(now | before)) if found else None


def review_ids_of(
    base: Snapshot, snapshots: Sequence[Snapshot], review_id: str | None, import_id: str | None
) -> set[str]:
    """Return the reviews that are to go; see `forgotten`."""
    now = _review_ids(base, review_id, import_id)
    before = set().union(*(_review_ids(snapshot, review_id, import_id) for snapshot in snapshots))
    # A review of the import that a later import brought again stays, as that import's.
    others = set(base.table("reviews", ["review_id"]).column("review_id").to_pylist()) - now
    named = set() if review_id is None else {review_id}
    return (now | before | named) - others


def _review_ids(snapshot: Snapshot, review_id: str | None, import_id: str | None) -> set[str]:
    reviews = snapshot.table("reviews", ["review_id", "import_id"])
    column, value = ("review_id", review_id) if review_id is not None else ("import_id", import_id)
    return set(reviews.filter(pc.equal(reviews.column(column), value)).column("review_id").to_pylist())


def _without(rows: pa.Table, gone: pa.Array, left: pa.ChunkedArray, import_id: str | None) -> pa.Table:
    """Return `rows` themselves if there is nothing to remove, else a table without what is to be forgotten."""
    names = rows.column_names
    keep = None
    if "review_id" in names:
        keep = pc.invert(pc.is_in(rows.column("review_id"), value_set=gone))
    elif "mention_id" in names:
        # Vectors of mentions that are no longer there belong to nobody who could be asked: they go too.
        keep = pc.is_in(rows.column("mention_id"), value_set=left.combine_chunks())
    elif "import_id" in names and import_id is not None:
        keep = pc.not_equal(rows.column("import_id"), import_id)
    if keep is not None and not pc.all(keep).as_py():
        rows = rows.filter(keep)
    for place, field in enumerate(rows.schema):
        if pa.types.is_list(field.type) and _names_reviews(field.type.value_type):
            rows = _without_quotes(rows, place, field, set(gone.to_pylist()))
    return rows


def _names_reviews(element: pa.DataType) -> bool:
    return bool(pa.types.is_struct(element) and element.get_field_index("review_id") >= 0)


def _without_quotes(rows: pa.Table, place: int, field: pa.Field, gone: set[str]) -> pa.Table:
    quotes: list[list[dict[str, Any]] | None] = rows.column(place).to_pylist()
    rest = [listed and [quote for quote in listed if quote["review_id"] not in gone] for listed in quotes]
    return rows if rest == quotes else rows.set_column(place, field, pa.array(rest, field.type))
