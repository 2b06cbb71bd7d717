"""The tables an insight reads, held together."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

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
    wishes: pa.Table = field(default_factory=lambda: empty("wishes"))

    @cached_property
    def index(self) -> Index:
        """The tables as arrays, built on first use."""
        return build_index(self)

    def with_phases(self, phases: pa.Table) -> Facts:
        """Return these facts with other phases; the arrays hold none, so they are not built again."""
        facts = replace(self, phases=phases)
        facts.__dict__["index"] = self.index
        return facts

    def curated(self, names: Mapping[str, str], hidden: AbstractSet[str]) -> Facts:
        """Return these facts with people's `names` for themes, by id, and without the `hidden` ones."""
        kept = self.themes.filter(pc.invert(pc.is_in(self.themes["theme_id"], pa.array(sorted(hidden), pa.string()))))
        pairs = zip(kept["theme_id"].to_pylist(), kept["name"].to_pylist(), strict=True)
        renamed = pa.array([names.get(theme, name) for theme, name in pairs], pa.string())
        place = kept.schema.get_field_index("name")
        return replace(self, themes=kept.set_column(place, self.themes.schema.field("name"), renamed))
