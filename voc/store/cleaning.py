"""Removing what no kept snapshot needs: old snapshots, and what killed runs left behind. Only writers do it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import re
from collections.abc import Iterable
from pathlib import Path

from voc.errors import VocError
from voc.store.files import TEMPORARY, sync_directory
from voc.store.keeping import Keep
from voc.store.manifest import DERIVED, DamagedError, Layout, Manifest, number

_log = logging.getLogger(__name__)
#: Key of a snapshot's `info`: the rule by which snapshots are kept where whoever writes names none.
KEEP = "keep"
# Only files with names of our making are ever removed: the folder may hold other things of its owner's.
_PART = re.compile(r"[0-9a-f]{64}\.parquet")
_INDEX = re.compile(r"[0-9a-f]{64}\.(sqlite|keys|told)")
_DRAFT = re.compile(rf"[0-9a-f]{{32}}{re.escape(TEMPORARY)}")


def clean(layout: Layout, current: str | None, *, keep: Keep | None, grace: dt.timedelta, strict: bool = False) -> None:
    """Bring the folder down to the snapshots that are kept and the files they are made of.

    Kept are what the rule says of the snapshots up to the current one, a state that stands beside it, and those
    superseded less than `grace` ago, so that a reader who has just opened one can finish. Never kept are snapshots
    older than one by which something was forgotten, and manifests newer than the current one: their run was killed
    before it switched.

    Manifests go before the parts they name, so a kill in between leaves parts without a manifest, which the next
    writer removes, and never a manifest without its parts.

    Args:
        layout: of a workspace whose writer lock is held.
        current: the current snapshot's id.
        keep: the rule; without it the one that the current snapshot names.
        grace: how long a superseded snapshot stays readable at least.
        strict: whether a file that cannot be removed is an error, or is left to the next writer with a log entry.

    Raises:
        VocError: `strict`, and a file cannot be removed.
    """
    kept = [one.manifest for one in retention(layout, current, keep=keep, grace=grace) if one.reasons]
    names = {manifest.id for manifest in kept}
    _remove([layout.manifest(other) for other in layout.ids() if other not in names], strict=strict)
    kept += _beside(layout, strict=strict)
    needed = set().union(*(manifest.files() for manifest in kept))
    _remove(
        [
            path
            for path in layout.parts.glob("*/*")
            if _PART.fullmatch(path.name) and f"{path.parent.name}/{path.name}" not in needed
        ],
        strict=strict,
    )
    # After the manifests, so that whoever stores an index and then finds its snapshot current has stored it in time.
    indexes = {manifest.index(suffix) for manifest in kept for suffix in DERIVED}
    found = (path for path in layout.indexes.glob("*") if _INDEX.fullmatch(path.name) and path.name not in indexes)
    _remove(found, strict=strict)
    drafts = (path for pattern in ("*", "snapshots/*", "parts/*/*", "indexes/*") for path in layout.root.glob(pattern))
    _remove([path for path in drafts if _DRAFT.fullmatch(path.name)], strict=strict)


@dataclasses.dataclass(frozen=True)
class Retained:
    """A snapshot and why it is kept: numbers of the rule by name, "grace" for a fresh one; none where it goes."""

    manifest: Manifest
    reasons: list[str]


def retention(layout: Layout, current: str | None, *, keep: Keep | None, grace: dt.timedelta) -> list[Retained]:
    """Return the snapshots up to the current one that can be read, the newest first, and why each is kept.

    Args:
        layout: of the workspace.
        current: the current snapshot's id.
        keep: the rule; without it the one that the current snapshot names.
        grace: how long a superseded snapshot stays readable at least.
    """
    if current is None:
        return []
    found = [layout.read(current)]  # one that cannot be read must stop the cleaning before anything is removed
    for other in reversed(layout.ids()):
        if other == current or number(other) > number(current):
            continue
        try:
            found.append(layout.read(other))
        except DamagedError as error:
            _log.warning("%s; this snapshot cannot be opened any more and is removed", error)
    rule = keep if keep is not None else Keep.of(found[0].info.get(KEEP))
    # Snapshots older than one by which something was forgotten hold it still.
    clear = next((place for place, manifest in enumerate(found) if manifest.cut), len(found)) + 1
    reasons = rule.reasons([manifest.created_at for manifest in found[:clear]])
    oldest_to_spare = dt.datetime.now(dt.UTC) - grace
    for place in range(1, len(reasons)):
        if not reasons[place] and found[place - 1].created_at > oldest_to_spare:
            reasons[place].append("grace")
    reasons += [[] for _ in found[clear:]]
    return [Retained(manifest, why) for manifest, why in zip(found, reasons, strict=True)]


def _beside(layout: Layout, *, strict: bool) -> list[Manifest]:
    """Return the manifest of the state beside the current one, if there is one; remove a file that is none."""
    try:
        candidate = layout.read_candidate()
    except DamagedError as error:
        _log.warning("%s; this reanalysis cannot be opened any more and is removed", error)
        candidate = None
    if candidate is None and layout.candidate.exists():
        _remove([layout.candidate], strict=strict)
    return [candidate] if candidate is not None else []


def _remove(paths: Iterable[Path], *, strict: bool) -> None:
    folders = set()
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            if strict:
                raise VocError(
                    f"{path}: this file may hold what is to be forgotten and cannot be removed "
                    f"({error.strerror or error}); close the programs that use it and run voc again on this "
                    "workspace, which removes it."
                ) from None
            _log.warning("%s cannot be removed (%s); the next run tries again", path, error.strerror or error)
        folders.add(path.parent)
    for folder in folders:
        sync_directory(folder)
