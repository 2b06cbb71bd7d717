"""What of the stored analyses of the whole workspace is worth a sentence after a run, and a place on the first page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voc.analyses.frame import counted, share

if TYPE_CHECKING:
    import pyarrow as pa

_SHOWN = 3


@dataclass(frozen=True)
class Highlights:
    """Rows of the stored tables, the most important first.

    Attributes:
        alerts: of `alerts`: what rises beyond its own history, new rises before those that go on.
        needs: of `needs`, what most customers wish for first.
        fixes: of `verifications`, the newest fix first.
    """

    alerts: list[dict[str, Any]]
    needs: list[dict[str, Any]]
    fixes: list[dict[str, Any]]

    def sentences(self) -> list[str]:
        """Return what there is to say, a sentence for each kind."""
        said = []
        if self.alerts:
            listed = "; ".join(rise(row) for row in self.alerts[:_SHOWN])
            said.append(f"Rising beyond their own history: {listed}{_more(self.alerts, _SHOWN)}.")
        if self.needs:
            listed = "; ".join(f"{row['name']} ({counted(row['reviews'], 'review')})" for row in self.needs[:_SHOWN])
            said.append(f"Customers wish for: {listed}{_more(self.needs, _SHOWN)}.")
        said += [
            f"Fix of “{row['theme'] or row['theme_id']}” since {row['since']}: {row['fault'] or row['sentence']}"
            for row in self.fixes
        ]
        return said


def highlights(table: Callable[[str], pa.Table], names: Mapping[str, str], hidden: AbstractSet[str]) -> Highlights:
    """Return what is worth saying.

    Args:
        table: returns a stored table by its name.
        names: what people call themes, by id.
        hidden: ids of themes that people hid.
    """

    def rows(name: str) -> list[dict[str, Any]]:
        return [row for row in table(name).to_pylist() if row.get("theme_id") is None or row["theme_id"] not in hidden]

    alerts = [
        {**row, "name": names.get(row["theme_id"], row["name"])}
        for row in rows("alerts")
        if row["level"] in ("new", "ongoing")
    ]
    alerts.sort(key=lambda row: row["level"] != "new")
    return Highlights(alerts, rows("needs"), sorted(rows("verifications"), key=lambda row: row["since"], reverse=True))


def rise(row: Mapping[str, Any]) -> str:
    """Return a row of `alerts` in words."""
    before = "not mentioned before" if row["new_theme"] and not row["reviews_before"] else share(row["reach_before"], 1)
    then = before if before.startswith("not") else f"{before} before"
    return f"{row['name']} ({share(row['reach_since'], 1)} of the reviews since {row['since']}, {then})"


def _more(rows: list[Any], shown: int) -> str:
    return f"; and {len(rows) - shown} more" if len(rows) > shown else ""
