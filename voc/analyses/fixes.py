"""How a verified fix reads: its row in the list of fixes, and the periods of its event study."""

from __future__ import annotations

from typing import Any

from voc.analyses.frame import Row, between, points, share


def fix_line(row: Row) -> dict[str, Any]:
    """Return what is shown of a row of `verifications`."""
    return {
        "fix": row["fix_id"],
        "theme": row["theme"] or row["theme_id"],
        "in": row["treated"] or "",
        "since": row["since"],
        "conclusion": row["conclusion"] or "cannot be verified",
        "change, points": between(points, row, "effect"),
        "": row["fault"] or "",
    }


def study_line(row: Row) -> dict[str, Any]:
    """Return what is shown of a period of an event study."""
    return {
        "from": row["start"],
        "until": row["end"],
        "part": row["part"],
        "reviews": row["reviews"],
        "reach": share(row["reach_treated"]),
        "controls": share(row["reach_controls"]),
        "difference, points": points(row["difference"]),
        "interval": "" if row["low"] is None else f"{points(row['low'])} to {points(row['high'])}",
    }
