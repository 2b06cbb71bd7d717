"""What to do when the newest snapshot is damaged: nothing is replaced silently, the way back is spelled out."""

from __future__ import annotations

from voc.errors import VocError
from voc.store.manifest import Layout
from voc.store.parts import check_parts


def way_out(layout: Layout, damaged: str | None) -> str:
    """Return the end of a sentence that says how to get on after the snapshot `damaged` was found damaged.

    An older state is never opened in place of the newest without being asked for: figures would change, and
    imports be missing, with nobody told. The sentence offers the newest older snapshot that is whole.
    """
    for other in reversed(layout.ids()):
        if other == damaged:
            continue
        try:
            manifest = layout.read(other)
            check_parts(layout.parts, manifest)
        except VocError:
            continue
        return (
            f"restore it from a backup, or go back to the state of {manifest.created_at:%Y-%m-%d %H:%M:%S} UTC, "
            f"which is whole, by writing the line {other} into {layout.current}."
        )
    return (
        f"restore it from a backup, or delete {layout.snapshots}, {layout.parts} and {layout.current} "
        "and run `voc run` on the exports again."
    )
