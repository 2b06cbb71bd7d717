"""Verified fixes, cached by the state of the workspace."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import streamlit as st

from voc.errors import VocError
from voc.ui.data import Source, View

if TYPE_CHECKING:
    from voc.insights import Scope
    from voc.insights.verification import Verification


def verified(view: View, scope: Scope, theme: str, since: dt.date, lag: int | None) -> tuple[Verification | None, str]:
    """Return whether a theme changed at a date; without a verification, why there is none."""
    return _verified(view.source, scope, theme, since, lag, view)


def remembered(view: View) -> list[dict[str, Any]]:
    """Return the fixes that people entered as rows of `verifications`, the newest first."""
    # What people enter of fixes changes no other figure, so the state that those hang on stays the same.
    return _remembered(view.source, view.workspace.entries.version(), view)


@st.cache_data(max_entries=64, show_spinner="Comparing …")
def _verified(
    source: Source, scope: Scope, theme: str, since: dt.date, lag: int | None, _view: View
) -> tuple[Verification | None, str]:
    from voc.insights.verification import verify

    try:
        return verify(_view.facts(), theme, since, scope=scope, lag_days=lag, config=_view.config.insights), ""
    except VocError as error:
        return None, str(error)


@st.cache_data(max_entries=8, show_spinner="Comparing …")
def _remembered(source: Source, entries: int, _view: View) -> list[dict[str, Any]]:
    from voc.insights.stored import verified as verified_fix

    rows = [verified_fix(_view.facts(), fix, config=_view.config.insights) for fix in _view.workspace.entries.fixes()]
    return sorted(rows, key=lambda row: row["since"], reverse=True)
