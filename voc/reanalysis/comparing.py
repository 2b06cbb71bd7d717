"""Compares two states of a workspace: what moved in the ranking, and which mentions moved it."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import ValidationError

from voc.config import Config
from voc.matching import same_opinions
from voc.store import Snapshot

Rows = NDArray[np.int64]

#: Why a mention is in a theme now that was not in it before, and what became of one that is not in it any more.
GAINED = {
    "found": "only read now",
    "kind": "of another kind before",
    "theme": "from other themes",
    "none": "of no theme before",
    "review": "from reviews that only the state after has",
}
LOST = {
    "found": "not read any more",
    "kind": "of another kind now",
    "theme": "now in other themes",
    "none": "of no theme now",
    "review": "from reviews that only the state before has",
}
#: What lies behind these causes: themes that were made anew, a model that reads otherwise, other reviews.
BEHIND = {"theme": "themes", "none": "themes", "found": "reading", "kind": "reading", "review": "reviews"}
_RANKED = (
    *("rank", "rank_low", "rank_high", "score", "reviews", "reach", "reach_low", "reach_high"),
    *("star_impact", "star_impact_low", "star_impact_high"),
)
_WORDS = [f"{part}_{end}" for part in ("aspect", "phrase") for end in ("start", "end")]
_COLUMNS = ["mention_id", "review_id", "kind", "theme_id", "confidence", *_WORDS, "clause_start", "clause_end"]
_EXPLAINED = 8  # themes whose moves are shown by examples
_EXAMPLES = 2  # of each cause


@dataclass(frozen=True)
class ThemeChange:
    """One theme in two states.

    Attributes:
        before_id: its id in the state before; None where it is new.
        after_id: its id in the state after; None where it is gone.
        name: its name after, or before where it is gone.
        name_before: its name before; None where it is new.
        before: its row of `opportunities` before, by column; empty where it was not ranked.
        after: the same after.
        mentions_before: how many mentions it had.
        mentions_after: how many it has.
        kept: how many of them are the same; `mentions_after` are these and those gained.
        gained: how many of each of `GAINED` it has now that it had not.
        lost: how many of each of `LOST` it had that it has not any more.
        came_from: themes that it has most of those from: name, how many.
        went_to: themes that most of those went to: name, how many.
        examples: clauses behind a large move: side (gained, lost), cause, review_id, text, start, end, and theme, the
            name of the one that the mention is in in the other state.
    """

    before_id: str | None
    after_id: str | None
    name: str
    name_before: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    mentions_before: int
    mentions_after: int
    kept: int
    gained: Mapping[str, int]
    lost: Mapping[str, int]
    came_from: list[tuple[str, int]]
    went_to: list[tuple[str, int]]
    examples: list[dict[str, Any]] = field(default_factory=list)

    @property
    def clear(self) -> bool:
        """Whether it moved by more than its ranks are uncertain: their intervals have nothing in common."""
        if not self.before or not self.after:
            return False
        return bool(
            self.before["rank_low"] > self.after["rank_high"] or self.before["rank_high"] < self.after["rank_low"]
        )

    @property
    def moved(self) -> str:
        """In a few words where it went in the list: new, gone, up 3, down 2, same."""
        if not self.before and not self.after:
            return "not ranked"
        if not self.before:
            return "new" if self.before_id is None else "ranked now"
        if not self.after:
            return "gone" if self.after_id is None else "not ranked any more"
        up = int(self.before["rank"]) - int(self.after["rank"])
        return f"up {up}" if up > 0 else f"down {-up}" if up else "same"

    @property
    def size(self) -> float:
        """How far its score moved, in stars."""
        return abs(float(self.after.get("score", 0.0)) - float(self.before.get("score", 0.0)))

    def why(self, most: int | None = None) -> str:
        """Return in one sentence which mentions moved it, the largest groups first; `most` of them, or all."""
        groups = [
            (count, f"{sign}{count:,} {words[cause]}{_which(themes, count) if cause == 'theme' else ''}")
            for sign, causes, words, themes in (
                ("+", self.gained, GAINED, self.came_from),
                ("−", self.lost, LOST, self.went_to),
            )
            for cause, count in causes.items()
            if count
        ]
        groups.sort(key=lambda group: -group[0])
        return "; ".join(said for _, said in groups[:most]) or "the same mentions"


def _which(themes: list[tuple[str, int]], count: int) -> str:
    """Return which themes these mentions are of: the one, or the first with its number."""
    if not themes:
        return ""
    name, most = themes[0]
    return f" (“{name}”)" if most == count else f" (“{name}” {most:,})"


@dataclass(frozen=True)
class Comparison:
    """Two states of one workspace.

    Attributes:
        before: what the state before is: snapshot_id, made_at, models (reviews by version), reviews, mentions, themes,
            clustered_by (a sentence; None where the consensus did).
        after: the same of the state after.
        settings: what is set otherwise: key, value before, value after.
        same: mentions that both have: by id, by span, or as other words of the same clause.
        only_before: mentions that only the state before has, by kind.
        only_after: mentions that only the state after has, by kind.
        kinds: how many mentions have another kind: from, to, count.
        themes: what became of each theme, in the order of the ranking after; those that are gone come last.
    """

    before: dict[str, Any]
    after: dict[str, Any]
    settings: list[tuple[str, Any, Any]]
    same: int
    only_before: dict[str, int]
    only_after: dict[str, int]
    kinds: list[tuple[str, str, int]]
    themes: list[ThemeChange]

    @property
    def behind(self) -> dict[str, int]:
        """How many moves of mentions into and out of themes each of `BEHIND` explains, the most first.

        A mention that goes from one theme to another is one move.
        """
        moves = Counter(dict.fromkeys(BEHIND.values(), 0))
        for one in self.themes:
            for cause, count in (*one.gained.items(), *((c, n) for c, n in one.lost.items() if c != "theme")):
                moves[BEHIND[cause]] += count
        return dict(moves.most_common())


def compare(
    before: Snapshot, after: Snapshot, *, names: Mapping[str, str] | None = None, hidden: AbstractSet[str] = frozenset()
) -> Comparison:
    """Compare two states of a workspace, theme by theme.

    A theme that was found again has its id in both. Of the others those are taken for the same that share the most
    mentions, as a fit does it; mentions are the same by id, or by the characters that they stand on.

    Args:
        before: the one that is compared with.
        after: the other one.
        names: names that people gave themes, by id.
        hidden: ids of themes that are left out.

    Raises:
        VocError: a state is gone or damaged.
    """
    sides = (_Side(before, names or {}), _Side(after, names or {}))
    rows, others = _same(sides[0].mentions, sides[1].mentions)
    for side, own, other in ((sides[0], rows, others), (sides[1], others, rows)):
        side.partner[own] = other
    pairs = [pair for pair in _paired(*sides) if not hidden & set(pair)]
    changes = [_change(pair, *sides) for pair in pairs]
    changes.sort(key=lambda one: (one.after.get("rank") or 10**9, one.before.get("rank") or 10**9, one.name))
    explained = sorted(changes, key=lambda one: -one.size)[:_EXPLAINED]
    _add_examples([one for one in explained if one.size], *sides)
    kinds = Counter(
        (one, other)
        for one, other in zip(sides[0].kinds[rows].tolist(), sides[1].kinds[others].tolist(), strict=True)
        if one != other
    )
    return Comparison(
        sides[0].about(),
        sides[1].about(),
        _settings(before, after),
        len(rows),
        sides[0].alone(),
        sides[1].alone(),
        [(one, other, count) for (one, other), count in kinds.most_common()],
        changes,
    )


def _same(before: pa.Table, after: pa.Table) -> tuple[Rows, Rows]:
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


class _Side:
    """One of the two states, with what is compared of it as arrays."""

    def __init__(self, snapshot: Snapshot, names: Mapping[str, str]) -> None:
        self.snapshot = snapshot
        self.mentions = snapshot.table("mentions", _COLUMNS)
        self.kinds = self.mentions["kind"].to_numpy()
        #: The theme of each mention, "" for none.
        self.themes = pc.fill_null(self.mentions["theme_id"], "").to_numpy()
        #: The row of each mention in the other state, -1 for none.
        self.partner = np.full(self.mentions.num_rows, -1, dtype=np.int64)
        themes = snapshot.table("themes", ["theme_id", "name", "state"]).to_pylist()
        self.active = [row["theme_id"] for row in themes if row["state"] == "active"]
        self.names = {row["theme_id"]: names.get(row["theme_id"], row["name"]) for row in themes}
        ranked = snapshot.table("opportunities", ["scope_type", "theme_id", *_RANKED])
        listed = ranked.filter(pc.equal(ranked["scope_type"], "workspace")).drop_columns("scope_type").to_pylist()
        self.ranks = {row.pop("theme_id"): row for row in listed}
        self.reviews = snapshot.table("reviews", ["review_id"])["review_id"].combine_chunks()

    def rows_of(self, theme: str | None) -> Rows:
        return np.flatnonzero(self.themes == theme) if theme else np.zeros(0, dtype=np.int64)

    def alone(self) -> dict[str, int]:
        return dict(Counter(self.kinds[self.partner < 0].tolist()).most_common())

    def about(self) -> dict[str, Any]:
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


def _paired(before: _Side, after: _Side) -> list[tuple[str | None, str | None]]:
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


def _change(pair: tuple[str | None, str | None], before: _Side, after: _Side) -> ThemeChange:
    old, new = pair
    gained, come = _causes(after, after.rows_of(new), before, old, GAINED)
    lost, gone = _causes(before, before.rows_of(old), after, new, LOST)
    total = len(after.rows_of(new))
    return ThemeChange(
        old,
        new,
        after.names[new] if new else before.names[old or ""],
        before.names[old] if old else None,
        before.ranks.get(old or "", {}),
        after.ranks.get(new or "", {}),
        len(before.rows_of(old)),
        total,
        total - sum(gained.values()),
        gained,
        lost,
        come,
        gone,
    )


def _cause_of(own: _Side, rows: Rows, other: _Side, theme: str | None) -> NDArray[np.str_]:
    """Return for mentions of a theme why they are not in it in the other state; "" where they are."""
    partner = own.partner[rows]
    known = partner >= 0
    there = pc.is_in(own.mentions["review_id"].take(pa.array(rows)), value_set=other.reviews).to_numpy()
    themes, kinds = other.themes[partner], other.kinds[partner]
    conditions = [
        ~there,
        ~known,
        (themes == theme) if theme else np.zeros(len(rows), dtype=bool),
        kinds != own.kinds[rows],
        themes != "",
    ]
    found: NDArray[np.str_] = np.select(conditions, ["review", "found", "", "kind", "theme"], "none")
    return found


def _causes(
    own: _Side, rows: Rows, other: _Side, theme: str | None, words: Mapping[str, str]
) -> tuple[dict[str, int], list[tuple[str, int]]]:
    """Count the causes of `_cause_of`, and the themes that mentions are in instead."""
    if not len(rows) or not other.mentions.num_rows:
        there = {**dict.fromkeys(words, 0)}
        return {**there, "found": len(rows)} if len(rows) else there, []
    causes = _cause_of(own, rows, other, theme)
    counts = Counter(causes.tolist())
    themes = Counter(other.themes[own.partner[rows[causes == "theme"]]].tolist())
    listed = [(str(other.names.get(one, one)), count) for one, count in themes.most_common(3)]
    return {cause: counts.get(cause, 0) for cause in words}, listed


def _add_examples(changes: list[ThemeChange], before: _Side, after: _Side) -> None:
    """Show by a few clauses what moved these themes, those that the model was surest of first."""
    chosen: list[tuple[ThemeChange, str, str, _Side, int, str | None]] = []
    for change in changes:
        for name, own, other, theme, instead in (
            ("gained", after, before, change.after_id, change.before_id),
            ("lost", before, after, change.before_id, change.after_id),
        ):
            rows = own.rows_of(theme)
            if not len(rows) or not other.mentions.num_rows:
                continue
            causes = _cause_of(own, rows, other, instead)
            sure = own.mentions["confidence"].take(pa.array(rows)).to_numpy()
            order = np.lexsort((own.mentions["mention_id"].take(pa.array(rows)).to_numpy(), -sure))
            for cause in GAINED:
                own_rows = rows[order][causes[order] == cause][:_EXAMPLES]
                for row in own_rows.tolist():
                    elsewhere = other.themes[own.partner[row]] if cause == "theme" else ""
                    chosen.append((change, name, cause, own, row, other.names.get(elsewhere)))
    texts: dict[int, dict[str, str]] = {}
    for side in (before, after):
        places = pa.array(sorted({row for _, _, _, own, row, _ in chosen if own is side}), pa.int64())
        texts[id(side)] = side.snapshot.texts(side.mentions["review_id"].take(places).to_pylist())
    for change, name, cause, own, row, elsewhere in chosen:
        mention = own.mentions.slice(row, 1).to_pylist()[0]
        start, end = mention["clause_start"], mention["clause_end"]
        text = texts[id(own)][mention["review_id"]][start:end]
        where = {"review_id": mention["review_id"], "start": start, "end": end, "theme": elsewhere}
        change.examples.append({"side": name, "cause": cause, "text": text, **where})


def _settings(before: Snapshot, after: Snapshot) -> list[tuple[str, Any, Any]]:
    """Return the settings that differ between the configurations of two states, as a file has them."""
    flat = []
    for snapshot in (before, after):
        stored = snapshot.info.get("config") or {}
        with contextlib.suppress(ValidationError):
            # What an older version did not know yet was as it is by default.
            stored = Config.model_validate(stored).model_dump(mode="json")
        flat.append(_flat(stored))
    keys = sorted(flat[0].keys() | flat[1].keys())
    return [(key, flat[0].get(key), flat[1].get(key)) for key in keys if flat[0].get(key) != flat[1].get(key)]


def _flat(config: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in config.items():
        name = f"{above}{key}"
        found |= _flat(value, f"{name}.") if isinstance(value, Mapping) else {name: value}
    return found


def other_readings(snapshot: Snapshot) -> set[str]:
    """Return the versions of the weights that read a state."""
    return set(pc.unique(snapshot.table("readings", ["model_version"])["model_version"]).to_pylist())


def last_other(snapshots: list[Snapshot]) -> Snapshot | None:
    """Return the newest of earlier states, the newest first, that other weights read than the first one's."""
    mine = other_readings(snapshots[0]) if snapshots else set()
    return next((one for one in snapshots[1:] if one.rows("readings") and other_readings(one) != mine), None)
