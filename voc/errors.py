"""The one kind of error that a user sees as a plain sentence."""

from __future__ import annotations


class VocError(Exception):
    """Input or configuration is at fault; the message is one sentence that says what, where and what to do next.

    The command line prints it and exits with status 1, the app shows it; nothing has been stored.
    """


class WorkspaceBusyError(VocError):
    """Another process is writing to the workspace."""
