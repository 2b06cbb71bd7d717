"""What goes wrong on the disk under a batch run, as the sentence that its user sees."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from voc.errors import VocError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_SMALL = 1 << 20  # bytes: a disk with less room is full to a database, whatever it says


@contextlib.contextmanager
def told(output: Path, state: Callable[[], str]) -> Iterator[None]:
    """Turn what the disk refuses into a `VocError`; `state` says how much of the work is done and kept.

    Raises:
        VocError: the disk is full, or cannot be read or written.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        if is_damage(error) or not isinstance(error, OSError | sqlite3.OperationalError):
            raise
        if _is_full(error, output.parent):
            raise VocError(
                f"{output}: the disk is full; nothing is lost{state()}: free some space and give the same command "
                "with --resume."
            ) from None
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise VocError(
            f"{output}: the work beside it cannot be read or written ({reason}); nothing is lost{state()}: set that "
            "right and give the same command with --resume."
        ) from None


def is_damage(error: BaseException) -> bool:
    """Return whether an error says that a database does not hold what was written into it."""
    if not isinstance(error, sqlite3.DatabaseError):
        return False
    code = getattr(error, "sqlite_errorcode", None)
    return code is None or code & 0xFF in _DAMAGE


def _is_full(error: BaseException, folder: Path) -> bool:
    if isinstance(error, OSError):
        return error.errno in _FULL
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
        return True
    with contextlib.suppress(OSError, AttributeError):
        found = os.statvfs(folder)
        return found.f_bavail * found.f_frsize < _SMALL
    return False
