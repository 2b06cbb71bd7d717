"""A scope applied to tables and to queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from voc.insights import Scope


def whole() -> Scope:
    """Return the scope of everything."""
    from voc.insights import Scope

    return Scope()


def where(scope: Scope, phases: pa.Table) -> tuple[str, list[Any]]:
    """Return a scope as a condition on `reviews` (alias r) with its parameters."""
    parts: list[str] = []
    values: list[Any] = []
    for column, wanted in (
        ("product_id", scope.products),
        ("brand", scope.brands),
        ("market", scope.markets),
        ("channel", scope.channels),
    ):
        if wanted:
            parts.append(f"r.{column} IN ({', '.join('?' * len(wanted))})")
            values += wanted
    phase = next((row for row in phases.to_pylist() if row["phase_id"] == scope.phase_id), None)
    if phase is not None:
        by_version = phase["version"] is not None
        chosen = ("product_id", "version") if by_version else ("product_id",)
        for column in chosen:
            if phase[column] is not None:
                parts.append(f"r.{column} = ?")
                values.append(phase[column])
        if not by_version:
            for bound, sign in (("start", ">="), ("end", "<")):
                if phase[bound] is not None:
                    parts.append(f"CAST(r.written_at AS DATE) {sign} ?")
                    values.append(phase[bound])
    return " AND ".join(parts) or "true", values


def short_names(phases: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of phases; versions of one product go by the version alone."""
    versions = [phase["version"] for phase in phases if isinstance(phase["version"], str)]
    alone = len(versions) == len(phases) and len({phase["product_id"] for phase in phases}) == 1
    return versions if alone and len(set(versions)) == len(versions) else [str(phase["name"]) for phase in phases]
