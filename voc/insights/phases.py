"""Phases: named stretches of time, or the versions of a product, and which reviews belong to each."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from voc.config import PhaseConfig
from voc.errors import VocError
from voc.insights.index import Index, Mask, product_names
from voc.tables import from_rows

_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Phase:
    """One row of the table `phases`."""

    phase_id: str
    name: str
    start: dt.date | None
    end: dt.date | None
    source: str
    product_id: str | None
    version: str | None


def day_number(day: dt.date) -> int:
    """Return the days since 1970-01-01."""
    return (day - _EPOCH).days


def listed(phases: pa.Table) -> list[Phase]:
    """Return the rows of the table `phases` in their order."""
    return [Phase(**row) for row in phases.to_pylist()]


def members(index: Index, phase: Phase) -> Mask:
    """Return which reviews belong to a phase, shape (n_reviews,).

    A version's are the reviews that name the product and the version, whenever they were written. Any other phase's
    are those written from its start on and before its end (of its product, if it has one); undated reviews belong to
    none of them.
    """
    if phase.version is not None:
        mask = index.version.codes == index.version.position.get(phase.version, -2)
        product = -1 if phase.product_id is None else index.product.position.get(phase.product_id, -2)
        return np.asarray(mask & (index.product.codes == product), bool)
    mask = index.dated.copy()
    if phase.start is not None:
        mask &= index.day >= day_number(phase.start)
    if phase.end is not None:
        mask &= index.day < day_number(phase.end)
    if phase.product_id is not None:
        mask &= index.product.codes == index.product.position.get(phase.product_id, -2)
    return mask


def previous_phases(phases: Sequence[Phase]) -> dict[str, Phase]:
    """Return for each phase_id the phase before it, of the same source and product; the first ones have none.

    Phases follow one another by start. Versions of a product of which one has no date follow by their number.
    """
    families: dict[tuple[str, str], list[Phase]] = {}
    for phase in phases:
        families.setdefault((phase.source, phase.product_id or ""), []).append(phase)
    before: dict[str, Phase] = {}
    for family in families.values():
        undated = any(p.start is None for p in family)
        family.sort(
            key=lambda p: (dt.date.min if undated or p.start is None else p.start, _natural(p.version or p.name))
        )
        for earlier, later in pairwise(family):
            before[later.phase_id] = earlier
    return before


def resolve_phases(config_phases: Sequence[PhaseConfig], reviews: pa.Table, entered: pa.Table | None) -> pa.Table:
    """Return all phases: those of the configuration, those people entered, and one for each version of a product.

    Phases of the configuration get the source `user`, like those entered; their id comes from the name, so that it
    stays when the dates are corrected. A version starts with the first dated review of it and has no end, since
    versions are sold side by side.

    Args:
        config_phases: from the configuration.
        reviews: the table `reviews`.
        entered: phases people entered, with the columns of `phases`.

    Returns:
        The table `phases`: user phases by start, then versions by product and start.

    Raises:
        VocError: two user phases for the same product (or for all) overlap.
    """
    rows: list[dict[str, Any]] = [
        {"phase_id": phase_id_of("user", p.name), "name": p.name, "start": p.start, "end": p.end, "source": "user"}
        for p in config_phases
    ]
    if entered is not None:
        rows += entered.to_pylist()
    user = sorted(listed(from_rows("phases", rows)), key=lambda p: (p.product_id or "", p.start or dt.date.min, p.name))
    for before, after in pairwise(user):
        same = before.source == after.source == "user" and before.product_id == after.product_id
        if same and (before.end is None or after.start is None or before.end > after.start):
            raise VocError(
                f"phases {before.name!r} and {after.name!r} overlap; change the dates of one of them, "
                "in the configuration or in the app."
            )
    ordered = sorted(user, key=lambda p: (p.start or dt.date.min, p.product_id or "", p.name))
    return from_rows("phases", [*(vars(p) for p in ordered), *(vars(p) for p in _version_phases(reviews))])


def _version_phases(reviews: pa.Table) -> list[Phase]:
    versioned = reviews.filter(pc.is_valid(reviews.column("version")))
    if not versioned.num_rows:
        return []
    grouped = versioned.group_by(["product_id", "version"]).aggregate([("written_at", "min")]).to_pylist()
    names = product_names(reviews)
    titles = {id_: names.get(id_, id_) for id_ in {r["product_id"] for r in grouped} if id_ is not None}
    shared = {t for t in titles.values() if list(titles.values()).count(t) > 1}
    phases = []
    for row in grouped:
        product_id, version, first = row["product_id"], row["version"], row["written_at_min"]
        title = titles.get(product_id, "") if product_id is not None else ""
        if title in shared:
            title = f"{title} ({product_id})"
        name = version if not title or version.lower().startswith(title.lower()) else f"{title} {version}"
        start = None if first is None else first.date()
        phase_id = phase_id_of("version", product_id or "", version)
        phases.append(Phase(phase_id, name, start, None, "version", product_id, version))
    return sorted(phases, key=lambda p: (p.product_id or "", p.start or dt.date.max, _natural(p.version or "")))


def phase_id_of(*parts: str) -> str:
    """Return the id of the phase with this source and what else tells it from others: it stays as long as they do."""
    return "phase-" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Return a key under which "V10" comes after "V9"."""
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part.lower()) for part in re.split(r"(\d+)", text)]
