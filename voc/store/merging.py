"""Two people's changes of one entry brought together, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Merged:
    """What becomes of two changes that began at the same entry."""

    values: dict[str, Any]  # field -> value to store; of no use where there are conflicts
    theirs: dict[str, tuple[Any, Any]]  # field that only the other changed -> (before, now)
    conflicts: dict[str, tuple[Any, Any]]  # field that both changed -> (the other's value, mine)


def merged(
    base: Mapping[str, Any],
    theirs: Mapping[str, Any],
    mine: Mapping[str, Any],
    *,
    together: Sequence[Sequence[str]] = (),
) -> Merged:
    """Merge two changes of one entry; what both changed to the same value is no conflict.

    Args:
        base: the entry from which both began.
        theirs: the entry as the other has stored it.
        mine: the entry as it is to be stored.
        together: groups of fields that are one for this purpose: a change of any is a change of all.
    """
    values = dict(mine)
    left: dict[str, tuple[Any, Any]] = {}
    conflicts: dict[str, tuple[Any, Any]] = {}
    grouped = {name: tuple(group) for group in together for name in group}
    for name in mine:
        group = grouped.get(name, (name,))
        they = any(theirs[one] != base[one] for one in group)
        i = any(mine[one] != base[one] for one in group)
        if not they:
            continue
        if i and any(theirs[one] != mine[one] for one in group):
            if theirs[name] != mine[name]:
                conflicts[name] = (theirs[name], mine[name])
        else:
            values[name] = theirs[name]
            if theirs[name] != base[name] and mine[name] != theirs[name]:
                left[name] = (base[name], theirs[name])
    return Merged(values, left, conflicts)
