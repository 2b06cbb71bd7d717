"""The tables an insight reads, held together."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from voc.insights.index import Index, build_index
from voc.tables import empty


@dataclass(frozen=True, eq=False)
class Facts:
    """All that the insights are computed from; each field is the table of that name in `voc.tables`.

    The first figure asked for turns the tables into arrays, which later ones reuse: keep one `Facts` per snapshot.
    """

    reviews: pa.Table
    readings: pa.Table
    mentions: pa.Table
    themes: pa.Table
    areas: pa.Table = field(default_factory=lambda: empty("areas"))
    products: pa.Table = field(default_factory=lambda: empty("products"))
    phases: pa.Table = field(default_factory=lambda: empty("phases"))

    @cached_property
    def index(self) -> Index:
        """The tables as arrays, built on first use."""
        return build_index(self)
