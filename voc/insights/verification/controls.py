"""What the treated products are compared with: other products, or other themes of the same ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from voc.insights.facts import Facts
from voc.insights.index import Index, Ints, Mask
from voc.insights.ranking import number
from voc.insights.verification.panel import Cells, Panel, cells

#: A control needs so many reviews both before and after, all controls together as many as the treated.
CONTROL_REVIEWS = 10
#: A control mentions the theme at least a fifth and at most five times as often as the treated.
SIMILAR = 5.0
#: Fewer other themes than this say nothing about how themes move.
MIN_THEMES = 3

#: Columns of `Verification.controls`: what was considered as a control.
CONTROLS = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),  # other product, competitor, other theme
        pa.field("id", pa.string(), nullable=False),  # product_id or theme_id
        pa.field("name", pa.string(), nullable=False),
        pa.field("used", pa.bool_(), nullable=False),
        pa.field("reason", pa.string()),  # why it was not used
        pa.field("reviews_before", pa.int64(), nullable=False),
        pa.field("mentions_before", pa.int64(), nullable=False),
        pa.field("reach_before", pa.float64()),  # null without reviews
        pa.field("reviews_after", pa.int64(), nullable=False),  # the lag left out
        pa.field("mentions_after", pa.int64(), nullable=False),
        pa.field("reach_after", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Choice:
    """Candidates of one kind, and which of them are similar enough."""

    kind: str  # for people: "other products", "competitors", ...
    unit: str  # what is permuted where there are enough: products, themes
    cells: Cells  # all candidates
    used: Mask  # (candidates,)
    rows: list[dict[str, Any]]  # of `CONTROLS`

    def panel(self, panel: Panel) -> Panel:
        """Return the panel with the candidates that are used."""
        return replace(panel, controls=self.cells.only(self.used))

    def listed(self, kind: str | None) -> list[dict[str, Any]]:
        """Return the rows of `CONTROLS`, given the kind that was taken in the end."""
        if kind == self.kind:
            return self.rows
        spare = f"compared with {kind}" if kind else "nothing is compared with"
        return [{**row, "used": False, "reason": row["reason"] or spare} for row in self.rows]


def other_products(
    facts: Facts, panel: Panel, frame: Mask, about: Mask, treated: frozenset[int], minimum: int
) -> Choice:
    """Consider every other product of the workspace.

    A control is chosen by its mentions before and after the date together. Chosen by those before alone, products
    that happened to have many would be taken, and would fall afterwards by themselves.

    Args:
        facts: the tables.
        panel: the blocks, and the treated.
        frame: dated reviews that are compared, shape (n_reviews,).
        about: which reviews mention the theme, shape (n_reviews,).
        treated: codes of the treated products.
        minimum: reviews that all controls together need before and after.
    """
    index = facts.index
    codes = [c for c in np.unique(index.product.codes[frame]).tolist() if c >= 0 and c not in treated]
    place = np.full(len(index.product.values) + 1, -1, np.int64)
    place[codes] = np.arange(len(codes))
    chosen = np.flatnonzero(frame & (place[index.product.codes] >= 0))
    found = by_unit(panel, place[index.product.codes[chosen]], index.day[chosen], about[chosen], len(codes))
    reasons = _reasons(panel, found)
    if min(_side(found, reasons, panel.after), _side(found, reasons, panel.before)) < minimum:
        reasons = [r or "all similar products together have too few reviews before or after" for r in reasons]
    rivals = _rivals(facts, index, codes, treated)
    rows = [
        {
            "kind": "competitor" if rival else "other product",
            "id": index.product.values[code],
            "name": index.product_names.get(index.product.values[code], index.product.values[code]),
        }
        for code, rival in zip(codes, rivals, strict=True)
    ]
    used = np.array([r is None for r in reasons], bool)
    kinds = {rival for rival, use in zip(rivals, used, strict=True) if use}
    kind = {frozenset({True}): "competitors", frozenset({False}): "other products"}.get(
        frozenset(kinds), "other products and competitors"
    )
    return Choice(kind, "products", found, used, _rows(rows, panel, found, reasons))


def other_themes(index: Index, panel: Panel, rows: Ints, theme: int) -> Choice:
    """Consider the other pain themes of the treated products, those of the same area left out.

    They are the second choice: they stand in the same reviews, where a complaint that goes makes room for others.

    Args:
        index: the reviews as arrays.
        panel: the blocks, and the treated.
        rows: the treated reviews.
        theme: position of the theme in `index.themes`.
    """
    area = index.themes[theme].area
    others = [i for i, t in enumerate(index.themes) if i != theme and (area is None or t.area != area)]
    place = np.full(len(index.themes), -1, np.int64)
    place[others] = np.arange(len(others))
    inside = np.zeros(index.size, bool)
    inside[rows] = True
    pairs = index.theme_pairs
    use = inside[pairs.row] & (place[pairs.group] >= 0)
    count = cells(
        place[pairs.group[use]], index.day[pairs.row[use]], np.ones(int(use.sum())), panel.start, panel.end, len(others)
    )
    found = Cells(count, np.repeat(panel.treated.total.sum(axis=0)[None], len(others), axis=0))
    reasons = _reasons(panel, found)
    if sum(r is None for r in reasons) < MIN_THEMES:
        reasons = [r or f"fewer than {MIN_THEMES} themes are mentioned about as often" for r in reasons]
    named = [{"kind": "other theme", "id": index.themes[i].id, "name": index.themes[i].name} for i in others]
    used = np.array([r is None for r in reasons], bool)
    return Choice("other themes of the same products", "themes", found, used, _rows(named, panel, found, reasons))


def by_unit(panel: Panel, unit: Ints, day: Ints, about: Mask, units: int) -> Cells:
    """Count reviews and mentions by unit and block."""
    count = cells(unit, day, about.astype(float), panel.start, panel.end, units)
    return Cells(count, cells(unit, day, np.ones(len(day)), panel.start, panel.end, units))


def _reasons(panel: Panel, found: Cells) -> list[str | None]:
    sides = panel.part != 0
    count, total = panel.treated.sum(sides)
    reach = count / max(total, 1)
    before, after = found.total[:, panel.before].sum(axis=1), found.total[:, panel.after].sum(axis=1)
    share = found.count[:, sides].sum(axis=1) / np.maximum(before + after, 1)
    out: list[str | None] = []
    for b, a, s in zip(before, after, share, strict=True):
        if min(b, a) < CONTROL_REVIEWS:
            out.append(f"fewer than {CONTROL_REVIEWS} reviews before or after the date")
        elif s == 0:
            out.append("nobody mentions the theme")
        elif s < reach / SIMILAR:
            out.append("the theme is hardly mentioned")
        else:
            out.append("the theme is mentioned far more often" if s > reach * SIMILAR else None)
    return out


def _side(found: Cells, reasons: list[str | None], side: Mask) -> float:
    return found.only(np.array([r is None for r in reasons], bool)).sum(side)[1]


def _rivals(facts: Facts, index: Index, codes: list[int], treated: frozenset[int]) -> list[bool]:
    """Return which products are competitors': by `products.own`, else by another brand than the treated have."""
    own = dict(zip(*(facts.products.column(n).to_pylist() for n in ("product_id", "own")), strict=True))
    brand: dict[int, set[int]] = {}
    for product, code in np.unique(np.stack([index.product.codes, index.brand.codes]), axis=1).T.tolist():
        if code >= 0:
            brand.setdefault(product, set()).add(code)
    ours = {b for product in treated for b in brand.get(product, ())}
    out = []
    for code in codes:
        known = own.get(index.product.values[code])
        theirs = brand.get(code, set())
        out.append(bool(theirs and ours and not theirs & ours) if known is None else not known)
    return out


def _rows(named: list[dict[str, Any]], panel: Panel, found: Cells, reasons: list[str | None]) -> list[dict[str, Any]]:
    out = []
    for i, (row, reason) in enumerate(zip(named, reasons, strict=True)):
        counted: dict[str, Any] = {}
        for side, blocks in (("before", panel.before), ("after", panel.after)):
            count, total = found.count[i, blocks].sum(), found.total[i, blocks].sum()
            counted[f"reviews_{side}"], counted[f"mentions_{side}"] = int(total), int(count)
            counted[f"reach_{side}"] = number(np.float64(count / total if total else np.nan))
        out.append({**row, "used": reason is None, "reason": reason, **counted})
    return sorted(out, key=lambda r: (not r["used"], -r["reviews_before"] - r["reviews_after"], r["id"]))
