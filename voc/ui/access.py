"""Who is looking, and whether they may look and change anything."""

from __future__ import annotations

import os
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, Literal

import streamlit as st

from voc.errors import VocError

#: Set to 1, the app shows everything and changes nothing.
READ_ONLY_VARIABLE = "VOC_READ_ONLY"
#: Set to 1, nobody sees anything before they have signed in, also where the file that sets sign-in up has gone.
SIGN_IN_VARIABLE = "VOC_SIGN_IN"

Role = Literal["editor", "viewer", "stranger"]
_LISTS = ("editors", "viewers")


def read_only() -> bool:
    """Return whether the app was started to show everything and change nothing."""
    return _set(READ_ONLY_VARIABLE)


def may_edit() -> bool:
    """Return whether the reader may change entries and start analyses."""
    return not read_only() and role() == "editor"


def editor() -> str:
    """Return the name under which the reader's changes are remembered; "" where nobody has signed in."""
    if not st.user.get("is_logged_in"):
        return ""
    return str(st.user.get("email") or st.user.get("name") or st.user.get("sub") or "")


def signs_in() -> bool:
    """Return whether people sign in to this app."""
    return _set(SIGN_IN_VARIABLE) or "auth" in secrets()


def role() -> Role:
    """Return what the reader may do, by the lists of the secrets file; without sign-in everybody edits.

    Raises:
        VocError: the lists are no lists, or a key beside them is misspelt.
    """
    if not signs_in():
        return "editor"
    if not st.user.get("is_logged_in"):
        return "stranger"
    return role_of(st.user.to_dict(), secrets().get("app", {}))


def role_of(user: dict[str, Any], section: Any) -> Role:
    """Return what somebody who has signed in may do.

    Without lists everybody who can sign in edits. With `editors` alone everybody else looks on. With `viewers` only
    those on one of the two lists get in.

    Args:
        user: what the provider says of them; `email` is compared with the lists, and an address that the provider
            has not verified counts as none.
        section: table ``[app]`` of the secrets file, with lists of addresses such as ``*@example.com``.

    Raises:
        VocError: the lists are no lists, or a key beside them is misspelt.
    """
    lists = checked_lists(section)
    if not lists:
        return "editor"
    email = "" if user.get("email_verified") is False else str(user.get("email") or "").strip().casefold()
    if _on(email, lists.get("editors", ())):
        return "editor"
    if "viewers" not in lists or _on(email, lists["viewers"]):
        return "viewer"
    return "stranger"


def checked_lists(section: Any) -> dict[str, list[str]]:
    """Return the lists of table ``[app]`` of the secrets file.

    Raises:
        VocError: one is no list of addresses, or a key beside them is misspelt.
    """
    try:
        lists = {str(key): value for key, value in dict(section).items()}
    except (TypeError, ValueError):
        raise VocError("Sign-in is not set up well: [app] in the secrets file must be a table.") from None
    for key, value in lists.items():
        if key not in _LISTS:
            raise VocError(f"Sign-in is not set up well: [app] knows editors and viewers, not {key!r}.")
        if isinstance(value, str) or not all(isinstance(one, str) for one in value):
            raise VocError(f"Sign-in is not set up well: {key} in [app] must be a list of e-mail addresses.")
    return {key: list(value) for key, value in lists.items()}


def secrets() -> dict[str, Any]:
    """Return Streamlit's secrets, nothing where there is no file of them."""
    return st.secrets.to_dict() if st.secrets.load_if_toml_exists() else {}


def _on(email: str, patterns: Sequence[str]) -> bool:
    # One "@": else "x@evil.example@ours.example" would pass for one of ours.
    return email.count("@") == 1 and any(fnmatchcase(email, pattern.strip().casefold()) for pattern in patterns)


def _set(variable: str) -> bool:
    return os.environ.get(variable, "").casefold() in ("1", "true", "yes")
