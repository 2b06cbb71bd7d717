"""Which opinion of one reading is which of another: other weights may find it by some characters more or fewer."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

#: Share of the characters of both that two spans must have in common, as for what people decided about mentions.
_ALIKE = 0.5


def same_opinions(before: pa.Table, after: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of two tables `mentions` that are the same opinion, one to one.

    An opinion with the same id goes first, then those of one review that share at least half of their characters, the
    most alike first. The characters of an opinion are those from the first to the last of its aspect and phrase, or of
    its clause where it has neither.

    Returns:
        Rows of `before`, in their order, and the row of `after` that each is.
    """
    found = pc.index_in(before["mention_id"], value_set=after["mention_id"].combine_chunks())
    same = found.fill_null(-1).to_numpy().astype(np.int64)
    left = np.flatnonzero(same < 0)
    free = np.setdiff1d(np.arange(after.num_rows), same, assume_unique=False)
    if len(left) and len(free):
        old, new, alike = _pairs(before, after, left, free)
        # Of pairs that are equally alike the first by their ids, whatever the order of the rows.
        names = (before["mention_id"].take(pa.array(old)), after["mention_id"].take(pa.array(new)))
        ranked = np.lexsort((names[1].to_numpy(), names[0].to_numpy(), -alike))
        taken: set[int] = set()
        for place in ranked.tolist():
            one, other = int(old[place]), int(new[place])
            if same[one] < 0 and other not in taken:
                same[one] = other
                taken.add(other)
    rows = np.flatnonzero(same >= 0)
    return rows, same[rows]


def _pairs(
    before: pa.Table, after: pa.Table, left: NDArray[np.int64], free: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the pairs of rows of one review that are alike enough, and how much they are."""
    sides = [
        pa.table({"review_id": table["review_id"].take(pa.array(rows)), name: rows})
        for table, rows, name in ((before, left, "old"), (after, free, "new"))
    ]
    joined = sides[0].join(sides[1], "review_id", join_type="inner")
    old, new = (joined[name].to_numpy() for name in ("old", "new"))
    (start, end), (begin, stop) = _spans(before), _spans(after)
    start, end, begin, stop = start[old], end[old], begin[new], stop[new]
    both = np.minimum(end, stop) - np.maximum(start, begin)
    alike = np.maximum(both, 0) / np.maximum(np.maximum(end, stop) - np.minimum(start, begin), 1)
    enough = alike >= _ALIKE
    return old[enough], new[enough], alike[enough]


def _spans(mentions: pa.Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return first and last character of each opinion, half open."""
    ends = []
    for side, outer in (("start", pc.min_element_wise), ("end", pc.max_element_wise)):
        named = outer(mentions[f"aspect_{side}"], mentions[f"phrase_{side}"])
        ends.append(pc.coalesce(named, mentions[f"clause_{side}"]).to_numpy().astype(np.int64))
    return ends[0], ends[1]


def renamed(table: pa.Table, names: dict[str, str]) -> pa.Table:
    """Return a table with other ids of mentions in its column `mention_id`, where `names` has them."""
    if not names:
        return table
    place = table.schema.get_field_index("mention_id")
    found = pc.index_in(table["mention_id"], value_set=pa.array(list(names), pa.string()))
    ids = pc.coalesce(pa.array(list(names.values()), pa.string()).take(found.combine_chunks()), table["mention_id"])
    return table.set_column(place, table.schema.field(place), ids)
