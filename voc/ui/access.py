"""Who is looking, and whether they may change anything."""

from __future__ import annotations

import os

import streamlit as st

#: Set to 1, the app shows everything and changes nothing.
READ_ONLY_VARIABLE = "VOC_READ_ONLY"


def may_edit() -> bool:
    """Return whether the reader may change entries and start analyses."""
    return os.environ.get(READ_ONLY_VARIABLE, "") not in ("1", "true", "yes")


def editor() -> str:
    """Return the name under which the reader's changes are remembered; "" where nobody has signed in."""
    if not st.user.get("is_logged_in"):
        return ""
    return str(st.user.get("email") or st.user.get("name") or "")
