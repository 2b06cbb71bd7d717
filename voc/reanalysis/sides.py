"""Two states of a workspace side by side: which mentions and which themes of both are the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from voc.matching import same_opinions
from voc.store import Snapshot

Rows = NDArray[np.int64]

_RANKED = (
    *("rank", "rank_low", "rank_high", "score", "reviews", "reach", "reach_low", "reach_high"),
    *("star_impact", "star_impact_low", "star_impact_high"),
)
_WORDS = [f"{part}_{end}" for part in ("aspect", "phrase") for end in ("start", "end")]
_COLUMNS = ["mention_id", "review_id", "kind", "theme_id", "confidence", *_WORDS, "clause_start", "clause_end"]


def same_mentions(before: pa.Table, after: pa.Table) -> tuple[Rows, Rows]:
    """Return the rows of mentions that are the same opinion, also where other words of the same clause carry it now."""
    rows, others = same_opinions(before, after)
    found = [(rows, others)]
    left = [np.setdiff1d(np.arange(table.num_rows), taken) for table, taken in ((before, rows), (after, others))]
    for kind in pc.unique(before["kind"]).to_pylist():
        places = [
            of[pc.equal(table["kind"].take(pa.array(of)), kind).to_numpy().astype(bool)]
            for table, of in zip((before, after), left, strict=True)
        ]
        if all(map(len, places)):
            clauses = [_whole(table.take(pa.array(of))) for table, of in zip((before, after), places, strict=True)]
            one, other = same_opinions(*clauses)
            found.append((places[0][one], places[1][other]))
    return np.concatenate([one for one, _ in found]), np.concatenate([other for _, other in found])


def _whole(mentions: pa.Table) -> pa.Table:
    """Return mentions that stand on their whole clauses."""
    for column in _WORDS:
        place = mentions.schema.get_field_index(column)
        mentions = mentions.set_column(place, column, pa.nulls(mentions.num_rows, pa.int32()))
    return mentions


class Side:
    """One of the two states, with what is compared of it as arrays.

    Args:
        snapshot: the state.
        names: names that people gave themes, by id.

    Attributes:
        mentions: columns of the table `mentions`.
        kinds: kind of each mention, shape (mentions,).
        themes: theme of each, "" for none, shape (mentions,).
        partner: row of each in the other state, -1 for none, shape (mentions,); none until it is filled in.
        active: ids of the active themes.
        names: name of each theme, by id.
        ranks: ranks and figures of the themes that are ranked in the whole workspace, by id.
        reviews: ids of the reviews.
    """

    def __init__(self, snapshot: Snapshot, names: Mapping[str, str]) -> None:
        self.snapshot = snapshot
        self.mentions = snapshot.table("mentions", _COLUMNS)
        self.kinds = self.mentions["kind"].to_numpy()
        self.themes = pc.fill_null(self.mentions["theme_id"], "").to_numpy()
        self.partner = np.full(self.mentions.num_rows, -1, dtype=np.int64)
        themes = snapshot.table("themes", ["theme_id", "name", "state"]).to_pylist()
        self.active = [row["theme_id"] for row in themes if row["state"] == "active"]
        self.names = {row["theme_id"]: names.get(row["theme_id"], row["name"]) for row in themes}
        ranked = snapshot.table("opportunities", ["scope_type", "theme_id", *_RANKED])
        listed = ranked.filter(pc.equal(ranked["scope_type"], "workspace")).drop_columns("scope_type").to_pylist()
        self.ranks = {row.pop("theme_id"): row for row in listed}
        self.reviews = snapshot.table("reviews", ["review_id"])["review_id"].combine_chunks()

    def rows_of(self, theme: str | None) -> Rows:
        """Return the rows of a theme's mentions; none without a theme."""
        return np.flatnonzero(self.themes == theme) if theme else np.zeros(0, dtype=np.int64)

    def alone(self) -> dict[str, int]:
        """Return how many mentions the other state does not have, by kind, the most first."""
        return dict(Counter(self.kinds[self.partner < 0].tolist()).most_common())

    def about(self) -> dict[str, Any]:
        """Return what the state is, as `Comparison.before` says it."""
        versions = Counter(self.snapshot.table("readings", ["model_version"])["model_version"].to_pylist())
        return {
            "snapshot_id": self.snapshot.id,
            "made_at": self.snapshot.created_at,
            "models": dict(versions.most_common()),
            "reviews": len(self.reviews),
            "mentions": self.mentions.num_rows,
            "themes": len(self.active),
            "clustered_by": self.snapshot.info.get("themes", {}).get("clustered_by"),
        }


def paired(before: Side, after: Side) -> list[tuple[str | None, str | None]]:
    """Return the themes of both states that are one, and those that only one has."""
    # Loaded here: scipy is slow to import.
    from voc.themes.identity import match_themes

    both = [theme for theme in after.active if theme in set(before.active)]
    old = {theme: set(before.rows_of(theme).tolist()) for theme in before.active if theme not in both}
    new = [theme for theme in after.active if theme not in both]
    clusters = {place: set(after.partner[after.rows_of(theme)].tolist()) - {-1} for place, theme in enumerate(new)}
    matched = {new[place]: theme for place, theme in match_themes(clusters, old).items()}
    pairs: list[tuple[str | None, str | None]] = [(theme, theme) for theme in both]
    pairs += [(matched.get(theme), theme) for theme in new]
    pairs += [(theme, None) for theme in old if theme not in matched.values()]
    return pairs
