"""Themes of a workspace that an earlier version made, in the tables that this one keeps them in."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from voc import tables
from voc.themes.areas import WHOLE, area_id


def adopted(known: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Return `found_themes` and `assignments` made of the tables `themes` and `mentions` alone.

    The themes have no centres: only a fit brings new mentions to them, and finds them again by their mentions.
    """
    themes = [
        {
            **{key: row[key] for key in ("theme_id", "kind", "name", "keywords", "stability", "state", "first_run")},
            "area_id": row["area_id"] or area_id(WHOLE),
            "origin": "fit",
            "other_id": None,
            "centre": [],
        }
        for row in known["themes"].to_pylist()
    ]
    mentions = known["mentions"]
    columns = {name: mentions[name] for name in tables.ASSIGNMENTS.names if name != "read_as"}
    return {
        "found_themes": tables.from_rows("found_themes", themes),
        "assignments": tables.conform("assignments", pa.table({**columns, "read_as": mentions["specificity"]})),
    }
