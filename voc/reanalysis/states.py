"""How the states of a workspace were made: by which weights, with which settings."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import pyarrow.compute as pc
from pydantic import ValidationError

from voc.config import Config
from voc.store import Snapshot


def other_settings(before: Snapshot, after: Snapshot) -> list[tuple[str, Any, Any]]:
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
