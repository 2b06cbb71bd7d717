"""Compares two states of a workspace: what moved in the ranking, and which mentions moved it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from voc.reanalysis.changes import GAINED, LOST, Comparison, ThemeChange
from voc.reanalysis.sides import Rows, Side, paired, same_mentions
from voc.reanalysis.states import other_settings
from voc.store import Snapshot

_EXPLAINED = 8  # themes whose moves are shown by examples
_EXAMPLES = 2  # of each cause


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
    sides = (Side(before, names or {}), Side(after, names or {}))
    rows, others = same_mentions(sides[0].mentions, sides[1].mentions)
    for side, own, other in ((sides[0], rows, others), (sides[1], others, rows)):
        side.partner[own] = other
    pairs = [pair for pair in paired(*sides) if not hidden & set(pair)]
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
        other_settings(before, after),
        len(rows),
        sides[0].alone(),
        sides[1].alone(),
        [(one, other, count) for (one, other), count in kinds.most_common()],
        changes,
    )


def _change(pair: tuple[str | None, str | None], before: Side, after: Side) -> ThemeChange:
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


def _cause_of(own: Side, rows: Rows, other: Side, theme: str | None) -> NDArray[np.str_]:
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
    own: Side, rows: Rows, other: Side, theme: str | None, words: Mapping[str, str]
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


def _add_examples(changes: list[ThemeChange], before: Side, after: Side) -> None:
    """Show by a few clauses what moved these themes, those that the model was surest of first."""
    chosen: list[tuple[ThemeChange, str, str, Side, int, str | None]] = []
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
