"""Theme ids that stay: made from the founding mentions, carried over to the new clusters that share most of them."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.optimize import linear_sum_assignment

#: State of a cluster that nothing sayable stands for ("use", "within days"): what falls to it has no theme.
NAMELESS = "nameless"
#: A new cluster is an old theme when it holds at least this share of the smaller one's known mentions.
_OVERLAP = 0.3
#: A theme without a cluster of its own was merged when one theme holds at least this share of its mentions now.
_MERGED = 0.5


@dataclass(frozen=True)
class Known:
    """The themes there are before a fit.

    Attributes:
        rows: their rows of `found_themes`, by theme_id.
        members: mention ids by theme_id, of active themes.
        pinned: theme_ids that somebody decided something about: they stay, whatever a fit finds.
    """

    rows: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    members: Mapping[str, set[str]] = field(default_factory=dict)
    pinned: frozenset[str] = frozenset()

    @property
    def names(self) -> dict[str, str]:
        """Name by theme_id, of those that have one."""
        return {theme: row["name"] for theme, row in self.rows.items() if row["name"]}

    @property
    def first_run(self) -> dict[str, dt.datetime]:
        """When each was born."""
        return {theme: row["first_run"] for theme, row in self.rows.items()}

    @property
    def origin(self) -> dict[str, str]:
        """How each was born."""
        return {theme: row["origin"] for theme, row in self.rows.items()}

    @property
    def other(self) -> dict[str, str]:
        """Of active themes that were split from another one, which that was."""
        return {t: row["other_id"] for t, row in self.rows.items() if row["other_id"] and row["state"] == "active"}

    def alike(self, theme_id: str, mention_ids: set[str]) -> float:
        """Return the Jaccard similarity of a theme with `mention_ids`, over mentions that had a theme before."""
        before = self.members.get(theme_id, set())
        now = mention_ids & self._every
        return len(before & now) / max(1, len(before | now))

    @functools.cached_property
    def _every(self) -> set[str]:
        return set().union(*self.members.values())


def known_themes(found: pa.Table, assignments: pa.Table, touched: set[str]) -> Known:
    """Return what the tables `found_themes` and `assignments` hold; `touched` are themes that people changed."""
    rows = {row["theme_id"]: row for row in found.to_pylist()}
    members: dict[str, set[str]] = {theme: set() for theme, row in rows.items() if row["state"] == "active"}
    mention_ids, theme_ids = (assignments.column(name).to_pylist() for name in ("mention_id", "theme_id"))
    for mention, theme in zip(mention_ids, theme_ids, strict=True):
        if theme in members:
            members[theme].add(mention)
    return Known(rows, members, frozenset(touched & members.keys()))


def founding_id(mention_ids: Sequence[str]) -> str:
    """Return the id of a theme that is born with these mentions."""
    joined = "\n".join(sorted(mention_ids))
    return "t" + hashlib.sha256(joined.encode()).hexdigest()[:10]


def match_themes(clusters: Mapping[int, set[str]], themes: Mapping[str, set[str]]) -> dict[int, str]:
    """Match new clusters to known themes by the mentions they share: one to one, with the best total overlap.

    Of a theme that splits, the part with most of its mentions keeps the id, since the total is then largest. Clusters
    without a match are missing from the result.
    """
    labels, ids = sorted(clusters), sorted(themes)
    if not labels or not ids:
        return {}
    known: set[str] = set().union(*themes.values())
    shared = np.array([[len(clusters[label] & themes[theme]) for theme in ids] for label in labels], dtype=float)
    rows, columns = linear_sum_assignment(-shared)
    result = {}
    for row, column in zip(rows, columns, strict=True):
        smaller = min(len(clusters[labels[row]] & known), len(themes[ids[column]]))
        if smaller and shared[row, column] / smaller >= _OVERLAP:
            result[labels[row]] = ids[column]
    return result


def event_row(
    now: dt.datetime,
    event: str,
    theme: Mapping[str, Any],
    mentions: int,
    share: float | None = None,
    other: str | None = None,
) -> dict[str, Any]:
    """Return a row of `lineage` about a row of `found_themes`."""
    return {
        "happened_at": now,
        "event": event,
        "theme_id": theme["theme_id"],
        "other_id": other,
        "share": share,
        "mentions": mentions,
        "name": theme["name"],
    }


def lineage(
    rows: Sequence[Mapping[str, Any]],
    assigned: Sequence[str | None],
    mention_ids: Sequence[str],
    known: Known,
    now: dt.datetime,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of known themes that a fit did not find again, and rows of `lineage` for what became of all.

    `rows` are those of `found_themes` that the fit made, `assigned` the theme of each of `mention_ids`, None for none.
    """
    theme_of = dict(zip(mention_ids, assigned, strict=True))
    sizes = Counter(theme for theme in assigned if theme is not None)
    made = {row["theme_id"]: row for row in rows if row["state"] == "active"}
    events: list[dict[str, Any]] = []

    for theme, row in sorted(made.items()):
        before = known.members.get(theme)
        if before is None:
            events.append(event_row(now, "born", row, sizes[theme]))
            continue
        share = sum(theme_of.get(m) == theme for m in before) / max(1, len(before))
        events.append(event_row(now, "matched", row, sizes[theme], share))
        if row["name"] != known.rows[theme]["name"]:
            events.append(event_row(now, "renamed", row, sizes[theme]))
    gone = []
    for theme, row in sorted(known.rows.items()):
        if theme in made or row["state"] not in ("active", "merged", "retired"):
            continue
        if row["state"] == "active":
            before = known.members[theme]
            went = Counter(there for m in before if (there := theme_of.get(m)) is not None)
            into, count = min(went.items(), key=lambda item: (-item[1], item[0])) if went else ("", 0)
            merged = count >= _MERGED * max(1, len(before))
            row = {**row, "state": "merged" if merged else "retired", "other_id": into if merged else None}
            share = count / max(1, len(before))
            events.append(event_row(now, row["state"], row, len(before), share, row["other_id"]))
        gone.append(row)
    return gone, events
