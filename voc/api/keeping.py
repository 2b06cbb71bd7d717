"""Keeps a workspace in another folder, whole or not at all."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from voc.errors import VocError

if TYPE_CHECKING:
    from voc.store import Workspace

#: What a copy holds; locks and what an interrupted run left stay behind.
_FOLDERS = ("snapshots", "parts", "indexes")
_ENTRIES = "entries.sqlite"


def keep(place: Workspace, folder: Path | str) -> Path:
    """Copy a workspace as it is now into a folder that is new or empty.

    Raises:
        VocError: the folder holds something, or cannot be written.
        WorkspaceBusyError: another process is writing to the workspace.
    """
    target = Path(folder).expanduser().absolute()
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise VocError(f"{target}: there is something there already; choose a folder that is new or empty.")
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            # As the writer, so that nobody removes a file meanwhile.
            with place.writing(wait=5.0):
                _copy(place.path, draft)
            # A temporary folder is private; the result gets the rights that any new one would.
            draft.chmod(place.path.stat().st_mode & 0o777 if not _private(place.path) else 0o755)
            if target.exists():
                target.rmdir()
            draft.replace(target)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except OSError as error:
        raise VocError(f"{target}: the analysis cannot be kept there ({error.strerror or error}).") from None
    return target


def _private(folder: Path) -> bool:
    return folder.stat().st_mode & 0o077 == 0


def _copy(source: Path, target: Path) -> None:
    for name in _FOLDERS:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name)
    entries = source / _ENTRIES
    if entries.exists():
        # Through SQLite: part of the file may still lie in its log.
        with (
            contextlib.closing(sqlite3.connect(entries)) as found,
            contextlib.closing(sqlite3.connect(target / _ENTRIES)) as copy,
        ):
            found.backup(copy)
    shutil.copy2(source / "CURRENT", target / "CURRENT")
