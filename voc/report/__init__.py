"""What is taken into a meeting: reports of an opportunity or of everything, pictures of charts, tracker imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voc.report.basis import Basis
    from voc.report.document import Report

#: Kind of file -> what it is called, its ending and its media type.
KINDS = {
    "html": ("Report, to print or send (HTML)", "html", "text/html"),
    "markdown": ("Report as Markdown", "md", "text/markdown"),
    "jira": ("Issues for Jira (CSV)", "jira.csv", "text/csv"),
    "linear": ("Issues for Linear (CSV)", "linear.csv", "text/csv"),
}
#: Of so many opportunities of a scope an issue is made, unless told otherwise.
ISSUES = 10


def report(basis: Basis, theme_id: str | None = None) -> Report:
    """Return the report of one opportunity, or without one of the whole scope.

    Raises:
        VocError: the theme is not ranked in this scope.
    """
    from voc.report.opportunity import opportunity_report
    from voc.report.state import state_report

    return state_report(basis) if theme_id is None else opportunity_report(basis, theme_id)


def made(basis: Basis, kind: str, theme_id: str | None = None, most: int = ISSUES) -> bytes:
    """Return a file of one of `KINDS`.

    Args:
        basis: what it is made from.
        kind: a key of `KINDS`.
        theme_id: the opportunity; None for the whole scope.
        most: without a theme, of so many opportunities an issue is made.

    Raises:
        VocError: the theme is not ranked in this scope.
    """
    from voc.report.markdown import as_markdown
    from voc.report.page import as_html
    from voc.report.trackers import jira, linear
    from voc.sheets import as_csv

    if kind in ("jira", "linear"):
        return as_csv((jira if kind == "jira" else linear)(basis, theme_id, most)).encode()
    return (as_html if kind == "html" else as_markdown)(report(basis, theme_id)).encode()
