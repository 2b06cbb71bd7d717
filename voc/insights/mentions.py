"""The opinions as aligned arrays, and which reviews hold which groups of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from voc.insights.arrays import Coded, Floats, Ints, Mask, bools, coded, floats, ints, positions, whole

#: Columns that few analyses read: they stay in the table until one asks.
_LATER = ("target", "days_in_use", "time_event")


@dataclass(frozen=True)
class Mentions:
    """The opinions, sorted by review, place in the text and id; an opinion on an unknown review is left out."""

    row: Ints  # review, as a row of the index
    kind: Coded
    specificity: Coded
    severity: Floats
    confidence: Floats
    hazard: Mask
    start: Ints  # of the clause in the review's text, code points
    end: Ints
    area: Ints  # position in `Index.areas`; -1 for none
    theme: Ints  # position in `Index.themes` for pain in an active pain theme, else -1
    has_theme: Mask  # theme_id is not null
    source: pa.Table  # the columns that are read when asked for, one row per row of the table `mentions`
    place: Ints  # the row of `source` that each opinion comes from

    @classmethod
    def of(cls, table: pa.Table, review_id: pa.Array, themes: Sequence[str], areas: Sequence[str]) -> Mentions:
        """Return the opinions of a table `mentions`, the same for any order of its rows.

        Args:
            table: the table.
            review_id: of the index's reviews, in their order.
            themes: ids of the active pain themes, in the order of their numbers.
            areas: ids of the areas, in the order of their numbers.
        """
        row = positions(whole(table, "review_id"), review_id)
        start = ints(whole(table, "clause_start"))
        name = coded(whole(table, "mention_id")).codes
        known = np.flatnonzero(row >= 0)
        place = known[np.lexsort((name[known], start[known], row[known]))]

        def read(column: str) -> pa.Array:
            return whole(table, column).take(pa.array(place))

        kind, theme_id = coded(read("kind")), read("theme_id")
        return cls(
            row=row[place],
            kind=kind,
            specificity=coded(read("specificity")),
            severity=floats(read("severity")),
            confidence=floats(read("confidence")),
            hazard=bools(read("hazard")),
            start=start[place],
            end=ints(read("clause_end")),
            area=positions(read("area_id"), pa.array(areas, pa.string())),
            theme=np.where(kind.equals("pain"), positions(theme_id, pa.array(themes, pa.string())), -1),
            has_theme=~bools(theme_id.is_null()),
            source=table.select(list(_LATER)),
            place=place,
        )

    def is_kind(self, kind: str) -> Mask:
        """Return which opinions are of this kind."""
        return self.kind.equals(kind)

    def is_specificity(self, specificity: str) -> Mask:
        """Return which opinions are of this specificity."""
        return self.specificity.equals(specificity)

    @cached_property
    def target(self) -> Coded:
        """What each opinion is about: the product, a competitor's, the delivery and so on."""
        return coded(self._read("target"))

    @cached_property
    def days_in_use(self) -> Floats:
        """The days in use that each opinion states, NaN where it states none."""
        return floats(self._read("days_in_use"))

    @cached_property
    def time_event(self) -> Coded:
        """What those days are the time of: `failed_after`, `works_after`."""
        return coded(self._read("time_event"))

    def _read(self, column: str) -> pa.Array:
        return whole(self.source, column).take(pa.array(self.place))


@dataclass(frozen=True)
class Pairs:
    """Which reviews mention which groups (themes or areas): one entry per review and group, sorted by both."""

    row: Ints  # review, as a row of the index
    group: Ints
    severity: Floats  # of the review's worst mention in the group
    hazard: Mask  # any mention of the review in the group is a hazard
    size: int  # number of groups

    @classmethod
    def of(cls, mentions: Mentions, group: Ints, size: int) -> Pairs:
        """Put together the opinions of each review and group; `group` is that of each opinion, -1 for none."""
        chosen = group >= 0
        key = mentions.row[chosen] * max(size, 1) + group[chosen]
        order = np.argsort(key, kind="stable")
        key, first = np.unique(key[order], return_index=True)
        severity, hazard = mentions.severity[chosen][order], mentions.hazard[chosen][order]
        if len(key):
            severity = np.maximum.reduceat(severity, first)
            hazard = np.logical_or.reduceat(hazard, first)
        return cls(key // max(size, 1), key % max(size, 1), severity, hazard, size)

    def counts(self, rows: Mask) -> Ints:
        """Return for each group the number of reviews among `rows` that mention it, shape (size,)."""
        return np.bincount(self.group[rows[self.row]], minlength=self.size)

    def counts_where(self, rows: Mask, pairs: Mask) -> Ints:
        """Return for each group the number of reviews among `rows` for which `pairs` (one per entry) holds."""
        return np.bincount(self.group[rows[self.row] & pairs], minlength=self.size)
