"""Keeping the index over a snapshot's reviews, which holds their words: never longer than the reviews themselves."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from voc.errors import VocError
from voc.store.files import make_directories, sync_file, temporary
from voc.store.manifest import INDEX, DamagedError, Layout, Manifest


def keep_index(layout: Layout, manifest: Manifest, write: Callable[[Path], None], suffix: str = INDEX) -> Path | None:
    """Store the index over the reviews of a snapshot under its name in one step, and remove those of earlier ones.

    Readers may do so beside a writer, without its lock. Only an index of the current reviews is kept: what somebody
    asks to forget while it is written is either gone with the writer's cleaning or removed here.

    Args:
        layout: of the workspace.
        manifest: of the snapshot.
        write: makes the file at a path where there is none.
        suffix: ends the file's name, and tells of what kind it is.

    Returns:
        The file; None where it cannot be written or the workspace has moved on: it is of no use to others then.
    """
    if not _current(layout, manifest):
        return None
    path = layout.indexes / manifest.index(suffix)
    draft = temporary(layout.indexes)
    try:
        make_directories(layout.indexes)
        write(draft)
        sync_file(draft)
        os.replace(draft, path)
    except (OSError, VocError):
        # A full disk, a folder that may only be read, or a writer that took the draft for a killed one's.
        _remove(draft)
        return None
    except BaseException:
        _remove(draft)
        raise
    if not _current(layout, manifest):
        _remove(path)
        return None
    for other in layout.indexes.glob(f"*{path.suffix}"):
        if other != path:
            _remove(other)
    return path


def _current(layout: Layout, manifest: Manifest) -> bool:
    try:
        name = layout.read_current()
        return name is not None and layout.read(name).index() == manifest.index()
    except (DamagedError, VocError):
        return False


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
