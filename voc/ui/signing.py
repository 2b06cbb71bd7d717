"""Sign-in through the company's own provider (OpenID Connect), and who is looking in one quiet line."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from streamlit.errors import StreamlitAuthError

from voc import words
from voc.ui import access, parts

NO_AUTHLIB = "Sign-in needs a library that is not installed here: pip install 'voc[signin]', then start the app again."
_NOT_SET_UP = (
    "This app was started with sign-in, but the file that sets it up cannot be read; nothing is shown until it can."
)
#: Cookie by which the browser is known before and after it was at the provider.
_COOKIE = "_streamlit_xsrf"
_REMEMBERED_FOR, _REMEMBERED = 900.0, 1000


def admitted() -> bool:
    """Return whether the reader may see the app; else draw what they see instead, and read nothing."""
    if not access.signs_in():
        return True
    section = access.secrets().get("auth")
    if not isinstance(section, Mapping):
        return _refused(_NOT_SET_UP)
    if importlib.util.find_spec("authlib") is None:
        return _refused(NO_AUTHLIB)
    if not st.user.get("is_logged_in"):
        _sign_in(section)
        return False
    if access.role() == "stranger":
        _refused(f"{access.editor()} may not see this app; ask whoever runs it to put your address on its list.")
        st.button("Sign in with another account", on_click=st.logout, icon=":material/logout:")
        return False
    return True


def _refused(sentence: str) -> bool:
    _title()
    st.error(words.literal(sentence), icon=":material/lock:")
    return False


def _title(below: str = "") -> None:
    st.html(f'<h1 class="voc">Voice of customer</h1><p class="voc-sub">{words.safe(below)}</p>')


def _sign_in(section: Mapping[str, Any]) -> None:
    _title("Sign in to see what customers say and what to improve next.")
    _remember_target()
    providers = ["default"] if section.get("client_id") else []
    providers += [name for name, value in section.items() if isinstance(value, Mapping) and value.get("client_id")]
    if not providers:
        st.error("Sign-in is not set up well: [auth] in the secrets file names no client_id.", icon=":material/lock:")
    for name in providers:
        label = "Sign in" if name == "default" else f"Sign in with {name.capitalize()}"
        if st.button(words.literal(label), type="primary", key=f"sign_in_{name}", icon=":material/login:"):
            try:
                st.login(name)
            except StreamlitAuthError as error:
                st.error(words.literal(" ".join(str(error).split())), icon=":material/lock:")


@st.cache_resource(show_spinner=False)
def _targets() -> dict[str, tuple[float, str, dict[str, str]]]:
    """Return where browsers wanted to go when they were sent to sign in, by a cookie of theirs."""
    return {}


def _browser() -> str:
    """Return what tells one browser from another, "" where nothing does."""
    cookie = str(st.context.cookies.get(_COOKIE) or "")
    fields = cookie.split("|")
    if len(fields) != 4 or fields[0] != "2":
        return cookie
    # The same token is given out under a new mask with every page.
    try:
        mask, token = bytes.fromhex(fields[1]), bytes.fromhex(fields[2])
    except ValueError:
        return ""
    return bytes(byte ^ mask[place % len(mask)] for place, byte in enumerate(token)).hex() if mask else ""


def _remember_target() -> None:
    """Keep the link that was opened: the provider sends everybody back to the front page."""
    browser = _browser()
    page = urlsplit(st.context.url or "").path.rpartition("/")[2]
    if not browser or not (page or st.query_params):
        return
    targets = _targets()
    if len(targets) >= _REMEMBERED:
        targets.clear()
    targets[browser] = (time.monotonic(), page, st.query_params.to_dict())


def target() -> tuple[str, dict[str, str]] | None:
    """Return, once, the page and the choices of the link that was opened before signing in."""
    if not st.user.get("is_logged_in"):
        return None
    found = _targets().pop(_browser(), None)
    if found is None or time.monotonic() - found[0] > _REMEMBERED_FOR:
        return None
    return found[1], found[2]


def who() -> None:
    """Say in a quiet line who has signed in, and whether nothing can be changed."""
    signed_in = bool(st.user.get("is_logged_in"))
    if access.may_edit() and not signed_in:
        return
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="voc_who"):
        if not access.may_edit():
            st.html(
                f'<div class="voc-chips" title="You can see everything and change nothing.">'
                f"{parts.chip('read-only')}</div>",
                width="content",
            )
        if signed_in:
            st.html(f'<span class="voc-key">{words.safe(access.editor())}</span>', width="content")
            st.button("Sign out", on_click=st.logout, type="tertiary", icon=":material/logout:", key="sign_out")
