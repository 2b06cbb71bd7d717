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
    """Return the fixes that people entered and released decisions as rows of `verifications`, the newest first."""
    fixes = view.workspace.entries.fixes()
    return _remembered(view.source, tuple(tuple(sorted(fix.items())) for fix in fixes), view)


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
def _remembered(source: Source, fixes: tuple[tuple[Any, ...], ...], _view: View) -> list[dict[str, Any]]:
    from voc.insights.stored import verified as verified_fix

    rows = [verified_fix(_view.facts(), dict(fix), config=_view.config.insights) for fix in fixes]
    return sorted(rows, key=lambda row: row["since"], reverse=True)
