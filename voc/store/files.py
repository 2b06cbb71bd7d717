"""Writing files so that a kill or a power cut leaves either the old file or the new one, never a piece."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import uuid
from pathlib import Path

from voc.errors import VocError

#: Ends the name of every file that is still being written; a leftover with it is rubbish.
TEMPORARY = ".tmp"
_TRIES = 20


def temporary(directory: Path) -> Path:
    """Return a fresh name in `directory` for a file that is being written."""
    return directory / f"{uuid.uuid4().hex}{TEMPORARY}"


def sync_file(path: Path) -> None:
    """Wait until the contents of `path` are on the disk."""
    # Windows flushes only through a handle that may write.
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_directory(path: Path) -> None:
    """Wait until the names in the folder `path` are on the disk; Windows does this by itself."""
    if sys.platform == "win32":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomically(path: Path, text: str) -> None:
    """Replace the file `path` by `text` in one step, and wait until it is on the disk."""
    draft = temporary(path.parent)
    try:
        draft.write_bytes(text.encode("utf-8"))
        sync_file(draft)
        os.replace(draft, path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def make_directories(path: Path) -> list[Path]:
    """Create the folder `path` and those above it that are missing.

    Returns:
        The folders that were created, innermost first.

    Raises:
        VocError: a file stands in the way, or the folder above may not be written.
    """
    created: list[Path] = []
    for tries_left in reversed(range(_TRIES)):
        missing: list[Path] = []
        try:
            for folder in (path, *path.parents):
                if folder.is_dir():
                    break
                # Asked again: another process may have made the folder since.
                if folder.exists() and not folder.is_dir():
                    raise VocError(f"{folder} is a file, not a folder; give another folder with --workspace.")
                missing.append(folder)
            created = list(dict.fromkeys([*missing, *created]))
            path.mkdir(parents=True, exist_ok=True)
            for folder in missing:
                sync_directory(folder.parent)
            break
        except OSError as error:
            # Another process that stored nothing may be removing the folders that it had made.
            passing = isinstance(error, FileExistsError | FileNotFoundError)
            if not passing or not tries_left:
                raise cannot_write(path, error) from None
    return created


def cannot_write(path: Path, error: OSError) -> VocError:
    """Return the sentence for a workspace that could not be written."""
    # Arrow's errors carry the number, and a text of several lines.
    reason = os.strerror(error.errno) if error.errno else str(error)
    return VocError(
        f"{path}: the workspace cannot be written ({reason}); check the folder's permissions and the free space "
        "of its disk, or give another folder with --workspace; what was stored before is unchanged."
    )


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's contents in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
