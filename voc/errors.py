"""The one kind of error that a user sees as a plain sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any


class VocError(Exception):
    """Input or configuration is at fault; the message is one sentence that says what, where and what to do next.

    The command line prints it and exits with status 1, the app shows it; nothing has been stored.
    """


class WorkspaceBusyError(VocError):
    """Another process is writing to the workspace."""


class ConflictError(VocError):
    """Somebody else changed the same thing meanwhile; nothing has been stored, and nothing of theirs is lost.

    Attributes:
        who: the other editor's name; "" where nobody had signed in.
        when: when they changed it, UTC.
        fields: name of each field that both changed -> (their value, the value that was to be stored).
        revision: of what is stored now, to be named by the one who decides between the two.
    """

    def __init__(
        self,
        message: str,
        *,
        who: str = "",
        when: dt.datetime | None = None,
        fields: Mapping[str, tuple[Any, Any]] | None = None,
        revision: int = 0,
    ) -> None:
        super().__init__(message)
        self.who = who
        self.when = when
        self.fields = dict(fields or {})
        self.revision = revision
